//! The `digitally` command.
fn main() {}

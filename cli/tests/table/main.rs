//! `digitally phones`, as people have it before them: in a window of 80 x 24, by scripts, and line by line.

#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is test code"
)]
#![allow(clippy::print_stdout, clippy::string_slice)]

mod cards;
mod input;
mod lesson;
mod people;
mod scripts;
mod window;

//! Phones, overlays, SIMs and purses together.

#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is test code"
)]
#![allow(clippy::print_stdout, clippy::string_slice, clippy::inconsistent_digit_grouping)]

mod cuts;
#[path = "../../../card-sim/tests/support/faulty.rs"]
mod faulty;
mod files;
mod hostile;
mod people;
#[path = "../../../card-sim/tests/support/phone.rs"]
mod terminal;

/// The transcripts in `docs/phones.md` and `docs/lesson.md`. `TRYCMD=overwrite cargo test -p cli --test phones` writes them anew.
#[test]
fn the_transcripts_of_the_docs() {
    // The scripts are named as from the root. No other test here depends on the working directory.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    trycmd::TestCases::new().env("NO_COLOR", "1").case("docs/phones.md").case("docs/lesson.md");
}

//! Transcripts of the command line: every command, its help, and each error, with exit codes.
//!
//! `TRYCMD=overwrite cargo test -p cli --test transcripts` writes them anew; look at the difference.

#[test]
fn transcripts() {
    trycmd::TestCases::new().env("NO_COLOR", "1").case("tests/cmd/*.trycmd");
}

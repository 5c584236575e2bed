//! Transcripts of the command line: every command, its help, and each error, with exit codes.
//!
//! `TRYCMD=overwrite cargo test -p cli --test transcripts` writes them anew; look at the difference.

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.env("NO_COLOR", "1").case("tests/cmd/*.trycmd");
    if cfg!(not(feature = "pcsc")) {
        cases.case("tests/cmd/without-pcsc/*.trycmd");
    }
}

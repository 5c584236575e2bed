//! The whole demo as a trace: every APDU of a personalisation and a payment, decoded.

use std::process::Command;

/// With a seed, the demo's keys and codes are always the same; masked, its trace is too.
#[test]
fn the_demo_traced() {
    let output = Command::new(env!("CARGO_BIN_EXE_digitally"))
        .args(["demo", "--trace", "--seed", "1"])
        .env("NO_COLOR", "1")
        .output()
        .expect("the command runs");
    assert!(output.status.success());
    let trace = String::from_utf8(output.stderr).expect("a trace is text");
    insta::assert_snapshot!(trace);
}

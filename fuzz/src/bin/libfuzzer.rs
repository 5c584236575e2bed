//! The body that the variable `TARGET` names, under libFuzzer. Started by `.ci/fuzz`.
#![no_main]
#![allow(clippy::expect_used, reason = "without a body there is nothing to do")]

use std::sync::OnceLock;

static BODY: OnceLock<fn(&[u8])> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let body = BODY.get_or_init(|| {
        let name = std::env::var("TARGET").expect("TARGET names a front door");
        fuzz::target(&name).expect("TARGET names a front door").body
    });
    body(bytes);
});

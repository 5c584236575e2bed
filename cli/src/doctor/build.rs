//! This program, and what building it with PC/SC takes.

use super::{Finding, World};

const HEADER: &str = "/usr/include/PCSC/winscard.h";

pub fn findings(world: &World) -> Vec<Finding> {
    let program = if reader::BUILT_WITH_PCSC {
        Finding::ok("program", "built with PC/SC: --reader works")
    } else {
        Finding::bad(
            "program",
            "built without PC/SC: --reader does not work, --card does",
            "cargo build --release --features pcsc",
        )
    };
    let install = "apt-get install libpcsclite-dev pkgconf";
    let headers = match world.has(HEADER) {
        true => Finding::ok("headers", format!("libpcsclite's are there: {HEADER}")),
        false if reader::BUILT_WITH_PCSC => {
            Finding::warn("headers", "libpcsclite's are missing; only to build this program again", install)
        }
        false => Finding::bad("headers", "libpcsclite's are missing: PC/SC cannot be built in", install),
    };
    vec![program, headers]
}

//! `accumulated.json`.

use digitally::profile::{DIGITALLY_8, FIRST_PROTOCOL, FIXED};
use digitally::{Algorithm, Profile};

use super::code::{published, suite};
use super::{Generated, group};
use crate::kind::Group;
use crate::kind::accumulated::{Accumulated, Input, Shared};

const NOTES: &[(&str, &str)] =
    &[("long", "A million payments. If it alone fails, the shorter ones tell how rare the cause is.")];

const SEED: &[u8] = b"digitally";

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let groups = vec![
        accumulated(published(&DIGITALLY_8), Algorithm::AesCmac, &[100, 10_000, 1_000_000]),
        accumulated(published(&DIGITALLY_8), Algorithm::HmacSha256, &[100, 10_000, 1_000_000]),
        accumulated(published(&FIXED), Algorithm::AesCmac, &[100, 10_000]),
        accumulated(published(&FIRST_PROTOCOL), Algorithm::AesCmac, &[100, 10_000]),
    ];
    let source = "docs/protocol.md; the stream is described in schema/accumulated.schema.json";
    super::file("accumulated.json", "One hash over the codes of many payments", source, NOTES, groups)
}

fn accumulated(profile: &'static Profile, algorithm: Algorithm, counts: &[u32]) -> Group<Accumulated> {
    let shared = Shared { suite: suite(profile, algorithm), seed: SEED.into() };
    let name = format!("{}-{}", profile.name, algorithm.name().to_lowercase());
    let statements = ["P-NUM-2", "P-INP-1", "P-INP-3", "P-TAG-1"];
    counts.iter().fold(group(format!("{}, {algorithm}", profile.name), &statements, shared), |group, &count| {
        let flags: &[&str] = if count > 100_000 { &["long"] } else { &[] };
        group.test(format!("accumulated-{name}-{count}"), format!("{count} payments"), flags, Input { count })
    })
}

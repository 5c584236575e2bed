//! Payments that go well, and what is said when a code is typed twice.

use digitally::{Algorithm, Profile};

use super::steps::{balance, cards, confirm, last, pay, request, reset, shown, talk, whole, wrong};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::Live;

pub(super) fn payments(about: &str, prefix: &str, profile: &Profile, algorithm: Algorithm) -> Group<Live> {
    let id = |rest: &str| format!("{prefix}-{rest}");
    let shared = cards(profile, algorithm, |_, _| {});
    let end = |alice, bob| vec![balance("alice", alice), balance("bob", bob)];
    let statements = ["P-OPEN-1", "P-CONF-6", "P-CONF-9", "P-AUTH-2", "P-LAST-1"];
    group(format!("payments, {about}"), &statements, shared)
        .accepts(
            &id("payment"),
            "Alice pays Bob 400.00",
            &["conservation"],
            talk([whole("alice", "bob", 400_00, "r"), end(1_600_00, 2_400_00)]),
        )
        .accepts(
            &id("both-ways"),
            "Alice pays Bob and Bob pays Alice the same amount, the steps of both mixed",
            &["conservation", "party-bound"],
            talk([
                vec![request("bob", "alice", 100_00, "to-bob"), request("alice", "bob", 100_00, "to-alice")],
                pay("bob", "alice", 100_00, "to-alice", "bob-paid").into(),
                pay("alice", "bob", 100_00, "to-bob", "alice-paid").into(),
                vec![confirm("bob", "to-bob", shown("alice-paid")), confirm("alice", "to-alice", shown("bob-paid"))],
                end(2_000_00, 2_000_00),
            ]),
        )
        .refuses(
            &id("confirmed-twice"),
            "P-CONF-9",
            "a request that was credited is gone, and its response is good for nothing",
            &["replay", "conservation"],
            talk([
                whole("alice", "bob", 400_00, "r"),
                vec![confirm("bob", "r", shown("r-paid")).sw(if profile.response.nonce == 0 {
                    0x9416
                } else {
                    0x6A88
                })],
                end(1_600_00, 2_400_00),
            ]),
        )
        .refuses(
            &id("wrong-response"),
            "P-CONF-9",
            "a wrong response costs a try and nothing else; the right one is good afterwards",
            &["conservation"],
            talk([
                vec![request("bob", "alice", 400_00, "r")],
                pay("alice", "bob", 400_00, "r", "p").into(),
                vec![confirm("bob", "r", wrong("p", 1)).sw(0x63C4), balance("bob", 2_000_00)],
                vec![confirm("bob", "r", shown("p"))],
                end(1_600_00, 2_400_00),
            ]),
        )
        .accepts(
            &id("last"),
            "LAST shows the responses again, the newest first, also after a reset and without a PIN",
            &["shown-again"],
            talk([
                whole("alice", "bob", 100_00, "first"),
                whole("alice", "carol", 200_00, "second"),
                vec![last("alice", 0, "second-paid"), last("alice", 1, "first-paid"), reset("alice")],
                vec![last("alice", 1, "first-paid"), last("alice", 0, "second-paid"), balance("alice", 1_700_00)],
            ]),
        )
}

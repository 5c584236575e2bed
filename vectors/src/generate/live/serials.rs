//! Serials: that they rise, what is paid already, how far ahead they are found, and their end.

use super::steps::{
    authorise, balance, cancel, check, confirm, eight, last, pay, request, reset, response_with, shown, talk, verify,
};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::{Changes, Live};

pub(super) fn serials() -> Group<Live> {
    let statements = ["P-SER-2", "P-CHK-1", "P-CHK-2", "P-AUTH-3", "P-CAN-1", "P-OPEN-3"];
    group("serials", &statements, eight(|_, _| {}))
        .accepts(
            "serials-rise",
            "every request has a serial of its own, also after a cancelled one and after a reset",
            &["serial-fresh"],
            vec![
                request("bob", "alice", 100_00, "one"),
                request("bob", "alice", 100_00, "two"),
                cancel("bob", "two"),
                request("bob", "alice", 100_00, "three"),
                reset("bob"),
                request("bob", "alice", 100_00, "four"),
            ],
        )
        .accepts(
            "cancelled-is-creditable",
            "a cancelled request is credited all the same: the payer may have paid it",
            &["cancelled", "conservation"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![cancel("bob", "r"), confirm("bob", "r", shown("p")), balance("bob", 2_100_00)],
            ]),
        )
        .refuses(
            "already-paid",
            "P-CHK-1",
            "a request that was paid is not paid again; its response is shown again",
            &["paid-once"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![check("alice", "bob", 100_00, shown("r")).sw(0x9415), last("alice", 0, "p")],
                vec![reset("alice"), check("alice", "bob", 100_00, shown("r")).sw(0x9415), balance("alice", 1_900_00)],
            ]),
        )
        .refuses(
            "older-request",
            "P-CHK-3",
            "after a later request was paid the earlier one is not accepted any more",
            &["paid-once"],
            talk([
                vec![request("bob", "alice", 100_00, "first"), request("bob", "alice", 200_00, "second")],
                pay("alice", "bob", 200_00, "second", "p").into(),
                vec![check("alice", "bob", 100_00, shown("first")).sw(0x9302), balance("alice", 1_800_00)],
                vec![confirm("bob", "second", shown("p")), request("bob", "alice", 100_00, "third")],
                pay("alice", "bob", 100_00, "third", "q").into(),
                vec![confirm("bob", "third", shown("q")), balance("bob", 2_300_00)],
            ]),
        )
}

pub(super) fn far_ahead() -> Group<Live> {
    let shared = eight(|name, card| {
        if name == "bob" {
            card.serials_above = 5_000;
        }
        if name == "carol" {
            card.serials_above = 16_000;
        }
    });
    group("a payee whose serials are far ahead", &["P-CHK-2", "P-CHK-4", "P-ISS-3"], shared)
        .refuses(
            "typed-twice",
            "P-CHK-3",
            "5001 is beyond the thousand: refused once, accepted when it is typed again",
            &["window"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")),
                verify("alice"),
                authorise("alice", "p"),
                confirm("bob", "r", shown("p")),
                request("bob", "alice", 100_00, "next"),
                check("alice", "bob", 100_00, shown("next")),
            ],
        )
        .refuses(
            "typed-twice-with-another-between",
            "P-CHK-3",
            "only the very next CHECK counts as typing it again",
            &["window"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                check("alice", "bob", 100_01, shown("r")).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")),
            ],
        )
        .refuses(
            "typed-twice-around-a-reset",
            "P-CHK-3",
            "a reset forgets what was typed",
            &["window"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                reset("alice"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
            ],
        )
        .refuses(
            "too-far",
            "P-CHK-3",
            "16001 is beyond the search, however often it is typed",
            &["window"],
            vec![
                request("carol", "alice", 100_00, "r"),
                check("alice", "carol", 100_00, shown("r")).sw(0x9302),
                check("alice", "carol", 100_00, shown("r")).sw(0x9302),
                check("alice", "carol", 100_00, shown("r")).sw(0x9302),
            ],
        )
}

pub(super) fn serials_end() -> Group<Live> {
    let shared = eight(|_, card| card.serials_above = u32::MAX.saturating_sub(1));
    group("a payee with one serial left", &["P-SER-3"], shared).refuses(
        "last-serial",
        "P-SER-3",
        "serial 4294967295 is the last; it is confirmed, and no other request is opened",
        &["serial-fresh"],
        vec![
            request("bob", "alice", 100_00, "r"),
            confirm("bob", "r", response_with("r", Changes::default())),
            request("bob", "alice", 100_00, "none").sw(0x9402),
            balance("bob", 2_100_00),
        ],
    )
}

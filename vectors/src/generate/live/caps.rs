//! Caps, limits, and commands that are refused.

use super::steps::{
    authorise, balance, cancel, check, confirm, eight, last, pay, request, request_with, reset, send, shown, step,
    talk, verify, whole, wrong,
};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::{Action, Changes, LimitFields, Live};

pub(super) fn caps() -> Group<Live> {
    let shared = eight(|_, card| {
        card.limits = LimitFields { opens: 3, failures: 3, tries: 2, refusals: 2, unacknowledged: 2, ..card.limits };
    });
    let statements = ["P-CAP-1", "P-CAP-2", "P-CAP-3", "P-CAP-4", "P-CAP-5", "P-CAP-6", "P-CONF-4", "P-CONF-5"];
    group("caps, small ones", &statements, shared)
        .refuses(
            "tries",
            "P-CONF-4",
            "after the tries of a request the right response is refused, also after a reset",
            &["cap-tries", "count-before-compare"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![confirm("bob", "r", wrong("p", 1)).sw(0x63C1), confirm("bob", "r", wrong("p", 2)).sw(0x63C0)],
                vec![
                    confirm("bob", "r", shown("p")).sw(0x6983),
                    reset("bob"),
                    confirm("bob", "r", shown("p")).sw(0x6983),
                ],
                vec![balance("bob", 2_000_00)],
            ]),
        )
        .refuses(
            "failures",
            "P-CONF-4",
            "after three wrong responses to two requests the right one is refused, also after a reset",
            &["cap-failures", "count-before-compare"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 200_00, "two", "p").into(),
                vec![confirm("bob", "one", wrong("p", 1)).sw(0x63C1), confirm("bob", "one", wrong("p", 2)).sw(0x63C0)],
                vec![confirm("bob", "two", wrong("p", 3)).sw(0x63C1), confirm("bob", "two", shown("p")).sw(0x9410)],
                vec![reset("bob"), confirm("bob", "two", shown("p")).sw(0x9410), balance("bob", 2_000_00)],
            ]),
        )
        .refuses(
            "failures-below",
            "P-CONF-9",
            "after two wrong responses the right one is accepted, and takes back its own try only",
            &["cap-failures", "take-back"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 200_00, "two", "p").into(),
                vec![confirm("bob", "one", wrong("p", 1)).sw(0x63C1), confirm("bob", "two", wrong("p", 2)).sw(0x63C1)],
                vec![confirm("bob", "two", shown("p")), request("bob", "alice", 300_00, "three")],
                pay("alice", "bob", 300_00, "three", "q").into(),
                vec![confirm("bob", "three", wrong("q", 1)).sw(0x63C1), confirm("bob", "three", shown("q")).sw(0x9410)],
            ]),
        )
        .refuses(
            "requests",
            "P-OPEN-2",
            "three requests and no more; to cancel or to reset gives none back",
            &["cap-requests"],
            vec![
                request("bob", "alice", 100_00, "one"),
                request("bob", "alice", 100_00, "two"),
                cancel("bob", "one"),
                cancel("bob", "two"),
                request("bob", "alice", 100_00, "three"),
                request("bob", "alice", 100_00, "four").sw(0x9411),
                reset("bob"),
                request("bob", "carol", 200_00, "five").sw(0x9411),
            ],
        )
        .refuses(
            "requests-confirmed",
            "P-OPEN-2",
            "a request that was credited counts like any other",
            &["cap-requests"],
            talk([
                whole("alice", "bob", 100_00, "one"),
                whole("alice", "bob", 100_00, "two"),
                whole("carol", "bob", 100_00, "three"),
                vec![request("bob", "alice", 100_00, "four").sw(0x9411), balance("bob", 2_300_00)],
            ]),
        )
        .refuses(
            "refusals",
            "P-CHK-3",
            "after two wrong requests no other is read before the next reset",
            &["cap-refusals"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, wrong("r", 1)).sw(0x9302),
                check("alice", "bob", 100_00, wrong("r", 2)).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")).sw(0x9419),
                reset("alice"),
                check("alice", "bob", 100_00, shown("r")),
                verify("alice"),
                authorise("alice", "p"),
            ],
        )
        .refuses(
            "log-full",
            "P-AUTH-1",
            "with two payments in a log for two, the third is refused, and both are shown again",
            &["log-full", "shown-again"],
            talk([
                whole("alice", "bob", 100_00, "one"),
                whole("alice", "carol", 100_00, "two"),
                vec![
                    request("bob", "alice", 100_00, "three"),
                    check("alice", "bob", 100_00, shown("three")).sw(0x9412),
                ],
                vec![last("alice", 0, "two-paid"), last("alice", 1, "one-paid"), balance("alice", 1_800_00)],
            ]),
        )
}

pub(super) fn limits() -> Group<Live> {
    let shared = eight(|name, card| {
        card.limits.payment = 500_00;
        card.limits.balance = 2_300_00;
        if name == "carol" {
            card.balance = 50_00;
        }
    });
    let load = |who: &str, amount| step(who, Action::Load { amount });
    let unload = |who: &str, amount| step(who, Action::Unload { amount });
    group("limits", &["P-OPEN-2", "P-AUTH-1", "P-CONF-7"], shared)
        .refuses(
            "amount-limit",
            "P-OPEN-2",
            "an amount at its limit, and one above it",
            &["limits"],
            vec![
                request("carol", "alice", 500_00, "at"),
                request("carol", "alice", 500_01, "above").sw(0x9413),
                check(
                    "alice",
                    "carol",
                    500_01,
                    request_with("at", Changes { amount: Some(500_01), ..Changes::default() }),
                )
                .sw(0x9413),
                check("alice", "carol", 500_00, shown("at")),
            ],
        )
        .refuses(
            "insufficient",
            "P-AUTH-1",
            "more than the balance, and all of it",
            &["limits", "conservation"],
            talk([
                vec![request("bob", "carol", 50_01, "more"), check("carol", "bob", 50_01, shown("more")).sw(0x9401)],
                whole("carol", "bob", 50_00, "all"),
                vec![balance("carol", 0), balance("bob", 2_050_00)],
            ]),
        )
        .refuses(
            "balance-limit-open",
            "P-OPEN-2",
            "a request that the balance could not take",
            &["limits"],
            vec![request("bob", "alice", 300_01, "above").sw(0x9414), request("bob", "alice", 300_00, "at")],
        )
        .refuses(
            "balance-limit-confirm",
            "P-CONF-7",
            "a response that the balance cannot take costs no try, and is good once there is room",
            &["limits", "conservation"],
            talk([
                vec![request("bob", "alice", 300_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 300_00, "one", "p").into(),
                pay("alice", "bob", 200_00, "two", "q").into(),
                vec![confirm("bob", "one", shown("p")), confirm("bob", "two", shown("q")).sw(0x9414)],
                vec![confirm("bob", "two", wrong("q", 1)).sw(0x9414), verify("bob"), unload("bob", 200_00)],
                vec![confirm("bob", "two", wrong("q", 1)).sw(0x63C4), confirm("bob", "two", shown("q"))],
                vec![balance("bob", 2_300_00)],
            ]),
        )
        .refuses(
            "load-and-unload",
            "P-PIN-1",
            "LOAD up to the limit of the balance; UNLOAD only after the PIN, and not more than there is",
            &["limits", "pin-once"],
            vec![
                load("alice", 300_01).sw(0x9414),
                load("alice", 300_00),
                unload("alice", 100_00).sw(0x6982),
                verify("alice"),
                unload("alice", 100_00),
                unload("alice", 100_00).sw(0x6982),
                verify("alice"),
                unload("alice", 2_200_01).sw(0x9401),
                balance("alice", 2_200_00),
            ],
        )
}

pub(super) fn commands() -> Group<Live> {
    let number = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x02];
    let asking = |number: &[u8], amount: [u8; 4]| [&[0x80, 0x40, 0, 0, 0x0C], number, &amount, &[0]].concat();
    let own = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x01];
    let leading_zero = [0xFF, 0xFF, 0x05, 0x47, 0x00, 0x00, 0x00, 0x02];
    let padded_with_zeros = [0x00, 0x00, 0x25, 0x47, 0x00, 0x00, 0x00, 0x02];
    let not_bcd = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x0A];
    group("commands that are refused", &["P-NUM-1", "P-NUM-2", "P-NUM-3", "P-AMT-1"], eight(|_, _| {}))
        .refuses(
            "fields",
            "P-NUM-1",
            "a field that breaks its rule",
            &["limits"],
            vec![
                send("alice", &asking(&own, [0, 0, 0, 1]), 0x6A80),
                send("alice", &asking(&number, [0, 0, 0, 0]), 0x6A80),
                send("alice", &asking(&leading_zero, [0, 0, 0, 1]), 0x6A80),
                send("alice", &asking(&padded_with_zeros, [0, 0, 0, 1]), 0x6A80),
                send("alice", &asking(&not_bcd, [0, 0, 0, 1]), 0x6A80),
            ],
        )
        .refuses(
            "header",
            "ISO-7816-4",
            "class, instruction, parameters and length that the purse does not know",
            &[],
            vec![
                send("alice", &[0xA0, 0x5C, 0x00, 0x02, 0x04], 0x6E00),
                send("alice", &[0x80, 0xFE, 0x00, 0x00], 0x6D00),
                send("alice", &[0x80, 0x5C, 0x01, 0x02, 0x04], 0x6A86),
                send("alice", &[0x80, 0x40, 0x00, 0x00, 0x01, 0xFF, 0x00], 0x6700),
                send("alice", &[0x80, 0x40, 0x00, 0x00, 0x0C, 0xFF], 0x6700),
            ],
        )
}

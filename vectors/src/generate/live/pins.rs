//! The PIN: for one payment, after CHECK and before AUTHORISE.

use super::steps::{authorise, balance, check, confirm, eight, pay, pin, request, reset, shown, step, talk, verify};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::{Action, Live, Step};
use crate::subject::card::PUK;

pub(super) fn pins() -> Group<Live> {
    let opened = || vec![request("bob", "alice", 100_00, "r")];
    let checked = || check("alice", "bob", 100_00, shown("r"));
    let unpaid = || vec![balance("alice", 2_000_00)];
    let refused = |group: Group<Live>, id: &str, comment: &str, steps: Vec<Step>| {
        group.refuses(&format!("pin-{id}"), "P-PIN-1", comment, &["pin-once"], talk([opened(), steps, unpaid()]))
    };
    let mut group = group("PIN", &["P-PIN-1", "P-AUTH-2"], eight(|_, _| {}));
    group = refused(group, "none", "no PIN", vec![checked(), authorise("alice", "p").sw(0x6982)]);
    group = refused(
        group,
        "early",
        "a PIN given before CHECK does not count",
        vec![verify("alice"), checked(), authorise("alice", "p").sw(0x6982)],
    );
    group = refused(
        group,
        "blind",
        "a PIN without CHECK pays nothing",
        vec![verify("alice"), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "interrupted",
        "another command between CHECK and VERIFY drops the request",
        vec![checked(), balance("alice", 2_000_00), verify("alice"), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "interrupted-later",
        "another command between VERIFY and AUTHORISE drops the request",
        vec![checked(), verify("alice"), balance("alice", 2_000_00), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "reset",
        "a reset forgets request and PIN",
        vec![checked(), verify("alice"), reset("alice"), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "selected-again",
        "SELECT forgets request and PIN",
        vec![checked(), verify("alice"), step("alice", Action::Select), authorise("alice", "p").sw(0x6985)],
    );
    group
        .refuses(
            "pin-for-one-payment",
            "P-PIN-1",
            "the PIN of one payment is not good for the next",
            &["pin-once"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 100_00, "two")],
                pay("alice", "bob", 100_00, "one", "p").into(),
                vec![authorise("alice", "again").sw(0x6985), check("alice", "bob", 100_00, shown("two"))],
                vec![authorise("alice", "q").sw(0x6982), balance("alice", 1_900_00)],
            ]),
        )
        .refuses(
            "pin-used-up-by-refusal",
            "P-PIN-1",
            "an AUTHORISE that is refused uses the PIN up as well",
            &["pin-once"],
            talk([
                vec![request("bob", "alice", 100_00, "r"), verify("alice"), authorise("alice", "p").sw(0x6985)],
                vec![
                    step("alice", Action::Unload { amount: 100 }).sw(0x6982),
                    check("alice", "bob", 100_00, shown("r")),
                    authorise("alice", "q").sw(0x6982),
                    balance("alice", 2_000_00),
                ],
            ]),
        )
        .refuses(
            "pin-wrong",
            "P-PIN-1",
            "wrong PINs are counted over resets; the last one blocks; the PUK gives a new PIN",
            &["pin-tries"],
            vec![
                pin("alice", "4321").sw(0x63C2),
                reset("alice"),
                pin("alice", "4321").sw(0x63C1),
                pin("alice", "4321").sw(0x63C0),
                verify("alice").sw(0x6983),
                step("alice", Action::Unblock { puk: "12345678".into(), pin: "2468".into() }).sw(0x63C9),
                step("alice", Action::Unblock { puk: PUK.into(), pin: "2468".into() }),
                verify("alice").sw(0x63C2),
                pin("alice", "2468"),
            ],
        )
        .refuses(
            "pin-right-restores",
            "P-PIN-1",
            "a right PIN restores all its tries; a wrong one before the payment may be followed by the right one",
            &["pin-tries"],
            vec![
                request("bob", "alice", 100_00, "r"),
                pin("alice", "4321").sw(0x63C2),
                verify("alice"),
                pin("alice", "4321").sw(0x63C2),
                check("alice", "bob", 100_00, shown("r")),
                pin("alice", "4321").sw(0x63C1),
                verify("alice"),
                authorise("alice", "p"),
                confirm("bob", "r", shown("p")),
            ],
        )
}

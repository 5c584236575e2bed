//! Conversations that show mistakes which no other one shows, or none whose note would name them.

use applet_model::purse::{Identity, Load};
use digitally::{Amount, Currency};

use super::steps::{balance, check, confirm, eight, pay, request, send, shown, step, talk, verify, whole, wrong};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::{Action, LimitFields, Live, Typed};
use crate::subject::card::ISSUER_KEY;

fn digits(text: &str) -> Typed {
    Typed { digits: Some(text.into()), ..Typed::default() }
}

/// What is looked at first, and for whom something is remembered.
pub(super) fn looks() -> Group<Live> {
    let shared = eight(|name, card| {
        card.limits = LimitFields { failures: 3, tries: 2, refusals: 2, ..card.limits };
        card.serials_above = match name {
            "alice" => 5_000,
            "carol" => 700,
            _ => 0,
        };
    });
    let confirm_digits = |text| confirm("bob", "r", digits(text)).sw(0x6A80);
    let check_digits = |text| check("alice", "bob", 100_00, digits(text)).sw(0x6A80);
    group("what is looked at first", &["P-CONF-8", "P-READ-2", "P-CHK-2", "P-CHK-4", "P-PIN-1"], shared)
        .refuses(
            "received-before-tries",
            "P-CONF-8",
            "a credited response is known as one before tries and failures are looked at, also when none is left",
            &["free-guess"],
            talk([
                whole("alice", "bob", 100_00, "one"),
                vec![request("bob", "alice", 200_00, "two"), request("bob", "alice", 300_00, "three")],
                vec![confirm("bob", "two", wrong("one-paid", 1)).sw(0x63C1)],
                vec![confirm("bob", "two", wrong("one-paid", 2)).sw(0x63C0)],
                vec![confirm("bob", "two", shown("one-paid")).sw(0x9416)],
                vec![confirm("bob", "three", wrong("one-paid", 1)).sw(0x63C1)],
                vec![confirm("bob", "three", shown("one-paid")).sw(0x9416), balance("bob", 2_100_00)],
            ]),
        )
        .refuses(
            "unreadable-response",
            "P-READ-2",
            "a response of another length costs no try",
            &["unreadable"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                ["1234567", "123456789", "1234"].map(confirm_digits).into(),
                vec![confirm("bob", "r", wrong("p", 1)).sw(0x63C1), confirm("bob", "r", shown("p"))],
            ]),
        )
        .refuses(
            "unreadable-request",
            "P-READ-2",
            "a request of another length is no wrong request",
            &["unreadable"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                ["1234567", "123456789", "1234"].map(check_digits).into(),
                pay("alice", "bob", 100_00, "r", "p").into(),
            ]),
        )
        .accepts(
            "serials-of-each-payee",
            "after serial 701 of Carol was paid, serial 1 of Bob is good as well",
            &["per-payee"],
            talk([whole("alice", "carol", 100_00, "far"), whole("alice", "bob", 100_00, "near")]),
        )
        .refuses(
            "typed-twice-with-a-good-one-between",
            "P-CHK-3",
            "only the very next CHECK counts as typing it again, also if the one between was good",
            &["window"],
            vec![
                request("alice", "bob", 100_00, "far"),
                request("carol", "bob", 100_00, "near"),
                check("bob", "alice", 100_00, shown("far")).sw(0x9302),
                check("bob", "carol", 100_00, shown("near")),
                check("bob", "alice", 100_00, shown("far")).sw(0x9302),
                check("bob", "alice", 100_00, shown("far")).sw(0x9419),
            ],
        )
        .refuses(
            "pin-used-up-by-payment",
            "P-PIN-1",
            "the PIN of a payment is not good for an UNLOAD after it",
            &["pin-once"],
            talk([
                whole("alice", "bob", 100_00, "r"),
                vec![step("alice", Action::Unload { amount: 100_00 }).sw(0x6982), balance("alice", 1_900_00)],
            ]),
        )
}

/// Orders of the issuer that are not the next one for this card.
pub(super) fn orders() -> Group<Live> {
    const LOAD: u8 = 0x52;
    const UNLOAD: u8 = 0x54;
    let (alice, bob) = ("+254700000001", "+254700000002");
    let refused = |order: Vec<u8>, sw| send("alice", &order, sw);
    group("orders of the issuer", &[], eight(|_, _| {}))
        .refuses(
            "order-twice",
            "docs-applet",
            "the order that loaded the card, once more; and one that leaves one out",
            &["order-once"],
            talk([
                vec![refused(order(LOAD, alice, 2_000_00, 1), 0x9402), balance("alice", 2_000_00)],
                vec![refused(order(LOAD, alice, 100_00, 3), 0x9402), balance("alice", 2_000_00)],
                vec![refused(order(LOAD, alice, 100_00, 0), 0x9402), balance("alice", 2_000_00)],
                vec![step("alice", Action::Load { amount: 100_00 }), balance("alice", 2_100_00)],
            ]),
        )
        .refuses(
            "order-for-others",
            "docs-applet",
            "the next order, but for another card, with another amount, or with LOAD and UNLOAD exchanged",
            &["order-bound"],
            talk([
                vec![refused(order(LOAD, bob, 100_00, 2), 0x9302)],
                vec![refused(changed(order(LOAD, alice, 100_00, 2)), 0x9302), verify("alice")],
                vec![refused(order(UNLOAD, alice, 100_00, 2), 0x9302), balance("alice", 2_000_00)],
            ]),
        )
}

/// A LOAD that the issuer has made for the card of this number, sent with this instruction.
fn order(ins: u8, number: &str, amount: u32, counter: u32) -> Vec<u8> {
    let currency = Currency::new(404).map(Currency::bcd).unwrap_or_default();
    let identity = Identity { number: number.parse().ok(), currency, decimals: 2, sequence: 1, serials_above: 0 };
    let Ok(key) = crate::subject::card::issuer_key(&ISSUER_KEY) else { return Vec::new() };
    let Load { order } = Load::new(&key, &identity, Amount::new(amount), counter);
    let p1 = if ins == 0x54 { 0x03 } else { 0x00 };
    [&[0x80, ins, p1, 0x00, 0x10][..], &amount.to_be_bytes(), &counter.to_be_bytes(), &order.mac, &[0x00]].concat()
}

/// The same command over one minor unit more.
fn changed(mut command: Vec<u8>) -> Vec<u8> {
    if let Some(byte) = command.get_mut(8) {
        *byte = byte.wrapping_add(1);
    }
    command
}

//! Contacts with the issuer: what it takes over, what starts again, what is refused.

use super::steps::{balance, confirm, eight, last, pay, request, reset, shown, step, talk, whole, wrong};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::{Action, LimitFields, Live, LogFile, Step};
use crate::subject::card::{ISSUER_KEY, issuer_key};

fn contact(who: &str, number: u32, acknowledged: u32) -> Step {
    step(who, Action::Contact { number, acknowledged, suspended: None, settled: Vec::new() })
}

fn suspend(who: &str, number: u32, suspended: bool) -> Step {
    step(who, Action::Contact { number, acknowledged: 0, suspended: Some(suspended), settled: Vec::new() })
}

fn settle(who: &str, number: u32, request: &str) -> Step {
    step(who, Action::Contact { number, acknowledged: 0, suspended: None, settled: vec![request.into()] })
}

fn logged(who: &str, file: LogFile, record: u8, number: u32, amount: u32) -> Step {
    step(who, Action::Logged { file, record, number, amount })
}

fn evidence(command: &[u8], data: &[u8]) -> Step {
    step("alice", Action::Send { command: command.into(), data: data.into() })
}

const CHALLENGE: [u8; 8] = *b"\x01\x23\x45\x67\x89\xAB\xCD\xEF";
/// +254700000001.
const NUMBER: [u8; 8] = *b"\xFF\xFF\x25\x47\x00\x00\x00\x01";
/// 2,000.00, what the card is loaded with.
const LOADED: [u8; 4] = 2_000_00_u32.to_be_bytes();

/// These bytes and their MAC under the card's issuer key, which is computed over `before` and them. docs/applet.md, "What goes up
/// to the issuer".
fn with_mac(before: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Ok(key) = issuer_key(&ISSUER_KEY) else { return Vec::new() };
    let mac = key.tag(&[before, bytes].concat()).first_8();
    [bytes, &mac].concat()
}

/// The card's first and only log entry: loaded by the issuer's order 1.
fn log_entry() -> Vec<u8> {
    let entry = [&[0, 0, 0, 1, 3, 0, 0, 0][..], &[0; 8], &LOADED, &[0, 0, 0, 1], &[0; 4], &LOADED].concat();
    with_mac(&[&[0x65, 0x01, 0x04, 0x04], &NUMBER[..], &[1]].concat(), &entry)
}

/// INTERNAL AUTHENTICATE.
fn challenge() -> Vec<u8> {
    [&[0x00, 0x88, 0x00, 0x00, 0x08][..], &CHALLENGE, &[0x00]].concat()
}

/// What a card of this group states before it has been used.
fn statement() -> Vec<u8> {
    let holder = [&NUMBER[..], &[0x04, 0x04, 2, 1, 1]].concat();
    // Contact, balance, acknowledged, history, entries, highest serial.
    let numbers = [&[0; 4][..], &LOADED, &[0; 4], &[0, 0, 0, 1], &[0, 0, 0, 1], &[0; 4]].concat();
    // Seven counters, the issuer's orders, three counts since the last contact, tries of PIN and PUK.
    let counters = [&[0; 28][..], &[0, 0, 0, 1], &[0; 6], &[3, 10]].concat();
    let [payment, balance] = [5_000_00_u32, 50_000_00].map(u32::to_be_bytes);
    let limits = [&payment[..], &balance, &[0, 3, 0, 3, 2, 2, 0, 2]].concat();
    let (keys, folded) = ([0, 1, 0, 0], [0; 28]);
    let statement = [&holder[..], &numbers, &counters, &limits, &keys, &folded].concat();
    with_mac(&[&[0x66, 0x01], &CHALLENGE[..]].concat(), &statement)
}

pub(super) fn contacts() -> Group<Live> {
    let shared = eight(|_, card| {
        card.limits = LimitFields { opens: 3, failures: 3, tries: 2, refusals: 2, unacknowledged: 2, ..card.limits };
    });
    let stated = |contact, acknowledged, entries, opened, balance| {
        step("alice", Action::States { contact, acknowledged, entries, opened, failed: 0, balance, life: 1 })
    };
    group("contacts with the issuer", &["P-ISS-1", "P-ISS-2", "P-CAP-2", "P-CAP-3", "P-LAST-2"], shared)
        .accepts(
            "statement-and-log",
            "the statement and the log with MACs say what happened",
            &["evidence"],
            talk([
                vec![stated(0, 0, 1, 0, 2_000_00), logged("alice", LogFile::History, 1, 1, 2_000_00)],
                whole("alice", "bob", 100_00, "r"),
                vec![stated(0, 0, 2, 0, 1_900_00), logged("alice", LogFile::Payments, 1, 2, 100_00)],
                vec![logged("bob", LogFile::History, 1, 2, 100_00), logged("bob", LogFile::History, 2, 1, 2_000_00)],
                vec![reset("alice"), stated(0, 0, 2, 0, 1_900_00)],
            ]),
        )
        .accepts(
            "evidence-byte-for-byte",
            "a log entry and a statement with their MACs, of a card that was only loaded: every byte",
            &["evidence"],
            vec![evidence(&[0x00, 0xB2, 0x01, 0x34, 0x00], &log_entry()), evidence(&challenge(), &statement())],
        )
        .refuses(
            "caps-start-again",
            "P-CAP-3",
            "after a contact there are requests again, as many as before and no more; also after a reset",
            &["contact-caps"],
            talk([
                vec![
                    request("alice", "bob", 1_00, "a"),
                    request("alice", "bob", 1_00, "b"),
                    request("alice", "bob", 1_00, "c"),
                    request("alice", "bob", 1_00, "none").sw(0x9411),
                    stated(0, 0, 1, 3, 2_000_00),
                    contact("alice", 1, 0),
                    stated(1, 0, 1, 0, 2_000_00),
                    reset("alice"),
                    request("alice", "bob", 1_00, "d"),
                    request("alice", "bob", 1_00, "e"),
                    request("alice", "bob", 1_00, "f"),
                    request("alice", "bob", 1_00, "none").sw(0x9411),
                ],
            ]),
        )
        .refuses(
            "wrong-responses-start-again",
            "P-CONF-4",
            "after a contact wrong responses are compared again; the tries of a request do not come back",
            &["contact-caps", "cap-tries"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 200_00, "two", "p").into(),
                vec![confirm("bob", "one", wrong("p", 1)).sw(0x63C1), confirm("bob", "one", wrong("p", 2)).sw(0x63C0)],
                vec![confirm("bob", "two", wrong("p", 3)).sw(0x63C1), confirm("bob", "two", shown("p")).sw(0x9410)],
                vec![contact("bob", 1, 0), confirm("bob", "one", wrong("p", 1)).sw(0x6983)],
                vec![confirm("bob", "two", shown("p")), balance("bob", 2_200_00)],
            ]),
        )
        .refuses(
            "log-acknowledged",
            "P-AUTH-1",
            "a full log pays again once its debits are acknowledged, one for each; no more are than there are",
            &["log-full", "contact-log"],
            talk([
                whole("alice", "bob", 100_00, "one"),
                whole("alice", "bob", 100_00, "two"),
                vec![
                    request("bob", "alice", 100_00, "three"),
                    super::steps::check("alice", "bob", 100_00, shown("three")).sw(0x9412),
                    contact("alice", 1, 3).sw(0x6A80),
                    contact("alice", 1, 1),
                ],
                pay("alice", "bob", 100_00, "three", "p").into(),
                vec![
                    last("alice", 0, "p"),
                    last("alice", 1, "two-paid"),
                    contact("alice", 2, 0).sw(0x6A80),
                    request("carol", "alice", 100_00, "four"),
                    super::steps::check("alice", "carol", 100_00, shown("four")).sw(0x9412),
                ],
            ]),
        )
        .refuses(
            "order-of-before",
            "docs-applet",
            "an order whose number is not above the last one is not carried out, whatever is in it",
            &["contact-once"],
            vec![
                contact("alice", 5, 0),
                contact("alice", 5, 0).sw(0x9402),
                suspend("alice", 4, true).sw(0x9402),
                suspend("alice", 0, true).sw(0x9402),
                stated(5, 0, 1, 0, 2_000_00),
                contact("alice", 6, 0),
            ],
        )
        .refuses(
            "suspended",
            "docs-applet",
            "a suspended purse opens, pays and credits nothing, shows what it has, and goes on when it is resumed",
            &["suspended"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![
                    suspend("alice", 1, true),
                    suspend("bob", 1, true),
                    request("bob", "alice", 100_00, "none").sw(0x6985),
                    confirm("bob", "r", shown("p")).sw(0x6985),
                    super::steps::check("alice", "bob", 100_00, shown("r")).sw(0x6985),
                    last("alice", 0, "p"),
                    balance("alice", 1_900_00),
                    reset("bob"),
                    confirm("bob", "r", shown("p")).sw(0x6985),
                    suspend("bob", 2, false),
                    confirm("bob", "r", shown("p")),
                    balance("bob", 2_100_00),
                ],
            ]),
        )
        .refuses(
            "settled",
            "P-CONF-2",
            "a request that the issuer settles itself leaves: its response is not credited, and the other requests stay",
            &["settled"],
            talk([
                vec![request("bob", "alice", 100_00, "r"), request("bob", "alice", 50_00, "s")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                pay("alice", "bob", 50_00, "s", "q").into(),
                vec![settle("bob", 1, "r"), confirm("bob", "r", shown("p")).sw(0x6A88)],
                vec![confirm("bob", "s", shown("q")), balance("bob", 2_050_00)],
            ]),
        )
}

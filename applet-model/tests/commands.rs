//! Each command of the purse, its refusals, and what it leaves behind.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::as_conversions, clippy::cast_possible_truncation, clippy::expect_used)]

mod world;

use apdu::Sw;
use applet_model::purse::{
    Authorise, Capacity, Entry, File, Holder, Identity, Life, Limits, ProfileData, Purse, status,
};
use applet_model::runtime::Applet;
use digitally::profile::{self, Split};
use digitally::{Algorithm, Profile};
use world::{LIMITS, PIN, PUK, Person, Setup, WRONG_PIN, amount, code, pin, raw, refused, sw, two};

fn limits(limits: Limits) -> Setup {
    Setup { limits, ..Setup::default() }
}

/// The whole payment of `docs/protocol.md`'s example, as bytes: the interface must not move.
#[test]
fn a_payment_byte_by_byte() {
    let (mut alice, mut bob) = two(&Setup::default());
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let fci = hex(raw(&mut alice, "00 A4 04 00 0B F06469676974616C6C7901 00"));
    assert_eq!(fci, "6F1F840BF06469676974616C6C7901A51050096469676974616C6C79DF260200019000");
    let request = hex(raw(&mut bob, "80 40 00 00 0C FFFF254700000001 00009C40 00"));
    assert_eq!((&request[..8], &request[16..]), ("00000001", "9000"));
    let shown = &request[8..16];
    let checked = hex(raw(&mut alice, &format!("80 42 00 00 10 FFFF254700000002 00009C40 {shown} 00")));
    assert_eq!(checked, format!("{}{:08X}9000", "00".repeat(16), 1600_00));
    assert_eq!(sw(&mut alice, "00 20 00 81 08 31323334FFFFFFFF"), 0x9000);
    let paid = hex(raw(&mut alice, "80 54 01 00 00"));
    assert_eq!((&paid[..16], &paid[24..]), (format!("00000002{:08X}", 1600_00).as_str(), "9000"));
    let response = &paid[16..24];
    let last = hex(raw(&mut alice, "80 5A 00 00 00"));
    assert_eq!(&last[64..], format!("{response}9000"));
    let received = hex(raw(&mut bob, &format!("80 44 00 00 08 00000001 {response} 00")));
    assert_eq!(received, format!("00000002FFFF25470000000100009C40{:08X}9000", 2400_00));
    assert_eq!(hex(raw(&mut bob, "80 5C 00 02 04")), format!("{:08X}9000", 2400_00));
}

/// P-BRK-1, P-REQ-1, P-REQ-2, P-RSP-1, P-RSP-2, P-LAST-1: a payment under each profile and algorithm, the broken one
/// only with its danger group; codes have their digits, and LAST shows them again.
#[test]
fn every_profile_and_algorithm_pays() {
    for profile in &profile::ALL {
        for algorithm in Algorithm::ALL {
            let setup = Setup { profile, algorithm, balance: 0, ..Setup::default() };
            let mut people = [1, 2].map(|i| {
                let mut person = Person::blank(i, &setup);
                let danger = profile.broken().is_some();
                if danger {
                    assert_eq!(person.personalise(i, &setup, false), Err(status::BROKEN_PROFILE));
                    assert_eq!(person.purse.data::<Holder>().unwrap().life(), Life::Blank);
                }
                person.personalise(i, &setup, danger).unwrap();
                person.load(i, 1000_00).unwrap();
                person
            });
            let [alice, bob] = &mut people;
            let opened = bob.request(alice.number, 400_00).unwrap();
            assert_eq!(opened.code.digits(), profile.request.digits());
            let paid = alice.pay(bob.number, 400_00, opened.code).unwrap();
            assert_eq!(paid.code.digits(), profile.response.digits());
            assert_eq!(bob.confirm(opened.id, paid.code), Ok(1400_00), "{} {algorithm}", profile.name);
            let again = alice.purse.last(0).unwrap().code;
            assert_eq!(again.value(), paid.code.value());
            let data: ProfileData = alice.purse.data().unwrap();
            assert_eq!((data.profile, data.algorithm()), (profile.number, Some(algorithm)));
        }
    }
}

#[test]
fn a_blank_purse_takes_personalisation_and_nothing_else() {
    let setup = Setup::default();
    let mut person = Person::blank(1, &setup);
    assert_eq!(person.purse.data::<Holder>().unwrap().number, None);
    for command in [
        "00 20 00 81 08 31323334FFFFFFFF",
        "80 5C 00 02 04",
        "80 40 00 00 0C FFFF254700000001 00009C40 00",
        "00 B2 01 0C 00",
        "80 5A 00 00 00",
        "80 54 01 00 00",
    ] {
        assert_eq!(sw(&mut person, command), 0x6985, "{command}");
    }
    assert_eq!(world::store(&mut person, "80 E2 88 00 04 0102 01 03"), 0x6A88, "incomplete");
    assert_eq!(world::store(&mut person, "80 E2 08 00 04 0102 01 09"), 0x6A80, "no such profile");
    assert_eq!(world::store(&mut person, "80 E2 08 00 04 0199 01 09"), 0x6A88, "no such group");
    assert_eq!(world::store(&mut person, "80 E2 08 00 04 0102 02 03"), 0x6A85, "cut off");
    assert_eq!(world::store(&mut person, "80 E2 08 00 02 0102"), 0x6A85, "cut off");
    let mut holder = |group: &str| world::store(&mut person, &format!("80 E2 08 00 13 0101 10 {group} 01 00000000"));
    assert_eq!(holder("FFFF254700000001 0404 05"), 0x6A80, "five decimals");
    assert_eq!(holder("FFFF2547000000A1 0404 02"), 0x6A80, "no number");
    assert_eq!(holder("FFFF254700000001 04A4 02"), 0x6A80, "no currency");
    assert_eq!(holder("FFFF254700000001 0404 04"), 0x9000);
    assert_eq!(world::store(&mut person, "80 E2 08 00 0C 8010 09 00 31323334FFFFFFFF"), 0x6A80, "no try at all");
    assert_eq!(world::store(&mut person, "80 E2 08 00 0C 8010 09 03 313233FFFFFFFFFF"), 0x6A80, "three digits");
    assert_eq!(world::store(&mut person, "80 E2 08 00 09 01D0 06 62726F6B656E"), 0x6A80, "danger has one spelling");
    assert_eq!(world::store(&mut person, "80 E2 01 00 04 0102 01 03"), 0x6A86);
    person.personalise(1, &setup, false).unwrap();
    assert_eq!(world::store(&mut person, "80 E2 88 00 04 0102 01 03"), 0x6985, "there is no way back");
    assert_eq!(person.balance(), 0);
}

#[test]
fn limits_that_the_memory_cannot_hold_are_refused() {
    for limits in
        [Limits { unacknowledged: 65, ..LIMITS }, Limits { tries: 16, ..LIMITS }, Limits { tries: 0, ..LIMITS }]
    {
        let setup = Setup { limits, ..Setup::default() };
        assert_eq!(Person::blank(1, &setup).personalise(1, &setup, false), Err(Sw::WRONG_DATA));
    }
}

#[test]
fn the_pin_counts_blocks_and_is_forgotten() {
    let mut alice = Person::new(1, &Setup::default());
    assert_eq!(sw(&mut alice, "00 20 00 81"), 0x63C3, "asking costs nothing");
    assert_eq!(refused(alice.purse.verify(&pin(WRONG_PIN))), Some(Sw::counter(2)));
    assert_eq!(sw(&mut alice, "00 20 00 81 08 3132333FFFFFFFFF"), 0x6A80, "not a PIN, not a try");
    assert_eq!(sw(&mut alice, "00 20 00 81 04 31323334"), 0x6700);
    assert_eq!(sw(&mut alice, "00 20 00 01 08 31323334FFFFFFFF"), 0x6A88);
    assert_eq!(sw(&mut alice, "00 20 00 81"), 0x63C2);
    alice.purse.verify(&pin(PIN)).unwrap();
    assert_eq!(sw(&mut alice, "00 20 00 81"), 0x9000, "verified");
    alice.reset();
    assert_eq!(sw(&mut alice, "00 20 00 81"), 0x63C3, "gone with the power");
    alice.purse.verify(&pin(PIN)).unwrap();
    alice.select();
    assert_eq!(sw(&mut alice, "00 20 00 81"), 0x63C3, "gone with the selection");

    for left in [2, 1, 0] {
        alice.reset();
        assert_eq!(refused(alice.purse.verify(&pin(WRONG_PIN))), Some(Sw::counter(left)));
    }
    assert_eq!(refused(alice.purse.verify(&pin(PIN))), Some(Sw::AUTHENTICATION_METHOD_BLOCKED));
    assert_eq!(refused(alice.purse.change_pin(&pin(PIN), &pin("9999"))), Some(Sw::AUTHENTICATION_METHOD_BLOCKED));
    assert_eq!(refused(alice.purse.unblock_pin(&pin("11111111"), &pin("9999"))), Some(Sw::counter(9)));
    alice.purse.unblock_pin(&pin(PUK), &pin("9999")).unwrap();
    assert_eq!(refused(alice.purse.verify(&pin(PIN))), Some(Sw::counter(2)));
    alice.purse.change_pin(&pin("9999"), &pin("00000000")).unwrap();
    assert_eq!(sw(&mut alice, "00 20 00 81"), 0x63C3, "changing it verifies nothing");
    alice.purse.verify(&pin("00000000")).unwrap();
    let counters = alice.counters();
    assert_eq!((counters.pin_attempts, counters.wrong_pins, counters.pin_tries, counters.puk_tries), (9, 5, 3, 10));
}

/// P-LAST-1: a blocked purse still shows what it has paid.
#[test]
fn the_last_wrong_puk_blocks_payments_and_shows_what_was_paid() {
    let (mut alice, mut bob) = two(&Setup::default());
    let opened = bob.request(alice.number, 400).unwrap();
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    for left in (0..10).rev() {
        assert_eq!(refused(alice.purse.unblock_pin(&pin("00000000"), &pin(PIN))), Some(Sw::counter(left)));
    }
    assert_eq!(alice.purse.data::<Holder>().unwrap().life(), Life::Blocked);
    assert_eq!(refused(alice.purse.unblock_pin(&pin(PUK), &pin(PIN))), Some(Sw::CONDITIONS_NOT_SATISFIED));
    assert_eq!(alice.request(bob.number, 1).map(|_| ()), Err(Sw::CONDITIONS_NOT_SATISFIED));
    assert_eq!(refused(alice.purse.verify(&pin(PIN))), Some(Sw::CONDITIONS_NOT_SATISFIED));
    alice.reset();
    assert_eq!(alice.balance(), 2000_00 - 400);
    assert_eq!(alice.purse.last(0).unwrap().code.value(), paid.code.value());
    assert_eq!(bob.confirm(opened.id, paid.code), Ok(2000_00 + 400));
}

/// P-AMT-1, P-NUM-1, P-NUM-3, P-OPEN-2, P-READ-2, P-CONF-7: zero, oneself, above a limit, no number, no code, no room:
/// refused where they are typed, and nothing is used up.
#[test]
fn amounts_and_sides_are_checked_at_both_ends() {
    let (mut alice, mut bob) = two(&limits(Limits { payment: amount(500), balance: amount(2000_00 + 600), ..LIMITS }));
    let (a, b) = (alice.number, bob.number);
    assert_eq!(bob.request(a, 0).unwrap_err(), Sw::WRONG_DATA);
    assert_eq!(bob.request(b, 1).unwrap_err(), Sw::WRONG_DATA);
    assert_eq!(bob.request(a, 501).unwrap_err(), status::AMOUNT_LIMIT);
    let some = code(1, 8);
    assert_eq!(alice.check(b, 0, some), Err(Sw::WRONG_DATA));
    assert_eq!(alice.check(a, 1, some), Err(Sw::WRONG_DATA));
    assert_eq!(alice.check(b, 1, code(1, 6)), Err(Sw::WRONG_DATA), "six digits are not a code of this profile");
    assert_eq!(sw(&mut alice, "80 42 00 00 0C FFFF254700000002 00000001 00"), 0x6700);
    assert_eq!(sw(&mut alice, "80 42 00 00 10 0000254700000002 00000001 00143503 00"), 0x6A80, "no number");
    assert_eq!(sw(&mut alice, "80 42 00 00 10 FFFF254700000002 00000001 0014350A 00"), 0x6A80, "no digits");
    assert_eq!(bob.counters().opened, 0, "a refused request uses nothing up");

    let first = bob.request(a, 400).unwrap();
    let second = bob.request(a, 400).unwrap();
    let paid = [first, second].map(|opened| alice.pay(b, 400, opened.code).unwrap());
    bob.confirm(first.id, paid[0].code).unwrap();
    assert_eq!(bob.confirm(second.id, paid[1].code), Err(status::BALANCE_LIMIT));
    assert_eq!(bob.confirm(second.id, code(1, 8)), Err(status::BALANCE_LIMIT), "nothing is compared");
    assert_eq!(bob.counters().wrong_responses, 0, "and no try is counted");
    assert_eq!(bob.request(a, 400).unwrap_err(), status::BALANCE_LIMIT);
    bob.purse.verify(&pin(PIN)).unwrap();
    bob.unload(2, 400).unwrap();
    assert_eq!(bob.confirm(second.id, paid[1].code), Ok(2000_00 + 400), "the request was kept");
    assert_eq!(bob.load(2, 300).unwrap_err(), status::BALANCE_LIMIT);
    assert_eq!(bob.load(2, 0).unwrap_err(), Sw::WRONG_DATA);
}

/// P-AUTH-1: a balance one below the amount is refused before the PIN, one equal to it is spent to zero.
#[test]
fn an_empty_purse_pays_nothing() {
    let mut alice = Person::new(1, &Setup { balance: 399, ..Setup::default() });
    let mut bob = Person::new(2, &Setup::default());
    let opened = bob.request(alice.number, 400).unwrap();
    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::INSUFFICIENT_BALANCE), "before the PIN");
    alice.load(1, 1).unwrap();
    alice.pay(bob.number, 400, opened.code).unwrap();
    assert_eq!(alice.balance(), 0);
    alice.purse.verify(&pin(PIN)).unwrap();
    assert_eq!(alice.unload(1, 1).unwrap_err(), status::INSUFFICIENT_BALANCE);
    assert_eq!(alice.unload(1, 1).unwrap_err(), Sw::SECURITY_STATUS_NOT_SATISFIED, "the PIN was used up");
}

/// P-LAST-1, P-LAST-2, P-CAP-5: with room for three, the fourth payment is refused, and all three are shown.
#[test]
fn a_full_log_refuses_the_next_payment_and_forgets_none() {
    let (mut alice, mut bob) = two(&limits(Limits { unacknowledged: 3, ..LIMITS }));
    let mut shown = Vec::new();
    for i in 0..3 {
        let opened = bob.request(alice.number, 100 + i).unwrap();
        shown.push((opened.id, alice.pay(bob.number, 100 + i, opened.code).unwrap().code));
    }
    let opened = bob.request(alice.number, 100).unwrap();
    assert_eq!(alice.check(bob.number, 100, opened.code), Err(status::LOG_FULL));
    for (back, (id, code)) in shown.into_iter().rev().enumerate() {
        assert_eq!(alice.purse.last(back as u8).unwrap().code.value(), code.value());
        bob.confirm(id, code).unwrap();
    }
    assert_eq!(refused(alice.purse.last(3)), Some(Sw::RECORD_NOT_FOUND));
}

/// P-CAP-1, P-CAP-2, P-CAP-3, P-CONF-4, P-CONF-6: each cap at its bound, and a right response takes back its own try
/// only.
#[test]
fn requests_are_capped_and_wrong_responses_too() {
    let (mut alice, mut bob) = two(&limits(Limits { opens: 4, failures: 7, tries: 5, ..LIMITS }));
    let requests: Vec<_> = (0..4).map(|_| bob.request(alice.number, 100).unwrap()).collect();
    assert_eq!(bob.request(alice.number, 100).unwrap_err(), status::OPEN_CAP);
    for left in (0..5).rev() {
        assert_eq!(bob.confirm(requests[0].id, code(7, 8)), Err(Sw::counter(left)));
        bob.reset();
    }
    assert_eq!(bob.confirm(requests[0].id, code(7, 8)), Err(Sw::AUTHENTICATION_METHOD_BLOCKED));
    let paid = alice.pay(bob.number, 100, requests[1].code).unwrap();
    bob.confirm(requests[1].id, paid.code).unwrap();
    assert_eq!(bob.counters().wrong_responses_since_contact, 5, "a right one takes back its own try and no other");
    for left in [4, 3] {
        assert_eq!(bob.confirm(requests[2].id, code(7, 8)), Err(Sw::counter(left)));
    }
    let paid = alice.pay(bob.number, 100, requests[2].code).unwrap();
    assert_eq!(bob.confirm(requests[2].id, paid.code), Err(status::RESPONSE_CAP), "not even the right one");
    assert_eq!(bob.confirm(requests[3].id, code(7, 8)), Err(status::RESPONSE_CAP));
    assert_eq!(bob.confirm(99, code(7, 8)), Err(Sw::REFERENCED_DATA_NOT_FOUND));
}

/// P-CAP-4, P-CHK-3: three wrong requests, then none is checked until the next reset.
#[test]
fn wrong_requests_are_capped_until_reset() {
    let (mut alice, mut bob) = two(&limits(Limits { refusals: 3, ..LIMITS }));
    let opened = bob.request(alice.number, 100).unwrap();
    for _ in 0..3 {
        assert_eq!(alice.check(bob.number, 101, opened.code), Err(status::MAC_WRONG));
    }
    assert_eq!(alice.check(bob.number, 100, opened.code), Err(status::SESSION_CAP));
    alice.select();
    assert_eq!(alice.check(bob.number, 100, opened.code), Err(status::SESSION_CAP), "selecting again does not help");
    alice.reset();
    alice.pay(bob.number, 100, opened.code).unwrap();
    assert_eq!(alice.counters().wrong_requests, 3);
}

/// P-CHK-1, P-CHK-3, P-CONF-8: a request paid before and a response credited before are named as such.
#[test]
fn what_was_typed_twice_is_said_and_costs_nothing() {
    let (mut alice, mut bob) = two(&Setup::default());
    let mut carol = Person::new(3, &Setup::default());
    let opened = bob.request(alice.number, 400).unwrap();
    assert_eq!(carol.check(bob.number, 400, opened.code), Err(status::MAC_WRONG), "meant for another payer");
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::ALREADY_PAID));
    assert_eq!(alice.check(bob.number, 401, opened.code), Err(status::MAC_WRONG));
    bob.confirm(opened.id, paid.code).unwrap();
    let other = bob.request(carol.number, 400).unwrap();
    for id in [opened.id, other.id, 0] {
        assert_eq!(bob.confirm(id, paid.code), Err(status::ALREADY_RECEIVED));
    }
    assert_eq!(bob.confirm(0, code(7, 8)), Err(Sw::REFERENCED_DATA_NOT_FOUND));
    assert_eq!(bob.counters().wrong_responses, 0);
    let tries = bob.purse.open_request(1).unwrap().unwrap().open.tries;
    assert_eq!((bob.balance(), alice.balance(), tries), (2000_00 + 400, 2000_00 - 400, 5));
}

/// P-CAN-1: and cancelling twice is refused.
#[test]
fn a_cancelled_request_is_hidden_and_still_payable() {
    let (mut alice, mut bob) = two(&Setup::default());
    let opened = bob.request(alice.number, 400).unwrap();
    bob.purse.cancel(opened.id).unwrap();
    assert_eq!(refused(bob.purse.cancel(opened.id)), Some(status::ALREADY_CANCELLED));
    assert_eq!(refused(bob.purse.cancel(77)), Some(Sw::REFERENCED_DATA_NOT_FOUND));
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    assert_eq!(bob.confirm(opened.id, paid.code), Ok(2000_00 + 400));
    assert_eq!(refused(bob.purse.cancel(opened.id)), Some(Sw::REFERENCED_DATA_NOT_FOUND));
}

static SMALL: [Profile; 1] = [Profile {
    number: 0x7E,
    name: "one digit of the serial",
    request: Split { nonce: 1, check: 7 },
    ..profile::DIGITALLY_8
}];

fn small(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &SMALL)))
}

/// P-CHK-4: After ten abandoned requests the tail has wrapped: the same code typed a second time in a row finds the
/// serial.
#[test]
fn a_serial_far_ahead_is_found_at_the_second_try() {
    let (mut alice, mut bob) = two(&Setup { profile: &SMALL[0], make: small, ..Setup::default() });
    for _ in 0..12 {
        bob.request(alice.number, 400).unwrap();
    }
    let opened = bob.request(alice.number, 400).unwrap();
    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::MAC_WRONG));
    assert_eq!(alice.check(bob.number, 401, opened.code), Err(status::MAC_WRONG), "something else in between");
    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::MAC_WRONG));
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    bob.confirm(opened.id, paid.code).unwrap();
    // 16 ranges ahead is too far, for every later request as well.
    for _ in 0..170 {
        bob.request(alice.number, 400).unwrap();
    }
    let far = bob.request(alice.number, 400).unwrap();
    for _ in 0..3 {
        assert_eq!(alice.check(bob.number, 400, far.code), Err(status::MAC_WRONG));
    }
}

/// P-AUTH-3: Requests of one payee are paid in order; an earlier one is left behind.
#[test]
fn an_earlier_request_cannot_be_paid_after_a_later_one() {
    let (mut alice, mut bob) = two(&Setup::default());
    let [early, late] = [1, 2].map(|_| bob.request(alice.number, 400).unwrap());
    alice.pay(bob.number, 400, late.code).unwrap();
    assert_eq!(alice.check(bob.number, 400, early.code), Err(status::MAC_WRONG));
}

#[test]
fn unknown_commands_get_a_status() {
    let mut alice = Person::new(1, &Setup::default());
    for (command, expected) in [
        ("80 50 00 00 08 0102030405060708", 0x6D00),
        ("00 B0 00 00 00", 0x6D00),
        ("90 5C 00 02", 0x9000), // more of a chain follows; the next command gives it up
        ("81 5C 00 02 04", 0x6881),
        ("A0 5C 00 02 04", 0x6E00),
        ("80 54 02 00 00", 0x6A86),
        ("80 5C 00 01 04", 0x6A86),
        ("80 5C 00 02 01 00 04", 0x6700),
        ("00 CA DF 99 00", 0x6A88),
        ("00 B2 01 3C 00", 0x6A82),
        ("00 B2 01 0D 00", 0x6A86),
        ("00 B2 00 0C 00", 0x6A86),
        ("00 E2 00 19 00", 0x6A86),
        ("00 B2 01 0C 00", 0x6A83),
        ("80 5A 00 00 00", 0x6A83),
        ("80 5A 00 01 00", 0x6A86),
        ("80 44 00 00 02 0000", 0x6700),
        ("80 44 00 00 04 00000001", 0x6700),
        ("80 44 00 00 06 00000001 1234", 0x6A80),
    ] {
        assert_eq!(sw(&mut alice, command), expected, "{command}");
    }
    assert_eq!(alice.purse.entry(File::History, 1).unwrap().unwrap().kind, Entry::LOADED);
    assert_eq!(refused(alice.purse.send(&Authorise)), Some(Sw::CONDITIONS_NOT_SATISFIED));
}

/// P-PIN-1: Also what the purse refuses or cannot read drops the request that waits for its PIN.
#[test]
fn any_other_command_drops_what_was_checked() {
    for between in [
        "80 50 00 00 08 0102030405060708",
        "80 5C 00 01 04",
        "80 42 00 00 10 0000254700000003 00000001 00143503 00",
        "80 42 00 00 0C FFFF254700000003 00000001 00",
        "80 42 00 00 10 FFFF254700000003 00000001 0014350A 00",
        "80 54 01 00 01 00",
        "80 54 01 01 00",
        "80 54 03 00 02 0000",
        "80 E2 88 00 04 0102 01 03",
        "00 20 00 81 08 3132333FFFFFFFFF",
        "00 24 00 81 02 3132",
        "A0 5C 00 02 04",
    ] {
        let (mut alice, mut bob) = two(&Setup::default());
        let opened = bob.request(alice.number, 400).unwrap();
        alice.check(bob.number, 400, opened.code).unwrap();
        alice.purse.verify(&pin(PIN)).unwrap();
        assert_ne!(sw(&mut alice, between), 0x9000, "{between}");
        assert_eq!(sw(&mut alice, "80 54 01 00 00"), 0x6985, "{between}");
    }
}

#[test]
fn a_wrong_pin_forgets_a_right_one() {
    let mut alice = Person::new(1, &Setup::default());
    let verified = |alice: &mut Person| sw(alice, "00 20 00 81") == 0x9000;
    alice.purse.verify(&pin(PIN)).unwrap();
    alice.purse.verify(&pin(WRONG_PIN)).unwrap_err();
    assert!(!verified(&mut alice));
    alice.purse.verify(&pin(PIN)).unwrap();
    alice.purse.change_pin(&pin(WRONG_PIN), &pin("9999")).unwrap_err();
    assert!(!verified(&mut alice));
    alice.purse.verify(&pin(PIN)).unwrap();
    alice.purse.unblock_pin(&pin("11111111"), &pin(PIN)).unwrap_err();
    assert!(!verified(&mut alice));
}

static ONE_DIGIT: [Profile; 1] = [Profile {
    number: 0x7C,
    name: "one digit of response",
    response: Split { nonce: 0, check: 1 },
    ..profile::DIGITALLY_8
}];

fn one_digit(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &ONE_DIGIT)))
}

/// P-CONF-8: A credited response is looked up instead of compared, even where it would fit: else it would be a free
/// guess.
#[test]
fn a_credited_response_is_no_free_guess() {
    let (mut alice, mut bob) = two(&Setup { profile: &ONE_DIGIT[0], make: one_digit, ..Setup::default() });
    let mut fitting = 0;
    for _ in 0..60 {
        let opened = bob.request(alice.number, 5).unwrap();
        let paid = alice.pay(bob.number, 5, opened.code).unwrap();
        if let Err(refused) = bob.confirm(opened.id, paid.code) {
            assert_eq!(refused, status::ALREADY_RECEIVED);
            fitting += 1;
        }
    }
    assert!(fitting > 5, "{fitting} of 60 responses of one digit were among the last eight");
}

/// P-SER-2, P-ISS-3: A second card of the same holder: other serials, other keys.
#[test]
fn a_replacement_card_takes_nothing_that_was_for_the_first() {
    let setup = Setup::default();
    let (mut alice, mut bob) = two(&setup);
    let mut second = Person::blank(2, &setup);
    let identity = Identity { sequence: 2, serials_above: 200, ..world::identity(2) };
    second.personalise_as(identity, 2, &setup, false).unwrap();
    assert_eq!(second.purse.data::<Holder>().unwrap().sequence, 2);
    let opened = bob.request(alice.number, 400).unwrap();
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    bob.confirm(opened.id, paid.code).unwrap();
    let other = second.request(alice.number, 400).unwrap();
    assert_ne!(other.code.value(), opened.code.value());
    assert_eq!(second.purse.open_request(1).unwrap().unwrap().open.nonce, 201);
    assert_eq!(second.confirm(other.id, paid.code), Err(Sw::counter(4)));
    alice.pay(bob.number, 400, other.code).unwrap();
}

#[test]
fn what_may_be_a_code_is_not_debugged() {
    let (mut alice, mut bob) = two(&Setup::default());
    let opened = bob.request(alice.number, 400).unwrap();
    alice.pay(bob.number, 400, opened.code).unwrap();
    assert_eq!(format!("{:?}", alice.purse), "Client");
    assert_eq!(format!("{:?}", applet_model::runtime::Fields::new(&[1, 2, 3])), "Fields(3 bytes)");
}

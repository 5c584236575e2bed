//! S5 and S6: how often one may guess and search.

use apdu::Sw;
use applet_model::purse::{Contact, Counters, Limits, status};

use crate::account::history;
use crate::world::{LIMITS, PIN, PUK, Person, Setup, amount, code, number, pin, raw};

fn limited(limits: Limits) -> Setup {
    Setup { limits, ..Setup::default() }
}

/// S5; P-CAP-1, P-CONF-4: with so many tries for each request, the right response is taken at the last one, and refused
/// uncompared after it, though nothing else is wrong. The phone being off gives no try back.
#[test]
fn the_last_try_of_a_request_counts_and_there_is_no_further_one() {
    for tries in [1, 5, 15] {
        history(&limited(Limits { tries, ..LIMITS }), |[alice, bob]| {
            for (wrong, credited) in [(tries - 1, true), (tries, false)] {
                let opened = bob.request(alice.number, 400).unwrap();
                let paid = alice.pay(bob.number, 400, opened.code).unwrap();
                for left in (tries - wrong..tries).rev() {
                    assert_eq!(bob.confirm(opened.id, code(paid.code.value() ^ 1, 8)), Err(Sw::counter(left)));
                    bob.reset();
                }
                match credited {
                    true => assert_eq!(bob.confirm(opened.id, paid.code), Ok(2000_00 + 400)),
                    false => assert_eq!(bob.confirm(opened.id, paid.code), Err(Sw::AUTHENTICATION_METHOD_BLOCKED)),
                }
            }
            assert_eq!(bob.counters().wrong_responses, u32::from(2 * tries - 1));
            400
        });
    }
}

/// S5; P-CAP-2, P-CONF-4, P-CONF-6: a hundred wrong responses are taken, over many requests. At 99 the right one is
/// credited and takes back its own try only, so one wrong one is left; at 100 not even the right one is compared, at
/// any request, also after the phone was off.
#[test]
fn the_hundredth_wrong_response_is_the_last_one_compared() {
    history(&Setup::default(), |[alice, bob]| {
        let mut wrong = 0;
        let mut spend = |bob: &mut Person, up_to| {
            while wrong < up_to {
                let opened = bob.request(number(1), 100).unwrap();
                for left in (0..5).rev().take(up_to - wrong) {
                    assert_eq!(bob.confirm(opened.id, code(7, 8)), Err(Sw::counter(left)));
                    wrong += 1;
                }
            }
            assert_eq!(usize::from(bob.counters().wrong_responses_since_contact), up_to);
        };
        spend(bob, 99);
        for _ in 0..2 {
            let opened = bob.request(alice.number, 400).unwrap();
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
            assert_eq!(bob.counters().wrong_responses_since_contact, 99, "it takes back no other");
        }
        let opened = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        spend(bob, 100);
        for _ in 0..2 {
            assert_eq!(bob.confirm(opened.id, paid.code), Err(status::RESPONSE_CAP));
            assert_eq!(bob.confirm(opened.id, code(7, 8)), Err(status::RESPONSE_CAP));
            bob.reset();
        }
        assert_eq!(bob.counters().wrong_responses, 100);
        400
    });
}

/// S6; P-CAP-3, P-CAN-1, P-OPEN-2: two hundred requests are opened, the 201st is refused. Cancelling them all,
/// confirming one, leaving the applet, and the phone being off give none back.
#[test]
fn the_two_hundredth_request_is_the_last() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let mut newest = None;
        for i in 0..200 {
            let payer = if i % 2 == 0 { carol.number } else { alice.number };
            let opened = bob.request(payer, 100).unwrap();
            if i % 3 == 0 {
                bob.purse.cancel(opened.id).unwrap();
            }
            newest = Some(opened);
        }
        let newest = newest.unwrap();
        let paid = alice.pay(bob.number, 100, newest.code).unwrap();
        for after in 0..4 {
            assert_eq!(bob.request(alice.number, 100).unwrap_err(), status::OPEN_CAP);
            assert_eq!(bob.request(carol.number, 1).unwrap_err(), status::OPEN_CAP);
            match after {
                0 => bob.purse.cancel(newest.id).unwrap(),
                1 => bob.select(),
                2 => bob.reset(),
                _ => drop(bob.confirm(newest.id, paid.code).unwrap()),
            }
        }
        assert_eq!(bob.counters().opened_since_contact, 200);
        0
    });
}

/// P-CAP-4: with twenty wrong requests a session, the nineteenth leaves the right one payable and the twentieth does not,
/// until the phone was off. What is unreadable, already paid, or over a limit is not counted.
#[test]
fn the_twentieth_wrong_request_is_the_last_until_reset() {
    history(&Setup::default(), |[alice, bob]| {
        let paid = bob.request(alice.number, 100).unwrap();
        alice.pay(bob.number, 100, paid.code).unwrap();
        let opened = bob.request(alice.number, 400).unwrap();
        for wrong in 1..=20 {
            for _ in 0..3 {
                assert_eq!(alice.check(bob.number, 100, paid.code), Err(status::ALREADY_PAID));
                assert_eq!(alice.check(bob.number, 400, code(1, 7)), Err(Sw::WRONG_DATA));
            }
            assert_eq!(alice.check(bob.number, 401, opened.code), Err(status::MAC_WRONG));
            let right = if wrong < 20 { Ok(()) } else { Err(status::SESSION_CAP) };
            assert_eq!(alice.check(bob.number, 400, opened.code), right, "after {wrong}");
        }
        alice.select();
        assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::SESSION_CAP));
        alice.reset();
        alice.check(bob.number, 400, opened.code).unwrap();
        assert_eq!(alice.counters().wrong_requests, 20, "counted for ever, too");
        100
    });
}

/// What no command may lower.
fn durable(person: &mut Person) -> (u16, u16, u16, Vec<u8>) {
    let Counters { opened_since_contact, wrong_responses_since_contact, unacknowledged, .. } = person.counters();
    let tries = (1..=8).map_while(|n| person.purse.open_request(n).unwrap()).map(|one| one.open.tries);
    (opened_since_contact, wrong_responses_since_contact, unacknowledged, tries.collect())
}

/// S5, S6; P-CAP-6, P-LAST-2: Bob has opened all the requests, typed all the wrong responses and made all the payments
/// that he may. Nothing that can be sent to his card resets a count: not an order of the issuer, a new PIN, the PUK,
/// contacts, cancelling, personalisation, or any instruction there is, with data or without.
#[test]
fn no_command_starts_the_caps_again() {
    let limits = Limits { opens: 2, failures: 3, tries: 2, unacknowledged: 1, ..LIMITS };
    history(&limited(limits), |[alice, bob]| {
        let owed = alice.request(bob.number, 100).unwrap();
        let paid = bob.pay(alice.number, 100, owed.code).unwrap();
        alice.confirm(owed.id, paid.code).unwrap();
        let asked = [0, 1].map(|_| bob.request(alice.number, 400).unwrap());
        for (request, left) in [(0, 1), (0, 0), (1, 1)] {
            assert_eq!(bob.confirm(asked[request].id, code(7, 8)), Err(Sw::counter(left)));
        }
        let before = durable(bob);
        assert_eq!(before, (2, 3, 1, vec![1, 0]));

        bob.load(2, 500).unwrap();
        bob.purse.verify(&pin(PIN)).unwrap();
        bob.unload(2, 500).unwrap();
        bob.purse.change_pin(&pin(PIN), &pin("9999")).unwrap();
        bob.purse.unblock_pin(&pin(PUK), &pin(PIN)).unwrap();
        bob.purse.store_contact(Contact::new(number(1), "Alice").unwrap()).unwrap();
        bob.purse.erase_contact(1).unwrap();
        bob.purse.cancel(asked[1].id).unwrap();
        assert_eq!(bob.personalise(2, &Setup::default(), false), Err(Sw::CONDITIONS_NOT_SATISFIED));
        bob.reset();
        assert_eq!(durable(bob), before);

        for class in ["00", "80"] {
            for instruction in 0..=255u8 {
                for parameters in ["00 00", "01 00", "88 00", "00 81"] {
                    for data in ["00", "08 0000000000000000 00", "0C FFFF254700000001 00000001 00"] {
                        raw(bob, &format!("{class} {instruction:02X} {parameters} {data}"));
                    }
                }
            }
        }
        bob.select();
        assert_eq!(durable(bob), before);
        assert_eq!(bob.request(alice.number, 1).unwrap_err(), status::OPEN_CAP);
        assert_eq!(bob.confirm(asked[1].id, code(7, 8)), Err(status::RESPONSE_CAP));
        0
    });
}

/// S5; P-READ-2: what is no code of the profile, at both ends, costs no try and changes nothing, and does not count as
/// something typed between the same request twice (P-CHK-4).
#[test]
fn unreadable_codes_cost_nothing() {
    let limits = Limits { opens: u16::MAX, ..LIMITS };
    history(&limited(limits), |[alice, bob]| {
        for _ in 0..1_000 {
            bob.request(alice.number, 400).unwrap();
        }
        let far = bob.request(alice.number, 400).unwrap();
        assert_eq!(alice.check(bob.number, 400, far.code), Err(status::MAC_WRONG));
        let before = (alice.counters(), bob.counters());
        for typed in ["0014350A", "F0143503", "00143503FF", "001435", "F1", "0014350312"] {
            let len = typed.len() / 2;
            let check = format!("80 42 00 00 {:02X} FFFF254700000002 00000190 {typed} 00", 12 + len);
            let confirm = format!("80 44 00 00 {:02X} {:08X} {typed} 00", 4 + len, far.id);
            for (person, command) in [(&mut *alice, check), (&mut *bob, confirm)] {
                assert_eq!(raw(person, &command), [0x6A, 0x80], "{typed}");
            }
        }
        assert_eq!((alice.counters(), bob.counters()), before);
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.tries, 5);
        alice.check(bob.number, 400, far.code).unwrap();
        0
    });
}

/// The caps are policy: what GET DATA shows, and other numbers interoperate. Alice's card has
/// other caps than Bob's.
#[test]
fn purses_with_other_caps_pay_each_other() {
    let strict = limited(Limits { opens: 1, failures: 1, tries: 1, refusals: 1, unacknowledged: 1, ..LIMITS });
    let generous = limited(Limits { opens: 9, failures: 9, tries: 9, payment: amount(1_000), ..LIMITS });
    let mut people = [Person::new(1, &strict), Person::new(2, &generous)];
    let [alice, bob] = &mut people;
    for (person, setup) in [(&mut *alice, &strict), (&mut *bob, &generous)] {
        assert_eq!(person.purse.data::<Limits>().unwrap(), setup.limits);
    }
    let opened = bob.request(alice.number, 400).unwrap();
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    bob.confirm(opened.id, paid.code).unwrap();
    crate::account::account(&mut people, 2 * 2000_00, 0);
}

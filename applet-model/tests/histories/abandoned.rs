//! Requests that nobody pays: which ones leave, and how far a payer may fall behind.

use apdu::Sw;
use applet_model::purse::{Capacity, Limits, Purse, status};
use applet_model::runtime::Applet;
use digitally::Profile;
use digitally::profile::{self, Split};

use crate::account::history;
use crate::world::{LIMITS, Person, Setup, code};

fn open_ids(person: &mut Person) -> Vec<u32> {
    (1..=9).map_while(|n| person.purse.open_request(n).unwrap()).map(|one| one.open.id).collect()
}

/// P-OPEN-4: eight requests fill the ring. Of those, 3 and 5 have no try left (5 is cancelled, too), 2 and 6 are only
/// cancelled. As new ones come, the old ones leave in this order: 3, 5, then 2, 6, then 1, 4, 7, 8.
#[test]
fn requests_leave_in_order_of_what_they_are_worth() {
    history(&Setup::default(), |[alice, bob]| {
        for _ in 0..8 {
            bob.request(alice.number, 100).unwrap();
        }
        for id in [3, 5] {
            for _ in 0..5 {
                bob.confirm(id, code(7, 8)).unwrap_err();
            }
        }
        for id in [6, 2, 5] {
            bob.purse.cancel(id).unwrap();
        }
        let mut left = Vec::new();
        for _ in 0..8 {
            let before = open_ids(bob);
            bob.request(alice.number, 100).unwrap();
            let after = open_ids(bob);
            left.extend(before.into_iter().filter(|id| !after.contains(id)));
        }
        assert_eq!(left, [3, 5, 2, 6, 1, 4, 7, 8]);
        assert_eq!(open_ids(bob), [16, 15, 14, 13, 12, 11, 10, 9]);
        0
    });
}

/// P-CAN-1, P-CAP-3: Bob cancels two requests that Alice has paid. The first is credited, since nobody needed its place
/// yet; then eight more requests come, and the second one is gone: its payment stays in flight.
#[test]
fn a_cancelled_request_is_credited_until_its_place_is_needed() {
    history(&Setup::default(), |[alice, bob]| {
        let asked = [100, 200].map(|minor| bob.request(alice.number, minor).unwrap());
        let paid = [0, 1].map(|i| alice.pay(bob.number, [100, 200][i], asked[i].code).unwrap());
        for opened in asked {
            bob.purse.cancel(opened.id).unwrap();
        }
        bob.reset();
        assert_eq!(bob.confirm(asked[0].id, paid[0].code), Ok(2000_00 + 100));
        for _ in 0..8 {
            bob.request(alice.number, 300).unwrap();
        }
        assert_eq!(bob.confirm(asked[1].id, paid[1].code), Err(Sw::REFERENCED_DATA_NOT_FOUND));
        assert_eq!(bob.counters().opened, 10, "and cancelling has given no request back");
        200
    });
}

/// P-OPEN-1, P-OPEN-3: open requests, cancelled ones too, are shown again with the same digits, also after the phone
/// was off.
#[test]
fn a_stored_request_is_shown_again_with_the_same_digits() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let payers = [alice.number, carol.number, alice.number];
        let opened: Vec<_> = payers.iter().map(|payer| bob.request(*payer, 400).unwrap()).collect();
        bob.purse.cancel(opened[1].id).unwrap();
        bob.reset();
        for (n, (opened, payer)) in opened.iter().zip(payers).rev().enumerate() {
            let shown = bob.purse.open_request(n as u8 + 1).unwrap().unwrap();
            assert_eq!((shown.code.value(), shown.open.id), (opened.code.value(), opened.id));
            assert_eq!((shown.open.payer, shown.open.amount.minor_units()), (Some(payer), 400));
            assert_eq!(shown.open.tries, 5);
        }
        0
    });
}

/// P-CHK-2, P-CHK-4: Alice has paid nothing to Bob, and he has opened requests that nobody paid. Up to serial 1000 she
/// finds the next one at once. From there to 16000 she is told once that something differs, and finds it when she types
/// the same again. Beyond 16000 she never does, and nothing is debited.
#[test]
fn a_payer_behind_by_sixteen_ranges_and_by_more() {
    let setup = Setup { limits: Limits { opens: u16::MAX, ..LIMITS }, ..Setup::default() };
    history(&setup, |[alice, bob]| {
        let payer = alice.number;
        let mut bob_opens = |up_to: u32| loop {
            let opened = bob.request(payer, 400).unwrap();
            if opened.id == up_to {
                return opened;
            }
        };
        let expected = [(999, 1), (1_000, 1), (1_001, 2), (8_500, 2), (15_001, 2), (16_000, 2), (16_001, 0)];
        for (serial, typed) in expected {
            let opened = bob_opens(serial);
            alice.reset();
            let mut answers = (1..=3).map(|_| alice.check(crate::world::number(2), 400, opened.code));
            assert_eq!(answers.position(|answer| answer.is_ok()).map_or(0, |at| at + 1), typed, "serial {serial}");
        }
        0
    });
}

/// P-CHK-4, P-AUTH-2: once she has paid such a request, she is up to date: Bob's next ones are found at once.
#[test]
fn a_request_paid_from_far_behind_brings_the_payer_up_to_date() {
    let setup = Setup { limits: Limits { opens: u16::MAX, ..LIMITS }, ..Setup::default() };
    history(&setup, |[alice, bob]| {
        for _ in 0..7_777 {
            bob.request(alice.number, 400).unwrap();
        }
        let far = bob.request(alice.number, 400).unwrap();
        assert_eq!(alice.check(bob.number, 400, far.code), Err(status::MAC_WRONG));
        let paid = alice.pay(bob.number, 400, far.code).unwrap();
        assert_eq!(alice.purse.last(0).unwrap().entry.nonce, 7_778);
        bob.confirm(far.id, paid.code).unwrap();
        let next = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, next.code).unwrap();
        bob.confirm(next.id, paid.code).unwrap();
        0
    });
}

/// P-CHK-4: only the very next CHECK counts as the same code typed again: with anything else typed in between, another
/// amount, payee or code, a right request or one that is paid already, or with the phone off, the search stays narrow.
#[test]
fn the_search_is_wide_only_for_the_same_request_twice_in_a_row() {
    let setup = Setup { limits: Limits { opens: u16::MAX, ..LIMITS }, ..Setup::default() };
    history(&setup, |[alice, bob, carol]| {
        for _ in 0..1_000 {
            bob.request(alice.number, 400).unwrap();
        }
        let far = bob.request(alice.number, 400).unwrap();
        let other = code(far.code.value() ^ 1, 8);
        let [paid, right] = [0, 1].map(|_| carol.request(alice.number, 300).unwrap());
        let response = alice.pay(carol.number, 300, paid.code).unwrap();
        carol.confirm(paid.id, response.code).unwrap();
        for between in 0..6 {
            assert_eq!(alice.check(bob.number, 400, far.code), Err(status::MAC_WRONG), "{between}");
            match between {
                0 => assert_eq!(alice.check(bob.number, 401, far.code), Err(status::MAC_WRONG)),
                1 => assert_eq!(alice.check(carol.number, 400, far.code), Err(status::MAC_WRONG)),
                2 => assert_eq!(alice.check(bob.number, 400, other), Err(status::MAC_WRONG)),
                3 => alice.check(carol.number, 300, right.code).unwrap(),
                4 => assert_eq!(alice.check(carol.number, 300, paid.code), Err(status::ALREADY_PAID)),
                _ => alice.reset(),
            }
        }
        assert_eq!(alice.check(bob.number, 400, far.code), Err(status::MAC_WRONG));
        alice.check(bob.number, 400, far.code).unwrap();
        0
    });
}

/// P-CHK-4, P-READ-2, P-NUM-3, P-AMT-1: what is refused before anything is compared does not come between two CHECKs of
/// the same request, nor do other commands, wrong ones too, and another selection.
#[test]
fn what_is_not_compared_does_not_come_between() {
    let setup = Setup { limits: Limits { opens: u16::MAX, ..LIMITS }, ..Setup::default() };
    history(&setup, |[alice, bob]| {
        for _ in 0..1_000 {
            bob.request(alice.number, 400).unwrap();
        }
        let far = bob.request(alice.number, 400).unwrap();
        assert_eq!(alice.check(bob.number, 400, far.code), Err(status::MAC_WRONG));
        assert_eq!(alice.check(bob.number, 400, code(1, 6)), Err(Sw::WRONG_DATA));
        assert_eq!(alice.check(bob.number, 0, far.code), Err(Sw::WRONG_DATA));
        assert_eq!(alice.check(alice.number, 400, far.code), Err(Sw::WRONG_DATA));
        assert_eq!(alice.confirm(0, code(1, 8)), Err(Sw::REFERENCED_DATA_NOT_FOUND));
        alice.request(bob.number, 400).unwrap();
        alice.select();
        alice.check(bob.number, 400, far.code).unwrap();
        0
    });
}

/// One digit of serial and one of check, so that two candidates often fit.
static SHORT: [Profile; 1] =
    [Profile { number: 0x7B, name: "short", request: Split { nonce: 1, check: 1 }, ..profile::DIGITALLY_8 }];

fn short(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &SHORT)))
}

/// P-CHK-4, P-CAP-4: where two serials fit, the purse says so, debits nothing and counts no wrong request; a third CHECK
/// of it tries one serial again; the payee's next request may be found. (One check digit, so that it happens.)
#[test]
fn two_serials_that_fit_need_a_new_request() {
    let limits = Limits { refusals: u8::MAX, ..LIMITS };
    history(&Setup { profile: &SHORT[0], make: short, limits, ..Setup::default() }, |[alice, bob]| {
        for _ in 0..20 {
            bob.request(alice.number, 400).unwrap();
        }
        let (mut ambiguous, mut paid) = (0, 0);
        for _ in 0..60 {
            let opened = bob.request(alice.number, 400).unwrap();
            if alice.check(bob.number, 400, opened.code) != Err(status::MAC_WRONG) {
                continue;
            }
            let before = (alice.balance(), alice.counters());
            match alice.check(bob.number, 400, opened.code) {
                Err(status::AMBIGUOUS) => {
                    ambiguous += 1;
                    assert_eq!((alice.balance(), alice.counters()), before, "nothing debited, nothing counted");
                    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::MAC_WRONG));
                }
                Ok(()) => paid += 1,
                Err(other) => assert_eq!(other, status::MAC_WRONG),
            }
        }
        // Of sixteen candidates one is right (if it is among them) and each of the others fits with 1 in 10.
        assert!(ambiguous > 5 && paid > 2, "{ambiguous} ambiguous and {paid} found");
        0
    });
}

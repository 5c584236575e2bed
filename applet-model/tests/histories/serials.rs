//! The payee's serials: shared by payers, and at their end.

use applet_model::purse::{Capacity, Identity, Purse, status};
use applet_model::runtime::Applet;
use digitally::Profile;
use digitally::profile::{self, Split};

use crate::account::{account, history};
use crate::world::{self, Person, Setup};

/// The serial of Bob's newest request.
fn newest(person: &mut Person) -> u32 {
    person.purse.open_request(1).unwrap().unwrap().open.nonce
}

/// S3; P-SER-2: numbers 3 and 64 are in one bucket (they differ by 61), number 4 is in another. In a bucket no serial is
/// given twice, whoever is asked; in the other one they start from 1. A refused request uses none (P-OPEN-2).
#[test]
fn payers_of_one_bucket_never_share_a_serial() {
    history(&Setup::default(), |[bob]| {
        let [carol, dan, zoe] = [3, 4, 64].map(world::number);
        assert_eq!(carol.number() % 61, zoe.number() % 61);
        let mut serials = Vec::new();
        for payer in [carol, zoe, carol, dan, zoe, zoe, dan] {
            assert!(bob.request(payer, 0).is_err() && bob.request(payer, 5_000_01).is_err());
            bob.request(payer, 100).unwrap();
            serials.push(newest(bob));
        }
        assert_eq!(serials, [1, 2, 3, 1, 4, 5, 2]);
        0
    });
}

/// S3; P-SER-2: two payers of one bucket, the same amount, requests shown crosswise: each takes only its own response.
#[test]
fn payers_of_one_bucket_cannot_answer_for_each_other() {
    let setup = Setup::default();
    let mut people = [2, 3, 64].map(|i| Person::new(i, &setup));
    let [bob, carol, zoe] = &mut people;
    let asked = [carol.number, zoe.number].map(|payer| bob.request(payer, 400).unwrap());
    assert_eq!(carol.check(bob.number, 400, asked[1].code), Err(status::MAC_WRONG));
    let paid = carol.pay(bob.number, 400, asked[0].code).unwrap();
    assert!(bob.confirm(asked[1].id, paid.code).is_err());
    bob.confirm(asked[0].id, paid.code).unwrap();
    assert_eq!(zoe.balance(), setup.balance);
    account(&mut people, setup.balance * 3, 0);
}

/// Nine digits of the serial in a request, so that a payer who never paid finds the last serials there are.
static NINE_DIGIT_TAIL: [Profile; 1] = [Profile {
    number: 0x7A,
    name: "nine digits of the serial",
    request: Split { nonce: 9, check: 5 },
    ..profile::DIGITALLY_8
}];

fn nine_digit_tail(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &NINE_DIGIT_TAIL)))
}

/// P-SER-1, P-SER-3, P-CHK-5: the last serial, 4294967295, is paid like any other. Then there is no further request for
/// that payer, and the refused one uses nothing up (P-OPEN-2); nor is there a candidate at the payer for any code.
#[test]
fn the_last_serial_is_paid_and_then_there_is_none() {
    let setup = Setup { profile: &NINE_DIGIT_TAIL[0], make: nine_digit_tail, ..Setup::default() };
    let mut people = [Person::new(1, &setup), Person::blank(2, &setup)];
    let [alice, bob] = &mut people;
    let identity = Identity { serials_above: u32::MAX - 2, ..world::identity(2) };
    bob.personalise_as(identity, 2, &setup, false).unwrap();
    bob.load(2, setup.balance).unwrap();

    for serial in [u32::MAX - 1, u32::MAX] {
        let opened = bob.request(alice.number, 400).unwrap();
        assert_eq!(newest(bob), serial);
        let far = serial == u32::MAX - 1;
        if far {
            assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::MAC_WRONG), "four ranges ahead");
        }
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(bob.request(alice.number, 400).unwrap_err(), status::COUNTER);
        bob.reset();
    }
    assert_eq!(bob.counters().opened, 2);
    for tail in [0, 294_967_294, 294_967_295, 294_967_296, 999_999_999] {
        for _ in 0..2 {
            let code = world::code(tail * 100_000 + 12_345, 14);
            assert_eq!(alice.check(bob.number, 400, code), Err(status::MAC_WRONG), "no candidate is left");
        }
    }
    // Another bucket has counters of its own.
    bob.request(world::number(3), 400).unwrap();
    account(&mut people, setup.balance * 2, 0);
}

/// P-SER-3, P-CHK-4: with the real three digits the last serials can be opened, too, but a payer who has never paid so
/// high a one finds none of them: nothing is debited.
#[test]
fn serials_far_beyond_sixteen_ranges_are_refused() {
    let setup = Setup::default();
    let mut people = [Person::new(1, &setup), Person::blank(2, &setup)];
    let [alice, bob] = &mut people;
    let identity = Identity { serials_above: u32::MAX - 1, ..world::identity(2) };
    bob.personalise_as(identity, 2, &setup, false).unwrap();
    bob.load(2, setup.balance).unwrap();
    let last = bob.request(alice.number, 400).unwrap();
    assert_eq!(bob.request(alice.number, 400).unwrap_err(), status::COUNTER);
    for _ in 0..3 {
        assert_eq!(alice.check(bob.number, 400, last.code), Err(status::MAC_WRONG));
    }
    account(&mut people, setup.balance * 2, 0);
}

//! S3, one credit for each debit, for ever: old responses are typed again.

use apdu::Sw;
use applet_model::purse::{Capacity, Entry, File, Limits, Purse, status};
use applet_model::runtime::Applet;
use digitally::profile::{self, Split};
use digitally::{Code, Profile};

use crate::account::history;
use crate::world::{LIMITS, Setup};

/// One digit of the serial in a request, so that it repeats soon.
static ONE_DIGIT_TAIL: [Profile; 1] = [Profile {
    number: 0x7E,
    name: "one digit of the serial",
    request: Split { nonce: 1, check: 7 },
    ..profile::DIGITALLY_8
}];

fn one_digit_tail(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &ONE_DIGIT_TAIL)))
}

/// Caps that stand in no story's way.
const WIDE: Limits = Limits { opens: u16::MAX, failures: u16::MAX, tries: 15, ..LIMITS };

/// S3; P-CONF-8, P-CONF-9, P-SER-1: Bob records every response of Alice and types all of them at each of his later
/// requests, for the same payer and amount. The digits of the serial come round twice, his history of ten rolls over,
/// and only the last eight credits are "already received": no old response is ever worth anything.
#[test]
fn every_recorded_response_is_typed_at_every_later_request() {
    let capacity = Capacity { history: 10, ..Capacity::CONSUMER };
    let setup = Setup { profile: &ONE_DIGIT_TAIL[0], make: one_digit_tail, limits: WIDE, capacity, ..Setup::default() };
    history(&setup, |[alice, bob]| {
        let mut recorded: Vec<Code> = Vec::new();
        let (mut known, mut wrong) = (0, 0);
        for serial in 1..=22 {
            let opened = bob.request(alice.number, 100).unwrap();
            assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, serial);
            let mut tries = 15;
            for (age, response) in recorded.iter().rev().enumerate() {
                let expected = if age < 8 {
                    known += 1;
                    status::ALREADY_RECEIVED
                } else {
                    wrong += 1;
                    tries -= 1;
                    Sw::counter(tries)
                };
                assert_eq!(bob.confirm(opened.id, *response), Err(expected), "{age} payments later");
            }
            let paid = alice.pay(bob.number, 100, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
            recorded.push(paid.code);
        }
        assert_eq!((known, wrong), (8 * 7 / 2 + 8 * 14, 14 * 13 / 2));
        assert_eq!(bob.counters().wrong_responses, wrong, "each of them was a counted try");
        assert_eq!(bob.log(File::History).len(), 10);
        assert_eq!(bob.balance(), setup.balance + 22 * 100);
        0
    });
}

/// S3; P-SER-1, P-OPEN-4: the real three digits come round twice. Three old responses are typed at each of two thousand
/// later requests, those with the same digits of the serial among them, and the ring of open requests rolls over 250
/// times. At the end Alice still finds the serial of the newest request, by typing it twice (P-CHK-4).
#[test]
fn three_digits_of_serial_come_round_twice_and_old_responses_stay_worthless() {
    history(&Setup { limits: WIDE, ..Setup::default() }, |[alice, bob]| {
        let mut responses = Vec::new();
        for _ in 0..11 {
            let opened = bob.request(alice.number, 100).unwrap();
            let paid = alice.pay(bob.number, 100, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
            responses.push(paid.code);
        }
        let before = bob.balance();
        let mut newest = None;
        for _ in 0..2_000 {
            let opened = bob.request(alice.number, 100).unwrap();
            for (typed, response) in responses.iter().take(3).enumerate() {
                assert_eq!(bob.confirm(opened.id, *response), Err(Sw::counter(14 - typed as u8)));
            }
            newest = Some(opened);
        }
        assert_eq!((bob.balance(), bob.counters().wrong_responses), (before, 6_000));
        let newest = newest.unwrap();
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, 2_011);
        assert_eq!(alice.check(bob.number, 100, newest.code), Err(status::MAC_WRONG));
        let paid = alice.pay(bob.number, 100, newest.code).unwrap();
        bob.confirm(newest.id, paid.code).unwrap();
        0
    });
}

/// S3; P-CONF-1, P-OPEN-4, P-CONF-9: Alice pays a request that has left the ring before Bob types her response. It is
/// named no longer, it fits no other request, and it stays in flight for the issuer to settle.
#[test]
fn a_response_to_a_request_that_left_the_ring_credits_nothing() {
    history(&Setup::default(), |[alice, bob]| {
        let first = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, first.code).unwrap();
        let later: Vec<_> = (0..8).map(|_| bob.request(alice.number, 400).unwrap()).collect();
        assert_eq!(bob.confirm(first.id, paid.code), Err(Sw::REFERENCED_DATA_NOT_FOUND));
        for opened in later {
            assert_eq!(bob.confirm(opened.id, paid.code), Err(Sw::counter(4)));
        }
        assert_eq!(bob.balance(), 2000_00);
        400
    });
}

/// S3; P-CONF-8, P-CONF-9: a credited response, typed at the request that it was for, at a request of somebody else, and
/// at one that does not exist, before and after the phone was off. No try is counted, and nothing is compared.
#[test]
fn a_response_is_typed_again_at_once() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let opened = bob.request(alice.number, 400).unwrap();
        let other = bob.request(carol.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
        for _ in 0..2 {
            for id in [opened.id, other.id, 77, 0] {
                assert_eq!(bob.confirm(id, paid.code), Err(status::ALREADY_RECEIVED));
            }
            bob.reset();
        }
        assert_eq!(bob.counters().wrong_responses, 0);
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.tries, 5);
        let credits = bob.log(File::History).iter().filter(|entry| entry.kind == Entry::RECEIVED).count();
        assert_eq!(credits, 1);
        0
    });
}

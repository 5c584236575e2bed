//! What people mistype: every single wrong digit and every swap of neighbours, through real cards.
//!
//! A wrong response has to equal the one expected value: never. A wrong request passes only where the error touches the
//! tail of the serial and the check digits of that other serial happen to fit: 10^-d of those. That rate is measured
//! with fewer digits, where it can be.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::as_conversions, clippy::cast_possible_truncation, clippy::expect_used)]

mod world;

use apdu::Sw;
use applet_model::purse::{Capacity, Limits, Purse, status};
use applet_model::runtime::Applet;
use digitally::profile::{self, Split};
use digitally::{Amount, Profile};
use world::{Person, Setup, typing_errors};

/// Two check digits and one digit of the serial in a request, for what is too rare with five and three.
static SMALL: [Profile; 1] =
    [Profile { number: 0x7E, name: "small", request: Split { nonce: 1, check: 2 }, ..profile::DIGITALLY_8 }];

fn small(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &SMALL)))
}

const MOST: Amount = Amount::new(u32::MAX);

/// Limits and memory that stand in no measurement's way.
const WIDE: Limits = Limits {
    payment: MOST,
    balance: MOST,
    opens: u16::MAX,
    failures: u16::MAX,
    tries: 15,
    refusals: 200,
    unacknowledged: ROOMY.payments,
};
const ROOMY: Capacity = Capacity { payments: 254, ..Capacity::CONSUMER };

fn wide() -> Setup {
    Setup { limits: WIDE, capacity: ROOMY, balance: 10_000_000, ..Setup::default() }
}

/// Opens requests and types every error of each at the payer. Returns how many errors could pass (they touch the tail)
/// and how many did; asserts that no other one does, and that nothing was debited meanwhile.
fn mistype_requests(setup: &Setup, requests: u32) -> (u32, u32) {
    let (mut alice, mut bob) = (Person::new(1, setup), Person::new(2, setup));
    let tail = usize::from(setup.profile.request.nonce);
    let (mut possible, mut passed) = (0, 0);
    for i in 0..requests {
        let minor = setup.first + i; // all different, so that no request looks like one that was paid
        let opened = bob.request(alice.number, minor).unwrap();
        alice.reset();
        for (chunk, errors) in typing_errors(opened.code).chunks(19).enumerate() {
            if chunk > 0 {
                alice.reset();
            }
            for (wrong, at) in errors {
                let touches_tail = at.iter().any(|at| *at < tail);
                possible += u32::from(touches_tail);
                match alice.check(bob.number, minor, *wrong) {
                    Ok(()) => {
                        assert!(touches_tail, "an error in the check digits always shows");
                        passed += 1;
                    }
                    Err(sw) => assert_eq!(sw, status::MAC_WRONG),
                }
            }
        }
        // Nothing is lost by typing: the right digits are as good as before.
        let before = (alice.balance(), bob.balance());
        alice.reset();
        let paid = alice.pay(bob.number, minor, opened.code).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
        assert_eq!((alice.balance(), bob.balance()), (before.0 - minor, before.1 + minor));
    }
    (possible, passed)
}

/// A card's log holds so many payments: the same with four pairs of cards, whose requests differ by their amounts.
fn four_pairs(setup: &Setup, requests: u32) -> (u32, u32) {
    (0..4).fold((0, 0), |(possible, passed), pair| {
        let (p, q) = mistype_requests(&Setup { first: 100 + pair * requests, ..setup.clone() }, requests);
        (possible + p, passed + q)
    })
}

/// P-CHK-3: an error within the check digits always shows, one within the tail nearly always.
#[test]
fn wrong_requests_of_eight_digits() {
    let (possible, passed) = mistype_requests(&wide(), 60);
    // 10^-5 of some 1,700: 0.017 expected.
    assert!(possible > 1_600 && passed <= 1, "{passed} of {possible}");
}

/// P-CHK-3: with two check digits, one wrong tail in a hundred passes.
#[test]
fn wrong_requests_pass_at_the_rate_that_the_digits_allow() {
    let setup = Setup { profile: &SMALL[0], make: small, ..wide() };
    let (possible, passed) = four_pairs(&setup, 250);
    // 1 in 100, and five standard deviations to each side.
    let expected = f64::from(possible) / 100.0;
    let spread = 5.0 * expected.sqrt();
    assert!(
        (f64::from(passed) - expected).abs() < spread,
        "{passed} of {possible}, expected {expected:.0} ± {spread:.0}"
    );
}

/// Types every error of many responses; each request bears its tries, so many requests are opened and paid.
fn mistype_responses(setup: &Setup, payments: u32) {
    let (mut alice, mut bob) = (Person::new(1, setup), Person::new(2, setup));
    let mut typed = 0;
    for i in 0..payments {
        let minor = 1 + i % 3;
        let opened = bob.request(alice.number, minor).unwrap();
        let paid = alice.pay(bob.number, minor, opened.code).unwrap();
        let before = bob.balance();
        let errors = typing_errors(paid.code);
        // Each payment types another slice of its errors, so that all places of all digits have their turn.
        let mut left = setup.limits.tries;
        for (wrong, _) in errors.iter().cycle().skip(typed).take(usize::from(left) - 1) {
            typed += 1;
            left -= 1;
            assert_eq!(bob.confirm(opened.id, *wrong), Err(Sw::counter(left)));
        }
        assert_eq!(bob.balance(), before);
        assert_eq!(bob.confirm(opened.id, paid.code), Ok(before + minor), "the right one still counts");
    }
    assert_eq!(bob.counters().wrong_responses as usize, typed);
    assert_eq!(alice.balance() + bob.balance(), 2 * setup.balance);
}

/// P-CONF-2, P-CONF-5, P-CONF-6, P-CONF-9: each error is a try, and the right response counts after them.
#[test]
fn no_wrong_response_ever_passes() {
    mistype_responses(&wide(), 250);
    mistype_responses(&Setup { balance: 9_000_000, ..wide() }, 250);
}

//! Request and response over all profiles and both algorithms: known answers, agreement, and what every field is worth.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use digitally::message::Kind;
use digitally::profile::{self, Field, NonceRule};
use digitally::{Algorithm, Amount, Currency, Key, Nonce, Payment, Profile, Request, Scheme, Suite, Terms};

const KES: u16 = 404;

fn key(algorithm: Algorithm) -> Key<Payment> {
    let bytes: Vec<u8> = (0..32).collect();
    let len = if algorithm == Algorithm::AesCmac { 16 } else { 32 };
    Key::new(algorithm, &bytes[..len]).unwrap()
}

fn suite<'k>(profile: &'k Profile, key: &'k Key<Payment>) -> Suite<'k> {
    Suite { profile, scheme: Scheme::Pairwise, epoch: 1, currency: Currency::new(KES).unwrap(), key }
}

fn terms(payer: &str, payee: &str, amount: u32) -> Terms {
    Terms::new(payer.parse().unwrap(), payee.parse().unwrap(), Amount::new(amount)).unwrap()
}

fn usual() -> Terms {
    terms("+254700000001", "+254700000002", 400_00)
}

/// P-REQ-2, P-RSP-2, P-SER-1: The example of the protocol document: two serials that show the same tail.
#[test]
fn known_answers() {
    let key = key(Algorithm::AesCmac);
    let suite = suite(&profile::DIGITALLY_8, &key);
    let show = |serial| {
        let request = Request::open(usual(), Nonce::serial(serial));
        (request.code(&suite).to_string(), request.response(&suite, Nonce::none()).to_string())
    };
    assert_eq!(show(1), ("0014 3503".into(), "6656 8890".into()));
    assert_eq!(show(1001), ("0011 9247".into(), "0787 6791".into()));
}

#[test]
fn every_profile_is_in_order() {
    for (i, profile) in profile::ALL.iter().enumerate() {
        assert_eq!(usize::from(profile.number), i + 1, "{}", profile.name);
        // A covered nonce that is not a serial must be shown in full, or the other side could not compute the MAC.
        if profile.payee_nonce == NonceRule::Random {
            assert!(profile.request.nonce > 0, "{}", profile.name);
        }
        let covers_payer_nonce = profile.response_covers.contains(&Field::PayerNonce);
        assert_eq!(covers_payer_nonce, profile.response.nonce > 0, "{}", profile.name);
        // The message holds all fields: header 8, numbers 8 each, others 4.
        for (kind, fields) in [(Kind::Request, profile.request_covers), (Kind::Response, profile.response_covers)] {
            let key = key(Algorithm::AesCmac);
            let suite = suite(profile, &key);
            let request = Request::recall(usual(), 1);
            let message = if kind == Kind::Request {
                request.request_message(&suite)
            } else {
                request.response_message(&suite, 1)
            };
            let width = |field: &Field| if matches!(field, Field::Payer | Field::Payee) { 8 } else { 4 };
            assert_eq!(message.bytes().len(), 8 + fields.iter().map(width).sum::<usize>(), "{}", profile.name);
            assert_eq!(message.bytes()[0], kind.number());
        }
    }
}

/// P-INP-1, P-INP-3, P-EPO-1: Both sides agree; and changing any one thing that a MAC covers changes the code.
#[test]
fn each_field_counts() {
    for profile in &profile::ALL {
        for algorithm in Algorithm::ALL {
            let key = key(algorithm);
            let other_key = Key::new(algorithm, &[0x5A; 16]).unwrap();
            let suite = suite(profile, &key);
            let request = Request::recall(usual(), 615);
            let request_code = request.code(&suite).split(profile.request.nonce).1;
            let response = request.response(&suite, Nonce::serial(4242));
            assert!(request.matches(&suite, &request_code) && request.answered_by(&suite, &response));

            let others = [
                ("payer", Request::recall(terms("+254700000003", "+254700000002", 400_00), 615), suite),
                ("payee", Request::recall(terms("+254700000001", "+254700000003", 400_00), 615), suite),
                ("direction", Request::recall(terms("+254700000002", "+254700000001", 400_00), 615), suite),
                ("amount", Request::recall(terms("+254700000001", "+254700000002", 400_01), 615), suite),
                ("nonce", Request::recall(usual(), 616), suite),
                ("serial, same tail", Request::recall(usual(), 1615), suite),
                ("currency", request, Suite { currency: Currency::new(800).unwrap(), ..suite }),
                ("epoch", request, Suite { epoch: 2, ..suite }),
                ("scheme", request, Suite { scheme: Scheme::Universal, ..suite }),
                ("key", request, Suite { key: &other_key, ..suite }),
            ];
            for (what, other, other_suite) in others {
                let case = format!("{what}, {}, {algorithm}", profile.name);
                let changed = |kind| match kind {
                    Kind::Request => other.request_message(&other_suite),
                    Kind::Response => other.response_message(&other_suite, 4242),
                };
                let differs = |kind: Kind, mine: &[u8]| changed(kind).bytes() != mine || what == "key";
                assert!(differs(Kind::Request, request.request_message(&suite).bytes()), "{case}");
                assert!(differs(Kind::Response, request.response_message(&suite, 4242).bytes()), "{case}");
                assert!(!other.matches(&other_suite, &request_code), "{case}");
                assert!(!other.answered_by(&other_suite, &response), "{case}");
            }
        }
    }
}

/// P-INP-1: the kinds keep request and response apart.
#[test]
fn request_and_response_never_share_an_input() {
    for profile in &profile::ALL {
        let key = key(Algorithm::AesCmac);
        let suite = suite(profile, &key);
        let request = Request::recall(usual(), 1);
        assert_ne!(request.request_message(&suite).bytes(), request.response_message(&suite, 0).bytes());
    }
}

/// The published hole: where two amounts share (N_B, C), one response fits both. In `fixed` it does not.
#[test]
fn a_collision_is_money_in_the_first_protocol_only() {
    let key = key(Algorithm::AesCmac);
    let mut found = 0;
    for profile in [&profile::FIRST_PROTOCOL, &profile::FIXED] {
        let suite = suite(profile, &key);
        for nonce in 0..1000 {
            let low = Request::recall(terms("+254700000001", "+254700000002", 100), nonce);
            for amount in 40_000..40_020 {
                let high = Request::recall(terms("+254700000001", "+254700000002", amount), nonce);
                if high.matches(&suite, &low.code(&suite).split(3).1) {
                    let paid = low.response(&suite, Nonce::serial(7));
                    assert_eq!(high.answered_by(&suite, &paid), profile.number == 0x01, "{} {nonce}", profile.name);
                    found += 1;
                }
            }
        }
    }
    assert!(found > 10, "{found} collisions among 40,000 trials of 1 in 1,000");
}

/// P-TAG-1: Codes are spread evenly: chi-squared over the leading digit of 20,000 responses, far from any sensible
/// limit.
#[test]
fn codes_are_spread_evenly() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let suite = suite(&profile::DIGITALLY_8, &key);
        let mut buckets = [0f64; 100];
        for serial in 0..20_000 {
            let code = Request::recall(usual(), serial).response(&suite, Nonce::none());
            buckets[usize::try_from(code.value() / 1_000_000).unwrap()] += 1.0;
        }
        let chi: f64 = buckets.iter().map(|count| (count - 200.0).powi(2) / 200.0).sum();
        assert!(chi < 180.0, "{algorithm}: chi-squared {chi} with 99 degrees of freedom");
    }
}

/// P-NUM-3, P-AMT-1: nobody pays himself, nobody pays nothing.
#[test]
fn bad_terms() {
    let one = "+254700000001".parse().unwrap();
    let two = "+254700000002".parse().unwrap();
    assert_eq!(Terms::new(one, one, Amount::new(1)), Err(digitally::TermsError::SameParty));
    assert_eq!(Terms::new(one, two, Amount::ZERO), Err(digitally::TermsError::ZeroAmount));
}

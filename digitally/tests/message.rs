//! The bytes that are MACed and the digits that come of them, against those of `docs/protocol.md`, written out by hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::arithmetic_side_effects)]

use core::marker::PhantomData;

use digitally::message::Kind;
use digitally::profile::{self, DIGITALLY_8, FIRST_PROTOCOL, FIXED};
use digitally::{
    Algorithm, Amount, Code, Currency, Key, Msisdn, Nonce, Payment, Profile, Request, Scheme, Suite, Tag, Terms,
    TermsError,
};
use hex_literal::hex;
use subtle::ConstantTimeEq;

fn key(algorithm: Algorithm) -> Key<Payment> {
    Key::new(algorithm, &hex!("000102030405060708090a0b0c0d0e0f")).unwrap()
}

fn suite<'k>(profile: &'k Profile, key: &'k Key<Payment>) -> Suite<'k> {
    Suite { profile, scheme: Scheme::Pairwise, epoch: 1, currency: Currency::new(404).unwrap(), key }
}

fn request(payer: &str, payee: &str, amount: u32, nonce: u32) -> Request {
    Request::recall(Terms::new(payer.parse().unwrap(), payee.parse().unwrap(), Amount::new(amount)).unwrap(), nonce)
}

fn usual(nonce: u32) -> Request {
    request("+254700000001", "+254700000002", 40_000, nonce)
}

/// P-INP-1, P-SCH-1, P-EPO-1, P-ALG-1, P-CUR-1: every byte of the header, over both kinds, all profiles, schemes and
/// algorithms, the edges of epoch and currency.
#[test]
fn the_header_byte_by_byte() {
    let kinds = [(Kind::Request, 0x51), (Kind::Response, 0x52)];
    let profiles = [(&FIRST_PROTOCOL, 1), (&FIXED, 2), (&DIGITALLY_8, 3)];
    let schemes = [(Scheme::Universal, 0), (Scheme::Pairwise, 1), (Scheme::Ticket, 2)];
    let algorithms = [(Algorithm::AesCmac, 0), (Algorithm::HmacSha256, 1)];
    let currencies =
        [(0, [0x00, 0x00]), (8, [0x00, 0x08]), (40, [0x00, 0x40]), (404, [0x04, 0x04]), (999, [0x09, 0x99])];
    for (kind, kind_byte) in kinds {
        for (profile, profile_byte) in profiles {
            for (scheme, scheme_byte) in schemes {
                for (algorithm, algorithm_byte) in algorithms {
                    for (number, [high, low]) in currencies {
                        for epoch in [0, 1, 255] {
                            let currency = Currency::new(number).unwrap();
                            let key = key(algorithm);
                            let suite = Suite { profile, scheme, epoch, currency, key: &key };
                            let message = match kind {
                                Kind::Request => usual(1).request_message(&suite),
                                Kind::Response => usual(1).response_message(&suite, 0),
                            };
                            let header = [kind_byte, profile_byte, scheme_byte, epoch, high, low, algorithm_byte, 0x01];
                            assert_eq!(message.bytes()[..8], header);
                        }
                    }
                }
            }
        }
    }
}

/// P-INP-3, P-NUM-2, P-AMT-1, P-NON-1, P-SER-1: the fields after the header, for the smallest and the largest values: a
/// payer's number of 7 digits, a payee's of 15, amounts 1 and 2³² − 1, a nonce of 3 digits in 4 bytes, the last serial.
#[test]
fn the_fields_byte_by_byte() {
    let key = key(Algorithm::AesCmac);
    let check = |profile, nonce, amount, payer_nonce, expected: [&[u8]; 2]| {
        let suite = suite(profile, &key);
        let request = request("+2547001", "+123456789012345", amount, nonce);
        assert_eq!(request.request_message(&suite).bytes()[8..], *expected[0], "{}", profile.name);
        assert_eq!(request.response_message(&suite, payer_nonce).bytes()[8..], *expected[1], "{}", profile.name);
    };
    check(
        &FIXED,
        615,
        1,
        4242,
        [
            &hex!("f123456789012345 fffffffff2547001 00000001 00000267"),
            &hex!("fffffffff2547001 00001092 00000001 00000267 f123456789012345"),
        ],
    );
    check(
        &DIGITALLY_8,
        u32::MAX,
        u32::MAX,
        0,
        [
            &hex!("fffffffff2547001 f123456789012345 ffffffff ffffffff"),
            &hex!("fffffffff2547001 f123456789012345 ffffffff ffffffff"),
        ],
    );
    // In the first protocol the response covers C, 076 in the example of the document, where the others cover X.
    let suite = suite(&FIRST_PROTOCOL, &key);
    assert_eq!(
        usual(615).request_message(&suite).bytes()[8..],
        hex!("ffff254700000002 ffff254700000001 00009c40 00000267")
    );
    assert_eq!(
        usual(615).response_message(&suite, 4242).bytes()[8..],
        hex!("ffff254700000001 00001092 0000004c 00000267 ffff254700000002")
    );
}

/// P-TAG-1: C and R are the first 8 bytes of the tag as one number, modulo 10^d, with all d digits: computed here from
/// the bytes of the tag, for every profile, both algorithms and 200 nonces (zeros in front among them).
#[test]
fn digits_are_the_first_eight_bytes_of_the_tag() {
    let mut zeros = 0;
    for profile in &profile::ALL {
        for algorithm in Algorithm::ALL {
            let key = key(algorithm);
            let suite = suite(profile, &key);
            for nonce in 0..200 {
                let request = usual(nonce);
                let digits = |message: digitally::message::Message, digits: u8| {
                    let tag = key.tag(message.bytes());
                    let number = tag.expose()[..8].iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
                    format!("{:0width$}", number % 10u64.pow(digits.into()), width = digits.into())
                };
                let c = digits(request.request_message(&suite), profile.request.check);
                let r = digits(request.response_message(&suite, 0), profile.response.check);
                let tail = usize::from(profile.request.nonce);
                assert_eq!(request.code(&suite).ungrouped().to_string()[tail..], c);
                let head = usize::from(profile.response.nonce);
                assert_eq!(request.response_again(&suite, 0).ungrouped().to_string()[head..], r);
                zeros += usize::from(c.starts_with('0')) + usize::from(r.starts_with('0'));
            }
        }
    }
    assert!(zeros > 100, "{zeros} of 2,400 begin with 0");
}

/// P-REQ-1, P-REQ-2, P-RSP-1, P-RSP-2, P-SHOW-1: the worked examples of the document, digit by digit, and the tail of a
/// serial beyond 999.
#[test]
fn codes_are_nonce_then_check() {
    let key = key(Algorithm::AesCmac);
    let show = |profile, nonce, payer_nonce| {
        let suite = suite(profile, &key);
        [usual(nonce).code(&suite), usual(nonce).response_again(&suite, payer_nonce)].map(|code| code.to_string())
    };
    assert_eq!(show(&FIRST_PROTOCOL, 615, 4242), ["615 076", "4242 3503"]);
    assert_eq!(show(&FIXED, 615, 4242), ["615 109", "4242 1737"]);
    assert_eq!(show(&DIGITALLY_8, 1, 0), ["0014 3503", "6656 8890"]);
    assert_eq!(show(&FIXED, 7, 42)[0][..3], *"007");
    assert_eq!(show(&FIXED, 7, 42)[1][..4], *"0042");
    for (serial, tail) in [(999, "999"), (1_000, "000"), (1_007, "007"), (u32::MAX, "295")] {
        assert_eq!(show(&DIGITALLY_8, serial, 0)[0].replace(' ', "")[..3], *tail);
    }
}

/// P-SCH-1, P-ALG-1: of all bytes, three name a scheme and two an algorithm.
#[test]
fn other_numbers_name_nothing() {
    for number in 0..=255u8 {
        assert_eq!(Scheme::from_number(number).map(Scheme::number), (number <= 2).then_some(number));
        assert_eq!(Algorithm::from_number(number).map(Algorithm::number), (number <= 1).then_some(number));
    }
}

/// P-AMT-1, P-NUM-3: an amount of zero and a payment to oneself have no terms; 1 and 2³² − 1 have.
#[test]
fn terms_have_two_sides_and_an_amount() {
    let [one, two]: [Msisdn; 2] = ["+254700000001", "+254700000002"].map(|text| text.parse().unwrap());
    assert_eq!(Terms::new(one, two, Amount::new(0)), Err(TermsError::ZeroAmount));
    assert_eq!(Terms::new(two, two, Amount::new(1)), Err(TermsError::SameParty));
    for minor in [1, u32::MAX] {
        assert!(Terms::new(one, two, Amount::new(minor)).is_ok());
    }
}

/// P-ALG-2: the length of an AES key picks the cipher, so the tags differ in value and not in length; tags of
/// HMAC-SHA-256 have 32 bytes whatever the key's length.
#[test]
fn key_lengths_and_tag_lengths() {
    let bytes: [u8; 32] = core::array::from_fn(|i| u8::try_from(i).unwrap());
    for (algorithm, lengths, tag) in
        [(Algorithm::AesCmac, &[16, 24, 32][..], 16), (Algorithm::HmacSha256, &[16, 17, 31, 32][..], 32)]
    {
        let mut seen = Vec::new();
        for len in lengths {
            let key = Key::<Payment>::new(algorithm, &bytes[..*len]).unwrap();
            seen.push(key.tag(b"input").expose().to_vec());
        }
        assert!(seen.iter().all(|one| one.len() == tag));
        seen.dedup();
        assert_eq!(seen.len(), lengths.len());
    }
}

struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const HAS_EQ: bool = false;
}
impl<T> Otherwise for Probe<T> {}
impl<T: PartialEq> Probe<T> {
    const HAS_EQ: bool = true;
}

/// P-READ-3: codes and tags cannot be compared by `==`, which stops at the first difference: the types do not have it.
/// What they have is the comparison of the crate `subtle`, whose time depends on lengths only. (No clock is read here: a
/// timing is not a test.)
#[test]
fn codes_and_tags_compare_in_constant_time_only() {
    const {
        assert!(Probe::<u8>::HAS_EQ, "the probe sees what there is");
        assert!(!Probe::<Code>::HAS_EQ);
        assert!(!Probe::<Tag>::HAS_EQ);
    }
    let key = key(Algorithm::AesCmac);
    let suite = suite(&DIGITALLY_8, &key);
    let right = usual(1).response(&suite, Nonce::none());
    for place in 0..8u32 {
        let wrong = Code::new((right.value() + 10u128.pow(place)) % 100_000_000, 8).unwrap();
        assert!(
            !bool::from(right.ct_eq(&wrong)) && !usual(1).answered_by(&suite, &wrong),
            "digit {place} from the right"
        );
    }
    assert!(bool::from(right.ct_eq(&right)) && usual(1).answered_by(&suite, &right));
}

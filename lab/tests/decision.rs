//! The numbers in ADR 12 are those of the formulae.

#![allow(clippy::unwrap_used)]

use digitally::Profile;
use digitally::entropy;
use digitally::profile::{DIGITALLY_8, NonceRule, Split};
use lab::{Account, Policy};

const DECISION: &str = include_str!("../../docs/adr/0012-digitally-8.md");

/// The text stands there, wherever its lines are broken.
fn stands(text: &str) {
    let flat = DECISION.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(text), "ADR 12 does not say\n{text}");
}

fn request(nonce: u8, check: u8) -> Profile {
    Profile { request: Split { nonce, check }, ..DIGITALLY_8 }
}

/// Years until a merchant's buckets have gone farther than a payer who was never seen finds by one typing.
fn years(abandonable: u32) -> f64 {
    let merchant = Policy::named("merchant").unwrap();
    f64::from(abandonable) * f64::from(merchant.serial_buckets) / f64::from(merchant.payments_per_day) / 365.25
}

#[test]
fn splits_of_the_request() {
    for (nonce, check, name, new_customer) in
        [(2, 6, "2 + 6", "0.46"), (3, 5, "**3 + 5**", "4.6"), (4, 4, "4 + 4", "46")]
    {
        let profile = request(nonce, check);
        let abandonable = entropy::abandonable(&profile, false).unwrap();
        let digits = new_customer.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        assert_eq!(format!("{:.digits$}", years(abandonable)), new_customer);
        stands(&format!(
            "| {name} | {:.1e} | {:.1e} | {:.1e} | {:.1e} | {abandonable} | {new_customer} years |",
            entropy::wrong_terms(&profile),
            entropy::mistyped_request(&profile),
            entropy::transposed_request(&profile),
            entropy::resynchronised(&profile),
        ));
    }
}

#[test]
fn splits_without_a_formula_of_their_own() {
    // 0 + 8: every code has a thousand candidates, at the first typing; an error of any kind asks for another C.
    let p = entropy::at_least_once(entropy::guess_request(&request(0, 8)), 1000);
    stands(&format!("| 0 + 8, 1,000 candidates | {p:.1e} | {p:.1e} | {p:.1e} | - | 999 | 4.6 years |"));
    // A check digit finds all single errors and swaps of neighbours; a wrong amount is found by the 4 digits of C alone.
    let wrong_terms = entropy::wrong_terms(&request(3, 4));
    stands(&format!("| 3 + 4 + check digit | {wrong_terms:.1e} | 0 | 0 | - | 999 | 4.6 years |"));
}

#[test]
fn splits_of_the_response() {
    for (nonce, check, name, worth) in [
        (0, 8, "**0 + 8**", ["1.0e-3", "0.01"]),
        (2, 6, "2 + 6", ["0.10", "1.00"]),
        (4, 4, "4 + 4", ["10.00", "100.00"]),
    ] {
        let profile = Profile { response: Split { nonce, check }, ..DIGITALLY_8 };
        let [consumer, merchant] = Policy::NAMES.map(|name| {
            let account = Account::new(Policy::named(name).unwrap(), vec![profile]);
            account.rows.first().unwrap().figures.first().unwrap().until_contact.unwrap()
        });
        for (span, worth) in [(consumer, worth[0]), (merchant, worth[1])] {
            assert!((span.expected / 100.0 - worth.parse::<f64>().unwrap()).abs() < 1e-9, "{name}");
        }
        stands(&format!(
            "| {name} | {:.1e} | {:.1e} | {} | {:.1e} | {} |",
            entropy::guess_response(&profile),
            consumer.chance,
            worth[0],
            merchant.chance,
            worth[1],
        ));
    }
}

#[test]
fn windows_and_caps() {
    let [consumer, merchant] = Policy::NAMES.map(|name| Policy::named(name).unwrap());
    assert_eq!(DIGITALLY_8.payee_nonce, NonceRule::Serial { further: 15 });
    assert_eq!(entropy::candidates(&DIGITALLY_8, true), 16);
    // P-ISS-3 jumps by the cap on requests; the payer must still find the serial.
    assert!(merchant.requests <= entropy::abandonable(&DIGITALLY_8, true).unwrap());
    let five = consumer.mistyped.powi(i32::try_from(consumer.tries_per_request).unwrap());
    stands(&format!("at 5 % are {five:.0e}"));
    stands(&format!("{} or {} failed responses, {} or {} requests", 100, 1000, 200, 2000));
    assert_eq!((consumer.failed_responses, merchant.failed_responses), (100, 1000));
    assert_eq!((consumer.requests, merchant.requests), (200, 2000));
    stands(&format!("payers share {} or {} serial counters", consumer.serial_buckets, merchant.serial_buckets));
    assert_eq!((consumer.debits, merchant.debits), (64, 128));
}

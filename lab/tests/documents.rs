//! Policies and profiles that somebody wrote: good ones, bad ones, and bytes that are neither.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use digitally::profile::NonceRule;
use lab::policy::FIELDS;
use lab::{Account, DocumentError, Policy, profile};
use proptest::prelude::*;

const CONSUMER: &str = include_str!("../policies/consumer.json");
const FOUR_FOUR: &str = r#"{
  "name": "four-four",
  "request": {"nonce": 4, "check": 4},
  "response": {"nonce": 0, "check": 8},
  "payee_nonce": {"serial": {"further": 15}},
  "response_covers": "amount"
}"#;

/// Whoever reads the error finds field, place and rule.
fn check(error: &DocumentError, field: Option<&str>, line: usize, rule: &str) {
    assert_eq!(error.field.as_deref(), field, "{error}");
    assert_eq!(error.line, line, "{error}");
    assert!(error.column > 0 && error.problem.contains(rule), "{error}");
}

fn policy(from: &str, to: &str) -> DocumentError {
    let text = CONSUMER.replace(from, to);
    assert_ne!(text, CONSUMER, "{from}");
    Policy::parse(text.as_bytes()).unwrap_err()
}

fn own(from: &str, to: &str) -> DocumentError {
    let text = FOUR_FOUR.replace(from, to);
    assert_ne!(text, FOUR_FOUR, "{from}");
    profile::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn the_policies_that_come_along_are_right() {
    for name in Policy::NAMES {
        assert_eq!(Policy::named(name).unwrap().name, name);
    }
    assert_eq!(Policy::named("bank"), None);
    let json = serde_json::to_value(Policy::named("consumer").unwrap()).unwrap();
    assert!(
        json.as_object()
            .unwrap()
            .keys()
            .eq(FIELDS.map(|(field, _)| field).iter().collect::<std::collections::BTreeSet<_>>())
    );
    let readme = include_str!("../README.md");
    for (field, meaning) in FIELDS {
        assert!(readme.contains(&format!("| `{field}` | {meaning} |")), "README.md has no row for {field}");
    }
}

#[test]
fn a_bad_policy_is_refused_by_field_rule_and_place() {
    check(&policy("\"requests\": 200", "\"requests\": -1"), Some("requests"), 5, "expected a whole number from 1 to");
    check(&policy("\"requests\": 200", "\"requests\": 0"), Some("requests"), 5, "integer `0`");
    check(&policy("\"requests\": 200", "\"requests\": 1.5"), Some("requests"), 5, "floating point `1.5`");
    check(&policy("\"requests\": 200", "\"requests\": 4294967296"), Some("requests"), 5, "to 4294967295");
    check(&policy("\"requests\": 200", "\"requests\": \"many\""), Some("requests"), 5, "string \"many\"");
    check(&policy("\"requests\": 200", "\"requests\": null"), Some("requests"), 5, "null");
    check(&policy("\"requests\": 200", "\"requests\": NaN"), Some("requests"), 5, "expected value");
    check(&policy("\"mistyped\": 0.05", "\"mistyped\": 1.01"), Some("mistyped"), 18, "a share from 0 to 1");
    check(&policy("\"mistyped\": 0.05", "\"mistyped\": -0.05"), Some("mistyped"), 18, "a share from 0 to 1");
    check(&policy("\"mistyped\": 0.05", "\"mistyped\": 1e999"), Some("mistyped"), 18, "out of range");
    check(&policy("\"payments_per_day\": 20", "\"payments_per_day\": -20"), Some("payments_per_day"), 17, "`-20`");
    check(&policy("\"decimals\": 2", "\"decimals\": 5"), Some("decimals"), 11, "from 0 to 4");
    check(&policy("\"KES\"", "\"kes\""), Some("currency"), 10, "three capital letters");
    check(&policy("\"consumer\"", "\"a\\u001b[31m\""), Some("name"), 2, "letters, digits and hyphens");
    check(&policy("\"debits\"", "\"depits\""), Some("depits"), 7, "unknown field `depits`");
    check(&policy("  \"debits\": 64,\n", ""), None, 20, "missing field `debits`");
    check(&policy("\"debits\": 64", "\"debits\": 64, \"debits\": 65"), None, 7, "duplicate field `debits`");
    check(&policy("0.01\n}", "0.01\n} {}"), None, 21, "trailing characters");
    for text in ["", "{", "[]", "null", "7", "\"consumer\""] {
        let error = Policy::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.line, 1, "{text}: {error}");
    }
}

#[test]
fn a_share_may_be_all_or_nothing() {
    for whole in ["0", "1", "0.0", "1.0", "1e-3"] {
        let text = CONSUMER.replace("\"mistyped\": 0.05", &format!("\"mistyped\": {whole}"));
        Policy::parse(text.as_bytes()).unwrap();
    }
}

#[test]
fn a_profile_of_ones_own_is_read() {
    let own = profile::parse(FOUR_FOUR.as_bytes()).unwrap();
    assert_eq!((own.name, own.request.nonce, own.request.check), ("four-four", 4, 4));
    assert_eq!(own.payee_nonce, NonceRule::Serial { further: 15 });
    assert!(own.broken().is_some());
    let random = FOUR_FOUR.replace(r#"{"serial": {"further": 15}}"#, "\"random\"").replace("\"amount\"", "\"check\"");
    assert_eq!(profile::parse(random.as_bytes()).unwrap().payee_nonce, NonceRule::Random);
}

#[test]
fn a_profile_whose_digits_do_not_fit_is_refused_by_field_rule_and_place() {
    let request = "{\"nonce\": 4, \"check\": 4}";
    check(&own(request, "{\"nonce\": 4, \"check\": 0}"), Some("request.check"), 3, "from 1 to 16");
    check(&own(request, "{\"nonce\": 0, \"check\": 17}"), Some("request.check"), 3, "from 1 to 16");
    check(&own(request, "{\"nonce\": 10, \"check\": 4}"), Some("request.nonce"), 3, "from 0 to 9");
    check(&own(request, "{\"nonce\": 9, \"check\": 8}"), Some("request"), 3, "17 digits in all");
    check(&own(request, "{\"nonce\": 4}"), Some("request"), 3, "missing field `check`");
    check(&own(request, "8"), Some("request"), 3, "an object");
    check(&own("\"check\": 8}", "\"check\": 16, \"tail\": 1}"), Some("response.tail"), 4, "unknown field");
    check(&own("15", "-1"), Some("payee_nonce.serial.further"), 5, "from 0 to 9999");
    check(&own("\"serial\"", "\"chain\""), Some("payee_nonce"), 5, "unknown variant `chain`");
    check(&own("\"amount\"", "\"everything\""), Some("response_covers"), 6, "unknown variant `everything`");
    check(&own("\"four-four\"", "\"fixed\""), Some("name"), 2, "no published profile");
    check(&own("\"four-four\"", "\"Four Four\""), Some("name"), 2, "small letters");
    let random =
        FOUR_FOUR.replace(r#"{"serial": {"further": 15}}"#, "\"random\"").replace("\"nonce\": 4", "\"nonce\": 0");
    check(&profile::parse(random.as_bytes()).unwrap_err(), None, 7, "a random nonce has at least 1 digit");
}

/// The body of a fuzz target: no bytes make a reader panic, and what is read can be accounted for.
fn fuzz(bytes: &[u8]) {
    let policy = Policy::parse(bytes);
    let profile = profile::parse(bytes);
    let consumer = Policy::named("consumer").unwrap();
    if policy.is_ok() || profile.is_ok() {
        let profiles = profile.map_or_else(|_| digitally::profile::ALL.to_vec(), |profile| vec![profile]);
        let account = Account::new(policy.unwrap_or(consumer), profiles);
        assert!(!account.to_text().is_empty() && account.to_svg().ends_with("</svg>\n"));
        assert!(account.to_json()["rows"].is_array());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        fuzz(&bytes);
    }

    /// Near misses reach further than noise: one byte of a good file changed.
    #[test]
    fn a_changed_byte_is_read_or_refused(which in any::<bool>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = if which { CONSUMER } else { FOUR_FOUR }.as_bytes().to_vec();
        *at.get_mut(&mut text) = byte;
        fuzz(&text);
    }

    /// Every number that the rules allow can be accounted for.
    #[test]
    fn any_counts_make_an_account(counts in prop::array::uniform8(1_u32..), limit in 1_u32.., share in 0.0..=1.0_f64) {
        let [a, b, c, d, e, f, g, h] = counts;
        let policy = Policy {
            tries_per_request: a, failed_responses: b, requests: c, attack_tries_per_day: d, attack_requests_per_day: e,
            recorded: f, payments_per_day: g, days_between_contacts: h, limit, mistyped: share, wrong_terms: share,
            ..Policy::named("consumer").unwrap()
        };
        for row in Account::new(policy, digitally::profile::ALL.to_vec()).rows {
            for figures in row.figures {
                prop_assert!((0.0..=1.0).contains(&figures.per_try));
                for span in figures.per_day.into_iter().chain(figures.until_contact) {
                    prop_assert!((0.0..=1.0).contains(&span.chance) && span.expected >= 0.0, "{}", row.subject.id);
                }
            }
        }
    }
}

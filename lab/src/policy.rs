//! What a deployment allows, and what is assumed of those who use and misuse it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{self, DocumentError, byte, share, whole};

/// Caps, money and rates, as an entropy account needs them. See the README of this crate for every field's meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What the policy is called.
    #[serde(deserialize_with = "name")]
    pub name: String,
    /// Responses that may be typed for one request (P-CAP-1).
    #[serde(deserialize_with = "count")]
    pub tries_per_request: u32,
    /// Failed responses between two contacts with the issuer (P-CAP-2).
    #[serde(deserialize_with = "count")]
    pub failed_responses: u32,
    /// Requests opened between two contacts (P-CAP-3).
    #[serde(deserialize_with = "count")]
    pub requests: u32,
    /// Wrong requests at the payer until the next reset (P-CAP-4).
    #[serde(deserialize_with = "count")]
    pub wrong_requests: u32,
    /// Debits that are not uploaded (P-CAP-5).
    #[serde(deserialize_with = "count")]
    pub debits: u32,
    /// Buckets of payers that share a serial counter (P-SER-2).
    #[serde(deserialize_with = "count")]
    pub serial_buckets: u32,
    /// The highest amount of one payment, in minor units: what one success is worth.
    #[serde(deserialize_with = "count")]
    pub limit: u32,
    /// The currency's three letters, for display.
    #[serde(deserialize_with = "currency")]
    pub currency: String,
    /// The currency's decimals, for display.
    #[serde(deserialize_with = "byte::<_, 0, 4>")]
    pub decimals: u8,
    /// Days between two contacts with the issuer.
    #[serde(deserialize_with = "count")]
    pub days_between_contacts: u32,
    /// Responses that an attacker types a day into a payee's purse.
    #[serde(deserialize_with = "count")]
    pub attack_tries_per_day: u32,
    /// Requests that an attacker draws a day from a payee's purse.
    #[serde(deserialize_with = "count")]
    pub attack_requests_per_day: u32,
    /// Made-up requests that a payer is brought to type a day.
    #[serde(deserialize_with = "count")]
    pub forged_requests_per_day: u32,
    /// n: responses of one payer, all for one amount, that an attacker has recorded.
    #[serde(deserialize_with = "count")]
    pub recorded: u32,
    /// Honest payments a day.
    #[serde(deserialize_with = "count")]
    pub payments_per_day: u32,
    /// Share of codes that are typed with an error.
    #[serde(deserialize_with = "share")]
    pub mistyped: f64,
    /// Share of payments for which the two people agreed to different amounts, or one has the other's number wrong.
    #[serde(deserialize_with = "share")]
    pub wrong_terms: f64,
    /// Share of payments after which the payer types the same request once more.
    #[serde(deserialize_with = "share")]
    pub repeated: f64,
}

/// Every field of a policy file, with what it means, for help and documents.
pub const FIELDS: [(&str, &str); 19] = [
    ("name", "what the policy is called: letters, digits, hyphens"),
    ("tries_per_request", "responses that may be typed for one request (P-CAP-1)"),
    ("failed_responses", "failed responses between two contacts with the issuer (P-CAP-2)"),
    ("requests", "requests opened between two contacts (P-CAP-3)"),
    ("wrong_requests", "wrong requests at the payer until the next reset (P-CAP-4)"),
    ("debits", "debits that are not uploaded (P-CAP-5)"),
    ("serial_buckets", "buckets of payers that share a serial counter (P-SER-2)"),
    ("limit", "highest amount of a payment in minor units: what one success is worth"),
    ("currency", "three letters, for display"),
    ("decimals", "of the currency, 0 to 4, for display"),
    ("days_between_contacts", "days between two contacts with the issuer"),
    ("attack_tries_per_day", "responses that an attacker types a day into a payee's purse"),
    ("attack_requests_per_day", "requests that an attacker draws a day from a payee's purse"),
    ("forged_requests_per_day", "made-up requests that a payer is brought to type a day"),
    ("recorded", "n: recorded responses of one payer for one amount"),
    ("payments_per_day", "honest payments a day"),
    ("mistyped", "share of codes that are typed with an error, 0 to 1"),
    ("wrong_terms", "share of payments with an amount or number not agreed on, 0 to 1"),
    ("repeated", "share of payments of which the payer types the request again, 0 to 1"),
];

/// What somebody can do within some days, as rates and caps allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Wrong responses that can be typed.
    pub tries: u32,
    /// Requests that can be opened.
    pub requests: u32,
    /// Requests that can be credited, by any luck: each needs a try, and a right one uses up no failure.
    pub credits: u32,
    /// Made-up requests.
    pub forged: u32,
    /// Honest payments.
    pub payments: u32,
}

impl Policy {
    /// The names of the policies that come with this crate.
    pub const NAMES: [&'static str; 2] = ["consumer", "merchant"];

    /// A policy that comes with this crate: the defaults of section 9 of `docs/protocol.md`, rates assumed.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let text = match name {
            "consumer" => include_str!("../policies/consumer.json"),
            "merchant" => include_str!("../policies/merchant.json"),
            _ => return None,
        };
        // A test reads both.
        Self::parse(text.as_bytes()).ok()
    }

    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// [`DocumentError`]: an unknown, missing or repeated field, another type, a number outside its range.
    pub fn parse(text: &[u8]) -> Result<Self, DocumentError> {
        document::parse(text)
    }

    /// The first day after a contact: what caps leave for later days is less.
    #[must_use]
    pub fn day(&self) -> Reach {
        self.reach(1)
    }

    /// All days between two contacts.
    #[must_use]
    pub fn contact(&self) -> Reach {
        self.reach(self.days_between_contacts)
    }

    fn reach(&self, days: u32) -> Reach {
        let requests = self.attack_requests_per_day.saturating_mul(days).min(self.requests);
        let typed = self.attack_tries_per_day.saturating_mul(days);
        Reach {
            tries: typed.min(self.failed_responses).min(requests.saturating_mul(self.tries_per_request)),
            requests,
            credits: typed.min(requests),
            forged: self.forged_requests_per_day.saturating_mul(days),
            payments: self.payments_per_day.saturating_mul(days),
        }
    }
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole::<D, 1, { u32::MAX }>(deserializer)
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    document::text(deserializer, "a name of 1 to 24 letters, digits and hyphens", |text| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=24).contains(&text.len()) && text.bytes().all(plain)
    })
}

fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    document::text(deserializer, "the three capital letters of a currency", |text| {
        text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

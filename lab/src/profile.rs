//! Profiles to account for: the published ones by name, and those of one's own from JSON.

use digitally::Profile;
use digitally::profile::{ALL, FIRST_PROTOCOL, FIXED, NonceRule, Split, Standing};
use serde::{Deserialize, Deserializer};

use crate::document::{self, DocumentError, byte, checked, whole};

/// One of the published profiles, by its name.
#[must_use]
pub fn published(name: &str) -> Option<Profile> {
    ALL.into_iter().find(|profile| profile.name == name)
}

/// Reads a profile of one's own from JSON: digits, where N_B comes from, and what R covers. It runs on no card.
///
/// Its name lives as long as the program, as the name of a profile does.
///
/// # Errors
/// [`DocumentError`]: as for a policy, or digits that do not fit.
pub fn parse(text: &[u8]) -> Result<Profile, DocumentError> {
    let own: Own = document::parse(text)?;
    Ok(own.0)
}

struct Own(Profile);

impl<'de> Deserialize<'de> for Own {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked(deserializer, Fields::into_profile).map(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(deserialize_with = "name")]
    name: String,
    request: Digits,
    response: Digits,
    payee_nonce: Rule,
    response_covers: Covers,
}

/// How the digits of a code are split.
struct Digits(Split);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked(deserializer, |raw: RawDigits| {
            let split = Split { nonce: raw.nonce, check: raw.check };
            match split.digits() {
                0..=16 => Ok(Self(split)),
                digits => Err(format!("{digits} digits in all, and a code has at most 16")),
            }
        })
    }
}

/// At most 9 digits of a nonce, since it is a number of 32 bits; at least one of a check, and at most 16, since 64 bits
/// modulo more would make some codes likelier.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDigits {
    #[serde(deserialize_with = "byte::<_, 0, 9>")]
    nonce: u8,
    #[serde(deserialize_with = "byte::<_, 1, 16>")]
    check: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rule {
    Random,
    Serial(Further),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Further {
    #[serde(deserialize_with = "whole::<_, 0, 9999>")]
    further: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Covers {
    Amount,
    Check,
}

impl Fields {
    fn into_profile(self) -> Result<Profile, String> {
        let payee_nonce = match self.payee_nonce {
            Rule::Random if self.request.0.nonce == 0 => {
                return Err("`request.nonce` is 0, and a random nonce has at least 1 digit".to_owned());
            }
            Rule::Random => NonceRule::Random,
            Rule::Serial(Further { further }) => NonceRule::Serial { further },
        };
        Ok(Profile {
            number: 0,
            name: self.name.leak(),
            standing: Standing::Broken("made up for the lab"),
            request: self.request.0,
            response: self.response.0,
            payee_nonce,
            request_covers: FIXED.request_covers,
            response_covers: match self.response_covers {
                Covers::Amount => FIXED.response_covers,
                Covers::Check => FIRST_PROTOCOL.response_covers,
            },
        })
    }
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let rule = "a name of 1 to 14 small letters, digits and hyphens that no published profile has";
    document::text(deserializer, rule, |text| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=14).contains(&text.len()) && text.bytes().all(plain) && published(text).is_none()
    })
}

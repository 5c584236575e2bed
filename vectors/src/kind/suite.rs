//! What the kinds about codes share: the suite of a group, and the terms of a payment.

use digitally::profile::{self, NonceRule};
use digitally::{
    Algorithm, Amount, Code, Currency, Key, Msisdn, MsisdnError, Payment, Profile, Scheme, Suite, Terms, TermsError,
};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::expect::Expect;
use crate::hex_text::Hex;

/// A suite as a vector file writes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuiteFields {
    #[serde(with = "profile_name")]
    pub(crate) profile: &'static Profile,
    #[serde(with = "algorithm_name")]
    pub(crate) algorithm: Algorithm,
    pub(crate) key: Hex,
    #[serde(with = "scheme_name")]
    pub(crate) scheme: Scheme,
    pub(crate) epoch: u8,
    /// ISO 4217 number.
    pub(crate) currency: u16,
}

impl SuiteFields {
    /// The key and the currency, unless a rule of the protocol is against them.
    pub(crate) fn open(&self) -> Result<(Key<Payment>, Currency), Expect> {
        let key = Key::new(self.algorithm, self.key.bytes()).map_err(|_| Expect::malformed("P-ALG-2"))?;
        let currency = Currency::new(self.currency).map_err(|_| Expect::malformed("P-CUR-1"))?;
        Ok((key, currency))
    }

    /// The suite with what [`open`](Self::open) has given.
    pub(crate) const fn suite<'k>(&self, opened: &'k (Key<Payment>, Currency)) -> Suite<'k> {
        let (key, currency) = opened;
        Suite { profile: self.profile, scheme: self.scheme, epoch: self.epoch, currency: *currency, key }
    }
}

/// The terms of a payment, read as P-NUM-1, P-NUM-3 and P-AMT-1 say.
pub(crate) fn terms(payer: &str, payee: &str, amount: u64) -> Result<Terms, Expect> {
    let amount = u32::try_from(amount).map_err(|_| Expect::malformed("P-AMT-1"))?;
    Terms::new(number(payer)?, number(payee)?, Amount::new(amount)).map_err(|error| match error {
        TermsError::SameParty => Expect::refuse("P-NUM-3"),
        _ => Expect::refuse("P-AMT-1"),
    })
}

/// A number: `+` and its digits.
pub(crate) fn number(text: &str) -> Result<Msisdn, Expect> {
    text.parse().map_err(|_: MsisdnError| Expect::malformed("P-NUM-1"))
}

/// Whether this can be N_B in this profile.
pub(crate) fn payee_nonce(profile: &Profile, nonce: u32) -> Result<u32, Expect> {
    match profile.payee_nonce {
        NonceRule::Random if nonce >= profile.nonce_range() => Err(Expect::malformed("P-NON-2")),
        NonceRule::Serial { .. } if nonce == 0 => Err(Expect::malformed("P-SER-1")),
        _ => Ok(nonce),
    }
}

/// A code as somebody typed it.
pub(crate) fn typed(text: &str, digits: u8) -> Result<Code, Expect> {
    Code::parse(text, digits).map_err(|error| match error {
        digitally::CodeError::NotADigit { .. } => Expect::malformed("P-READ-1"),
        _ => Expect::malformed("P-READ-2"),
    })
}

pub(crate) mod profile_name {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(profile: &Profile, into: S) -> Result<S::Ok, S::Error> {
        into.serialize_str(profile.name)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Profile, D::Error> {
        static ALL: [Profile; 3] = profile::ALL;
        let name = String::deserialize(from)?;
        let found = ALL.iter().find(|profile| profile.name == name);
        found.ok_or_else(|| D::Error::custom(format_args!("unknown profile `{name}`")))
    }
}

pub(crate) mod scheme_name {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(scheme: &Scheme, into: S) -> Result<S::Ok, S::Error> {
        into.serialize_str(scheme.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Scheme, D::Error> {
        let name = String::deserialize(from)?;
        let found = (0..=u8::MAX).filter_map(Scheme::from_number).find(|scheme| scheme.name() == name);
        found.ok_or_else(|| D::Error::custom(format_args!("unknown key scheme `{name}`")))
    }
}

pub(crate) mod algorithm_name {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(algorithm: &Algorithm, into: S) -> Result<S::Ok, S::Error> {
        into.serialize_str(algorithm.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Algorithm, D::Error> {
        let name = String::deserialize(from)?;
        let found = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        found.ok_or_else(|| D::Error::custom(format_args!("unknown algorithm `{name}`")))
    }
}

//! Kind `code`: a payment's request and response, from the fields to the digits.

use digitally::message::Message;
use digitally::profile::{self, NonceRule, Split};
use digitally::{Algorithm, Amount, Code, Currency, Key, Msisdn, Payment, Profile, Request, Scheme, Suite, Terms};
use serde::{Deserialize, Deserializer};

use crate::file::{self, test_fields};
use crate::hex_text::Hex;
use crate::report::{Mismatch, refused, same};

/// Tests with one suite: protocol, key and currency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    comment: String,
    #[serde(deserialize_with = "profile")]
    profile: &'static Profile,
    #[serde(deserialize_with = "file::algorithm")]
    algorithm: Algorithm,
    key: Hex,
    #[serde(deserialize_with = "scheme")]
    scheme: Scheme,
    epoch: u8,
    currency: u16,
    tests: Vec<Test>,
}

/// One payment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    id: String,
    comment: String,
    #[serde(default)]
    flags: Vec<String>,
    payer: String,
    payee: String,
    amount: u32,
    payee_nonce: u32,
    /// Only where the profile gives it digits.
    payer_nonce: Option<u32>,
    request: Steps,
    response: Steps,
    expect: String,
}

/// How one code comes about.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    /// The first 8 bytes of the input.
    header: Hex,
    /// All that is MACed.
    input: Hex,
    /// The full tag.
    tag: Hex,
    /// Its first 8 bytes.
    first_8: Hex,
    /// These modulo 10^d, in d digits.
    check: String,
    /// What is shown.
    code: String,
}

test_fields!(Test);

impl Test {
    fn hex_fields(&self) -> Vec<(String, &Hex)> {
        let parts = [("request", &self.request), ("response", &self.response)];
        parts
            .into_iter()
            .flat_map(|(part, steps)| steps.hex_fields().map(|(name, hex)| (format!("{part}.{name}"), hex)))
            .collect()
    }
}

impl file::Group for Group {
    type Test = Test;

    fn comment(&self) -> &str {
        &self.comment
    }

    fn tests(&self) -> &[Test] {
        &self.tests
    }

    fn key(&self) -> &Hex {
        &self.key
    }

    fn verify(&self, test: &Test) -> Result<(), Mismatch> {
        let key = Key::new(self.algorithm, self.key.bytes()).map_err(|error| refused("key", error))?;
        let suite = Suite {
            profile: self.profile,
            scheme: self.scheme,
            epoch: self.epoch,
            currency: Currency::new(self.currency).map_err(|error| refused("currency", error))?,
            key: &key,
        };
        let payer: Msisdn = test.payer.parse().map_err(|error| refused("payer", error))?;
        let payee: Msisdn = test.payee.parse().map_err(|error| refused("payee", error))?;
        let terms = Terms::new(payer, payee, Amount::new(test.amount)).map_err(|error| refused("amount", error))?;
        let payer_nonce = self.nonces(test)?;
        let request = Request::recall(terms, test.payee_nonce);

        let (code, split) = (request.code(&suite), self.profile.request);
        test.request.verify("request", &request.request_message(&suite), &key, code, split)?;
        let (_, check) = read(&test.request.code, split, "request.code")?.split(split.nonce);
        if !request.matches(&suite, &check) {
            return Err(refused("request.code", "its check is refused"));
        }

        let (code, split) = (request.response_again(&suite, payer_nonce), self.profile.response);
        test.response.verify("response", &request.response_message(&suite, payer_nonce), &key, code, split)?;
        if !request.answered_by(&suite, &read(&test.response.code, split, "response.code")?) {
            return Err(refused("response.code", "it is refused"));
        }
        Ok(())
    }
}

impl Group {
    /// N_A, or 0 where there is none; refuses nonces that do not fit their digits.
    fn nonces(&self, test: &Test) -> Result<u32, Mismatch> {
        if self.profile.payee_nonce == NonceRule::Random && test.payee_nonce >= self.profile.nonce_range() {
            return Err(refused("payee_nonce", format_args!("it has {} digits", self.profile.request.nonce)));
        }
        let digits = self.profile.response.nonce;
        match test.payer_nonce {
            None if digits == 0 => Ok(0),
            Some(nonce) if digits > 0 && Code::new(nonce.into(), digits).is_ok() => Ok(nonce),
            _ => Err(refused("payer_nonce", format_args!("it has {digits} digits"))),
        }
    }
}

impl Steps {
    fn hex_fields(&self) -> [(&'static str, &Hex); 4] {
        [("header", &self.header), ("input", &self.input), ("tag", &self.tag), ("first_8", &self.first_8)]
    }

    fn verify(
        &self,
        part: &str,
        message: &Message,
        key: &Key<Payment>,
        code: Code,
        split: Split,
    ) -> Result<(), Mismatch> {
        let field = |name: &str| format!("{part}.{name}");
        let input = message.bytes();
        let tag = key.tag(input);
        same(field("header"), &self.header, hex::encode(input.get(..8).unwrap_or_default()))?;
        same(field("input"), &self.input, hex::encode(input))?;
        same(field("tag"), &self.tag, hex::encode(tag.expose()))?;
        same(field("first_8"), &self.first_8, hex::encode(tag.first_8()))?;
        same(field("check"), &self.check, code.split(split.nonce).1.ungrouped())?;
        same(field("code"), &self.code, code)
    }
}

fn read(code: &str, split: Split, field: &str) -> Result<Code, Mismatch> {
    Code::parse(code, split.digits()).map_err(|error| refused(field, error))
}

fn profile<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Profile, D::Error> {
    static ALL: [Profile; 3] = profile::ALL;
    let name = String::deserialize(from)?;
    let found = ALL.iter().find(|profile| profile.name == name);
    found.ok_or_else(|| serde::de::Error::custom(format_args!("unknown profile `{name}`")))
}

fn scheme<'de, D: Deserializer<'de>>(from: D) -> Result<Scheme, D::Error> {
    let name = String::deserialize(from)?;
    let found = (0..=u8::MAX).filter_map(Scheme::from_number).find(|scheme| scheme.name() == name);
    found.ok_or_else(|| serde::de::Error::custom(format_args!("unknown key scheme `{name}`")))
}

//! Kind `code`: a payment's request and response, from the fields to the digits.

use digitally::message::Message;
use digitally::profile::Split;
use digitally::{Code as Digits, Key, Payment, Profile, Request, Suite};
use serde::{Deserialize, Serialize};

use super::suite::{self, SuiteFields};
use super::{Answer, Kind, Test};
use crate::expect::Expect;
use crate::hex_text::Hex;
use crate::report::Verdict;
use crate::subject::card::{CardError, Cards};

/// The kind.
pub(crate) struct Code;

/// One payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) payer: String,
    pub(crate) payee: String,
    /// Minor units.
    pub(crate) amount: u64,
    /// N_B, in full.
    pub(crate) payee_nonce: u32,
    /// N_A, where the profile gives it digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payer_nonce: Option<u32>,
}

/// Both codes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) request: Steps,
    pub(crate) response: Steps,
}

/// How one code comes about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    /// The first 8 bytes of the input.
    header: Hex,
    /// All that is MACed.
    input: Hex,
    /// The full tag.
    tag: Hex,
    /// Its first 8 bytes.
    first_8: Hex,
    /// These modulo 10^d, in d digits.
    pub(crate) check: String,
    /// What is shown.
    pub(crate) code: String,
}

/// What the rules make of an input.
pub(crate) struct Sound {
    pub(crate) request: Request,
    pub(crate) payer_nonce: u32,
}

impl Input {
    /// Applies the rules that an input can break.
    pub(crate) fn sound(&self, profile: &Profile) -> Result<Sound, Expect> {
        let terms = suite::terms(&self.payer, &self.payee, self.amount)?;
        let payee_nonce = suite::payee_nonce(profile, self.payee_nonce)?;
        let digits = profile.response.nonce;
        let payer_nonce = match self.payer_nonce {
            None if digits == 0 => 0,
            Some(nonce) if digits > 0 && Digits::new(nonce.into(), digits).is_ok() => nonce,
            _ if digits == 0 => return Err(Expect::malformed("P-SER-1")),
            _ => return Err(Expect::malformed("P-NON-2")),
        };
        Ok(Sound { request: Request::recall(terms, payee_nonce), payer_nonce })
    }
}

impl Kind for Code {
    const NAME: &'static str = "code";
    type Shared = SuiteFields;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["request.code", "response.code"];

    fn answer(shared: &SuiteFields, input: &Input) -> Option<Answer<Output>> {
        Some(shared.open().and_then(|opened| {
            let suite = shared.suite(&opened);
            input.sound(shared.profile).map(|sound| Output::of(&suite, &sound))
        }))
    }

    fn on_card<C: Cards>(cards: &mut C, shared: &SuiteFields, test: &Test<Self>) -> Result<Verdict, CardError> {
        crate::subject::card::code::ask(cards, shared, test)
    }

    fn explain(shared: &SuiteFields, input: &Input) -> Vec<(String, String)> {
        let (Ok(opened), Ok(sound)) = (shared.open(), input.sound(shared.profile)) else { return Vec::new() };
        let output = Output::of(&shared.suite(&opened), &sound);
        let profile = shared.profile;
        let mut lines = Vec::new();
        for (part, letter, steps, covers, split) in [
            ("request", 'C', &output.request, profile.request_covers, profile.request),
            ("response", 'R', &output.response, profile.response_covers, profile.response),
        ] {
            let mut rest = steps.input.bytes();
            let mut take = |name: &str, len: usize| {
                let (field, behind) = rest.split_at_checked(len).unwrap_or((rest, &[]));
                rest = behind;
                lines.push((format!("{part}: {name}"), hex::encode(field)));
            };
            take("header", 8);
            covers.iter().for_each(|field| take(field.name(), field.len()));
            let first_8 = steps.first_8.bytes().iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
            lines.push((format!("{part}: first 8 bytes of the tag"), first_8.to_string()));
            lines.push((format!("{part}: {letter}, that modulo 10^{}", split.check), steps.check.clone()));
            lines.push((format!("{part}: shown"), steps.code.clone()));
        }
        lines
    }
}

impl Output {
    pub(crate) fn of(suite: &Suite<'_>, sound: &Sound) -> Self {
        let Sound { request, payer_nonce } = sound;
        let Profile { request: asked, response: answered, .. } = *suite.profile;
        let steps = |message: &Message, code, split| Steps::of(message, suite.key, code, split);
        Self {
            request: steps(&request.request_message(suite), request.code(suite), asked),
            response: steps(
                &request.response_message(suite, *payer_nonce),
                request.response_again(suite, *payer_nonce),
                answered,
            ),
        }
    }
}

impl Steps {
    fn of(message: &Message, key: &Key<Payment>, code: Digits, split: Split) -> Self {
        let input = message.bytes();
        let tag = key.tag(input);
        Self {
            header: input.get(..8).unwrap_or_default().into(),
            input: input.into(),
            tag: tag.expose().into(),
            first_8: tag.first_8().into(),
            check: code.split(split.nonce).1.ungrouped().to_string(),
            code: code.to_string(),
        }
    }
}

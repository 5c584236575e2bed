//! Kind `accumulated`: one hash over the codes of many payments, so that a port is checked in one line.
//!
//! The payments come from a stream that anybody can compute: with `S(i) = SHA-256(seed ‖ [i]₃₂)`, i = 1, 2, …, and
//! S(i)[a..b] its bytes a to b−1 as one unsigned number, most significant byte first:
//!
//! | field | value |
//! |---|---|
//! | payer | 10⁶ + 2 · (S(i)[0..8] mod 499999999500000), as a number in E.164 |
//! | payee | 10⁶ + 1 + 2 · (S(i)[8..16] mod 499999999500000) |
//! | amount | 1 + (S(i)[16..20] mod 4294967295) |
//! | N_B | `digitally-8`: 1 + (S(i)[20..24] mod 4294967295); others: S(i)[20..24] mod 1000 |
//! | N_A | `digitally-8`: none; others: S(i)[24..28] mod 10000 |
//!
//! The result is SHA-256 over the digits of all codes in ASCII, without spaces: request 1, response 1, request 2, …

use digitally::profile::NonceRule;
use digitally::{Amount, Msisdn, Profile, Request, Suite, Terms};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::suite::SuiteFields;
use super::{Answer, Kind};
use crate::expect::Expect;
use crate::hex_text::Hex;

/// The kind.
pub(crate) struct Accumulated;

/// A suite and the seed of a stream of payments.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    pub(crate) suite: SuiteFields,
    pub(crate) seed: Hex,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// How many payments.
    pub(crate) count: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) sha256: Hex,
}

/// No implementation has to compute more payments than this for one answer.
const MOST: u32 = 1_000_000;

impl Shared {
    /// S(i).
    fn block(&self, i: u32) -> [u8; 32] {
        Sha256::new().chain_update(self.seed.bytes()).chain_update(i.to_be_bytes()).finalize().into()
    }
}

impl Kind for Accumulated {
    const NAME: &'static str = "accumulated";
    type Shared = Shared;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["sha256"];

    fn answer(shared: &Shared, input: &Input) -> Option<Answer<Output>> {
        if input.count > MOST {
            return Some(Err(Expect::malformed("count")));
        }
        Some(shared.suite.open().map(|opened| {
            let suite = shared.suite.suite(&opened);
            let mut hash = Sha256::new();
            for i in 1..=input.count {
                hash.update(codes(&suite, &shared.block(i)).unwrap_or_default());
            }
            Output { sha256: hash.finalize().into() }
        }))
    }

    fn explain(shared: &Shared, input: &Input) -> Vec<(String, String)> {
        let Ok(opened) = shared.suite.open() else { return Vec::new() };
        let suite = shared.suite.suite(&opened);
        let line = |i: u32| {
            let block = shared.block(i);
            let (request, payer_nonce) = payment(suite.profile, &block)?;
            let (terms, nonce) = (request.terms(), request.payee_nonce());
            let [payer, payee, amount] =
                [terms.payer().to_string(), terms.payee().to_string(), terms.amount().minor_units().to_string()];
            let codes = codes(&suite, &block)?;
            let text = format!(
                "S = {}, {payer} pays {payee} {amount}, N_B {nonce}, N_A {payer_nonce}: {codes}",
                hex::encode(block)
            );
            Some((format!("payment {i}"), text))
        };
        (1..=input.count.min(3)).filter_map(line).collect()
    }
}

/// Request and response, one after the other, without spaces.
fn codes(suite: &Suite<'_>, block: &[u8; 32]) -> Option<String> {
    let (request, payer_nonce) = payment(suite.profile, block)?;
    let response = request.response_again(suite, payer_nonce);
    Some(format!("{}{}", request.code(suite).ungrouped(), response.ungrouped()))
}

/// The payment that a block of the stream describes, with its N_A. Every block describes one.
fn payment(profile: &Profile, block: &[u8; 32]) -> Option<(Request, u32)> {
    const NUMBERS: u64 = 499_999_999_500_000;
    let long = |at: usize| Some(u64::from_be_bytes(*block.get(at..)?.first_chunk()?));
    let short = |at: usize| Some(u32::from_be_bytes(*block.get(at..)?.first_chunk()?));
    let number = |at: usize, odd: u64| {
        let number = 1_000_000_u64.checked_add((long(at)? % NUMBERS).checked_mul(2)?)?.checked_add(odd)?;
        format!("+{number}").parse::<Msisdn>().ok()
    };
    let from_one = |number: u32| (number % u32::MAX).checked_add(1);
    let payee_nonce = match profile.payee_nonce {
        NonceRule::Random => short(20)?.checked_rem(profile.nonce_range())?,
        NonceRule::Serial { .. } => from_one(short(20)?)?,
    };
    let payer_nonce = short(24)?.checked_rem(10u32.checked_pow(profile.response.nonce.into())?)?;
    let terms = Terms::new(number(0, 0)?, number(8, 1)?, Amount::new(from_one(short(16)?)?)).ok()?;
    Some((Request::recall(terms, payee_nonce), payer_nonce))
}

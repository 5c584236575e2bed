//! Kind `refusal`: what becomes of a code that somebody typed.

use digitally::{Counter, Memory, Profile, Refusal as Why, Request, Suite};
use serde::{Deserialize, Serialize};

use super::suite::{self, SuiteFields};
use super::{Answer, Kind, Test};
use crate::expect::Expect;
use crate::read::strict::from_an_object;
use crate::report::Verdict;
use crate::subject::card::{CardError, Cards};

/// The kind.
pub(crate) struct Refusal;

/// A typed code, and what the purse that it is typed into knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", tag = "side", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Input {
    /// A request, typed into the payer's purse.
    Payer {
        payer: String,
        payee: String,
        amount: u64,
        /// As typed.
        code: String,
        /// t of P-CHK-2: the highest serial paid to this payee, 0 if there is none.
        #[serde(default)]
        paid: u32,
        /// The very same payee, amount and code were refused by the CHECK just before.
        #[serde(default)]
        typed_before: bool,
    },
    /// A response, typed into the payee's purse for the request with this N_B.
    Payee {
        payer: String,
        payee: String,
        amount: u64,
        /// As typed.
        code: String,
        payee_nonce: u32,
    },
}

/// What it was accepted for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    /// N_B of the request that the code stands for, or answers.
    pub(crate) payee_nonce: u32,
}

from_an_object! { Input }

impl Kind for Refusal {
    const NAME: &'static str = "refusal";
    type Shared = SuiteFields;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["payee_nonce"];

    fn answer(shared: &SuiteFields, input: &Input) -> Option<Answer<Output>> {
        Some(shared.open().and_then(|opened| input.judge(shared.profile, &shared.suite(&opened))))
    }

    fn on_card<C: Cards>(cards: &mut C, shared: &SuiteFields, test: &Test<Self>) -> Result<Verdict, CardError> {
        crate::subject::card::refusal::ask(cards, shared, test)
    }

    fn explain(shared: &SuiteFields, input: &Input) -> Vec<(String, String)> {
        let Ok(opened) = shared.open() else { return Vec::new() };
        let suite = shared.suite(&opened);
        let line = |request: &Request, code: digitally::Code| {
            (format!("N_B {}", request.payee_nonce()), format!("the code would be {code}"))
        };
        match input {
            Input::Payer { payer, payee, amount, code, paid, typed_before } => {
                let (Ok(terms), Ok(code)) =
                    (suite::terms(payer, payee, *amount), suite::typed(code, shared.profile.request.digits()))
                else {
                    return Vec::new();
                };
                let memory = Memory { paid: Counter::at(*paid), typed_before: *typed_before };
                let candidates = Request::candidates(&suite, terms, &code, memory);
                candidates.map(|request| line(&request, request.code(&suite))).collect()
            }
            Input::Payee { payer, payee, amount, code, payee_nonce } => {
                let typed = suite::typed(code, shared.profile.response.digits());
                let (Ok(terms), Ok(typed)) = (suite::terms(payer, payee, *amount), typed) else { return Vec::new() };
                let request = Request::recall(terms, *payee_nonce);
                // Where there is an N_A, it is the one that was typed.
                let drawn = typed.split(shared.profile.response.nonce).0.value();
                vec![line(&request, request.response_again(&suite, u32::try_from(drawn).unwrap_or(0)))]
            }
        }
    }
}

impl Input {
    fn judge(&self, profile: &Profile, suite: &Suite<'_>) -> Answer<Output> {
        match self {
            Self::Payer { payer, payee, amount, code, paid, typed_before } => {
                let terms = suite::terms(payer, payee, *amount)?;
                let code = suite::typed(code, profile.request.digits())?;
                let memory = Memory { paid: Counter::at(*paid), typed_before: *typed_before };
                let request = Request::read(suite, terms, &code, memory).map_err(|why| match why {
                    Why::Ambiguous => Expect::refuse("P-CHK-4"),
                    _ => Expect::refuse("P-CHK-3"),
                })?;
                Ok(Output { payee_nonce: request.payee_nonce() })
            }
            Self::Payee { payer, payee, amount, code, payee_nonce } => {
                let terms = suite::terms(payer, payee, *amount)?;
                let nonce = suite::payee_nonce(profile, *payee_nonce)?;
                let code = suite::typed(code, profile.response.digits())?;
                let answered = Request::recall(terms, nonce).answered_by(suite, &code);
                if answered { Ok(Output { payee_nonce: nonce }) } else { Err(Expect::refuse("P-CONF-9")) }
            }
        }
    }
}

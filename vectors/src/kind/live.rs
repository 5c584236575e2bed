//! Kind `live`: conversations with purses. What a card draws itself is taken from its answers, and what must follow is
//! computed from that: no command injects a nonce.

use std::collections::{BTreeMap, BTreeSet};

use digitally::{Algorithm, Profile, Scheme};
use serde::{Deserialize, Serialize};

use super::suite;
use super::{Answer, Kind, Test};
use crate::hex_text::Hex;
use crate::report::Verdict;
use crate::subject::card::{CardError, Cards};

/// The kind.
pub(crate) struct Live;

/// The cards of a group, by the names of their holders. Every test begins with all of them new.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    pub(crate) cards: BTreeMap<String, CardFields>,
}

/// How a card is personalised: with published test keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardFields {
    pub(crate) number: String,
    pub(crate) currency: u16,
    pub(crate) decimals: u8,
    pub(crate) serials_above: u32,
    #[serde(with = "suite::profile_name")]
    pub(crate) profile: &'static Profile,
    #[serde(with = "suite::algorithm_name")]
    pub(crate) algorithm: Algorithm,
    #[serde(with = "suite::scheme_name")]
    pub(crate) scheme: Scheme,
    pub(crate) epoch: u8,
    pub(crate) payment_key: Hex,
    pub(crate) issuer_key: Hex,
    pub(crate) pin: String,
    pub(crate) pin_tries: u8,
    pub(crate) puk: String,
    pub(crate) puk_tries: u8,
    pub(crate) limits: LimitFields,
    /// What is loaded before the test, by one order of the issuer; nothing if 0.
    pub(crate) balance: u32,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitFields {
    pub(crate) payment: u32,
    pub(crate) balance: u32,
    pub(crate) opens: u16,
    pub(crate) failures: u16,
    pub(crate) tries: u8,
    pub(crate) refusals: u8,
    pub(crate) unacknowledged: u16,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) steps: Vec<Step>,
}

/// Nothing comes out of a conversation but that it went as written.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {}

/// One command to one card, and the status word that it is answered with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Who sends it to their own card.
    pub(crate) card: String,
    #[serde(rename = "do")]
    pub(crate) action: Action,
    /// The status word.
    #[serde(default = "ok", skip_serializing_if = "is_ok")]
    pub(crate) sw: Hex,
}

fn ok() -> Hex {
    [0x90, 0x00].into()
}

fn is_ok(sw: &Hex) -> bool {
    *sw == ok()
}

/// What is done. A person is named as their card is, or by a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Action {
    /// Power off and on, and SELECT.
    Reset,
    /// SELECT.
    Select,
    /// REQUEST; the request gets a name.
    Request { payer: String, amount: u32, name: String },
    /// CANCEL.
    Cancel { request: String },
    /// CONFIRM.
    Confirm { request: String, code: Typed },
    /// CHECK.
    Check { payee: String, amount: u32, code: Typed },
    /// VERIFY.
    Verify { pin: String },
    /// AUTHORISE; the payment gets a name.
    Authorise { name: String },
    /// LAST; what it shows is the response of this payment.
    Last { back: u8, shows: String },
    /// GET BALANCE.
    Balance { amount: u32 },
    /// LOAD, by the next order of the issuer.
    Load { amount: u32 },
    /// UNLOAD, by the next order of the issuer.
    Unload { amount: u32 },
    /// RESET RETRY COUNTER.
    Unblock { puk: String, pin: String },
    /// The issuer's order at a contact, by STORE DATA through the secure channel of the card's domain.
    Contact {
        number: u32,
        acknowledged: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suspended: Option<bool>,
        /// Requests that the issuer settles itself: the named ones, at this card.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        settled: Vec<String>,
    },
    /// INTERNAL AUTHENTICATE: the MAC is right, and the statement says this.
    States { contact: u32, acknowledged: u32, entries: u32, opened: u16, failed: u16, balance: u32, life: u8 },
    /// READ RECORD of the log with MACs: the MAC is right, and the entry says this.
    Logged { file: LogFile, record: u8, number: u32, amount: u32 },
    /// Any bytes; the data of the answer.
    Send { command: Hex, data: Hex },
}

/// A log.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFile {
    /// Payments made.
    Payments,
    /// Everything else.
    History,
}

/// A code that somebody types: exactly one of `shown`, `digits`, `request` and `response`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    /// What this request or payment showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shown: Option<String>,
    /// These digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) digits: Option<String>,
    /// A request computed here: as that of this name, with the changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    /// A response computed here: as to the request of this name, with the changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<String>,
    /// This is added to the digits, as to one number.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) plus: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) with: Option<Changes>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What is different in a computed code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payee: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) epoch: Option<u8>,
    /// Added to the full serial.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) nonce_plus: u32,
}

impl Kind for Live {
    const NAME: &'static str = "live";
    type Shared = Shared;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &[];
    const NEEDS_CARD: bool = true;

    fn answer(_: &Shared, _: &Input) -> Option<Answer<Output>> {
        None
    }

    fn on_card<C: Cards>(cards: &mut C, shared: &Shared, test: &Test<Self>) -> Result<Verdict, CardError> {
        crate::subject::card::live::run(cards, shared, test)
    }

    fn explain(_: &Shared, input: &Input) -> Vec<(String, String)> {
        let line = |(number, step): (usize, &Step)| {
            let action = serde_json::to_string(&step.action).unwrap_or_default();
            (format!("step {number}: {}", step.card), format!("{} -> {}", action.replace('"', ""), step.sw))
        };
        (0..).zip(&input.steps).map(line).collect()
    }

    fn fault(shared: &Shared, test: &Test<Self>) -> Option<String> {
        if test.input.steps.is_empty() {
            return Some("a conversation has at least one step".into());
        }
        let refuses = test.input.steps.iter().any(|step| !is_ok(&step.sw));
        if refuses != test.expect.rule().is_some() {
            return Some("it expects `refuse:…` if, and only if, a step has another status word than 9000".into());
        }
        let mut names = BTreeSet::new();
        test.input
            .steps
            .iter()
            .enumerate()
            .find_map(|(i, step)| step.fault(shared, &mut names).map(|fault| format!("input.steps[{i}]: {fault}")))
    }
}

impl Step {
    /// The rule that the step breaks; `names` are the requests and payments named before.
    fn fault<'s>(&'s self, shared: &Shared, names: &mut BTreeSet<&'s str>) -> Option<String> {
        if !shared.cards.contains_key(&self.card) {
            return Some(format!("there is no card of `{}`", self.card));
        }
        if self.sw.bytes().len() != 2 {
            return Some("`sw` has two bytes".into());
        }
        let uses: Vec<&str> = match &self.action {
            Action::Cancel { request } => vec![request],
            Action::Confirm { request, code } => code.names().chain([request.as_str()]).collect(),
            Action::Check { code, .. } => code.names().collect(),
            Action::Last { shows, .. } if is_ok(&self.sw) => vec![shows],
            Action::Contact { settled, .. } => settled.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        if let Action::Check { code, .. } | Action::Confirm { code, .. } = &self.action {
            if code.ways() != 1 {
                return Some("a code has one of `shown`, `digits`, `request`, `response`".into());
            }
            if code.with.is_some() && code.request.is_none() && code.response.is_none() {
                return Some("`with` goes with `request` or `response`".into());
            }
        }
        if let Some(unknown) = uses.into_iter().find(|name| !names.contains(name)) {
            return Some(format!("no step before has the name `{unknown}`"));
        }
        if let Action::Request { name, .. } | Action::Authorise { name } = &self.action
            && is_ok(&self.sw)
            && !names.insert(name)
        {
            return Some(format!("the name `{name}` is taken"));
        }
        None
    }
}

impl Typed {
    fn names(&self) -> impl Iterator<Item = &str> {
        [&self.shown, &self.request, &self.response].into_iter().flatten().map(String::as_str)
    }

    fn ways(&self) -> usize {
        self.names().count().saturating_add(usize::from(self.digits.is_some()))
    }
}

//! The kinds of vectors: what each asks, and what it takes for an answer.

pub(crate) mod accumulated;
pub(crate) mod apdu;
pub(crate) mod code;
pub(crate) mod derive;
pub(crate) mod live;
pub(crate) mod mac;
pub(crate) mod refusal;
pub(crate) mod suite;
pub(crate) mod tlv;

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::expect::Expect;
use crate::report::Verdict;
use crate::subject::card::{CardError, Cards};

/// A kind of vectors. Its file format is `schema/<name>.schema.json`.
pub(crate) trait Kind: Sized + 'static {
    /// Its name in files.
    const NAME: &'static str;
    /// What a group's tests share: keys, mostly.
    type Shared: Debug + Serialize + DeserializeOwned;
    /// What a test asks.
    type Input: Debug + Serialize + DeserializeOwned;
    /// What comes out if it is accepted: the results, and the values on the way to them.
    type Output: Debug + PartialEq + Serialize + DeserializeOwned;
    /// The results, as paths into the output. An implementation that is judged must name these; it may leave out what
    /// stands beside them.
    const RESULTS: &'static [&'static str];

    /// Whether only a card can be asked: what is asked is no function of one question.
    const NEEDS_CARD: bool = false;

    /// What the library answers; nothing if the question is not one for a library.
    fn answer(shared: &Self::Shared, input: &Self::Input) -> Option<Answer<Self::Output>>;

    /// How a card did.
    ///
    /// # Errors
    /// [`CardError`] if it cannot be asked at all.
    fn on_card<C: Cards>(cards: &mut C, shared: &Self::Shared, test: &Test<Self>) -> Result<Verdict, CardError> {
        let _ = (cards, shared, test);
        Ok(crate::subject::card::no_command())
    }

    /// The rule that a test breaks beside those of all tests, if there is one.
    fn fault(shared: &Self::Shared, test: &Test<Self>) -> Option<String> {
        let _ = (shared, test);
        None
    }

    /// What is worth reading beside the fields themselves: a name and a value a line.
    fn explain(shared: &Self::Shared, input: &Self::Input) -> Vec<(String, String)> {
        let _ = (shared, input);
        Vec::new()
    }
}

/// An output, or why there is none.
pub(crate) type Answer<O> = Result<O, Expect>;

/// Tests that share something.
#[derive(Debug, Serialize)]
#[serde(bound = "")]
pub(crate) struct Group<K: Kind> {
    pub(crate) comment: String,
    /// The statements of `docs/protocol.md` that each test of the group is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) statements: Vec<String>,
    pub(crate) shared: K::Shared,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tests: Vec<Test<K>>,
}

/// One test.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub(crate) struct Test<K: Kind> {
    /// Unique over all files, and for ever the same.
    pub(crate) id: String,
    pub(crate) comment: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) flags: Vec<String>,
    pub(crate) input: K::Input,
    pub(crate) expect: Expect,
    /// There if, and only if, the test expects `accept`.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<K::Output>,
}

const fn none<T>() -> Option<T> {
    None
}

/// The names of all kinds.
pub const KINDS: [&str; 8] = ["mac", "derive", "code", "refusal", "accumulated", "apdu", "tlv", "live"];

/// Evaluates `$body` with `$K` being the kind of this name, or `$otherwise` if there is none.
macro_rules! with_kind {
    ($name:expr, $K:ident => $body:expr, $otherwise:expr) => {
        with_kind!(@ $name, $K => $body, $otherwise;
            mac::Mac, derive::Derive, code::Code, refusal::Refusal, accumulated::Accumulated,
            apdu::Apdu, tlv::Tlv, live::Live)
    };
    (@ $name:expr, $K:ident => $body:expr, $otherwise:expr; $($module:ident :: $kind:ident),*) => {
        match $name {
            $(name if name == <$crate::kind::$module::$kind as $crate::kind::Kind>::NAME => {
                type $K = $crate::kind::$module::$kind;
                $body
            })*
            _ => $otherwise,
        }
    };
}
pub(crate) use with_kind;

//! What a test expects, in layers: accepted, refused by a rule, or not even readable.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The outcome of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// `accept`: there is an output, and it is this one.
    Accept,
    /// `refuse:<rule>`: well-formed, and refused by this rule, a statement of `docs/protocol.md`.
    Refuse(Rule),
    /// `malformed:<what>`: not readable at all; what is wrong is a statement of `docs/protocol.md` or a field of
    /// another standard.
    Malformed(Rule),
}

/// The name of a rule: letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule(String);

impl Rule {
    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    fn parse(name: &str) -> Option<Self> {
        let proper = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        proper.then(|| Self(name.into()))
    }
}

impl Expect {
    /// Refused by this rule.
    pub(crate) fn refuse(rule: &str) -> Self {
        Self::Refuse(Rule(rule.into()))
    }

    /// Unreadable by this rule.
    pub(crate) fn malformed(rule: &str) -> Self {
        Self::Malformed(Rule(rule.into()))
    }

    /// The rule that says no, if one does.
    pub(crate) const fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Accept => None,
            Self::Refuse(rule) | Self::Malformed(rule) => Some(rule),
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Refuse(Rule(rule)) => write!(f, "refuse:{rule}"),
            Self::Malformed(Rule(rule)) => write!(f, "malformed:{rule}"),
        }
    }
}

impl Serialize for Expect {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let parsed = match text.split_once(':') {
            None if text == "accept" => Some(Self::Accept),
            Some(("refuse", rule)) => Rule::parse(rule).map(Self::Refuse),
            Some(("malformed", rule)) => Rule::parse(rule).map(Self::Malformed),
            _ => None,
        };
        parsed.ok_or_else(|| {
            D::Error::custom(format_args!(
                "unknown expectation `{text}`; known are `accept`, `refuse:<rule>` and `malformed:<what>`"
            ))
        })
    }
}

//! What became of a script: what was answered, and where it was not what the script expects.

use std::fmt;

use crate::expect::{Answer, Mismatch};
use crate::kind::spaced;
use crate::script::Place;

/// What became of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Every answer, in order.
    pub answers: Vec<Answered>,
    /// The first that was not as expected; the script ended there.
    pub missed: Option<Missed>,
}

/// An answer to one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The line.
    pub place: Place,
    /// What it says, without PINs.
    pub said: String,
    /// The answer.
    pub answer: Answer,
}

/// An answer that was not as expected. `Display` takes several lines, the first of them with the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The line that says what is expected; that of the command, where none does.
    pub place: Place,
    /// What was said, without PINs.
    pub said: String,
    /// What differs.
    pub mismatch: Mismatch,
}

/// Where two outcomes begin to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeDifference {
    /// What the one card answered; nothing if it was not asked so much.
    pub one: Option<Answered>,
    /// What the other one did.
    pub other: Option<Answered>,
}

impl Outcome {
    /// Whether all was as expected.
    #[must_use]
    pub const fn is_as_expected(&self) -> bool {
        self.missed.is_none()
    }

    /// Where another outcome of the same script begins to differ in what was answered; nothing if it does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<OutcomeDifference> {
        let most = self.answers.len().max(other.answers.len());
        (0..most)
            .map(|at| (self.answers.get(at), other.answers.get(at)))
            .find(|(one, other)| one != other)
            .map(|(one, other)| OutcomeDifference { one: one.cloned(), other: other.cloned() })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More bytes than these are counted only.
        const SHOWN: usize = 64;
        match self {
            Self::Silence => f.write_str("silence"),
            Self::Response { data, sw } if data.is_empty() => write!(f, "{sw}"),
            Self::Response { data, sw } => match data.get(..SHOWN).filter(|_| data.len() > SHOWN) {
                Some(first) => write!(f, "{} … ({} bytes) {sw}", spaced(first), data.len()),
                None => write!(f, "{} {sw}", spaced(data)),
            },
        }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n{}", self.place, self.said, self.mismatch)
    }
}

impl fmt::Display for OutcomeDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.one.as_ref().or(self.other.as_ref());
        line.iter().try_for_each(|line| write!(f, "{}: {}", line.place, line.said))?;
        for (name, answered) in [("one", &self.one), ("other", &self.other)] {
            match answered {
                Some(Answered { answer, .. }) => write!(f, "\n  {name:<6} {answer}")?,
                None => write!(f, "\n  {name:<6} was not asked")?,
            }
        }
        Ok(())
    }
}

//! What was wrong after a cut, and what kept a scene from being torn at all.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use apdu::Cut;
use applet_model::purse::client::ClientError;
use thiserror::Error;

/// A cut, and what the unstable cells read as at the next power-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Where the power was cut.
    pub cut: Cut,
    /// As [`card_sim::Card::toss`] takes it.
    pub coins: u64,
}

/// Why a scene was not torn to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TearError {
    /// A card of the lab could not be made or put back.
    #[error("a card of the lab could not be made")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
    /// A card refused what it should do.
    #[error("a card of the lab did not do its part")]
    Card(#[from] ClientError<Infallible>),
    /// After a cut something was wrong.
    #[error("{}{what}", Where(.first.as_ref(), .second.as_ref()))]
    Broken {
        /// The cut in the command; nothing if it is wrong without one.
        first: Option<At>,
        /// The cut in the recovery.
        second: Option<At>,
        /// What.
        what: String,
    },
}

impl TearError {
    pub(super) fn setup(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Setup(Box::new(error))
    }

    pub(super) fn broken(first: Option<At>, second: Option<At>, what: impl Into<String>) -> Self {
        Self::Broken { first, second, what: what.into() }
    }

    pub(super) fn wrong(what: impl Into<String>) -> Self {
        Self::broken(None, None, what)
    }

    /// With its causes.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        words
    }
}

/// Where it was cut, as the beginning of a sentence.
struct Where<'a>(Option<&'a At>, Option<&'a At>);

impl fmt::Display for Where<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, place) in [(self.0, "cut in"), (self.1, "then in the recovery's")] {
            if let Some(At { cut, coins }) = at {
                let Cut { write, bytes, unstable } = cut;
                write!(f, "{place} write {write} after {bytes} bytes")?;
                if *unstable {
                    let value = if coins & 1 == 0 { "old" } else { "new" };
                    write!(f, " (the next one unstable, read as {value})")?;
                }
                f.write_str(": ")?;
            }
        }
        Ok(())
    }
}

//! What ends a run before its time.

use std::convert::Infallible;
use std::error::Error;

use apdu::Sw;
use applet_model::purse::client::ClientError;
use thiserror::Error;

/// Why an attack was not run to its end. None of these is a result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttackError {
    /// The settings ask for no trials.
    #[error("an attack of 0 trials measures nothing")]
    NoTrials,
    /// The settings ask for no threads.
    #[error("an attack needs at least one thread")]
    NoThreads,
    /// A card of the lab could not be made or put back.
    #[error("a card of the lab could not be made")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
    /// The random source gave nothing.
    #[error("the seeded random source gave no bytes")]
    Random,
    /// A card was out of reach, refused what it should do, or answered what is no answer.
    #[error("a card of the lab did not do its part")]
    Card(#[from] ClientError<Infallible>),
    /// A card answered a step of the attack by a status word that the attack has no reading of.
    #[error(
        "a card of the lab answered {step} with {sw}, which is neither what the attack hopes for nor a refusal of it"
    )]
    Answer {
        /// The command.
        step: &'static str,
        /// The answer.
        sw: Sw,
    },
    /// The balances are not what the answers of the cards say.
    #[error("both purses hold {found} minor units together where the answers of the cards add up to {expected}")]
    Books {
        /// By the answers.
        expected: u64,
        /// By GET BALANCE.
        found: u64,
    },
    /// A pair of requests that the attack needs did not come.
    #[error("no pair of requests with the same digits came up within {requests} requests")]
    NoPair {
        /// How many were opened.
        requests: u32,
    },
}

impl AttackError {
    pub(super) fn setup(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Setup(Box::new(error))
    }

    pub(super) const fn answer(step: &'static str, sw: Sw) -> Self {
        Self::Answer { step, sw }
    }
}

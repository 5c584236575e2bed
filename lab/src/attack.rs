//! Attacks on the short-code protocols, run against real purses through APDUs, beside what the formulae predict.
//!
//! An attack is a list of [`Row`]s. What one trial of a row is, how likely it succeeds by the formula, and how many
//! trials there are, is fixed before the run. [`run`] splits the trials over all cores; for a given seed the counts are
//! the same on any number of them.

mod codes;
mod collision;
mod dice;
mod error;
mod guess;
mod interval;
mod person;
mod replay;
mod row;
mod run;
mod scaled;
mod typing;

pub use error::AttackError;
pub use interval::Interval;
pub use row::Row;
pub use run::{FAMILY_RISK, Measured, Progress, Settings, run};
pub use scaled::{fewer_digits, profiles};

use digitally::Profile;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Requests are opened until two show the same digits; one is paid, the other one credited.
    Collision,
    /// A response that was paid for once is typed in again.
    Replay,
    /// Made-up codes are typed in, at the payee's purse and at the payer's.
    Guess,
    /// No attack, but what people do to themselves: codes are mistyped, amounts misheard.
    Typing,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Collision, Self::Replay, Self::Guess, Self::Typing];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collision => "collision",
            Self::Replay => "replay",
            Self::Guess => "guess",
            Self::Typing => "typing",
        }
    }

    /// What is measured of it against a published profile, and against the same with fewer digits.
    #[must_use]
    pub fn rows(self, profile: &'static Profile) -> Vec<Row> {
        match self {
            Self::Collision => collision::rows(profile),
            Self::Replay => replay::rows(profile),
            Self::Guess => guess::rows(profile),
            Self::Typing => typing::rows(profile),
        }
    }
}

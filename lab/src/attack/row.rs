//! One row of an attack: what is tried, how often, and what should come of it.

use std::fmt;

use digitally::Profile;

use super::dice::Dice;
use super::{Attack, AttackError};

/// What is tried, how often, and with which chance by the formula.
pub struct Row {
    /// The attack that it belongs to.
    pub attack: Attack,
    /// What is tried, in a few words.
    pub name: String,
    /// The profile of the purses: a published one, or one with fewer digits.
    pub profile: &'static Profile,
    /// The chance of one trial, by the formula.
    pub predicted: f64,
    /// How many trials there are unless the settings say otherwise.
    pub trials: u32,
    /// How many trials share their cards.
    pub(super) block: u32,
    start: Start,
}

/// Makes the cards for one block of trials.
type Start = Box<dyn Fn(&'static Profile, Dice) -> Result<Box<dyn Trial>, AttackError> + Send + Sync>;

/// Trials of one row, one after the other, with the same cards.
pub(super) trait Trial {
    /// One trial: whether the attack succeeded.
    fn run(&mut self) -> Result<bool, AttackError>;
}

impl Row {
    pub(super) fn new<T: Trial + 'static>(
        (attack, name): (Attack, impl Into<String>),
        profile: &'static Profile,
        predicted: f64,
        (trials, block): (u32, u32),
        start: impl Fn(&'static Profile, Dice) -> Result<T, AttackError> + Send + Sync + 'static,
    ) -> Self {
        let start: Start = Box::new(move |profile, dice| Ok(Box::new(start(profile, dice)?)));
        Self { attack, name: name.into(), profile, predicted, trials, block, start }
    }

    /// Runs `trials` trials with these dice: how many succeeded.
    pub(super) fn run(&self, dice: Dice, trials: u32) -> Result<u32, AttackError> {
        let mut block = (self.start)(self.profile, dice)?;
        let mut hits: u32 = 0;
        for _ in 0..trials {
            hits = hits.saturating_add(u32::from(block.run()?));
        }
        Ok(hits)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}: {}, {})", self.attack.name(), self.name, self.profile.name)
    }
}

//! What the register has of a card's log, what is missing, and what of that can never come.
//!
//! Entries are numbered through both logs from 1 on. A payment that nobody acknowledged never leaves the card, and what is
//! acknowledged is in the register; so what has left the card before it came is history, and that leaves oldest first. What is
//! missing has left the card for certain if a contact has come after it, since a contact takes up all that the card holds; or
//! if a statement says that no payment is missing, and that so much history has left the card.

use core::fmt;

use applet_model::purse::{Entry, Statement};

use crate::contact::account;
use crate::register::{Card, Known, Register, RegisterError};

/// How the register stands with a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The card.
    pub card: Card,
    /// The number of the newest entry that is known to have been.
    pub newest: u32,
    /// How many numbers are there.
    pub known: u32,
    /// Those that are not, and may still come.
    pub missing: Vec<Numbers>,
    /// Those that are not, and had left the card before they came.
    pub gone: Vec<Numbers>,
    /// What is wrong with the card.
    pub findings: Vec<String>,
}

/// Numbers of entries, one after the other: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The first of them.
    pub first: u32,
    /// The last of them.
    pub last: u32,
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first} to {last}") }
    }
}

impl Numbers {
    fn of(first: u32, last: u32) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// Those up to a number, and those above it.
    fn split(self, at: u32) -> (Option<Self>, Option<Self>) {
        let below = Self::of(self.first, self.last.min(at));
        let above = at.checked_add(1).and_then(|after| Self::of(self.first.max(after), self.last));
        (below, above)
    }
}

impl Standing {
    /// How the register stands with this card.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn of(register: &Register, card: Card) -> Result<Self, RegisterError> {
        let entries = register.entries(card.id)?;
        let mut log: Vec<Place> = entries.iter().map(|one| (one.entry.number, one.entry.kind == Entry::PAID)).collect();
        log.dedup_by_key(|(number, _)| *number);
        let known = register.known(card.id)?;
        let said = register.uploaded(card.id)?.into_iter().chain(known.map(|known| known.statement));
        let said = said.reduce(account::newer);
        let newest = said.map_or(0, |said| said.entries).max(log.last().map_or(0, |(number, _)| *number));
        let (missing, gone) = apart(&log, newest, known.as_ref(), said.as_ref());
        let findings = register.findings(card.id)?;
        let known = u32::try_from(log.len()).unwrap_or(u32::MAX);
        Ok(Self { card, newest, known, missing, gone, findings })
    }
}

/// The number of an entry, and whether it is a payment made.
type Place = (u32, bool);

/// What is not among these entries of a log, oldest first: what may still come, and what not.
fn apart(log: &[Place], newest: u32, known: Option<&Known>, said: Option<&Statement>) -> (Vec<Numbers>, Vec<Numbers>) {
    // A contact took up all that the card held.
    let met = known.map_or(0, |known| known.statement.entries);
    // The newest that a statement tells anything of.
    let told = said.map_or(0, |said| said.entries);
    // How much history the card holds. With a payment missing, nobody knows which of the numbers it has.
    let held = said.and_then(|said| {
        let paid = log.iter().filter(|(number, paid)| *paid && *number <= told).count();
        let paid = u32::try_from(paid).ok()?.checked_add(known.map_or(0, |known| known.payments_before))?;
        (paid >= said.counters.payments).then(|| said.history.saturating_sub(said.folded.count))
    });
    let (mut missing, mut gone) = (Vec::new(), Vec::new());
    // Newest first; so much history is behind us, and this is the number that comes next.
    let (mut behind, mut next) = (0_u32, Some(newest));
    for (number, paid) in log.iter().rev().copied().chain([(0, true)]) {
        if let Some(gap) = number.checked_add(1).zip(next).and_then(|(first, last)| Numbers::of(first, last)) {
            let (below, after) = gap.split(told);
            missing.extend(after);
            if let Some(gap) = below {
                // So many more at the gap's end may still be on the card.
                let left = held.map_or(0, |held| gap.last.saturating_sub(held.saturating_sub(behind)));
                let (lost, may_come) = gap.split(left.max(met));
                missing.extend(may_come);
                gone.extend(lost);
                behind = behind.saturating_add(gap.last.saturating_sub(number));
            }
        }
        if !paid && number <= told {
            behind = behind.saturating_add(1);
        }
        next = number.checked_sub(1);
    }
    missing.reverse();
    gone.reverse();
    (missing, gone)
}

#[cfg(test)]
mod tests;

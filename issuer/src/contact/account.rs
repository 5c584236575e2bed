//! Whether what a card says can be true: it has no less behind it than before, and its log adds up to its balance.

use applet_model::purse::{AttestedEntry, Entry, Statement};
use digitally::Amount;

use crate::register::Known;

/// What is wrong with a card: it is not what it was, or there are two of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// A number that only ever grows is smaller than before.
    #[error("rolled back: {what} was {was}, and is {is}")]
    RolledBack {
        /// Which number.
        what: &'static str,
        /// What it was.
        was: u64,
        /// What it is.
        is: u64,
    },
    /// A log entry was another one before.
    #[error("doubled: log entry {number} was another one before")]
    Doubled {
        /// Its number.
        number: u32,
    },
    /// A balance in the log does not follow from the one before and the amount.
    #[error("log entry {number} does not add up")]
    Account {
        /// Number of the entry.
        number: u32,
    },
    /// The balance is not that of the last log entry.
    #[error("the balance is not what the log comes to")]
    Balance,
}

/// Whether a card has less behind it than it had.
pub(super) fn rolled_back(known: Option<&Known>, is: &Statement) -> Option<Finding> {
    let was = &known?.statement;
    let numbers = |statement: &Statement| {
        let counters = statement.counters;
        [
            ("the number of its last contact", u64::from(statement.contact)),
            ("the number of its newest log entry", statement.entries.into()),
            ("its count of payments made", counters.payments.into()),
            ("its count of payments received", counters.received.into()),
            ("its count of requests opened", counters.opened.into()),
            ("its count of wrong responses", counters.wrong_responses.into()),
            ("its count of wrong requests", counters.wrong_requests.into()),
            ("its count of PINs presented", counters.pin_attempts.into()),
            ("its count of wrong PINs", counters.wrong_pins.into()),
            ("its count of the issuer's orders of value", counters.issuer.into()),
            ("its highest serial", statement.highest_serial.into()),
            ("its count of payments acknowledged", statement.acknowledged.into()),
            ("its count of history entries", statement.history.into()),
            ("its count of folded entries", statement.folded.count.into()),
            ("its sum of folded payments", statement.folded.received),
        ]
    };
    let mut pairs = numbers(was).into_iter().zip(numbers(is));
    let smaller = pairs.find(|((_, was), (_, is))| is < was);
    smaller.map(|((what, was), (_, is))| Finding::RolledBack { what, was, is })
}

/// How many payments made, and how many other entries.
pub(super) fn counts(entries: &[AttestedEntry]) -> (u32, u32) {
    let paid = entries.iter().filter(|attested| attested.entry.kind == Entry::PAID).count();
    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
    (number(paid), number(entries.len().saturating_sub(paid)))
}

/// How many entries the card has had that never came up.
pub(super) fn unseen(entries: &[AttestedEntry], statement: &Statement) -> u32 {
    let (payments, history) = counts(entries);
    statement.entries.saturating_sub(payments.saturating_add(history))
}

/// Whether each balance follows from the one before, as far as entries follow each other, and the last one is the card's.
pub(super) fn adds_up(entries: &[AttestedEntry], statement: &Statement) -> Option<Finding> {
    let mut before = (0u32, Amount::ZERO);
    for AttestedEntry { entry, .. } in entries {
        let (number, balance) = before;
        let follows = entry.number == number.saturating_add(1);
        let comes_to = match entry.kind {
            Entry::PAID | Entry::UNLOADED => balance.minus(entry.amount),
            Entry::RECEIVED | Entry::LOADED => balance.plus(entry.amount),
            _ => None,
        };
        if follows && comes_to != Some(entry.balance) {
            return Some(Finding::Account { number: entry.number });
        }
        before = (entry.number, entry.balance);
    }
    (before != (statement.entries, statement.balance)).then_some(Finding::Balance)
}

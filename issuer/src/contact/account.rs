//! Whether what a card says can be true: it has no less behind it than before, and its log adds up to its balance.

use applet_model::purse::{AttestedEntry, Entry, Statement};
use digitally::Amount;

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
    /// Two statements cannot both be of one card: each has something behind it that the other has not.
    #[error("doubled: two of its statements have each something behind them that the other has not")]
    Apart,
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

/// What only ever grows, and what it is called.
fn behind(statement: &Statement) -> [(&'static str, u64); 15] {
    let counters = &statement.counters;
    [
        ("the number of its last contact", u64::from(statement.contact)),
        (NEWEST, u64::from(statement.entries)),
        ("its count of payments made", u64::from(counters.payments)),
        ("its count of payments received", u64::from(counters.received)),
        ("its count of requests opened", u64::from(counters.opened)),
        ("its count of wrong responses", u64::from(counters.wrong_responses)),
        ("its count of wrong requests", u64::from(counters.wrong_requests)),
        ("its count of PINs presented", u64::from(counters.pin_attempts)),
        ("its count of wrong PINs", u64::from(counters.wrong_pins)),
        ("its count of the issuer's orders of value", u64::from(counters.issuer)),
        ("its highest serial", u64::from(statement.highest_serial)),
        ("its count of payments acknowledged", u64::from(statement.acknowledged)),
        ("its count of history entries", u64::from(statement.history)),
        ("its count of folded entries", u64::from(statement.folded.count)),
        ("its sum of folded payments", statement.folded.received),
    ]
}

const NEWEST: &str = "the number of its newest log entry";

/// Whether a card that stated one thing has less behind it now.
pub(super) fn rolled_back(was: &Statement, is: &Statement) -> Option<Finding> {
    let mut pairs = behind(was).into_iter().zip(behind(is));
    let smaller = pairs.find(|((_, was), (_, is))| is < was);
    smaller.map(|((what, was), (_, is))| Finding::RolledBack { what, was, is })
}

/// Whether a card whose log had an entry of this number has a shorter one now.
pub(super) fn shortened(newest: u32, is: &Statement) -> Option<Finding> {
    let (was, is) = (newest.into(), is.entries.into());
    (is < was).then_some(Finding::RolledBack { what: NEWEST, was, is })
}

/// Whether one of two statements of a card, of whatever days, came after the other, as it must.
pub(crate) fn apart(one: &Statement, other: &Statement) -> Option<Finding> {
    rolled_back(one, other).and(rolled_back(other, one)).and(Some(Finding::Apart))
}

/// Which of two statements of a card is the newer one.
pub(crate) fn newer(one: Statement, other: Statement) -> Statement {
    let counts = |statement: &Statement| behind(statement).map(|(_, count)| count);
    if counts(&other) > counts(&one) { other } else { one }
}

/// How many payments made, and how many other entries.
pub(super) fn counts(entries: &[AttestedEntry]) -> (u32, u32) {
    let paid = entries.iter().filter(|attested| attested.entry.kind == Entry::PAID).count();
    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
    (number(paid), number(entries.len().saturating_sub(paid)))
}

/// Whether the history that the card should still hold is there: so many of its newest entries, and no more of the numbers
/// behind them missing than there are payments that were forgotten before the register first saw the card.
pub(super) fn holds_history(entries: &[AttestedEntry], statement: &Statement, payments_before: u32) -> bool {
    let held = statement.history.saturating_sub(statement.folded.count);
    let Some(others) = usize::try_from(held).ok().and_then(|held| held.checked_sub(1)) else { return true };
    let mut history = entries.iter().rev().filter(|attested| attested.entry.kind != Entry::PAID);
    let Some(oldest) = history.nth(others).map(|attested| attested.entry.number) else { return false };
    let there = entries.iter().filter(|attested| attested.entry.number > oldest).count();
    let missing = statement.entries.saturating_sub(oldest).saturating_sub(u32::try_from(there).unwrap_or(u32::MAX));
    missing <= payments_before
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

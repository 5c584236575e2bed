//! How much a payment wears the memory: the most that each of its commands writes.
//!
//! A write that would change nothing is not made, so these are bounds; a payment without mistakes reaches them once the
//! history of the payee is full.

use crate::runtime::WriteCost;

/// The most that one command writes to persistent memory, whatever is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The command.
    pub command: &'static str,
    /// Transactions, and writes outside of any.
    pub commits: u32,
    /// Writes of cells in all of these.
    pub cells: u32,
}

/// What the payer's card does for one payment: a right request, the right PIN at once, and the debit.
pub const PAYER: [Work; 3] = [
    Work { command: "CHECK", commits: 0, cells: 0 },
    // The try is counted, then given back.
    Work { command: "VERIFY", commits: 2, cells: 2 },
    // Number of the entry, balance, highest serial paid, entry, count.
    Work { command: "AUTHORISE", commits: 1, cells: 5 },
];

/// What the payee's card does for one payment: a request, and the right response at once.
pub const PAYEE: [Work; 2] = [
    // Serial counter, request, count.
    Work { command: "REQUEST", commits: 1, cells: 3 },
    // The response is counted twice; then number of the entry, balance, folded history, entry, count, request, the count
    // given back, payments received.
    Work { command: "CONFIRM", commits: 3, cells: 10 },
];

impl Work {
    /// The most non-volatile writes of this command on a card with this journal.
    #[must_use]
    pub const fn writes(self, cost: WriteCost) -> u32 {
        self.cells.saturating_mul(cost.write).saturating_add(self.commits.saturating_mul(cost.commit))
    }
}

/// The most non-volatile writes of these commands together.
#[must_use]
pub fn writes(work: &[Work], cost: WriteCost) -> u32 {
    work.iter().fold(0, |sum, one| sum.saturating_add(one.writes(cost)))
}

//! What the rows of some sessions come to: the measures of the Cambridge trial, and the time of each step.

use std::collections::BTreeMap;

use super::quartiles::Spread;
use super::row::{End, Outcome, Role, Row, Step};

/// What the rows of some sessions come to. `docs/study.md` defines each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measures {
    /// How many sessions.
    pub sessions: usize,
    /// The payees' parts of payments.
    pub payees: Payments,
    /// The payers' parts.
    pub payers: Payments,
    /// From the payee's choice of Request until what was received is shown.
    pub request_to_received: Spread,
    /// From the payer's choice of Pay until the payment code is shown.
    pub pay_to_code: Spread,
    /// How long each question takes, of those that were answered.
    pub steps: Vec<(Role, Step, Spread)>,
    /// How many of the codes and PINs that were keyed in were wrong.
    pub wrong: Vec<(Step, Rate)>,
    /// How often a character was erased.
    pub cleared: u64,
    /// How often somebody went back to the question before.
    pub back: u64,
    /// How many payments have so many PINs keyed in, of those that have any.
    pub pin_attempts: BTreeMap<u64, u64>,
}

/// How many payments there are, and how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payments {
    /// Begun.
    pub begun: u64,
    /// Made.
    pub done: u64,
    /// Refused by the card.
    pub refused: u64,
    /// Given up.
    pub aborted: u64,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub count: u64,
    /// Of so many.
    pub of: u64,
}

impl Rate {
    /// In tenths of a per cent, rounded half up; nothing of nothing.
    #[must_use]
    pub fn per_mille(self) -> Option<u64> {
        self.count.saturating_mul(1_000).saturating_add(self.of / 2).checked_div(self.of)
    }
}

/// The rows of one payment.
type Payment<'r> = Vec<&'r Row>;

impl Measures {
    /// Of these sessions: the rows of each.
    #[must_use]
    pub fn of(sessions: &[Vec<Row>]) -> Self {
        let payments: Vec<Payment<'_>> = sessions.iter().flat_map(|rows| payments(rows)).collect();
        let rows = || sessions.iter().flatten();
        let steps = Role::ALL.iter().flat_map(|role| Step::ALL.iter().map(|step| (*role, *step)));
        let steps = steps.filter(|(role, step)| role.has(*step) && *step != Step::Notice).map(|(role, step)| {
            let whole = rows().filter(|row| (row.role, row.step) == (role, step) && row.is_whole());
            (role, step, Spread::of(whole.map(|row| row.time).collect()))
        });
        let wrong = Step::ALL.iter().copied().filter(|step| step.is_compared()).map(|step| {
            let count = |outcome| count(rows().filter(|row| row.step == step && row.outcome == outcome));
            let wrong = count(Outcome::Wrong);
            (step, Rate { count: wrong, of: wrong.saturating_add(count(Outcome::Answered)) })
        });
        let mut pin_attempts = BTreeMap::new();
        for payment in &payments {
            let compared = |row: &&&Row| matches!(row.outcome, Outcome::Answered | Outcome::Wrong);
            let attempts = count(payment.iter().filter(|row| row.step == Step::Pin).filter(compared));
            if attempts > 0 {
                let payments: &mut u64 = pin_attempts.entry(attempts).or_default();
                *payments = payments.saturating_add(1);
            }
        }
        Self {
            sessions: sessions.len(),
            payees: Payments::of(&payments, Role::Payee),
            payers: Payments::of(&payments, Role::Payer),
            request_to_received: until(&payments, Step::ShowReceived),
            pay_to_code: until(&payments, Step::ShowPayment),
            steps: steps.collect(),
            wrong: wrong.collect(),
            cleared: rows().fold(0, |sum, row| sum.saturating_add(row.cleared.into())),
            back: count(rows().filter(|row| row.outcome == Outcome::Back && !row.step.is_shown())),
            pin_attempts,
        }
    }

    /// How many sessions, in words.
    #[must_use]
    pub fn of_how_many(&self) -> String {
        format!("{} session{}", self.sessions, if self.sessions == 1 { "" } else { "s" })
    }

    /// All parts of payments: of those who pay and of those who are paid.
    #[must_use]
    pub const fn parts(&self) -> u64 {
        self.payees.begun.saturating_add(self.payers.begun)
    }

    /// Of all parts of payments, those that were given up.
    #[must_use]
    pub const fn aborted(&self) -> Rate {
        Rate { count: self.payees.aborted.saturating_add(self.payers.aborted), of: self.parts() }
    }
}

impl Payments {
    fn of(payments: &[Payment<'_>], role: Role) -> Self {
        let mut counted = Self::default();
        for payment in payments.iter().filter(|payment| payment.first().is_some_and(|row| row.role == role)) {
            counted.begun = counted.begun.saturating_add(1);
            // What was given up can go on, so the last end counts. A record that broke off has none.
            let of_this_end = match payment.iter().rev().find_map(|row| row.end) {
                Some(End::Done) => &mut counted.done,
                Some(End::Refused) => &mut counted.refused,
                Some(End::Aborted) | None => &mut counted.aborted,
            };
            *of_this_end = of_this_end.saturating_add(1);
        }
        counted
    }
}

/// The rows of each payment of a session.
fn payments(rows: &[Row]) -> impl Iterator<Item = Payment<'_>> {
    let mut payments: BTreeMap<u32, Payment<'_>> = BTreeMap::new();
    for row in rows {
        payments.entry(row.payment).or_default().push(row);
    }
    payments.into_values()
}

/// How long it takes from the beginning of a payment until this step is shown. Not of those that began with a request of
/// which the record does not know when it was made.
fn until(payments: &[Payment<'_>], step: Step) -> Spread {
    let time = |payment: &Payment<'_>| {
        let last = payment.iter().find(|row| row.step == step)?;
        let is_known = step != Step::ShowReceived || payment.iter().any(|row| row.step == Step::ShowRequest);
        payment.first().filter(|_| is_known).map(|first| last.at.saturating_sub(first.at))
    };
    Spread::of(payments.iter().filter_map(time).collect())
}

fn count(rows: impl Iterator) -> u64 {
    u64::try_from(rows.count()).unwrap_or(u64::MAX)
}

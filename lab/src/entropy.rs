//! The entropy account: what each attack, each mistake and each state left behind is worth under a policy.

mod figures;
mod json;
mod number;
mod plot;
mod subject;
mod table;

use digitally::{Profile, profile};

use crate::Policy;

pub use subject::{Group, Help, SUBJECTS, Subject};

/// The account of some profiles under one policy.
#[derive(Clone, Debug)]
pub struct Account {
    /// Caps, money and rates.
    pub policy: Policy,
    /// Whose digits.
    pub profiles: Vec<Profile>,
    /// One for each of [`SUBJECTS`], in their order.
    pub rows: Vec<Row>,
}

/// One attack, mistake or state.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub subject: &'static Subject,
    /// What it is worth: one for each profile, in their order.
    pub figures: Vec<Figures>,
    /// How many times less likely one try is than under `first-protocol`: one for each profile.
    pub better: Vec<Better>,
}

/// What one row is worth under one profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// What a success costs whom.
    pub worth: Worth,
    /// The chance of one try. What a try is, the subject says.
    pub per_try: f64,
    /// The chance with all tries that one request allows, where that is a thing.
    pub per_request: Option<f64>,
    /// On the first day after a contact with the issuer, where a rate applies.
    pub per_day: Option<Span>,
    /// Until the next contact.
    pub until_contact: Option<Span>,
}

/// What happens within some days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The chance of at least one success.
    pub chance: f64,
    /// Money at risk in expectation, in minor units, each success at the limit of one payment.
    pub expected: f64,
    /// Money at risk at most, in minor units, whatever the luck; none where nothing bounds it.
    pub at_most: Option<u64>,
}

/// What a success costs whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Somebody is credited what nobody was debited: the issuer's loss.
    Made,
    /// Somebody is debited and nobody credited, until settlement: a failed payment, no loss.
    Failed,
    /// Nothing: the payment that was meant is credited, or nothing at all happens.
    Nothing,
}

/// How much less likely than under `first-protocol`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Better {
    /// So many times; below 1 it is likelier.
    Times(f64),
    /// It cannot happen any more.
    Ended,
}

impl Account {
    /// Works everything out.
    #[must_use]
    pub fn new(policy: Policy, profiles: Vec<Profile>) -> Self {
        let rows = SUBJECTS.iter().map(|subject| {
            let figures: Vec<Figures> = profiles.iter().map(|profile| (subject.figures)(profile, &policy)).collect();
            let first = (subject.figures)(&profile::FIRST_PROTOCOL, &policy).per_try;
            let better = figures.iter().map(|figures| Better::than(first, figures.per_try)).collect();
            Row { subject, figures, better }
        });
        Self { rows: rows.collect(), profiles, policy }
    }

    /// For people: at most 120 columns, plain text.
    #[must_use]
    pub fn to_text(&self) -> String {
        table::table(self)
    }

    /// Everything, for programs.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json::json(self)
    }

    /// A picture: the chance of one try of every row, on a logarithmic scale. An SVG 1.1 document.
    #[must_use]
    pub fn to_svg(&self) -> String {
        plot::plot(self)
    }
}

impl Better {
    fn than(first: f64, own: f64) -> Self {
        if own > 0.0 {
            Self::Times(first / own)
        } else if first > 0.0 {
            Self::Ended
        } else {
            Self::Times(1.0)
        }
    }
}

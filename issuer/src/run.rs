//! A run: many orders, one card after the other, gone on with where an earlier run was cut off.

use std::collections::BTreeSet;

use apdu::Transport;
use applet_model::runtime::Random;

use crate::keys::{KeysError, check_value};
use crate::order::{Order, SCHEME};
use crate::personalise::{Done, PersonaliseError, Step, Terms, personalise};
use crate::register::{Card, Plan, PlanRefusal, Register, RegisterError, State};

/// Where cards come from: a folder of images, a reader and somebody who fills it, a machine.
pub trait CardSource {
    /// A card.
    type Card: Transport;
    /// Why there is none.
    type Error: core::error::Error + 'static;

    /// A card to be `card`: a blank one, or the one that a run before has begun, if `card.chip` says that there is one.
    /// `None` ends the run.
    ///
    /// # Errors
    /// The run ends with it.
    fn card(&mut self, card: &Card) -> Result<Option<Self::Card>, Self::Error>;

    /// Takes a card back that is done.
    ///
    /// # Errors
    /// The run ends with it; the card is issued.
    fn done(&mut self, transport: Self::Card, done: &Done) -> Result<(), Self::Error>;
}

/// What a run tells of itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An order is not carried out.
    Refused {
        /// Its place in the list of orders.
        order: usize,
        /// Why.
        why: &'a PlanRefusal,
    },
    /// A card is done since an earlier run.
    Already(&'a Card),
    /// A step is about to be taken.
    Step(&'a Card, Step),
    /// A card is done.
    Done(&'a Done),
}

/// What became of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cards that are done now.
    pub made: usize,
    /// Cards that were done before.
    pub already: usize,
    /// Orders that were refused.
    pub refused: usize,
    /// Orders for which there was no card.
    pub left: usize,
}

/// Why a run ended before its end. What was done stays done; the same run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError<E: core::error::Error + 'static, S: core::error::Error + 'static> {
    /// One card could not be made.
    #[error("{}, card {}: {error}", card.number, card.place.sequence)]
    Card {
        /// Which one.
        card: Card,
        /// Why not.
        #[source]
        error: Box<PersonaliseError<E>>,
    },
    /// There is no card to be had.
    #[error(transparent)]
    Source(S),
    /// The register cannot be worked with.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A key cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

type Outcome<A, S> = Result<A, RunError<<<S as CardSource>::Card as Transport>::Error, <S as CardSource>::Error>>;

/// Carries orders out, each with the line it stands on. All are planned before the first card is touched; `name` is what
/// the register calls the batch.
///
/// The first card that cannot be made ends the run: what is wrong with one may be wrong with all.
///
/// # Errors
/// [`RunError`].
pub fn run<S: CardSource>(
    name: Option<&str>,
    orders: &[(Option<u64>, &Order)],
    source: &mut S,
    terms: &Terms<'_>,
    register: &mut Register,
    random: &mut dyn Random,
    watch: &mut dyn FnMut(Event<'_>),
) -> Outcome<Tally, S> {
    let epoch = register.epochs()?.in_use;
    let plan = |(line, order): &(Option<u64>, &'_ Order)| {
        let payment_key = terms.issuer.payment_key(SCHEME, epoch, order.algorithm)?;
        Ok((*line, terms.issuer.seal(order)?, check_value(&payment_key)))
    };
    let sealed = orders.iter().map(plan).collect::<Result<Vec<_>, KeysError>>()?;
    let plans = orders.iter().zip(&sealed);
    let plans = plans.map(|((_, order), (line, seal, key_check))| Plan {
        order,
        seal: *seal,
        key_check: *key_check,
        epoch,
        line: *line,
    });
    let planned = register.plan(name, &plans.collect::<Vec<_>>(), terms.now)?;
    let mut tally = Tally::default();
    let mut jobs = Vec::new();
    for (place, (outcome, (_, order))) in planned.iter().zip(orders).enumerate() {
        match outcome {
            Err(why) => {
                tally.refused = tally.refused.saturating_add(1);
                watch(Event::Refused { order: place, why });
            }
            Ok(card) if card.state == State::Issued => {
                tally.already = tally.already.saturating_add(1);
                watch(Event::Already(card));
            }
            Ok(card) => jobs.push((*card, *order)),
        }
    }
    let mut done = BTreeSet::new();
    for (card, order) in &jobs {
        // A card of another order may have come first, and this one with it.
        while !done.contains(&card.id) {
            let Some(mut transport) = source.card(card).map_err(RunError::Source)? else {
                tally.left = jobs.len().saturating_sub(tally.made);
                return Ok(tally);
            };
            let made = attempt(&mut transport, terms, register, (card, order), &jobs, random, watch)?;
            done.insert(made.card.id);
            tally.made = tally.made.saturating_add(1);
            watch(Event::Done(&made));
            source.done(transport, &made).map_err(RunError::Source)?;
        }
    }
    Ok(tally)
}

/// Makes one card. If what lies there is the half-made card of another order of this run, that one is finished.
fn attempt<T: Transport, S: core::error::Error>(
    transport: &mut T,
    terms: &Terms<'_>,
    register: &mut Register,
    (card, order): (&Card, &Order),
    jobs: &[(Card, &Order)],
    random: &mut dyn Random,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<Done, RunError<T::Error, S>> {
    let mut make = |card: &Card, order: &Order| {
        let mut step = |step| watch(Event::Step(card, step));
        personalise(transport, terms, register, card, order, random, &mut step)
    };
    let failed = |card: &Card, error| RunError::Card { card: *card, error: Box::new(error) };
    match make(card, order) {
        Err(PersonaliseError::AnotherCard(other)) if other.state != State::Issued => {
            match jobs.iter().find(|(card, _)| card.id == other.id) {
                Some((card, order)) => make(card, order).map_err(|error| failed(card, error)),
                None => Err(failed(card, PersonaliseError::AnotherCard(other))),
            }
        }
        outcome => outcome.map_err(|error| failed(card, error)),
    }
}

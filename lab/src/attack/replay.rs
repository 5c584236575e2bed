//! Replay: what Alice showed once, Bob types again, at a request that she never saw.

use std::collections::HashMap;

use digitally::profile::NonceRule;
use digitally::{Code, Profile, entropy};

use super::dice::Dice;
use super::person::{CAPACITY, WIDE, World};
use super::row::{Row, Trial};
use super::scaled::fewer_digits;
use super::{Attack, AttackError};
use applet_model::purse::status;

pub(super) fn rows(profile: &'static Profile) -> Vec<Row> {
    let small = fewer_digits(profile);
    match profile.payee_nonce {
        NonceRule::Random => {
            let all = profile.nonce_range();
            vec![
                by_nonce(profile, 20, 20_000),
                by_nonce(profile, all, 500),
                by_nonce(small, 5, 20_000),
                used_up(profile, 2_000),
                used_up(small, 2_000),
            ]
        }
        // As many as a log holds: then the payer has to see her issuer.
        NonceRule::Serial { .. } => {
            let full = u32::from(CAPACITY.payments);
            vec![
                by_luck(profile, 20, 50_000),
                by_luck(profile, full, 50_000),
                by_luck(small, 20, 50_000),
                by_luck(small, full, 50_000),
            ]
        }
    }
}

/// Records payments anew for each trial, so that trials have nothing to do with each other.
fn by_nonce(profile: &'static Profile, recorded: u32, trials: u32) -> Row {
    let name = (Attack::Replay, format!("a new request, {recorded} recorded"));
    let predicted = entropy::replay(profile, recorded, WIDE.tries.into());
    Row::new(name, profile, predicted, (trials, 100), move |profile, dice| {
        Ok(ByNonce { world: World::new(profile, WIDE, dice)?, recorded, records: HashMap::new() })
    })
}

/// Bob has recorded a response for each N_B that there is, so that a new request is always an old one.
fn used_up(profile: &'static Profile, trials: u32) -> Row {
    let name = (Attack::Replay, format!("a new request, all {} N_B recorded", profile.nonce_range()));
    Row::new(name, profile, 1.0, (trials, 1_000), UsedUp::new)
}

/// Records once for many trials: each of them has a serial of its own, so that no two expect the same response.
fn by_luck(profile: &'static Profile, recorded: u32, trials: u32) -> Row {
    let name = (Attack::Replay, format!("a new request, {recorded} recorded, {} typed", WIDE.tries));
    let predicted = entropy::replay(profile, recorded, WIDE.tries.into());
    Row::new(name, profile, predicted, (trials, 2_500), move |profile, dice| ByLuck::new(recorded, profile, dice))
}

/// What the first digits of a request show of N_B.
fn shown_nonce(profile: &Profile, request: Code) -> u128 {
    request.split(profile.request.nonce).0.value()
}

/// Where N_B is shown in full: one trial is n payments, then one new request. If its N_B was paid before, Bob types
/// the response of then.
struct ByNonce {
    world: World,
    recorded: u32,
    records: HashMap<u128, Code>,
}

impl Trial for ByNonce {
    fn run(&mut self) -> Result<bool, AttackError> {
        let world = &mut self.world;
        world.restore()?;
        self.records.clear();
        let amount = world.amount_of_many()?;
        for payment in 0..self.recorded {
            refresh_log(world, payment)?;
            let (opened, response) = world.honest_payment(amount)?;
            self.records.insert(shown_nonce(world.profile, opened.code), response);
        }
        replay(world, &self.records, amount)
    }
}

/// The same with all N_B recorded, which Bob sees to: he abandons the requests that bring no new one.
struct UsedUp {
    world: World,
    records: HashMap<u128, Code>,
    amount: u32,
}

impl UsedUp {
    fn new(profile: &'static Profile, dice: Dice) -> Result<Self, AttackError> {
        let mut world = World::new(profile, WIDE, dice)?;
        let amount = world.amount_of_many()?;
        let mut records = HashMap::new();
        let mut payments = 0;
        while payments < profile.nonce_range() {
            let opened = world.request(amount)?;
            let nonce = shown_nonce(profile, opened.code);
            if records.contains_key(&nonce) {
                continue;
            }
            refresh_log(&mut world, payments)?;
            let response = world.pay(amount, opened.code)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
            world.confirm(opened.id, response)?.map_err(|sw| AttackError::answer("CONFIRM", sw))?;
            records.insert(nonce, response);
            payments = payments.saturating_add(1);
        }
        Ok(Self { world, records, amount })
    }
}

impl Trial for UsedUp {
    fn run(&mut self) -> Result<bool, AttackError> {
        replay(&mut self.world, &self.records, self.amount)
    }
}

/// A new request, and the response to the old one with the same N_B, if there is one.
fn replay(world: &mut World, records: &HashMap<u128, Code>, amount: u32) -> Result<bool, AttackError> {
    let opened = world.request(amount)?;
    let Some(old) = records.get(&shown_nonce(world.profile, opened.code)) else { return Ok(false) };
    let before = world.sum()?;
    match world.confirm(opened.id, *old)? {
        Ok(_) => world.expect_sum(before.saturating_add(amount.into())).map(|()| true),
        Err(sw) if sw.tries_left().is_some() => Ok(false),
        Err(sw) => Err(AttackError::answer("CONFIRM", sw)),
    }
}

/// Alice's log is full after so many payments. Her issuer takes it over, here by her card as it was when new: where
/// N_B is random, her card keeps nothing else that matters.
fn refresh_log(world: &mut World, payment: u32) -> Result<(), AttackError> {
    match payment.checked_rem(CAPACITY.payments.into()) {
        Some(0) if payment > 0 => world.alice.restore(),
        _ => Ok(()),
    }
}

/// Where N_B is a serial: one trial is one new request, at which Bob types old responses as long as it bears them; first
/// those whose requests showed the same tail.
struct ByLuck {
    world: World,
    /// By tail, then by age; none twice.
    records: Vec<(u128, Code)>,
    amount: u32,
    /// What is in both purses.
    sum: u64,
}

impl ByLuck {
    fn new(recorded: u32, profile: &'static Profile, dice: Dice) -> Result<Self, AttackError> {
        let mut world = World::new(profile, WIDE, dice)?;
        let amount = world.amount_of_many()?;
        let mut records: Vec<(u128, Code)> = Vec::new();
        let mut paid = 0;
        while paid < recorded {
            let opened = world.request(amount)?;
            // With few digits, a new request may look like one that was paid: Bob opens another one.
            let response = match world.pay(amount, opened.code)? {
                Err(status::ALREADY_PAID) => continue,
                response => response.map_err(|sw| AttackError::answer("AUTHORISE", sw))?,
            };
            paid = paid.saturating_add(1);
            match world.confirm(opened.id, response)? {
                // And its response may be that of one of the last credits, too.
                Ok(_) | Err(status::ALREADY_RECEIVED) => {}
                Err(sw) => return Err(AttackError::answer("CONFIRM", sw)),
            }
            if records.iter().all(|(_, known)| known.value() != response.value()) {
                records.push((shown_nonce(profile, opened.code), response));
            }
        }
        let sum = world.sum()?;
        Ok(Self { world, records, amount, sum })
    }
}

impl Trial for ByLuck {
    fn run(&mut self) -> Result<bool, AttackError> {
        let (world, records) = (&mut self.world, &self.records);
        let opened = world.request(self.amount)?;
        let tail = shown_nonce(world.profile, opened.code);
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let start = usize::try_from(world.dice.below(count)?).unwrap_or(0);
        let from_there = || records.iter().cycle().skip(start).take(records.len());
        let same = from_there().filter(|(old, _)| *old == tail);
        let others = from_there().filter(|(old, _)| *old != tail);
        let mut left = WIDE.tries;
        for (_, old) in same.chain(others) {
            match world.confirm(opened.id, *old)? {
                Ok(_) => {
                    self.sum = self.sum.saturating_add(self.amount.into());
                    return world.expect_sum(self.sum).map(|()| true);
                }
                // One of the last credits: it was compared with nothing, and another one is typed in its place.
                Err(status::ALREADY_RECEIVED) => {}
                Err(sw) if sw.tries_left() == left.checked_sub(1) => left = left.saturating_sub(1),
                Err(sw) => return Err(AttackError::answer("CONFIRM", sw)),
            }
            if left == 0 {
                break;
            }
        }
        Ok(false)
    }
}

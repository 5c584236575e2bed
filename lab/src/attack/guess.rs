//! Guessing: made-up responses at the payee's purse, made-up requests at the payer's, and what the caps leave of it.

use apdu::Sw;
use applet_model::purse::{Limits, status};
use digitally::{Code, Profile, entropy};

use super::codes::Neighbours;
use super::dice::Dice;
use super::person::{WIDE, World};
use super::row::{Row, Trial};
use super::scaled::fewer_digits;
use super::{Attack, AttackError};

/// F_max of a consumer's card, by default: all tries of so many requests.
const FAILURES: u16 = 100;
const SPENT: u16 = 20;

/// Requests with all their tries that a card of the lab takes before its caps show.
const REQUESTS: u32 = 10_000;

pub(super) fn rows(profile: &'static Profile) -> Vec<Row> {
    let small = fewer_digits(profile);
    let (tries, refusals) = (u32::from(WIDE.tries), u32::from(WIDE.refusals));
    let responses = |profile: &'static Profile, trials| {
        let predicted = distinct(entropy::guess_response(profile), tries);
        let name = (Attack::Guess, format!("{tries} made-up responses to one request"));
        Row::new(name, profile, predicted, (trials, 2_000), GuessResponse::new)
    };
    let requests = |profile: &'static Profile, trials| {
        let predicted = distinct(entropy::guess_request(profile), refusals);
        let name = (Attack::Guess, format!("{refusals} made-up requests in one session"));
        Row::new(name, profile, predicted, (trials, 1_000), GuessRequest::new)
    };
    let refused = |what: Spent, name: &str, trials| {
        Row::new((Attack::Guess, name), profile, 0.0, (trials, 100), move |profile, dice| {
            RightButTooLate::new(what, profile, dice)
        })
    };
    vec![
        responses(profile, 200_000),
        responses(small, 50_000),
        requests(profile, 50_000),
        requests(small, 10_000),
        refused(Spent::Tries, "the right response, all tries spent", 10_000),
        refused(Spent::Failures, "the right response, F_max spent", 2_000),
        refused(Spent::Refusals, "the right request, 20 wrong before it", 10_000),
    ]
}

/// The chance that one of so many guesses, all different, is the one right number.
fn distinct(one: f64, guesses: u32) -> f64 {
    (f64::from(guesses) * one).min(1.0)
}

/// One trial: Bob opens a request and types as many responses as it takes, all different.
struct GuessResponse {
    world: World,
    requests: u32,
}

impl GuessResponse {
    fn new(profile: &'static Profile, dice: Dice) -> Result<Self, AttackError> {
        Ok(Self { world: World::new(profile, WIDE, dice)?, requests: 0 })
    }
}

impl Trial for GuessResponse {
    fn run(&mut self) -> Result<bool, AttackError> {
        let world = &mut self.world;
        self.requests = self.requests.saturating_add(1);
        if self.requests > REQUESTS {
            world.bob.restore()?;
            self.requests = 1;
        }
        let amount = world.amount()?;
        let opened = world.request(amount)?;
        let guesses = Neighbours::random(world.profile.response, &mut world.dice)?;
        let mut left = WIDE.tries;
        for guess in guesses.take(left.into()) {
            left = left.saturating_sub(1);
            match world.confirm(opened.id, guess)? {
                Err(sw) if sw == Sw::counter(left) => {}
                Err(sw) => return Err(AttackError::answer("CONFIRM", sw)),
                Ok(_) => {
                    world.expect_sum(World::SUM.saturating_add(amount.into()))?;
                    world.bob.restore()?;
                    self.requests = 0;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// One trial: somebody types requests that nobody opened into Alice's purse, all different, until it refuses more.
struct GuessRequest(World);

impl GuessRequest {
    fn new(profile: &'static Profile, dice: Dice) -> Result<Self, AttackError> {
        World::new(profile, WIDE, dice).map(Self)
    }
}

impl Trial for GuessRequest {
    fn run(&mut self) -> Result<bool, AttackError> {
        let Self(world) = self;
        world.power_alice()?;
        let amount = world.amount()?;
        let guesses = Neighbours::random(world.profile.request, &mut world.dice)?;
        for guess in guesses.take(WIDE.refusals.into()) {
            match world.check(amount, guess)? {
                Ok(()) => return Ok(true),
                Err(status::MAC_WRONG) => {}
                Err(sw) => return Err(AttackError::answer("CHECK", sw)),
            }
        }
        Ok(false)
    }
}

/// What is used up before the right code is typed.
#[derive(Clone, Copy)]
enum Spent {
    /// The tries of the request.
    Tries,
    /// The failed responses of the card.
    Failures,
    /// The wrong requests of the session.
    Refusals,
}

/// One trial: the right code, typed when the purse does not compare any more. A success would be a purse that compares
/// all the same: that is how "refuses without comparing" can be seen from outside.
struct RightButTooLate {
    world: World,
    spent: Spent,
}

impl RightButTooLate {
    fn new(spent: Spent, profile: &'static Profile, dice: Dice) -> Result<Self, AttackError> {
        let limits = match spent {
            Spent::Failures => Limits { failures: FAILURES, ..WIDE },
            Spent::Tries | Spent::Refusals => WIDE,
        };
        Ok(Self { world: World::new(profile, limits, dice)?, spent })
    }

    /// Wrong responses to one request, as many as are asked for.
    fn spend(&mut self, id: u32, right: Code) -> Result<(), AttackError> {
        let mut left = WIDE.tries;
        for wrong in Neighbours::of(self.world.profile.response, right).take(left.into()) {
            left = left.saturating_sub(1);
            match self.world.confirm(id, wrong)? {
                Err(sw) if sw == Sw::counter(left) => {}
                Ok(_) => return Err(AttackError::answer("CONFIRM", Sw::OK)),
                Err(sw) => return Err(AttackError::answer("CONFIRM", sw)),
            }
        }
        Ok(())
    }

    /// Types the right response, which the purse should refuse with `refusal`.
    fn too_late(&mut self, id: u32, right: Code, refusal: Sw) -> Result<bool, AttackError> {
        match self.world.confirm(id, right)? {
            Ok(_) => Ok(true),
            Err(sw) if sw == refusal => Ok(false),
            Err(sw) => Err(AttackError::answer("CONFIRM", sw)),
        }
    }
}

impl Trial for RightButTooLate {
    fn run(&mut self) -> Result<bool, AttackError> {
        self.world.restore()?;
        let amount = self.world.amount()?;
        let opened = self.world.request(amount)?;
        if matches!(self.spent, Spent::Refusals) {
            for wrong in Neighbours::of(self.world.profile.request, opened.code).take(WIDE.refusals.into()) {
                match self.world.check(amount, wrong)? {
                    Err(status::MAC_WRONG) => {}
                    Ok(()) => return Err(AttackError::answer("CHECK", Sw::OK)),
                    Err(sw) => return Err(AttackError::answer("CHECK", sw)),
                }
            }
            return match self.world.check(amount, opened.code)? {
                Ok(()) => Ok(true),
                Err(status::SESSION_CAP) => Ok(false),
                Err(sw) => Err(AttackError::answer("CHECK", sw)),
            };
        }
        let right = self.world.pay(amount, opened.code)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
        if matches!(self.spent, Spent::Tries) {
            self.spend(opened.id, right)?;
            return self.too_late(opened.id, right, Sw::AUTHENTICATION_METHOD_BLOCKED);
        }
        // The request that was paid keeps its tries: others take the failures.
        for _ in 0..SPENT {
            let amount = self.world.amount_of_many()?;
            let other = self.world.request(amount)?;
            let response = self.world.pay(amount, other.code)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
            self.spend(other.id, response)?;
        }
        self.too_late(opened.id, right, status::RESPONSE_CAP)
    }
}

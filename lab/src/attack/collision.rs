//! Collision: Bob opens requests until two of them, for a low and a high amount, agree in what Alice sees. She pays the
//! low one, he takes her response to the high one.
//!
//! The slide "First protocol - bugs" can be read in two ways (`docs/protocol.md`, section 11). Both are tried: two
//! requests that show the same digits, N_B and C; and two with the same C and different N_B.

use std::collections::HashMap;

use digitally::profile::NonceRule;
use digitally::{Code, Profile, entropy};

use super::person::{WIDE, World};
use super::row::{Row, Trial};
use super::scaled::fewer_digits;
use super::{Attack, AttackError};

/// In what the two requests agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Same {
    /// All digits.
    Digits,
    /// The digits of C; N_B differs. That is how the slide is printed.
    Check,
}

/// How far Bob goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// He opens so many requests and looks whether two agree. That is the trial.
    Pair {
        /// Low and high ones, together.
        requests: u32,
    },
    /// He opens so many, and if two agree, has the low one paid and confirms the high one.
    Theft {
        /// Low and high ones, together.
        requests: u32,
    },
    /// He opens requests until two agree, however many it takes. The trial is what comes then.
    Credit,
}

pub(super) fn rows(profile: &'static Profile) -> Vec<Row> {
    let small = fewer_digits(profile);
    let pair = |profile, requests, trials| hunt(Same::Digits, Goal::Pair { requests }, profile, trials);
    let mut rows = vec![pair(profile, 200, 10_000), pair(profile, 2_000, 1_000), pair(small, 20, 20_000)];
    rows.push(hunt(Same::Digits, Goal::Theft { requests: 2_000 }, profile, 1_000));
    // The same digits of serials come once in a hundred thousand requests, more than any card opens.
    if profile.payee_nonce == NonceRule::Random {
        rows.push(hunt(Same::Digits, Goal::Credit, profile, 500));
    }
    rows.push(hunt(Same::Digits, Goal::Credit, small, 20_000));
    rows.push(hunt(Same::Check, Goal::Pair { requests: 20 }, profile, 20_000));
    rows.push(hunt(Same::Check, Goal::Credit, profile, 2_000));
    rows.push(hunt(Same::Check, Goal::Credit, small, 20_000));
    rows
}

fn hunt(same: Same, goal: Goal, profile: &'static Profile, trials: u32) -> Row {
    let what = match same {
        Same::Digits => "same digits",
        Same::Check => "same C, other N_B",
    };
    let name = match goal {
        Goal::Pair { requests } => format!("{what} within {requests} requests"),
        Goal::Theft { requests } => format!("{what} within {requests}, and credited"),
        Goal::Credit => format!("{what} found: credited"),
    };
    let found = |requests| match same {
        Same::Digits => entropy::collision(profile, requests),
        Same::Check => entropy::check_collision(profile, requests),
    };
    let credited = match same {
        Same::Digits => entropy::collision_credited(profile),
        Same::Check => entropy::check_collision_credited(profile),
    };
    let predicted = match goal {
        Goal::Pair { requests } => found(requests),
        Goal::Theft { requests } => found(requests) * credited,
        Goal::Credit => credited,
    };
    Row::new((Attack::Collision, name), profile, predicted, (trials, 100), move |profile, dice| {
        Ok(Hunt { world: World::new(profile, WIDE, dice)?, same, goal, lows: HashMap::new() })
    })
}

/// One trial is one hunt, with amounts that no other hunt has.
struct Hunt {
    world: World,
    same: Same,
    goal: Goal,
    /// The low requests by the digits that have to agree.
    lows: HashMap<u128, Code>,
}

/// Two requests that agree: what Alice is shown, and what Bob confirms.
struct Pair {
    shown: Code,
    low: u32,
    high: u32,
    id: u32,
}

impl Hunt {
    /// How many low requests Bob opens, and at most how many high ones.
    fn numbers(&self) -> (u32, u32) {
        match self.goal {
            Goal::Pair { requests } | Goal::Theft { requests } => (requests / 2, requests.div_ceil(2)),
            // All that Alice's purse can tell apart; of random ones this many show most that there are.
            Goal::Credit => {
                let lows = self.world.profile.nonce_range();
                (lows, u32::from(WIDE.opens).saturating_sub(lows))
            }
        }
    }

    /// The digits that have to agree, as a number.
    fn key(&self, code: Code) -> u128 {
        match self.same {
            Same::Digits => code.value(),
            Same::Check => code.split(self.world.profile.request.nonce).1.value(),
        }
    }

    fn pair(&mut self) -> Result<Option<Pair>, AttackError> {
        self.lows.clear();
        let (lows, highs) = self.numbers();
        let low = self.world.amount()?;
        for _ in 0..lows {
            let shown = self.world.request(low)?.code;
            self.lows.entry(self.key(shown)).or_insert(shown);
        }
        for _ in 0..highs {
            let high = self.world.amount()?.saturating_add(low);
            let opened = self.world.request(high)?;
            let Some(shown) = self.lows.get(&self.key(opened.code)) else { continue };
            if self.same == Same::Digits || self.differs(*shown, opened.code) {
                return Ok(Some(Pair { shown: *shown, low, high, id: opened.id }));
            }
        }
        Ok(None)
    }

    /// Whether N_B of two requests with the same C differ. Serials always do.
    fn differs(&self, low: Code, high: Code) -> bool {
        match self.world.profile.payee_nonce {
            NonceRule::Serial { .. } => true,
            NonceRule::Random => low.value() != high.value(),
        }
    }

    /// Alice pays the low amount; Bob types her response to the high request. What is in the purses tells who gained.
    fn credited(&mut self, pair: &Pair) -> Result<bool, AttackError> {
        let world = &mut self.world;
        let response = world.pay(pair.low, pair.shown)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
        let paid = World::SUM.saturating_sub(pair.low.into());
        match world.confirm(pair.id, response)? {
            Ok(_) => world.expect_sum(paid.saturating_add(pair.high.into())).map(|()| true),
            Err(sw) if sw.tries_left().is_some() => world.expect_sum(paid).map(|()| false),
            Err(sw) => Err(AttackError::answer("CONFIRM", sw)),
        }
    }
}

impl Trial for Hunt {
    fn run(&mut self) -> Result<bool, AttackError> {
        self.world.restore()?;
        match (self.pair()?, self.goal) {
            (Some(_), Goal::Pair { .. }) => Ok(true),
            (Some(pair), _) => self.credited(&pair),
            (None, Goal::Credit) => Err(AttackError::NoPair { requests: WIDE.opens.into() }),
            (None, _) => Ok(false),
        }
    }
}

//! What people do to themselves: codes mistyped at either purse, requests agreed to at a wrong amount.
//!
//! Where a wrong request passes, the payer is debited and, unless the profile is broken, the payee's purse refuses her
//! response: a payment for settlement to repair. A mistyped response that passes credits a payment that was made.

use apdu::Sw;
use applet_model::purse::{Limits, OpenedRequest, status};
use digitally::profile::NonceRule;
use digitally::{Code, Profile, entropy};

use super::codes::{swapped, wrong_digit};
use super::dice::Dice;
use super::person::{WIDE, World};
use super::row::{Row, Trial};
use super::scaled::fewer_digits;
use super::{Attack, AttackError};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// One digit is another one.
    Digit,
    /// Two neighbouring digits, which differ, are exchanged.
    Swap,
    /// The code is right, the amount another one.
    Amount,
    /// The same, and when the purse refuses it, once more.
    AmountTwice,
}

pub(super) fn rows(profile: &'static Profile) -> Vec<Row> {
    let small = fewer_digits(profile);
    let mistakes = [Mistake::Digit, Mistake::Swap, Mistake::Amount, Mistake::AmountTwice];
    let requests = |profile, trials| mistakes.map(|mistake| request(mistake, profile, trials));
    let mut rows = Vec::from(requests(profile, 100_000));
    rows.extend(requests(small, 50_000));
    // With five digits a wrong amount passes once in a hundred thousand requests, more than any card opens.
    if profile.payee_nonce == NonceRule::Random {
        rows.push(passed_amount(profile, 500));
    }
    rows.extend([passed_amount(small, 10_000), response(profile, 50_000), response(small, 20_000)]);
    rows
}

fn request(mistake: Mistake, profile: &'static Profile, trials: u32) -> Row {
    let (name, predicted) = match mistake {
        Mistake::Digit => ("one wrong digit", entropy::mistyped_request(profile)),
        Mistake::Swap => ("two digits swapped", entropy::transposed_request(profile)),
        Mistake::Amount => ("wrong amount", entropy::wrong_terms(profile)),
        Mistake::AmountTwice => ("wrong amount, twice in a row", entropy::resynchronised(profile)),
    };
    let name = (Attack::Typing, format!("request: {name}"));
    Row::new(name, profile, predicted, (trials, 1_000), move |profile, dice| {
        Mistyper::new(profile, dice).map(|typist| MistypedRequest(typist, mistake))
    })
}

fn passed_amount(profile: &'static Profile, trials: u32) -> Row {
    let name = (Attack::Typing, "wrong amount passed: credited");
    let predicted = entropy::wrong_amount_credited(profile);
    Row::new(name, profile, predicted, (trials, 100), |profile, dice| Mistyper::new(profile, dice).map(PassedAmount))
}

fn response(profile: &'static Profile, trials: u32) -> Row {
    let name = (Attack::Typing, "response: one wrong digit");
    let predicted = entropy::mistyped_response(profile);
    Row::new(name, profile, predicted, (trials, 1_000), |profile, dice| {
        World::new(profile, WIDE, dice).map(MistypedResponse)
    })
}

/// People who mistype requests.
struct Mistyper {
    world: World,
    requests: u32,
    typed: u8,
}

/// Wrong requests that Alice types before she switches her phone off and on.
const SESSION: u8 = 200;

impl Mistyper {
    fn new(profile: &'static Profile, dice: Dice) -> Result<Self, AttackError> {
        let limits = Limits { refusals: u8::MAX, ..WIDE };
        Ok(Self { world: World::new(profile, limits, dice)?, requests: 0, typed: 0 })
    }

    /// A new request. Alice pays none, so Bob's card goes back to its first serial before hers loses track of them.
    fn open(&mut self, amount: u32) -> Result<OpenedRequest, AttackError> {
        let most = match self.world.profile.payee_nonce {
            NonceRule::Serial { .. } => self.world.profile.nonce_range(),
            NonceRule::Random => u32::from(WIDE.opens),
        };
        if self.requests >= most {
            self.world.bob.restore()?;
            self.requests = 0;
        }
        self.requests = self.requests.saturating_add(1);
        self.world.request(amount)
    }

    /// What is typed in the place of what was shown: amount and code. Each place of the code is as likely as another,
    /// so a code in which the mistake at that place would be none is left for another one.
    fn mistake(&mut self, mistake: Mistake) -> Result<(u32, Code), AttackError> {
        let digits = u32::from(self.world.profile.request.digits());
        let places = if mistake == Mistake::Swap { digits.saturating_sub(1) } else { digits };
        let place = self.world.dice.below(places)?;
        loop {
            let amount = self.world.amount()?;
            let shown = self.open(amount)?.code;
            let typed = match mistake {
                Mistake::Digit => wrong_digit(shown, place, self.world.dice.below(9)?.saturating_add(1)),
                Mistake::Swap => swapped(shown, place),
                Mistake::Amount | Mistake::AmountTwice => return Ok((self.world.amount()?, shown)),
            };
            if let Some(typed) = typed {
                return Ok((amount, typed));
            }
        }
    }

    /// Whether Alice's purse takes it.
    fn passes(&mut self, amount: u32, code: Code) -> Result<bool, AttackError> {
        self.typed = self.typed.saturating_add(1);
        match self.world.check(amount, code)? {
            Ok(()) => Ok(true),
            Err(status::MAC_WRONG | status::AMBIGUOUS) => Ok(false),
            Err(sw) => Err(AttackError::answer("CHECK", sw)),
        }
    }

    /// Where Alice has typed so much that her purse would refuse more, she switches it off and on: not between two times
    /// that have to follow each other.
    fn rest(&mut self) -> Result<(), AttackError> {
        if self.typed >= SESSION {
            self.world.power_alice()?;
            self.typed = 0;
        }
        Ok(())
    }
}

/// One trial: Bob opens a request, Alice types it wrong.
struct MistypedRequest(Mistyper, Mistake);

impl Trial for MistypedRequest {
    fn run(&mut self) -> Result<bool, AttackError> {
        let Self(typist, mistake) = self;
        typist.rest()?;
        let (amount, code) = typist.mistake(*mistake)?;
        Ok(typist.passes(amount, code)? || (*mistake == Mistake::AmountTwice && typist.passes(amount, code)?))
    }
}

/// One trial: Alice mishears amounts until her purse takes one, and pays it; Bob types her response.
struct PassedAmount(Mistyper);

impl Trial for PassedAmount {
    fn run(&mut self) -> Result<bool, AttackError> {
        let Self(typist) = self;
        typist.world.restore()?;
        (typist.requests, typist.typed) = (0, 0);
        loop {
            typist.rest()?;
            let (asked, agreed) = (typist.world.amount()?, typist.world.amount()?);
            let opened = typist.open(asked)?;
            if !typist.passes(agreed, opened.code)? {
                continue;
            }
            let world = &mut typist.world;
            let response = world.pay(agreed, opened.code)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
            let paid = World::SUM.saturating_sub(agreed.into());
            return match world.confirm(opened.id, response)? {
                Ok(_) => world.expect_sum(paid.saturating_add(asked.into())).map(|()| true),
                Err(sw) if sw.tries_left().is_some() => world.expect_sum(paid).map(|()| false),
                Err(sw) => Err(AttackError::answer("CONFIRM", sw)),
            };
        }
    }
}

/// One trial: Alice pays, Bob types her response with one wrong digit.
struct MistypedResponse(World);

impl Trial for MistypedResponse {
    fn run(&mut self) -> Result<bool, AttackError> {
        let Self(world) = self;
        world.restore()?;
        let amount = world.amount()?;
        let opened = world.request(amount)?;
        let response = world.pay(amount, opened.code)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
        let place = world.dice.below(world.profile.response.digits().into())?;
        let by = world.dice.below(9)?.saturating_add(1);
        let typed = wrong_digit(response, place, by).ok_or(AttackError::answer("AUTHORISE", Sw::OK))?;
        match world.confirm(opened.id, typed)? {
            Ok(_) => world.expect_sum(World::SUM).map(|()| true),
            Err(sw) if sw.tries_left().is_some() => Ok(false),
            Err(sw) => Err(AttackError::answer("CONFIRM", sw)),
        }
    }
}

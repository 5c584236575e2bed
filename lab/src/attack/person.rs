//! Two people with purses on software cards: everything an attack does, it does to these by APDUs.

use std::convert::Infallible;

use apdu::{Cla, Command, Sw, Transport, exchange};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{Capacity, Identity, Limits, Load, OpenedRequest, PURSE_AID, Personalisation};
use applet_model::runtime::PinBlock;
use card_sim::{Card, DomainSetup, SeededRandom, Snapshot};
use digitally::{Algorithm, Amount, Code, Currency, Key, Msisdn, Payment, Profile, Scheme};
use globalplatform::{Access, KeySet};

use super::AttackError;
use super::dice::Dice;
use super::scaled::MODULES;

/// Limits that stand in no measurement's way, but for those that are measured: the tries of a request and the wrong
/// requests of a session.
pub(super) const WIDE: Limits = Limits {
    payment: Amount::new(u32::MAX),
    balance: Amount::new(u32::MAX),
    opens: u16::MAX,
    failures: u16::MAX,
    tries: 5,
    refusals: 20,
    unacknowledged: CAPACITY.payments,
};

/// Small cards, quick to put back to what they were. The log is as long as it can be.
pub(super) const CAPACITY: Capacity =
    Capacity { counters: 1, requests: 8, payees: 1, payments: 254, history: 9, contacts: 1 };

/// What the payer has at the start.
const LOADED: u32 = 1 << 31;

/// Amounts are drawn below this, so that a purse can always bear two of them.
const AMOUNTS: u32 = 1 << 29;

/// Somebody with a card, and the card as it was.
pub(super) struct Person {
    pub(super) number: Msisdn,
    purse: Client<Card>,
    fresh: Snapshot,
}

/// Who pays, who is paid, and the dice of the attacker.
pub(super) struct World {
    pub(super) alice: Person,
    pub(super) bob: Person,
    pub(super) dice: Dice,
    pub(super) profile: &'static Profile,
    pin: PinBlock,
}

/// What the purse answered: what was asked for, or a refusal. Anything else ends the run.
type Answer<T> = Result<Result<T, Sw>, AttackError>;

impl World {
    /// What is in both purses at the start.
    pub(super) const SUM: u64 = 1 << 31;

    /// New cards with keys of their own, for the payer loaded.
    pub(super) fn new(profile: &'static Profile, limits: Limits, mut dice: Dice) -> Result<Self, AttackError> {
        let key = Key::new(Algorithm::AesCmac, &dice.bytes::<16>()?).map_err(AttackError::setup)?;
        let pin = PinBlock::parse("1234").map_err(AttackError::setup)?;
        let mut person = |last, loaded| Person::new(last, loaded, profile, limits, &key, &pin, dice.seed()?);
        let (alice, bob) = (person(1, LOADED)?, person(2, 0)?);
        Ok(Self { alice, bob, dice, profile, pin })
    }

    /// An amount that no trial before it had, but for a chance of one in half a billion.
    pub(super) fn amount(&mut self) -> Result<u32, AttackError> {
        Ok(self.dice.below(AMOUNTS)?.saturating_add(1))
    }

    /// An amount that a purse can bear very often.
    pub(super) fn amount_of_many(&mut self) -> Result<u32, AttackError> {
        Ok(self.dice.below(1_000)?.saturating_add(1))
    }

    /// Bob opens a request to Alice, and is not refused.
    pub(super) fn request(&mut self, amount: u32) -> Result<OpenedRequest, AttackError> {
        self.bob.purse.request(self.alice.number, Amount::new(amount)).map_err(AttackError::from)
    }

    /// Bob types a response; what is in his purse then.
    pub(super) fn confirm(&mut self, id: u32, code: Code) -> Answer<u32> {
        answer(self.bob.purse.confirm(id, code).map(|received| received.balance.minor_units()))
    }

    /// Alice types a request and goes no further.
    pub(super) fn check(&mut self, amount: u32, code: Code) -> Answer<()> {
        answer(self.alice.purse.check(self.bob.number, Amount::new(amount), code).map(|_| ()))
    }

    /// Alice types a request, then her PIN, and pays: CHECK, VERIFY, AUTHORISE.
    pub(super) fn pay(&mut self, amount: u32, code: Code) -> Answer<Code> {
        let mut run = || {
            let mut pending = self.alice.purse.check(self.bob.number, Amount::new(amount), code)?;
            pending.verify(&self.pin)?;
            pending.authorise()
        };
        answer(run().map(|paid| paid.code))
    }

    /// One payment as it should be. The response that Alice showed.
    pub(super) fn honest_payment(&mut self, amount: u32) -> Result<(OpenedRequest, Code), AttackError> {
        let opened = self.request(amount)?;
        let response = self.pay(amount, opened.code)?.map_err(|sw| AttackError::answer("AUTHORISE", sw))?;
        self.confirm(opened.id, response)?.map_err(|sw| AttackError::answer("CONFIRM", sw))?;
        Ok((opened, response))
    }

    /// What is in both purses together.
    pub(super) fn sum(&mut self) -> Result<u64, AttackError> {
        Ok(self.alice.balance()?.saturating_add(self.bob.balance()?))
    }

    /// That both purses together hold what they should, by GET BALANCE: money that an attack made is really there.
    pub(super) fn expect_sum(&mut self, expected: u64) -> Result<(), AttackError> {
        match self.sum()? {
            found if found == expected => Ok(()),
            found => Err(AttackError::Books { expected, found }),
        }
    }

    /// Alice's phone off and on, and her purse selected: her purse counts wrong requests from 0 again.
    pub(super) fn power_alice(&mut self) -> Result<(), AttackError> {
        let card = self.alice.purse.transport();
        let Ok(()) = card.reset();
        let select = Command::new(Cla::INTERINDUSTRY, 0xA4, 0x04, 0x00, PURSE_AID.as_bytes(), 256);
        let (mut sent, mut received) = ([0; 64], [0; 258]);
        let response = exchange(card, &select.map_err(AttackError::setup)?, &mut sent, &mut received);
        match response.map_err(ClientError::Exchange)?.sw {
            Sw::OK => Ok(()),
            sw => Err(AttackError::answer("SELECT", sw)),
        }
    }

    /// Both cards as they were when they were new.
    pub(super) fn restore(&mut self) -> Result<(), AttackError> {
        self.alice.restore()?;
        self.bob.restore()
    }
}

impl Person {
    fn new(
        last: u8,
        loaded: u32,
        profile: &'static Profile,
        limits: Limits,
        payment_key: &Key<Payment>,
        pin: &PinBlock,
        seed: u64,
    ) -> Result<Self, AttackError> {
        let number = Msisdn::from_bcd(&[0xFF, 0xFF, 0x25, 0x47, 0, 0, 0, last]).map_err(AttackError::setup)?;
        let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(seed))).map_err(AttackError::setup)?;
        card.install_domain(&DomainSetup::blank(&KeySet::published())).map_err(AttackError::setup)?;
        card.install(&MODULES, PURSE_AID, PURSE_AID, &CAPACITY.to_bytes()).map_err(AttackError::setup)?;
        let mut purse = Client::select(card, &PURSE_AID)?;
        let identity = Identity {
            number: Some(number),
            currency: Currency::new(404).map_err(AttackError::setup)?.bcd(),
            decimals: 2,
            sequence: 1,
            serials_above: 0,
        };
        let issuer_key = Key::new(Algorithm::AesCmac, &[last; 16]).map_err(AttackError::setup)?;
        purse.personalise(
            Access::published(&KeySet::published()),
            &Personalisation {
                identity,
                profile,
                danger_accept_broken_profile: true,
                menu: None,
                limits,
                scheme: Scheme::Universal,
                epoch: 1,
                payment_key,
                issuer_key: &issuer_key,
                pin: (3, pin),
                puk: (10, pin),
            },
        )?;
        if loaded > 0 {
            purse.send(&Load::new(&issuer_key, &identity, Amount::new(loaded), 1))?;
        }
        let fresh = purse.transport().snapshot();
        Ok(Self { number, purse, fresh })
    }

    pub(super) fn balance(&mut self) -> Result<u64, AttackError> {
        Ok(self.purse.balance()?.minor_units().into())
    }

    /// The card as it was when it was new.
    pub(super) fn restore(&mut self) -> Result<(), AttackError> {
        self.purse.transport().restore(&self.fresh).map_err(AttackError::setup)
    }
}

/// A refusal by status word is an answer; anything else is not.
fn answer<T>(result: Result<T, ClientError<Infallible>>) -> Answer<T> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.sw() {
            Some(sw) => Ok(Err(sw)),
            None => Err(error.into()),
        },
    }
}

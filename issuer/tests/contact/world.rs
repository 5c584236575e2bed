//! Two people with issued cards, and their issuer.

use std::convert::Infallible;

use apdu::{Sw, Transport};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{OpenedRequest, PURSE_AID, Statement};
use applet_model::runtime::PinBlock;
use card_sim::{Card, SeededRandom, Snapshot};
use digitally::{Algorithm, Amount, Code, Key, Msisdn};
use issuer::contact::{ContactError, Report, Terms, Wishes, contact};
use issuer::register::{Plan, State};
use issuer::{Issuer, Register};

use crate::cards::{self, NOW, blank, order, transport_keys};

pub(crate) type Outcome<E = Infallible> = Result<Report, ContactError<E>>;

/// Everybody starts with this much.
pub(crate) const LOADED: u32 = 2_000_00;

/// Somebody with an issued card.
pub(crate) struct Person {
    pub(crate) number: Msisdn,
    pub(crate) card: Card,
}

/// Alice's card is the register's first one, Bob's the second.
pub(crate) struct World {
    pub(crate) issuer: Issuer,
    pub(crate) register: Register,
    pub(crate) alice: Person,
    pub(crate) bob: Person,
    /// Another challenge each time.
    random: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of_issuer(7)
    }

    /// Of the issuer with this master key.
    pub(crate) fn of_issuer(master: u8) -> Self {
        Self::with_numbers(master, 1, 2)
    }

    pub(crate) fn with_numbers(master: u8, alice: u32, bob: u32) -> Self {
        let issuer = Issuer::of_one_key(Key::new(Algorithm::AesCmac, &[master; 32]).unwrap()).unwrap();
        let mut register = Register::in_memory(&issuer.register_id().unwrap()).unwrap();
        let mut person = |n| Person { number: cards::number(n), card: issue(&issuer, &mut register, n) };
        let (alice, bob) = (person(alice), person(bob));
        Self { issuer, register, alice, bob, random: 0 }
    }

    pub(crate) fn meet_alice(&mut self, wishes: &Wishes) -> Outcome {
        self.random += 1;
        meet(&self.issuer, &mut self.register, &mut self.alice.card, wishes, self.random)
    }

    pub(crate) fn meet_bob(&mut self, wishes: &Wishes) -> Outcome {
        self.random += 1;
        meet(&self.issuer, &mut self.register, &mut self.bob.card, wishes, self.random)
    }

    /// Alice pays Bob.
    pub(crate) fn pay(&mut self, minor: u32) {
        let opened = self.bob.request(&self.alice, minor).unwrap();
        let paid = self.alice.pay(&self.bob, minor, opened.code).unwrap();
        self.bob.confirm(opened.id, &paid).unwrap();
    }

    pub(crate) fn images(&mut self) -> [Snapshot; 2] {
        [&mut self.alice.card, &mut self.bob.card].map(|card| {
            card.reset().unwrap();
            card.snapshot()
        })
    }
}

pub(crate) fn meet<T: Transport>(
    issuer: &Issuer,
    register: &mut Register,
    card: &mut T,
    wishes: &Wishes,
    seed: u64,
) -> Outcome<T::Error> {
    contact(card, &Terms::new(issuer, NOW), register, wishes, &mut SeededRandom::new(seed), &mut |_| {})
}

pub(crate) fn issue(issuer: &Issuer, register: &mut Register, n: u32) -> Card {
    let mut card = blank(n);
    let order = order(n, LOADED);
    let (seal, epoch) = (issuer.seal(&order).unwrap(), register.epochs().unwrap().in_use);
    let plan = Plan { order: &order, seal, key_check: globalplatform::CheckValue([0; 3]), epoch, line: None };
    let planned = register.plan(None, &[plan], NOW).unwrap().remove(0).unwrap();
    let transport = transport_keys();
    let terms = issuer::personalise::Terms::new(issuer, Some(&transport), NOW);
    let mut random = SeededRandom::new(n.into());
    let done =
        issuer::personalise::personalise(&mut card, &terms, register, &planned, &order, &mut random, &mut |_| {});
    assert_eq!(done.unwrap().card.state, State::Issued);
    card
}

fn sw<T>(outcome: Result<T, ClientError<Infallible>>) -> Result<T, Sw> {
    outcome.map_err(|error| error.sw().unwrap())
}

impl Person {
    pub(crate) fn purse(&mut self) -> Client<&mut Card> {
        self.card.reset().unwrap();
        Client::select(&mut self.card, &PURSE_AID).unwrap()
    }

    pub(crate) fn statement(&mut self) -> Statement {
        self.purse().attest([0; 8]).unwrap().statement
    }

    pub(crate) fn balance(&mut self) -> u32 {
        self.purse().balance().unwrap().minor_units()
    }

    pub(crate) fn request(&mut self, payer: &Self, minor: u32) -> Result<OpenedRequest, Sw> {
        sw(self.purse().request(payer.number, Amount::new(minor)))
    }

    /// The response, as it is read out.
    pub(crate) fn pay(&mut self, payee: &Self, minor: u32, code: Code) -> Result<String, Sw> {
        let mut purse = self.purse();
        let mut pending = sw(purse.check(payee.number, Amount::new(minor), code))?;
        sw(pending.verify(&pin()))?;
        Ok(sw(pending.authorise())?.code.ungrouped().to_string())
    }

    pub(crate) fn confirm(&mut self, id: u32, response: &str) -> Result<(), Sw> {
        let code = Code::new(response.parse().unwrap(), 8).unwrap();
        sw(self.purse().confirm(id, code)).map(drop)
    }
}

pub(crate) fn pin() -> PinBlock {
    PinBlock::parse("1234").unwrap()
}

//! People with purses on software cards, for tests.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable
)]

pub mod bare;
pub mod phone;

use apdu::{Sw, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{
    Capacity, Counters, Entry, File, Identity, Limits, Load, OpenedRequest, PURSE_AID, Paid, Personalisation, Purse,
    Unload,
};
use applet_model::runtime::PinBlock;
use card_sim::{Card, DomainSetup, Module, SeededRandom};
use digitally::{Algorithm, Amount, Code, Currency, Issuer, Key, Msisdn, Payment, Profile, Scheme, profile};
use globalplatform::command::Install;
use globalplatform::{Access, Channel, KeySet};

pub const PIN: &str = "1234";
pub const WRONG_PIN: &str = "4321";
pub const PUK: &str = "87654321";

/// What all cards of a test have in common.
#[derive(Clone)]
pub struct Setup {
    pub profile: &'static Profile,
    pub algorithm: Algorithm,
    pub scheme: Scheme,
    pub epoch: u8,
    pub limits: Limits,
    pub capacity: Capacity,
    pub make: fn(&[u8]) -> Option<Box<dyn applet_model::runtime::Applet>>,
    pub balance: u32,
    /// The first amount, where a test uses many.
    pub first: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            profile: &profile::DIGITALLY_8,
            algorithm: Algorithm::AesCmac,
            scheme: Scheme::Universal,
            epoch: 1,
            limits: LIMITS,
            capacity: Capacity::CONSUMER,
            make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))),
            balance: 2000_00,
            first: 100,
        }
    }
}

pub const LIMITS: Limits = Limits {
    payment: Amount::new(5_000_00),
    balance: Amount::new(50_000_00),
    opens: 200,
    failures: 100,
    tries: 5,
    refusals: 20,
    unacknowledged: 64,
};

/// Somebody with a card.
pub struct Person {
    pub number: Msisdn,
    pub purse: Client<Card>,
}

/// +254700000000 and `i`, at most 99; without the heap, for those who count what is taken from it.
pub fn number(i: u32) -> Msisdn {
    let mut bcd = *b"\xFF\xFF\x25\x47\0\0\0\0";
    bcd[7] = u8::try_from(i / 10 * 16 + i % 10).unwrap();
    Msisdn::from_bcd(&bcd).unwrap()
}

pub fn amount(minor: u32) -> Amount {
    Amount::new(minor)
}

pub fn pin(text: &str) -> PinBlock {
    PinBlock::parse(text).unwrap()
}

pub fn issuer_key(i: u32) -> Key<Issuer> {
    Key::new(Algorithm::AesCmac, &[u8::try_from(i).unwrap() ^ 0xA0; 16]).unwrap()
}

pub fn payment_key(algorithm: Algorithm) -> Key<Payment> {
    Key::new(algorithm, &[0x4B; 16]).unwrap()
}

pub fn identity(i: u32) -> Identity {
    let currency = Currency::new(404).unwrap().bcd();
    Identity { number: Some(number(i)), currency, decimals: 2, sequence: 1, serials_above: 0 }
}

impl Person {
    /// A blank purse, selected.
    pub fn blank(i: u32, setup: &Setup) -> Self {
        let modules = [Module { aid: PURSE_AID, make: setup.make }];
        let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(i.into()))).unwrap();
        card.install_domain(&DomainSetup::blank(&KeySet::published())).unwrap();
        card.install(&modules, PURSE_AID, PURSE_AID, &setup.capacity.to_bytes()).unwrap();
        Self { number: number(i), purse: Client::select(card, &PURSE_AID).unwrap() }
    }

    /// A personalised and loaded purse, selected.
    pub fn new(i: u32, setup: &Setup) -> Self {
        let mut person = Self::blank(i, setup);
        person.personalise(i, setup, false).unwrap();
        if setup.balance > 0 {
            person.load(i, setup.balance).unwrap();
        }
        person
    }

    pub fn personalise(&mut self, i: u32, setup: &Setup, danger: bool) -> Result<(), Sw> {
        self.personalise_as(identity(i), i, setup, danger)
    }

    pub fn personalise_as(&mut self, identity: Identity, i: u32, setup: &Setup, danger: bool) -> Result<(), Sw> {
        let personalisation = Personalisation {
            identity,
            profile: setup.profile,
            danger_accept_broken_profile: danger,
            limits: setup.limits,
            menu: None,
            scheme: setup.scheme,
            epoch: setup.epoch,
            payment_key: &payment_key(setup.algorithm),
            issuer_key: &issuer_key(i),
            pin: (3, &pin(PIN)),
            puk: (10, &pin(PUK)),
        };
        self.purse
            .personalise(Access::published(&KeySet::published()), &personalisation)
            .map_err(|error| error.sw().unwrap())
    }

    pub fn load(&mut self, i: u32, minor: u32) -> Result<Amount, Sw> {
        let counter = self.counters().issuer + 1;
        let load = Load::new(&issuer_key(i), &identity(i), amount(minor), counter);
        let receipt = self.purse.send(&load).map_err(|error| error.sw().unwrap())?;
        assert!(load.is_receipted(&issuer_key(i), &identity(i), &receipt));
        Ok(receipt.balance)
    }

    pub fn unload(&mut self, i: u32, minor: u32) -> Result<Amount, Sw> {
        let counter = self.counters().issuer + 1;
        let unload = Unload::new(&issuer_key(i), &identity(i), amount(minor), counter);
        let receipt = self.purse.send(&unload).map_err(|error| error.sw().unwrap())?;
        assert!(unload.is_receipted(&issuer_key(i), &identity(i), &receipt));
        Ok(receipt.balance)
    }

    pub fn balance(&mut self) -> u32 {
        self.purse.balance().unwrap().minor_units()
    }

    pub fn counters(&mut self) -> Counters {
        self.purse.data().unwrap()
    }

    /// Switches the phone off and on.
    pub fn reset(&mut self) {
        self.purse.transport().reset().unwrap();
        self.select();
    }

    pub fn select(&mut self) {
        let mut response = [0; 258];
        let aid = PURSE_AID;
        let select = [&[0x00, 0xA4, 0x04, 0x00, 11], aid.as_bytes(), &[0x00]].concat();
        self.purse.transport().transmit(&select, &mut response).unwrap();
    }

    pub fn request(&mut self, payer: Msisdn, minor: u32) -> Result<OpenedRequest, Sw> {
        self.purse.request(payer, amount(minor)).map_err(|error| error.sw().unwrap())
    }

    /// CHECK, VERIFY, AUTHORISE, with the right PIN.
    pub fn pay(&mut self, payee: Msisdn, minor: u32, code: Code) -> Result<Paid, Sw> {
        let mut run = || {
            let mut pending = self.purse.check(payee, amount(minor), code)?;
            pending.verify(&pin(PIN))?;
            pending.authorise()
        };
        run().map_err(|error| error.sw().unwrap())
    }

    /// CHECK alone.
    pub fn check(&mut self, payee: Msisdn, minor: u32, code: Code) -> Result<(), Sw> {
        self.purse.check(payee, amount(minor), code).map(|_| ()).map_err(|error| error.sw().unwrap())
    }

    pub fn confirm(&mut self, id: u32, code: Code) -> Result<u32, Sw> {
        let received = self.purse.confirm(id, code).map_err(|error| error.sw().unwrap())?;
        Ok(received.balance.minor_units())
    }

    pub fn log(&mut self, file: File) -> Vec<Entry> {
        (1..=255).map_while(|n| self.purse.entry(file, n).unwrap()).collect()
    }
}

/// The code of these digits, so many of them.
pub fn code(value: u128, digits: u8) -> Code {
    Code::new(value, digits).unwrap()
}

/// Every code that one wrong digit, or one swap of neighbours, makes of this one.
pub fn typing_errors(right: Code) -> Vec<(Code, Vec<usize>)> {
    let digits: Vec<u8> = right.ungrouped().to_string().bytes().map(|byte| byte - b'0').collect();
    let join = |digits: &[u8]| {
        let value = digits.iter().fold(0u128, |value, digit| value * 10 + u128::from(*digit));
        code(value, right.digits())
    };
    let mut errors = Vec::new();
    for at in 0..digits.len() {
        for wrong in (0..10).filter(|wrong| *wrong != digits[at]) {
            let mut typed = digits.clone();
            typed[at] = wrong;
            errors.push((join(&typed), vec![at]));
        }
        if at + 1 < digits.len() && digits[at] != digits[at + 1] {
            let mut typed = digits.clone();
            typed.swap(at, at + 1);
            errors.push((join(&typed), vec![at, at + 1]));
        }
    }
    errors
}

pub fn two(setup: &Setup) -> (Person, Person) {
    (Person::new(1, setup), Person::new(2, setup))
}

/// Sends bytes as they are.
pub fn raw(person: &mut Person, hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let mut response = [0; 600];
    let len = person.purse.transport().transmit(&bytes, &mut response).unwrap();
    response[..len].to_vec()
}

pub fn sw(person: &mut Person, hex: &str) -> u16 {
    let response = raw(person, hex);
    u16::from_be_bytes(*response.last_chunk().unwrap())
}

/// STORE DATA as the issuer sends it: in the secure channel of the card's issuer domain. Returns the status word.
pub fn store(person: &mut Person, hex: &str) -> u16 {
    let digits: String = hex.split_whitespace().collect();
    let bytes: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    let keys = KeySet::published();
    let mut channel = Channel::open(person.purse.transport(), Access::published(&keys)).unwrap();
    channel.order(&Install::Personalization { application: PURSE_AID }).unwrap();
    let outcome = channel.send(&apdu::Command::decode(&bytes).unwrap(), &mut [0; 258]).map(|_| ());
    person.select();
    outcome.map_or_else(|error| error.sw().unwrap(), |()| Sw::OK).value()
}

pub fn refused<T, E: core::error::Error>(result: Result<T, applet_model::purse::client::ClientError<E>>) -> Option<Sw> {
    result.err().and_then(|error| error.sw())
}

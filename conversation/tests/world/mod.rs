//! A stage with purses on software cards, personalised with published test keys, for tests.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::panic)]

use std::path::{Path, PathBuf};

use apdu::Transport;
use applet_model::purse::client::Client;
use applet_model::purse::{
    Answer, Capacity, Counters, Identity, IssuerOrder, Limits, Load, PURSE_AID, Personalisation, Purse, Unload,
};
use applet_model::runtime::PinBlock;
use card_sim::{Card, Module, SeededRandom};
use conversation::{Files, Order, Outcome, Role, RunError, Script, Stage, StageError, Step};
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Scheme, profile};

pub const PIN: &str = "1234";
pub const PUK: &str = "87654321";

/// As in the tests of the purse, but that the caps are near.
pub const LIMITS: Limits = Limits {
    payment: Amount::new(5_000_00),
    balance: Amount::new(50_000_00),
    opens: 10,
    failures: 8,
    tries: 5,
    refusals: 4,
    unacknowledged: 64,
};

/// One purse more on every card, to be found by the next occurrence.
pub const OTHER_AID: apdu::Aid = apdu::Aid::from_array(b"\xF0digitally\x02");

/// How the terminal speaks to a card: the name of the way, and what is put around the card.
pub trait Way {
    type Card: Transport;
    fn name(&self) -> &'static str;
    fn over(&self, card: Card) -> Self::Card;
}

/// In process: the card is the transport.
pub struct InProcess;

impl Way for InProcess {
    type Card = Card;
    fn name(&self) -> &'static str {
        "in process"
    }
    fn over(&self, card: Card) -> Card {
        card
    }
}

/// Over a transport that only passes on, to have a second way until others are there.
pub struct Passed;

/// A card behind a transport that only passes on.
pub struct Behind<T>(T);

impl Way for Passed {
    type Card = Behind<Card>;
    fn name(&self) -> &'static str {
        "passed on"
    }
    fn over(&self, card: Card) -> Behind<Card> {
        Behind(card)
    }
}

impl<T: Transport> Transport for Behind<T> {
    type Error = T::Error;
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, T::Error> {
        // As a card in T=0 does it: a short answer first, and the rest when it is fetched.
        let room = response.len().min(258);
        self.0.transmit(command, &mut response[..room])
    }
    fn reset(&mut self) -> Result<(), T::Error> {
        self.0.reset()
    }
    fn atr(&self) -> &[u8] {
        self.0.atr()
    }
}

/// The test bench: every role gets a software card of its own.
pub struct Bench<'w, W>(pub &'w W);

impl<W: Way> Stage for Bench<'_, W> {
    type Card = W::Card;

    fn bring(&mut self, role: &Role) -> Result<W::Card, StageError> {
        let number = role.number.unwrap_or_else(|| "+254700000099".parse().unwrap());
        let card = card(number, role.balance.unwrap_or(Amount::ZERO));
        Ok(self.0.over(card.map_err(|error| StageError::new(error.to_string()))?))
    }

    fn order(&mut self, role: &Role, card: &mut W::Card, order: Order) -> Result<IssuerOrder, StageError> {
        let number = role.number.ok_or_else(|| StageError::new("the card has no number"))?;
        // The purse stays selected; this reads a counter and changes nothing.
        let mut response = [0; 258];
        let length = card.transmit(&[0x00, 0xCA, 0xDF, 0x23, 0x00], &mut response);
        let length = length.map_err(|error| StageError::new(error.to_string()))?;
        let counters = response.get(3..length - 2).and_then(<Counters as Answer>::read);
        let counter = counters.ok_or_else(|| StageError::new("no counters"))?.issuer + 1;
        let (key, identity) = (issuer_key(), identity(number));
        Ok(match order {
            Order::Load(amount) => Load::new(&key, &identity, amount, counter).order,
            Order::Unload(amount) => Unload::new(&key, &identity, amount, counter).order,
        })
    }
}

fn issuer_key() -> Key<Issuer> {
    Key::new(Algorithm::AesCmac, &[0xA0; 16]).unwrap()
}

fn identity(number: Msisdn) -> Identity {
    let currency = Currency::new(404).unwrap().bcd();
    Identity { number: Some(number), currency, decimals: 2, sequence: 1, serials_above: 0 }
}

/// A personalised card of this number with this balance, powered up.
pub fn card(number: Msisdn, balance: Amount) -> Result<Card, Box<dyn std::error::Error>> {
    let make = |parameters: &[u8]| -> Option<Box<dyn applet_model::runtime::Applet>> {
        Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?)))
    };
    let modules = [Module { aid: PURSE_AID, make }];
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(number.number())))?;
    for aid in [PURSE_AID, OTHER_AID] {
        card.install(&modules, PURSE_AID, aid, &Capacity::CONSUMER.to_bytes()).expect("a purse can be installed");
    }
    let mut purse = Client::select(card, &PURSE_AID)?;
    purse.personalise(&Personalisation {
        identity: identity(number),
        profile: &profile::DIGITALLY_8,
        danger_accept_broken_profile: false,
        limits: LIMITS,
        scheme: Scheme::Universal,
        epoch: 1,
        payment_key: &Key::new(Algorithm::AesCmac, &[0x4B; 16])?,
        issuer_key: &issuer_key(),
        pin: (3, &PinBlock::parse(PIN)?),
        puk: (10, &PinBlock::parse(PUK)?),
    })?;
    if balance > Amount::ZERO {
        purse.send(&Load::new(&issuer_key(), &identity(number), balance, 1))?;
    }
    let mut card = purse.into_transport();
    card.reset()?;
    Ok(card)
}

/// The folder of the files that tests play.
pub fn talks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/talks")
}

/// The files of a folder with this ending, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "talk"));
    files.sort();
    files
}

/// Reads a file.
pub fn script(file: &Path) -> Script {
    let text = conversation::read(file).unwrap();
    Script::parse(&file.display().to_string(), &text, &mut Files)
        .unwrap_or_else(|error| panic!("{error}\n{}", error.text))
}

/// Plays a script over one way.
pub fn play<W: Way>(script: &Script, way: &W, observer: &mut dyn FnMut(&Step<'_>)) -> Result<Outcome, RunError> {
    script.run(&mut Bench(way), observer)
}

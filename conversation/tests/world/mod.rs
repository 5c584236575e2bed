//! A stage with purses on software cards, personalised with published test keys, for tests.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::panic)]

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use apdu::{Command, Cut, PowerCut, Response, Sw, T0, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{
    Answer, Capacity, Counters, Identity, IssuerOrder, Limits, Load, PURSE_AID, Personalisation, Purse, Unload,
};
use applet_model::runtime::PinBlock;
use card_sim::{Card, DomainSetup, Module, Protocol, SeededRandom};
use conversation::{Files, Order, Outcome, Role, RunError, Script, Stage, StageError, Step};
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Scheme, profile};
use globalplatform::{Access, KeySet};

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
    type Card: Transport + PowerCut;
    fn name(&self) -> &'static str;
    fn over(&self, card: Card) -> Self::Card;
}

/// In process: no transmission protocol, an answer comes whole.
pub struct InProcess;

/// A card that is called, not spoken to.
pub struct Called(Card);

impl Way for InProcess {
    type Card = Called;
    fn name(&self) -> &'static str {
        "in process"
    }
    fn over(&self, card: Card) -> Called {
        Called(card)
    }
}

impl Transport for Called {
    type Error = Infallible;
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let Ok(command) = Command::decode(command) else {
            return Ok(Response { data: &[], sw: Sw::WRONG_LENGTH }.encode(response).unwrap());
        };
        Ok(self.0.answer(&command).map_or(0, |answer| answer.encode(response).unwrap()))
    }
    fn reset(&mut self) -> Result<(), Infallible> {
        self.0.reset()
    }
    fn atr(&self) -> &[u8] {
        Transport::atr(&self.0)
    }
}

impl PowerCut for Called {
    fn arm(&mut self, cut: Option<Cut>) {
        self.0.arm(cut);
    }
    fn armed(&self) -> Option<Cut> {
        self.0.armed()
    }
}

/// Over the T=1 front: whole commands, answers in pieces where they are long.
pub struct OverT1;

impl Way for OverT1 {
    type Card = Card;
    fn name(&self) -> &'static str {
        "T=1"
    }
    fn over(&self, card: Card) -> Card {
        card
    }
}

/// Over the T=0 front, with the terminal's side of T=0 before it.
pub struct OverT0;

impl Way for OverT0 {
    type Card = T0<Card>;
    fn name(&self) -> &'static str {
        "T=0"
    }
    fn over(&self, mut card: Card) -> T0<Card> {
        card.speak(Protocol::T0);
        T0::new(card)
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

    fn power<'c>(&mut self, _: &Role, card: &'c mut W::Card) -> Option<&'c mut dyn PowerCut> {
        Some(card)
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
    card.install_domain(&DomainSetup::blank(&KeySet::published())).expect("a domain can be installed");
    for aid in [PURSE_AID, OTHER_AID] {
        card.install(&modules, PURSE_AID, aid, &Capacity::CONSUMER.to_bytes()).expect("a purse can be installed");
    }
    let mut purse = Client::select(card, &PURSE_AID)?;
    purse.personalise(
        Access::published(&KeySet::published()),
        &Personalisation {
            identity: identity(number),
            profile: &profile::DIGITALLY_8,
            danger_accept_broken_profile: false,
            menu: None,
            limits: LIMITS,
            scheme: Scheme::Universal,
            epoch: 1,
            payment_key: &Key::new(Algorithm::AesCmac, &[0x4B; 16])?,
            issuer_key: &issuer_key(),
            pin: (3, &PinBlock::parse(PIN)?),
            puk: (10, &PinBlock::parse(PUK)?),
        },
    )?;
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

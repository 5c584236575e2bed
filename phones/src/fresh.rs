//! Cards to begin with: software cards with published test keys. Whoever knows the keys, which is everybody, can make money on them.

use std::collections::BTreeMap;

use apdu::{Aid, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{
    Capacity, Country, Identity, Language, Limits, Load, MenuData, PURSE_AID, Personalisation, Purse, TrunkPrefix,
};
use applet_model::runtime::{Applet, PinBlock, Random};
use card_sim::uicc::{Setup, Uicc};
use card_sim::{Card, DomainSetup, Module, Overlay};
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Payment, Scheme, profile};
use globalplatform::{Access, KeySet};
use handset::script::Script;
use handset::{Handset, Settings};

/// The modules of our cards: the purse.
pub const MODULES: [Module; 1] = [Module { aid: PURSE_AID, make: purse }];

/// The PIN of fresh cards.
pub const PIN: &str = "1234";
/// Their PUK.
pub const PUK: &str = "87654321";
/// The currency of fresh cards: Kenya shillings (ISO 4217), with two decimals.
pub const CURRENCY: u16 = 404;
/// What each of two people has at first.
pub const BALANCE: Amount = Amount::new(1000_00);

/// Caps that are near, so that people can reach them.
const LIMITS: Limits = Limits {
    payment: Amount::new(5_000_00),
    balance: Amount::new(50_000_00),
    opens: 10,
    failures: 8,
    tries: 5,
    refusals: 4,
    unacknowledged: 64,
};
/// One purse more on every card, blank, to be found by the next occurrence.
const SECOND_AID: Aid = Aid::from_array(b"\xF0digitally\x02");

/// Why no card could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FreshError {
    /// A step of it, which is a defect.
    #[error("no card could be made: {0}")]
    Unmade(String),
    /// It does not take so much.
    #[error("the card of {number} cannot be loaded: {why}")]
    Load {
        /// Whose.
        number: Msisdn,
        /// Why.
        why: String,
    },
}

fn purse(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?)))
}

fn unmade(error: impl std::fmt::Display) -> FreshError {
    FreshError::Unmade(error.to_string())
}

/// The issuer key of fresh cards.
///
/// # Errors
/// [`FreshError::Unmade`].
pub fn issuer_key() -> Result<Key<Issuer>, FreshError> {
    Key::new(Algorithm::AesCmac, &[0xA0; 16]).map_err(unmade)
}

/// The payment key of fresh cards.
///
/// # Errors
/// [`FreshError::Unmade`].
pub fn payment_key() -> Result<Key<Payment>, FreshError> {
    Key::new(Algorithm::AesCmac, &[0x4B; 16]).map_err(unmade)
}

/// The number of one of several people, counted from 1: in Kenya.
///
/// # Errors
/// [`FreshError::Unmade`]: there are not so many.
pub fn number(person: usize) -> Result<Msisdn, FreshError> {
    format!("+254700{person:06}").parse().map_err(unmade)
}

/// What the menu of somebody in Kenya knows, and where uploads go.
///
/// # Errors
/// [`FreshError::Unmade`].
pub fn menu(language: Language) -> Result<MenuData, FreshError> {
    Ok(MenuData {
        country: Country::new(254).unwrap_or(Country::NONE),
        trunk: TrunkPrefix::new("0").unwrap_or(TrunkPrefix::NONE),
        language,
        upload: Some(number(999_999)?),
    })
}

/// A software card with published test keys, its holder's number, a balance, and what its menu knows.
///
/// # Errors
/// [`FreshError`].
pub fn card(
    number: Msisdn,
    balance: Amount,
    menu: Option<MenuData>,
    random: Box<dyn Random>,
) -> Result<Card, FreshError> {
    let capacity = Capacity::CONSUMER.to_bytes();
    let mut card = Card::new(Card::DEFAULT_ATR, random).map_err(unmade)?;
    card.install_domain(&DomainSetup::blank(&KeySet::published())).map_err(unmade)?;
    for aid in [PURSE_AID, SECOND_AID] {
        card.install(&MODULES, PURSE_AID, aid, &capacity).map_err(unmade)?;
    }
    let currency = Currency::new(CURRENCY).map_err(unmade)?.bcd();
    let identity = Identity { number: Some(number), currency, decimals: 2, sequence: 1, serials_above: 0 };
    let issuer_key = issuer_key()?;
    let mut purse = Client::select(card, &PURSE_AID).map_err(unmade)?;
    let personalised = purse.personalise(
        Access::published(&KeySet::published()),
        &Personalisation {
            identity,
            profile: &profile::DIGITALLY_8,
            danger_accept_broken_profile: false,
            menu,
            limits: LIMITS,
            scheme: Scheme::Universal,
            epoch: 1,
            payment_key: &payment_key()?,
            issuer_key: &issuer_key,
            pin: (3, &PinBlock::parse(PIN).map_err(unmade)?),
            puk: (10, &PinBlock::parse(PUK).map_err(unmade)?),
        },
    );
    personalised.map_err(unmade)?;
    if balance > Amount::ZERO {
        purse
            .send(&Load::new(&issuer_key, &identity, balance, 1))
            .map_err(|error| FreshError::Load { number, why: error.to_string() })?;
    }
    let mut card = purse.into_transport();
    let Ok(()) = card.reset();
    Ok(card)
}

/// A simulated SIM of a test network, without a PIN, and with the menu "Toolkit Menu". The number tells several apart.
#[must_use]
pub fn sim(person: usize) -> Uicc {
    Uicc::new(&Setup {
        iccid: format!("89882110000000{person:05}"),
        imsi: format!("0010100000{person:05}"),
        pin: None,
        ..Setup::default()
    })
}

/// Somebody with a card.
#[derive(Debug)]
pub struct Person {
    /// What the other one calls them.
    pub name: &'static str,
    /// Their number.
    pub number: Msisdn,
    /// Their card.
    pub card: Card,
}

/// Alice and Bob, each with a fresh card, and with the other in its list of people.
///
/// # Errors
/// [`FreshError`].
pub fn pair(language: Language, mut random: impl FnMut() -> Box<dyn Random>) -> Result<[Person; 2], FreshError> {
    let mut person = |name, at: usize| {
        let number = number(at)?;
        Ok(Person { name, number, card: card(number, BALANCE, Some(menu(Language::English)?), random())? })
    };
    let (mut alice, mut bob) = (person("Alice", 1)?, person("Bob", 2)?);
    alice.card = knowing(alice.card, &bob, language)?;
    bob.card = knowing(bob.card, &alice, language)?;
    Ok([alice, bob])
}

/// The card, with somebody more in its list, and in this language: keyed in by its own menu, as people do.
fn knowing(card: Card, whom: &Person, language: Language) -> Result<Card, FreshError> {
    let script = format!(
        "boot\nselect \"Purse\"\nselect \"People\"\nselect \"Add person\"\ntype {}\nok\ntype {}\nok\nend\n\
         select \"Purse\"\nselect \"Language\"\nselect \"{}\"\nend\n",
        whom.number,
        whom.name,
        language.name()
    );
    let script = Script::parse("people", &script).map_err(unmade)?;
    let phone = Handset::new(Overlay::new(card, sim(0)), Settings::default());
    let mut phones = BTreeMap::from([(Script::ONLY_PHONE.to_owned(), phone)]);
    script.play(&mut phones, &mut |_| ()).map_err(unmade)?;
    let (_, phone) = phones.pop_first().ok_or_else(|| unmade("no phone"))?;
    let (mut card, _) = phone.into_card().into_parts();
    let Ok(()) = card.reset();
    Ok(card)
}

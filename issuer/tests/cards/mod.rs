//! Software cards with a domain, blank, and an issuer for them.
#![allow(dead_code, reason = "every test binary uses its own part of this")]

use applet_model::purse::{Capacity, PURSE_AID, Purse};
use applet_model::runtime::PinBlock;
use card_sim::{Card, DomainSetup, Module, PUBLISHED_KEY_VERSION, PUBLISHED_KEYS, SeededRandom};
use digitally::{Algorithm, Amount, Currency, Key, Msisdn, profile};
use globalplatform::KeySet;
use globalplatform::scp03::Parameter;
use issuer::order::{Order, limits};
use issuer::personalise::TransportKeys;
use issuer::{Issuer, Register};

pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const MODULES: [Module; 1] =
    [Module { aid: PURSE_AID, make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))) }];

pub(crate) fn transport_keys() -> TransportKeys {
    TransportKeys { version: PUBLISHED_KEY_VERSION, keys: KeySet::from_bytes(&PUBLISHED_KEYS).unwrap() }
}

pub(crate) fn issuer() -> Issuer {
    Issuer::of_one_key(Key::new(Algorithm::AesCmac, &[7; 32]).unwrap()).unwrap()
}

pub(crate) fn register() -> Register {
    Register::in_memory(&issuer().register_id().unwrap()).unwrap()
}

/// A blank card: what tells it from others is its number.
pub(crate) fn blank_with(number: u32, i: u8) -> Card {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(number.into()))).unwrap();
    card.know(&MODULES);
    let keys = transport_keys().keys;
    let mut diversification = *b"CHIP\0\0\0\0\0\0";
    diversification[6..].copy_from_slice(&number.to_be_bytes());
    let parameter = Parameter::try_from(i).unwrap();
    card.install_domain(&DomainSetup { diversification, parameter, ..DomainSetup::blank(&keys) }).unwrap();
    card
}

pub(crate) fn blank(number: u32) -> Card {
    blank_with(number, 0x70)
}

pub(crate) fn number(n: u32) -> Msisdn {
    format!("+2547{n:08}").parse().unwrap()
}

pub(crate) fn order(n: u32, balance: u32) -> Order {
    Order {
        number: number(n),
        replaces: None,
        currency: Currency::new(404).unwrap(),
        decimals: 2,
        profile: &profile::DIGITALLY_8,
        danger_accept_broken_profile: false,
        algorithm: Algorithm::AesCmac,
        capacity: Capacity::CONSUMER,
        limits: limits(Capacity::CONSUMER, Amount::new(5_000_00), Amount::new(50_000_00)),
        balance: Amount::new(balance),
        pin: Some(PinBlock::parse("1234").unwrap()),
        puk: None,
    }
}

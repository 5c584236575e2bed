//! People with purses on overlays, in phones, for tests and benches.

#![allow(dead_code, reason = "every user has its own part of this")]

use std::collections::BTreeMap;

use apdu::Transport;
use applet_model::purse::client::Client;
use applet_model::purse::{
    Capacity, Country, Identity, Language, Limits, Load, MenuData, PURSE_AID, Personalisation, Purse, TrunkPrefix,
};
use applet_model::runtime::PinBlock;
use card_sim::overlay::Host;
use card_sim::uicc::{Setup, Uicc};
use card_sim::{Card, DomainSetup, Module, Overlay, SeededRandom};
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Scheme, profile};
use globalplatform::{Access, KeySet};
use handset::script::Script;
use handset::{Handset, Settings};

/// The purse.
pub const MODULES: [Module; 1] =
    [Module { aid: PURSE_AID, make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))) }];
/// What everybody has at first, in minor units.
pub const BALANCE: u32 = 1000_00;

/// Alice pays Bob 250.00: the first half of the script in the docs.
pub fn payment() -> Script {
    let whole = include_str!("../../../handset/scripts/payment.phones");
    let (first, _) = whole.split_once("# And the other way round.").unwrap();
    Script::parse("payment.phones", first).unwrap()
}

/// +254700000000 and `i`.
pub fn number(i: u8) -> Msisdn {
    format!("+2547000000{i:02}").parse().unwrap()
}

/// The personalised and loaded card of the one with this number.
pub fn card(i: u8) -> Card {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(i.into()))).unwrap();
    card.install_domain(&DomainSetup::blank(&KeySet::published())).unwrap();
    card.install(&MODULES, PURSE_AID, PURSE_AID, &Capacity::CONSUMER.to_bytes()).unwrap();
    let currency = Currency::new(404).unwrap().bcd();
    let identity = Identity { number: Some(number(i)), currency, decimals: 2, sequence: 1, serials_above: 0 };
    let issuer_key: Key<Issuer> = Key::new(Algorithm::AesCmac, &[0xA0 ^ i; 16]).unwrap();
    let menu = MenuData {
        country: Country::new(254).unwrap(),
        trunk: TrunkPrefix::new("0").unwrap(),
        language: Language::English,
        upload: Some(number(99)),
    };
    let limits = Limits {
        payment: Amount::new(5_000_00),
        balance: Amount::new(50_000_00),
        opens: 200,
        failures: 100,
        tries: 5,
        refusals: 20,
        unacknowledged: 64,
    };
    let mut purse = Client::select(card, &PURSE_AID).unwrap();
    let personalisation = Personalisation {
        identity,
        profile: &profile::DIGITALLY_8,
        danger_accept_broken_profile: false,
        menu: Some(menu),
        limits,
        scheme: Scheme::Universal,
        epoch: 1,
        payment_key: &Key::new(Algorithm::AesCmac, &[0x4B; 16]).unwrap(),
        issuer_key: &issuer_key,
        pin: (3, &PinBlock::parse("1234").unwrap()),
        puk: (10, &PinBlock::parse("87654321").unwrap()),
    };
    purse.personalise(Access::published(&KeySet::published()), &personalisation).unwrap();
    purse.send(&Load::new(&issuer_key, &identity, Amount::new(BALANCE), 1)).unwrap();
    purse.into_transport()
}

/// A simulated SIM without a PIN.
pub fn sim() -> Uicc {
    Uicc::new(&Setup { pin: None, ..Setup::default() })
}

/// This card in an overlay over a simulated SIM.
pub fn overlay<H: Host>(card: H) -> Overlay<H, Uicc> {
    Overlay::new(card, sim())
}

/// Alice's phone and Bob's, with these cards.
pub fn phones<T: Transport>(alice: T, bob: T) -> BTreeMap<String, Handset<T>> {
    let phone = |card| Handset::new(card, Settings::default());
    [("alice".to_owned(), phone(alice)), ("bob".to_owned(), phone(bob))].into()
}

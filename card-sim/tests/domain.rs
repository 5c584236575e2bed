//! The issuer domain, as its issuer and card tools see it.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "domain/host.rs"]
mod host;

use apdu::Sw;
use card_sim::PUBLISHED_KEY_VERSION;
use globalplatform::command::{Format, GetStatus, Install, RegistryEntry, Scope, StoreData};
use globalplatform::scp03::{Level, Parameter};
use globalplatform::{ApplicationState, KeySet};
use host::*;

fn store(number: u8, last: bool, data: &[u8]) -> StoreData<'_> {
    StoreData { number, last, encryption: Default::default(), format: Format::Unsaid, response: true, data }
}

/// The state of an applet in the registry.
fn state(issuer: &mut Issuer, card: &mut card_sim::Card, aid: apdu::Aid) -> Option<u8> {
    let status = GetStatus { aid: aid.as_bytes(), ..GetStatus::all(Scope::Applications) };
    let (data, _) = issuer.ask(card, &status);
    RegistryEntry::decode_all(&data).map(|entry| entry.unwrap()).find(|entry| entry.aid == aid).map(|entry| entry.state)
}

/// Every option, key size and level: an applet is installed, personalised and used.
#[test]
fn from_blank_to_personalised() {
    for parameter in Parameter::ALL {
        for length in [48, 72, 96] {
            let keys = KeySet::from_bytes(&vec![0x5A; length]).unwrap();
            for level in Level::ALL.into_iter().filter(|level| level.command_mac() && level.permitted_by(parameter)) {
                let mut card = with(&keys, parameter.byte());
                let mut issuer = Issuer::open(&mut card, &keys, PUBLISHED_KEY_VERSION, level).unwrap();
                assert_eq!(issuer.ask(&mut card, &diary_named(FIRST)), (vec![0], Sw::OK));
                assert_eq!(state(&mut issuer, &mut card, FIRST), Some(0x07));
                assert_eq!(issuer.tell(&mut card, &Install::Personalization { application: FIRST }), Sw::OK);
                let answer = issuer.ask(&mut card, &store(0, false, b"Dear dia"));
                assert_eq!(answer, (b"aid raeD".to_vec(), Sw::OK));
                assert_eq!(issuer.tell(&mut card, &store(1, true, b"ry, toda")), Sw::OK);
                assert_eq!(state(&mut issuer, &mut card, FIRST), Some(ApplicationState::PERSONALIZED.byte()));
                assert_eq!(pages(&mut card, FIRST).unwrap(), b"Dear diary, toda");
            }
        }
    }
}

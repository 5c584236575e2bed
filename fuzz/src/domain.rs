//! The issuer domain of a card: commands one behind the other, from the issuer in his session and from anybody.
//!
//! Each command stands behind its length, and behind a byte whose lowest bit says that the issuer sends it.

use apdu::{Aid, Command, Response, Transport};
use applet_model::purse::{Capacity, PURSE_AID, Purse};
use card_sim::{Card, DomainSetup, Module, PUBLISHED_KEYS, SeededRandom, image};
use globalplatform::scp03::Level;
use globalplatform::scp03::host::{Host, Session};
use globalplatform::{ISSUER_DOMAIN, KeySet};

use crate::card::transmit;

const MODULES: &[Module] =
    &[Module { aid: PURSE_AID, make: |bytes| Some(Box::new(Purse::new(Capacity::from_bytes(bytes)?))) }];

/// Where the domain counts authentications: all that it keeps of what anybody says.
const COUNTED: std::ops::Range<usize> = 13..37;

/// Each command is answered; none but the issuer's changes which applets there are, or what the domain keeps beside its
/// counters; and what the card has come to can be kept.
pub fn domain(bytes: &[u8]) {
    play(bytes);
}

fn play(bytes: &[u8]) -> Card {
    let keys = KeySet::from_bytes(&PUBLISHED_KEYS).expect("three keys");
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(6))).expect("an ATR");
    card.know(MODULES);
    card.install_domain(&DomainSetup::blank(&keys)).expect("there is room");
    let mut issuer = open(&mut card, &keys);
    let mut rest = bytes;
    while let [length, who, more @ ..] = rest {
        let (command, after) = more.split_at(usize::from(*length).min(more.len()));
        rest = after;
        match Command::decode(command) {
            Ok(command) if who & 1 != 0 => tell(&mut card, &mut issuer, &command),
            _ => {
                let before = kept(&card);
                transmit(&mut card, command);
                assert_eq!(kept(&card), before, "{command:02X?} came from nobody");
            }
        }
    }
    let before = kept(&card);
    let image = image::encode(&card);
    card.reset().expect("a card alone never fails");
    let back = image::decode(&image, MODULES, Box::new(SeededRandom::new(6))).expect("it has just been written");
    assert!(kept(&card) == before && kept(&back) == before);
    card
}

/// The names of the applets, and what the domain keeps that only its issuer may change.
fn kept(card: &Card) -> (Vec<Aid>, Vec<u8>) {
    let names = card.contents().map(|held| held.aid).collect();
    let domain = card.contents().find(|held| held.aid == ISSUER_DOMAIN).expect("nobody can delete it");
    let mut memory = domain.memory.to_vec();
    memory.drain(COUNTED);
    (names, memory)
}

/// The issuer's session on a blank card.
fn open(card: &mut Card, keys: &KeySet) -> Session {
    transmit(card, &[0x00, 0xA4, 0x04, 0x00, 0x00]);
    let host = Host::new(keys, 0, [8; 8]);
    let (data, sw) = send(card, &host.initialize_update().command().expect("8 bytes"));
    let verified = host.receive(&Response { data: &data, sw: sw.into() }).expect("the card has the keys");
    let mut room = [0; 16];
    let (waiting, command) = verified.external_authenticate(Level::Full, &mut room).expect("i = 70");
    let (data, sw) = send(card, &command);
    waiting.accepted(&Response { data: &data, sw: sw.into() }).expect("the host has the keys")
}

/// A command of the issuer's, if it can be protected and his session goes on.
fn tell(card: &mut Card, issuer: &mut Session, command: &Command<'_>) {
    let (mut room, mut read) = (vec![0; command.data().len() + 24], vec![0; 600]);
    if let Ok((sent, wrapped)) = issuer.wrap(command, &mut room) {
        let (data, sw) = send(card, &wrapped);
        let response = Response { data: &data, sw: sw.into() };
        sent.unwrap(&response, &mut read).expect("what the card says is protected, or an error");
    }
}

/// A command, and all of its answer.
fn send(card: &mut Card, command: &Command<'_>) -> (Vec<u8>, u16) {
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).expect("room for it");
    let (mut data, mut sw) = transmit(card, &bytes);
    while sw >> 8 == 0x61 {
        let (more, next) = transmit(card, &[0x00, 0xC0, 0x00, 0x00, 0x00]);
        data.extend(more);
        sw = next;
    }
    (data, sw)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seeds get as far as they are meant to.
    #[test]
    fn purses_are_installed() {
        for (seed, applets) in [("install", 2), ("personalise", 1), ("list", 7), ("delete", 0), ("anybody", 0)] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/domain").join(seed);
            let card = play(&std::fs::read(path).unwrap());
            assert_eq!(card.contents().filter(|held| held.module == PURSE_AID).count(), applets, "{seed}");
        }
    }
}

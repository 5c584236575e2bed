//! Commands made of noise: the purse answers each with a status word, and no money moves.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod world;

use apdu::{Command, Sw, Transport};
use applet_model::purse::{Holder, Life, PurseCommand};
use proptest::prelude::*;
use world::{Person, Setup};

/// Header bytes that mean something, so that the noise gets further than the door.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let cla = prop_oneof![8 => Just(0x00u8), 8 => Just(0x80), 1 => any::<u8>()];
    let ins = prop_oneof![
        20 => prop::sample::select(vec![
            0x20u8, 0x24, 0x2C, 0x5C, 0xCA, 0xB2, 0xE2, 0x0C, 0x40, 0x46, 0x44, 0x42, 0x54, 0x5A, 0x52, 0xA4, 0xC0,
        ]),
        1 => any::<u8>(),
    ];
    let parameter = || {
        prop_oneof![
            10 => prop::sample::select(vec![0x00u8, 0x01, 0x03, 0x04, 0x08, 0x0C, 0x14, 0x1C, 0x24, 0x81, 0x88, 0xDF]),
            1 => any::<u8>(),
        ]
    };
    let data = prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 0..=40),
        // A number of this deployment and then noise.
        prop::collection::vec(any::<u8>(), 0..=16)
            .prop_map(|tail| { [&[0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x02][..], &tail].concat() }),
        // Data groups of the right shape.
        (
            prop::sample::select(vec![0x0101u16, 0x0102, 0x0103, 0x0104, 0x01D0, 0x8001, 0x8002, 0x8010, 0x8011]),
            prop::collection::vec(any::<u8>(), 0..=36)
        )
            .prop_map(|(id, data)| { [&id.to_be_bytes()[..], &[u8::try_from(data.len()).unwrap()], &data].concat() }),
    ];
    (cla, ins, parameter(), parameter(), data, any::<bool>()).prop_map(|(cla, ins, p1, p2, data, le)| {
        let mut bytes = vec![cla, ins, p1, p2];
        if !data.is_empty() {
            bytes.push(u8::try_from(data.len()).unwrap());
            bytes.extend(data);
        }
        if le {
            bytes.push(0x00);
        }
        bytes
    })
}

/// Sends the bytes, and says which status word came.
fn send(person: &mut Person, bytes: &[u8]) -> Sw {
    let mut response = [0; 600];
    let len = person.purse.transport().transmit(bytes, &mut response).unwrap();
    Sw::from_bytes(*response[..len].last_chunk().unwrap())
}

proptest! {
    #[test]
    fn noise_moves_no_money(commands in prop::collection::vec(command(), 1..60)) {
        let mut person = Person::new(1, &Setup::default());
        for bytes in &commands {
            let sw = send(&mut person, bytes);
            prop_assert!(matches!(sw.value() >> 12, 0x6 | 0x9), "{sw}");
        }
        person.reset();
        prop_assert_eq!(person.balance(), Setup::default().balance);
        prop_assert_eq!(person.counters().payments, 0);
    }

    #[test]
    fn noise_makes_a_blank_purse_nobodys(commands in prop::collection::vec(command(), 1..60)) {
        let mut person = Person::blank(1, &Setup::default());
        for bytes in &commands {
            send(&mut person, bytes);
        }
        person.reset();
        let holder: Holder = person.purse.data().unwrap();
        prop_assert_eq!(holder.life(), Life::Blank);
        person.personalise(1, &Setup::default(), true).unwrap();
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes: Vec<u8>) {
        if let Ok(command) = Command::decode(&bytes) {
            let _ = PurseCommand::decode(&command).map(|decoded| decoded.name());
        }
    }
}

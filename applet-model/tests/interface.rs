//! What the other end may rely on: names, data objects, receipts; and that an answer which is none is not taken for one.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::unreachable)]

mod world;

use std::convert::Infallible;

use apdu::{Command, Transport};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{Capacity, GetBalance, Holder, Life, Load, PURSE_AID, ProfileData, PurseCommand, Unload};
use digitally::Scheme;
use world::{PIN, Person, Setup, amount, identity, issuer_key, pin, raw, sw};

/// A card that answers SELECT, and then always the same.
struct Parrot(&'static [u8], bool);

impl Transport for Parrot {
    type Error = Infallible;

    fn transmit(&mut self, _: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let says = if std::mem::replace(&mut self.1, true) { self.0 } else { b"\x90\x00" };
        response[..says.len()].copy_from_slice(says);
        Ok(says.len())
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[]
    }
}

fn parrot(says: &'static [u8]) -> Client<Parrot> {
    Client::select(Parrot(says, false), &PURSE_AID).unwrap()
}

fn header<T>(result: Result<T, ClientError<Infallible>>) -> [u8; 4] {
    match result {
        Err(ClientError::Answer { header }) => header,
        _ => unreachable!("this is no answer"),
    }
}

#[test]
fn an_answer_of_another_form_is_refused_with_the_command_that_got_it() {
    assert_eq!(header(parrot(b"\x01\x90\x00").verify(&pin(PIN))), [0x00, 0x20, 0x00, 0x81]);
    assert_eq!(header(parrot(b"\x01\x02\x03\x90\x00").balance()), [0x80, 0x5C, 0x00, 0x02]);
    assert_eq!(header(parrot(b"\x01\x02\x03\x04\x05\x90\x00").send(&GetBalance)), [0x80, 0x5C, 0x00, 0x02]);
    assert_eq!(header(parrot(b"\x00\x00\x00\x01\x90\x00").request(world::number(2), amount(1))), [0x80, 0x40, 0, 0]);
}

#[test]
fn a_data_object_is_the_one_that_was_asked_for_and_nothing_else() {
    const OBJECT: &[u8] = b"\xDF\x24\x0C\x00\x3D\x00\x08\x00\x20\x00\x40\x00\x40\x00\x3C\x90\x00";
    const OTHER: &[u8] = b"\xDF\x25\x0C\x00\x3D\x00\x08\x00\x20\x00\x40\x00\x40\x00\x3C\x90\x00";
    const LONGER: &[u8] = b"\xDF\x24\x0C\x00\x3D\x00\x08\x00\x20\x00\x40\x00\x40\x00\x3C\xDF\x25\x00\x90\x00";
    assert_eq!(parrot(OBJECT).data::<Capacity>().unwrap(), Capacity::CONSUMER);
    for wrong in [OTHER, LONGER, b"\x90\x00"] {
        assert_eq!(header(parrot(wrong).data::<Capacity>()), [0x00, 0xCA, 0xDF, 0x24]);
    }
}

#[test]
fn a_purse_says_how_large_it_is_and_under_which_key() {
    let mut alice = Person::new(1, &Setup::default());
    assert_eq!(alice.purse.data::<Capacity>().unwrap(), Capacity::CONSUMER);
    let profile: ProfileData = alice.purse.data().unwrap();
    assert_eq!((profile.scheme(), profile.epoch), (Some(Scheme::Universal), 1));
    assert_eq!((profile.request, profile.response), ([3, 5], [0, 8]));
}

/// As GlobalPlatform has it: with class 80, too.
#[test]
fn data_is_given_under_both_classes() {
    let mut alice = Person::new(1, &Setup::default());
    for object in 0x20..=0x25 {
        let interindustry = raw(&mut alice, &format!("00 CA DF {object:02X} 00"));
        assert_eq!(interindustry[..2], [0xDF, object]);
        assert_eq!(raw(&mut alice, &format!("80 CA DF {object:02X} 00")), interindustry);
    }
    assert_eq!(sw(&mut alice, "80 CA DF 26 00"), 0x6A88);
}

#[test]
fn states_of_life_have_names() {
    assert_eq!(
        [0, 1, 2, 3, 4].map(|byte| Life::from_number(byte).name()),
        ["blank", "personalised", "blocked", "suspended", "blocked"]
    );
    let states = [Life::Blank, Life::Personalised, Life::Blocked, Life::Suspended];
    assert_eq!(states.map(Life::number), [0, 1, 2, 3]);
    let mut alice = Person::new(1, &Setup::default());
    assert_eq!(alice.purse.data::<Holder>().unwrap().life(), Life::Personalised);
}

/// The name and the header of each row of the table of commands in `docs/applet.md`.
#[test]
fn commands_have_the_names_of_the_document() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/applet.md")).unwrap();
    let bytes = |text: &str| -> Vec<u8> {
        let hex: String = text.split_whitespace().collect();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let number = "FFFF254700000002";
    let mut found = 0;
    for (name, command) in [
        ("VERIFY", "00 20 00 81"),
        ("CHANGE REFERENCE DATA", "00 24 00 81 10 31323334FFFFFFFF 31323334FFFFFFFF"),
        ("RESET RETRY COUNTER", "00 2C 00 81 10 31323334FFFFFFFF 31323334FFFFFFFF"),
        ("GET BALANCE", "80 5C 00 02 04"),
        ("GET DATA", "00 CA DF 20 00"),
        ("READ RECORD", "00 B2 01 0C 00"),
        ("APPEND RECORD", &format!("00 E2 00 18 18 {number} 426F6200000000000000000000000000")),
        ("ERASE RECORD", "00 0C 01 1C"),
        ("REQUEST", &format!("80 40 00 00 0C {number} 00000001 00")),
        ("CANCEL", "80 46 00 00 04 00000001"),
        ("CONFIRM", "80 44 00 00 08 00000001 12345678 00"),
        ("CHECK", &format!("80 42 00 00 10 {number} 00000001 12345678 00")),
        ("AUTHORISE", "80 54 01 00 00"),
        ("LAST", "80 5A 00 00 00"),
        ("LOAD", "80 52 00 00 10 00000001 00000001 0000000000000000 0C"),
        ("UNLOAD", "80 54 03 00 10 00000001 00000001 0000000000000000 0C"),
    ] {
        let command = bytes(command);
        assert_eq!(PurseCommand::decode(&Command::decode(&command).unwrap()).unwrap().name(), name);
        let row = format!("| {name} | `{:02X} {:02X}", command[0], command[1]);
        assert!(document.contains(&row), "{row}");
        found += 1;
    }
    assert_eq!(found, 16);
}

/// Byte by byte as `docs/applet.md` has it, the MACs computed here.
#[test]
fn a_receipt_is_the_cards_for_one_order() {
    let mut alice = Person::new(1, &Setup { balance: 0, ..Setup::default() });
    let key = issuer_key(1);
    let message = |kind: u8, minor: u32, counter: u32| {
        let start = [kind, 0x01, 0x04, 0x04];
        [&start[..], world::number(1).bcd(), &minor.to_be_bytes(), &counter.to_be_bytes()].concat()
    };
    let with_balance = |message: Vec<u8>, balance: u32| [message, balance.to_be_bytes().to_vec()].concat();

    let load = Load::new(&key, &identity(1), amount(700), 1);
    assert_eq!(load.order.mac, key.tag(&message(0x61, 700, 1)).first_8());
    let loaded = alice.purse.send(&load).unwrap();
    assert_eq!(loaded.mac, key.tag(&with_balance(message(0x62, 700, 1), 700)).first_8());

    alice.purse.verify(&pin(PIN)).unwrap();
    let unload = Unload::new(&key, &identity(1), amount(200), 2);
    assert_eq!(unload.order.mac, key.tag(&message(0x63, 200, 2)).first_8());
    let unloaded = alice.purse.send(&unload).unwrap();
    assert_eq!(unloaded.mac, key.tag(&with_balance(message(0x64, 200, 2), 500)).first_8());

    assert!(load.is_receipted(&key, &identity(1), &loaded));
    assert!(unload.is_receipted(&key, &identity(1), &unloaded));
    assert!(!load.is_receipted(&key, &identity(1), &unloaded), "of another order");
    assert!(!unload.is_receipted(&key, &identity(1), &loaded), "of another order");
    assert!(!load.is_receipted(&issuer_key(2), &identity(1), &loaded), "of another card");
    let mut forged = loaded;
    forged.balance = amount(701);
    assert!(!load.is_receipted(&key, &identity(1), &forged), "of another balance");
    let mut forged = unloaded;
    forged.balance = amount(501);
    assert!(!unload.is_receipted(&key, &identity(1), &forged), "of another balance");
}

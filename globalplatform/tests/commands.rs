//! Commands byte by byte, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use apdu::{Aid, Command, Sw};
use globalplatform::command::{
    ALGORITHM_NOT_SUPPORTED, Delete, Format, GetData, GetStatus, Install, Instruction, NewApplication, PutKey,
    RegistryEntry, Scope, SetStatus, StoreData, WRONG_CHECK_VALUE, application_parameters,
};
use globalplatform::data::{CardRecognition, KeyInformation};
use globalplatform::{ApplicationState, CardState, Key, KeySet, Privileges};
use hex_literal::hex;

const PURSE: Aid = Aid::from_array(b"\xF0PURSE");
const FILE: Aid = Aid::from_array(b"\xF0FILE");

/// Written as these bytes, and read from them.
fn check<'a, I: Instruction<'a> + PartialEq + core::fmt::Debug>(instruction: &I, expected: &'a [u8]) {
    let mut room = [0; 128];
    let command = instruction.encode(&mut room).unwrap();
    let mut out = vec![0; command.encoded_len()];
    command.encode(&mut out).unwrap();
    assert_eq!(hex::encode_upper(&out), hex::encode_upper(expected));
    assert_eq!(I::decode(&Command::decode(expected).unwrap()).as_ref(), Ok(instruction));
    // A room too small by one byte.
    let mut room = vec![0; command.data().len().saturating_sub(1)];
    assert_eq!(instruction.encode(&mut room).is_err(), !command.data().is_empty());
}

/// The status word for this command.
fn refused<'a, I: Instruction<'a>>(bytes: &'a [u8]) -> Sw {
    I::decode(&Command::decode(bytes).unwrap()).err().unwrap()
}

#[test]
fn install() {
    let mut room = [0; 16];
    let parameters = application_parameters(&hex!("0102"), &mut room).unwrap();
    let new = NewApplication {
        load_file: FILE,
        module: PURSE,
        application: PURSE,
        privileges: Privileges::CARD_RESET,
        parameters,
        selectable: true,
    };
    assert_eq!(new.application_parameters(), Ok(hex!("0102").as_slice()));
    check(
        &Install::Application(new),
        &hex!("80 E6 0C 00 1C 05F046494C45 06F05055525345 06F05055525345 0104 04C9020102 00 00"),
    );
    let privileges = Privileges::SECURITY_DOMAIN | Privileges::AUTHORIZED_MANAGEMENT;
    assert!(privileges.include(Privileges::SECURITY_DOMAIN) && !privileges.include(Privileges::CARD_LOCK));
    check(
        &Install::MakeSelectable { application: PURSE, privileges },
        &hex!("80 E6 08 00 0F 00 00 06F05055525345 03804000 00 00 00"),
    );
    check(&Install::Personalization { application: PURSE }, &hex!("80 E6 20 00 0C 00 00 06F05055525345 00 00 00 00"));
    let personalization = hex!("80 E6 20 00 0C 00 00 06F05055525345 00 00 00");
    // For load, registry update, extradition: not here.
    for p1 in [0x02, 0x40, 0x10, 0x00, 0x84] {
        let mut other = personalization;
        other[2] = p1;
        assert_eq!(refused::<Install<'_>>(&other), Sw::INCORRECT_P1_P2);
    }
    // A token; a byte too many; one too few; an AID of four bytes; two bytes of privileges.
    for data in [
        &hex!("00 00 06F05055525345 00 00 01AA")[..],
        &hex!("00 00 06F05055525345 00 00 00 00"),
        &hex!("00 00 06F05055525345 00 00"),
        &hex!("00 00 04F0505552 00 00 00"),
    ] {
        let command = Command::new(apdu::Cla::PROPRIETARY, 0xE6, 0x20, 0, data, 0).unwrap();
        assert_eq!(Install::decode(&command), Err(Sw::WRONG_DATA));
    }
}

#[test]
fn the_class_is_looked_at_first() {
    for (cla, sw) in [
        (0x00, Sw::CLA_NOT_SUPPORTED),
        (0xA0, Sw::CLA_NOT_SUPPORTED),
        (0x84, Sw::SECURE_MESSAGING_NOT_SUPPORTED),
        (0x90, Sw::CHAINING_NOT_SUPPORTED),
    ] {
        assert_eq!(refused::<SetStatus>(&[cla, 0xF0, 0x80, 0x0F]), sw);
    }
    assert_eq!(refused::<SetStatus>(&[0x80, 0xF1, 0x80, 0x0F]), Sw::INS_NOT_SUPPORTED);
    assert!(SetStatus::decode(&Command::decode(&[0x81, 0xF0, 0x80, 0x0F]).unwrap()).is_ok());
}

#[test]
fn delete_and_status() {
    check(&Delete::Object { aid: PURSE, related: true }, &hex!("80 E4 00 80 08 4F06F05055525345 00"));
    check(&Delete::Keys { id: Some(1), version: Some(0x30) }, &hex!("80 E4 00 00 06 D00101 D20130 00"));
    for data in ["4F04F0505552", "D0020101", "D20130D00101", "D00101D00102", "", "4F"] {
        let data = hex::decode(data).unwrap();
        let command = Command::new(apdu::Cla::PROPRIETARY, 0xE4, 0, 0, &data, 0).unwrap();
        assert_eq!(Delete::decode(&command), Err(Sw::WRONG_DATA));
    }
    check(&SetStatus::card(CardState::Secured), &hex!("80 F0 80 0F"));
    let locked = ApplicationState::Locked { before: 0x07 };
    check(&SetStatus::application(PURSE, locked), &hex!("80 F0 40 87 06 F05055525345"));
    check(&GetStatus::all(Scope::Applications), &hex!("80 F2 40 02 02 4F00 00"));
    assert_eq!(refused::<GetStatus<'_>>(&hex!("80 F2 40 00 02 4F00")), Sw::INCORRECT_P1_P2);
    check(&GetData::CARD_DATA, &hex!("80 CA 00 66 00"));
    check(&GetData::CPLC, &hex!("80 CA 9F 7F 00"));
}

#[test]
fn an_entry_of_the_registry() {
    let entry = RegistryEntry {
        aid: PURSE,
        state: ApplicationState::SELECTABLE.byte(),
        privileges: Some(Privileges::NONE),
        load_file: Some(FILE),
        version: None,
        domain: None,
    };
    let mut room = [0; 64];
    let mut writer = apdu::tlv::Writer::new(&mut room);
    entry.encode(&mut writer).unwrap();
    let bytes = hex!("E3 18 4F06F05055525345 9F700107 C503000000 C405F046494C45");
    assert_eq!(writer.finish(), bytes);
    for end in 1..bytes.len() {
        assert!(RegistryEntry::decode_all(&bytes[..end]).any(|entry| entry.is_err()), "{end}");
    }
}

#[test]
fn store_data_blocks() {
    let blocks: Vec<_> = StoreData::blocks(&[1, 2, 3], 2, Format::Dgi).unwrap().collect();
    check(&blocks[0], &hex!("80 E2 08 00 02 0102"));
    check(&blocks[1], &hex!("80 E2 88 01 01 03"));
    assert_eq!(StoreData::blocks(&[], 2, Format::Unsaid).unwrap().count(), 1);
    assert_eq!(StoreData::blocks(&[0; 256], 1, Format::Unsaid).unwrap().count(), 256);
    assert!(StoreData::blocks(&[0; 257], 1, Format::Unsaid).is_none());
    assert!(StoreData::blocks(&[0; 2], 0, Format::Unsaid).is_none());
    let taken = (0..=u8::MAX).filter(|p1| StoreData::decode(&Command::decode(&[0x80, 0xE2, *p1, 0]).unwrap()).is_ok());
    assert_eq!(taken.count(), 2 * 3 * 3 * 2);
}

#[test]
fn put_key_refuses() {
    let dek = Key::new(&[7; 16]).unwrap();
    let keys = KeySet::from_bytes(&[9; 48]).unwrap();
    let (mut sealed, mut room) = ([0; PutKey::MAX_LENGTH], [0; PutKey::MAX_LENGTH]);
    let put = PutKey::key_set(0, 0x30, &keys, &dek, &mut sealed).unwrap();
    let data = put.encode(&mut room).unwrap().data().to_vec();
    let decrypt = |change: &dyn Fn(&mut Vec<u8>), p1: u8, p2: u8, dek: &Key| {
        let mut data = data.clone();
        change(&mut data);
        let command = Command::new(apdu::Cla::PROPRIETARY, 0xD8, p1, p2, &data, 0).unwrap();
        PutKey::decode(&command)?.decrypt(dek).map(|_| ())
    };
    assert_eq!(decrypt(&|_| {}, 0, 0x81, &dek), Ok(()));
    let other = Key::new(&[8; 16]).unwrap();
    assert_eq!(decrypt(&|_| {}, 0, 0x81, &other), Err(WRONG_CHECK_VALUE));
    assert_eq!(decrypt(&|data| *data.last_mut().unwrap() ^= 1, 0, 0x81, &dek), Err(WRONG_CHECK_VALUE));
    assert_eq!(decrypt(&|data| data[1] = 0x80, 0, 0x81, &dek), Err(ALGORITHM_NOT_SUPPORTED));
    assert_eq!(decrypt(&|data| data[0] = 0, 0, 0x81, &dek), Err(Sw::WRONG_DATA));
    assert_eq!(decrypt(&|data| data[0] = 0x80, 0, 0x81, &dek), Err(Sw::WRONG_DATA));
    assert_eq!(decrypt(&|data| data.push(0x88), 0, 0x81, &dek), Err(Sw::WRONG_DATA));
    assert_eq!(decrypt(&|_| {}, 0, 0x01, &dek), Err(Sw::WRONG_DATA));
    assert_eq!(decrypt(&|_| {}, 0, 0xFE, &dek), Err(Sw::WRONG_DATA));
    assert_eq!(decrypt(&|_| {}, 0, 0x82, &dek), Err(Sw::WRONG_DATA));
    assert_eq!(decrypt(&|_| {}, 0x80, 0x81, &dek), Err(Sw::INCORRECT_P1_P2));
    assert_eq!(decrypt(&|_| {}, 0, 0x80, &dek), Err(Sw::INCORRECT_P1_P2));
    // The form of GPCS table 11-71: no length before the key.
    let raw = |data: &mut Vec<u8>| {
        for at in [2 + 23 * 2, 2 + 23, 2] {
            data[at] = 16;
            data.remove(at + 1);
        }
    };
    assert_eq!(decrypt(&raw, 0, 0x81, &dek), Ok(()));
    // A key without a check value.
    let bare = |data: &mut Vec<u8>| {
        data.truncate(data.len() - 4);
        data.push(0);
    };
    assert_eq!(decrypt(&bare, 0, 0x81, &dek), Err(Sw::WRONG_DATA));
}

#[test]
fn what_a_card_is() {
    let recognition = CardRecognition { version: [2, 3, 1], protocol: 3, i: 0x70 };
    let expected = hex!(
        "66 31 73 2F 06072A864886FC6B01 600C060A2A864886FC6B02020301 6309 0607 2A864886FC6B03"
        "640B06092A864886FC6B040370"
    );
    let mut room = [0; 80];
    let written = recognition.encode(&mut room).unwrap();
    assert_eq!(hex::encode(written), hex::encode(expected));
    let keys = KeySet::from_bytes(&[9; 72]).unwrap();
    let mut room = [0; 32];
    let template = KeyInformation::encode(&KeyInformation::of_set(0x30, &keys), &mut room).unwrap();
    assert_eq!(template, hex!("E0 12 C00401308818 C00402308818 C00403308818"));
}

#[test]
fn life_cycles() {
    use CardState::{CardLocked, Initialized, OpReady, Secured, Terminated};
    for state in CardState::ALL {
        assert_eq!(CardState::from_byte(state.byte()), Some(state));
    }
    assert!(OpReady.may_become(Secured) && Secured.may_become(Terminated) && CardLocked.may_become(Secured));
    assert!(!Secured.may_become(Initialized) && !Terminated.may_become(Secured) && !Secured.may_become(Secured));
    let states = (0..=u8::MAX).filter_map(ApplicationState::from_byte).map(ApplicationState::byte);
    let expected = (0..=u8::MAX).filter(|b| *b == 0x03 || *b & 0x87 == 0x07 || *b & 0x83 == 0x83);
    assert!(states.eq(expected));
    assert_eq!(ApplicationState::PERSONALIZED.byte(), 0x0F);
}

/// AES-128 of sixteen bytes 01 under the key 40 41 … 4F: the check value that GlobalPlatformPro and card makers print.
#[test]
fn a_check_value() {
    let key = Key::new(&hex!("404142434445464748494A4B4C4D4E4F")).unwrap();
    assert_eq!(key.check_value().to_string(), "504A77");
    assert_eq!(format!("{key:?}"), "Key(AES-128)");
}

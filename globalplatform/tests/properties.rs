//! Whatever one end wraps, the other unwraps; whatever a command encodes, it decodes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod session;

use apdu::{Aid, Case, Channel, Cla, Command, Response, SecureMessaging, Sw};
use globalplatform::command::{
    Delete, Encryption, Format, GetData, GetStatus, Install, Instruction, NewApplication, PutKey, RegistryEntry, Scope,
    SetStatus, StoreData, Target,
};
use globalplatform::data::{CardRecognition, Cplc, KeyInformation};
use globalplatform::scp03::{Level, Parameter};
use globalplatform::{Key, KeySet, Privileges};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A command that fits this level in its form, on any channel.
fn command(level: Level) -> impl Strategy<Value = Vec<u8>> {
    let channel = (0..=19_u8, any::<bool>(), any::<bool>()).prop_filter_map("FF", |(channel, own, chaining)| {
        let make = if own { Cla::proprietary } else { Cla::interindustry };
        let cla = make(Channel::new(channel)?, chaining, SecureMessaging::None).ok()?;
        // `EF`, protected, would be the invalid `FF`.
        (cla.byte() != 0xDF).then_some(cla)
    });
    let case = select(&Case::ALL).prop_flat_map(move |case| {
        let most = level.max_data(case.max_nc().max(255)).min(3000);
        let data = vec(any::<u8>(), usize::from(case.has_data())..=if case.has_data() { most } else { 0 });
        (Just(case), data, u32::from(case.has_le())..=case.max_ne())
    });
    (channel, case, any::<[u8; 3]>()).prop_map(|(cla, (case, data, ne), [ins, p1, p2])| {
        session::bytes_of(&Command::with_case(case, cla, ins, p1, p2, &data, ne).unwrap())
    })
}

fn aid() -> impl Strategy<Value = Aid> {
    vec(any::<u8>(), 5..=16).prop_map(|bytes| Aid::new(&bytes).unwrap())
}

fn privileges() -> impl Strategy<Value = Privileges> {
    any::<[u8; 3]>().prop_map(Privileges)
}

/// What was encoded decodes to the same.
fn check<'a, I: Instruction<'a> + PartialEq + core::fmt::Debug>(instruction: &I, room: &'a mut [u8]) {
    let command = instruction.encode(room).unwrap();
    assert_eq!(I::decode(&command).as_ref(), Ok(instruction));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn sessions(
        (level, exchanges) in select(&Level::ALL).prop_flat_map(|level| {
            let exchange = (command(level), vec(any::<u8>(), 0..600), any::<u16>());
            (Just(level), vec(exchange, 1..6))
        }),
        i in select(&Parameter::ALL),
        length in select(&[16, 24, 32]),
    ) {
        let keys = session::keys(length);
        let Some((mut host, mut card)) = session::open(&keys, i, level) else {
            prop_assert!(!level.permitted_by(i));
            return Ok(());
        };
        for (plain, data, sw) in exchanges {
            let [mut a, mut b, mut c, mut d] = [(); 4].map(|()| vec![0; 4000]);
            let plain = Command::decode(&plain).unwrap();
            let (sent, wrapped) = host.wrap(&plain, &mut a).unwrap();
            prop_assert!(!level.command_encryption() || plain.data().len() < 16 || !wrapped.data().starts_with(plain.data()));
            let bytes = session::bytes_of(&wrapped);
            let (received, opened) = card.unwrap(&Command::decode(&bytes).unwrap(), &mut b).unwrap();
            prop_assert_eq!(opened, plain);
            // Mostly status words that carry data.
            let sw = Sw::new(if sw & 3 == 0 { sw } else { [0x9000, 0x6310, 0x6283][usize::from(sw % 3)] });
            let response = Response { data: &data, sw };
            let wrapped = received.wrap(&response, &mut c).unwrap();
            let opened = sent.unwrap(&wrapped, &mut d).unwrap();
            let protected = sw.is_ok() || [0x62, 0x63].contains(&sw.bytes()[0]);
            let expected = if protected || !level.response_mac() { data.as_slice() } else { &[] };
            prop_assert_eq!((opened.data, opened.sw), (expected, sw));
        }
        prop_assert!(host.is_open() && card.is_open());
    }

    #[test]
    fn install(aids in (aid(), aid(), aid()), privileges in privileges(), parameters in vec(any::<u8>(), 0..300), selectable: bool) {
        let (load_file, module, application) = aids;
        let new = NewApplication { load_file, module, application, privileges, parameters: &parameters, selectable };
        check(&Install::Application(new), &mut [0; 400]);
        check(&Install::MakeSelectable { application, privileges }, &mut [0; 40]);
        check(&Install::Personalization { application }, &mut [0; 40]);
    }

    #[test]
    fn delete(aid in aid(), related: bool, id in option::of(any::<u8>()), version in option::of(any::<u8>())) {
        check(&Delete::Object { aid, related }, &mut [0; 40]);
        if id.is_some() || version.is_some() {
            check(&Delete::Keys { id, version }, &mut [0; 40]);
        }
    }

    #[test]
    fn store_data(data in vec(any::<u8>(), 0..2000), size in 8..255_usize, format in select(&[Format::Unsaid, Format::Dgi, Format::BerTlv])) {
        let mut joined = Vec::new();
        let blocks: Vec<StoreData<'_>> = StoreData::blocks(&data, size, format).unwrap().collect();
        for (number, block) in blocks.iter().enumerate() {
            prop_assert_eq!((usize::from(block.number), block.last), (number, number + 1 == blocks.len()));
            joined.extend_from_slice(block.data);
            for (encryption, response) in
                [(Encryption::Unsaid, true), (Encryption::ApplicationDependent, false), (Encryption::Encrypted, true)]
            {
                check(&StoreData { encryption, response, ..*block }, &mut [0; 300]);
            }
        }
        prop_assert_eq!(joined, data);
    }

    #[test]
    fn status(aid in aid(), state: u8, tag: u16, next: bool, tags in vec(any::<u8>(), 0..20), start in vec(any::<u8>(), 0..=16)) {
        for target in [Target::Card, Target::Application(aid), Target::DomainAndApplications(aid)] {
            check(&SetStatus { target, state }, &mut [0; 40]);
        }
        for scope in [Scope::IssuerDomain, Scope::Applications, Scope::LoadFiles, Scope::LoadFilesAndModules] {
            check(&GetStatus { scope, next, aid: &start, tags: &tags }, &mut [0; 60]);
        }
        check(&GetData { tag }, &mut []);
    }

    #[test]
    fn registry(entries in vec((aid(), any::<u8>(), option::of(privileges()), option::of(aid()), option::of(any::<[u8; 2]>()), option::of(aid())), 0..5)) {
        let entries: Vec<RegistryEntry> = entries
            .into_iter()
            .map(|(aid, state, privileges, load_file, version, domain)| RegistryEntry { aid, state, privileges, load_file, version, domain })
            .collect();
        let mut room = [0; 500];
        let mut writer = apdu::tlv::Writer::new(&mut room);
        entries.iter().for_each(|entry| entry.encode(&mut writer).unwrap());
        let read: Result<Vec<_>, _> = RegistryEntry::decode_all(writer.finish()).collect();
        prop_assert_eq!(read.unwrap(), entries);
    }

    #[test]
    fn put_key(set in vec(any::<u8>(), 96), dek in vec(any::<u8>(), 16), length in select(&[16, 24, 32]), replaces in 0..=0x7F_u8, version in 1..=0x7F_u8, id in 1..=0x7F_u8, bit in 0..1024_usize) {
        let keys = KeySet::from_bytes(&set[..length * 3]).unwrap();
        let dek = Key::new(&dek).unwrap();
        let (mut sealed, mut room) = ([0; PutKey::MAX_LENGTH], [0; PutKey::MAX_LENGTH]);
        let put = PutKey::key(replaces, version, id, keys.enc(), &dek, &mut sealed).unwrap();
        check(&put, &mut room);
        prop_assert!(put.keys().next().unwrap().decrypt(&dek).unwrap().same(keys.enc()));
        let put = PutKey::key_set(replaces, version, &keys, &dek, &mut sealed).unwrap();
        let command = put.encode(&mut room).unwrap();
        prop_assert_eq!(PutKey::decode(&command).unwrap(), put);
        let read = put.decrypt(&dek).unwrap();
        prop_assert_eq!(read.all().map(Key::expose), keys.all().map(Key::expose));
        // One bit wrong: refused, or the version is another, or it is padding of an AES-192 key.
        let mut wrong = command.data().to_vec();
        let bit = bit % (wrong.len() * 8);
        wrong[bit / 8] ^= 0x80 >> (bit % 8);
        let wrong = Command::new(Cla::PROPRIETARY, PutKey::INS, replaces, 0x81, &wrong, 256).unwrap();
        match PutKey::decode(&wrong).and_then(|put| Ok((put, put.decrypt(&dek)?))) {
            Err(sw) => prop_assert!([0x6A80, 0x9484, 0x9485].contains(&sw.value()), "{}", sw),
            Ok((put, _)) if bit < 8 => prop_assert_ne!(put.version, version),
            Ok((_, read)) => prop_assert!(
                length == 24 && read.all().map(Key::expose) == keys.all().map(Key::expose),
                "bit {} of {}", bit, length
            ),
        }
    }

    #[test]
    fn data_objects(version in (any::<u8>(), any::<u8>(), any::<u8>()), i: u8, entries in vec(any::<[u8; 4]>(), 0..10), cplc: [u8; 42]) {
        let recognition = CardRecognition { version: [version.0 & 0x7F, version.1, version.2], protocol: 3, i };
        prop_assert_eq!(CardRecognition::decode(recognition.encode(&mut [0; 80]).unwrap()), Ok(recognition));
        let entries: Vec<KeyInformation> =
            entries.into_iter().map(|[id, version, kind, length]| KeyInformation { id, version, kind, length }).collect();
        let mut room = [0; 80];
        let template = KeyInformation::encode(&entries, &mut room).unwrap();
        let read: Result<Vec<_>, _> = KeyInformation::decode(template).unwrap().collect();
        prop_assert_eq!(read.unwrap(), entries);
        let object = [&[0x9F, 0x7F, 42][..], &cplc].concat();
        prop_assert_eq!(Cplc::decode(&object).unwrap().encode().to_vec(), object.clone());
        prop_assert!(Cplc::decode(&object[..44]).is_err());
    }
}

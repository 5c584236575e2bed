//! What a fuzzer would run, as plain functions: fed here by the kept corpus and by random bytes.
//!
//! A body never fails on bad input; it fails if a parser panics, or if what was read does not give
//! the same again when written.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use apdu::tlv::{self, Writer};
use apdu::{Aid, BufferTooSmall, Cla, Command, ExchangeError, Response, T0, T0Error, Tlv, Transport, exchange};
use proptest::prelude::*;

/// What reads as a command is written as the same bytes.
fn command(bytes: &[u8]) {
    let Ok(command) = Command::decode(bytes) else { return };
    let mut out = vec![0; bytes.len()];
    assert_eq!(command.encode(&mut out), Ok(bytes.len()));
    assert!(out == bytes, "{command:?}");
    assert_eq!(command.encoded_len(), bytes.len());
    let (cla, ins, p1, p2) = (command.cla(), command.ins(), command.p1(), command.p2());
    let again = Command::with_case(command.case(), cla, ins, p1, p2, command.data(), command.ne());
    assert_eq!(again, Ok(command));
    assert_eq!(Cla::from(cla.byte()), cla);
}

/// What reads as a response is written as the same bytes, and its status can be explained.
fn response(bytes: &[u8]) {
    let Ok(response) = Response::decode(bytes) else { return };
    let mut out = vec![0; bytes.len()];
    assert_eq!(response.encode(&mut out), Ok(bytes.len()));
    assert!(out == bytes, "{response:?}");
    assert!(!response.sw.name().is_empty() && !response.sw.explanation().is_empty());
}

/// What reads as data objects reads the same after it was written again.
fn data_objects(bytes: &[u8]) {
    let Ok(objects) = tlv::iter(bytes).collect::<Result<Vec<_>, _>>() else { return };
    let mut out = vec![0; bytes.len()];
    let mut writer = Writer::new(&mut out);
    write(&mut writer, &objects).expect("the shortest form is no longer than what was read");
    let again: Result<Vec<_>, _> = tlv::iter(writer.finish()).collect();
    let again = again.expect("what was written can be read");
    assert_eq!(again.len(), objects.len());
    if let Some(first) = objects.first() {
        assert_eq!(tlv::find(bytes, &[first.tag]), Ok(Some(first.value)));
    }
    for (object, again) in objects.iter().zip(again) {
        assert_eq!(object.tag, again.tag);
        // Inside a constructed object, lengths may have become shorter and padding is gone.
        if !object.tag.is_constructed() {
            assert!(object.value == again.value, "{object:?}");
        }
    }
}

fn write(writer: &mut Writer<'_>, objects: &[Tlv<'_>]) -> Result<(), BufferTooSmall> {
    for object in objects {
        let inner: Result<Vec<_>, _> = tlv::iter(object.value).collect();
        match inner {
            Ok(inner) if object.tag.is_constructed() => {
                writer.constructed(object.tag, |writer| write(writer, &inner))?;
            }
            _ => writer.put(object.tag, object.value)?,
        }
    }
    Ok(())
}

/// What is taken as an AID is kept as it is.
fn aid(bytes: &[u8]) {
    match Aid::new(bytes) {
        Ok(aid) => assert_eq!(aid.as_bytes(), bytes),
        Err(error) => assert_eq!(error.length, bytes.len()),
    }
}

/// A card with T=0 that says anything: each answer is a length byte and so many bytes; in the end it has no power.
struct Babbler<'a> {
    says: &'a [u8],
    asked: usize,
}

impl Transport for Babbler<'_> {
    type Error = std::convert::Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        self.asked += 1;
        let [_, _, _, _, p3, data @ ..] = command else { panic!("a header has five bytes: {command:02X?}") };
        assert!(data.is_empty() || data.len() == usize::from(*p3), "P3 is Lc: {command:02X?}");
        let Some((length, rest)) = self.says.split_first() else { return Ok(0) };
        let (answer, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        self.says = rest;
        response[..answer.len()].copy_from_slice(answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[]
    }
}

/// Whatever a card says over T=0, the answer fits what was asked for. The bytes are the length of a command in one
/// byte, the command, and what the card says. A length of 255 stands for a class byte and a long command made up of it.
fn t0(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return };
    let long = *length == 255;
    let (command, says) = rest.split_at(rest.len().min(if long { 1 } else { usize::from(*length) }));
    let command =
        if long { [command, &[0xE2, 0, 0, 0, 2, 0x58], &[0xA5; 600], &[1, 0]].concat() } else { command.to_vec() };
    let mut card = T0::new(Babbler { says, asked: 0 });
    let mut response = [0; 300];
    let outcome = card.transmit(&command, &mut response);
    let asked = card.inner().asked;
    assert!(asked <= says.len() + 1, "a card that says nothing is not asked again");
    match (Command::decode(&command), outcome) {
        (Err(error), outcome) => assert_eq!((outcome, asked), (Err(T0Error::Command(error)), 0)),
        (Ok(_), Ok(0)) => assert!(card.inner().says.is_empty() || says.contains(&0)),
        (Ok(command), Ok(length)) => {
            let data = Response::decode(&response[..length]).unwrap().data;
            assert!(data.len() <= usize::try_from(command.ne()).unwrap(), "{command:?}");
        }
        (Ok(_), Err(T0Error::Unchainable(refusal))) => assert!(asked == 0 && refusal.cla.chained().is_none()),
        (Ok(_), Err(T0Error::Exchange(ExchangeError::Scratch(_)))) => panic!("{command:02X?}"),
        (Ok(_), Err(_)) => {}
    }
    // Put together by `exchange`, it ends as well.
    if let Ok(command) = Command::decode(&command) {
        let mut card = T0::new(Babbler { says, asked: 0 });
        let _ = exchange(&mut card, &command, &mut vec![0; command.encoded_len() + 5], &mut response);
        assert!(card.inner().asked <= says.len() + 1);
    }
}

fn corpus(kind: &str, least: usize, body: fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(kind);
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() >= least, "files of the corpus are missing");
    for file in files {
        let bytes = std::fs::read(file.path()).unwrap();
        body(&bytes);
        for cut in 0..bytes.len().min(64) {
            body(&bytes[..cut]);
            body(&bytes[cut..]);
        }
    }
}

#[test]
fn the_corpus_passes() {
    corpus("command", 19, command);
    corpus("response", 10, response);
    corpus("tlv", 18, data_objects);
    corpus("t0", 16, t0);
    for kind in ["command", "response", "tlv", "t0"] {
        corpus(kind, 10, aid);
    }
}

/// Bytes that look like length fields often enough to get deep into a parser.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => 0_u8..6, 1 => 0x7F_u8..0x86, 1 => Just(0x30), 2 => any::<u8>()];
    prop::collection::vec(byte, 0..100)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn random_bytes_never_panic(bytes in bytes()) {
        command(&bytes);
        response(&bytes);
        data_objects(&bytes);
        aid(&bytes);
        t0(&bytes);
    }

    #[test]
    fn cards_with_t0_may_say_anything(command in t0_command(), says in prop::collection::vec(t0_answer(), 0..8)) {
        t0(&[&[u8::try_from(command.len()).unwrap()], &command[..], &says.concat()].concat());
    }
}

/// A command of any form.
fn t0_command() -> impl Strategy<Value = Vec<u8>> {
    let data = prop::collection::vec(any::<u8>(), 0..20);
    (any::<[u8; 4]>(), data, prop_oneof![Just(0), 1..20_u32, 250..260_u32]).prop_map(
        |([cla, ins, p1, p2], data, ne)| {
            let command = Command::new(Cla::new(cla), ins, p1, p2, &data, ne).unwrap();
            let mut bytes = vec![0; command.encoded_len()];
            command.encode(&mut bytes).unwrap();
            bytes
        },
    )
}

/// What a card may say, as the body reads it: mostly some data and one of the words that are followed.
fn t0_answer() -> impl Strategy<Value = Vec<u8>> {
    let sw1 = prop_oneof![4 => Just(0x61), 2 => Just(0x6C), 1 => Just(0x90), 1 => any::<u8>()];
    (prop::collection::vec(any::<u8>(), 0..12), sw1, prop_oneof![3 => 0..12_u8, 1 => any::<u8>()])
        .prop_map(|(data, sw1, sw2)| [&[u8::try_from(data.len() + 2).unwrap()], &data[..], &[sw1, sw2]].concat())
}

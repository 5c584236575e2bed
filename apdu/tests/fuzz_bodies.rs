//! What a fuzzer would run, as plain functions: fed here by the kept corpus and by random bytes.
//!
//! A body never fails on bad input; it fails if a parser panics, or if what was read does not give
//! the same again when written.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use apdu::tlv::{self, Writer};
use apdu::{Aid, BufferTooSmall, Cla, Command, Response, Tlv};
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
    for kind in ["command", "response", "tlv"] {
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
    }
}

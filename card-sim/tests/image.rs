//! Images: what goes in comes out, and what is not an image is refused by name.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::fmt::Write as _;

use apdu::{Aid, Tag, TlvErrorKind, Transport};
use card_sim::image::{HEADER_LENGTH, MAGIC, decode, encode};
use card_sim::{AtrError, Card, ImageError, SeededRandom};
use hex_literal::hex;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use support::{LENGTH, MODULES, NOTEBOOK, SHY, calls, select, tell};

fn read(image: &[u8]) -> Result<Card, ImageError> {
    decode(image, MODULES, Box::new(SeededRandom::new(0)))
}

/// A card with two notebooks and a shy one, something in the first's memory. The same bytes in every version, so also
/// the ATR that cards had in the first.
fn example() -> Card {
    let atr = hex!("3B97118031FE458031C173C001400E");
    let mut card = Card::new(&atr, Box::new(SeededRandom::new(7))).unwrap();
    for name in [b"\xF0one\x00", b"\xF0two\x00"] {
        card.install(MODULES, NOTEBOOK, Aid::from_array(name), &[]).unwrap();
    }
    card.install(MODULES, SHY, SHY, b"\x00parameters").unwrap();
    card.install(MODULES, NOTEBOOK, Aid::from_array(b"\xF0long"), &[200]).unwrap();
    select(&mut card, b"\xF0one");
    assert_eq!(tell(&mut card, 0x10, 2, 0, b"kept for ever").1, 0x9000);
    card
}

/// The image with this body, digest and all.
fn image(body: &[u8]) -> Vec<u8> {
    let start = [&MAGIC[..], &[0, 1], &u32::try_from(body.len()).unwrap().to_be_bytes()].concat();
    let digest = Sha256::new().chain_update(&start).chain_update(body).finalize();
    [&start[..], &digest[..], body].concat()
}

#[test]
fn a_card_comes_back_from_its_image() {
    let mut card = example();
    tell(&mut card, 0x12, 0, 0, &[1]);
    let image = encode(&card);
    calls();
    let mut back = read(&image).unwrap();
    assert_eq!(calls(), [""; 0], "nobody is installed again");
    assert_eq!(encode(&back), image);
    assert_eq!((back.selected(), back.writes(), back.take_dirty()), (None, 0, false));
    assert!(back.demands().eq(card.demands()));
    card.reset().unwrap();
    assert_eq!(back.snapshot(), card.snapshot(), "as after a reset");
    select(&mut back, b"\xF0one");
    assert_eq!(tell(&mut back, 0x11, 2, 13, &[]).0, b"kept for ever");

    let empty = Card::new(&hex!("3B021234"), Box::new(SeededRandom::new(0))).unwrap();
    let image = encode(&empty);
    assert_eq!(encode(&read(&image).unwrap()), image);
    assert_eq!(read(&image).unwrap().atr(), hex!("3B021234"));
}

#[test]
fn the_layout_is_as_documented() {
    let mut card = Card::new(&hex!("3B00"), Box::new(SeededRandom::new(0))).unwrap();
    card.install(MODULES, NOTEBOOK, Aid::from_array(b"\xF0name"), &[2]).unwrap();
    let body = hex!("80 02 3B00 A1 19 80 09 F06E6F7465626F6F6B 81 05 F06E616D65 82 01 02 83 02 0000");
    assert_eq!(encode(&card), image(&body));
    assert_eq!(image(&body)[..14], hex!("89 63 61 72 64 0D 0A 1A 0001 0000001F"));
}

#[test]
fn images_of_every_released_version_are_read() {
    let version_1 = include_bytes!("images/version-1.card");
    assert_eq!(encode(&example()), version_1);
    assert_eq!(encode(&read(version_1).unwrap()), version_1);
}

#[test]
fn every_truncation_is_refused() {
    let image = encode(&example());
    for end in 0..image.len() {
        let expected = if end < HEADER_LENGTH { HEADER_LENGTH } else { image.len() };
        assert_eq!(read(&image[..end]).unwrap_err(), ImageError::Truncated { expected, found: end });
    }
    let longer = [&image[..], &[0, 0]].concat();
    assert_eq!(read(&longer).unwrap_err(), ImageError::TrailingBytes { count: 2 });
}

#[test]
fn every_changed_byte_is_refused() {
    let image = encode(&example());
    let mut kinds = [0; 5];
    for byte in 0..image.len() {
        for mask in [0x01, 0x80, 0xFF] {
            let mut changed = image.clone();
            changed[byte] ^= mask;
            let kind = match (byte, read(&changed).unwrap_err()) {
                (0..8, ImageError::NotAnImage) => 0,
                (8..10, ImageError::Version { found, supported: 1 }) if found != 1 => 1,
                (10..14, ImageError::Truncated { .. }) => 2,
                (10..14, ImageError::TrailingBytes { .. }) => 3,
                (14.., ImageError::Damaged) => 4,
                (_, error) => panic!("byte {byte} with {mask:02X}: {error}"),
            };
            kinds[kind] += 1;
        }
    }
    assert_eq!(kinds.iter().sum::<usize>(), image.len() * 3);
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
}

#[test]
fn a_newer_version_says_so() {
    let mut image = encode(&example());
    image[9] = 2;
    assert_eq!(read(&image).unwrap_err(), ImageError::Version { found: 2, supported: 1 });
    // Even if all else that this program knows of an image has changed.
    assert_eq!(read(&image[..10]).unwrap_err(), ImageError::Version { found: 2, supported: 1 });
}

#[test]
fn bodies_that_nobody_wrote() {
    const ATR: &[u8] = &hex!("80 02 3B00");
    const MODULE: &[u8] = &hex!("80 09 F06E6F7465626F6F6B");
    const NAME: &[u8] = &hex!("81 05 F06E616D65");
    const PARAMETERS: &[u8] = &hex!("82 01 02");
    const MEMORY: &[u8] = &hex!("83 02 0000");
    let name = Aid::from_array(b"\xF0name");
    let instance = |parts: &[&[u8]]| {
        let inner = parts.concat();
        [ATR, &[0xA1, u8::try_from(inner.len()).unwrap()], &inner].concat()
    };
    let whole = instance(&[MODULE, NAME, PARAMETERS, MEMORY]);
    assert!(read(&image(&whole)).is_ok());
    let malformed = |what| ImageError::Malformed { what };
    let unknown = |tag| ImageError::UnknownTag { tag: Tag::new(tag) };
    let table: Vec<(Vec<u8>, ImageError)> = vec![
        (vec![], malformed("ATR")),
        (whole[ATR.len()..].to_vec(), malformed("ATR")),
        ([ATR, ATR].concat(), malformed("single ATR")),
        (hex!("80 02 3B01").to_vec(), ImageError::Atr(AtrError::Truncated { found: 2 })),
        ([ATR, &hex!("A2 00")].concat(), unknown(0xA2)),
        ([&hex!("5F51 00")[..], ATR].concat(), unknown(0x5F51)),
        (instance(&[]), malformed("module name")),
        (instance(&[NAME, MODULE, PARAMETERS, MEMORY]), malformed("module name")),
        (instance(&[&hex!("80 04 F0000000"), NAME, PARAMETERS, MEMORY]), malformed("module name")),
        (instance(&[MODULE, &hex!("81 00"), PARAMETERS, MEMORY]), malformed("applet name")),
        (instance(&[MODULE, NAME, MEMORY]), malformed("install parameters")),
        (instance(&[MODULE, NAME, PARAMETERS]), malformed("persistent memory")),
        (instance(&[MODULE, NAME, PARAMETERS, MEMORY, MEMORY]), malformed("end of an applet")),
        (instance(&[MODULE, NAME, PARAMETERS, MEMORY, &hex!("84 00")]), unknown(0x84)),
        (instance(&[MODULE, &hex!("84 00"), NAME, PARAMETERS, MEMORY]), unknown(0x84)),
        (
            instance(&[&hex!("80 05 F00000000A"), NAME, PARAMETERS, MEMORY]),
            ImageError::UnknownModule { aid: Aid::from_array(&hex!("F00000000A")) },
        ),
        (instance(&[MODULE, NAME, &hex!("82 03 010203"), MEMORY]), ImageError::Parameters { aid: name }),
        (
            instance(&[MODULE, NAME, &hex!("82 00"), MEMORY]),
            ImageError::MemorySize { aid: name, expected: LENGTH, found: 2 },
        ),
        (instance(&[MODULE, NAME, &hex!("82 02 FFFF"), MEMORY]), ImageError::NoRoom { aid: name }),
        ([&whole[..], &whole[ATR.len()..]].concat(), ImageError::NameTwice { aid: name }),
    ];
    for (body, expected) in table {
        assert_eq!(read(&image(&body)).unwrap_err(), expected, "{body:02X?}");
    }
    for cut in 1..whole.len() {
        match read(&image(&whole[..cut])) {
            Ok(_) => assert_eq!(cut, ATR.len()),
            Err(ImageError::Tlv(error)) => assert!(matches!(
                error.kind,
                TlvErrorKind::TagTruncated | TlvErrorKind::LengthTruncated | TlvErrorKind::ValueTruncated { .. }
            )),
            Err(error) => panic!("{cut}: {error}"),
        }
    }
}

#[test]
fn an_error_says_what_and_whose() {
    let mut said = String::new();
    for error in [
        ImageError::NotAnImage,
        ImageError::Version { found: 2, supported: 1 },
        ImageError::Truncated { expected: 46, found: 3 },
        ImageError::Damaged,
        ImageError::UnknownTag { tag: Tag::new(0xA2) },
        ImageError::UnknownModule { aid: NOTEBOOK },
        ImageError::MemorySize { aid: NOTEBOOK, expected: 3, found: 2 },
    ] {
        writeln!(said, "{error}").unwrap();
    }
    let expected = "\
        this is not the image of a card\n\
        the image has version 2, the newest known here is 1\n\
        the image is cut off: 3 of 46 bytes\n\
        the image is damaged: its digest is wrong\n\
        the image has an unknown data object A2\n\
        the card has an applet of the module F06E6F7465626F6F6B, which is not known here\n\
        the memory of the applet F06E6F7465626F6F6B has 2 bytes, it needs 3\n";
    assert_eq!(said, expected);
}

proptest! {
    #[test]
    fn no_bytes_upset_it(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(read(&bytes).is_err());
        let _ = read(&image(&bytes));
        // Begins as a body does, so that the bytes get further in.
        let _ = read(&image(&[&hex!("80023B00A1")[..], &bytes].concat()));
    }
}

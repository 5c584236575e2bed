//! Images: what goes in comes out, and what is not an image is refused by name.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::fmt::Write as _;

use apdu::{Aid, Cut, PowerCut, Tag, TlvErrorKind, Transport};
use card_sim::image::{HEADER_LENGTH, MAGIC, decode, decode_unpowered, encode};
use card_sim::{AtrError, Card, ImageError, SeededRandom};
use hex_literal::hex;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use support::{MODULES, NOTEBOOK, SHY, calls, select, tell, tell_off};

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
fn image(version: u8, body: &[u8]) -> Vec<u8> {
    let start = [&MAGIC[..], &[0, version], &u32::try_from(body.len()).unwrap().to_be_bytes()].concat();
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
    assert_eq!((back.selected(), back.writes(), back.take_dirty()), (None, card.writes(), false));
    assert_eq!(back.wear(), card.wear());
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
    let marks = hex!("00000000 2144DF1C 00000000 2144DF1C");
    let journal = [&marks[..], &[0; 1008]].concat();
    let first = hex!("80 02 3B00 A1 1B 80 09 F06E6F7465626F6F6B 81 05 F06E616D65 82 01 02 83 02 0000 84 00");
    let own = [&hex!("80 82 0400")[..], &journal, &hex!("81 00 82 08 0000000000000000")].concat();
    let own = [&hex!("A2 82 0410")[..], &own].concat();
    let body = [&first[..], &own].concat();
    assert!(encode(&card) == image(2, &body));
    assert_eq!(image(2, &body)[..14], hex!("89 63 61 72 64 0D 0A 1A 0002 00000435"));

    // One write: what stood there, the data, two marks.
    select(&mut card, b"\xF0name");
    tell(&mut card, 0x10, 1, 0, &[7]);
    let entry = hex!("00000001 0000 00000001 0001 00");
    let crc = crc32(&entry).to_be_bytes();
    let mark = [&hex!("00000001")[..], &crc32(&hex!("00000001")).to_be_bytes()].concat();
    let journal = [&mark[..], &mark, &entry, &crc, &[0; 1024 - 16 - 17]].concat();
    let first = hex!(
        "80 02 3B00 A1 2B 80 09 F06E6F7465626F6F6B 81 05 F06E616D65 82 01 02 83 02 0007"
        "84 10 00000000 00000001 00000001 00000001"
    );
    let wear = hex!("81 08 00000001 00000021");
    let own = [&hex!("80 82 0400")[..], &journal, &wear, &hex!("82 08 0000000000000004")].concat();
    let body = [&first[..], &hex!("A2 82 0418"), &own].concat();
    assert!(encode(&card) == image(2, &body));

    // The power is to fail, and fails in the data.
    card.arm(Some(Cut { write: 2, bytes: 0, unstable: true }));
    let own = [&own[..], &hex!("84 07 00000002 0000 01")].concat();
    let body = [&first[..], &hex!("A2 82 0421"), &own].concat();
    assert!(encode(&card) == image(2, &body));
    tell_off(&mut card, 0x10, 0, 0, &[9]);
    let torn = encode(&card);
    let unstable = hex!("83 08 0000 00000000 00 09");
    assert_eq!(torn[torn.len() - 10..], unstable, "not armed any more");
}

/// As the standard defines it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ 0xEDB8_8320 })
    })
}

/// A card whose power failed goes on from its image where it was: the old state, whatever the unstable cells read as.
#[test]
fn what_is_half_done_is_kept_and_taken_back() {
    for bytes in 0..5 {
        for seed in 0..8 {
            let mut card = example();
            select(&mut card, b"\xF0one");
            card.arm(Some(Cut { write: 4, bytes, unstable: true }));
            tell_off(&mut card, 0x16, 2, 0, b"lost");
            assert!(!card.is_on());
            let image = encode(&card);
            let asleep = decode_unpowered(&image, MODULES, Box::new(SeededRandom::new(seed))).unwrap();
            assert!(!asleep.is_on());
            assert!(encode(&asleep) == image, "as it lies there");
            let mut back = decode(&image, MODULES, Box::new(SeededRandom::new(seed))).unwrap();
            assert!(back.is_on() && back.take_dirty(), "and what is taken back is to be saved");
            select(&mut back, b"\xF0one");
            assert_eq!(tell(&mut back, 0x11, 2, 13, &[]).0, b"kept for ever");
        }
    }
}

#[test]
fn memory_of_an_older_version_goes_on_with_zeros() {
    let mut card = example();
    let body = encode(&card)[HEADER_LENGTH..].to_vec();
    // The long one has grown from 200 bytes to 201.
    let at = body.windows(3).position(|bytes| bytes == hex!("82 01 C8")).unwrap();
    let mut grown = body;
    grown[at + 2] = 201;
    let mut grown = read(&image(2, &grown)).unwrap();
    assert!(grown.demands().any(|(_, demand)| demand.persistent == 201));
    for card in [&mut card, &mut grown] {
        select(card, b"\xF0one");
        assert_eq!(tell(card, 0x11, 2, 13, &[]).0, b"kept for ever");
    }
    select(&mut grown, b"\xF0long");
    assert_eq!(tell(&mut grown, 0x11, 200, 1, &[]), (vec![0], 0x9000));
}

/// `UPDATE_IMAGES=1` makes the image of the version that is written now, once: it is never changed again.
#[test]
fn images_of_every_released_version_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images");
    let newest = folder.join("version-2.card");
    if std::env::var_os("UPDATE_IMAGES").is_some() && !newest.exists() {
        std::fs::write(&newest, encode(&example())).unwrap();
    }
    let images: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    assert_eq!(images.len(), 2, "one of each version");
    for image in images {
        let mut card = read(&image).unwrap();
        assert!(card.demands().eq(example().demands()));
        select(&mut card, b"\xF0one");
        assert_eq!(tell(&mut card, 0x11, 2, 13, &[]).0, b"kept for ever");
    }
    let written = encode(&example());
    assert!(written == std::fs::read(newest).unwrap(), "the format has changed: raise its version");
    assert!(encode(&read(&written).unwrap()) == written);
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
                (8..10, ImageError::Version { found, supported: 2 }) if found != 2 => 1,
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
    image[9] = 3;
    assert_eq!(read(&image).unwrap_err(), ImageError::Version { found: 3, supported: 2 });
    // Even if all else that this program knows of an image has changed.
    assert_eq!(read(&image[..10]).unwrap_err(), ImageError::Version { found: 3, supported: 2 });
    image[9] = 0;
    assert_eq!(read(&image).unwrap_err(), ImageError::Version { found: 0, supported: 2 });
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
    assert!(read(&image(1, &whole)).is_ok());
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
            instance(&[MODULE, NAME, &hex!("82 01 01"), MEMORY]),
            ImageError::MemorySize { aid: name, expected: 1, found: 2 },
        ),
        (instance(&[MODULE, NAME, &hex!("82 02 FFFF"), MEMORY]), ImageError::NoRoom { aid: name }),
        ([&whole[..], &whole[ATR.len()..]].concat(), ImageError::NameTwice { aid: name }),
    ];
    for (body, expected) in table {
        assert_eq!(read(&image(1, &body)).unwrap_err(), expected, "{body:02X?}");
    }
    for cut in 1..whole.len() {
        match read(&image(1, &whole[..cut])) {
            Ok(_) => assert_eq!(cut, ATR.len()),
            Err(ImageError::Tlv(error)) => assert!(matches!(
                error.kind,
                TlvErrorKind::TagTruncated | TlvErrorKind::LengthTruncated | TlvErrorKind::ValueTruncated { .. }
            )),
            Err(error) => panic!("{cut}: {error}"),
        }
    }
}

/// What version 2 has beside version 1.
#[test]
fn own_memory_that_nobody_wrote() {
    let card = Card::new(&hex!("3B00"), Box::new(SeededRandom::new(0))).unwrap();
    let atr = hex!("80 02 3B00");
    let journal = [&hex!("80 82 0400 00000000 2144DF1C 00000000 2144DF1C")[..], &[0; 1008]].concat();
    let (wear, writes) = (hex!("81 00"), hex!("82 08 0000000000000000"));
    let own = |parts: &[&[u8]]| {
        let inner = parts.concat();
        let [high, low] = u16::try_from(inner.len()).unwrap().to_be_bytes();
        image(2, &[&atr[..], &[0xA2, 0x82, high, low], &inner].concat())
    };
    let whole = own(&[&journal, &wear, &writes]);
    assert!(whole == encode(&card));
    let malformed = |what| ImageError::Malformed { what };
    let spoilt = [&hex!("80 82 0400 00000001 2144DF1C 00000001 2144DF1C")[..], &[0; 1008]].concat();
    let table: Vec<(Vec<u8>, ImageError)> = vec![
        (image(2, &atr), malformed("memory of its own")),
        (image(2, &[&whole[HEADER_LENGTH..], &whole[HEADER_LENGTH + 4..]].concat()), malformed("end")),
        (image(2, &[&whole[HEADER_LENGTH..], &hex!("A8 00")].concat()), ImageError::UnknownTag { tag: Tag::new(0xA8) }),
        (own(&[]), malformed("journal")),
        (own(&[&wear, &writes]), malformed("journal")),
        (own(&[&hex!("80 01 00"), &wear, &writes]), malformed("journal")),
        (own(&[&spoilt, &wear, &writes]), malformed("journal")),
        (own(&[&journal, &writes]), malformed("wear")),
        (own(&[&journal, &hex!("81 07 00000001000000"), &writes]), malformed("wear")),
        (own(&[&journal, &hex!("81 08 00000001 00000401"), &writes]), malformed("wear")),
        (own(&[&journal, &hex!("81 08 00000001 FFFFFFFF"), &writes]), malformed("wear")),
        (own(&[&journal, &wear]), malformed("number of writes")),
        (own(&[&journal, &wear, &hex!("82 01 00")]), malformed("number of writes")),
        (own(&[&journal, &wear, &writes, &hex!("83 00")]), malformed("unstable cells")),
        (own(&[&journal, &wear, &writes, &hex!("83 07 FFFF 00000000 00")]), malformed("unstable cells")),
        (own(&[&journal, &wear, &writes, &hex!("83 08 FFFF 00000400 00 01")]), malformed("unstable cells")),
        (own(&[&journal, &wear, &writes, &hex!("83 08 0000 00000000 00 01")]), malformed("unstable cells")),
        (own(&[&journal, &wear, &writes, &hex!("83 08 FFFF 00000000 01 02")]), malformed("unstable cells")),
        (own(&[&journal, &wear, &writes, &hex!("84 06 00000001 0000")]), malformed("cut of power")),
        (own(&[&journal, &wear, &writes, &hex!("84 07 00000001 0000 02")]), malformed("cut of power")),
        (own(&[&journal, &wear, &writes, &hex!("85 00")]), ImageError::UnknownTag { tag: Tag::new(0x85) }),
        (own(&[&journal, &wear, &writes, &writes]), malformed("end of its own memory")),
    ];
    for (index, (image, expected)) in table.into_iter().enumerate() {
        assert_eq!(read(&image).unwrap_err(), expected, "{index}");
    }
    // Journals that say nothing, or save what is not there.
    let mark = |done: u32| [&done.to_be_bytes()[..], &crc32(&done.to_be_bytes()).to_be_bytes()].concat();
    let entry = |head: &[u8]| [head, &crc32(head).to_be_bytes()].concat();
    for (done, entries, right) in [
        (0, entry(&hex!("00000001 0009 00000000 0001 EE")), false),
        (0, entry(&hex!("00000001 0000 FFFFFFFF 0001 EE")), false),
        (0, entry(&hex!("00000002 0009 00000000 0001 EE")), true), // of no transaction that is to be undone
        (u32::MAX, vec![], false),
    ] {
        let content = [mark(done), mark(done), entries].concat();
        let journal = [&hex!("80 82 0400")[..], &content, &vec![0; 1024 - content.len()]].concat();
        let outcome = read(&own(&[&journal, &wear, &writes]));
        assert_eq!(outcome.map(|_| ()), if right { Ok(()) } else { Err(malformed("journal")) }, "{content:02X?}");
    }
    for erased in [0x00, 0xFF] {
        let journal = [&hex!("80 82 0400")[..], &[erased; 1024]].concat();
        assert_eq!(read(&own(&[&journal, &wear, &writes])).map(|_| ()), Err(malformed("journal")));
    }
    assert!(read(&own(&[&journal, &hex!("81 08 00000001 00000400"), &writes])).is_ok());
    assert!(read(&own(&[&journal, &wear, &writes, &hex!("83 08 FFFF 00000000 00 01")])).is_ok());
}

#[test]
fn an_error_says_what_and_whose() {
    let mut said = String::new();
    for error in [
        ImageError::NotAnImage,
        ImageError::Version { found: 3, supported: 2 },
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
        the image has version 3, the newest known here is 2\n\
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
        let _ = read(&image(1, &bytes));
        // Begins as a body does, so that the bytes get further in.
        let _ = read(&image(2, &[&hex!("80023B00A1")[..], &bytes].concat()));
    }
}

//! The ATR made from what a card offers, and every ATR explained.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use card_sim::Atr;
use card_sim::atr::{DEFAULT, DEFAULT_T0, DEFAULT_T1, Line, Numbering, Offer, OfferError, Protocols};
use hex_literal::hex;
use proptest::prelude::*;

fn explained(bytes: &[u8]) -> Vec<String> {
    Atr::parse(bytes).unwrap().explain().iter().map(Line::to_string).collect()
}

#[test]
fn the_constants_say_what_the_default_offers() {
    let offer = |protocols| Offer { protocols, ..Offer::DEFAULT }.encode().unwrap();
    assert_eq!(Offer::default(), Offer::DEFAULT);
    assert_eq!(Offer::DEFAULT.encode().unwrap(), DEFAULT);
    assert_eq!(offer(Protocols::T0), DEFAULT_T0);
    assert_eq!(offer(Protocols::T1), DEFAULT_T1);
    insta::assert_snapshot!("default", explained(&DEFAULT).join("\n"));
}

#[test]
fn each_part_of_an_offer_has_its_bytes() {
    let base = Offer {
        protocols: Protocols::T0,
        speed: 0x11,
        information_field: 32,
        selection_by_name: false,
        selection_by_partial_name: false,
        channels: 1,
        numbering: Numbering::ByCard,
        chaining: false,
        extended_lengths: false,
        extended_length_information: false,
    };
    let (t1, both) = (Protocols::T1, Protocols::Both);
    #[rustfmt::skip]
    let table: [(Offer, &[u8]); 20] = [
        (base, &hex!("3B07 80 3101 73000100")),
        (Offer { information_field: 254, ..base }, &hex!("3B07 80 3101 73000100")),
        (Offer { speed: 0x96, ..base }, &hex!("3B17 96 80 3101 73000100")),
        (Offer { protocols: t1, ..base }, &hex!("3B87 01 80 3101 73000100 44")),
        (Offer { protocols: t1, information_field: 254, ..base }, &hex!("3B87 81 11FE 80 3101 73000100 2B")),
        (Offer { protocols: t1, speed: 0x96, ..base }, &hex!("3B97 96 01 80 3101 73000100 C2")),
        (Offer { protocols: both, ..base }, &hex!("3B87 80 01 80 3101 73000100 C4")),
        (Offer { protocols: both, information_field: 1, speed: 0x18, ..base }, &hex!("3B97 18 80 1101 80 3101 73000100 DD")),
        (Offer { selection_by_name: true, ..base }, &hex!("3B07 80 3181 73800100")),
        (Offer { selection_by_partial_name: true, ..base }, &hex!("3B07 80 3141 73400100")),
        (Offer { chaining: true, ..base }, &hex!("3B07 80 3101 73000180")),
        (Offer { extended_lengths: true, ..base }, &hex!("3B07 80 3101 73000140")),
        (Offer { extended_length_information: true, ..base }, &hex!("3B07 80 3118 73000120")),
        (Offer { numbering: Numbering::ByEither, ..base }, &hex!("3B07 80 3101 73000100")),
        (Offer { channels: 2, ..base }, &hex!("3B07 80 3101 73000111")),
        (Offer { channels: 4, numbering: Numbering::ByDevice, ..base }, &hex!("3B07 80 3101 7300010B")),
        (Offer { channels: 7, numbering: Numbering::ByEither, ..base }, &hex!("3B07 80 3101 7300011E")),
        (Offer { channels: 8, ..base }, &hex!("3B07 80 3101 73000117")),
        (Offer { channels: 9, ..base }, &hex!("3B07 80 3101 73000117")),
        (Offer { channels: 20, ..base }, &hex!("3B07 80 3101 73000117")),
    ];
    for (offer, expected) in table {
        let bytes = offer.encode().unwrap();
        assert_eq!(bytes, expected, "{offer:?}: {bytes:02X?}");
        Atr::parse(&bytes).unwrap();
    }
}

#[test]
fn what_no_atr_can_say_is_refused() {
    for byte in 0..=u8::MAX {
        let reserved = fi(byte >> 4).is_none() || di(byte & 0x0F).is_none();
        let speed = Offer { speed: byte, ..Offer::DEFAULT }.encode();
        assert_eq!(speed.err(), reserved.then_some(OfferError::Speed { found: byte }));
        let field = Offer { information_field: byte, ..Offer::DEFAULT }.encode();
        let reserved = matches!(byte, 0 | 255);
        assert_eq!(field.err(), reserved.then_some(OfferError::InformationField { found: byte }));
        let channels = Offer { channels: byte, ..Offer::DEFAULT }.encode();
        let impossible = !(1..=20).contains(&byte);
        assert_eq!(channels.err(), impossible.then_some(OfferError::Channels { found: byte }));
    }
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let protocols = prop::sample::select(vec![Protocols::T0, Protocols::T1, Protocols::Both]);
    let numbering = prop::sample::select(vec![Numbering::ByCard, Numbering::ByDevice, Numbering::ByEither]);
    let speed = any::<u8>().prop_filter("reserved", |ta1| fi(ta1 >> 4).is_some() && di(ta1 & 0x0F).is_some());
    (protocols, numbering, speed, 1..=254_u8, 1..=20_u8, any::<[bool; 5]>()).prop_map(
        |(protocols, numbering, speed, information_field, channels, flags)| Offer {
            protocols,
            speed,
            information_field,
            selection_by_name: flags[0],
            selection_by_partial_name: flags[1],
            channels,
            numbering,
            chaining: flags[2],
            extended_lengths: flags[3],
            extended_length_information: flags[4],
        },
    )
}

/// The frequency is in tenths of a MHz.
fn fi(digit: u8) -> Option<(u32, u32)> {
    let table =
        "372/40 372/50 558/60 744/80 1116/120 1488/160 1860/200 . . 512/50 768/75 1024/100 1536/150 2048/200 . .";
    let (fi, megahertz) = table.split(' ').nth(usize::from(digit))?.split_once('/')?;
    Some((fi.parse().ok()?, megahertz.parse().ok()?))
}

fn di(digit: u8) -> Option<u32> {
    ". 1 2 4 8 16 32 64 12 20 . . . . . .".split(' ').nth(usize::from(digit))?.parse().ok()
}

#[test]
fn every_speed_is_explained() {
    let mut reserved = 0;
    for ta1 in 0..=u8::MAX {
        let line = explained(&[0x3B, 0x10, ta1])[2].clone();
        let (Some((fi, tenths)), Some(di)) = (fi(ta1 >> 4), di(ta1 & 0x0F)) else {
            reserved += 1;
            assert_eq!(line, format!("{ta1:02X} TA1: speed: reserved value"));
            continue;
        };
        // In integers: hundredths of a clock cycle, and bits per second, each rounded.
        let hundredths = (fi * 200 / di).div_ceil(2);
        let cycles = match fi % di {
            0 => (fi / di).to_string(),
            _ => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        };
        let bits = (tenths * 100_000 * di * 2 / fi).div_ceil(2);
        let megahertz =
            if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) };
        let expected = format!(
            "{ta1:02X} TA1: Fi = {fi}, Di = {di}: {cycles} clock cycles a bit, at most {megahertz} MHz, which is {bits} bit/s"
        );
        assert_eq!(line, expected);
    }
    assert_eq!(reserved, 256 - 12 * 9);
    assert!(explained(&hex!("3B10 96"))[2].ends_with("16 clock cycles a bit, at most 5 MHz, which is 312500 bit/s"));
    assert!(explained(&hex!("3B10 11"))[2].ends_with("372 clock cycles a bit, at most 5 MHz, which is 13441 bit/s"));
}

#[test]
fn known_cards_are_explained() {
    let cards: [(&str, &[u8]); 6] = [
        ("shortest", &hex!("3B 00")),
        ("contactless", &hex!("3B 80 80 01 01")),
        ("uicc", &hex!("3B 9F 96 80 1F C7 80 31 A0 73 BE 21 13 67 43 20 07 18 00 00 01 A5")),
        ("javacard", &hex!("3B 6E 00 00 80 31 80 66 B0 84 0C 01 6E 01 83 00 90 00")),
        ("yubikey", &hex!("3B FD 13 00 00 81 31 FE 15 80 73 C0 21 C0 57 59 75 62 69 4B 65 79 40")),
        ("proprietary", &hex!("3B 65 00 00 20 63 CB 66 00")),
    ];
    for (name, bytes) in cards {
        insta::assert_snapshot!(name, explained(bytes).join("\n"));
    }
}

/// TA, TB, TC, and the protocol of TD.
type Group = (Option<u8>, Option<u8>, Option<u8>, Option<u8>);
const T0: Group = (None, None, None, Some(0));
const T1: Group = (None, None, None, Some(1));
const T15: Group = (None, None, None, Some(15));

/// An ATR of these groups and historical bytes, with its check character.
fn atr(groups: &[Group], historical: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x3B, u8::try_from(historical.len()).unwrap()];
    let (mut indicator, mut checked) = (1, false);
    for (ta, tb, tc, protocol) in groups {
        let td = protocol.map(|protocol| protocol & 0x0F);
        for (bit, byte) in [(0x10, *ta), (0x20, *tb), (0x40, *tc), (0x80, td)] {
            if let Some(byte) = byte {
                bytes[indicator] |= bit;
                bytes.push(byte);
            }
        }
        checked |= td.is_some_and(|protocol| protocol != 0);
        indicator = bytes.len() - 1;
        if td.is_none() {
            break;
        }
    }
    bytes.extend(historical);
    if checked {
        bytes.push(bytes[1..].iter().fold(0, |sum, byte| sum ^ byte));
    }
    bytes
}

#[test]
fn interface_bytes_mean_what_their_group_and_protocol_say() {
    let table: [(&[u8], &str); 30] = [
        (&hex!("3F 00"), "3F TS: inverse convention"),
        (&hex!("3B 01 47"), "01 T0: 1 historical byte"),
        (&atr(&[(Some(0x11), Some(0x25), Some(7), None)], &[]), "70 T0: 0 historical bytes; TA1 TB1 TC1 follow"),
        (
            &atr(&[(None, Some(0x25), None, None)], &[]),
            "25 TB1: programming voltage (deprecated, to be ignored): PI1 = 5",
        ),
        (
            &atr(&[(None, Some(0x60), None, None)], &[]),
            "60 TB1: programming voltage (deprecated, to be ignored): VPP not connected",
        ),
        (&atr(&[(None, None, Some(7), None)], &[]), "07 TC1: extra guard time N = 7: characters at least 19 etu apart"),
        (
            &atr(&[(None, None, Some(255), None)], &[]),
            "FF TC1: extra guard time N = 255: characters at least 12 etu apart in T=0, 11 etu in T=1",
        ),
        (
            &atr(&[T1, (Some(0x81), None, None, None)], &[]),
            "81 TA2: specific mode: T=1 at the speed of TA1; cannot change to negotiable mode by a warm reset",
        ),
        (
            &atr(&[T0, (Some(0x10), None, None, None)], &[]),
            "10 TA2: specific mode: T=0 at a speed agreed on elsewhere; can change to negotiable mode by a warm reset",
        ),
        (
            &atr(&[T0, (Some(0x20), None, None, None)], &[]),
            "20 TA2: specific mode: T=0 at the speed of TA1; can change to negotiable mode by a warm reset; reserved bits are set",
        ),
        (
            &atr(&[T0, (None, Some(50), None, None)], &[]),
            "32 TB2: programming voltage (deprecated, to be ignored): PI2 = 50",
        ),
        (
            &atr(&[T0, (None, None, Some(10), None)], &[]),
            "0A TC2: waiting time of T=0, WI = 10: characters at most 9600 x Fi clock cycles apart",
        ),
        (&atr(&[T0, (None, None, Some(0), None)], &[]), "00 TC2: waiting time of T=0: reserved value"),
        (
            &atr(&[T1, T1, (Some(0xFF), None, None, None)], &[]),
            "FF TA3: information fields of the card (IFSC): reserved value",
        ),
        (
            &atr(&[T1, T1, (None, Some(0x4D), None, None)], &[]),
            "4D TB3: waiting times of T=1: CWI = 13, characters of a block at most 8203 etu apart; BWI = 4, the card begins its block within 11 etu + 15360 x 372 clock cycles",
        ),
        (
            &atr(&[T1, T1, (None, Some(0xAF), None, None)], &[]),
            "AF TB3: waiting times of T=1: CWI = 15, characters of a block at most 32779 etu apart; BWI = 10, reserved",
        ),
        (&atr(&[T1, T1, (None, None, Some(0), None)], &[]), "00 TC3: error detection of T=1 by LRC, one byte"),
        (&atr(&[T1, T1, (None, None, Some(1), None)], &[]), "01 TC3: error detection of T=1 by CRC, two bytes"),
        (
            &atr(&[T1, T1, (None, None, Some(2), None)], &[]),
            "02 TC3: error detection of T=1 by LRC, one byte; reserved bits are set",
        ),
        // Group 2 is for all protocols, so the first TA for T=1 comes after it.
        (
            &atr(&[T1, (Some(0x81), None, None, Some(1)), (Some(64), None, None, None)], &[]),
            "40 TA3: information fields of blocks to the card (IFSC): at most 64 bytes",
        ),
        // The second of its kind; after T=15 in between, the first.
        (
            &atr(&[T1, T1, (Some(32), None, None, Some(1)), (Some(64), None, None, None)], &[]),
            "40 TA4: not defined for T=1",
        ),
        (
            &atr(&[T1, T15, (Some(1), None, None, Some(1)), (Some(64), None, None, None)], &[]),
            "40 TA4: information fields of blocks to the card (IFSC): at most 64 bytes",
        ),
        (&atr(&[T1, T0, (Some(1), None, None, None)], &[]), "01 TA3: not defined for T=0"),
        (
            &atr(&[T0, T15, (Some(0x42), None, None, None)], &[]),
            "42 TA3: clock stop supported in state L; class B only (3 V)",
        ),
        (
            &atr(&[T0, T15, (Some(0x05), None, None, None)], &[]),
            "05 TA3: clock stop not supported; operating classes: reserved value",
        ),
        (&atr(&[T0, T15, (None, Some(0), None, None)], &[]), "00 TB3: contact C6 (SPU) not used"),
        (&atr(&[T0, T15, (None, Some(0x80), None, None)], &[]), "80 TB3: contact C6 (SPU) used in a proprietary way"),
        (&atr(&[T0, T15, (None, Some(0x01), None, None)], &[]), "01 TB3: contact C6 (SPU): reserved value"),
        (&atr(&[T0, T15, (None, None, Some(3), None)], &[]), "03 TC3: not defined for T=15"),
        (
            &atr(&[T0, T15, (None, None, Some(3), None)], &[]),
            "4F TD2: T=15, no protocol, global interface bytes follow; TC3 follows",
        ),
    ];
    for (bytes, expected) in table {
        let lines = explained(bytes);
        assert!(lines.iter().any(|line| line == expected), "{expected}\nis not in\n{}", lines.join("\n"));
    }
    let protocols = [0, 1, 2, 4, 5, 14].map(|t| explained(&atr(&[(None, None, None, Some(t))], &[]))[2].clone());
    assert_eq!(
        protocols,
        [
            "00 TD1: T=0, half-duplex transmission of characters",
            "01 TD1: T=1, half-duplex transmission of blocks",
            "02 TD1: T=2, reserved for full-duplex operation",
            "04 TD1: T=4, reserved for an enhanced half-duplex transmission of characters",
            "05 TD1: T=5, reserved for future use",
            "0E TD1: T=14, a protocol that ISO does not standardise",
        ]
    );
}

#[test]
fn historical_bytes_are_explained_by_category_and_tag() {
    let table: [(&[u8], &[&str]); 19] = [
        (&hex!("00"), &["00 category indicator: data objects in compact-TLV, then a status indicator"]),
        (
            &hex!("00 05 9000"),
            &[
                "00 category indicator: data objects in compact-TLV, then a status indicator",
                "05 90 00 status indicator: life cycle operational, activated; status 9000 success",
            ],
        ),
        (
            &hex!("00 3180 04 6283"),
            &[
                "00 category indicator: data objects in compact-TLV, then a status indicator",
                "31 80 card service data: selection by full name, with MF",
                "04 62 83 status indicator: life cycle operational, deactivated; status 6283 selected file or application is deactivated",
            ],
        ),
        (
            &hex!("00 9000"),
            &[
                "00 category indicator: data objects in compact-TLV, then a status indicator",
                "90 00 status indicator: status 9000 success",
            ],
        ),
        (
            &hex!("10 03 FF"),
            &[
                "10 category indicator: a reference into EF.DIR follows",
                "03 DIR data reference: the record of EF.DIR that describes the application",
                "FF historical bytes: not defined",
            ],
        ),
        (&hex!("8F 01"), &["8F 01 historical bytes: category 8F, reserved for future use"]),
        (b"GemID", &["47 65 6D 49 44 historical bytes: category 47, proprietary, \"GemID\""]),
        (&hex!("80 00"), &[COMPACT, "00 tag 0: reserved for future use"]),
        (
            &hex!("80 12 0056 22 1234 A0 B1 FF"),
            &[
                COMPACT,
                "12 00 56 country code: by ISO 3166-1, 0056",
                "22 12 34 issuer identification: by ISO/IEC 7812-1, 1234",
                "A0 tag A: reserved for future use",
                "B1 FF tag B: reserved for future use",
            ],
        ),
        (
            &hex!("80 41 82 53 414243 50"),
            &[
                COMPACT,
                "41 82 initial access data: the first command to send after the reset",
                "53 41 42 43 card issuer's data: proprietary, \"ABC\"",
                "50 card issuer's data: proprietary",
            ],
        ),
        (
            &hex!("80 31 7F 30 32 0000"),
            &[
                COMPACT,
                "31 7F card service data: selection by partial name, data objects in EF.DIR, data objects in EF.ATR, access to EF.DIR and EF.ATR: reserved value, without MF",
                "30 tag 3: 0 bytes, a length that is not defined",
                "32 00 00 tag 3: 2 bytes, a length that is not defined",
            ],
        ),
        (
            &hex!("80 71 00 72 FF 92"),
            &[
                COMPACT,
                "71 card capabilities: 1 byte follows",
                "00 selection: none said",
                "72 card capabilities: 2 bytes follow",
                "FF selection: by full name, by partial name, by path, by file identifier, implicit, short file identifiers, record numbers, record identifiers",
                "92 data coding: data units of 2 bytes, one-time write, files of TLV structure, FF may begin a tag",
            ],
        ),
        (
            &hex!("80 74 80 60 EF 00"),
            &[
                COMPACT,
                "74 card capabilities: 4 bytes follow",
                "80 selection: by full name",
                "60 data coding: data units of half a byte, write AND",
                "EF chaining, lengths, channels: command chaining, extended Lc and Le, extended length information in EF.ATR, 8 channels or more, numbered by the interface device",
                "00 card capabilities: not defined",
            ],
        ),
        (
            &hex!("80 70 80 84 00000000"),
            &[
                COMPACT,
                "70 tag 7: 0 bytes, a length that is not defined",
                "80 tag 8: 0 bytes, a length that is not defined",
                "84 00 00 00 00 tag 8: 4 bytes, a length that is not defined",
            ],
        ),
        (
            &hex!("80 81 03 82 0000"),
            &[
                COMPACT,
                "81 03 status indicator: life cycle initialisation",
                "82 00 00 status indicator: status not told",
            ],
        ),
        (
            &hex!("80 10 20 F0"),
            &[
                COMPACT,
                "10 tag 1: 0 bytes, a length that is not defined",
                "20 tag 2: 0 bytes, a length that is not defined",
                "F0 tag F: 0 bytes, a length that is not defined",
            ],
        ),
        (&hex!("80 F5 A000000003"), &[COMPACT, "F5 A0 00 00 00 03 application identifier: A000000003"]),
        (&hex!("80 67 0102"), &[COMPACT, "67 01 02 cut off: tag 6 announces 7 bytes, 2 follow"]),
        (&hex!("80 7F"), &[COMPACT, "7F cut off: tag 7 announces 15 bytes, 0 follow"]),
    ];
    for (historical, expected) in table {
        let lines = explained(&atr(&[], historical));
        assert_eq!(lines[2..], *expected);
    }
    let life_cycles = [0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0B, 0x0C, 0x0F, 0x10, 0xFF].map(|byte| {
        let line = explained(&atr(&[], &[0x80, 0x81, byte]))[3].clone();
        line.split_once("life cycle ").unwrap().1.to_owned()
    });
    let (on, off) = ("operational, activated", "operational, deactivated");
    assert_eq!(
        life_cycles,
        [
            "not told",
            "creation",
            "reserved value",
            "initialisation",
            off,
            on,
            off,
            on,
            "reserved value",
            "reserved value",
            "terminated",
            "terminated",
            "proprietary",
            "proprietary",
        ]
    );
}

const COMPACT: &str = "80 category indicator: data objects in compact-TLV";

/// Whether each byte is in exactly one line, in order.
fn covered(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(atr) = Atr::parse(bytes) else { return Ok(()) };
    let lines = atr.explain();
    prop_assert_eq!(lines.iter().flat_map(|line| line.bytes).copied().collect::<Vec<_>>(), bytes);
    for line in &lines {
        prop_assert!(!line.bytes.is_empty() && !line.name.is_empty() && !line.meaning.is_empty(), "{}", line);
    }
    Ok(())
}

/// Bytes that look like compact-TLV often enough.
fn any_historical() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![3 => Just(0x80), 1 => Just(0x00), 1 => Just(0x10), 1 => any::<u8>()];
    let byte = prop_oneof![1 => any::<u8>(), 2 => (any::<u8>(), 0..4_u8).prop_map(|(tag, length)| tag << 4 | length)];
    (first, prop::collection::vec(byte, 0..15), any::<bool>())
        .prop_map(|(first, rest, none)| if none { Vec::new() } else { [vec![first], rest].concat() })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn every_offer_is_an_atr_that_says_so(offer in any_offer()) {
        let bytes = offer.encode().unwrap();
        let atr = Atr::parse(&bytes).unwrap();
        prop_assert_eq!(atr.offers(0), offer.protocols != Protocols::T1);
        prop_assert_eq!(atr.offers(1), offer.protocols != Protocols::T0);
        covered(&bytes)?;
        let text = explained(&bytes).join("\n");
        let (yes, no) = (offer.protocols != Protocols::T0, false);
        for (what, offered) in [
            ("selection by full name", offer.selection_by_name),
            ("selection by partial name", offer.selection_by_partial_name),
            ("command chaining", offer.chaining),
            ("extended Lc and Le", offer.extended_lengths),
            ("extended length information in EF.ATR", offer.extended_length_information),
            ("data objects in EF.ATR, EF.DIR and EF.ATR by READ BINARY", offer.extended_length_information),
            (&format!("at most {} bytes", offer.information_field), yes && offer.information_field != 32),
            (&format!(" {} channels", offer.channels), (2..=8).contains(&offer.channels)),
            ("the basic channel only", offer.channels == 1),
            ("8 channels or more", offer.channels >= 8),
            ("by the card", offer.channels > 1 && offer.numbering != Numbering::ByDevice),
            ("by the interface device", offer.channels > 1 && offer.numbering != Numbering::ByCard),
            ("TA1", offer.speed != 0x11),
            ("reserved", no),
            ("not defined", no),
        ] {
            prop_assert_eq!(text.contains(what), offered, "{}\n{}", what, text);
        }
    }

    #[test]
    fn every_byte_of_every_atr_is_explained_once(
        groups in prop::collection::vec(any::<Group>(), 0..6), historical in any_historical(),
    ) {
        let bytes = atr(&groups, &historical);
        prop_assume!(Atr::parse(&bytes).is_ok());
        covered(&bytes)?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40), start in prop_oneof![Just(0x3B), Just(0x3F)]) {
        covered(&bytes)?;
        covered(&[&[start][..], &bytes].concat())?;
    }
}

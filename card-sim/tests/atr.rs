//! The ATR made from what a card offers, and every ATR explained.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "atr/meanings.rs"]
mod meanings;

use card_sim::Atr;
use card_sim::atr::{DEFAULT, DEFAULT_T0, DEFAULT_T1, Line, Numbering, Offer, OfferError, Protocols};
use hex_literal::hex;
use meanings::{Group, atr};
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

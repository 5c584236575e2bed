#![allow(clippy::arithmetic_side_effects, reason = "all of this is test code")]

use super::*;
use proptest::prelude::*;

fn kinds(hex: &str) -> Vec<Kind> {
    readings(&hex::decode(hex).unwrap(), Veil::Secret).iter().map(|reading| reading.kind).collect()
}

fn shown(kind: Kind, hex: &str) -> String {
    let reading = kind.read(&hex::decode(hex).unwrap(), Veil::Secret).unwrap();
    format!("{}\n{}", reading.title, text(&reading.parts, 0))
}

#[test]
fn what_bytes_are_is_found_out() {
    assert_eq!(kinds("9000"), [Kind::Status]);
    assert_eq!(kinds("63C2"), [Kind::Status]);
    assert_eq!(kinds("9415"), [Kind::Status]);
    assert_eq!(kinds("00A404000BF06469676974616C6C790100"), [Kind::Command]);
    assert_eq!(kinds("3B878011FE8031D873C001FBC8"), [Kind::Atr]);
    assert_eq!(kinds("6F0D840BF06469676974616C6C7901"), [Kind::Tlv]);
    assert_eq!(kinds("6F0D840BF06469676974616C6C79019000"), [Kind::Response]);
    // A command of four bytes, and an answer of two with its status word.
    assert_eq!(kinds("00B09000"), [Kind::Command, Kind::Response]);
    // Nothing is likely: then all that is possible.
    assert_eq!(kinds("DEADBEEF"), [Kind::Command, Kind::Response]);
    assert!(kinds("").is_empty() && kinds("FF").is_empty());
}

#[test]
fn trees() {
    let all = [
        shown(Kind::Command, "00A404000BF06469676974616C6C790100"),
        shown(Kind::Command, "0020008108313233 34FFFFFFFF".replace(' ', "").as_str()),
        shown(Kind::Command, "8040000000000CFFFF25470000000200009C400000"),
        shown(Kind::Response, "6F1F840BF06469676974616C6C7901A510500964696769 74616C6C79DF26020001 9000".replace(' ', "").as_str()),
        shown(Kind::Tlv, "664C734A060 72A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03640B06092A864886FC6B040215650B06092B8510864864020103660C060A2B060104012A026E0102".replace(' ', "").as_str()),
        shown(Kind::Tlv, "6F1A840E315041592E5359532E4444463031A5088801015F2D02656E"),
        shown(Kind::Tlv, "DF7F01AA9F02060000000010007F660202008101FF"),
        shown(Kind::Status, "63C2"),
        shown(Kind::Status, "6FAB"),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn faults_are_placed() {
    let fault = |kind: Kind, hex: &str| kind.read(&hex::decode(hex).unwrap(), Veil::Secret).unwrap_err().at;
    assert_eq!(fault(Kind::Command, "00A404"), 3);
    assert_eq!(fault(Kind::Command, "00A4040005F0"), 4);
    assert_eq!(fault(Kind::Command, "00A4040001F00000"), 7);
    assert_eq!(fault(Kind::Tlv, "840284"), 1);
    assert_eq!(fault(Kind::Tlv, "84018484FF"), 4);
    assert_eq!(fault(Kind::Atr, "3B8781"), 3);
    assert_eq!(fault(Kind::Atr, "FF"), 0);
    assert_eq!(fault(Kind::Atr, "3B878011FE8031D873C001FBC9"), 12);
    assert_eq!(fault(Kind::Status, "900000"), 2);
    assert_eq!(fault(Kind::Response, "90"), 1);
}

/// A thousand data objects in each other are no reason to run out of stack.
#[test]
fn depth_is_bounded() {
    let mut bytes = Vec::new();
    for _ in 0..20_000 {
        bytes.extend_from_slice(&[0x6F, 0x84, 0, 0, 0xFF, 0xFF]);
    }
    assert!(Kind::Tlv.read(&bytes, Veil::Lifted).is_err());
    let nested = (0..2_000).fold(Vec::new(), |inner: Vec<u8>, _| {
        let length = u16::try_from(inner.len()).unwrap().to_be_bytes();
        [&[0x6F, 0x82][..], &length, &inner].concat()
    });
    assert!(Kind::Tlv.read(&nested, Veil::Lifted).is_ok());
}

proptest! {
    /// Whatever the bytes: no panic, every part lies within what it is part of, and a PIN is nowhere.
    #[test]
    fn any_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..300), first in 0_usize..8) {
        let begins: [&[u8]; 8] = [&[], &[0x3B], &[0x6F, 0x20], &[0, 0xA4, 4, 0], &[0xDF, 0x20], &[0x80, 0xE2], &[0x66, 0x10, 0x73], &[0x3F, 0xFF]];
        bytes.splice(0..0, begins[first].iter().copied());
        for kind in KINDS {
            match kind.read(&bytes, Veil::Lifted) {
                Ok(reading) => {
                    within(&reading.parts, 0, bytes.len());
                    prop_assert!(serde_json::to_string(&reading).is_ok());
                    text(&reading.parts, 0);
                }
                Err(fault) => prop_assert!(fault.at <= bytes.len() && !fault.rule.is_empty()),
            }
        }
        readings(&bytes, Veil::Secret);
        data(&bytes);
    }
}

fn within(parts: &[Part], from: usize, to: usize) {
    let mut at = from;
    for part in parts {
        assert!(part.at >= at && part.at + part.length <= to, "{part:?} in {from}..{to}");
        at = part.at + part.length;
        within(&part.parts, part.at, at);
    }
}

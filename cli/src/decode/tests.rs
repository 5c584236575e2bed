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
fn toolkit_messages_are_found_out() {
    let menu = "D03B810301250082028182850C546F6F6C6B6974204D656E758F07014974656D20318F07024974656D20328F07034974656D20338F07044974656D2034";
    assert_eq!(kinds(menu), [Kind::Toolkit]);
    assert_eq!(kinds("8103012300820282818301008D06043232323232"), [Kind::Toolkit]);
    assert_eq!(kinds("D30782020181900102"), [Kind::Toolkit]);
    // As the answer to FETCH, and as the data of commands.
    assert_eq!(kinds(&format!("{menu}9000")), [Kind::Response]);
    assert_eq!(kinds("80C2000009D3078202018190010200"), [Kind::Command]);
}

#[test]
fn toolkit_trees() {
    let all = [
        shown(
            Kind::Toolkit,
            "D03B810301250082028182850C546F6F6C6B6974204D656E758F07014974656D20318F07024974656D20328F07034974656D20338F07044974656D2034",
        ),
        shown(Kind::Toolkit, "D0278103012304820281828D180450617373776F726420313C53454E443E3233343536373891020408"),
        shown(Kind::Toolkit, "8103012300820282818301008D06043232323232"),
        shown(
            Kind::Toolkit,
            "D03D810301130082028183850D53686F7274204D65737361676586099111223344556677F88B180100099110325476F840F00D53F45B4E0735CBF379F85C06",
        ),
        shown(Kind::Toolkit, "D30782020181900102"),
        shown(Kind::Toolkit, "D60799010582020281"),
        shown(Kind::Response, "D01A8103012180820281028D0F04546F6F6C6B6974205465737420319000"),
        shown(Kind::Command, "80C2000009D3078202018190010200"),
        shown(Kind::Command, "801000000400000420"),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

/// What was keyed in unseen is a PIN, more often than not.
#[test]
fn hidden_input_is_masked() {
    let answer = "8103012304820282818301008D050431323334";
    let command = format!("80140000{:02X}{answer}", answer.len() / 2);
    for (kind, hex) in [(Kind::Toolkit, answer), (Kind::Command, command.as_str())] {
        let text = shown(kind, hex);
        assert!(text.contains("••") && !text.contains("31 32 33 34") && !text.contains("1234"), "{text}");
        let reading = kind.read(&hex::decode(hex).unwrap(), Veil::Lifted).unwrap();
        assert!(self::text(&reading.parts, 0).contains("\"1234\", 8-bit"));
    }
    assert!(shown(Kind::Command, &command.replace("2304", "2300")).contains("1234"));
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
    assert_eq!(fault(Kind::Toolkit, "D0058103002500"), 4);
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
    fn any_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..300), first in 0_usize..11) {
        let begins: [&[u8]; 11] = [&[0xD0, 9, 0x81, 3, 1, 0x21, 0, 0x82, 2, 0x81, 2], &[0x81, 3, 1, 0x23, 0, 0x82, 2, 0x82, 0x81, 0x83, 1, 0], &[0xD3, 7, 0x82, 2, 1, 0x81, 0x90, 1, 2], &[], &[0x3B], &[0x6F, 0x20], &[0, 0xA4, 4, 0], &[0xDF, 0x20], &[0x80, 0xE2], &[0x66, 0x10, 0x73], &[0x3F, 0xFF]];
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

//! What the card answers by itself, and how an answer reaches the other side.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use apdu::{Aid, Response, Sw, Transport};
use card_sim::{AtrError, Card, InstallError, OsRandom};
use hex_literal::hex;
use proptest::prelude::*;
use support::{LENGTH, MODULES, NOTEBOOK, SHY, calls, card, select, selected, send, tell};

#[test]
fn every_class_byte() {
    for cla in 0..=0xFF_u8 {
        // Written from the table of the standard, not from the code.
        let expected = match cla {
            0x20..=0x3F | 0xFF => 0x6E00,
            0x40..=0x7F | 0xC0..=0xFE => 0x6881,
            _ if cla & 0b0000_0011 != 0 => 0x6881,
            _ if cla & 0b0000_1100 != 0 => 0x6882,
            0xB0..=0xBF => 0x6E00,
            _ => 0x9000,
        };
        let mut card = selected();
        assert_eq!(send(&mut card, &[cla, 0x20, 0, 3, 0]).1, expected, "{cla:02X}");
        // A class that is refused is refused before all else, also for SELECT and GET RESPONSE.
        if expected != 0x9000 {
            assert_eq!(send(&mut card, &[cla, 0xA4, 4, 0]).1, expected, "{cla:02X}");
            assert_eq!(send(&mut card, &[cla, 0xC0, 0, 0, 0]).1, expected, "{cla:02X}");
            assert_eq!(calls(), [""; 0], "{cla:02X}");
        }
    }
}

#[test]
fn nobody_selected() {
    let table: [(&[u8], u16); 24] = [
        // Files there are none, but for the MF and EF.ATR/INFO.
        (&hex!("00A40000 02 2F00"), 0x6A82),
        (&hex!("00A40100 02 3F00"), 0x6A82),
        (&hex!("00A40300"), 0x6A82),
        (&hex!("00A40800 04 3F002F00"), 0x6A82),
        (&hex!("00A40900 02 2F01"), 0x6A82),
        (&hex!("00A41000 02 2F01"), 0x6A86),
        (&hex!("00A40003 02 2F01"), 0x6A86),
        (&hex!("00B00000 00"), 0x6986),
        (&hex!("00B08200 00"), 0x6A82),
        (&hex!("00B0A000 00"), 0x6A86),
        (&hex!("00B08100"), 0x6700),
        (&hex!("00B0810B 00"), 0x6B00),
        // Objects neither, but for the one in EF.ATR/INFO.
        (&hex!("00CA9F7F 00"), 0x6A88),
        (&hex!("80CA0066 00"), 0x6A88),
        (&hex!("00CA7F68 00"), 0x6A88),
        // Nor instructions, nor classes.
        (&hex!("80200001 00"), 0x6D00),
        (&hex!("00200001 08 3132333435363738"), 0x6D00),
        (&hex!("80A40400 05 F06E6F7465"), 0x6D00),
        (&hex!("A0A40000 02 3F00"), 0x6E00),
        (&hex!("B0040000 00"), 0x6E00),
        (&hex!("30200001 00"), 0x6E00),
        (&hex!("01200001 00"), 0x6881),
        (&hex!("0C200001 00"), 0x6882),
        (&hex!("00C00000 00"), 0x6985),
    ];
    for (command, expected) in table {
        let mut card = card(&[NOTEBOOK.as_bytes()]);
        let before = card.snapshot();
        assert_eq!(send(&mut card, command), (vec![], expected), "{command:02X?}");
        assert_eq!(card.snapshot(), before, "{command:02X?}");
    }
}

/// The longest command and response in EF.ATR/INFO are those that the card takes and gives.
#[test]
fn the_buffer_is_said_in_ef_atr() {
    const CONTENTS: [u8; 11] = hex!("7F66 08 0202 0209 0202 0202");
    let mut card = card(&[NOTEBOOK.as_bytes()]);
    for select in [&hex!("00A40000 02 2F01 00")[..], &hex!("00A4020002 2F01 00"), &hex!("00A4080004 3F002F01 00")] {
        let fci = hex!("6F 0B 8002 000B 8201 01 8302 2F01");
        assert_eq!(send(&mut card, select), (fci.to_vec(), 0x9000));
        assert_eq!(send(&mut card, &hex!("00B0000000")), (CONTENTS.to_vec(), 0x9000));
        assert_eq!(send(&mut card, &hex!("00B0000302")), (CONTENTS[3..5].to_vec(), 0x9000));
        assert_eq!(send(&mut card, &hex!("00A4000C 02 3F00")), (vec![], 0x9000));
        assert_eq!(send(&mut card, &hex!("00B0000000")).1, 0x6986);
    }
    assert_eq!(send(&mut card, &hex!("00B0810000")), (CONTENTS.to_vec(), 0x9000));
    assert_eq!(send(&mut card, &hex!("00B0000A00")), (CONTENTS[10..].to_vec(), 0x9000));
    assert_eq!(send(&mut card, &hex!("00CA7F6600")), (CONTENTS.to_vec(), 0x9000));
    // With 512 bytes of data and an extended Le it is 521 bytes; the longest answer 514.
    select(&mut card, NOTEBOOK.as_bytes());
    let longest = [&hex!("80100000 000200")[..], &[0; 512], &[0, 0]].concat();
    assert_eq!((longest.len(), 0x0209), (521, 521));
    assert_eq!(send(&mut card, &longest).1, 0x6A80, "the applet's answer, not 6700");
    assert_eq!(send(&mut card, &hex!("80200200 000000")).0.len() + 2, 0x0202);
}

#[test]
fn somebody_selected() {
    let table: [(&[u8], &[u8], u16); 7] = [
        // SELECT of files and proprietary commands with the same instruction are the applet's.
        (&hex!("00A40000 02 3F00 00"), b"SELECT", 0x9000),
        (&hex!("80A40400 02 3F00 00"), b"SELECT", 0x9000),
        (&hex!("80C00000 00"), b"", 0x6D00),
        (&hex!("80700000 01"), b"", 0x6D00),
        (&hex!("00FF0000"), b"", 0x6D00),
        (&hex!("A0200002 00"), &[0, 1], 0x9000),
        (&hex!("00C00000 00"), b"", 0x6985),
    ];
    for (command, data, sw) in table {
        assert_eq!(send(&mut selected(), command), (data.to_vec(), sw), "{command:02X?}");
    }
}

#[test]
fn what_is_no_command_has_a_wrong_length() {
    for bytes in
        [&[][..], &[0], &[0, 0xA4, 4], &hex!("00A40400 05 F0"), &hex!("00A40400 00 00"), &hex!("80200000 000000 00")]
    {
        assert_eq!(send(&mut selected(), bytes), (vec![], 0x6700), "{bytes:02X?}");
    }
}

#[test]
fn the_buffer_holds_512_bytes() {
    let mut card = card(&[]);
    card.install(MODULES, NOTEBOOK, NOTEBOOK, &[200]).unwrap();
    select(&mut card, NOTEBOOK.as_bytes());
    // The applet has no room for so many, but it sees them.
    assert_eq!(tell(&mut card, 0x10, 0, 0, &[1; 512]).1, 0x6A80);
    assert_eq!(tell(&mut card, 0x10, 0, 0, &[2; 513]).1, 0x6700);
    assert_eq!(tell(&mut card, 0x11, 0, 1, &[]).0, [1]);
    // Also for the card's own commands, and with nobody selected.
    let long_name = [&hex!("00A40400 000201")[..], &[0xF0; 513]].concat();
    assert_eq!(send(&mut card, &long_name).1, 0x6700);
    card.reset().unwrap();
    assert_eq!(send(&mut card, &long_name).1, 0x6700);
    // An answer too.
    select(&mut card, NOTEBOOK.as_bytes());
    assert_eq!(tell(&mut card, 0x20, 2, 0, &[]).0.len(), 512);
    assert_eq!(tell(&mut card, 0x20, 2, 1, &[]), (vec![], 0x6F00));
}

#[test]
fn a_long_answer_comes_in_parts() {
    let bytes: Vec<u8> = (0..=255).chain(0..=255).collect();
    for total in [1, 2, 255, 256, 257, 300, 511, 512_usize] {
        for first in [0, 1, 2, 100, 256_usize] {
            for part in [1, 7, 255, 256_usize] {
                let [p1, p2] = u16::try_from(total).unwrap().to_be_bytes();
                let mut card = selected();
                let le = u8::try_from(first % 256).unwrap();
                let command = if first == 0 { vec![0x80, 0x20, p1, p2] } else { vec![0x80, 0x20, p1, p2, le] };
                let (mut data, mut sw) = send(&mut card, &command);
                assert_eq!(data.len(), total.min(first));
                while data.len() < total {
                    let left = total - data.len();
                    assert_eq!(sw, 0x6100 | u16::try_from(if left < 256 { left } else { 0 }).unwrap());
                    let more;
                    (more, sw) = send(&mut card, &[0, 0xC0, 0, 0, u8::try_from(part % 256).unwrap()]);
                    assert_eq!(more.len(), left.min(part), "{total} {first} {part}");
                    data.extend(more);
                }
                assert_eq!((sw, &data[..]), (0x9000, &bytes[..total]), "{total} {first} {part}");
                assert_eq!(send(&mut card, &hex!("00C0000000")), (vec![], 0x6985));
            }
        }
    }
}

#[test]
fn an_extended_le_brings_it_in_one_piece() {
    let mut card = selected();
    assert_eq!(send(&mut card, &hex!("80200200 000000")).0.len(), 512);
    assert_eq!(send(&mut card, &hex!("80200200 0001FF")).1, 0x6101);
    assert_eq!(send(&mut card, &hex!("00C00000 000000")), (vec![255], 0x9000));
}

#[test]
fn only_get_response_leaves_the_rest_waiting() {
    let start = hex!("80200005 02");
    for (between, sw, kept) in [
        (&hex!("00C00000")[..], 0x6700, true),
        (&hex!("00C00000 01 00"), 0x6700, true),
        (&hex!("00C00000 01 00 00"), 0x6700, true),
        (&hex!("00C00100 00"), 0x6A86, true),
        (&hex!("00C00001 00"), 0x6A86, true),
        (&hex!("A0C00000 00"), 0x6D00, false),
        (&hex!("01C00000 00"), 0x6881, false),
        (&hex!("FF"), 0x6700, false),
        (&hex!("FFFFFFFF"), 0x6E00, false),
        (&hex!("00A40400 01 F2"), 0x6A82, false),
        (&hex!("80FF0000"), 0x6D00, false),
        (&hex!("80249000"), 0x9000, false),
    ] {
        let mut card = selected();
        assert_eq!(send(&mut card, &start), (vec![0, 1], 0x6103));
        assert_eq!(send(&mut card, between), (vec![], sw), "{between:02X?}");
        let expected = if kept { (vec![2, 3, 4], 0x9000) } else { (vec![], 0x6985) };
        assert_eq!(send(&mut card, &hex!("00C00000 00")), expected, "{between:02X?}");
    }
    // Some terminals fetch in the class of the command.
    let mut card = selected();
    send(&mut card, &start);
    assert_eq!(send(&mut card, &hex!("80C00000 00")), (vec![2, 3, 4], 0x9000));
    assert_eq!(send(&mut card, &hex!("80C00000 00")), (vec![], 0x6D00), "with nothing waiting it is the applet's");
    let mut card = selected();
    send(&mut card, &start);
    card.reset().unwrap();
    assert_eq!(send(&mut card, &hex!("00C00000 00")), (vec![], 0x6985), "nor does anything survive a reset");
}

#[test]
fn the_room_of_the_other_side_limits_as_le_does() {
    let mut card = selected();
    let command = hex!("80200005 00");
    for (room, expected) in [
        (0, &[][..]),
        (1, &[]),
        (2, &[0x61, 5]),
        (4, &[0, 1, 0x61, 3]),
        (7, &[0, 1, 2, 3, 4, 0x90, 0]),
        (8, &[0, 1, 2, 3, 4, 0x90, 0]),
    ] {
        let mut response = vec![0xEE; room];
        let Ok(length) = card.transmit(&command, &mut response);
        assert_eq!(&response[..length], expected, "{room}");
    }
}

#[test]
fn a_status_word_that_is_none_becomes_6f00() {
    for sw in 0..=0xFFFF_u16 {
        let [p1, p2] = sw.to_be_bytes();
        let expected = match sw {
            0x6100..=0x61FF => 0x6F00,
            0x6200..=0x6FFF | 0x9000..=0x9FFF => sw,
            _ => 0x6F00,
        };
        if sw % 251 == 0 || matches!(p1, 0x5F..=0x63 | 0x6F | 0x8F..=0x91) {
            assert_eq!(tell(&mut selected(), 0x24, p1, p2, &[]), (vec![], expected), "{sw:04X}");
        }
    }
}

#[test]
fn transactions_commit_or_leave_no_trace() {
    let mut card = selected();
    assert_eq!(tell(&mut card, 0x10, 0, 0, &[1, 2, 3, 4]).1, 0x9000);
    let outcomes = [(0, 0x9000, [9, 9, 3, 4]), (1, 0x6A80, [9, 9, 3, 4]), (2, 0x6581, [9, 9, 3, 4])];
    for (then, sw, memory) in outcomes {
        assert_eq!(tell(&mut card, 0x16, 0, then, &[9, 9]).1, sw, "{then}");
        if then != 0 {
            assert_eq!(tell(&mut card, 0x16, 0, then, &[7, 7, 7, 7]).1, sw, "{then}");
        }
        assert_eq!(tell(&mut card, 0x11, 0, 4, &[]).0, memory, "{then}");
    }
    // Half of it fits only: none of it happens, and the next one works.
    let end = u8::try_from(LENGTH).unwrap() - 1;
    assert_eq!(tell(&mut card, 0x16, end, 0, &[5, 5]).1, 0x6A80);
    assert_eq!(tell(&mut card, 0x11, end, 1, &[]).0, [0]);
    assert_eq!(tell(&mut card, 0x16, end, 0, &[5]).1, 0x9000);
}

#[test]
fn writes_are_counted_and_changes_noticed() {
    let mut card = selected();
    card.take_dirty();
    let before = card.writes();
    tell(&mut card, 0x11, 0, 4, &[]);
    tell(&mut card, 0x12, 0, 0, &[1]);
    assert_eq!((card.writes(), card.take_dirty()), (before, false), "reading and transient memory are no writes");
    tell(&mut card, 0x10, 0, 0, &[1, 2]);
    // For each byte the journal, the data, and two marks.
    assert_eq!((card.writes(), card.take_dirty(), card.take_dirty()), (before + 8, true, false));
    // Journal and data for each, and two marks for all.
    tell(&mut card, 0x16, 0, 0, &[3, 4, 5]);
    assert_eq!((card.writes(), card.take_dirty()), (before + 16, true));
}

#[test]
fn installing() {
    let mut card = card(&[]);
    let name = |byte| Aid::new(&[0xF0, 0, 0, 0, byte]).unwrap();
    let before = card.snapshot();
    let unknown = Aid::from_array(b"\xF0nobody");
    assert_eq!(card.install(MODULES, unknown, name(1), &[]), Err(InstallError::UnknownModule { aid: unknown }));
    let refused = Err(InstallError::Parameters { module: NOTEBOOK });
    assert_eq!(card.install(MODULES, NOTEBOOK, name(1), &[1, 2, 3]), refused);
    let sw = Sw::FUNCTION_NOT_SUPPORTED;
    assert_eq!(card.install(MODULES, NOTEBOOK, name(1), &[1]), Err(InstallError::Refused { sw }));
    let no_room = card.install(MODULES, NOTEBOOK, name(1), &[0xFF, 0xFF]);
    assert!(matches!(no_room, Err(InstallError::NoRoom { demand }) if demand.persistent == usize::MAX));
    // Of each kind 16 MiB for all, and transient memory is asked for twice.
    assert!(matches!(card.install(MODULES, NOTEBOOK, name(1), &[0xFF, 9]), Err(InstallError::NoRoom { .. })));
    assert_eq!(support::card(&[]).install(MODULES, NOTEBOOK, name(1), &[0xFF, 8]), Ok(()));
    assert_eq!(card.snapshot(), before, "a card that refuses is as before");
    assert_eq!(card.demands().count(), 0);

    card.install(MODULES, NOTEBOOK, name(1), &[3]).unwrap();
    assert_eq!(card.install(MODULES, NOTEBOOK, name(1), &[]), Err(InstallError::NameTaken { aid: name(1) }));
    assert_eq!(card.install(MODULES, SHY, name(1), &[]), Err(InstallError::NameTaken { aid: name(1) }));
    assert_eq!(card.selected(), None);
    select(&mut card, name(1).as_bytes());
    tell(&mut card, 0x10, 0, 0, &[1, 2, 3]);
    tell(&mut card, 0x12, 0, 0, &[4, 5, 6]);
    // Others come later, while one is selected.
    for byte in 2..=20 {
        card.install(MODULES, NOTEBOOK, name(byte), &[byte]).unwrap();
    }
    assert_eq!(tell(&mut card, 0x11, 0, 3, &[]).0, [1, 2, 3]);
    assert_eq!(tell(&mut card, 0x13, 0, 3, &[]).0, [4, 5, 6]);
    assert_eq!(tell(&mut card, 0x11, 3, 1, &[]).1, 0x6A80, "a neighbour's memory is out of reach");
    let demands: Vec<_> = card.demands().map(|(aid, demand)| (aid, demand.persistent)).collect();
    assert_eq!(demands.len(), 20);
    assert_eq!(demands[19], (name(20), 20));
    let installed = calls();
    card.install(MODULES, NOTEBOOK, name(21), &[0xFF, 8]).unwrap_err();
    assert_eq!(installed.iter().filter(|call| call.starts_with("install")).count(), 21);
}

#[test]
fn the_atr_is_checked() {
    let bad = Card::new(&hex!("3B80"), Box::new(OsRandom));
    assert_eq!(bad.map(|_| ()), Err(AtrError::Truncated { found: 2 }));
    let card = Card::new(&hex!("3B00"), Box::new(OsRandom)).unwrap();
    assert_eq!(card.atr(), hex!("3B00"));
}

#[test]
fn two_cards_share_nothing() {
    let (mut one, mut other) = (selected(), selected());
    for ins in [0x10, 0x12, 0x14] {
        tell(&mut one, ins, 0, 0, &[1]);
        assert_eq!(tell(&mut other, ins + 1, 0, 1, &[]).0, [0]);
    }
    send(&mut one, &hex!("80200005 02"));
    assert_eq!(send(&mut other, &hex!("00C0000000")).1, 0x6985);
    assert_eq!(send(&mut one, &hex!("00C0000000")).0, [2, 3, 4]);
    one.reset().unwrap();
    assert_eq!((one.selected(), other.selected()), (None, Some(NOTEBOOK)));
    // The same seed, each for itself.
    assert_eq!(tell(&mut other, 0x22, 8, 0, &[]), {
        select(&mut one, NOTEBOOK.as_bytes());
        tell(&mut one, 0x22, 8, 0, &[])
    });
}

proptest! {
    #[test]
    fn no_bytes_upset_it(commands in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..24), 1..20)) {
        let mut card = selected();
        for command in commands {
            let mut response = [0; 600];
            let Ok(length) = card.transmit(&command, &mut response);
            let sw = Response::decode(&response[..length]).unwrap().sw;
            prop_assert!(matches!(sw.value(), 0x6100..=0x6FFF | 0x9000), "{:?} to {:02X?}", sw, command);
        }
    }
}

//! Commands in pieces.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod support;

use apdu::Transport;
use card_sim::Card;
use hex_literal::hex;
use support::{MODULES, NOTEBOOK, card, select, send};

/// A card with a long notebook, selected.
fn long() -> Card {
    let mut card = card(&[]);
    card.install(MODULES, NOTEBOOK, NOTEBOOK, &[200]).unwrap();
    select(&mut card, NOTEBOOK.as_bytes());
    card
}

fn piece(class: u8, data: &[u8]) -> Vec<u8> {
    [&[class, 0x10, 5, 0, u8::try_from(data.len()).unwrap()], data].concat()
}

#[test]
fn the_pieces_become_one_command() {
    for lens in [&[1, 1][..], &[100, 95], &[1, 2, 3, 4], &[190, 5], &[0, 3, 0, 4]] {
        let mut card = long();
        let (mut all, mut count) = (Vec::new(), 0);
        for (index, &len) in lens.iter().enumerate() {
            let data: Vec<u8> = (0..len).map(|byte| byte ^ 0x5A).collect();
            let last = index + 1 == lens.len();
            let class = if last { 0x80 } else { 0x90 };
            let command = if len == 0 { vec![class, 0x10, 5, 0] } else { piece(class, &data) };
            assert_eq!(send(&mut card, &command), (vec![], 0x9000));
            all.extend(data);
            count += usize::from(len);
            let there = send(&mut card.clone_of(), &[0x80, 0x11, 5, 195, 0]).0;
            let expected = if last { &all[..] } else { &[] };
            assert_eq!(there[..count], [expected, &vec![0; count - expected.len()]].concat(), "{lens:?} {index}");
        }
    }
}

trait CloneOf {
    fn clone_of(&self) -> Self;
}

impl CloneOf for Card {
    /// Another card in the same state, to look at without disturbing this one.
    fn clone_of(&self) -> Self {
        let mut other = long();
        other.restore(&self.snapshot()).unwrap();
        other
    }
}

#[test]
fn the_last_piece_brings_the_answer() {
    let mut card = long();
    assert_eq!(send(&mut card, &hex!("90200003 01 AA")), (vec![], 0x9000));
    assert_eq!(send(&mut card, &hex!("80200003 01 BB 00")), (vec![0, 1, 2], 0x9000));
    // Also in extended form.
    assert_eq!(send(&mut card, &hex!("90200003 000001 AA")), (vec![], 0x9000));
    assert_eq!(send(&mut card, &hex!("80200003 000001 BB 0000")), (vec![0, 1, 2], 0x9000));
}

#[test]
fn more_than_the_buffer_holds_is_refused_and_forgotten() {
    let mut card = long();
    let start = card.snapshot();
    for _ in 0..2 {
        assert_eq!(send(&mut card, &piece(0x90, &[1; 255])).1, 0x9000);
    }
    assert_eq!(send(&mut card, &piece(0x90, &[1; 3])).1, 0x6700, "513 bytes");
    assert!(card.snapshot() == start);
    for _ in 0..2 {
        assert_eq!(send(&mut card, &piece(0x90, &[1; 255])).1, 0x9000);
    }
    assert_eq!(send(&mut card, &piece(0x80, &[1; 3])).1, 0x6700);
    assert!(card.snapshot() == start);
    // 512 are enough for all but this applet.
    for _ in 0..2 {
        assert_eq!(send(&mut card, &piece(0x90, &[1; 255])).1, 0x9000);
    }
    assert_eq!(send(&mut card, &piece(0x80, &[1; 2])).1, 0x6A80);
}

#[test]
fn another_command_in_between_gives_the_chain_up_and_is_carried_out() {
    for between in [
        &hex!("80240000 00")[..],
        &hex!("80100500 01 EE"), // of the chain, but the last: what it brings is all there is
        &hex!("80100600 01 EE"),
        &hex!("80110501 01"),
        &hex!("00A40400 01 F0"),
        &hex!("00C00000 00"),
        &hex!("FF"),
        &hex!("00700000 01"),
        &hex!("01100500 01 EE"),
    ] {
        let (mut chained, mut alone) = (long(), long());
        assert_eq!(send(&mut chained, &piece(0x90, &[7])).1, 0x9000);
        let same = between == hex!("80100500 01 EE");
        let (answer, expected) = (send(&mut chained, between), send(&mut alone, between));
        if same {
            assert_eq!(send(&mut chained, &hex!("80110502 02")).0, [7, 0xEE]);
        } else if expected.1 == 0x6881 || between == hex!("FF") || between == hex!("00C00000 00") {
            assert_eq!(answer, expected);
        } else {
            assert_eq!(answer, expected, "{between:02X?}");
            assert!(chained.snapshot() == alone.snapshot(), "{between:02X?}");
        }
    }
    // Also one that is refused before it is looked at.
    for refused in
        [&hex!("03100500 01 EE")[..], &hex!("84100500 01 EE"), &hex!("20100500 01 EE"), &hex!("80"), &hex!("B0100500")]
    {
        let mut card = long();
        send(&mut card, &piece(0x90, &[7]));
        assert!(send(&mut card, refused).1 >= 0x6700);
        assert_eq!(send(&mut card, &piece(0x80, &[8])).1, 0x9000);
        assert_eq!(send(&mut card, &hex!("80110502 02")).0, [8, 0], "{refused:02X?}");
    }
    let mut card = long();
    send(&mut card, &piece(0x90, &[7]));
    // A chain of another command begins anew.
    assert_eq!(send(&mut card, &hex!("90100700 01 08")).1, 0x9000);
    assert_eq!(send(&mut card, &hex!("80100700 01 09")).1, 0x9000);
    assert_eq!(send(&mut card, &hex!("80110505 05")).0, [0, 0, 8, 9, 0]);
    send(&mut card, &piece(0x90, &[7]));
    card.reset().unwrap();
    select(&mut card, NOTEBOOK.as_bytes());
    assert_eq!(send(&mut card, &piece(0x80, &[6])).1, 0x9000);
    assert_eq!(send(&mut card, &hex!("80110502 02")).0, [6, 0], "a reset gives it up, too");
}

#[test]
fn a_chain_of_selects() {
    let mut card = long();
    card.reset().unwrap();
    assert_eq!(send(&mut card, &hex!("10A40400 04 F06E6F74")).1, 0x9000);
    assert_eq!(card.selected(), None);
    assert_eq!(send(&mut card, &hex!("00A40400 05 65626F6F6B 00")).1, 0x9000);
    assert_eq!(card.selected(), Some(NOTEBOOK));
}

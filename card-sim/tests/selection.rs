//! SELECT by name: who is found, who is told, what is cleared.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use apdu::{Aid, Transport};
use hex_literal::hex;
use support::{MODULES, SHY, calls, card, select, send, tell};

const A: &[u8] = b"\xF0one\x00a";
const AB: &[u8] = b"\xF0one\x00ab";
const B: &[u8] = b"\xF0one\x00b";
const OTHER: &[u8] = b"\xF1other";

/// The name of the instance that is selected now, or the status word.
type Found = Result<&'static [u8], u16>;

/// SELECT with this P2; `Ok` with the instance now selected, `Err` with the status word.
fn select_p2(card: &mut card_sim::Card, p2: u8, name: &[u8]) -> Result<Vec<u8>, u16> {
    let command = [&[0x00, 0xA4, 0x04, p2, u8::try_from(name.len()).unwrap()], name, &[0x00]].concat();
    let (data, sw) = send(card, &command);
    assert!(sw == 0x9000 || data.is_empty());
    if sw == 0x9000 { Ok(card.selected().unwrap().as_bytes().to_vec()) } else { Err(sw) }
}

#[test]
fn who_is_found() {
    // AB was installed before A; exactly A comes first all the same.
    let mut card = card(&[AB, A, B, OTHER]);
    let (first, next) = (0x00, 0x02);
    let conversation: [(u8, &[u8], Found); 24] = [
        (next, b"\xF0", Ok(AB)),
        (first, OTHER, Ok(OTHER)),
        (first, A, Ok(A)),
        (next, A, Ok(AB)),
        (next, A, Err(0x6A82)),
        // Not found: still AB.
        (next, b"\xF0one", Ok(A)),
        (next, b"\xF0one", Ok(B)),
        (next, b"\xF0one", Err(0x6A82)),
        (first, b"\xF0one", Ok(AB)),
        (first, b"\xF1", Ok(OTHER)),
        (first, b"\xF1other", Ok(OTHER)),
        (next, b"\xF1other", Err(0x6A82)),
        // The selected one is not among the occurrences: the first of them.
        (next, b"\xF0", Ok(AB)),
        (next, b"\xF0", Ok(A)),
        (first, b"\xF1other\x00", Err(0x6A82)),
        (first, b"\xF1othe\x00", Err(0x6A82)),
        (first, b"\xF2", Err(0x6A82)),
        (first, &[0xF0; 17], Err(0x6A82)),
        (first, &[0; 255], Err(0x6A82)),
        (next, b"\xF0", Ok(B)),
        // Bits 4-3 = 11: no answer.
        (0x0C, A, Ok(A)),
        (0x0E, A, Ok(AB)),
        (0x0E, A, Err(0x6A82)),
        (first, AB, Ok(AB)),
    ];
    for (step, (p2, name, expected)) in conversation.into_iter().enumerate() {
        let before = card.selected();
        let found = select_p2(&mut card, p2, name);
        assert_eq!(found, expected.map(<[u8]>::to_vec), "step {step}");
        if found.is_err() {
            assert_eq!(card.selected(), before, "step {step}: the selection stays");
        }
    }
}

#[test]
fn every_p2() {
    for p2 in 0..=0xFF {
        let mut card = card(&[A]);
        let expected = if matches!(p2, 0x00 | 0x02 | 0x0C | 0x0E) { Ok(A.to_vec()) } else { Err(0x6A86) };
        assert_eq!(select_p2(&mut card, p2, A), expected, "{p2:02X}");
    }
}

#[test]
fn the_applet_answers_unless_it_is_not_asked_to() {
    let mut card = card(&[A]);
    let answer = [A, &[0]].concat();
    assert_eq!(send(&mut card, &[&hex!("00A4040006")[..], A, &[0]].concat()), (answer.clone(), 0x9000));
    assert_eq!(send(&mut card, &[&hex!("00A4040C06")[..], A].concat()), (vec![], 0x9000));
    // Asked for by a command without Le, it waits.
    assert_eq!(send(&mut card, &[&hex!("00A4040006")[..], A].concat()), (vec![], 0x6107));
    assert_eq!(send(&mut card, &hex!("00C0000007")), (answer, 0x9000));
}

#[test]
fn an_empty_name_finds_nothing_yet() {
    let mut card = card(&[A]);
    assert_eq!(send(&mut card, &hex!("00A40400")).1, 0x6A82);
    assert_eq!(send(&mut card, &hex!("00A4040000")).1, 0x6A82);
    assert_eq!(select(&mut card, A), 0x9000);
    assert_eq!(send(&mut card, &hex!("00A4040000")).1, 0x6A82);
    assert_eq!(card.selected(), Some(Aid::new(A).unwrap()));
}

#[test]
fn the_applet_that_leaves_is_told_and_then_the_one_that_comes() {
    let mut card = card(&[A, OTHER]);
    let (a, other) = (Aid::new(A).unwrap(), Aid::new(OTHER).unwrap());
    select(&mut card, A);
    assert_eq!(calls(), [format!("select {a}")]);
    tell(&mut card, 0x12, 0, 0, &[0x77]);
    select(&mut card, OTHER);
    assert_eq!(calls(), [format!("deselect {a}"), format!("kept 77 {a}"), format!("select {other}")]);
    // The same one again leaves and comes.
    select(&mut card, OTHER);
    assert_eq!(calls(), [format!("deselect {other}"), format!("select {other}")]);
    select(&mut card, b"\xF5");
    assert_eq!(calls(), [""; 0], "not found: nobody leaves");
    select_p2(&mut card, 0x04, A).unwrap_err();
    assert_eq!(calls(), [""; 0]);
    card.reset().unwrap();
    assert_eq!(calls(), [""; 0], "a reset tells nobody");
    select(&mut card, A);
    assert_eq!(calls(), [format!("select {a}")]);
}

#[test]
fn one_that_refuses_leaves_nobody_selected() {
    let mut card = card(&[A]);
    card.install(MODULES, SHY, SHY, &[]).unwrap();
    let a = Aid::new(A).unwrap();
    select(&mut card, A);
    calls();
    assert_eq!(send(&mut card, &[&hex!("00A4040007")[..], SHY.as_bytes(), &[0]].concat()), (vec![], 0x6982));
    assert_eq!(calls(), [format!("deselect {a}"), format!("select {SHY}")]);
    assert_eq!(card.selected(), None);
    assert_eq!(tell(&mut card, 0x20, 0, 1, &[]).1, 0x6D00);
    assert_eq!(send(&mut card, &hex!("00C0000000")).1, 0x6985, "its answer is gone");
    // What it wrote while it refused is gone too.
    let after = card.snapshot();
    card.reset().unwrap();
    assert_eq!(after, card.snapshot());
    select(&mut card, A);
    assert_eq!(calls(), [format!("select {a}")], "the shy one was not selected, so it does not leave");
}

#[test]
fn transient_memory_goes_with_its_event() {
    let mut card = card(&[A, OTHER]);
    let read = |card: &mut card_sim::Card| [0x11, 0x13, 0x15].map(|ins| tell(card, ins, 3, 2, &[]).0);
    let write = |card: &mut card_sim::Card| {
        for ins in [0x10, 0x12, 0x14] {
            assert_eq!(tell(card, ins, 3, 0, &[ins, 0xAA]).1, 0x9000);
        }
    };
    select(&mut card, A);
    write(&mut card);
    let all = [[0x10, 0xAA], [0x12, 0xAA], [0x14, 0xAA]];
    assert_eq!(read(&mut card), all);
    select(&mut card, b"\xF5");
    assert_eq!(read(&mut card), all, "not found: nothing is cleared");
    select(&mut card, OTHER);
    assert_eq!(read(&mut card), [[0; 2]; 3], "another instance, another memory");
    write(&mut card);
    select(&mut card, A);
    assert_eq!(read(&mut card), [[0x10, 0xAA], [0, 0], [0x14, 0xAA]]);
    write(&mut card);
    select(&mut card, A);
    assert_eq!(read(&mut card), [[0x10, 0xAA], [0, 0], [0x14, 0xAA]], "the same one again leaves too");
    write(&mut card);
    card.reset().unwrap();
    select(&mut card, A);
    assert_eq!(read(&mut card), [[0x10, 0xAA], [0, 0], [0, 0]]);
    select(&mut card, OTHER);
    assert_eq!(read(&mut card), [[0x10, 0xAA], [0, 0], [0, 0]]);
}

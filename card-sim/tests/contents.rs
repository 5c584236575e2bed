//! What a card shows of its memory to those who ask for it, and what its journal costs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use apdu::{Aid, Cut, PowerCut, Transport};
use card_sim::{Card, Held, Place, SeededRandom, image};
use support::{MODULES, NOTEBOOK, card, select, tell, tell_off};

fn two() -> Card {
    let mut card = card(&[b"\xF0first", b"\xF0other"]);
    select(&mut card, b"\xF0other");
    card
}

#[test]
fn each_applet_with_its_memory_and_silent_in_debug() {
    let mut card = two();
    tell(&mut card, 0x10, 3, 0, b"\xAB\xCD");
    let held: Vec<Held<'_>> = card.contents().collect();
    let names: Vec<_> = held.iter().map(|one| (one.aid.as_bytes(), one.module, one.parameters)).collect();
    assert_eq!(names, [(&b"\xF0first"[..], NOTEBOOK, &[][..]), (b"\xF0other", NOTEBOOK, &[])]);
    assert_eq!((held[0].memory, &held[1].memory[..6]), (&[0; 32][..], &[0, 0, 0, 0xAB, 0xCD, 0][..]));
    assert_eq!(format!("{:?}", held[1]), "F06F74686572 of F06E6F7465626F6F6B, 32 bytes");
}

#[test]
fn unstable_cells_are_named_by_applet_or_as_the_journals() {
    let mut card = two();
    assert_eq!(card.unstable().next(), None);
    // Of a write to cell 5, the first thing to come is its journal entry, whose number is of more than zeros.
    card.arm(Some(Cut { write: 1, bytes: 3, unstable: true }));
    tell_off(&mut card, 0x10, 5, 0, &[1]);
    assert_eq!(card.unstable().collect::<Vec<_>>(), [Place { applet: None, at: 16 + 3 }]);
    card.reset().unwrap();
    select(&mut card, b"\xF0other");
    card.arm(Some(Cut { write: 2, bytes: 0, unstable: true }));
    tell_off(&mut card, 0x10, 5, 0, &[1]);
    let two = Some(Aid::new(b"\xF0other").unwrap());
    assert_eq!(card.unstable().last(), Some(Place { applet: two, at: 5 }));
}

/// What is written counts in the cells' own writes and the marks at the end, as the budgets of applets assume.
#[test]
fn the_cost_of_a_write_is_as_stated() {
    let cost = |ins, data: &[u8]| {
        let mut card = two();
        let (writes, before) = (card.writes(), card.transaction());
        tell(&mut card, ins, 0, 0, data);
        (card.writes() - writes, card.transaction() - before)
    };
    let (write, commit) = (u64::from(Card::WRITE_COST.write), u64::from(Card::WRITE_COST.commit));
    assert_eq!(cost(0x10, &[1]), (write + commit, 1));
    assert_eq!(cost(0x10, &[1, 2, 3]), (3 * (write + commit), 3));
    assert_eq!(cost(0x16, &[1, 2, 3]), (3 * write + commit, 1));
    assert_eq!(cost(0x16, &[0, 0]), (0, 0), "what stands there already");
}

/// A card from its image is woken, and is then as after any power-up.
#[test]
fn a_card_without_power_is_woken() {
    let mut card = two();
    card.arm(Some(Cut { write: 2, bytes: 0, unstable: true }));
    tell_off(&mut card, 0x10, 5, 0, &[1]);
    let image = image::encode(&card);
    let mut back = image::decode_unpowered(&image, MODULES, Box::new(SeededRandom::new(1))).unwrap();
    assert!(!back.is_on() && back.unstable().eq(card.unstable()));
    back.wake();
    assert!(back.is_on() && back.contents().all(|held| held.memory == [0; 32]));
    assert_eq!((back.transaction(), back.unstable().next()), (card.transaction() + 1, None));
}

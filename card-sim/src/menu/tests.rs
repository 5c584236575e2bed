//! Merging, case by case.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use hex_literal::hex;
use toolkit::CommandType;

use super::*;
use crate::uicc::toolkit::MENU;

fn entries(texts: &[&str]) -> Vec<Shown> {
    let entry = Entry { next: CommandType::SELECT_ITEM };
    let names = texts.iter().enumerate();
    let shown = names.map(|(index, text)| {
        let aid = Aid::new(&[0xF0, 1, 2, 3, index.try_into().unwrap()]).unwrap();
        Shown { aid, entry, text: text.as_bytes().to_vec(), id: 0 }
    });
    shown.collect()
}

fn merge(below: &[u8], texts: &[&str]) -> Option<Vec<u8>> {
    let mut ours = entries(texts);
    number(&mut ours, &[], &identifiers(below)?);
    let mut room = [0; 256];
    merged(below, None, &ours, &mut room).map(|length| room[..length].to_vec())
}

#[test]
fn behind_what_was_there() {
    let expected = [&hex!("D0 43")[..], &MENU[2..], &hex!("8F06 80"), b"Purse"].concat();
    assert_eq!(merge(&MENU, &["Purse"]).unwrap(), expected);
}

#[test]
fn identifiers_that_clash() {
    for first in 0x7D..=0xFF_u8 {
        let below: Vec<u8> = (first..=0xFF).collect();
        let mut ours = entries(&["One", "Two"]);
        number(&mut ours, &[], &below);
        assert!(ours.iter().all(|entry| entry.id != 0 && !below.contains(&entry.id)) && ours[0].id != ours[1].id);
        // What it had, it keeps, unless that is taken.
        let had = ours.clone();
        number(&mut ours, &had, &below);
        assert_eq!(ours, had);
        number(&mut ours, &had, &[had[0].id]);
        assert!(ours[0].id != had[0].id && ours[1].id == had[1].id);
    }
    let mut ours = entries(&["One", "Two"]);
    number(&mut ours, &[], &(1..=0xFE).collect::<Vec<u8>>());
    assert_eq!(ours.iter().map(|entry| entry.id).collect::<Vec<_>>(), [0xFF], "none is left for the second");
}

#[test]
fn lists_with_something_for_each_item() {
    let head = hex!("8103018581 82028182 8501 4D 8F0201 41 8F0202 42");
    let wrap = |rest: &[u8]| [&[0xD0, u8::try_from(head.len() + rest.len()).unwrap()], &head[..], rest].concat();
    let menu = |rest: &[u8]| {
        let mut menu = wrap(rest);
        menu[5] = 0x25;
        menu
    };
    let tail = |rest: &[u8]| {
        let merged = merge(&menu(rest), &["C", "D"]).unwrap();
        let (at, items) = (2 + head.len(), hex!("8F0280 43 8F0281 44"));
        assert_eq!(merged[at..at + 8], items);
        merged[at + 8..].to_vec()
    };
    assert_eq!(tail(&hex!("1802 2100")), hex!("1804 2100 2424"));
    assert_eq!(tail(&hex!("9F03 01 0506")), hex!("9F05 01 0506 0000"));
    let attributes = hex!("D108 00000390 00000390");
    assert_eq!(tail(&attributes), hex!("D110 00000390 00000390 000003F0 000003F0"));
    assert_eq!(tail(&hex!("9E02 0101 1802 0000")), hex!("1804 0000 2424 9E02 0101"), "the title's own icon stays");
    // What does not fit its items already.
    for odd in [hex!("1801 21").as_slice(), &hex!("1800"), &hex!("9F01 00"), &hex!("D104 00000390")] {
        assert_eq!(tail(odd), odd);
    }
    assert_eq!(tail(&hex!("BF0101")), hex!("BF0101"), "what nobody here knows is kept");
}

#[test]
fn no_room() {
    // Items "x" to fill the menu to this length, with and without a list of next actions.
    let filled = |count: usize, list: bool| {
        let mut inner = hex!("8103012500 82028182 850154").to_vec();
        for id in 1..=count {
            inner.extend([0x8F, 6, id.try_into().unwrap()]);
            inner.extend(b"Items");
        }
        if list {
            inner.extend([0x18, count.try_into().unwrap()]);
            inner.extend(vec![0; count]);
        }
        let length = u8::try_from(inner.len()).unwrap();
        let head = if length < 0x80 { vec![0xD0, length] } else { vec![0xD0, 0x81, length] };
        [head, inner].concat()
    };
    let mut seen = [0; 3];
    for count in 1..=30 {
        for list in [false, true] {
            if 12 + 8 * count + if list { 2 + count } else { 0 } > 253 {
                continue;
            }
            let below = filled(count, list);
            match merge(&below, &["Purse"]) {
                Some(merged) => {
                    assert!(merged.len() <= 256);
                    let ProactiveCommand { action: Action::SetUpMenu(menu), .. } =
                        ProactiveCommand::decode(&merged).unwrap()
                    else {
                        panic!("not a menu")
                    };
                    assert_eq!(menu.items.len(), count + 1);
                    let whole = below.len() + 8 + usize::from(list) <= 250;
                    assert!(!whole || menu.next_actions.is_some() == list);
                    seen[usize::from(menu.next_actions.is_some() != list)] += 1;
                }
                None => seen[2] += 1,
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "whole, without lists, not at all: {seen:?}");
}

#[test]
fn a_menu_taken_away_and_what_is_none() {
    let empty = hex!("D0 0D 8103012500 82028182 8500 8F00");
    let merged = merge(&empty, &["Purse"]).unwrap();
    assert_eq!(merged, [&hex!("D0 18 8103012500 82028182 8505")[..], b"Purse", &hex!("8F06 80"), b"Purse"].concat());
    for other in [
        hex!("D0 0B 8103012101 82028182 8D00").as_slice(),
        &hex!("D0 09 8103012500 82028182"),
        &hex!("D0 0F 8103012500 82028182 8500 8F020041"),
        &hex!("FFFF"),
        &[],
    ] {
        assert_eq!(merge(other, &["Purse"]), None);
    }
}

#[test]
fn lists_of_events() {
    let below = hex!("D0 0E 8103020500 82028182 9903 050304");
    let mut room = [0; 256];
    let length = merged_events(&below, &[4, 7], &mut room).unwrap();
    assert_eq!(room[..length], hex!("D0 0F 8103020500 82028182 9904 05030407"));
    assert_eq!(merged_events(&MENU, &[4], &mut room), None);
}

#[test]
fn alone_one_title_or_another() {
    let mut room = [0; 256];
    let mut ours = entries(&["Purse"]);
    number(&mut ours, &[], &[]);
    let length = alone(CommandNumber::FIRST, &ours, &mut room).unwrap();
    assert_eq!(room[11..length][..7], *b"\x85\x05Purse");
    assert_eq!(alone(CommandNumber::FIRST, &[], &mut room), Some(18), "an empty one takes it away");
}

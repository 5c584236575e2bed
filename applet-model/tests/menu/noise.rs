//! Phones that answer anything: nothing hangs, and nothing is lost.

use applet_model::purse::Language;
use proptest::prelude::*;
use toolkit::{Answer, Dcs, ResultCode, Text};

use super::payments::{confirm, request, two};
use crate::world::bare::{ALICE, BOB};
use crate::world::phone::{Asked, Phone};

/// Every screen that a person can get to in a few steps, as phones that stand there.
fn everywhere() -> Vec<Phone> {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    let mut found = vec![alice.clone(), bob.clone()];
    for entry in 1..=10 {
        let mut phone = alice.clone();
        phone.item(entry);
        found.push(phone.clone());
        phone.item(98);
        found.push(phone);
    }
    confirm(&mut alice, &code);
    found.push(alice.clone());
    found.push(alice.ok().clone());
    found.push(alice.keys("1234").clone());
    found.push(bob.ok().clone());
    found
}

/// The same result for ever: a bounded number of commands.
#[test]
fn a_terminal_that_says_always_the_same() {
    for phone in everywhere() {
        for code in 0..=u8::MAX {
            for answer in [
                Answer::None,
                Answer::Item(200),
                Answer::Item(0),
                Answer::Text(Text::Null),
                Answer::Text(Text::Coded { dcs: Dcs(0x04), bytes: b"\xFF" }),
                Answer::Text(Text::Coded { dcs: Dcs(0x04), bytes: b"#" }),
            ] {
                let mut phone = phone.clone();
                let before = phone.commands;
                while phone.asked.is_some() {
                    phone.respond(ResultCode(code), answer);
                    assert!(phone.commands - before <= 60, "{code:02X} {answer:?}: {:?}", phone.asked);
                }
            }
        }
    }
}

/// What a strange terminal may say.
#[derive(Clone, Debug)]
enum Said {
    Result(u8),
    Item(u8),
    Text(u8, Vec<u8>),
}

fn said() -> impl Strategy<Value = Said> {
    let digits = prop::collection::vec(prop::sample::select(b"0123456789*#+".to_vec()), 0..12);
    prop_oneof![
        6 => Just(Said::Result(0)),
        2 => any::<u8>().prop_map(Said::Result),
        6 => (1u8..=12).prop_map(Said::Item),
        2 => Just(Said::Item(98)),
        1 => any::<u8>().prop_map(Said::Item),
        4 => digits.prop_map(|digits| Said::Text(4, digits)),
        3 => prop::sample::select(vec!["0700000002", "0700000001", "50", "9999", "98", "1"])
            .prop_map(|text| Said::Text(4, text.as_bytes().to_vec())),
        1 => (any::<u8>(), prop::collection::vec(any::<u8>(), 0..30)).prop_map(|(dcs, bytes)| Said::Text(dcs, bytes)),
    ]
}

fn say(phone: &mut Phone, said: &Said) {
    if phone.asked.is_none() {
        phone.open();
    }
    match said {
        Said::Result(code) => phone.result(ResultCode(*code)),
        Said::Item(item) => phone.item(*item),
        Said::Text(dcs, bytes) => phone.respond(ResultCode::DONE, Answer::Text(Text::Coded { dcs: Dcs(*dcs), bytes })),
    };
}

proptest! {
    /// The PIN is none that the noise can say: whatever else it says, no money moves, and every screen can be shown.
    #[test]
    fn no_debit_without_the_pin(all in prop::collection::vec(said(), 1..60), entry in 0usize..26) {
        let mut phones = everywhere();
        let index = entry % phones.len();
        let mut phone = phones.swap_remove(index);
        let before = phone.bare.balance();
        for said in &all {
            say(&mut phone, said);
            if let Some(Asked::Show(text) | Asked::Key(text) | Asked::Line { text, .. }) = &phone.asked {
                prop_assert!(!text.is_empty() && text.chars().count() <= 200);
            }
        }
        prop_assert_eq!(phone.bare.balance(), before);
        // Nothing is stuck.
        for _ in 0..12 {
            if phone.asked.is_some() {
                phone.back();
            }
        }
        prop_assert!(phone.asked.is_none());
    }

    /// Two phones that say anything, the PIN too: money is neither made nor lost.
    #[test]
    fn money_is_conserved(all in prop::collection::vec((any::<bool>(), said(), any::<u8>()), 1..80)) {
        let (mut alice, mut bob) = (Phone::new(ALICE, Language::English), Phone::new(BOB, Language::Swahili));
        let mut shown = vec!["1234".to_owned()];
        for (who, said, pick) in &all {
            let phone = if *who { &mut alice } else { &mut bob };
            match &phone.asked {
                // Mostly what makes sense: a code that was shown, or the PIN.
                Some(Asked::Line { hidden: true, .. }) if pick % 4 > 0 => { phone.keys("1234"); }
                Some(Asked::Line { min: 8, .. }) if pick % 4 > 0 => {
                    let code = shown[usize::from(*pick) % shown.len()].clone();
                    phone.keys(&code);
                }
                Some(Asked::Line { min: 4, .. }) if pick % 4 > 0 => {
                    phone.keys(if *who { "0700000002" } else { "0700000001" });
                }
                Some(Asked::Line { min: 1, .. }) if pick % 4 > 0 => { phone.keys("5"); }
                _ => say(phone, said),
            }
            let first: String = phone.screen().lines().next().unwrap_or_default().split(' ').collect();
            if first.len() == 8 && first.bytes().all(|byte| byte.is_ascii_digit()) {
                shown.push(first);
            }
        }
        let (a, b) = (alice.bare.counters(), bob.bare.counters());
        prop_assert!(a.received <= b.payments && b.received <= a.payments);
        prop_assert!(alice.bare.balance() + bob.bare.balance() <= 20_000);
    }
}

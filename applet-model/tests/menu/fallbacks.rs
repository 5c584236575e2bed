//! Phones that lack a command.

use applet_model::purse::Language;
use toolkit::Facility;

use super::payments::{request, two};
use crate::world::phone::{Asked, Phone};

fn without(phone: &mut Phone, lacking: &[Facility]) {
    phone.facilities.retain(|facility| !lacking.contains(facility));
    phone.open();
}

/// Without SELECT ITEM: the list is a text, and its number is typed.
#[test]
fn without_lists() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    without(&mut alice, &[Facility::SelectItem]);
    alice.shows(
        "Purse\n1 Pay\n2 Request\n3 Enter code\n4 Balance\n5 Last code\n6 People\n7 History\n8 Change PIN\n9 Upload\n\
         10 Language",
    );
    assert!(matches!(alice.asked, Some(Asked::Line { min: 1, max: 2, hidden: false, .. })));
    for wrong in ["11", "0", "*", "", "1#"] {
        alice.keys(wrong).shows("No longer there").ok();
    }
    alice.keys("1").shows("Pay whom?\n98 Type number").keys("98").keys("0700000002").keys("50").keys(&code).ok();
    alice.keys("1234").code();
    assert_eq!(alice.bare.balance(), 5_000);
}

/// Without DISPLAY TEXT: a key clears a text, and 1 is yes.
#[test]
fn without_texts() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    without(&mut alice, &[Facility::DisplayText]);
    alice.pick("Pay").pick("Type number").keys("0700000002").keys("50").keys(&code);
    assert!(matches!(alice.asked, Some(Asked::Key(_))));
    alice.keys("2").shows("Request code").keys(&code).shows("Pay 50.00 to\n+254700000002\nOK?").keys("1");
    alice.shows("PIN").keys("1234").code();
    alice.keys("5");
    assert!(alice.screen().starts_with("Purse: "));
}

/// Without either, or without GET INPUT, there is no entry.
#[test]
fn without_what_a_payment_needs() {
    let (mut alice, _) = two(Language::English);
    assert!(alice.entry().is_some());
    let mut blind = alice.clone();
    without(&mut blind, &[Facility::DisplayText, Facility::GetInkey]);
    assert_eq!(blind.entry(), None);
    without(&mut alice, &[Facility::GetInput]);
    assert_eq!(alice.entry(), None);
}

/// Whatever a phone lacks, and though it is chosen all the same, the conversation ends.
#[test]
fn every_set_of_facilities() {
    for mask in 0..64u8 {
        let (mut alice, _) = two(Language::English);
        let lacking = crate::world::phone::ALL.into_iter().enumerate().filter(|(bit, _)| mask >> bit & 1 != 0);
        without(&mut alice, &lacking.map(|(_, facility)| facility).collect::<Vec<_>>());
        for _ in 0..10 {
            if alice.asked.is_some() {
                alice.back();
            }
        }
        assert!(alice.asked.is_none(), "{mask:06b}");
    }
}

//! People, lists of them, and what is kept.

use applet_model::purse::{AppendContact, Contact, EraseContact, Language};
use toolkit::Facility;

use super::payments::two;
use crate::world::bare::{ALICE, BOB, msisdn};
use crate::world::phone::{Asked, Phone};

fn keep(phone: &mut Phone, number: &str, name: &str) {
    phone.bare.send(&AppendContact { contact: Contact::new(msisdn(number), name).unwrap() }).unwrap();
}

#[test]
fn add_pay_and_delete() {
    let (mut alice, _) = two(Language::English);
    alice.pick("People").shows("People: Add person").pick("Add person").shows("Phone number").keys("0700000002");
    alice.shows("Name\n+254700000002").keys("").shows("A name has 1 to 16 letters").ok();
    alice.keys("Bob the butcher!!").shows("A name has 1 to 16 letters").ok().keys(" Bob ").shows("Saved").ok();
    alice.shows("Bob\n+254700000002: Pay, Request, Delete").back().shows("People: Bob, Add person").back();
    alice.pick("Pay").shows("Pay whom?: Bob, Type number").pick("Bob").shows("Amount\nBob\n+254700000002").back();
    alice.shows("Pay whom?: Bob, Type number").back().pick("People").pick("Bob").pick("Request");
    alice.shows("Amount\nBob\n+254700000002").back().shows("Bob\n+254700000002: Pay, Request, Delete");
    alice.pick("Request").keys("50");
    assert!(alice.screen().ends_with("\nrequest code\n50.00 from\nBob\n+254700000002"), "{}", alice.screen());
    alice.back().pick("People").pick("Bob").pick("Delete").shows("Delete\nBob\n+254700000002?").back();
    alice.shows("Bob\n+254700000002: Pay, Request, Delete").pick("Delete").ok().shows("Deleted").ok();
    alice.pick("People").shows("People: Add person");
}

/// The name stands on the confirmation, too.
#[test]
fn the_confirmation_repeats_the_name() {
    let (mut alice, mut bob) = two(Language::English);
    keep(&mut alice, BOB, "Bob");
    let code = super::payments::request(&mut bob);
    alice.pick("Pay").pick("Bob").keys("50").keys(&code).shows("Pay 50.00 to\nBob\n+254700000002\nOK?");
}

/// From the question for a payment's code, Back leads to all requests, whichever page of people was open before.
#[test]
fn back_to_all_requests() {
    let (mut alice, _) = two(Language::English);
    keep(&mut alice, BOB, "Bob");
    for amount in ["1", "2", "3"] {
        alice.pick("Request").pick("Bob").keys(amount).back();
    }
    alice.pick("Request").pick("Bob").keys("4").ok().back();
    alice.shows("Which request?: 4.00 Bob, 3.00 Bob, 2.00 Bob, 1.00 Bob").back();
    assert!(alice.screen().starts_with("Purse: "));
}

/// A menu selection of an item that is gone.
#[test]
fn somebody_who_is_gone() {
    let (mut alice, _) = two(Language::English);
    keep(&mut alice, BOB, "Bob");
    keep(&mut alice, "+254700000003", "Carol");
    alice.pick("Pay").shows("Pay whom?: Bob, Carol, Type number");
    alice.bare.send(&EraseContact { number: 1 }).unwrap();
    alice.pick("Bob").shows("No longer there").ok().shows("Pay whom?: Carol, Type number").pick("Carol");
    alice.shows("Amount\nCarol\n+254700000003");
    // And one who goes while something is done with them.
    let mut alice = Phone::new(ALICE, Language::English);
    keep(&mut alice, BOB, "Bob");
    alice.open().pick("People").pick("Bob").pick("Delete");
    alice.bare.send(&EraseContact { number: 1 }).unwrap();
    alice.ok().shows("No longer there").ok();
    assert!(alice.screen().starts_with("Purse: "));
}

/// Names that need another alphabet, on phones that have it and on phones that do not.
#[test]
fn names_in_other_letters() {
    for (shows, name) in [(true, "Жанна"), (false, "?????")] {
        let mut alice = Phone::new(ALICE, Language::English);
        keep(&mut alice, BOB, "Жанна");
        keep(&mut alice, "+254700000003", "\u{1F600}x");
        if !shows {
            alice.facilities.retain(|facility| *facility != Facility::Ucs2Display);
        }
        alice.open().pick("Pay").shows(&format!("Pay whom?: {name}, ?x, Type number")).pick(name);
        alice.shows(&format!("Amount\n{name}\n+254700000002"));
    }
}

/// Sixty people, of the widest names and of short ones: page by page, everybody once, and everybody can be chosen.
#[test]
fn more_than_one_page() {
    for name in ["^^^^^^^^^^^^^^", "ЖЖЖ", "Alexander Hamilt", "ж^漢^漢", "éééééé", "a"] {
        for lists in [true, false] {
            let mut alice = Phone::new(ALICE, Language::English);
            for i in 0..60 {
                let most = name.char_indices().map(|(at, _)| at).chain([name.len()]).filter(|at| *at <= 14).max();
                keep(&mut alice, &format!("+2547000001{i:02}"), &format!("{}{i:02}", &name[..most.unwrap()]));
            }
            // Holes in the file.
            for _ in 0..7 {
                alice.bare.send(&EraseContact { number: 20 }).unwrap();
            }
            if !lists {
                alice.facilities.retain(|facility| *facility != Facility::SelectItem);
            }
            let choose = |phone: &mut Phone, item: u8| {
                if lists {
                    phone.item(item)
                } else {
                    phone.keys(&item.to_string())
                };
            };
            choose(alice.open(), 1);
            let mut seen = Vec::new();
            loop {
                let items = listed(&alice);
                for (id, text) in items.iter().filter(|(id, _)| *id < 98) {
                    let mut here = alice.clone();
                    choose(&mut here, *id);
                    let shown = here.screen().contains(text) || text.contains('?');
                    assert!(shown && here.screen().starts_with("Amount\n"), "{text}: {}", here.screen());
                    seen.push(here.screen());
                }
                assert!(items.contains(&(98, "Type number".to_owned())));
                if !items.contains(&(99, "More".to_owned())) {
                    break;
                }
                choose(&mut alice, 99);
            }
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 53, "{name}: everybody once");
        }
    }
}

/// The items of a list, also of one that is a text.
fn listed(phone: &Phone) -> Vec<(u8, String)> {
    match &phone.asked {
        Some(Asked::List { items, .. }) => items.clone(),
        Some(Asked::Line { text, .. }) => {
            let lines = text.lines().skip(1).map(|line| line.split_once(' ').unwrap());
            lines.map(|(id, text)| (id.parse().unwrap(), text.to_owned())).collect()
        }
        other => panic!("{other:?}"),
    }
}

//! Balance, the history, and last codes.

use applet_model::purse::Language;
use toolkit::ResultCode;

use super::payments::{confirm, request, two};
use crate::world::bare::{ALICE, Bare, LIMITS};
use crate::world::phone::{Asked, Phone, kenya};

#[test]
fn history_and_balance() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok().keys("1234");
    let response = alice.code();
    bob.ok().keys(&response).ok();
    alice.ok().pick("History").shows("History: -50.00 +254700000002, +100.00");
    alice.pick("-50.00 +254700000002").shows("No. 2\nPaid 50.00 to\n+254700000002\nBalance 50.00").ok();
    alice.shows("History: -50.00 +254700000002, +100.00").pick("+100.00");
    alice.shows("No. 1\nLoaded 100.00\nBalance 100.00").back().back().pick("Balance").shows("Balance\n50.00").ok();
    bob.pick("History").pick("+50.00 +254700000001");
    bob.shows("No. 2\nReceived 50.00\nfrom +254700000001\nBalance 150.00");
}

/// A long history, page by page: each entry once, in order, and each can be looked at.
#[test]
fn a_long_history() {
    use crate::world::bare::{identity, issuer_key};
    use applet_model::purse::Load;
    use digitally::Amount;
    let mut alice = Phone::new(ALICE, Language::English);
    for counter in 2..=150 {
        alice.bare.send(&Load::new(&issuer_key(), &identity(ALICE), Amount::new(1), counter)).unwrap();
    }
    alice.open().pick("History");
    let mut numbers = Vec::new();
    loop {
        let Some(Asked::List { items, .. }) = alice.asked.clone() else { panic!("{:?}", alice.asked) };
        for (id, _) in items.iter().filter(|(id, _)| *id < 98) {
            let mut here = alice.clone();
            here.item(*id);
            let first = here.screen().lines().next().unwrap().to_owned();
            numbers.push(first.strip_prefix("No. ").unwrap().parse::<u32>().unwrap());
        }
        if !items.iter().any(|(_, text)| text == "More") {
            break;
        }
        alice.pick("More");
    }
    assert!(numbers.iter().copied().eq((87..=150).rev()), "{numbers:?}");
}

#[test]
fn nothing_yet() {
    let mut alice = Phone::of(Bare::with_menu(ALICE, LIMITS, 1, Some(kenya(Language::English))));
    alice.open().pick("Last code").shows("No payment yet").ok().pick("Enter code").shows("No open request").back();
    alice.pick("History").shows("History: +0.01").result(ResultCode::NO_RESPONSE);
    assert!(alice.asked.is_none());
}

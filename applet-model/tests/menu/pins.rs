//! The PIN in the menu: for one payment (S7), counted, blocked, changed.

use applet_model::purse::{Language, Verify};
use applet_model::runtime::PinBlock;

use super::payments::{confirm, request, two};
use crate::world::bare::ALICE;
use crate::world::phone::Phone;

/// S7: neither a PIN verified on a channel, nor that of the payment before, pays.
#[test]
fn a_pin_is_for_one_payment() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    alice.bare.send(&Verify { pin: Some(PinBlock::parse("1234").unwrap()) }).unwrap();
    confirm(&mut alice, &code);
    alice.ok().shows("PIN");
    assert_eq!(alice.bare.balance(), 10_000);
    alice.keys("1234").ok();
    bob.back();
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok().shows("PIN");
    assert_eq!(alice.bare.balance(), 5_000);
    // Nor does a PIN of the menu count on a channel.
    alice.keys("1234");
    alice.bare.session.fill(0);
    assert!(alice.bare.send(&Verify { pin: None }).is_err());
}

/// S7: a conversation's checked request is not the channel's, nor the other way round.
#[test]
fn a_checked_request_stays_in_its_conversation() {
    use crate::world::bare::{BOB, msisdn};
    use applet_model::purse::{Authorise, Check};
    use digitally::{Amount, Code};
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.bare.send(&Verify { pin: Some(PinBlock::parse("1234").unwrap()) }).unwrap();
    alice.bare.send(&Authorise).unwrap_err();
    let check = Check { payee: msisdn(BOB), amount: Amount::new(5000), code: Code::parse(&code, 8).unwrap() };
    alice.bare.send(&check).unwrap();
    // The menu's payment goes on, and the channel's finds it paid or pays nothing more than once.
    alice.ok().keys("1234").code();
    alice.bare.send(&Verify { pin: Some(PinBlock::parse("1234").unwrap()) }).unwrap();
    let twice = alice.bare.send(&Authorise);
    assert_eq!(alice.bare.balance(), 10_000 - if twice.is_ok() { 10_000 } else { 5_000 });
}

/// Behind a confirmation nothing waits for a PIN, nor at the end.
#[test]
fn nothing_waits_behind_a_confirmation() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    assert_eq!(alice.waiting(), [0, 1]);
    alice.ok().keys("4321").ok().back();
    assert_eq!(alice.waiting(), [0, 1], "the confirmation is asked again");
    alice.back().shows("Request code");
    assert_eq!(alice.waiting(), [0, 0]);
    alice.keys(&code).ok();
    for _ in 0..2 {
        alice.keys("4321").ok();
    }
    assert!(alice.screen().starts_with("Purse: "), "{}", alice.screen());
    assert_eq!(alice.waiting(), [0, 0]);
}

#[test]
fn wrong_pins_are_counted_and_block() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok().keys("4321").shows("Wrong PIN.\nTries left: 2").ok().shows("PIN");
    alice.keys("4321").shows("Wrong PIN.\nTries left: 1").ok().keys("1234").code();
    alice.ok();
    bob.back();
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok();
    for left in [2, 1] {
        alice.keys("9999").shows(&format!("Wrong PIN.\nTries left: {left}")).ok();
    }
    alice.keys("9999").shows("PIN is blocked. See your agent").ok();
    assert!(alice.screen().starts_with("Purse: "));
    alice.pick("Pay").shows("PIN is blocked. See your agent").ok();
    alice.pick("Change PIN").shows("PIN is blocked. See your agent").ok().pick("Balance").shows("Balance\n50.00");
    assert_eq!(alice.bare.counters().payments, 1);
}

#[test]
fn change() {
    let mut alice = Phone::new(ALICE, Language::English);
    alice.open().pick("Change PIN").shows("Old PIN").keys("1234").shows("New PIN").keys("567890");
    alice.shows("New PIN again").keys("567891").shows("The new PINs differ").ok().shows("New PIN").keys("567890");
    alice.keys("567890").shows("PIN changed").ok();
    let verify = |alice: &mut Phone, pin: &str| alice.bare.send(&Verify { pin: Some(PinBlock::parse(pin).unwrap()) });
    assert!(verify(&mut alice, "1234").is_err());
    verify(&mut alice, "567890").unwrap();
}

/// After a wrong old PIN only that is asked for again.
#[test]
fn change_with_a_wrong_one() {
    let mut alice = Phone::new(ALICE, Language::English);
    alice.open().pick("Change PIN").keys("4321").keys("5678").keys("5678");
    alice.shows("Wrong PIN.\nTries left: 2").ok().shows("Old PIN").keys("1234").shows("PIN changed").ok();
    alice.pick("Change PIN").keys("1234").keys("5678").keys("5678").shows("Wrong PIN.\nTries left: 2");
    alice.ok().back();
    // What was typed is forgotten.
    alice.pick("Change PIN").keys("5678").shows("New PIN");
}

#[test]
fn back_through_a_change() {
    let mut alice = Phone::new(ALICE, Language::English);
    alice.open().pick("Change PIN").keys("1234").keys("5678").shows("New PIN again");
    alice.back().shows("New PIN").back().shows("Old PIN").back();
    assert!(alice.screen().starts_with("Purse: "));
    assert_eq!(alice.bare.counters().pin_attempts, 0);
}

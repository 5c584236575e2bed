//! Upload: what goes to the issuer, in which messages, and what happens when they do not go.

use applet_model::purse::upload::{CHALLENGE, UploadMessage};
use applet_model::purse::{Entry, Language};
use toolkit::{Facility, ResultCode};

use super::payments::{confirm, request, two};
use crate::world::bare::{ALICE, identity, issuer_key};
use crate::world::phone::{Asked, Phone};

/// Alice, who was loaded once and has paid Bob twice: three entries; and she has asked him for nothing.
fn busy() -> Phone {
    let (mut alice, mut bob) = two(Language::English);
    for _ in 0..2 {
        let code = request(&mut bob);
        confirm(&mut alice, &code);
        alice.ok().keys("1234");
        let response = alice.code();
        bob.ok().keys(&response).ok();
        alice.ok();
    }
    alice
}

/// The numbers of the entries in the message, each checked with the issuer's key.
fn numbers(phone: &Phone) -> Vec<u32> {
    assert!(matches!(&phone.asked, Some(Asked::Message { to, .. }) if to == "+254700000099"), "{:?}", phone.asked);
    match phone.upload() {
        UploadMessage::Entries(entries) => {
            assert_eq!((Some(entries.holder), entries.sequence), (identity(ALICE).number, 1));
            let attested = entries.iter().inspect(|one| assert!(one.is_of(&issuer_key(), &identity(ALICE))));
            attested.map(|one| one.entry.number).collect()
        }
        UploadMessage::Statement(attested) => {
            assert!(attested.is_of(&issuer_key(), CHALLENGE));
            Vec::new()
        }
    }
}

#[test]
fn everything_goes_oldest_first() {
    let mut alice = busy();
    alice.pick("Upload").shows("Send 2 SMS?").ok();
    assert_eq!(numbers(&alice), [1, 2, 3]);
    let UploadMessage::Entries(entries) = alice.upload() else { panic!() };
    let kinds: Vec<u8> = entries.iter().map(|one| one.entry.kind).collect();
    assert_eq!(kinds, [Entry::LOADED, Entry::PAID, Entry::PAID]);
    alice.ok();
    assert_eq!(numbers(&alice), []);
    let UploadMessage::Statement(attested) = alice.upload() else { panic!() };
    assert_eq!((attested.statement.entries, attested.statement.balance.minor_units()), (3, 0));
    alice.ok().shows("All sent").ok();
    // Nothing is new.
    alice.pick("Upload").shows("Nothing new. Send all again, 2 SMS?").back();
    assert!(alice.screen().starts_with("Purse: "));
    alice.pick("Upload").ok();
    assert_eq!(numbers(&alice), [1, 2, 3]);
}

/// A message that does not go stops the upload; the next one goes on from there, after a reset too.
#[test]
fn it_goes_on_where_it_stopped() {
    use applet_model::purse::Load;
    use digitally::Amount;
    let mut alice = busy();
    for counter in 2..=5 {
        alice.bare.send(&Load::new(&issuer_key(), &identity(ALICE), Amount::new(1), counter)).unwrap();
    }
    alice.pick("Upload").shows("Send 4 SMS?").ok();
    for failure in [
        ResultCode::SMS_ERROR,
        ResultCode::NETWORK_BUSY,
        ResultCode::TERMINAL_BUSY,
        ResultCode::NOT_ACCEPTED,
        ResultCode::BACK,
        ResultCode::NO_RESPONSE,
        ResultCode(0x7F),
    ] {
        assert_eq!(numbers(&alice), [1, 2, 3]);
        alice.result(failure).shows("Not all sent. Try again later").ok().pick("Upload").shows("Send 4 SMS?").ok();
    }
    alice.ok();
    assert_eq!(numbers(&alice), [4, 5, 6]);
    alice.result(ResultCode::SESSION_ENDED);
    assert!(alice.asked.is_none());
    alice.bare.power_cycle();
    alice.open().pick("Upload").shows("Send 3 SMS?").ok();
    assert_eq!(numbers(&alice), [4, 5, 6]);
    // An entry that comes while a message is on its way is in a later one.
    alice.ok();
    assert_eq!(numbers(&alice), [7]);
    alice.bare.send(&Load::new(&issuer_key(), &identity(ALICE), Amount::new(1), 6)).unwrap();
    alice.ok();
    assert_eq!(numbers(&alice), [8]);
    alice.ok().ok().shows("All sent");
}

/// The acceptance is written before anything else is sent: a cut loses at most what was accepted just now.
#[test]
fn the_power_fails_after_a_message() {
    let mut alice = busy();
    alice.pick("Upload").ok();
    let before = alice.bare.store.writes;
    let mut cut = alice.clone();
    cut.bare.store.left = Some(0);
    cut.ok();
    assert!(cut.asked.is_none());
    cut.bare.power_cycle();
    cut.open().pick("Upload").shows("Send 2 SMS?");
    alice.ok();
    assert_eq!(alice.bare.store.writes, before + 1);
}

/// Sending all again takes nothing back.
#[test]
fn again_from_the_start() {
    let mut alice = busy();
    alice.pick("Upload").ok().ok().ok().ok();
    alice.pick("Upload").ok().result(ResultCode::SMS_ERROR).ok();
    alice.pick("Upload").shows("Nothing new. Send all again, 2 SMS?").ok().ok().ok().shows("All sent");
}

/// All of it, though all of it was taken before.
#[test]
fn everything_again() {
    use applet_model::purse::Load;
    use digitally::Amount;
    let mut alice = busy();
    for counter in 2..=3 {
        alice.bare.send(&Load::new(&issuer_key(), &identity(ALICE), Amount::new(1), counter)).unwrap();
    }
    alice.pick("Upload").ok().ok().ok().ok().shows("All sent").ok();
    alice.pick("Upload").shows("Nothing new. Send all again, 3 SMS?").ok();
    assert_eq!(numbers(&alice), [1, 2, 3]);
    alice.ok();
    assert_eq!(numbers(&alice), [4, 5]);
    alice.ok();
    assert_eq!(numbers(&alice), []);
}

#[test]
fn without_a_number_or_a_phone_that_sends_there_is_no_upload() {
    let mut alice = busy();
    alice.facilities.retain(|facility| *facility != Facility::SendShortMessage);
    assert!(!alice.open().screen().contains("Upload"));
    alice.item(9).shows("No longer there");
}

/// One with nothing in its logs has still a statement to make.
#[test]
fn an_empty_log() {
    use crate::world::bare::{Bare, LIMITS};
    use crate::world::phone::kenya;
    // Loading nothing is refused, so what is loaded is forgotten.
    let mut alice = Phone::of(Bare::with_menu(ALICE, LIMITS, 1, Some(kenya(Language::English))));
    alice.open().pick("Upload").shows("Send 2 SMS?").ok();
    assert_eq!(numbers(&alice), [1]);
}

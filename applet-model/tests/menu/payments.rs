//! A payment from menu to menu, in each language.

use applet_model::purse::Language;

use crate::world::bare::{ALICE, BOB};
use crate::world::phone::{Asked, Phone};

/// Alice and Bob, both at the first screen.
pub(crate) fn two(language: Language) -> (Phone, Phone) {
    let (mut alice, mut bob) = (Phone::new(ALICE, language), Phone::new(BOB, language));
    alice.open();
    bob.open();
    (alice, bob)
}

/// Bob asks Alice for 50.00; what he shows.
pub(crate) fn request(bob: &mut Phone) -> String {
    bob.pick("Request").pick("Type number").keys("0700000001").keys("50");
    bob.code()
}

/// Alice is at the confirmation of 50.00 for Bob.
pub(crate) fn confirm(alice: &mut Phone, code: &str) {
    alice.pick("Pay").pick("Type number").keys("0700000002").keys("50").keys(code);
    alice.shows("Pay 50.00 to\n+254700000002\nOK?");
}

#[test]
fn in_english() {
    let (mut alice, mut bob) = two(Language::English);
    assert_eq!(alice.entry().as_deref(), Some("Purse"));
    let entries = "Pay, Request, Enter code, Balance, Last code, People, History, Change PIN, Upload, Language";
    alice.shows(&format!("Purse: {entries}"));

    bob.pick("Request").shows("Who pays?: Type number").pick("Type number").shows("Phone number").keys("0700000001");
    bob.shows("Amount\n+254700000001").keys("50");
    let request = bob.code();
    assert!(bob.screen().ends_with("\nrequest code\n50.00 from\n+254700000001"), "{}", bob.screen());
    assert_eq!(bob.screen().as_bytes()[4], b' ', "groups of four");

    alice.pick("Pay").shows("Pay whom?: Type number").pick("Type number").keys("0700000002");
    alice.shows("Amount\n+254700000002").keys("50");
    let code = Asked::Line { text: "Request code".to_owned(), min: 8, max: 8, hidden: false };
    assert_eq!(alice.asked, Some(code), "exactly as many digits as there are");
    alice.keys(&request).shows("Pay 50.00 to\n+254700000002\nOK?");
    assert_eq!(alice.bare.balance(), 10_000);
    alice.ok();
    assert_eq!(alice.asked, Some(Asked::Line { text: "PIN".to_owned(), min: 4, max: 8, hidden: true }));
    alice.keys("1234");
    let response = alice.code();
    assert!(alice.screen().ends_with("\npayment code\nPaid 50.00 to\n+254700000002"), "{}", alice.screen());
    assert_eq!(alice.bare.balance(), 5_000);

    bob.ok().shows("50.00 from\n+254700000001\nPayment code").keys(&response);
    bob.shows("Received 50.00\nfrom +254700000001\nBalance 150.00").ok();
    assert_eq!(bob.bare.balance(), 15_000);
    alice.ok().shows(&format!("Purse: {entries}")).back();
    assert!(alice.asked.is_none());
    bob.shows(&format!("Purse: {entries}"));
}

#[test]
fn in_swahili() {
    let (mut alice, mut bob) = two(Language::Swahili);
    assert_eq!(alice.entry().as_deref(), Some("Pochi"));
    alice.shows(
        "Pochi: Lipa, Omba malipo, Weka msimbo, Salio, Msimbo wa mwisho, Watu, Miamala, Badilisha PIN, Tuma taarifa, \
         Lugha",
    );
    bob.pick("Omba malipo").shows("Nani analipa?: Andika nambari").pick("Andika nambari").shows("Nambari ya simu");
    bob.keys("0700000001").shows("Kiasi\n+254700000001").keys("12*50");
    let request = bob.code();
    assert!(bob.screen().ends_with("\nmsimbo wa ombi\n12.50 kutoka\n+254700000001"), "{}", bob.screen());
    alice.pick("Lipa").shows("Umlipe nani?: Andika nambari").pick("Andika nambari").keys("+254700000002");
    alice.keys("12*5").shows("Msimbo wa ombi").keys(&request).shows("Lipa 12.50 kwa\n+254700000002\nSawa?").ok();
    alice.shows("PIN").keys("1234");
    let response = alice.code();
    assert!(alice.screen().ends_with("\nmsimbo wa malipo\nUmelipa 12.50\nkwa +254700000002"), "{}", alice.screen());
    bob.ok().shows("12.50 kutoka\n+254700000001\nMsimbo wa malipo").keys(&response);
    bob.shows("Umepokea 12.50\nkutoka +254700000001\nSalio 112.50");
    assert_eq!((alice.bare.balance(), bob.bare.balance()), (8_750, 11_250));
}

/// The response is typed later, when the menu was closed: with one open request it is not asked which.
#[test]
fn the_code_is_typed_later() {
    let (mut alice, mut bob) = two(Language::English);
    let request = request(&mut bob);
    bob.back().back();
    assert!(bob.asked.is_none());
    confirm(&mut alice, &request);
    alice.ok().keys("1234");
    let response = alice.code();
    bob.open().pick("Enter code").shows("50.00 from\n+254700000001\nPayment code").keys(&response);
    bob.shows("Received 50.00\nfrom +254700000001\nBalance 150.00");
    bob.ok().pick("Enter code").shows("No open request").ok().pick("Balance").shows("Balance\n150.00");
}

#[test]
fn one_of_several_requests() {
    let (mut alice, mut bob) = two(Language::English);
    let first = request(&mut bob);
    bob.back().pick("Request").pick("Type number").keys("0700000003").keys("7");
    bob.back().pick("Enter code").shows("Which request?: 7.00 +254700000003, 50.00 +254700000001");
    confirm(&mut alice, &first);
    alice.ok().keys("1234");
    let response = alice.code();
    bob.pick("50.00 +254700000001").keys(&response).shows("Received 50.00\nfrom +254700000001\nBalance 150.00");
}

/// S8: whatever became of the screen, the code is there; and the menu says that nobody saw it.
#[test]
fn a_code_that_nobody_saw() {
    use toolkit::ResultCode;
    for lost in [ResultCode::SESSION_ENDED, ResultCode::TERMINAL_BUSY, ResultCode(0x30), ResultCode::NOT_ACCEPTED] {
        let (mut alice, mut bob) = two(Language::English);
        let code = request(&mut bob);
        confirm(&mut alice, &code);
        alice.ok().keys("1234");
        let shown = alice.screen();
        alice.result(lost);
        assert!(alice.asked.is_none());
        alice.open().shows("Your last payment's code was not seen: see Last code").ok();
        alice.pick("Last code").shows("Last code: 50.00 +254700000002").pick("50.00 +254700000002").shows(&shown);
        alice.ok().back();
        alice.open();
        assert!(alice.screen().starts_with("Purse: "), "it was seen");
        assert_eq!(alice.bare.balance(), 5_000);
    }
}

/// Nobody answers: the code comes back, for a while.
#[test]
fn a_code_stays() {
    use toolkit::ResultCode;
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok().keys("1234");
    let shown = alice.screen();
    alice.result(ResultCode::NO_RESPONSE).shows(&shown).result(ResultCode::NO_RESPONSE).shows(&shown);
    alice.result(ResultCode::NO_RESPONSE);
    assert!(alice.asked.is_none());
    alice.open().shows("Your last payment's code was not seen: see Last code");
}

/// The power goes at every write of the last step: old state or new, and the code can be shown if anything was paid.
#[test]
fn the_power_fails_while_paying() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok();
    let mut survived = false;
    for left in 0..50 {
        let mut phone = alice.clone();
        phone.bare.store.left = Some(left);
        phone.keys("1234");
        let answered = phone.asked.is_some();
        phone.bare.power_cycle();
        phone.open();
        if phone.bare.balance() == 5_000 {
            let mut bob = bob.clone();
            phone.pick("Last code").pick("50.00 +254700000002");
            bob.ok().keys(&phone.code()).shows("Received 50.00\nfrom +254700000001\nBalance 150.00");
        } else {
            assert_eq!(phone.bare.balance(), 10_000);
            assert!(!answered);
        }
        if answered {
            survived = true;
            break;
        }
    }
    assert!(survived);
}

//! Every wrong turn leads back, without money or tries lost.

use applet_model::purse::Language;
use toolkit::{Answer, ResultCode, Text};

use super::payments::{confirm, request, two};
use crate::world::phone::{Asked, Phone};

/// The same question, behind a notice.
#[track_caller]
fn again(phone: &mut Phone, notice: &str, question: &str) {
    phone.shows(notice).ok().shows(question);
}

/// Back leads from the PIN to the start, question by question; what was typed before can be typed anew.
#[test]
fn back_through_a_payment() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    confirm(&mut alice, &code);
    alice.ok().shows("PIN").back().shows("Pay 50.00 to\n+254700000002\nOK?");
    alice.back().shows("Request code").back().shows("Amount\n+254700000002").back().shows("Phone number");
    alice.back().shows("Pay whom?: Type number").back();
    assert!(alice.screen().starts_with("Purse: "));
    alice.back();
    assert!(alice.asked.is_none());
    assert_eq!((alice.bare.balance(), alice.bare.counters().pin_attempts), (10_000, 0));
    alice.open();
    confirm(&mut alice, &code);
    alice.ok().keys("1234").code();
}

/// S7: the request that was checked is gone when the person went back behind the confirmation.
#[test]
fn a_cancelled_confirmation_debits_nothing() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    for end in [ResultCode::SESSION_ENDED, ResultCode::NO_RESPONSE, ResultCode::NOT_ACCEPTED, ResultCode(0x14)] {
        confirm(&mut alice, &code);
        alice.result(end);
        assert!(alice.asked.is_none());
        alice.open();
    }
    confirm(&mut alice, &code);
    alice.ok().result(ResultCode::SESSION_ENDED);
    assert!(alice.asked.is_none());
    alice.open().pick("Last code").shows("No payment yet");
    assert_eq!((alice.bare.balance(), alice.bare.counters().pin_attempts), (10_000, 0));
}

#[test]
fn help_explains_and_asks_again() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    let explained = |phone: &mut Phone| {
        let question = phone.screen();
        phone.help();
        assert!(matches!(&phone.asked, Some(Asked::Show(_))), "{question}");
        assert_ne!(phone.screen(), question);
        phone.ok().shows(&question);
    };
    explained(&mut alice);
    explained(alice.pick("Pay"));
    explained(alice.pick("Type number"));
    explained(alice.keys("0700000002"));
    explained(alice.keys("50"));
    alice.keys(&code).ok();
    explained(&mut alice);
    alice.keys("1234").code();
    explained(bob.ok());
}

#[test]
fn what_cannot_be_read_is_asked_again() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    alice.pick("Pay").item(77);
    again(&mut alice, "No longer there", "Pay whom?: Type number");
    alice.pick("Type number");
    for (wrong, why) in [
        ("07*0000002", "Not a phone number"),
        ("0700", "Not a phone number"),
        ("", "Start as you dial it, or with +"),
        ("70000002", "Start as you dial it, or with +"),
        ("0700000001", "This is your own number"),
    ] {
        alice.keys(wrong);
        again(&mut alice, why, "Phone number");
    }
    alice.keys("0700000002");
    for (wrong, why) in [
        ("0", "Amount is zero"),
        ("5#", "Not an amount. Digits only; * for the point"),
        ("+5", "Not an amount. Digits only; * for the point"),
        ("99999999999", "Amount is above your limit"),
    ] {
        alice.keys(wrong);
        again(&mut alice, why, "Amount\n+254700000002");
    }
    alice.keys("50");
    for wrong in ["1234567", "123456789", "1234*678", "1234 5678", "", "########"] {
        alice.keys(wrong);
        again(&mut alice, "The code has 8 digits", "Request code");
    }
    alice.keys(&code).ok();
    for wrong in ["123", "123456789", "12*4", "", "abcd"] {
        alice.keys(wrong);
        again(&mut alice, "A PIN has 4 to 8 digits", "PIN");
    }
    assert_eq!(alice.bare.counters().pin_attempts, 0);
    alice.keys("1234").code();
    bob.ok();
    let question = "50.00 from\n+254700000001\nPayment code";
    bob.keys("1234");
    again(&mut bob, "The code has 8 digits", question);
    assert_eq!(bob.bare.counters().wrong_responses, 0);
}

/// What one side typed differs from what the other did: said once, and asked again.
#[test]
fn wrong_codes() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    alice.pick("Pay").pick("Type number").keys("0700000002").keys("49").keys(&code);
    again(&mut alice, "Number, amount or code is wrong", "Request code");
    alice.back().keys("50").keys(&code).ok().keys("1234");
    let response = alice.code();
    let wrong = if response == "00000000" { "00000001" } else { "00000000" };
    let question = "50.00 from\n+254700000001\nPayment code";
    bob.ok().keys(wrong);
    again(&mut bob, "Wrong code.\nTries left: 4", question);
    bob.keys(&response).shows("Received 50.00\nfrom +254700000001\nBalance 150.00").ok();
    assert_eq!(bob.bare.counters().wrong_responses, 1);

    // The same once more, on either side.
    alice.ok().pick("Pay").pick("Type number").keys("0700000002").keys("50").keys(&code);
    alice.shows("Already paid. This is the code").ok();
    assert_eq!(alice.code(), response);
    let second = request(&mut bob);
    bob.ok().keys(&response);
    again(&mut bob, "Already received", question);
    assert_ne!(second, code);
    assert_eq!((alice.bare.balance(), bob.bare.balance()), (5_000, 15_000));
}

/// Codes from another day: of a request that was answered long ago, and of one that never was.
#[test]
fn codes_from_another_day() {
    let (mut alice, mut bob) = two(Language::English);
    let old = request(&mut bob);
    bob.back();
    let new = request(&mut bob);
    confirm(&mut alice, &new);
    alice.ok().keys("1234");
    let response = alice.code();
    bob.ok().keys(&response).ok();
    // The older request was left behind (P-AUTH-3).
    alice.ok().pick("Pay").pick("Type number").keys("0700000002").keys("50").keys(&old);
    alice.shows("Number, amount or code is wrong");
    assert_eq!((alice.bare.balance(), bob.bare.balance()), (5_000, 15_000));
}

#[test]
fn tries_at_a_request_run_out() {
    let (_, mut bob) = two(Language::English);
    request(&mut bob);
    bob.ok();
    for left in (1..5).rev() {
        bob.keys("00000000").shows(&format!("Wrong code.\nTries left: {left}")).ok();
    }
    bob.keys("00000000").shows("No tries left for this request").ok().pick("Enter code").shows("No open request");
}

/// The card of `docs/protocol.md` section 7 refuses, and the person is told where to go on.
#[test]
fn limits() {
    let (mut alice, mut bob) = two(Language::English);
    bob.pick("Request").pick("Type number").keys("0700000001").keys("51");
    again(&mut bob, "Amount is above your limit", "Amount\n+254700000001");
    bob.keys("50");
    let first = bob.code();
    confirm(&mut alice, &first);
    alice.ok().keys("1234").ok();
    bob.back().pick("Request").pick("Type number").keys("0700000001").keys("50");
    let second = bob.code();
    confirm(&mut alice, &second);
    alice.ok().keys("1234").ok();
    bob.back().pick("Request").pick("Type number").keys("0700000001").keys("1");
    let third = bob.code();
    alice.pick("Pay").pick("Type number").keys("0700000002").keys("1").keys(&third);
    again(&mut alice, "Not enough money", "Amount\n+254700000002");
}

/// A terminal that answers with nothing, or with what nobody can read, ends nothing but the conversation.
#[test]
fn a_terminal_that_answers_nothing() {
    let (mut alice, mut bob) = two(Language::English);
    let code = request(&mut bob);
    let text = |bytes: &'static [u8], dcs| Answer::Text(Text::Coded { dcs: toolkit::Dcs(dcs), bytes });
    for (answer, asked_again) in [
        (Answer::None, false),
        (Answer::Text(Text::Null), true),
        (text(b"\xFF\xFE", 0x08), true),
        (text(b"\x80\x81", 0x04), true),
        (text(b"1234", 0x0C), true),
        (text(&[b'1'; 230], 0x04), true),
    ] {
        confirm(&mut alice, &code);
        alice.ok().respond(ResultCode::DONE, answer);
        assert_eq!(alice.screen(), if asked_again { "A PIN has 4 to 8 digits" } else { "" });
        alice.open();
    }
    assert_eq!((alice.bare.balance(), alice.bare.counters().pin_attempts), (10_000, 0));
}

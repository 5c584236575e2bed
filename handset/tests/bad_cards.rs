//! Cards that do what no card may: the phone says what they did, comes to an end, and can be used again.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

mod support;

use handset::{Handset, HandsetError, Key, Settings};
use support::*;
use toolkit::Action;

/// The error with which this card's menu selection ends, and the phone afterwards.
fn failing(fault: Fault) -> (String, Handset<Card>) {
    let mut card = Card::with([menu("Menu", &["A"])]);
    card.reaction = Box::new(|_| vec![command(Action::MoreTime)]);
    let mut phone = phone(card);
    phone.press(Key::Menu).unwrap();
    phone.card_mut().fault = Some(fault);
    let error = phone.press(Key::Ok).unwrap_err();
    assert!(!error.is_misuse());
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    (format!("{error}{source}"), phone)
}

#[test]
fn each_says_what_the_card_did() {
    let cases = [
        (Fault::Fetch(b""), "the card announces a proactive command of 11 bytes and hands over 0"),
        (Fault::Fetch(&[0xD0; 12]), "the card announces a proactive command of 11 bytes and hands over 12"),
        (
            Fault::Fetch(&[0xFF; 11]),
            "the card's proactive command cannot be read: at byte 0: the outermost tag is not D0",
        ),
        (
            Fault::Fetch(b"\xD0\x09\x01\x07AAAAAAA"),
            "the card's proactive command cannot be read: at byte 4: the value of command details is not allowed",
        ),
        (Fault::FetchSays([0x6F, 0x00]), "the card answers FETCH with 6F00 no precise diagnosis"),
        (Fault::Announces, "the card announces a proactive command of 12 bytes and hands over 11"),
        (Fault::ResponseSays([0x6F, 0x00]), "the card answers TERMINAL RESPONSE with 6F00 no precise diagnosis"),
        (Fault::EnvelopeSays([0x6F, 0x00]), "the card answers ENVELOPE with 6F00 no precise diagnosis"),
        (Fault::EnvelopeSays([0x93, 0x00]), "the card is busy; try again later"),
        (Fault::Silence(0x12), "the card is silent after FETCH"),
        (Fault::Silence(0x14), "the card is silent after TERMINAL RESPONSE"),
        (Fault::Silence(0xC2), "the card is silent after ENVELOPE"),
        (Fault::Endless, "the card had 100 commands and still wants more, with nobody pressing a key"),
    ];
    for (fault, expected) in cases {
        let (error, mut phone) = failing(fault);
        assert_eq!(error, expected, "{fault:?}");
        assert!(phone.screen().text_on_it().starts_with("Card error:"), "{}", phone.screen());
        press(&mut phone, "Down Up");
        assert!(!phone.is_idle(), "what does not fit on the screen can be read");
        // Any other key goes on, and a sound card would be driven as before.
        phone.card_mut().fault = None;
        phone.card_mut().commands.clear();
        phone.press(Key::Ok).unwrap();
        assert!(phone.is_idle(), "{fault:?}");
        phone.select("A").unwrap();
        assert_eq!(last_result(&mut phone), [0]);
    }
}

#[test]
fn an_endless_card_is_asked_so_often_and_no_more() {
    let (_, mut phone) = failing(Fault::Endless);
    let fetched = phone.card_mut().log.iter().filter(|sent| sent[1] == 0x12).count();
    assert_eq!(fetched, Handset::<Card>::MOST_COMMANDS + 1, "the menu, and the rest");
}

#[test]
fn a_card_that_always_resets_comes_to_an_end() {
    let refresh = toolkit::command::Refresh { mode: toolkit::command::RefreshMode::RESET, files: None };
    let mut card = Card::with([command(refresh)]);
    card.fault = Some(Fault::Endless);
    let mut phone = Handset::new(card, Settings::default());
    assert!(matches!(phone.boot(), Err(HandsetError::Endless { commands: 100 })));
    assert_eq!(phone.card_mut().resets, 101);
}

#[test]
fn a_silent_card_does_not_boot() {
    for instruction in [0xA4, 0xB0, 0xB2, 0xF2, 0x10] {
        let card = Card { fault: Some(Fault::Silence(instruction)), ..Card::default() };
        let mut phone = Handset::new(card, Settings::default());
        assert!(matches!(phone.boot(), Err(HandsetError::Silent { .. })), "{instruction:02X}");
    }
}

#[test]
fn a_phone_that_is_off_says_so() {
    let mut phone = Handset::new(Card::default(), Settings::default());
    assert!(matches!(phone.press(Key::Ok), Err(HandsetError::Off)));
    assert!(matches!(phone.wait(), Err(HandsetError::Off)));
    assert!(matches!(phone.select("A"), Err(HandsetError::NoList)));
    assert!(matches!(phone.enter("1"), Err(HandsetError::NotTaken { taken: 0, count: 1 })));
    assert_eq!(phone.screen().text_on_it(), "");
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let mut phone = phone(Card::with([digits("Code", 1, 3)]));
    assert!(matches!(phone.enter("1234"), Err(HandsetError::NotTaken { taken: 3, count: 4 })));
    assert!(matches!(phone.enter("x"), Err(HandsetError::NotTaken { taken: 0, count: 1 })));
    assert_eq!(lines(&phone)[5], "123");
    assert!(matches!(phone.select("A"), Err(HandsetError::NoList)));
    let mut phone = support::phone(Card::with([menu("Menu", &["Pay", "Balance"])]));
    let error = phone.select("Play").unwrap_err();
    assert_eq!(error.to_string(), r#"there is no item "Play"; there are ["Pay", "Balance"]"#);
    assert!(error.is_misuse() && phone.items().is_some());
}

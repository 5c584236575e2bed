//! Scripts: how they are read, what is wrong with others, and what is played.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use handset::script::{PlayError, Script};
use handset::{Handset, Settings};
use proptest::prelude::*;
use support::purses::{payee, payer};
use support::*;

/// Plays a script with a phone for each of these cards; the transcript, and how it ended.
fn play(text: &str, cards: Vec<(&str, Card)>) -> (String, Result<(), PlayError<std::convert::Infallible>>) {
    let script = Script::parse("a.phones", text).unwrap_or_else(|error| panic!("{error}\n{}", error.text));
    let off = |(name, card): (&str, Card)| (name.to_owned(), Handset::new(card, Settings::default()));
    let mut phones: BTreeMap<_, _> = cards.into_iter().map(off).collect();
    let mut transcript = String::new();
    let result = script.play(&mut phones, &mut |played| transcript.push_str(&format!("{played}\n")));
    (transcript, result)
}

const PAYMENT: &str = r#"
phone alice
phone bob

alice: boot
bob: boot
bob: select "Get paid"
bob: type 400
bob: ok
bob: keep request "???? ????"      # whatever it is
alice: select "Pay"
alice: type $request
alice: ok
alice: expect "PIN"
alice: type 1234
alice: expect line 6 "****_"
alice: ok
alice: keep response "???? ????"
alice: ok
bob: ok
bob: type $response
bob: ok
bob: expect "Paid: 400.00"
bob: expect no "Wrong"
bob: ok
bob: expect idle
"#;

#[test]
fn two_phones_exchange_their_codes() {
    let (transcript, result) = play(PAYMENT, vec![("alice", payer()), ("bob", payee())]);
    result.unwrap_or_else(|error| panic!("{transcript}{error}"));
    assert!(transcript.contains("bob: keep request \"???? ????\"  # 47610825\n"), "{transcript}");
    assert!(transcript.contains("alice: type ****\n") && !transcript.contains("1234"), "{transcript}");
    let end = "\
bob: ok
+----------------+
|Paid: 400.00    |
|                |
|                |
|                |
|                |
|                |
+----------------+
bob: expect \"Paid: 400.00\"
bob: expect no \"Wrong\"
bob: ok
+----------------+
|Ready           |
|                |
|                |
|                |
|                |
|digitally       |
+----------------+
bob: expect idle
";
    assert!(transcript.ends_with(end), "{transcript}");
}

#[test]
fn a_screen_that_is_not_as_expected_is_shown() {
    let text = "boot\nselect \"Item 2\"\nexpect \"Enter 4761 ????\"";
    let card = || {
        let mut card = Card::with([TOOLKIT_MENU.to_vec()]);
        card.reaction = Box::new(|_| vec![ENTER_22222.to_vec()]);
        card
    };
    let (_, result) = play(text, vec![("phone", card())]);
    let error = result.unwrap_err();
    assert!(error.is_missed());
    assert_eq!(
        error.to_string(),
        "\
a.phones:3: expect \"Enter 4761 ????\"
  this is not on the screen
  +----------------+
  |Enter 22222     |
  |                |
  |                |
  |                |
  |                |
  |_               |
  +----------------+"
    );
    let after = |steps: &str| play(&format!("boot\nselect \"Item 2\"\n{steps}"), vec![("phone", card())]).1;
    let message = |steps: &str| after(steps).unwrap_err().to_string().lines().nth(1).unwrap().trim().to_owned();
    assert_eq!(message("expect no \"Enter\""), "this is on the screen");
    assert_eq!(message("expect line 1 \"Enter\""), "the line is another");
    assert_eq!(message("expect idle"), "the phone is not idle");
    assert_eq!(message("keep code \"????\""), "this is not on the screen");
    assert_eq!(message("type 222222"), "the phone took 5 of 6 characters");
    assert_eq!(message("select \"A\""), "there is nothing to select from");
    after("type 22222\nexpect \"22222\"\nok\nexpect idle").unwrap();
    after("press 2 Clear\nclear\nhelp\nback\nexpect idle").unwrap();
    after("wait 59\nexpect \"Enter\"\nwait 1\nexpect idle").unwrap();
    after("wait\nexpect idle\nreboot\nmenu\nexpect \">Item 1\"\nend\nexpect idle").unwrap();
}

#[test]
fn a_card_that_fails_ends_the_script() {
    let card = Card { fault: Some(Fault::Fetch(&[0xFF; 61])), ..Card::with([TOOLKIT_MENU.to_vec()]) };
    let error = play("boot", vec![("phone", card)]).1.unwrap_err();
    assert!(!error.is_missed());
    let expected = "a.phones:1: boot\n  the card's proactive command cannot be read: at byte 0: the outermost tag is not D0\n  +----";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn keys_that_mean_nothing_are_noted() {
    let (transcript, result) = play("boot\npress 1 OK", vec![("phone", Card::default())]);
    result.unwrap();
    assert!(transcript.contains("press 1 OK  # ignored: 1 OK\n"), "{transcript}");
}

#[test]
fn no_hands_reach_a_phone_that_lies_on_no_table() {
    for step in ["power", "battery", "battery at 3", "sim"] {
        let error = play(&format!("boot\n{step}"), vec![("phone", Card::default())]).1.unwrap_err();
        let expected = format!("a.phones:2: {step}\n  no hands reach that: ");
        assert!(error.to_string().starts_with(&expected) && !error.is_missed(), "{error}");
    }
}

/// What somebody types who has the phone in hand: keys need no `press`, and nothing is kept for later.
#[test]
fn a_single_step() {
    let step = |text| Script::step(text).map(|script| script.to_string()).map_err(|error| error.message);
    assert_eq!(step("1 2 Down").unwrap(), "press 1 2 Down\n");
    assert_eq!(step("ok # yes").unwrap(), "ok\n");
    assert_eq!(step("battery at 3").unwrap(), "battery at 3\n");
    assert_eq!(step("").unwrap_err(), "the line ends where a step is expected");
    assert_eq!(step("keep a \"?\"").unwrap_err(), "nothing is kept here");
    assert_eq!(step("type $a").unwrap_err(), "nothing is kept here");
    assert!(step("1 dance").unwrap_err().starts_with("there is no step `1`"));
}

#[test]
fn a_phone_that_is_missing_is_named() {
    let error = play("phone alice\nalice: boot", vec![("bob", Card::default())]).1.unwrap_err();
    assert_eq!(error.to_string(), "there is no phone for alice");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let cases = [
        (
            "boot\n  dance",
            "2:3",
            "there is no step `dance`; the steps are boot, reboot, press, select, type, wait, expect, keep, ok, back, end, help, clear, menu, power, battery and sim",
        ),
        ("press 1", "1:1", "this phone is off: `boot` comes first"),
        ("boot\nboot", "2:1", "this phone is on already: `reboot` starts it again"),
        ("boot\npress", "2:6", "the line ends where a key is expected"),
        (
            "boot\npress 1 Okay",
            "2:9",
            "there is no such key; the keys are 0 to 9, *, #, +, Up, Down, OK, Back, Clear, Menu, Help and End",
        ),
        ("boot\nselect Pay", "2:8", "expected the text of an item in quotes, found `Pay`"),
        ("boot\nselect \"Pay", "2:8", "this quote does not end"),
        ("boot\nselect \" \"", "2:8", "there is nothing in these quotes"),
        ("boot\ntype", "2:5", "the line ends where what is keyed in is expected"),
        ("boot\ntype $code", "2:1", "nothing is kept as `code`: `keep` comes before"),
        ("boot\ntype $1", "2:6", "`1` is no name: a name is a letter, and up to 31 more letters, digits, `-` and `_`"),
        ("boot\nkeep code \"4761\"", "2:11", "nothing is kept: `?` stands for each digit to keep"),
        ("boot\nkeep a \"?\"\nkeep a \"?\"", "3:1", "`a` is kept already"),
        ("boot\nexpect line 7 \"\"", "2:13", "`7` is no line: they are 1 to 6"),
        ("boot\nwait 0", "2:6", "`0` is no time: it is in seconds, 1 to 86400"),
        ("power\nbattery at 0", "2:12", "`0` is no write: they are 1 to 10000"),
        ("battery at", "1:11", "the line ends where the number of a write is expected"),
        ("sim 1", "1:5", "nothing more is expected on this line"),
        ("sim\nok", "2:1", "this phone is off: `boot` comes first"),
        ("power\nboot", "2:1", "this phone is on already: `reboot` starts it again"),
        ("boot\nok ok", "2:4", "nothing more is expected on this line"),
        ("boot\nexpect \"a\u{202E}\"", "2:10", "the control character U+202E cannot stand in a script"),
        ("alice: boot", "1:1", "there is no phone `alice`: `phone alice` names one"),
        ("phone alice\nboot", "2:1", "a step begins with the name of its phone and a colon"),
        ("phone alice\nalice:", "2:7", "the line ends where a step is expected"),
        ("phone alice\nphone alice", "2:7", "there is a phone `alice` already"),
        ("boot\nphone alice", "2:1", "phones are named before the first step"),
        ("phone a:", "1:7", "`a:` is no name: a name is a letter, and up to 31 more letters, digits, `-` and `_`"),
    ];
    for (text, place, message) in cases {
        let error = Script::parse("a.phones", text).unwrap_err();
        assert_eq!(error.to_string(), format!("a.phones:{place}: {message}"), "{text}");
    }
}

#[test]
fn a_script_is_no_larger_than_it_may_be() {
    let text = format!("boot\n{}", "ok\n".repeat(Script::MOST_STEPS));
    assert_eq!(Script::parse("a", &text).unwrap_err().message, "a script has at most 20000 steps");
    let error = Script::parse("a", &"#".repeat(Script::LONGEST + 1)).unwrap_err();
    assert_eq!(error.message, "a script has at most 1048576 bytes");
    let text: String = (0..=Script::MOST_PHONES).map(|n| format!("phone p{n}\n")).collect();
    assert_eq!(Script::parse("a", &text).unwrap_err().message, "a script has at most 16 phones");
}

#[test]
fn debug_shows_no_pin() {
    let script = Script::parse("a", "boot\ntype 1234").unwrap();
    assert_eq!(format!("{script:?}"), "Script(1 phones, 2 steps)");
}

/// A step as somebody may write it, without names.
fn step() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["1", "\"#\"", "*", "ok", "DOWN", "Back", "\"9\"", "+", "help"]);
    let quoted = "[a-z?\" \\\\#$é1-9]{0,12}a".prop_map(|text| format!("{text:?}").replace("\\u{", "u{"));
    prop_oneof![
        Just("reboot".to_owned()),
        Just("expect  idle # now".to_owned()),
        prop::collection::vec(key, 1..5).prop_map(|keys| format!("press {}", keys.join("  "))),
        quoted.clone().prop_map(|text| format!("select {text}")),
        quoted.clone().prop_map(|text| format!("type {text}")),
        quoted.clone().prop_map(|text| format!("expect {text}")),
        quoted.clone().prop_map(|text| format!("expect no {text}")),
        (1..7, quoted).prop_map(|(line, text)| format!("expect line {line} {text}")),
        (1..86_400).prop_map(|seconds| format!("wait {seconds}")),
        (1..=10_000).prop_map(|write| format!("battery at {write}")),
        prop::sample::select(vec!["power", "battery", "sim", "ok", "wait", "menu", "clear", "help", "type +254"])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_script_reads_as_it_was_written(steps in prop::collection::vec((any::<bool>(), step()), 0..12)) {
        let name = |alice: bool| if alice { "alice" } else { "bob" };
        let lines: String = steps.iter().map(|(alice, step)| format!("{}: {step}\n", name(*alice))).collect();
        let text = format!("phone alice\nphone bob\nalice: boot\nbob: boot\nalice: keep code \"??\"\n{lines}bob: type $code\n");
        let script = Script::parse("a", &text).unwrap();
        prop_assert_eq!(script.phones().collect::<Vec<_>>(), ["alice", "bob"]);
        let usual = script.to_string();
        let again = Script::parse("b", &usual).unwrap();
        prop_assert!(again == script, "{usual}");
        prop_assert_eq!(again.to_string(), usual);
    }
}

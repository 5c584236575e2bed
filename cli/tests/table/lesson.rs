//! The lesson and what passes, beside the phones and line by line.

use crate::cards::Cards;
use crate::scripts::run;
use crate::window::Window;

const F2: &str = "\x1bOQ";
const F3: &str = "\x1bOR";
const F4: &str = "\x1bOS";

#[test]
fn the_lesson_lies_beside_the_phones() {
    let mut window = Window::open(&["phones", "--lesson", "--explain"]);
    window.sees("Lesson 1/10");
    window.sees("> Alice: hold the power key");
    window.type_in("4");
    window.sees("> Bob: hold the power key");
    window.type_in("0");
    window.sees("Lesson 2/10");
    window.sees("> Bob: press Menu");
    // To read on, and back.
    window.type_in(F4);
    window.sees("Lesson 3/10");
    window.type_in(F3);
    window.sees("Lesson 2/10");
    // What passes.
    window.type_in(F2);
    window.sees("What passes");
    window.sees("SET UP MENU");
    window.type_in("\x1b[5~\x1b[5~");
    window.sees("TERMINAL PROFILE");
    window.type_in(F2);
    window.sees("Lesson 2/10");
    window.type_in("y");
    window.sees("> Bob: choose \"Purse\"");
    window.type_in("\x03");
    assert_eq!(window.ends(), 0);
    assert!(window.is_as_before());
}

#[test]
fn the_lesson_is_told_line_by_line() {
    let (exit, told) = run(&["--plain", "--lesson", "--explain"], "left power\nright power\nright menu\nright end\n");
    assert_eq!(exit, 0, "{told}");
    let mut from = 0;
    for words in [
        "lesson 1/10: Two phones",
        "next: Alice: hold the power key",
        "Alice > 80100000 TERMINAL PROFILE",
        "next: Bob: hold the power key",
        "lesson 2/10: Bob asks for money",
        "next: Bob: press Menu",
        "next: Bob: choose \"Purse\"",
        "next: Bob: press Menu",
    ] {
        from += told[from..].find(words).unwrap_or_else(|| panic!("no {words}: {}", &told[from..])) + words.len();
    }
}

#[test]
fn one_phone_has_no_lesson() {
    let (exit, _) = run(&["--plain", "--lesson", "--one"], "");
    assert_eq!(exit, 2);
    let (exit, told) = run(&["--plain", "--explain", "--one"], "left power\n");
    assert!(exit == 0 && told.contains("SET UP MENU"), "{told}");
}

/// What passes between phones and cards with money on them: no code, no PIN, no key, unless the codes are asked for.
#[test]
fn of_cards_in_files_no_code_is_told() {
    let cards = Cards::new();
    let play =
        ["phones", "--script", "pay.phones", "--left", "alice.card", "--right", "bob.card", "--lesson", "--explain"];
    for (more, veiled) in [(None, true), (Some("--trace-secrets"), false)] {
        let (exit, told) = cards.digitally(&play.into_iter().chain(more).collect::<Vec<_>>());
        assert_eq!(exit, 0, "{told}");
        let kept = told.lines().filter_map(|line| line.split_once("  # ")).map(|(_, code)| code.to_owned());
        let codes: Vec<String> = kept.collect();
        assert_eq!(codes.len(), 2, "{told}");
        let passed: Vec<&str> =
            told.lines().filter(|line| line.starts_with("  alice ") || line.starts_with("  bob ")).collect();
        let text = passed.join("\n");
        assert!(text.contains("X 250.00") && text.contains("the cards' secret") && text.contains("••"), "{text}");
        let digits: String = text.chars().filter(|character| *character != ' ').collect();
        for code in &codes {
            assert_eq!(digits.contains(code), !veiled, "{code}: {text}");
        }
        assert!(!text.contains("\"1234\"") && !text.contains("MAC, first"), "{text}");
    }
}

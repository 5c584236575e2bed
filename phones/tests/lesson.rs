//! A lesson: by its own instructions, and off the straight way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "all of this is test code"
)]

mod room;

use handset::Key;
use phones::lesson::{Act, Lesson, Page, Step};
use phones::{Side, Touch};
use room::{LANGUAGES, Room};

/// What is said is done, as it is said.
fn follow(room: &mut Room, step: &Step) {
    let side = step.side;
    match &step.act {
        Act::Battery => room.touch(side, Touch::Battery),
        Act::Sim => room.touch(side, Touch::Sim),
        Act::SwitchOn | Act::SwitchOff => room.touch(side, Touch::Power),
        Act::Menu => room.key(side, Key::Menu),
        Act::Choose(item) => room.select(side, item),
        Act::Type(text) => room.type_rest(side, &text.replace(' ', "")),
        Act::Pin(pin) => room.type_rest(side, pin.unwrap()),
        Act::Ok => room.key(side, Key::Ok),
        Act::Back => room.key(side, Key::Back),
        Act::Clear => room.key(side, Key::Clear),
    }
    if matches!(step.act, Act::Type(_) | Act::Pin(_)) {
        room.key(side, Key::Ok);
    }
}

/// Follows the lesson to its end, from wherever it is, and says by which pages.
fn finish(room: &mut Room, lesson: &mut Lesson) -> Vec<Page> {
    let mut pages = vec![lesson.page()];
    for _ in 0..200 {
        let shown = lesson.shown();
        fits(&shown.to_string());
        let Some(step) = shown.next else {
            assert_eq!(shown.page, Page::End, "{shown:?}");
            return pages;
        };
        follow(room, &step);
        room.show(lesson);
        if *pages.last().unwrap() != lesson.page() {
            pages.push(lesson.page());
        }
    }
    panic!("no way to the end: {:?}", lesson.shown());
}

/// A page fits into the pane.
fn fits(page: &str) {
    let lines: usize = page.lines().map(|line| phones::wrapped(line, 33).len()).sum();
    assert!(lines <= 20, "{lines} lines:\n{page}");
}

/// Follows the lesson as far as this page.
fn lead(room: &mut Room, lesson: &mut Lesson, to: Page) {
    for _ in 0..100 {
        if lesson.page() == to {
            return;
        }
        let step = lesson.shown().next.unwrap();
        follow(room, &step);
        room.show(lesson);
    }
    panic!("no way to {to:?}: {:?}", lesson.shown());
}

fn begun(language: applet_model::purse::Language) -> (Room, Lesson) {
    let room = Room::new(language);
    let lesson = Lesson::new(&room.table, Some(phones::fresh::PIN)).unwrap();
    (room, lesson)
}

#[test]
fn its_own_instructions_lead_through_every_page_in_order() {
    for language in LANGUAGES {
        let (mut room, mut lesson) = begun(language);
        assert_eq!(finish(&mut room, &mut lesson), Page::ALL);
        assert_eq!(room.balances(), [750_00, 1250_00]);
        // And once more, the other way round.
        room.key(Side::Left, Key::Ok);
        let ask = if language == LANGUAGES[0] { "Request" } else { "Omba malipo" };
        room.select(Side::Left, ask);
        room.select(Side::Left, "Bob");
        room.type_rest(Side::Left, "12*50");
        room.key(Side::Left, Key::Ok);
        room.show(&mut lesson);
        assert_eq!((lesson.page(), lesson.shown().next.unwrap().name.as_str()), (Page::Tell, "Bob"));
        finish(&mut room, &mut lesson);
        assert_eq!(room.balances(), [762_50, 1237_50]);
    }
}

/// Wandering off on one side, as something that people do there.
type Slip = (&'static str, fn(&mut Room, Side));

const SLIPS: [Slip; 10] = [
    ("Back", |room, side| room.key(side, Key::Back)),
    ("Back twice", |room, side| {
        room.key(side, Key::Back);
        room.key(side, Key::Back);
    }),
    ("End", |room, side| room.key(side, Key::End)),
    ("Help", |room, side| room.key(side, Key::Help)),
    ("off", |room, side| room.touch(side, Touch::Power)),
    ("battery", |room, side| room.touch(side, Touch::Battery)),
    ("SIM", |room, side| room.touch(side, Touch::Sim)),
    ("Down and OK", |room, side| {
        room.key(side, Key::Down);
        room.key(side, Key::Ok);
    }),
    ("something typed", |room, side| {
        for _ in 0..8 {
            room.key(side, Key::Nine);
        }
        room.key(side, Key::Ok);
    }),
    ("the battery loose", |room, side| room.loosen(side, 1)),
];

/// From every step of the straight way, each slip on each side; then the lesson leads to its end, and no money is made.
#[test]
fn every_slip_at_every_step_leads_back() {
    for (language, limit) in [(LANGUAGES[0], usize::MAX), (LANGUAGES[1], 3)] {
        for (name, slip) in SLIPS.into_iter().take(limit) {
            for side in Side::BOTH {
                for steps in 0.. {
                    let (mut room, mut lesson) = begun(language);
                    let mut done = 0;
                    while done < steps
                        && let Some(step) = lesson.shown().next
                    {
                        follow(&mut room, &step);
                        room.show(&mut lesson);
                        done += 1;
                    }
                    if done < steps {
                        break;
                    }
                    slip(&mut room, side);
                    room.show(&mut lesson);
                    let before = room.table.now();
                    finish(&mut room, &mut lesson);
                    let [alice, bob] = room.balances();
                    assert_eq!(alice + bob, 2000_00, "{name} on {side:?} after {steps} steps");
                    assert!(alice != 1000_00, "{name} on {side:?} after {steps} steps: nobody paid, {before:?}");
                }
            }
        }
    }
}

/// What goes wrong is named, and the way on is the next step.
#[test]
fn a_slip_is_told() {
    let note = |lesson: &Lesson| lesson.shown().note.unwrap_or_default();
    let (mut room, mut lesson) = begun(LANGUAGES[0]);
    // Another amount than Bob asked for.
    lead(&mut room, &mut lesson, Page::Tell);
    for _ in 0..4 {
        let step = lesson.shown().next.unwrap();
        if matches!(step.act, Act::Type(_)) {
            break;
        }
        follow(&mut room, &step);
        room.show(&mut lesson);
    }
    room.type_rest(Side::Left, "200");
    room.show(&mut lesson);
    assert_eq!(lesson.shown().next.unwrap().act, Act::Clear);
    room.key(Side::Left, Key::Ok);
    room.show(&mut lesson);
    assert_eq!(lesson.shown().next.unwrap().act, Act::Back);
    assert!(note(&lesson).contains("another amount than 250.00"), "{:?}", lesson.shown());
    // A wrong code, as often as the card bears it; then it wants the phone off.
    lead(&mut room, &mut lesson, Page::Type);
    let mut told = Vec::new();
    for _ in 0..5 {
        if lesson.page() != Page::Type {
            break;
        }
        room.type_rest(Side::Left, "00100000");
        room.key(Side::Left, Key::Ok);
        room.show(&mut lesson);
        told.push(note(&lesson));
        room.key(Side::Left, Key::Ok);
        room.show(&mut lesson);
    }
    assert!(told[0].starts_with("Something differs"), "{told:?}");
    assert!(told.last().unwrap().contains("off and on"), "{told:?}");
    assert_eq!(lesson.shown().next.unwrap().act, Act::SwitchOff);
    // A wrong PIN.
    lead(&mut room, &mut lesson, Page::Pin);
    room.type_rest(Side::Left, "9999");
    room.key(Side::Left, Key::Ok);
    room.show(&mut lesson);
    assert!(note(&lesson).contains("counts wrong PINs"), "{:?}", lesson.shown());
    // Her code is right; Bob types another.
    lead(&mut room, &mut lesson, Page::Code);
    while !matches!(lesson.shown().next.unwrap().act, Act::Type(_)) {
        let step = lesson.shown().next.unwrap();
        follow(&mut room, &step);
        room.show(&mut lesson);
    }
    room.type_rest(Side::Right, "00000000");
    room.key(Side::Right, Key::Ok);
    room.show(&mut lesson);
    assert!(note(&lesson).contains("counted that before"), "{:?}", lesson.shown());
    finish(&mut room, &mut lesson);
    assert_eq!(room.balances(), [750_00, 1250_00]);
}

/// A PIN that is blocked, requests that are used up: there is another way, or it is said that there is none.
#[test]
fn what_is_blocked_is_no_trap() {
    let (mut room, mut lesson) = begun(LANGUAGES[0]);
    lead(&mut room, &mut lesson, Page::Pin);
    while room.glimpse(Side::Left).counters.pin_tries > 0 {
        if room.phone(Side::Left).handset().is_hidden() {
            room.type_rest(Side::Left, "9999");
        }
        room.key(Side::Left, Key::Ok);
        room.show(&mut lesson);
    }
    // Five wrong PINs later it is Alice who asks, and Bob who pays.
    let steps = std::iter::from_fn(|| {
        let step = lesson.shown().next?;
        follow(&mut room, &step);
        room.show(&mut lesson);
        Some(step)
    });
    let names: Vec<String> = steps.take(100).map(|step| step.name).collect();
    assert_eq!((lesson.page(), room.balances()), (Page::End, [1250_00, 750_00]), "{names:?}");
}

#[test]
fn pages_can_be_turned_and_the_payment_turns_them_back() {
    let (mut room, mut lesson) = begun(LANGUAGES[0]);
    let mut read = vec![lesson.shown().page];
    for _ in 0..12 {
        lesson.skip();
        let shown = lesson.shown();
        assert!(shown.page == Page::SwitchOn || shown.next.is_none() && shown.note.is_some());
        fits(&shown.to_string());
        read.push(shown.page);
    }
    read.dedup();
    assert_eq!(read, Page::ALL);
    lesson.turn_back();
    assert_eq!((lesson.shown().page, lesson.page()), (Page::Received, Page::SwitchOn));
    for side in Side::BOTH {
        room.touch(side, Touch::Power);
        room.show(&mut lesson);
    }
    assert_eq!((lesson.shown().page, lesson.page()), (Page::Ask, Page::Ask));
}

/// The numbers on the pages are those of the account of `docs/entropy.md`.
#[test]
fn the_numbers_are_computed() {
    let (_, mut lesson) = begun(LANGUAGES[0]);
    let mut text = String::new();
    for _ in Page::ALL {
        text += &lesson.shown().to_string();
        lesson.skip();
    }
    for number in [
        "fits 1 in 100,000;",
        "wrong digit, 1 in 266,667;",
        "swapped, 1 in 233,333.",
        "1 in 100,000,000 a try",
        "1 in 20,000,000 in the 5 tries",
        "1 in 12,500,000 in the 8 ",
        "4 digits is in 1 in 3,333",
    ] {
        assert!(text.replace('\n', " ").contains(number), "{number}: {text}");
    }
}

#[test]
fn there_is_no_lesson_without_two_people() {
    let [alice, _] = phones::fresh::pair(LANGUAGES[0], || Box::new(card_sim::SeededRandom::new(1))).unwrap();
    let phone =
        phones::Phone::new(card_sim::Overlay::new(alice.card, phones::fresh::sim(1)), handset::Settings::default());
    let table = phones::Table::new(phones::Placed { name: "Alice".to_owned(), phone }, None);
    assert!(Lesson::new(&table, None).is_none());
}

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
    let lines: usize = page.lines().map(|line| phones::wrapped(line, 34).len()).sum();
    assert!(lines <= 22, "{lines} lines:\n{page}");
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

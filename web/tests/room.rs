//! The room by the names that the page uses: a payment, languages, patience, batteries.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::time::Duration;

use phones::{Side, Standing};
use web::{Room, RoomError, Spoken};

fn room() -> Room {
    Room::new("en").unwrap()
}

fn touch(room: &mut Room, side: Side, names: &str) {
    for name in names.split_whitespace() {
        assert_eq!(room.touch(side, name).unwrap(), None, "{name}\n{}", room.phone(side).unwrap().phone.screen());
    }
}

fn digits(text: &str) -> String {
    text.chars().map(|digit| format!("{digit} ")).collect()
}

fn text(room: &Room, side: Side) -> String {
    room.phone(side).unwrap().phone.screen().text_on_it()
}

fn spoken(room: &Room, side: Side) -> (String, String) {
    let Spoken { card, page } = Spoken::of(&room.phone(side).unwrap().phone);
    (card, page)
}

/// The eight digits that a screen begins with.
fn code(room: &Room, side: Side) -> String {
    text(room, side).chars().filter(char::is_ascii_digit).take(8).collect()
}

/// Goes down to an item, and chooses it.
fn select(room: &mut Room, side: Side, item: &str) {
    for _ in 0..12 {
        if spoken(room, side).0.starts_with(&format!("{item}.")) {
            return touch(room, side, "OK");
        }
        touch(room, side, "Down");
    }
    panic!("no {item}\n{}", room.phone(side).unwrap().phone.screen());
}

/// Switches on, and opens the purse.
fn open(room: &mut Room, side: Side) {
    touch(room, side, "power left");
    select(room, side, "Purse");
}

/// Bob requests 250 from Alice, who pays; it ends with her code on the screen.
fn pay(room: &mut Room) {
    open(room, Side::Right);
    select(room, Side::Right, "Request");
    touch(room, Side::Right, "OK 2 5 0 left");
    let request = code(room, Side::Right);
    open(room, Side::Left);
    touch(room, Side::Left, &format!("OK OK 2 5 0 left {} left left 1 2 3", digits(&request)));
    assert_eq!(spoken(room, Side::Left), ("PIN".into(), "3 typed".into()));
    touch(room, Side::Left, "4 left");
}

#[test]
fn a_payment_is_made_and_said() {
    let mut room = room();
    assert_eq!(spoken(&room, Side::Left), (String::new(), "The phone is off".into()));
    pay(&mut room);
    let payment = code(&room, Side::Left);
    let (said, _) = spoken(&room, Side::Left);
    assert!(said.replace([' ', ','], "").starts_with(&format!("{payment}paymentcode")), "{said}");
    touch(&mut room, Side::Right, "left");
    assert_eq!(spoken(&room, Side::Right).1, "nothing typed");
    touch(&mut room, Side::Right, &digits(&payment));
    assert!(spoken(&room, Side::Right).0.replace([' ', ','], "").starts_with(&payment));
    touch(&mut room, Side::Right, "left");
    assert!(text(&room, Side::Right).ends_with("Balance 1250.00"), "{}", text(&room, Side::Right));
}

#[test]
fn lists_are_said_with_the_selected_item_first() {
    let mut room = room();
    open(&mut room, Side::Left);
    touch(&mut room, Side::Left, "Down");
    assert_eq!(spoken(&room, Side::Left), ("Request. Purse".into(), "2 of 10".into()));
}

#[test]
fn a_battery_that_is_pulled_loses_no_money() {
    let mut room = room();
    pay(&mut room);
    let payment = code(&room, Side::Left);
    touch(&mut room, Side::Left, "battery");
    assert_eq!(spoken(&room, Side::Left).1, "The battery is out");
    touch(&mut room, Side::Left, "battery");
    open(&mut room, Side::Left);
    select(&mut room, Side::Left, "Last code");
    touch(&mut room, Side::Left, "OK");
    assert_eq!(code(&room, Side::Left), payment);
}

/// Four times, at another write each time, since a fifth try would be one too many: each is counted before the card compares.
#[test]
fn loose_batteries_fall_out_and_the_money_comes_once() {
    let mut room = room();
    pay(&mut room);
    let payment = code(&room, Side::Left);
    touch(&mut room, Side::Right, "left");
    for write in 1..=4 {
        touch(&mut room, Side::Right, &"loosen ".repeat(write));
        touch(&mut room, Side::Right, &digits(&payment));
        assert_eq!(room.touch(Side::Right, "left").unwrap().as_deref(), Some("The battery fell out"));
        assert_eq!(room.phone(Side::Right).unwrap().phone.standing(), Standing::NoBattery);
        assert_eq!(room.phone(Side::Right).unwrap().phone.loose(), None);
        touch(&mut room, Side::Right, "battery");
        open(&mut room, Side::Right);
        select(&mut room, Side::Right, "Enter code");
    }
    touch(&mut room, Side::Right, &format!("{} left", digits(&payment)));
    assert!(text(&room, Side::Right).ends_with("Balance 1250.00"), "{}", text(&room, Side::Right));
}

#[test]
fn patient_phones_wait_and_others_do_not() {
    for (patient, waits) in [(true, true), (false, false)] {
        let mut room = room();
        room.be_patient(patient);
        open(&mut room, Side::Left);
        room.pass(Duration::from_secs(3600));
        assert_eq!(text(&room, Side::Left).starts_with("Purse"), waits);
    }
}

#[test]
fn what_is_malformed_is_said() {
    assert_eq!(Room::new("xx").unwrap_err(), RoomError::Language("xx".into()));
    assert_eq!(room().touch(Side::Left, "Any").unwrap_err(), RoomError::Touch("Any".into()));
}

#[test]
fn the_card_speaks_swahili() {
    let mut room = Room::new("sw").unwrap();
    touch(&mut room, Side::Right, "power left");
    select(&mut room, Side::Right, "Pochi");
    assert_eq!(spoken(&room, Side::Right), ("Lipa. Pochi".into(), "1 of 10".into()));
}

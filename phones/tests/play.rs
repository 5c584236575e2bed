//! The table as it is played on: who watches sees all that is done, and scripts have hands.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use applet_model::purse::Language;
use card_sim::uicc::Uicc;
use card_sim::{Card, Overlay, SeededRandom};
use handset::script::Script;
use handset::{Key, Room, Settings};
use phones::{Hint, Observer, Phone, Placed, Play, Seen, Side, Standing, Table, Touch, Touched, at_write, fresh};

type Sim = Overlay<Card, Uicc>;

fn play() -> Play<Sim> {
    let mut seed = 0;
    let people = fresh::pair(Language::English, || {
        seed += 1;
        Box::new(SeededRandom::new(seed))
    });
    let [alice, bob] = people.unwrap();
    let placed = |person: fresh::Person, at| Placed {
        name: person.name.to_owned(),
        phone: Phone::new(Overlay::new(person.card, fresh::sim(at)), Settings::default()),
    };
    Play::new(Table::new(placed(alice, 1), Some(placed(bob, 2))))
}

/// All that it saw, in words.
#[derive(Default)]
struct Notes(Vec<String>);

impl Observer<Sim> for Notes {
    fn touched(&mut self, seen: &Seen<'_, Sim>) {
        let came = match seen.came {
            Touched::Taken => "taken".to_owned(),
            Touched::Ignored(hint) => hint.to_string(),
            Touched::Failed(error) => error.to_string(),
        };
        let first = seen.phone.screen().lines().next().unwrap();
        self.0.push(format!("{} {:?} {:?}: {came}; {first}", seen.at.as_secs(), seen.side, seen.touch));
    }

    fn changed(&mut self, at: Duration, side: Side, phone: &Phone<Sim>) {
        self.0.push(format!("{} {side:?}: {}", at.as_secs(), phone.screen().lines().next().unwrap()));
    }
}

#[test]
fn who_watches_sees_all_that_is_done() {
    let mut play = play();
    let notes = Rc::new(RefCell::new(Notes::default()));
    play.watch(Box::new(Rc::clone(&notes)));
    play.touch(Side::Left, Touch::Key(Key::One));
    assert_eq!(play.hint(Side::Left), Some(Hint::Off));
    assert!(play.pass(Duration::from_secs(5)).is_empty());
    assert_eq!(play.hint(Side::Left), None);
    play.touch(Side::Left, Touch::Power);
    play.phone("Alice").map(|mut alice| handset::Player::select(&mut alice, "Item 1")).unwrap().unwrap();
    assert!(play.pass(Duration::from_secs(60)).is_empty());
    assert_eq!(
        notes.borrow().0,
        [
            "0 Left Key(One): Phone is off; ",
            "5 Left Power: taken; Ready",
            "5 Left Key(Menu): taken; Toolkit Menu",
            "5 Left Key(Ok): taken; Item 1",
            "65 Left: Ready",
        ]
    );
}

/// At every write of a payment the battery falls out, which ends no script; it is put back, and the phone starts.
#[test]
fn a_battery_that_falls_out_ends_no_script() {
    let text = include_str!("../scripts/battery.phones");
    let (first, _) = text.split_once("Alice: expect no").unwrap();
    let end = "Alice: reboot\nAlice: expect idle\nBob: end\nBob: expect idle\n";
    let mut fell = 0;
    for write in 1..=40 {
        let script = first.replace("battery at 20", &format!("battery at {write}")) + end;
        let mut play = play();
        let mut out = false;
        let played = Script::parse("battery.phones", &script).unwrap().play(&mut play, &mut |step| {
            out |=
                step.said == "Alice: ok" && step.screen.as_ref().is_some_and(|screen| screen.text_on_it().is_empty());
        });
        played.unwrap_or_else(|error| panic!("{write}: {error}"));
        fell += usize::from(out);
    }
    assert!((20..40).contains(&fell), "{fell}");
}

#[test]
fn the_whole_script_is_played() {
    let script = Script::parse("battery.phones", include_str!("../scripts/battery.phones")).unwrap();
    script.play(&mut play(), &mut |_| ()).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_battery_that_is_put_back_sits_firmly() {
    let mut play = play();
    let loose = |play: &Play<Sim>| play.table().left().loose();
    play.touch(Side::Left, Touch::Loosen(at_write(3)));
    assert_eq!(loose(&play), Some(3));
    play.touch(Side::Left, Touch::Battery);
    play.touch(Side::Left, Touch::Battery);
    assert_eq!((loose(&play), play.table().left().standing()), (None, Standing::Off));
}

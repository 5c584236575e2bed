//! What hands do to a phone: keys at the wrong time, the power key, the battery, the SIM.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use apdu::Cut;
use applet_model::purse::Language;
use card_sim::uicc::Uicc;
use card_sim::{Card, Overlay, SeededRandom};
use handset::{Key, Settings};
use phones::{Hint, Phone, Placed, Side, Standing, Table, Touch, Touched, fresh};

type Alices = Phone<Overlay<Card, Uicc>>;

fn table(language: Language) -> Table<Overlay<Card, Uicc>> {
    let [alice, bob] = fresh::pair(language, || Box::new(SeededRandom::new(1))).unwrap();
    let placed = |person: fresh::Person, at| Placed {
        name: person.name.to_owned(),
        phone: Phone::new(Overlay::new(person.card, fresh::sim(at)), Settings::default()),
    };
    Table::new(placed(alice, 1), Some(placed(bob, 2)))
}

fn alice(table: &mut Table<Overlay<Card, Uicc>>) -> &mut Alices {
    &mut table.at_mut(Side::Left).unwrap().phone
}

fn hint(touched: Touched<impl std::error::Error>) -> Hint {
    match touched {
        Touched::Ignored(hint) => hint,
        other => panic!("{other:?}"),
    }
}

fn taken(phone: &mut Alices, touch: Touch) {
    let touched = phone.touch(touch);
    assert!(matches!(touched, Touched::Taken), "{touched:?}");
}

fn text(phone: &Alices) -> String {
    phone.screen().text_on_it()
}

#[test]
fn keys_at_the_wrong_time_say_why() {
    let mut table = table(Language::English);
    let phone = alice(&mut table);
    assert_eq!(hint(phone.touch(Touch::Key(Key::One))), Hint::Off);
    taken(phone, Touch::Power);
    assert_eq!(hint(phone.touch(Touch::Key(Key::One))), Hint::NotHere);
    assert_eq!(hint(phone.touch(Touch::Right)), Hint::NotHere);
    taken(phone, Touch::Left);
    phone.handset_mut().select("Purse").unwrap();
    phone.handset_mut().select("Change PIN").unwrap();
    taken(phone, Touch::Key(Key::One));
    assert_eq!(phone.screen().lines().last().unwrap(), "*_");
    assert_eq!(hint(phone.touch(Touch::Left)), Hint::More(3));
    phone.handset_mut().enter("2345678").unwrap();
    assert_eq!(hint(phone.touch(Touch::Key(Key::Nine))), Hint::Full);
    taken(phone, Touch::Right);
    assert_eq!(phone.handset().keyed().unwrap().count, 7);
}

#[test]
fn a_phone_goes_off_and_on() {
    let mut table = table(Language::English);
    let phone = alice(&mut table);
    taken(phone, Touch::Power);
    phone.handset_mut().select("Purse").unwrap();
    taken(phone, Touch::Power);
    assert_eq!((phone.standing(), text(phone)), (Standing::Off, String::new()));
    taken(phone, Touch::Power);
    assert!(phone.handset().is_idle());
    taken(phone, Touch::Battery);
    assert_eq!(hint(phone.touch(Touch::Power)), Hint::NoBattery);
    taken(phone, Touch::Battery);
    assert_eq!(phone.standing(), Standing::Off);
}

#[test]
fn a_sim_is_pulled_and_put_back() {
    let mut table = table(Language::English);
    let phone = alice(&mut table);
    taken(phone, Touch::Power);
    phone.handset_mut().select("Purse").unwrap();
    taken(phone, Touch::Sim);
    assert_eq!((text(phone), phone.has_sim()), ("Insert SIM".into(), false));
    assert_eq!(hint(phone.touch(Touch::Key(Key::Ok))), Hint::NoSim);
    taken(phone, Touch::Power);
    taken(phone, Touch::Power);
    assert_eq!(text(phone), "Insert SIM");
    taken(phone, Touch::Sim);
    assert!(phone.handset().is_idle());
    phone.handset_mut().select("Purse").unwrap();
}

/// The entry of the purse, in its language: the last one of the card's menu.
fn open_purse(phone: &mut Alices) {
    taken(phone, Touch::Left);
    let entry = phone.handset().items().unwrap().0.last().unwrap().to_string();
    phone.handset_mut().select(&entry).unwrap();
}

/// The battery falls out at each write of a change of the language in turn; the phone comes back each time.
#[test]
fn a_battery_falls_out_in_the_middle() {
    let mut table = table(Language::English);
    let phone = alice(&mut table);
    for write in 1.. {
        taken(phone, Touch::Power);
        open_purse(phone);
        let languages = phone.handset().items().unwrap().0.last().unwrap().to_string();
        phone.handset_mut().select(&languages).unwrap();
        taken(phone, Touch::Loosen(Cut { write, bytes: 0, unstable: false }));
        let _ = phone.touch(Touch::Key(Key::Down));
        let _ = phone.touch(Touch::Key(Key::Ok));
        if phone.standing() == Standing::On {
            assert!(write > 1, "something was written");
            return;
        }
        assert_eq!((phone.standing(), text(phone)), (Standing::NoBattery, String::new()));
        taken(phone, Touch::Battery);
    }
}

#[test]
fn each_has_the_other_in_its_list() {
    for (language, people) in [(Language::English, "People"), (Language::Swahili, "Watu")] {
        let mut table = table(language);
        for (side, other) in [(Side::Left, "Bob"), (Side::Right, "Alice")] {
            let phone = &mut table.at_mut(side).unwrap().phone;
            taken(phone, Touch::Power);
            open_purse(phone);
            phone.handset_mut().select(people).unwrap();
            assert!(text(phone).contains(other), "{}", phone.screen());
        }
    }
}

//! Alice and Bob at a table, with fresh cards.

#![allow(dead_code, unreachable_pub)]

use apdu::Cut;
use applet_model::purse::Language;
use card_sim::uicc::Uicc;
use card_sim::{Card, Overlay, SeededRandom};
use handset::{Key, Settings};
use phones::{Glimpse, Phone, Placed, Side, Sim, Table, Touch, fresh};

pub const LANGUAGES: [Language; 2] = [Language::English, Language::Swahili];

pub type Held = Overlay<Card, Uicc>;

pub struct Room<T: Sim = Held> {
    pub table: Table<T>,
}

impl Room {
    pub fn new(language: Language) -> Self {
        Self::with(language, |_, held| held)
    }
}

impl<T: Sim> Room<T> {
    pub fn with(language: Language, mut make: impl FnMut(Side, Held) -> T) -> Self {
        let [alice, bob] = fresh::pair(language, || Box::new(SeededRandom::new(1))).unwrap();
        let mut placed = |person: fresh::Person, side, at| Placed {
            name: person.name.to_owned(),
            phone: Phone::new(make(side, Overlay::new(person.card, fresh::sim(at))), Settings::default()),
        };
        let (alice, bob) = (placed(alice, Side::Left, 1), placed(bob, Side::Right, 2));
        Self { table: Table::new(alice, Some(bob)) }
    }

    /// Has the lesson look at both phones.
    pub fn show(&mut self, lesson: &mut phones::lesson::Lesson) {
        for side in Side::BOTH {
            lesson.look(side, self.phone(side));
        }
    }

    pub fn phone(&mut self, side: Side) -> &mut Phone<T> {
        &mut self.table.at_mut(side).unwrap().phone
    }

    pub fn touch(&mut self, side: Side, touch: Touch) {
        let _ = self.phone(side).touch(touch);
    }

    pub fn key(&mut self, side: Side, key: Key) {
        self.touch(side, Touch::Key(key));
    }

    pub fn select(&mut self, side: Side, item: &str) {
        self.phone(side).handset_mut().select(item).unwrap();
    }

    /// Keys this in, behind what is keyed in already.
    pub fn type_rest(&mut self, side: Side, text: &str) {
        let phone = self.phone(side).handset_mut();
        let keyed = phone.keyed().unwrap().count;
        phone.enter(&text[keyed..]).unwrap();
    }

    /// Switches the phone on if it is off, and opens the purse.
    pub fn open(&mut self, side: Side) {
        if !self.phone(side).handset().is_idle() {
            self.key(side, Key::End);
        }
        self.key(side, Key::Menu);
        let entry = self.phone(side).handset().items().unwrap().0.last().unwrap().to_string();
        self.select(side, &entry);
    }

    pub fn text(&mut self, side: Side) -> String {
        self.phone(side).screen().text_on_it()
    }

    /// The power of the card fails at this write.
    pub fn loosen(&mut self, side: Side, write: u32) {
        self.touch(side, Touch::Loosen(Cut { write, bytes: 0, unstable: false }));
    }

    pub fn glimpse(&mut self, side: Side) -> Glimpse {
        Glimpse::of(self.phone(side).handset().card().card().software().unwrap()).unwrap()
    }

    pub fn balances(&mut self) -> [u32; 2] {
        Side::BOTH.map(|side| self.glimpse(side).balance.minor_units())
    }
}

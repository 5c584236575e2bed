//! What JavaScript can call: texts and truths go over, and nothing of the phones is decided there.

use std::time::Duration;

use phones::Standing;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Room, Spoken};

/// Which phone.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// Alice's.
    Left,
    /// Bob's.
    Right,
}

impl From<Side> for phones::Side {
    fn from(side: Side) -> Self {
        match side {
            Side::Left => Self::Left,
            Side::Right => Self::Right,
        }
    }
}

/// The room: see [`Room`].
#[wasm_bindgen(js_name = Room)]
#[derive(Debug)]
pub struct Exported(Room);

#[wasm_bindgen(js_class = Room)]
impl Exported {
    /// [`Room::new`]. Throws a text.
    ///
    /// # Errors
    /// Those of [`Room::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(language: &str) -> Result<Self, String> {
        Room::new(language).map(Self).map_err(|error| error.to_string())
    }

    /// [`Room::touch`]: why it did nothing, or `undefined`. Throws a text.
    ///
    /// # Errors
    /// Those of [`Room::touch`].
    pub fn touch(&mut self, side: Side, name: &str) -> Result<Option<String>, String> {
        self.0.touch(side.into(), name).map_err(|error| error.to_string())
    }

    /// [`Room::pass`], in milliseconds.
    pub fn pass(&mut self, milliseconds: u32) {
        self.0.pass(Duration::from_millis(milliseconds.into()));
    }

    /// [`Room::be_patient`].
    #[wasm_bindgen(js_name = bePatient)]
    pub fn be_patient(&mut self, patient: bool) {
        self.0.be_patient(patient);
    }

    /// The six lines of a screen.
    #[must_use]
    pub fn lines(&self, side: Side) -> Vec<String> {
        self.0.phone(side.into()).map(|placed| placed.phone.screen().lines().collect()).unwrap_or_default()
    }

    /// The line, from 0, on which the selected item begins.
    #[must_use]
    pub fn selected(&self, side: Side) -> Option<usize> {
        self.0.phone(side.into())?.phone.screen().selected()
    }

    /// Whether there is more above what is on the screen.
    #[must_use]
    pub fn above(&self, side: Side) -> bool {
        self.0.phone(side.into()).is_some_and(|placed| placed.phone.screen().is_more_above())
    }

    /// Whether there is more below it.
    #[must_use]
    pub fn below(&self, side: Side) -> bool {
        self.0.phone(side.into()).is_some_and(|placed| placed.phone.screen().is_more_below())
    }

    /// What is written over the two soft keys; nothing over one without a meaning.
    #[must_use]
    pub fn soft(&self, side: Side) -> Vec<String> {
        let Some(placed) = self.0.phone(side.into()) else { return Vec::new() };
        let keys = placed.phone.soft_keys();
        [keys.left, keys.right].into_iter().map(|key| key.map_or("", |(name, _)| name).to_owned()).collect()
    }

    /// What a screen reader says: what the card says, in its language, and what is said of it, in English.
    #[must_use]
    pub fn spoken(&self, side: Side) -> Vec<String> {
        let spoken = self.0.phone(side.into()).map(|placed| Spoken::of(&placed.phone)).unwrap_or_default();
        vec![spoken.card, spoken.page]
    }

    /// Whether it is on, its battery is in, and its SIM is in: the names of those that are so.
    #[must_use]
    pub fn states(&self, side: Side) -> Vec<String> {
        let Some(placed) = self.0.phone(side.into()) else { return Vec::new() };
        let standing = placed.phone.standing();
        let states = [
            ("power", standing == Standing::On),
            ("battery", standing != Standing::NoBattery),
            ("sim", placed.phone.has_sim()),
        ];
        states.iter().filter(|(_, is_so)| *is_so).map(|(name, _)| (*name).to_owned()).collect()
    }

    /// In which write of its card the battery falls out, if it sits loose.
    #[must_use]
    pub fn loose(&self, side: Side) -> Option<u32> {
        self.0.phone(side.into())?.phone.loose()
    }
}

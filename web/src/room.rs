//! The room that a page shows: two phones on a table, touched by names, so that nothing but texts goes to and from JavaScript.

use std::time::Duration;

use applet_model::purse::Language;
use card_sim::uicc::Uicc;
use card_sim::{Card, OsRandom, Overlay};
use handset::{Key, Settings};
use phones::fresh::{self, FreshError};
use phones::{Phone, Placed, Side, Standing, Table, Touch, Touched, at_write};

/// The room: Alice's phone on the left, Bob's on the right, with fresh cards.
#[derive(Debug)]
pub struct Room {
    table: Table<Overlay<Card, Uicc>>,
    /// Whether the phones wait for people, however long they take, and since when nobody touched one.
    patient: Option<Duration>,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoomError {
    /// No card could be made.
    #[error(transparent)]
    Fresh(#[from] FreshError),
    /// A language that the card does not speak.
    #[error("the card speaks no language {0:?}; it speaks en and sw")]
    Language(String),
    /// Nothing that hands do to a phone.
    #[error("nothing is called {0:?} on a phone")]
    Touch(String),
}

/// Patient phones let this much time pass and then no more: enough for texts that go by themselves and for the next letter
/// on the same key, and too little for a phone to stop waiting, which takes a minute.
const UNHURRIED: Duration = Duration::from_secs(10);

impl Room {
    /// A room with fresh cards in this language, `en` or `sw`. The cards draw from the system's random source, in a browser
    /// `crypto.getRandomValues`. No code depends on it, so that the first ones are the same in each room.
    ///
    /// # Errors
    /// [`RoomError`], but for [`Touch`](RoomError::Touch).
    pub fn new(language: &str) -> Result<Self, RoomError> {
        let language = match language {
            "en" => Language::English,
            "sw" => Language::Swahili,
            other => return Err(RoomError::Language(other.to_owned())),
        };
        let [alice, bob] = fresh::pair(language, || Box::new(OsRandom))?;
        let placed = |person: fresh::Person, at| Placed {
            name: person.name.to_owned(),
            phone: Phone::new(Overlay::new(person.card, fresh::sim(at)), Settings::default()),
        };
        let table = Table::new(placed(alice, 1), Some(placed(bob, 2)));
        Ok(Self { table, patient: None })
    }

    /// Does to a phone what has this name: a key (`0` to `9`, `*`, `#`, `+`, `Up`, `Down`, `OK`, `Back`, `Clear`, `Menu`, `Help`,
    /// `End`), `left` and `right` (the soft keys), `power`, `battery`, `loosen`, `sim`. A loose
    /// battery falls out in the card's next write, and loosened again in the one behind that. Says why if it did nothing, or what went wrong.
    ///
    /// # Errors
    /// [`RoomError::Touch`].
    pub fn touch(&mut self, side: Side, name: &str) -> Result<Option<String>, RoomError> {
        let touch = match name {
            "left" => Touch::Left,
            "right" => Touch::Right,
            "power" => Touch::Power,
            "battery" => Touch::Battery,
            "loosen" => {
                let loose = self.phone(side).and_then(|placed| placed.phone.loose());
                Touch::Loosen(at_write(loose.unwrap_or(0).saturating_add(1)))
            }
            "sim" => Touch::Sim,
            key => Touch::Key(key.parse::<Key>().map_err(|_| RoomError::Touch(key.to_owned()))?),
        };
        self.patient = self.patient.map(|_| Duration::ZERO);
        let Some(placed) = self.table.at_mut(side) else { return Ok(None) };
        let touched = placed.phone.touch(touch);
        // No network is here, and no loudspeaker.
        placed.phone.handset_mut().take_outbox();
        placed.phone.handset_mut().take_sounds();
        let fell_out = placed.phone.standing() == Standing::NoBattery;
        Ok(match touched {
            Touched::Taken => None,
            Touched::Failed(_) if fell_out => Some("The battery fell out".to_owned()),
            Touched::Ignored(hint) => Some(hint.to_string()),
            Touched::Failed(error) => Some(error.to_string()),
        })
    }

    /// Has the phones wait for people, however long they take; or as phones do, about a minute.
    pub fn be_patient(&mut self, patient: bool) {
        self.patient = patient.then_some(Duration::ZERO);
    }

    /// Lets time pass for both phones. What goes wrong then is on their screens.
    pub fn pass(&mut self, time: Duration) {
        let time = match &mut self.patient {
            None => time,
            Some(rested) => {
                let time = time.min(UNHURRIED.saturating_sub(*rested));
                *rested = rested.saturating_add(time);
                time
            }
        };
        self.table.pass(time);
    }

    /// The phone on this side.
    #[must_use]
    pub fn phone(&self, side: Side) -> Option<&Placed<Overlay<Card, Uicc>>> {
        self.table.at(side)
    }
}

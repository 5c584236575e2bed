//! The table as it is played on: all that is done to a phone goes through here, and observers see it.

use std::borrow::Cow;
use std::time::Duration;

use apdu::Cut;
use handset::{Grip, Handset, HandsetError, Key, Player, Pressed, Room, Screen};

use crate::{Hint, Observer, Phone, Seen, Side, Sim, SlotError, Standing, Table, Touch, Touched, Trouble};

/// How long it is said why a key did nothing.
const TOLD: Duration = Duration::from_secs(4);

/// A table with observers around it.
pub struct Play<T: Sim> {
    table: Table<T>,
    observers: Vec<Box<dyn Observer<T>>>,
    /// Side by side, why the last key did nothing, and until when that is said.
    hints: [Option<(Hint, Duration)>; 2],
}

/// A phone on the table, in the hands of whoever plays a script.
pub struct InHand<'p, T: Sim> {
    play: &'p mut Play<T>,
    side: Side,
}

impl<T: Sim> Play<T> {
    /// This table, with nobody around it.
    #[must_use]
    pub const fn new(table: Table<T>) -> Self {
        Self { table, observers: Vec::new(), hints: [None, None] }
    }

    /// Somebody more watches from now on.
    pub fn watch(&mut self, observer: Box<dyn Observer<T>>) {
        self.observers.push(observer);
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &Table<T> {
        &self.table
    }

    /// The same, for what nobody sees: to take what a phone sent, for instance.
    pub const fn table_mut(&mut self) -> &mut Table<T> {
        &mut self.table
    }

    /// Why the last key on this side did nothing, while that is said.
    #[must_use]
    pub fn hint(&self, side: Side) -> Option<Hint> {
        let [left, right] = &self.hints;
        let told = if side == Side::Left { left } else { right };
        told.filter(|(_, until)| self.table.now() < *until).map(|(hint, _)| hint)
    }

    /// Does that to the phone on this side. `None`: there is none.
    pub fn touch(&mut self, side: Side, touch: Touch) -> Option<Touched<T::Error>> {
        let came = self.table.touch(side, touch)?;
        let at = self.table.now();
        let [left, right] = &mut self.hints;
        *(if side == Side::Left { left } else { right }) = match came {
            Touched::Ignored(hint) => Some((hint, at.saturating_add(TOLD))),
            Touched::Taken | Touched::Failed(_) => None,
        };
        if let Some(placed) = self.table.at(side) {
            let seen = Seen { at, side, touch, came: &came, phone: &placed.phone };
            self.observers.iter_mut().for_each(|observer| observer.touched(&seen));
        }
        Some(came)
    }

    /// Lets time pass for all phones, and says what went wrong then. That is on the screens, too.
    pub fn pass(&mut self, time: Duration) -> Vec<Trouble<T::Error>> {
        let screens =
            |table: &Table<T>| Side::BOTH.map(|side| table.at(side).map(|placed| placed.phone.screen().into_owned()));
        let before = screens(&self.table);
        let troubles = self.table.pass(time);
        for ((side, before), after) in Side::BOTH.into_iter().zip(before).zip(screens(&self.table)) {
            if let Some(placed) = self.table.at(side).filter(|_| before != after) {
                let at = self.table.now();
                self.observers.iter_mut().for_each(|observer| observer.changed(at, side, &placed.phone));
            }
        }
        troubles
    }

    /// The phone on this side, for a script.
    pub fn in_hand(&mut self, side: Side) -> Option<InHand<'_, T>> {
        self.table.at(side)?;
        Some(InHand { play: self, side })
    }

    /// The table again.
    #[must_use]
    pub fn into_table(self) -> Table<T> {
        self.table
    }
}

/// By their name tags.
impl<T: Sim> Room for Play<T> {
    type Card = crate::Slot<T>;
    type Phone<'p>
        = InHand<'p, T>
    where
        T: 'p;

    fn phone(&mut self, name: &str) -> Option<InHand<'_, T>> {
        let side = Side::BOTH.into_iter().find(|side| self.table.at(*side).is_some_and(|at| at.name == name))?;
        self.in_hand(side)
    }
}

type Answer<V, E> = Result<V, HandsetError<SlotError<E>>>;

impl<T: Sim> InHand<'_, T> {
    /// The table on which it lies.
    #[must_use]
    pub const fn play(&self) -> &Play<T> {
        self.play
    }

    fn phone(&self) -> &Phone<T> {
        match self.side {
            Side::Right => self.play.table.right().unwrap_or(self.play.table.left()),
            Side::Left => self.play.table.left(),
        }
    }

    /// Does it. That the battery fell out is what hands wanted, and no error.
    fn touch(&mut self, touch: Touch) -> Answer<Pressed, T::Error> {
        match self.play.touch(self.side, touch) {
            Some(Touched::Taken) => Ok(Pressed::Taken),
            Some(Touched::Ignored(Hint::Reader)) => Err(HandsetError::OutOfReach),
            Some(Touched::Ignored(Hint::NoBattery | Hint::Off | Hint::NoSim)) | None => Err(HandsetError::Off),
            Some(Touched::Ignored(_)) => Ok(Pressed::Ignored),
            Some(Touched::Failed(_)) if self.phone().standing() == Standing::NoBattery => Ok(Pressed::Taken),
            Some(Touched::Failed(error)) => Err(error),
        }
    }
}

impl<T: Sim> Player for InHand<'_, T> {
    type Card = crate::Slot<T>;

    fn handset(&self) -> &Handset<Self::Card> {
        self.phone().handset()
    }

    /// On from wherever it is: with its battery, off first.
    fn boot(&mut self) -> Answer<(), T::Error> {
        match self.phone().standing() {
            Standing::On => self.touch(Touch::Power)?,
            Standing::NoBattery => self.touch(Touch::Battery)?,
            Standing::Off => Pressed::Taken,
        };
        self.touch(Touch::Power).map(|_| ())
    }

    fn press(&mut self, key: Key) -> Answer<Pressed, T::Error> {
        self.touch(Touch::Key(key))
    }

    /// Time passes for the other phone, too.
    fn pass(&mut self, time: Duration) -> Answer<(), T::Error> {
        let (table, mut troubles) = (self.side, self.play.pass(time).into_iter());
        match troubles.find(|(side, _)| *side == table) {
            Some((_, error)) if self.phone().standing() != Standing::NoBattery => Err(error),
            _ => Ok(()),
        }
    }

    fn grip(&mut self, grip: Grip) -> Answer<(), T::Error> {
        let touch = match grip {
            Grip::Power => Touch::Power,
            Grip::Battery => Touch::Battery,
            Grip::BatteryAt(write) => Touch::Loosen(at_write(write)),
            Grip::Sim => Touch::Sim,
        };
        self.touch(touch).map(|_| ())
    }

    fn screen(&self) -> Cow<'_, Screen> {
        self.phone().screen()
    }
}

/// The battery falls out right after this write, from 1: it is whole, and nothing after it is done.
#[must_use]
pub const fn at_write(write: u32) -> Cut {
    Cut { write, bytes: u16::MAX, unstable: false }
}

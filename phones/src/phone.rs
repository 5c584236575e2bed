//! A phone as it lies on the table: what hands do to it, and what is seen of it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use apdu::Cut;
use handset::{Handset, HandsetError, Key, Pressed, Screen, Settings};

use crate::{Hint, Sim, Slot, SlotError, SoftKeys};

/// A phone with a card in it.
///
/// Whatever is done to it, it stays a phone: what goes wrong is on its screen, and is handed back too. It has no clock: time
/// passes when [`pass`](Self::pass) says so.
pub struct Phone<T: Sim> {
    handset: Handset<Slot<T>>,
    standing: Standing,
}

/// Whether it has a battery, and is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is on; whether a SIM is in is another matter.
    On,
    /// It is off.
    Off,
    /// The battery is out.
    NoBattery,
}

/// What hands do to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Press a key.
    Key(Key),
    /// Press the left soft key.
    Left,
    /// Press the right soft key.
    Right,
    /// Hold the power key: on, or off.
    Power,
    /// Take the battery out, or put it back.
    Battery,
    /// Have the battery fall out while the card works: at this place, wherever it comes to it.
    Loosen(Cut),
    /// Pull the SIM out, or put it back, which switches the phone on again if it was on.
    Sim,
}

/// What came of it.
#[derive(Debug)]
pub enum Touched<E: std::error::Error + 'static> {
    /// It was done.
    Taken,
    /// It did nothing.
    Ignored(Hint),
    /// Something went wrong with the card, or the way to it. That is on the screen, too.
    Failed(HandsetError<SlotError<E>>),
}

type Answer<T, E> = Result<T, HandsetError<SlotError<E>>>;

impl<T: Sim> Phone<T> {
    /// A phone with this card in it, and its battery; off.
    #[must_use]
    pub fn new(card: T, settings: Settings) -> Self {
        Self { handset: Handset::new(Slot::new(card), settings), standing: Standing::Off }
    }

    /// Does that to it.
    pub fn touch(&mut self, touch: Touch) -> Touched<T::Error> {
        let result = match touch {
            Touch::Key(key) => self.press(key),
            Touch::Left | Touch::Right => self.press_soft(touch),
            Touch::Power => self.press_power(),
            Touch::Battery => {
                self.standing = if self.standing == Standing::NoBattery { Standing::Off } else { Standing::NoBattery };
                // Put back, it sits firmly.
                self.handset.card_mut().card_mut().loosen(None);
                self.handset.switch_off();
                Ok(None)
            }
            Touch::Loosen(_) if self.standing == Standing::NoBattery => Ok(Some(Hint::NoBattery)),
            Touch::Loosen(cut) => {
                let done = self.handset.card_mut().card_mut().loosen(Some(cut));
                Ok((!done).then_some(Hint::Reader))
            }
            Touch::Sim => self.move_sim(),
        };
        self.feel();
        match result {
            Ok(None) => Touched::Taken,
            Ok(Some(hint)) => Touched::Ignored(hint),
            Err(error) => Touched::Failed(error),
        }
    }

    /// Lets time pass, in which nobody touches it.
    ///
    /// # Errors
    /// Something went wrong with the card. That is on the screen, too.
    pub fn pass(&mut self, time: Duration) -> Answer<(), T::Error> {
        if self.obstacle().is_some() {
            return Ok(());
        }
        let result = self.handset.pass(time);
        self.feel();
        result
    }

    /// What is on the screen.
    #[must_use]
    pub fn screen(&self) -> Cow<'_, Screen> {
        match self.obstacle() {
            None => Cow::Borrowed(self.handset.screen()),
            Some(Hint::NoSim) => Cow::Owned(Screen::text("Insert SIM", 0)),
            Some(_) => Cow::Owned(Screen::blank()),
        }
    }

    /// The soft keys.
    #[must_use]
    pub fn soft_keys(&self) -> SoftKeys {
        if self.obstacle().is_some() { SoftKeys::NONE } else { SoftKeys::of(&self.handset) }
    }

    /// Whether it has a battery, and is on.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether its SIM is in.
    #[must_use]
    pub const fn has_sim(&self) -> bool {
        self.handset.card().inserted
    }

    /// In which write of its card from now on its battery falls out, if it sits loose.
    #[must_use]
    pub fn loose(&self) -> Option<u32> {
        self.handset.card().card().loose()
    }

    /// The phone itself: what waits, what is asked, what it sent.
    #[must_use]
    pub const fn handset(&self) -> &Handset<Slot<T>> {
        &self.handset
    }

    /// The same, to press several keys at once, or to take what it sent.
    pub const fn handset_mut(&mut self) -> &mut Handset<Slot<T>> {
        &mut self.handset
    }

    /// Takes the card out for good.
    #[must_use]
    pub fn into_card(self) -> T {
        self.handset.into_card().into_card()
    }

    /// Why no key does anything.
    fn obstacle(&self) -> Option<Hint> {
        match self.standing {
            Standing::NoBattery => Some(Hint::NoBattery),
            Standing::Off => Some(Hint::Off),
            Standing::On => (!self.has_sim()).then_some(Hint::NoSim),
        }
    }

    fn press(&mut self, key: Key) -> Answer<Option<Hint>, T::Error> {
        if let Some(hint) = self.obstacle() {
            return Ok(Some(hint));
        }
        let keyed = self.handset.keyed();
        Ok(match self.handset.press(key)? {
            Pressed::Taken => None,
            Pressed::Ignored => Some(Hint::of(keyed, key != Key::Ok)),
        })
    }

    fn press_soft(&mut self, touch: Touch) -> Answer<Option<Hint>, T::Error> {
        let soft = self.soft_keys();
        let key = if touch == Touch::Left { soft.left } else { soft.right };
        match key {
            Some((_, key)) => self.press(key),
            None => Ok(Some(self.obstacle().unwrap_or(Hint::NotHere))),
        }
    }

    fn press_power(&mut self) -> Answer<Option<Hint>, T::Error> {
        match self.standing {
            Standing::NoBattery => return Ok(Some(Hint::NoBattery)),
            Standing::On => {
                self.standing = Standing::Off;
                self.handset.switch_off();
            }
            Standing::Off => {
                self.standing = Standing::On;
                self.boot()?;
            }
        }
        Ok(None)
    }

    fn move_sim(&mut self) -> Answer<Option<Hint>, T::Error> {
        let slot = self.handset.card_mut();
        slot.inserted = !slot.inserted;
        self.handset.switch_off();
        self.boot()?;
        Ok(None)
    }

    /// Has the card start, if there is one, and the phone is on.
    fn boot(&mut self) -> Answer<(), T::Error> {
        if self.obstacle().is_none() {
            self.handset.boot()?;
        }
        Ok(())
    }

    /// The battery fell out: the card has no power.
    fn feel(&mut self) {
        if self.obstacle().is_none() && !self.handset.card().card().is_on() {
            self.standing = Standing::NoBattery;
            self.handset.switch_off();
        }
    }
}

impl<T: Sim> fmt::Debug for Phone<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phone").field("handset", &self.handset).field("standing", &self.standing).finish()
    }
}

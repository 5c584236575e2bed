//! Whoever presses the keys of a phone: the phone itself, or a table on which it lies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use apdu::Transport;

use crate::screen::single_blanks;
use crate::{Handset, HandsetError, Key, Pressed, Screen};

/// What hands do to a phone beside pressing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// Hold the power key: on, or off.
    Power,
    /// Take the battery out, or put it back.
    Battery,
    /// Have the battery fall out in the card's write with this number from now on, from 1.
    BatteryAt(u32),
    /// Pull the SIM out, or put it back.
    Sim,
}

/// Why something could not be done to the phone of a [`Player`].
pub type PlayerError<P> = HandsetError<<<P as Player>::Card as Transport>::Error>;

/// A phone that a script plays.
pub trait Player {
    /// What is in its slot.
    type Card: Transport;

    /// The phone.
    fn handset(&self) -> &Handset<Self::Card>;

    /// Switches it on, or off and on.
    ///
    /// # Errors
    /// [`HandsetError`].
    fn boot(&mut self) -> Result<(), PlayerError<Self>>;

    /// Presses a key.
    ///
    /// # Errors
    /// [`HandsetError`].
    fn press(&mut self, key: Key) -> Result<Pressed, PlayerError<Self>>;

    /// Lets time pass.
    ///
    /// # Errors
    /// [`HandsetError`].
    fn pass(&mut self, time: Duration) -> Result<(), PlayerError<Self>>;

    /// Does that to it.
    ///
    /// # Errors
    /// [`HandsetError::OutOfReach`], and others.
    fn grip(&mut self, grip: Grip) -> Result<(), PlayerError<Self>>;

    /// What is on its screen.
    fn screen(&self) -> Cow<'_, Screen> {
        Cow::Borrowed(self.handset().screen())
    }

    /// As [`Handset::select`].
    ///
    /// # Errors
    /// As there.
    fn select(&mut self, item: &str) -> Result<(), PlayerError<Self>> {
        if self.handset().is_idle() {
            self.press(Key::Menu)?;
        }
        let (items, at) = self.handset().items().ok_or(HandsetError::NoList)?;
        let wanted = single_blanks(item);
        let Some(target) = items.iter().position(|item| single_blanks(item) == wanted) else {
            return Err(HandsetError::NoItem { wanted, items: items.into_iter().map(str::to_owned).collect() });
        };
        let key = if target < at { Key::Up } else { Key::Down };
        for _ in 0..target.abs_diff(at) {
            self.press(key)?;
        }
        self.press(Key::Ok).map(|_| ())
    }

    /// As [`Handset::enter`].
    ///
    /// # Errors
    /// As there.
    fn enter(&mut self, text: &str) -> Result<(), PlayerError<Self>> {
        let count = text.chars().count();
        for (taken, character) in text.chars().enumerate() {
            let not_taken = HandsetError::NotTaken { taken, count };
            let Some((pause, keys)) = self.handset().keys_for(character) else {
                return Err(not_taken);
            };
            if pause {
                self.pass(Handset::<Self::Card>::TAP)?;
            }
            for key in keys {
                if self.press(key)? == Pressed::Ignored {
                    return Err(not_taken);
                }
            }
        }
        Ok(())
    }

    /// As [`Handset::wait`].
    ///
    /// # Errors
    /// As there.
    fn wait(&mut self) -> Result<(), PlayerError<Self>> {
        self.pass(self.handset().patience())
    }
}

impl<T: Transport> Player for Handset<T> {
    type Card = T;

    fn handset(&self) -> &Self {
        self
    }

    fn boot(&mut self) -> Result<(), PlayerError<Self>> {
        Self::boot(self).map(|_| ())
    }

    fn press(&mut self, key: Key) -> Result<Pressed, PlayerError<Self>> {
        Self::press(self, key)
    }

    fn pass(&mut self, time: Duration) -> Result<(), PlayerError<Self>> {
        Self::pass(self, time)
    }

    fn grip(&mut self, _: Grip) -> Result<(), PlayerError<Self>> {
        Err(HandsetError::OutOfReach)
    }
}

impl<P: Player> Player for &mut P {
    type Card = P::Card;

    fn handset(&self) -> &Handset<P::Card> {
        (**self).handset()
    }

    fn boot(&mut self) -> Result<(), PlayerError<Self>> {
        (**self).boot()
    }

    fn press(&mut self, key: Key) -> Result<Pressed, PlayerError<Self>> {
        (**self).press(key)
    }

    fn pass(&mut self, time: Duration) -> Result<(), PlayerError<Self>> {
        (**self).pass(time)
    }

    fn grip(&mut self, grip: Grip) -> Result<(), PlayerError<Self>> {
        (**self).grip(grip)
    }

    fn screen(&self) -> Cow<'_, Screen> {
        (**self).screen()
    }
}

/// The phones of a script, by their names.
pub trait Room {
    /// What is in their slots.
    type Card: Transport;
    /// One of them.
    type Phone<'p>: Player<Card = Self::Card>
    where
        Self: 'p;

    /// The one of this name.
    fn phone(&mut self, name: &str) -> Option<Self::Phone<'_>>;
}

impl<P: Player> Room for BTreeMap<String, P> {
    type Card = P::Card;
    type Phone<'p>
        = &'p mut P
    where
        P: 'p;

    fn phone(&mut self, name: &str) -> Option<&mut P> {
        self.get_mut(name)
    }
}

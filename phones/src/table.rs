//! The table on which phones lie: one or two, and the time that passes for both.

use std::time::Duration;

use handset::HandsetError;

use crate::{Phone, Sim, SlotError, Touch, Touched};

/// Which phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The left one, or the only one.
    Left,
    /// The right one.
    Right,
}

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];
}

/// A phone on the table.
#[derive(Debug)]
pub struct Placed<T: Sim> {
    /// Its name tag.
    pub name: String,
    /// The phone.
    pub phone: Phone<T>,
}

/// The table: one phone or two, and how long they have lain there.
#[derive(Debug)]
pub struct Table<T: Sim> {
    left: Placed<T>,
    right: Option<Placed<T>>,
    now: Duration,
}

/// What went wrong with a phone while time passed.
pub type Trouble<E> = (Side, HandsetError<SlotError<E>>);

impl<T: Sim> Table<T> {
    /// A table with these phones.
    #[must_use]
    pub const fn new(left: Placed<T>, right: Option<Placed<T>>) -> Self {
        Self { left, right, now: Duration::ZERO }
    }

    /// The phone on this side, if there is one.
    #[must_use]
    pub const fn at(&self, side: Side) -> Option<&Placed<T>> {
        match side {
            Side::Left => Some(&self.left),
            Side::Right => self.right.as_ref(),
        }
    }

    /// The same, to do something to it.
    pub const fn at_mut(&mut self, side: Side) -> Option<&mut Placed<T>> {
        match side {
            Side::Left => Some(&mut self.left),
            Side::Right => self.right.as_mut(),
        }
    }

    /// The left phone: there always is one.
    #[must_use]
    pub const fn left(&self) -> &Phone<T> {
        &self.left.phone
    }

    /// The right phone, if there are two.
    #[must_use]
    pub fn right(&self) -> Option<&Phone<T>> {
        self.right.as_ref().map(|placed| &placed.phone)
    }

    /// Which sides have a phone.
    pub fn sides(&self) -> impl Iterator<Item = Side> + use<T> {
        let count = if self.right.is_some() { 2 } else { 1 };
        Side::BOTH.into_iter().take(count)
    }

    /// How long the phones have lain there.
    #[must_use]
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// Does that to the phone on this side. `None`: there is none.
    pub fn touch(&mut self, side: Side, touch: Touch) -> Option<Touched<T::Error>> {
        self.at_mut(side).map(|placed| placed.phone.touch(touch))
    }

    /// Lets time pass for all, and says what went wrong then. That is on the screens, too.
    pub fn pass(&mut self, time: Duration) -> Vec<Trouble<T::Error>> {
        self.now = self.now.saturating_add(time);
        Side::BOTH
            .into_iter()
            .filter_map(|side| {
                let error = self.at_mut(side)?.phone.pass(time).err()?;
                Some((side, error))
            })
            .collect()
    }
}

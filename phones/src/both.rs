//! Something of each of two phones.

use crate::Side;

/// The same of each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Both<T> {
    left: T,
    right: T,
}

impl<T> Both<T> {
    pub(crate) const fn new(left: T, right: T) -> Self {
        Self { left, right }
    }

    pub(crate) const fn at(&self, side: Side) -> &T {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    pub(crate) const fn at_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }
}

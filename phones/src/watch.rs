//! Who watches the table: a lesson, a study, the screen that shows it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::{Phone, Side, Sim, Touch, Touched};

/// Something that hands did to a phone, and what came of it.
#[derive(Debug)]
pub struct Seen<'s, T: Sim> {
    /// When, since the phones were laid on the table.
    pub at: Duration,
    /// To which phone.
    pub side: Side,
    /// What was done.
    pub touch: Touch,
    /// What came of it.
    pub came: &'s Touched<T::Error>,
    /// The phone afterwards.
    pub phone: &'s Phone<T>,
}

/// Somebody who watches the table, and touches nothing.
pub trait Observer<T: Sim> {
    /// Hands did something to a phone.
    fn touched(&mut self, seen: &Seen<'_, T>);

    /// Nobody did anything, and by time alone another screen came on this phone.
    fn changed(&mut self, at: Duration, side: Side, phone: &Phone<T>) {
        let _ = (at, side, phone);
    }
}

/// One that its owner looks at in between.
impl<T: Sim, O: Observer<T>> Observer<T> for Rc<RefCell<O>> {
    fn touched(&mut self, seen: &Seen<'_, T>) {
        self.borrow_mut().touched(seen);
    }

    fn changed(&mut self, at: Duration, side: Side, phone: &Phone<T>) {
        self.borrow_mut().changed(at, side, phone);
    }
}

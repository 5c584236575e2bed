//! The record of a study: how long each question of a payment takes people, and where they go wrong.
//!
//! [`Recorder`] watches phones and makes a [`Row`] of each question of a payment, from when it is shown until something
//! else is. It goes by what the card has the phone ask, which it knows by the texts of the menu, and by how much is keyed
//! in; so it works with any card that has this menu, and has nothing to keep secret: which keys were pressed, names,
//! numbers, amounts, codes and PINs are in no row, and no time of day is. [`sheet`] has rows as CSV, [`Measures`] what
//! the rows of some sessions come to, and draws it. `docs/study.md` documents every column and every measure.

mod measures;
mod plot;
mod quartiles;
mod recorder;
mod row;
pub mod sheet;
mod step;

pub use measures::{Measures, Payments, Rate};
pub use quartiles::{Quartiles, Spread};
pub use recorder::Recorder;
pub use row::{End, Outcome, Role, Row, Step};

#![doc = include_str!("../README.md")]

pub mod fresh;
mod hint;
mod phone;
mod play;
mod sim;
mod soft;
pub mod study;
mod table;
mod watch;

pub use hint::Hint;
pub use phone::{Phone, Standing, Touch, Touched};
pub use play::{InHand, Play, at_write};
pub use sim::{Sim, Slot, SlotError};
pub use soft::SoftKeys;
pub use table::{Placed, Side, Table, Trouble};
pub use watch::{Observer, Seen};

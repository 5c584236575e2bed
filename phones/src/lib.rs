#![doc = include_str!("../README.md")]

pub mod fresh;
mod hint;
mod phone;
mod sim;
mod soft;
pub mod study;
mod table;

pub use hint::Hint;
pub use phone::{Phone, Standing, Touch, Touched};
pub use sim::{Sim, Slot, SlotError};
pub use soft::SoftKeys;
pub use table::{Placed, Side, Table, Trouble};

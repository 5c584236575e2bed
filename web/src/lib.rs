#![doc = include_str!("../README.md")]

#[cfg(target_family = "wasm")]
mod exports;
mod room;
mod spoken;

pub use room::{Room, RoomError};
pub use spoken::Spoken;

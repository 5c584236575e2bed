#![doc = include_str!("../README.md")]

mod asked;
mod boot;
mod entry;
mod error;
mod handset;
mod key;
mod link;
mod outbox;
mod player;
pub mod screen;
pub mod script;
mod session;

mod settings;
mod timer;

pub use boot::{Identity, Missing, Part, Why};
pub use entry::Keyed;
pub use error::HandsetError;
pub use handset::{Handset, Pressed};
pub use key::{Key, UnknownKey};
pub use outbox::{Message, Sound};
pub use player::{Grip, Player, PlayerError, Room};
pub use screen::Screen;
pub use settings::{Network, Settings};

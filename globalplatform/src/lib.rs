#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

#[cfg(test)]
extern crate std;

pub mod channel;
mod cipher;
pub mod command;
pub mod data;
pub mod diversify;
pub mod key;
pub mod life_cycle;
mod privileges;
pub mod scp03;

pub use channel::{Access, Channel, ChannelError};
pub use command::Instruction;
pub use key::{CheckValue, Key, KeyLength, KeySet, KeysDiffer, PUBLISHED_KEY_VERSION, PUBLISHED_KEYS};
pub use life_cycle::{ApplicationState, CardState};
pub use privileges::Privileges;

/// The AID that issuer domains have unless the issuer gave them another.
pub const ISSUER_DOMAIN: apdu::Aid = apdu::Aid::from_array(&[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00]);

#![doc = include_str!("../README.md")]
#![no_std]

pub mod address;
pub mod command;
pub mod details;
pub mod element;
pub mod envelope;
pub mod error;
pub mod exchange;
mod fields;
pub mod local;
pub mod menu;
pub mod outcome;
pub mod profile;
pub mod response;
pub mod sms;
pub mod tag;
pub mod text;
pub mod tlv;

pub use address::Address;
pub use apdu::BufferTooSmall;
pub use command::{Action, ProactiveCommand};
pub use details::{CommandDetails, CommandNumber, CommandType, Device, Devices};
pub use envelope::{Envelope, Occasion};
pub use error::{DecodeError, DecodeErrorKind};
pub use fields::Extra;
pub use menu::{Item, Items};
pub use outcome::{Outcome, ResultCode};
pub use profile::{Facility, TerminalProfile};
pub use response::{Answer, TerminalResponse};
pub use tag::{Tag, TagSet};
pub use text::{Alpha, Alphabet, Dcs, Text, TextError};
pub use tlv::{Tlv, Writer};

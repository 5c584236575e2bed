#![doc = include_str!("../README.md")]
#![no_std]

pub mod aid;
pub mod buffer;
pub mod class;
pub mod command;
pub mod response;
pub mod status;
pub mod tlv;
pub mod transport;

pub use aid::{Aid, AidLength};
pub use buffer::BufferTooSmall;
pub use class::{Channel, Cla, ClassError, ClassKind, SecureMessaging};
pub use command::{Case, Chain, Command, CommandError, Le, Unchainable};
pub use response::{Response, ResponseTooShort};
pub use status::{Category, Sw};
pub use tlv::{Tag, TagClass, Tlv, TlvError, TlvErrorKind};
pub use transport::{Cut, ExchangeError, PowerCut, T0, T0Error, Transport, exchange};

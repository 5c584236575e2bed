#![doc = include_str!("../README.md")]

pub mod keys;
pub mod order;
pub mod register;

pub use keys::{Issuer, KeysError, Opened};
pub use order::Order;
pub use register::{Register, RegisterError};

#![doc = include_str!("../README.md")]

pub mod batch;
pub mod contact;
pub mod keys;
pub mod order;
pub mod personalise;
pub mod receive;
pub mod register;
pub mod run;

pub use keys::{Issuer, KeysError, Opened};
pub use order::Order;
pub use register::{Register, RegisterError};

#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

#[cfg(test)]
extern crate std;

pub mod amount;
pub mod code;
pub mod currency;
pub mod derive;
pub mod entropy;
pub mod key;
pub mod mac;
pub mod message;
pub mod msisdn;
pub mod nonce;
pub mod payment;
pub mod profile;

pub use amount::{Amount, AmountError};
pub use code::{Code, CodeError};
pub use currency::{Currency, CurrencyError};
pub use key::{Issuer, Key, KeyLength, Master, Payment, Purpose};
pub use mac::{Algorithm, Tag};
pub use msisdn::{Msisdn, MsisdnError};
pub use nonce::{Counter, Nonce};
pub use payment::{Memory, Refusal, Request, Scheme, Suite, Terms, TermsError};
pub use profile::Profile;

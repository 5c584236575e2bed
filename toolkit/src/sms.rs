//! Short messages to the network: SMS-SUBMIT, and long messages in parts.
//!
//! Source: 3GPP TS 23.040 clauses 9.2.2.2 and 9.2.3.

mod data;
mod parts;
mod submit;

pub use data::{Header, UserData, UserDataError};
pub use parts::{Concatenation, Part, Parts, Reference, TooManyParts};
pub use submit::{Submit, Validity};

/// The most bytes of user data, header included.
pub const MAX_USER_DATA: usize = 140;

//! BER-TLV data objects: tag, length, value, nested at will.
//!
//! Reading borrows from the input; writing goes to a caller's buffer through [`Writer`].
//! Bytes `00` before, between and behind data objects carry no meaning and are skipped by [`iter`]
//! and [`find`].
//!
//! Source: ISO/IEC 7816-4:2013, BER-TLV data objects; encoding rules of ISO/IEC 8825-1.

mod error;
mod read;
mod tag;
mod write;

pub use error::{TlvError, TlvErrorKind};
pub use read::{Tlv, TlvIter, find, iter, parse};
pub use tag::{Tag, TagClass};
pub use write::Writer;

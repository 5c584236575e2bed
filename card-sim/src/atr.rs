//! The answer to reset (ATR): what a card says first, about its protocols and about itself.
//!
//! | byte | what |
//! |---|---|
//! | TS | `3B` direct or `3F` inverse convention |
//! | T0 | high digit: which of TA1 TB1 TC1 TD1 follow; low digit: how many historical bytes |
//! | TAi TBi TCi TDi | TDi: high digit as in T0, for the next group; low digit: a protocol T |
//! | T1 … TK | 0 to 15 historical bytes |
//! | TCK | exclusive or of all from T0 on is zero; absent if T=0 is all that is offered |
//!
//! Source: ISO/IEC 7816-3:2006, answer to reset.

mod explain;
mod historical;
mod offer;
mod speed;

use std::fmt;

pub use explain::Line;
pub use offer::{Numbering, Offer, OfferError, Protocols};

/// The ATR of a card unless another is chosen, which says what [`Offer::DEFAULT`] offers: T=0 and T=1 with blocks of up
/// to 254 bytes at the default speed, and in compact-TLV (ISO/IEC 7816-4, category `80`):
///
/// | bytes | what | says |
/// |---|---|---|
/// | `31 D8` | card service data | selection by full and by partial name; an MF with EF.ATR/INFO, read by READ BINARY |
/// | `73 C0 01 FB` | card capabilities | selection by full and by partial name; data units of one byte; command chaining; extended `Lc` and `Le`, and how long is said in EF.ATR/INFO; 4 channels, numbered by the card or by the interface device |
pub const DEFAULT: [u8; 13] = [0x3B, 0x87, 0x80, 0x11, 0xFE, 0x80, 0x31, 0xD8, 0x73, 0xC0, 0x01, 0xFB, 0xC8];

/// As [`DEFAULT`], with T=0 alone: SIM tools want that.
pub const DEFAULT_T0: [u8; 9] = [0x3B, 0x07, 0x80, 0x31, 0xD8, 0x73, 0xC0, 0x01, 0xFB];

/// As [`DEFAULT`], with T=1 alone.
pub const DEFAULT_T1: [u8; 13] = [0x3B, 0x87, 0x81, 0x11, 0xFE, 0x80, 0x31, 0xD8, 0x73, 0xC0, 0x01, 0xFB, 0xC9];

/// An answer to reset whose structure is right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Atr<'a> {
    bytes: &'a [u8],
    historical: &'a [u8],
    // Bit T stands for the protocol T.
    protocols: u16,
}

/// Why some bytes are not an answer to reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AtrError {
    /// More than 33 bytes.
    #[error("an ATR has at most {} bytes, this one has {found}", Atr::MAX_LENGTH)]
    TooLong {
        /// How many bytes there are.
        found: usize,
    },
    /// The first byte is neither `3B` nor `3F`.
    #[error("an ATR begins with 3B or 3F, not {found:02X}")]
    InitialCharacter {
        /// The first byte.
        found: u8,
    },
    /// The bytes end before all that was announced has come.
    #[error("the ATR ends after {found} bytes, in the middle")]
    Truncated {
        /// How many bytes there are.
        found: usize,
    },
    /// TD1 names T=15, which is no protocol to begin with.
    #[error("the first protocol is T=15, which is none")]
    FirstProtocol,
    /// The check character TCK is wrong.
    #[error("the check character is {found:02X}, it must be {expected:02X}")]
    Check {
        /// What it must be.
        expected: u8,
        /// What it is.
        found: u8,
    },
    /// Bytes behind the last one that was announced. With T=0 alone that may be a check character.
    #[error("{count} bytes too many at the end")]
    TrailingBytes {
        /// How many bytes are too many.
        count: usize,
    },
}

impl<'a> Atr<'a> {
    /// The longest ATR, in bytes: TS and 32 more.
    pub const MAX_LENGTH: usize = 33;

    /// Reads an ATR.
    ///
    /// # Errors
    /// [`AtrError`] for what is wrong first.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, AtrError> {
        let found = bytes.len();
        let truncated = AtrError::Truncated { found };
        let (&initial, rest) = bytes.split_first().ok_or(truncated)?;
        if !matches!(initial, 0x3B | 0x3F) {
            return Err(AtrError::InitialCharacter { found: initial });
        }
        if found > Self::MAX_LENGTH {
            return Err(AtrError::TooLong { found });
        }
        let (&format, mut rest) = rest.split_first().ok_or(truncated)?;
        let (mut indicator, mut protocols) = (format, 0_u16);
        loop {
            let skipped = usize::try_from((indicator & 0x70).count_ones()).unwrap_or_default();
            rest = rest.get(skipped..).ok_or(truncated)?;
            if indicator & 0x80 == 0 {
                break;
            }
            let (&next, behind) = rest.split_first().ok_or(truncated)?;
            (indicator, rest) = (next, behind);
            let protocol = bit(indicator & 0x0F);
            if protocols == 0 && protocol == bit(15) {
                return Err(AtrError::FirstProtocol);
            }
            protocols |= protocol;
        }
        if protocols == 0 {
            protocols = bit(0);
        }
        let (historical, rest) = rest.split_at_checked(usize::from(format & 0x0F)).ok_or(truncated)?;
        let rest = if protocols == bit(0) { rest } else { check(bytes, rest).ok_or(truncated)?? };
        match rest.len() {
            0 => Ok(Self { bytes, historical, protocols }),
            count => Err(AtrError::TrailingBytes { count }),
        }
    }

    /// All its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The historical bytes, 0 to 15.
    #[must_use]
    pub const fn historical(&self) -> &'a [u8] {
        self.historical
    }

    /// Whether the card offers the protocol T=`protocol`, 0 to 14. Without any TD it offers T=0.
    #[must_use]
    pub fn offers(&self, protocol: u8) -> bool {
        protocol < 15 && self.protocols & bit(protocol) != 0
    }
}

/// Checks TCK, the first byte of `rest`, and returns what is behind it; `None` if it is missing.
fn check<'r>(bytes: &[u8], rest: &'r [u8]) -> Option<Result<&'r [u8], AtrError>> {
    let (&found, behind) = rest.split_first()?;
    let before = bytes.len().saturating_sub(rest.len());
    let expected = check_character(bytes.get(..before)?);
    Some(if found == expected { Ok(behind) } else { Err(AtrError::Check { expected, found }) })
}

/// TCK for an ATR that ends without it.
fn check_character(bytes: &[u8]) -> u8 {
    bytes.iter().skip(1).fold(0, |sum, byte| sum ^ byte)
}

const fn bit(protocol: u8) -> u16 {
    match 1_u16.checked_shl(u32::from_be_bytes([0, 0, 0, protocol])) {
        Some(bit) => bit,
        None => 0,
    }
}

impl fmt::Display for Atr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Atr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[path = "atr/tests.rs"]
mod tests;

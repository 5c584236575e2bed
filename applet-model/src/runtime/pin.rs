//! The PIN object, as JavaCard's `OwnerPIN`: a try is counted durably before the comparison, outside any
//! transaction; a right PIN validates for the session only; at zero tries it is blocked.

use core::fmt;

use apdu::Sw;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Cell, Context, Fault, Layout, Memory, Transaction};

/// A PIN or unblocking key as it is transmitted: 4 to 8 ASCII digits, padded with `FF` to 8 bytes
/// (ETSI TS 102 221). Wiped on drop, silent in `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PinBlock([u8; PinBlock::LEN]);

/// Why something is not a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PinBlockError {
    /// Fewer than 4 or more than 8 digits.
    #[error("a PIN has 4 to 8 digits, not {found}")]
    Length {
        /// How many characters there are.
        found: usize,
    },
    /// Something other than the digits 0 to 9.
    #[error("a PIN has digits only")]
    NotADigit,
}

impl PinBlock {
    /// Length in bytes.
    pub const LEN: usize = 8;

    /// The block of a PIN that a person typed.
    ///
    /// # Errors
    /// [`PinBlockError`].
    pub fn parse(text: &str) -> Result<Self, PinBlockError> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinBlockError::NotADigit);
        }
        let mut block = [0xFF; Self::LEN];
        match block.get_mut(..text.len()) {
            Some(room) if text.len() >= 4 => room.copy_from_slice(text.as_bytes()),
            _ => return Err(PinBlockError::Length { found: text.chars().count() }),
        }
        Ok(Self(block))
    }

    /// The block that a command carries.
    ///
    /// # Errors
    /// [`PinBlockError`].
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Result<Self, PinBlockError> {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if bytes.iter().skip(digits).any(|byte| *byte != 0xFF) {
            return Err(PinBlockError::NotADigit);
        }
        if digits < 4 { Err(PinBlockError::Length { found: digits }) } else { Ok(Self(bytes)) }
    }

    /// The 8 bytes, for the command that carries them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for PinBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinBlock")
    }
}

record! {
    /// The counters of a PIN.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct PinTries {
        /// How many wrong tries in a row block it.
        pub limit: u8,
        /// How many are left.
        pub left: u8,
        /// How often it was presented since it was set up.
        pub attempts: u32,
        /// How many of these were wrong.
        pub failures: u32,
    }
}

/// The places of one PIN in an applet's memory.
#[derive(Clone, Copy, Debug)]
pub struct Pin {
    tries: Cell<PinTries>,
    value: Cell<[u8; PinBlock::LEN]>,
}

impl Pin {
    /// The next free places.
    pub fn new(layout: &mut Layout) -> Self {
        Self { tries: layout.cell(), value: layout.cell() }
    }

    /// Where its counters lie, and where the PIN itself does.
    #[must_use]
    pub const fn cells(&self) -> (Cell<PinTries>, Cell<[u8; PinBlock::LEN]>) {
        (self.tries, self.value)
    }

    /// The counters.
    #[inline]
    #[must_use]
    pub fn tries(&self, memory: &Memory<'_>) -> PinTries {
        memory.read(self.tries)
    }

    /// Compares a PIN, having counted the try.
    ///
    /// # Errors
    /// `63Cx` with the tries left if it is wrong, `6983` if it is blocked.
    pub fn check(&self, memory: &mut Memory<'_>, candidate: &PinBlock) -> Result<(), Sw> {
        let tries = self.tries(memory);
        let left = tries.left.checked_sub(1).ok_or(Sw::AUTHENTICATION_METHOD_BLOCKED)?;
        let counted = PinTries {
            left,
            attempts: tries.attempts.saturating_add(1),
            failures: tries.failures.saturating_add(1),
            ..tries
        };
        memory.write(self.tries, &counted)?;
        let mut value = memory.read(self.value);
        let right: bool = value.ct_eq(candidate.expose()).into();
        value.zeroize();
        if !right {
            return Err(Sw::counter(left));
        }
        memory.write(self.tries, &PinTries { left: tries.limit, failures: tries.failures, ..counted })?;
        Ok(())
    }

    /// Sets a new PIN with a new limit, all tries left. The counters of attempts go on.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn set(&self, transaction: &mut Transaction<'_>, limit: u8, value: &PinBlock) -> Result<(), Fault> {
        let tries = transaction.read(self.tries);
        transaction.write(self.value, value.expose())?;
        transaction.write(self.tries, &PinTries { limit, left: limit, ..tries })
    }
}

/// The session's answer to "has the holder proved to be there": set by a right PIN, used up by what needs it.
#[derive(Clone, Copy, Debug)]
pub struct Verification(Cell<u8>);

impl Verification {
    /// The next free place, in memory that lasts until the applet is deselected.
    pub fn new(layout: &mut Layout) -> Self {
        Self(layout.cell())
    }

    /// Whether the PIN was verified and that not used up.
    #[must_use]
    pub fn is_set(self, context: &Context<'_>) -> bool {
        context.until_deselect.read(self.0) != 0
    }

    /// Forgets it, or sets it.
    pub fn set(self, context: &mut Context<'_>, verified: bool) {
        context.until_deselect.write(self.0, &u8::from(verified));
    }

    /// Uses it up.
    ///
    /// # Errors
    /// `6982` if the PIN was not verified.
    pub fn consume(self, context: &mut Context<'_>) -> Result<(), Sw> {
        match context.until_deselect.take(self.0) {
            0 => Err(Sw::SECURITY_STATUS_NOT_SATISFIED),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_blocks() {
        assert_eq!(PinBlock::parse("1234").unwrap().expose(), b"1234\xFF\xFF\xFF\xFF");
        assert_eq!(PinBlock::parse("12345678").unwrap().expose(), b"12345678");
        assert_eq!(PinBlock::parse("123").unwrap_err(), PinBlockError::Length { found: 3 });
        assert_eq!(PinBlock::parse("123456789").unwrap_err(), PinBlockError::Length { found: 9 });
        assert_eq!(PinBlock::parse("12a4").unwrap_err(), PinBlockError::NotADigit);
        assert!(PinBlock::from_bytes(*b"1234\xFF\xFF\xFF\xFF").is_ok());
        assert!(PinBlock::from_bytes(*b"12345678").is_ok());
        for bad in [
            b"1234\xFF\xFF\xFF5",
            b"123\xFF\xFF\xFF\xFF\xFF",
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"1234 \xFF\xFF\xFF",
        ] {
            assert!(PinBlock::from_bytes(*bad).is_err());
        }
    }
}

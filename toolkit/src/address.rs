//! Telephone numbers as SMS and the toolkit code them.

use core::fmt;

use crate::TextError;
use apdu::BufferTooSmall;

/// A number: a byte that says its type and numbering plan, and digits in semi-octets, the first in the low half.
///
/// | semi-octet | `0`-`9` | `A` | `B` | `C` | `D` | `E` | `F` |
/// |---|---|---|---|---|---|---|---|
/// | is | the digit | `*` | `#` | `a` | `b` | `c` | filler, at the end of an odd count |
///
/// `Debug` shows the last three digits only.
///
/// Source: 3GPP TS 23.040 clause 9.1.2.5, with the digits of 3GPP TS 24.008 called party BCD number; ETSI TS 102 223
/// clause 8.1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    kind: u8,
    bcd: &'a [u8],
}

const DIGITS: &str = "0123456789*#abc";

impl<'a> Address<'a> {
    /// Type and plan of a number with `+`: international, ISDN/telephone (E.164).
    pub const INTERNATIONAL: u8 = 0x91;
    /// Type and plan of a number without: unknown, ISDN/telephone.
    pub const UNKNOWN: u8 = 0x81;
    /// The most bytes of digits that an SMS can have: 20 digits.
    pub const MAX_SMS_BYTES: usize = 10;

    /// A type of number and numbering plan, and digits in semi-octets; `None` if a filler stands anywhere but in the
    /// high half of the last byte, or if bit 8 of the first byte is off.
    #[must_use]
    pub fn new(kind: u8, bcd: &'a [u8]) -> Option<Self> {
        let digits = bcd.len().saturating_mul(2).saturating_sub(usize::from(is_odd(bcd)));
        (kind & 0x80 != 0 && semi_octets(bcd).take(digits).all(|digit| digit != 0x0F)).then_some(Self { kind, bcd })
    }

    /// This number, with `+` before it or not, in the caller's memory.
    ///
    /// # Errors
    /// [`TextError::NotInAlphabet`] for what is neither a digit nor one of `*`, `#`, `a`, `b`, `c`;
    /// [`TextError::TooLong`].
    pub fn encode(number: &str, out: &'a mut [u8]) -> Result<Self, TextError> {
        let (kind, digits, before) = match number.strip_prefix('+') {
            Some(digits) => (Self::INTERNATIONAL, digits, 1),
            None => (Self::UNKNOWN, number, 0_usize),
        };
        let needed = digits.len().div_ceil(2);
        let available = out.len();
        let code = |character| DIGITS.find(character).and_then(|code| u8::try_from(code).ok());
        let wrong = digits.chars().enumerate().find(|(_, character)| code(*character).is_none());
        if let Some((position, character)) = wrong {
            return Err(TextError::NotInAlphabet { character, position: position.saturating_add(before) });
        }
        let room = out.get_mut(..needed).ok_or(BufferTooSmall { needed, available })?;
        let mut codes = digits.chars().filter_map(code);
        for byte in room.iter_mut() {
            let low = codes.next().unwrap_or(0x0F);
            *byte = codes.next().unwrap_or(0x0F) << 4 | low;
        }
        Ok(Self { kind, bcd: room })
    }

    /// Type of number and numbering plan, with bit 8.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        self.kind
    }

    /// Whether a `+` belongs before it.
    #[must_use]
    pub const fn is_international(&self) -> bool {
        self.kind >> 4 & 0b111 == 0b001
    }

    /// How many digits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bcd.len().saturating_mul(2).saturating_sub(usize::from(is_odd(self.bcd)))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bcd.is_empty()
    }

    /// The digits, without `+`.
    pub fn digits(&self) -> impl Iterator<Item = char> + use<'a> {
        semi_octets(self.bcd).take(self.len()).filter_map(|code| DIGITS.chars().nth(usize::from(code)))
    }

    pub(crate) fn read(value: &'a [u8]) -> Option<Self> {
        let (kind, bcd) = value.split_first()?;
        Self::new(*kind, bcd)
    }

    pub(crate) const fn parts(&self) -> [&[u8]; 2] {
        [core::slice::from_ref(&self.kind), self.bcd]
    }

    pub(crate) const fn bcd(&self) -> &'a [u8] {
        self.bcd
    }
}

fn semi_octets(bcd: &[u8]) -> impl Iterator<Item = u8> {
    bcd.iter().flat_map(|byte| [byte & 0x0F, byte >> 4])
}

fn is_odd(bcd: &[u8]) -> bool {
    bcd.last().is_some_and(|byte| byte >> 4 == 0x0F)
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        if self.is_international() {
            f.write_char('+')?;
        }
        self.digits().try_for_each(|digit| f.write_char(digit))
    }
}

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        f.write_str("Address(…")?;
        self.digits().skip(self.len().saturating_sub(3)).try_for_each(|digit| f.write_char(digit))?;
        f.write_char(')')
    }
}

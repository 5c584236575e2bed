//! A code: decimal digits that one person says and another types.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// So many decimal digits, leading zeros included. How many is data: each profile has its own.
///
/// Codes compare in constant time only (there is no `==`), and `Debug` does not show the digits.
#[derive(Clone, Copy)]
pub struct Code {
    value: u128,
    digits: u8,
}

/// Why a text or a number is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// A character that is neither a digit nor a space nor a dash, at this byte offset.
    #[error("a code has digits only; spaces and dashes between them do no harm")]
    NotADigit {
        /// Byte offset in the text.
        at: usize,
    },
    /// Another number of digits than the code has.
    #[error("this code has {expected} digits, {found} were given")]
    WrongLength {
        /// How many the code has.
        expected: u8,
        /// How many were given.
        found: usize,
    },
    /// More digits than a code can have, or a number that does not fit its digits.
    #[error("the number does not fit into {digits} digits (at most {} are possible)", Code::MAX_DIGITS)]
    OutOfRange {
        /// The digits asked for.
        digits: u8,
    },
    /// Bytes that are not BCD digits padded with `F` on the left.
    #[error("not a code in BCD, padded with F on the left")]
    NotBcd,
}

impl Code {
    /// The most digits a code can have: two groups of twelve, 79.7 bits.
    pub const MAX_DIGITS: u8 = 24;
    /// The most bytes that the BCD form takes.
    pub const MAX_BCD: usize = 12;

    /// The code with this value and this many digits.
    ///
    /// # Errors
    /// [`CodeError::OutOfRange`] if the value has more digits, or there are more than [`Code::MAX_DIGITS`].
    pub fn new(value: u128, digits: u8) -> Result<Self, CodeError> {
        let range = 10u128.checked_pow(u32::from(digits)).filter(|_| digits <= Self::MAX_DIGITS);
        match range {
            Some(range) if value < range => Ok(Self { value, digits }),
            _ => Err(CodeError::OutOfRange { digits }),
        }
    }

    /// 64 bits reduced to `digits` decimal digits: `bits mod 10^digits`, at most 19 digits.
    ///
    /// With 64 bits the likeliest code of 8 digits exceeds the average by 5e-12; with 31 it would be 2.45 %.
    #[inline]
    #[must_use]
    pub(crate) fn reduce(bits: u64, digits: u8) -> Self {
        let value = power_of_ten(digits).and_then(|range| bits.checked_rem(range)).unwrap_or(bits);
        Self { value: u128::from(value), digits: digits.min(20) }
    }

    /// Reads what a person typed: exactly so many digits; spaces and dashes are passed over.
    ///
    /// # Errors
    /// [`CodeError::NotADigit`] with its place, or [`CodeError::WrongLength`].
    pub fn parse(text: &str, digits: u8) -> Result<Self, CodeError> {
        let mut value: u128 = 0;
        let mut found: usize = 0;
        for (at, character) in text.char_indices() {
            match character.to_digit(10) {
                Some(digit) if found < usize::from(digits.min(Self::MAX_DIGITS)) => {
                    value = value.saturating_mul(10).saturating_add(u128::from(digit));
                    found = found.saturating_add(1);
                }
                Some(_) => found = found.saturating_add(1),
                None if character == ' ' || character == '-' => {}
                None => return Err(CodeError::NotADigit { at }),
            }
        }
        if found == usize::from(digits) {
            Self::new(value, digits)
        } else {
            Err(CodeError::WrongLength { expected: digits, found })
        }
    }

    /// How many digits.
    #[inline]
    #[must_use]
    pub const fn digits(&self) -> u8 {
        self.digits
    }

    /// The digits as an integer.
    #[inline]
    #[must_use]
    pub const fn value(&self) -> u128 {
        self.value
    }

    /// This code followed by another.
    #[inline]
    #[must_use]
    pub fn join(self, tail: Self) -> Self {
        // Both parts come from one profile, and a profile's codes fit (checked where it is made).
        let shift = u128::from(power_of_ten(tail.digits).unwrap_or(1));
        Self {
            value: self.value.saturating_mul(shift).saturating_add(tail.value),
            digits: self.digits.saturating_add(tail.digits),
        }
    }

    /// The first `head` digits and the rest.
    #[inline]
    #[must_use]
    pub fn split(self, head: u8) -> (Self, Self) {
        let tail = self.digits.saturating_sub(head);
        let shift = 10u128.checked_pow(u32::from(tail)).unwrap_or(u128::MAX);
        let part = |value: Option<u128>, digits| Self { value: value.unwrap_or(0), digits };
        (
            part(self.value.checked_div(shift), self.digits.saturating_sub(tail)),
            part(self.value.checked_rem(shift), tail),
        )
    }

    /// Writes the digits as BCD, two a byte, padded with one `F` on the left if their number is odd.
    /// Returns how many bytes that took; nothing if `out` is shorter.
    pub fn write_bcd(&self, out: &mut [u8]) -> Option<usize> {
        let len = Self::bcd_len(self.digits);
        let mut value = self.value;
        let mut left = self.digits;
        let mut next = || {
            let digit = if left == 0 { 0xF } else { u8::try_from(value % 10).unwrap_or(0) };
            left = left.saturating_sub(1);
            value /= 10;
            digit
        };
        for byte in out.get_mut(..len)?.iter_mut().rev() {
            let low = next();
            *byte = next() << 4 | low;
        }
        Some(len)
    }

    /// Reads the BCD form of a code with this many digits.
    ///
    /// # Errors
    /// [`CodeError::WrongLength`] or [`CodeError::NotBcd`].
    pub fn from_bcd(bytes: &[u8], digits: u8) -> Result<Self, CodeError> {
        if bytes.len() != Self::bcd_len(digits) {
            return Err(CodeError::WrongLength { expected: digits, found: bytes.len().saturating_mul(2) });
        }
        let mut nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
        if digits % 2 == 1 && nibbles.next() != Some(0xF) {
            return Err(CodeError::NotBcd);
        }
        let value = nibbles
            .try_fold(0u128, |value, digit| {
                (digit <= 9).then(|| value.saturating_mul(10).saturating_add(u128::from(digit)))
            })
            .ok_or(CodeError::NotBcd)?;
        Self::new(value, digits)
    }

    /// Reads the BCD form of a code whose length its bytes tell: two digits a byte, one less after an `F`.
    ///
    /// # Errors
    /// [`CodeError::NotBcd`], or [`CodeError::OutOfRange`] for more digits than a code can have.
    pub fn from_padded_bcd(bytes: &[u8]) -> Result<Self, CodeError> {
        let nibbles = u8::try_from(bytes.len().saturating_mul(2)).unwrap_or(u8::MAX);
        let padding = u8::from(bytes.first().is_some_and(|first| first >> 4 == 0xF));
        Self::from_bcd(bytes, nibbles.saturating_sub(padding))
    }

    /// The length in bytes of the BCD form of so many digits.
    #[must_use]
    pub fn bcd_len(digits: u8) -> usize {
        usize::from(digits.div_ceil(2))
    }

    /// Displays the digits without a gap, as programs exchange them.
    #[must_use]
    pub const fn ungrouped(self) -> Ungrouped {
        Ungrouped(self)
    }
}

impl ConstantTimeEq for Code {
    #[inline]
    fn ct_eq(&self, other: &Self) -> Choice {
        self.value.ct_eq(&other.value) & self.digits.ct_eq(&other.digits)
    }
}

/// Groups as a person reads them out: `4761 0825`; groups of three where four do not divide the length.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_threes = self.digits.is_multiple_of(3) && !self.digits.is_multiple_of(4);
        let group = if in_threes { 3 } else { 4 };
        let mut rest = *self;
        while rest.digits > group {
            let (head, tail) = rest.split(group);
            write!(f, "{} ", head.ungrouped())?;
            rest = tail;
        }
        write!(f, "{}", rest.ungrouped())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({} digits)", self.digits)
    }
}

/// Displays a [`Code`] without gaps.
#[derive(Clone, Copy, Debug)]
pub struct Ungrouped(Code);

impl fmt::Display for Ungrouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.digits {
            0 => Ok(()),
            digits => write!(f, "{:0width$}", self.0.value, width = usize::from(digits)),
        }
    }
}

#[inline]
fn power_of_ten(digits: u8) -> Option<u64> {
    10u64.checked_pow(u32::from(digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::string::{String, ToString};

    /// P-READ-1, P-READ-2: spaces and hyphens are passed over, wherever they stand; anything else, another script's
    /// digits too, and another number of digits make a code unreadable.
    #[test]
    fn texts() {
        let check = |text: &str, expected: Result<&str, CodeError>| {
            assert_eq!(Code::parse(text, 8).map(|code| code.to_string()), expected.map(String::from), "{text}");
        };
        check("47610825", Ok("4761 0825"));
        check("4761 0825", Ok("4761 0825"));
        check("4761-0825", Ok("4761 0825"));
        check(" 47 61 08 25 ", Ok("4761 0825"));
        check("00000001", Ok("0000 0001"));
        check("4761O825", Err(CodeError::NotADigit { at: 4 }));
        check("4761.0825", Err(CodeError::NotADigit { at: 4 }));
        check("٤٧٦١٠٨٢٥", Err(CodeError::NotADigit { at: 0 }));
        check("4761082", Err(CodeError::WrongLength { expected: 8, found: 7 }));
        check("476108251", Err(CodeError::WrongLength { expected: 8, found: 9 }));
        check("", Err(CodeError::WrongLength { expected: 8, found: 0 }));
        check(&"9".repeat(400), Err(CodeError::WrongLength { expected: 8, found: 400 }));
    }

    /// P-SHOW-1: with all zeros, in groups.
    #[test]
    fn shown_in_groups() {
        let shown = |digits| Code::new(7, digits).unwrap().to_string();
        assert_eq!(shown(3), "007");
        assert_eq!(shown(6), "000 007");
        assert_eq!(shown(7), "0000 007");
        assert_eq!(shown(8), "0000 0007");
        assert_eq!(shown(12), "0000 0000 0007");
        assert_eq!(shown(20), "0000 0000 0000 0000 0007");
    }

    #[test]
    fn debug_shows_no_digit() {
        assert_eq!(format!("{:?}", Code::new(47_610_825, 8).unwrap()), "Code(8 digits)");
    }

    #[test]
    fn range() {
        assert!(Code::new(999, 3).is_ok());
        assert!(Code::new(1000, 3).is_err());
        assert!(Code::new(0, 25).is_err());
        assert_eq!(Code::reduce(u64::MAX, 8).value(), u128::from(u64::MAX) % 100_000_000);
    }

    proptest! {
        #[test]
        fn bcd_and_text_and_split_round_trip(raw: u128, digits in 1u8..=24, head in 0u8..=24) {
            let code = Code::new(raw % 10u128.pow(digits.into()), digits).unwrap();
            let same = |other: Code| bool::from(code.ct_eq(&other));
            let mut bytes = [0; Code::MAX_BCD];
            let len = code.write_bcd(&mut bytes).unwrap();
            prop_assert!(same(Code::from_bcd(&bytes[..len], digits).unwrap()));
            prop_assert!(same(Code::from_padded_bcd(&bytes[..len]).unwrap()));
            prop_assert!(same(Code::parse(&code.to_string(), digits).unwrap()));
            let (front, back) = code.split(head.min(digits));
            prop_assert!(back.digits() > 19 || same(front.join(back)));
        }

        #[test]
        fn any_text_and_bytes(text: String, bytes: std::vec::Vec<u8>, digits: u8) {
            let _ = Code::parse(&text, digits);
            let _ = Code::from_bcd(&bytes, digits);
            let _ = Code::from_padded_bcd(&bytes);
        }
    }
}

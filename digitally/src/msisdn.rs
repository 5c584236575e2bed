//! A phone number in its one canonical form: ITU-T E.164, with country code.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// A phone number (MSISDN), at most 15 digits (ITU-T E.164), country code first.
///
/// Held as it is authenticated: 16 BCD nibbles, padded with `F` on the left.
/// A shorter number and the same number with a leading zero can therefore never be confused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msisdn([u8; 8]);

/// Why a text or a byte string is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MsisdnError {
    /// No `+`: a local number means different people in different countries.
    #[error("a phone number starts with + and the country code")]
    NoCountryCode,
    /// A character that is not a digit, at this byte offset.
    #[error("a phone number has digits only after the +")]
    NotADigit {
        /// Byte offset in the text.
        at: usize,
    },
    /// No country code starts with zero.
    #[error("a country code does not start with 0")]
    LeadingZero,
    /// Fewer than 7 digits.
    #[error("a phone number has at least {} digits, this one has {digits}", Msisdn::MIN_DIGITS)]
    TooShort {
        /// How many digits there are.
        digits: usize,
    },
    /// More than 15 digits.
    #[error("a phone number has at most {} digits, this one has {digits}", Msisdn::MAX_DIGITS)]
    TooLong {
        /// How many digits there are.
        digits: usize,
    },
    /// Bytes that are not 16 BCD nibbles padded with `F` on the left.
    #[error("not a phone number in BCD, padded with F on the left")]
    NotBcd,
}

impl Msisdn {
    /// The fewest digits accepted, country code included.
    pub const MIN_DIGITS: usize = 7;
    /// The most digits of an E.164 number, country code included.
    pub const MAX_DIGITS: usize = 15;
    /// Length of the BCD form in bytes.
    pub const LEN: usize = 8;

    /// The 8 bytes that are stored and authenticated.
    #[inline]
    #[must_use]
    pub const fn bcd(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Reads the BCD form.
    ///
    /// # Errors
    /// [`MsisdnError::NotBcd`] for a nibble that is no digit, and the rule broken otherwise.
    pub fn from_bcd(bytes: &[u8; Self::LEN]) -> Result<Self, MsisdnError> {
        let mut digits: usize = 0;
        let mut first = None;
        for nibble in nibbles(bytes) {
            match nibble {
                0..=9 => {
                    first.get_or_insert(nibble);
                    digits = digits.saturating_add(1);
                }
                0xF if digits == 0 => {}
                _ => return Err(MsisdnError::NotBcd),
            }
        }
        check(digits, first)?;
        Ok(Self(*bytes))
    }

    /// The digits as one integer, for instance 254700000001.
    #[must_use]
    pub fn number(&self) -> u64 {
        nibbles(&self.0)
            .filter(|nibble| *nibble <= 9)
            .fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit)))
    }
}

impl FromStr for Msisdn {
    type Err = MsisdnError;

    fn from_str(text: &str) -> Result<Self, MsisdnError> {
        let digits = text.strip_prefix('+').ok_or(MsisdnError::NoCountryCode)?;
        if let Some(at) = digits.bytes().position(|byte| !byte.is_ascii_digit()) {
            return Err(MsisdnError::NotADigit { at: at.saturating_add(1) });
        }
        check(digits.len(), digits.bytes().next().map(|byte| byte.wrapping_sub(b'0')))?;
        let packed = digits.bytes().fold(u64::MAX, |packed, byte| packed << 4 | u64::from(byte.wrapping_sub(b'0')));
        Ok(Self(packed.to_be_bytes()))
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.number())
    }
}

/// Shows the last three digits only: numbers are personal data.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Msisdn(…{:03})", self.number() % 1000)
    }
}

fn nibbles(bytes: &[u8; Msisdn::LEN]) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF])
}

fn check(digits: usize, first: Option<u8>) -> Result<(), MsisdnError> {
    if first == Some(0) {
        return Err(MsisdnError::LeadingZero);
    }
    match digits {
        ..Msisdn::MIN_DIGITS => Err(MsisdnError::TooShort { digits }),
        Msisdn::MIN_DIGITS..=Msisdn::MAX_DIGITS => Ok(()),
        _ => Err(MsisdnError::TooLong { digits }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;

    /// P-NUM-1, P-NUM-2: 7 to 15 digits after the country code's plus, none of them a leading zero; and their BCD.
    #[test]
    fn texts() {
        let ok = |text: &str| text.parse::<Msisdn>().map(|number| *number.bcd());
        assert_eq!(ok("+254700000001"), Ok(hex!("FFFF254700000001")));
        assert_eq!(ok("+2547000"), Ok(hex!("FFFFFFFFF2547000")));
        assert_eq!(ok("+123456789012345"), Ok(hex!("F123456789012345")));
        assert_eq!(ok("0700000001"), Err(MsisdnError::NoCountryCode));
        assert_eq!(ok(""), Err(MsisdnError::NoCountryCode));
        assert_eq!(ok("+"), Err(MsisdnError::TooShort { digits: 0 }));
        assert_eq!(ok("+0700000001"), Err(MsisdnError::LeadingZero));
        assert_eq!(ok("+254 700"), Err(MsisdnError::NotADigit { at: 4 }));
        assert_eq!(ok("+25470٣0000"), Err(MsisdnError::NotADigit { at: 6 }));
        assert_eq!(ok("+254700"), Err(MsisdnError::TooShort { digits: 6 }));
        assert_eq!(ok("+1234567890123456"), Err(MsisdnError::TooLong { digits: 16 }));
    }

    /// P-NUM-1, P-NUM-2: BCD that is no number: letters, a gap, a leading zero, too many digits and too few.
    #[test]
    fn bytes() {
        assert_eq!(Msisdn::from_bcd(&hex!("FFFF25470000000A")), Err(MsisdnError::NotBcd));
        assert_eq!(Msisdn::from_bcd(&hex!("FFFF2547F0000000")), Err(MsisdnError::NotBcd));
        assert_eq!(Msisdn::from_bcd(&hex!("FFFF054700000001")), Err(MsisdnError::LeadingZero));
        assert_eq!(Msisdn::from_bcd(&hex!("1234567890123456")), Err(MsisdnError::TooLong { digits: 16 }));
        assert_eq!(Msisdn::from_bcd(&[0xFF; 8]), Err(MsisdnError::TooShort { digits: 0 }));
    }

    #[test]
    fn debug_keeps_the_number_to_itself() {
        let number: Msisdn = "+254700000041".parse().unwrap();
        assert_eq!(format!("{number:?}"), "Msisdn(…041)");
    }

    proptest! {
        #[test]
        fn any_bytes(bytes: [u8; 8]) {
            if let Ok(number) = Msisdn::from_bcd(&bytes) {
                prop_assert_eq!(number.to_string().parse(), Ok(number));
            }
        }

        #[test]
        fn any_text(text in "\\+?[0-9a ]{0,18}") {
            if let Ok(number) = text.parse::<Msisdn>() {
                prop_assert_eq!(number.to_string(), text);
                prop_assert_eq!(Msisdn::from_bcd(number.bcd()), Ok(number));
            }
        }
    }
}

//! Application identifiers (AID), the names by which applications on a card are selected.

use core::fmt;

/// An application identifier: 5 to 16 bytes, of which the first five are, for a registered
/// provider, its RID and the rest its own extension (PIX).
///
/// ISO/IEC 7816-4 limits an AID to 16 bytes. The lower limit of 5, the length of a RID, is the
/// one of Java Card. `Display` and `Debug` print upper-case hex without
/// spaces, the order is that of the bytes.
///
/// Source: ISO/IEC 7816-4:2013, application identifiers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aid {
    // Padded with zeros, so that the derived order is the order of the slices.
    bytes: [u8; Aid::MAX_LENGTH],
    length: u8,
}

/// The bytes given for an AID are fewer than 5 or more than 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an AID has 5 to 16 bytes, not {length}")]
pub struct AidLength {
    /// How many bytes were given.
    pub length: usize,
}

impl Aid {
    /// The shortest AID, in bytes.
    pub const MIN_LENGTH: usize = 5;
    /// The longest AID, in bytes.
    pub const MAX_LENGTH: usize = 16;

    /// The AID made of these bytes.
    ///
    /// # Errors
    /// [`AidLength`] unless there are 5 to 16 of them.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<Self, AidLength> {
        let length = bytes.len();
        let refusal = AidLength { length };
        if length < Self::MIN_LENGTH {
            return Err(refusal);
        }
        let mut padded = [0; Self::MAX_LENGTH];
        padded.get_mut(..length).ok_or(refusal)?.copy_from_slice(bytes);
        Ok(Self { bytes: padded, length: u8::try_from(length).map_err(|_| refusal)? })
    }

    /// The AID made of this array; a wrong `N` does not compile.
    ///
    /// ```
    /// use apdu::Aid;
    /// const PURSE: Aid = Aid::from_array(b"\xF0PURSE");
    /// assert_eq!(PURSE.to_string(), "F05055525345");
    /// ```
    /// ```compile_fail
    /// const TOO_SHORT: apdu::Aid = apdu::Aid::from_array(&[0xA0, 0, 0, 0]);
    /// ```
    #[must_use]
    pub const fn from_array<const N: usize>(bytes: &[u8; N]) -> Self {
        const { assert!(N >= Self::MIN_LENGTH && N <= Self::MAX_LENGTH, "an AID has 5 to 16 bytes") };
        let mut padded = [0; Self::MAX_LENGTH];
        padded.split_at_mut(N).0.copy_from_slice(bytes);
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "N is at most 16, and `try_from` is not const"
        )]
        let length = N as u8;
        Self { bytes: padded, length }
    }

    /// The 5 to 16 bytes.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// Whether the AID begins with `prefix`: how SELECT with a partial DF name matches.
    #[inline]
    #[must_use]
    pub fn starts_with(&self, prefix: &[u8]) -> bool {
        self.as_bytes().starts_with(prefix)
    }
}

impl TryFrom<&[u8]> for Aid {
    type Error = AidLength;

    fn try_from(bytes: &[u8]) -> Result<Self, AidLength> {
        Self::new(bytes)
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn only_five_to_sixteen_bytes_make_an_aid() {
        let bytes: [u8; 20] = core::array::from_fn(|i| u8::try_from(i).unwrap());
        for length in 0..=bytes.len() {
            let expected = (5..=16).contains(&length);
            match Aid::new(&bytes[..length]) {
                Ok(aid) => {
                    assert!(expected, "{length}");
                    assert_eq!(aid.as_bytes(), &bytes[..length]);
                }
                Err(error) => {
                    assert!(!expected, "{length}");
                    assert_eq!(error, AidLength { length });
                }
            }
        }
    }

    #[test]
    fn order_prefix_and_print_are_those_of_the_bytes() {
        let short = Aid::from_array(&[0xA0, 0, 0, 0, 1]);
        let long = Aid::from_array(&[0xA0, 0, 0, 0, 1, 0]);
        let other = Aid::from_array(&[0xA0, 0, 0, 0, 2]);
        assert!(short < long && long < other);
        assert_ne!(short, long);
        assert!(long.starts_with(short.as_bytes()) && !short.starts_with(long.as_bytes()));
        assert!(short.starts_with(&[]));
        assert_eq!(long.to_string(), "A00000000100");
        assert_eq!(std::format!("{long:?}"), "A00000000100");
    }
}

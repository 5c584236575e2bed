//! A key that knows what it is for.

use core::fmt;
use core::marker::PhantomData;

use thiserror::Error;
use zeroize::Zeroize;

use crate::mac::{self, Algorithm, Tag};

/// What a key may be used for. A key of one purpose does not fit where another is wanted.
pub trait Purpose {
    /// The name that `Debug` and messages show.
    const NAME: &'static str;
}

/// Computes request and response codes between purses.
#[derive(Debug)]
pub enum Payment {}
/// Authenticates an issuer's LOAD and UNLOAD to one card.
#[derive(Debug)]
pub enum Issuer {}
/// Derives all other keys; never leaves the issuer.
#[derive(Debug)]
pub enum Master {}

impl Purpose for Payment {
    const NAME: &'static str = "payment";
}
impl Purpose for Issuer {
    const NAME: &'static str = "issuer";
}
impl Purpose for Master {
    const NAME: &'static str = "master";
}

/// A symmetric key with its MAC algorithm: wiped on drop, not clonable, silent in `Debug`.
pub struct Key<P: Purpose> {
    bytes: [u8; MAX],
    len: u8,
    algorithm: Algorithm,
    purpose: PhantomData<P>,
}

const MAX: usize = 32;

/// A key of a length that its algorithm does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{algorithm} takes no key of {found} bytes")]
pub struct KeyLength {
    /// The algorithm that the key was for.
    pub algorithm: Algorithm,
    /// Its length in bytes.
    pub found: usize,
}

impl<P: Purpose> Key<P> {
    /// A key out of its bytes: 16, 24 or 32 for AES-CMAC, 16 to 32 for HMAC-SHA-256.
    ///
    /// # Errors
    /// [`KeyLength`] for any other length.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyLength> {
        let found = bytes.len();
        let fits = match algorithm {
            Algorithm::AesCmac => matches!(found, 16 | 24 | 32),
            Algorithm::HmacSha256 => matches!(found, 16..=MAX),
        };
        let mut key = Self { bytes: [0; MAX], len: 0, algorithm, purpose: PhantomData };
        match (fits, key.bytes.get_mut(..found), u8::try_from(found)) {
            (true, Some(room), Ok(len)) => {
                room.copy_from_slice(bytes);
                key.len = len;
                Ok(key)
            }
            _ => Err(KeyLength { algorithm, found }),
        }
    }

    /// The MAC algorithm that this key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key itself, for the one who stores or transports it.
    #[inline]
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The MAC of one input under this key.
    #[inline]
    #[must_use]
    pub fn tag(&self, input: &[u8]) -> Tag {
        #[expect(clippy::expect_used, reason = "new() admits only lengths that the algorithm takes")]
        mac::tag(self.algorithm, self.expose(), input).expect("the length was checked")
    }
}

impl<P: Purpose> Drop for Key<P> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl<P: Purpose> fmt::Debug for Key<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, {}, {} bytes)", P::NAME, self.algorithm, self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    /// P-ALG-2: every length from 0 to 40.
    #[test]
    fn lengths() {
        for len in 0..=40 {
            let bytes = std::vec![7; len];
            assert_eq!(Key::<Payment>::new(Algorithm::AesCmac, &bytes).is_ok(), [16, 24, 32].contains(&len), "{len}");
            assert_eq!(Key::<Payment>::new(Algorithm::HmacSha256, &bytes).is_ok(), (16..=32).contains(&len), "{len}");
        }
    }

    #[test]
    fn debug_shows_no_byte() {
        let key = Key::<Issuer>::new(Algorithm::AesCmac, &[0xA5; 16]).unwrap();
        assert_eq!(format!("{key:?}"), "Key(issuer, AES-CMAC, 16 bytes)");
    }
}

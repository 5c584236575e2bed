//! The seam to the cryptography: AES-CMAC and HMAC-SHA-256, and tags that compare in constant time.
//!
//! Sources: NIST SP 800-38B and RFC 4493 (AES-CMAC), RFC 2104 and FIPS 198-1 (HMAC), FIPS 180-4 (SHA-256).

use core::fmt;

use aes::{Aes128, Aes192, Aes256};
use cmac::Cmac;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::key::KeyLength;

/// A MAC algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// CMAC over AES, 16-byte tags; the key's length picks AES-128, -192 or -256.
    AesCmac,
    /// HMAC over SHA-256, 32-byte tags.
    HmacSha256,
}

impl Algorithm {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::AesCmac, Self::HmacSha256];

    /// The byte that names it in a MAC input and on a card.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::AesCmac => 0x00,
            Self::HmacSha256 => 0x01,
        }
    }

    /// The algorithm of that byte, if there is one.
    #[inline]
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0x00 => Some(Self::AesCmac),
            0x01 => Some(Self::HmacSha256),
            _ => None,
        }
    }

    /// The name in standards, for instance `AES-CMAC`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCmac => "AES-CMAC",
            Self::HmacSha256 => "HMAC-SHA-256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A full MAC tag, 16 or 32 bytes: wiped on drop, for it may be a derived key. There is no `==`: ask
/// [`Tag::starts_with`].
pub struct Tag {
    bytes: [u8; 32],
    len: usize,
}

impl Tag {
    /// All bytes of the tag.
    #[inline]
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The first 8 bytes.
    #[inline]
    #[must_use]
    pub fn first_8(&self) -> [u8; 8] {
        self.bytes.first_chunk().copied().unwrap_or_default()
    }

    /// Whether the tag starts with these bytes, in time that depends on their number only.
    /// A truncation to nothing matches nothing.
    #[must_use]
    pub fn starts_with(&self, expected: &[u8]) -> bool {
        match self.expose().get(..expected.len()) {
            Some(start) if !expected.is_empty() => start.ct_eq(expected).into(),
            _ => false,
        }
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({} bytes)", self.len)
    }
}

/// The MAC of `input` under `key`.
///
/// # Errors
/// [`KeyLength`]: AES takes 16, 24 or 32 bytes; HMAC any number.
#[inline]
pub fn tag(algorithm: Algorithm, key: &[u8], input: &[u8]) -> Result<Tag, KeyLength> {
    match (algorithm, key.len()) {
        (Algorithm::AesCmac, 16) => run::<Cmac<Aes128>>(key, input),
        (Algorithm::AesCmac, 24) => run::<Cmac<Aes192>>(key, input),
        (Algorithm::AesCmac, 32) => run::<Cmac<Aes256>>(key, input),
        (Algorithm::AesCmac, _) => None,
        (Algorithm::HmacSha256, _) => run::<Hmac<Sha256>>(key, input),
    }
    .ok_or(KeyLength { algorithm, found: key.len() })
}

#[inline]
fn run<M: Mac + KeyInit>(key: &[u8], input: &[u8]) -> Option<Tag> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(input);
    let output = mac.finalize().into_bytes();
    let mut tag = Tag { bytes: [0; 32], len: output.len() };
    tag.bytes.get_mut(..output.len())?.copy_from_slice(&output);
    Some(tag)
}

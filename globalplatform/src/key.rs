//! AES keys of a security domain, three to a set, and their check values.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::cipher::{Aes, AesCmac, Block};

/// **For blank cards and tests only:** ENC, MAC and DEK that every card tool tries first, since they are printed in every
/// manual. Whoever can talk to a card with these keys owns it.
pub const PUBLISHED_KEYS: [u8; 48] = {
    let mut keys = [0; 48];
    let mut rest: &mut [u8] = &mut keys;
    let mut next = 0x40;
    while let Some((first, after)) = rest.split_first_mut() {
        *first = next;
        next = if next == 0x4F { 0x40 } else { next.saturating_add(1) };
        rest = after;
    }
    keys
};

/// The version that [`PUBLISHED_KEYS`] have on a blank card. By custom `FF` are keys that are to be replaced: PUT KEY
/// cannot write that version, so a card that has it was never given keys of its own, and the first keys that come replace it.
pub const PUBLISHED_KEY_VERSION: u8 = 0xFF;

/// An AES key of 16, 24 or 32 bytes: wiped on drop, not clonable, silent in `Debug`.
pub struct Key {
    bytes: [u8; Key::MAX_LENGTH],
    length: u8,
}

/// AES has no keys of that length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an AES key has 16, 24 or 32 bytes, not {found}")]
pub struct KeyLength {
    /// How many bytes were given.
    pub found: usize,
}

/// The first three bytes of sixteen bytes `01` enciphered: names a key without telling it.
///
/// Source: GlobalPlatform Card Specification v2.3.1 §B.6, AES.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CheckValue(pub [u8; 3]);

/// The keys of one key version: ENC, MAC and DEK, all of one length.
#[derive(Debug)]
pub struct KeySet {
    enc: Key,
    mac: Key,
    dek: Key,
}

/// The keys of a set have different lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys of one set have one length, not {enc}, {mac} and {dek} bytes")]
pub struct KeysDiffer {
    /// Bytes of ENC.
    pub enc: usize,
    /// Bytes of MAC.
    pub mac: usize,
    /// Bytes of DEK.
    pub dek: usize,
}

impl Key {
    /// Bytes of the longest key.
    pub const MAX_LENGTH: usize = 32;

    /// A key out of its bytes.
    ///
    /// # Errors
    /// [`KeyLength`] unless there are 16, 24 or 32.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyLength> {
        let found = bytes.len();
        let mut key = Self { bytes: [0; Self::MAX_LENGTH], length: 0 };
        match (matches!(found, 16 | 24 | 32), key.bytes.get_mut(..found), u8::try_from(found)) {
            (true, Some(room), Ok(length)) => {
                room.copy_from_slice(bytes);
                key.length = length;
                Ok(key)
            }
            _ => Err(KeyLength { found }),
        }
    }

    /// How many bytes it has: 16, 24 or 32.
    #[expect(clippy::len_without_is_empty, reason = "no key is empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// The key itself, for the one who stores or transports it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or_default()
    }

    /// Its check value.
    #[must_use]
    pub fn check_value(&self) -> CheckValue {
        let [a, b, c, ..] = self.aes().encrypt([1; 16]);
        CheckValue([a, b, c])
    }

    pub(crate) fn aes(&self) -> Aes {
        #[expect(clippy::expect_used, reason = "new() admits only lengths that AES has")]
        Aes::new(self.expose()).expect("the length was checked")
    }

    pub(crate) fn cmac(&self) -> AesCmac {
        #[expect(clippy::expect_used, reason = "new() admits only lengths that AES has")]
        AesCmac::new(self.expose()).expect("the length was checked")
    }

    /// A key of this length whose bytes are what `fill` makes of zeros.
    pub(crate) fn filled(length: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self, KeyLength> {
        let mut bytes = [0; Self::MAX_LENGTH];
        let room = bytes.get_mut(..length).ok_or(KeyLength { found: length })?;
        fill(room);
        let key = Self::new(room);
        bytes.zeroize();
        key
    }

    /// Whether two keys are the same, in constant time for keys of one length.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(AES-{})", self.len().saturating_mul(8))
    }
}

impl CheckValue {
    /// How many bytes it has.
    pub const LENGTH: usize = 3;
}

impl fmt::Display for CheckValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for CheckValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl KeySet {
    /// **For blank cards and tests only:** [`PUBLISHED_KEYS`].
    #[must_use]
    pub fn published() -> Self {
        let [enc, mac, dek] = [(); 3].map(|()| {
            let mut bytes = [0; Key::MAX_LENGTH];
            bytes
                .iter_mut()
                .zip(PUBLISHED_KEYS.first_chunk::<16>().into_iter().flatten())
                .for_each(|(to, from)| *to = *from);
            Key { bytes, length: 16 }
        });
        Self { enc, mac, dek }
    }

    /// A set of three keys.
    ///
    /// # Errors
    /// [`KeysDiffer`] unless they have one length.
    pub fn new(enc: Key, mac: Key, dek: Key) -> Result<Self, KeysDiffer> {
        if enc.len() == mac.len() && mac.len() == dek.len() {
            Ok(Self { enc, mac, dek })
        } else {
            Err(KeysDiffer { enc: enc.len(), mac: mac.len(), dek: dek.len() })
        }
    }

    /// A set out of ENC, MAC and DEK, one after the other: 48, 72 or 96 bytes.
    ///
    /// # Errors
    /// [`KeyLength`], of one key, for any other number of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyLength> {
        let length = bytes.len() / 3;
        let mut keys = bytes.chunks_exact(length.max(1)).map(Key::new);
        match (keys.next(), keys.next(), keys.next(), keys.next(), bytes.len() % 3) {
            (Some(enc), Some(mac), Some(dek), None, 0) => Ok(Self { enc: enc?, mac: mac?, dek: dek? }),
            _ => Err(KeyLength { found: length }),
        }
    }

    /// Key-ENC, key identifier 01: authentication and encryption.
    #[must_use]
    pub const fn enc(&self) -> &Key {
        &self.enc
    }

    /// Key-MAC, key identifier 02: secure messaging.
    #[must_use]
    pub const fn mac(&self) -> &Key {
        &self.mac
    }

    /// Key-DEK, key identifier 03: keys in transport.
    #[must_use]
    pub const fn dek(&self) -> &Key {
        &self.dek
    }

    /// The three in the order of their key identifiers.
    #[must_use]
    pub const fn all(&self) -> [&Key; 3] {
        [&self.enc, &self.mac, &self.dek]
    }

    /// Bytes of each key.
    #[must_use]
    pub fn key_len(&self) -> usize {
        self.enc.len()
    }
}

/// SCP03's derivation: NIST SP 800-108 in counter mode with CMAC.
///
/// `CMAC(key, 00¹¹ ‖ constant ‖ 00 ‖ L₁₆ ‖ i₈ ‖ context)` for i = 1, 2, …, cut to L bits, which are those of `out`.
///
/// Source: GlobalPlatform Card Specification v2.2 Amendment D v1.1.1 §4.1.5.
pub(crate) fn derive(mac: &mut AesCmac, constant: u8, context: &[&[u8]; 2], out: &mut [u8]) {
    let bits = u16::try_from(out.len().saturating_mul(8)).unwrap_or(u16::MAX).to_be_bytes();
    let [first, second] = *context;
    for (i, block) in (1u8..).zip(out.chunks_mut(16)) {
        let mut tag: Block = mac.tag(&[&[0; 11], &[constant, 0], &bits, &[i], first, second]);
        block.iter_mut().zip(tag).for_each(|(to, from)| *to = from);
        tag.zeroize();
    }
}

/// A derived key as long as the key that `mac` was made of.
pub(crate) fn derive_key(key: &Key, constant: u8, context: &[&[u8]; 2]) -> Key {
    #[expect(clippy::expect_used, reason = "the length is that of a key")]
    Key::filled(key.len(), |out| derive(&mut key.cmac(), constant, context, out)).expect("a key's length")
}

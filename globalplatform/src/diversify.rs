//! Key diversification: each card's keys out of master keys, by schemes that have a name.

use core::fmt;
use core::str::FromStr;

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use dbl::Dbl;
use zeroize::Zeroize;

use crate::cipher::{BLOCK, Block};
use crate::key::{Key, KeySet};

/// A way to make a card's keys out of master keys and data that tells the card from others: its key diversification
/// data, most often. Nothing falls back from one to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sp800-108-counter-cmac`: NIST SP 800-108r1, counter mode, CMAC; ours, and the default.
    ///
    /// `CMAC(master, [i]₃₂ ‖ label ‖ 00 ‖ data ‖ [L]₃₂)` for i = 1, 2, …, cut to the L bits of a key as long as its
    /// master. The label is `SCP03 ENC`, `SCP03 MAC` or `SCP03 DEK`, in ASCII: one master can serve for all three.
    #[default]
    Sp800108,
    /// `an10922`: NXP's application note AN10922, "Symmetric key diversifications".
    ///
    /// The three keys of a card are made of the same data, so there have to be three masters.
    An10922,
    /// `kdf3`: what GlobalPlatformPro calls by that name.
    ///
    /// `CMAC(master, [i]₈ ‖ 00 00 00 k ‖ 00 ‖ data)`, k being 1, 2 and 3 for ENC, MAC and DEK, and data of 10 bytes.
    Kdf3,
}

/// Why no keys could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiversifyError {
    /// The scheme does not take data of this length.
    #[error("{scheme} takes {min} to {max} bytes of diversification data, not {found}", min = .scheme.lengths().0, max = .scheme.lengths().1)]
    Length {
        /// The scheme.
        scheme: Scheme,
        /// How many bytes were given.
        found: usize,
    },
    /// The scheme would make equal keys of equal masters.
    #[error("{0} makes the same key of the same master: ENC, MAC and DEK need three")]
    OneMaster(Scheme),
}

/// No scheme has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such diversification; there are sp800-108-counter-cmac, an10922 and kdf3")]
pub struct UnknownScheme;

/// Which of the three keys.
#[derive(Clone, Copy)]
enum Purpose {
    Enc,
    Mac,
    Dek,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sp800108, Self::An10922, Self::Kdf3];

    /// Its name in key files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sp800108 => "sp800-108-counter-cmac",
            Self::An10922 => "an10922",
            Self::Kdf3 => "kdf3",
        }
    }

    /// The least and the most diversification data, in bytes.
    #[must_use]
    pub const fn lengths(self) -> (usize, usize) {
        match self {
            Self::Sp800108 => (1, 64),
            Self::An10922 => (1, 31),
            Self::Kdf3 => (10, 10),
        }
    }

    /// A card's keys.
    ///
    /// # Errors
    /// [`DiversifyError`].
    pub fn keys(self, masters: &KeySet, data: &[u8]) -> Result<KeySet, DiversifyError> {
        let (found, (min, max)) = (data.len(), self.lengths());
        if !(min..=max).contains(&found) {
            return Err(DiversifyError::Length { scheme: self, found });
        }
        let [enc, mac, dek] = masters.all();
        if self == Self::An10922 && (enc.same(mac) || enc.same(dek) || mac.same(dek)) {
            return Err(DiversifyError::OneMaster(self));
        }
        let make = |master, purpose| match self {
            Self::Sp800108 => sp800_108(master, purpose, data),
            Self::An10922 => an10922_unchecked(master, data),
            Self::Kdf3 => kdf3(master, purpose, data),
        };
        let keys = [make(enc, Purpose::Enc), make(mac, Purpose::Mac), make(dek, Purpose::Dek)];
        let [enc, mac, dek] = keys;
        #[expect(clippy::expect_used, reason = "each key is as long as its master, and those have one length")]
        Ok(KeySet::new(enc, mac, dek).expect("keys of one length"))
    }
}

/// One key by AN10922, of 1 to 31 bytes of data.
///
/// # Errors
/// [`DiversifyError::Length`].
pub fn an10922(master: &Key, data: &[u8]) -> Result<Key, DiversifyError> {
    match data.len() {
        1..=31 => Ok(an10922_unchecked(master, data)),
        found => Err(DiversifyError::Length { scheme: Scheme::An10922, found }),
    }
}

fn sp800_108(master: &Key, purpose: Purpose, data: &[u8]) -> Key {
    let label: &[u8] = match purpose {
        Purpose::Enc => b"SCP03 ENC",
        Purpose::Mac => b"SCP03 MAC",
        Purpose::Dek => b"SCP03 DEK",
    };
    let bits = u32::try_from(master.len().saturating_mul(8)).unwrap_or(u32::MAX).to_be_bytes();
    counter_mode(master, |mac, i| mac.tag(&[&u32::from(i).to_be_bytes(), label, &[0], data, &bits]))
}

fn kdf3(master: &Key, purpose: Purpose, data: &[u8]) -> Key {
    let k = match purpose {
        Purpose::Enc => 1,
        Purpose::Mac => 2,
        Purpose::Dek => 3,
    };
    counter_mode(master, |mac, i| mac.tag(&[&[i, 0, 0, 0, k, 0], data]))
}

/// A key as long as its master, block after block.
fn counter_mode(master: &Key, mut block: impl FnMut(&mut crate::cipher::AesCmac, u8) -> Block) -> Key {
    let mut mac = master.cmac();
    same_length(master, |out| {
        for (i, part) in (1u8..).zip(out.chunks_mut(BLOCK)) {
            let mut tag = block(&mut mac, i);
            part.iter_mut().zip(tag).for_each(|(to, from)| *to = from);
            tag.zeroize();
        }
    })
}

/// Source: AN10922 rev. 2.2 §2.2 to §2.4: constants 01; 11 and 12; 41 and 42.
fn an10922_unchecked(master: &Key, data: &[u8]) -> Key {
    same_length(master, |out| match out.len() {
        16 => out.copy_from_slice(&an10922_mac(master, 0x01, data)),
        24 => {
            let (a, b) = (an10922_mac(master, 0x11, data), an10922_mac(master, 0x12, data));
            // A's first half, the second half of A with the first half of B, B's second half.
            let middle = a.iter().skip(8).zip(&b).map(|(a, b)| a ^ b);
            let bytes = a.iter().copied().take(8).chain(middle).chain(b.iter().copied().skip(8));
            out.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        }
        _ => {
            let halves = [an10922_mac(master, 0x41, data), an10922_mac(master, 0x42, data)];
            out.iter_mut().zip(halves.into_iter().flatten()).for_each(|(to, from)| *to = from);
        }
    })
}

/// CMAC over two blocks, always: where CMAC pads to a whole block, AN10922 pads to 32 bytes.
fn an10922_mac(master: &Key, constant: u8, data: &[u8]) -> Block {
    let mut blocks = [0; BLOCK * 2];
    let padding = (data.len() < 31).then_some(0x80);
    let bytes = core::iter::once(constant).chain(data.iter().copied()).chain(padding);
    blocks.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    let aes = master.aes();
    let k1 = Array::<u8, U16>::from(aes.encrypt([0; BLOCK])).dbl();
    let subkey = if padding.is_none() { k1 } else { k1.dbl() };
    blocks.iter_mut().skip(BLOCK).zip(subkey).for_each(|(byte, key)| *byte ^= key);
    aes.cbc_encrypt([0; BLOCK], &mut blocks);
    blocks.last_chunk().copied().unwrap_or_default()
}

fn same_length(master: &Key, fill: impl FnOnce(&mut [u8])) -> Key {
    #[expect(clippy::expect_used, reason = "the length is that of a key")]
    Key::filled(master.len(), fill).expect("a key's length")
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name).ok_or(UnknownScheme)
    }
}

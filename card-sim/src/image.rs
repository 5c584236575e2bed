//! The image of a card: all that it keeps without power, as bytes.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 8 | magic: `89 63 61 72 64 0D 0A 1A` |
//! | 8 | 2 | version of the format, big-endian: 2 |
//! | 10 | 4 | length of the body, big-endian |
//! | 14 | 32 | SHA-256 of bytes 0 to 13 and of the body |
//! | 46 | | body |
//!
//! The body is a sequence of BER-TLV data objects in this order:
//!
//! | tag | how many | value |
//! |---|---|---|
//! | `80` | 1 | the ATR |
//! | `A1` | any | one instance, in order of installation: |
//! | `A1`/`80` | 1 | the module's AID |
//! | `A1`/`81` | 1 | the instance's AID |
//! | `A1`/`82` | 1 | its install parameters |
//! | `A1`/`83` | 1 | its persistent memory |
//! | `A1`/`84` | 1 | the wear of that memory |
//! | `A2` | 1 | the card's own memory: |
//! | `A2`/`80` | 1 | the journal, 1024 bytes, with what was half done when the power failed |
//! | `A2`/`81` | 1 | the wear of the journal |
//! | `A2`/`82` | 1 | how many writes there were, 8 bytes |
//! | `A2`/`83` | 0 or 1 | unstable cells, 8 bytes each: index of the instance (2, `FFFF` for the journal), place (4), its two values |
//! | `A2`/`84` | 0 or 1 | where the power is to fail: write (4), bytes (2), 1 if the next byte is left unstable (1) |
//! | `A8` to `AE` | none | reserved for signed mode |
//!
//! Wear is a sequence of runs: how often each of these cells was written (4), how many cells (4). Cells behind the last
//! run were never written. All numbers are big-endian.
//!
//! A card that comes back from its image has just been powered up: what was half done is taken back, nothing is selected,
//! transient memory is zero. Memory shorter than its applet asks for now goes on with zeros: later versions of an applet
//! put what they add behind what there was.
//!
//! What is unknown is refused, not skipped: whatever adds a tag raises the version. Images of every version released
//! are read for ever. Version 1 had neither wear nor `A2`: its writes were always whole. The digest finds accidents, not
//! attackers: who can write the file can compute it.

mod body;
mod error;

use applet_model::runtime::Random;
use sha2::{Digest, Sha256};

pub use error::ImageError;

use crate::card::{Card, Module};

/// The bytes an image begins with. The first is not ASCII and the last three are changed by programs that take the
/// file for text.
pub const MAGIC: [u8; 8] = *b"\x89card\r\n\x1A";
/// The version that is written, and the newest that is read.
pub const VERSION: u16 = 2;
/// The length of what stands before the body, in bytes.
pub const HEADER_LENGTH: usize = 46;

const DIGEST_AT: usize = 14;

/// The image of a card. It holds the card's keys.
#[must_use]
pub fn encode(card: &Card) -> Vec<u8> {
    let mut image = body::encode(card, HEADER_LENGTH);
    let body = image.get(HEADER_LENGTH..).unwrap_or_default();
    // Memory of 4 GiB does not happen; an image that claims it would be refused when read.
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let start = start(VERSION, length);
    let digest = digest(&start, body);
    let header = start.iter().chain(&digest);
    image.iter_mut().zip(header).for_each(|(byte, header)| *byte = *header);
    image
}

/// The card of this image, whose applets are among `modules`, powered up.
///
/// # Errors
/// [`ImageError`] for what is wrong first.
pub fn decode(image: &[u8], modules: &[Module], random: Box<dyn Random>) -> Result<Card, ImageError> {
    let mut card = decode_unpowered(image, modules, random)?;
    card.wake();
    Ok(card)
}

/// The card of this image as it lies there: without power, with what is half done. A reset powers it up.
///
/// # Errors
/// As [`decode`].
pub fn decode_unpowered(image: &[u8], modules: &[Module], random: Box<dyn Random>) -> Result<Card, ImageError> {
    let found = image.len();
    let truncated = |expected| ImageError::Truncated { expected, found };
    if !image.iter().zip(&MAGIC).all(|(byte, magic)| byte == magic) {
        return Err(ImageError::NotAnImage);
    }
    let version = image.get(8..10).and_then(|bytes| bytes.first_chunk()).ok_or(truncated(HEADER_LENGTH))?;
    let version = match u16::from_be_bytes(*version) {
        found @ 1..=VERSION => found,
        found => return Err(ImageError::Version { found, supported: VERSION }),
    };
    let (header, body) = image.split_at_checked(HEADER_LENGTH).ok_or(truncated(HEADER_LENGTH))?;
    let (start, stored) = header.split_at_checked(DIGEST_AT).ok_or(truncated(HEADER_LENGTH))?;
    let length = start.last_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    let expected = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(HEADER_LENGTH);
    match found.checked_sub(expected) {
        None => return Err(truncated(expected)),
        Some(0) => {}
        Some(count) => return Err(ImageError::TrailingBytes { count }),
    }
    if digest(start, body) != stored {
        return Err(ImageError::Damaged);
    }
    let mut card = body::decode(version, body, modules, random)?;
    card.nvm_mut().cells_mut().switch(false);
    Ok(card)
}

fn start(version: u16, length: u32) -> [u8; DIGEST_AT] {
    let [m0, m1, m2, m3, m4, m5, m6, m7] = MAGIC;
    let [v0, v1] = version.to_be_bytes();
    let [l0, l1, l2, l3] = length.to_be_bytes();
    [m0, m1, m2, m3, m4, m5, m6, m7, v0, v1, l0, l1, l2, l3]
}

fn digest(start: &[u8], body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(start).chain_update(body).finalize().into()
}

//! Seven bits a character: packing, unpacking, and what fills the rest.

use super::gsm::CARRIAGE_RETURN;

/// Septets in packed bytes: bit 1 of the first septet is bit 1 of the first byte, and so on without gaps.
///
/// Source: 3GPP TS 23.038 clause 6.1.2.1.1.
#[derive(Debug, Clone)]
pub struct Septets<'a> {
    bytes: &'a [u8],
    /// The bit at which the next begins.
    bit: usize,
    left: usize,
}

impl<'a> Septets<'a> {
    /// So many septets, from this bit on. What lies behind the end of `bytes` is zero.
    #[must_use]
    pub const fn new(bytes: &'a [u8], bit: usize, count: usize) -> Self {
        Self { bytes, bit, left: count }
    }
}

impl Iterator for Septets<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        let (byte, shift) = (self.bit / 8, self.bit % 8);
        self.bit = self.bit.saturating_add(7);
        let at = |index: usize| self.bytes.get(index).copied().unwrap_or_default();
        let pair = u16::from_le_bytes([at(byte), at(byte.saturating_add(1))]);
        let [low, _] = (pair >> shift).to_le_bytes();
        Some(low & 0x7F)
    }
}

/// Packs septets into `out` from this bit on, with zeros before, and returns how many bytes all of it takes, which may
/// be more than `out` has.
pub fn pack(septets: impl Iterator<Item = u8>, bit: usize, out: &mut [u8]) -> usize {
    out.fill(0);
    let end = septets.fold(bit, |bit, septet| {
        let (byte, shift) = (bit / 8, bit % 8);
        let [low, high] = (u16::from(septet & 0x7F) << shift).to_le_bytes();
        for (room, part) in out.iter_mut().skip(byte).zip([low, high]) {
            *room |= part;
        }
        bit.saturating_add(7)
    });
    end.div_ceil(8)
}

/// Packs a text whose count of characters is not told along: a rest of seven bits is filled with a carriage return; a
/// carriage return that ends the text on a whole byte is doubled.
///
/// Source: 3GPP TS 23.038 clause 6.1.2.3.1.
pub(super) fn pack_text(codes: impl Iterator<Item = u8> + Clone, out: &mut [u8]) -> usize {
    let count = codes.clone().count();
    let ends = codes.clone().last() == Some(CARRIAGE_RETURN);
    let filled = match count % 8 {
        7 => true,
        0 => ends,
        _ => false,
    };
    pack(codes.chain(filled.then_some(CARRIAGE_RETURN)), 0, out)
}

/// The septets of such a text: of a last carriage return that ends on a whole byte, nothing is left.
pub(super) fn of_text(bytes: &[u8]) -> Septets<'_> {
    let count = bytes.len().saturating_mul(8) / 7;
    let whole = bytes.len().is_multiple_of(7);
    let fill = whole && Septets::new(bytes, 0, count).last() == Some(CARRIAGE_RETURN);
    Septets::new(bytes, 0, count.saturating_sub(usize::from(fill)))
}

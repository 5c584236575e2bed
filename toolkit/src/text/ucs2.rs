//! UCS2: the characters of Unicode's first plane in two bytes each.

/// Whether there is a code: not for characters beyond the first plane, nor for U+FFFF, which is padding in files.
pub(super) fn has(character: char) -> bool {
    u32::from(character) < 0xFFFF
}

/// Its bytes; none if it has no code.
pub(super) fn bytes(character: char) -> impl Iterator<Item = u8> {
    u16::try_from(u32::from(character)).into_iter().flat_map(u16::to_be_bytes)
}

/// The character that begins these bytes; `None` if one byte is missing, or if it is half a surrogate pair.
pub(super) fn read(bytes: &[u8]) -> Option<char> {
    char::from_u32(u32::from(u16::from_be_bytes(*bytes.first_chunk()?)))
}

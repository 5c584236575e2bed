//! The GSM default alphabet and its extension table, as data.
//!
//! Source: 3GPP TS 23.038 clauses 6.2.1 (default alphabet) and 6.2.1.1 (extension table).

/// Introduces a code of the extension table.
pub const ESCAPE: u8 = 0x1B;
/// A carriage return, with which packed text is filled.
pub const CARRIAGE_RETURN: u8 = 0x0D;

/// The default alphabet: the character of each code from 00 to 7F. The escape stands as itself.
#[rustfmt::skip]
pub static DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\x1B', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table: codes behind the escape, and their characters.
pub const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\x0C'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Whether the alphabet, with its extension, has this character.
#[must_use]
pub fn has(character: char) -> bool {
    code(character).is_some()
}

/// The code of a character, and whether the escape stands before it.
#[must_use]
pub fn code(character: char) -> Option<(bool, u8)> {
    // Nearly all of ASCII has its own code: that is looked at first, because menus are made of it.
    if let Ok(code) = u8::try_from(character)
        && DEFAULT.get(usize::from(code)) == Some(&character)
        && code != ESCAPE
    {
        return Some((false, code));
    }
    let extended = || EXTENSION.iter().find(|(_, other)| *other == character).map(|(code, _)| (true, *code));
    let found = (0..).zip(&DEFAULT).find(|(code, other)| **other == character && *code != ESCAPE);
    found.map(|(code, _)| (false, code)).or_else(extended)
}

/// The codes of a text, escapes included. Characters without a code are left out.
pub(crate) fn codes(text: &str) -> impl Iterator<Item = u8> + Clone {
    text.chars().filter_map(code).flat_map(|(extended, code)| extended.then_some(ESCAPE).into_iter().chain([code]))
}

/// The next character of some codes. `Some(None)` if the next code has eight bits.
///
/// Behind an escape, a code that the extension table lacks is that of the default alphabet; two escapes, and an escape
/// at the end, are a space.
pub(crate) fn next(codes: &mut (impl Iterator<Item = u8> + Clone)) -> Option<Option<char>> {
    let code = codes.next()?;
    if code != ESCAPE {
        return Some(DEFAULT.get(usize::from(code)).copied());
    }
    let mut ahead = codes.clone();
    let character = match ahead.next() {
        None | Some(ESCAPE) => Some(' '),
        Some(code) => {
            let extended = EXTENSION.iter().find(|(other, _)| *other == code).map(|(_, character)| *character);
            extended.or_else(|| DEFAULT.get(usize::from(code)).copied())
        }
    };
    *codes = ahead;
    Some(character)
}

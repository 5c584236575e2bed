//! Alpha identifiers: names and titles, coded as those in the files of a UICC.

use core::fmt;

use super::{TextError, fill, gsm, ucs2};
use apdu::BufferTooSmall;

/// An alpha identifier, coded as in EF.ADN.
///
/// | first byte | what follows |
/// |---|---|
/// | `00`-`7F` | it is itself a character: GSM default alphabet, one byte each |
/// | `80` | UCS2 |
/// | `81` | a count, a byte that is bits 15-8 of a base, and codes |
/// | `82` | a count, two bytes of base, and codes |
///
/// A code with bit 8 is the base plus its other bits; without, it is one of the GSM default alphabet. `FF` behind the
/// end is padding.
///
/// `Debug` and `Display` print the text, with U+FFFD for what cannot be read.
///
/// Source: ETSI TS 102 221 annex A (as 3GPP TS 11.11 annex B); ETSI TS 102 223 clause 8.2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Alpha<'a>(&'a [u8]);

impl<'a> Alpha<'a> {
    /// These bytes, which may be anything.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// This text, in the form that takes the fewest bytes, in the caller's memory.
    ///
    /// # Errors
    /// [`TextError::NotInAlphabet`] for a character that is beyond UCS2; [`TextError::TooLong`].
    pub fn encode(text: &str, out: &'a mut [u8]) -> Result<Self, TextError> {
        if let Some((position, character)) = text.chars().enumerate().find(|(_, character)| !coded(*character)) {
            return Err(TextError::NotInAlphabet { character, position });
        }
        let available = out.len();
        let needed = Form::shortest(text).write(text, out);
        let error = TextError::TooLong(BufferTooSmall { needed, available });
        out.get(..needed).map(Self).ok_or(error)
    }

    /// The characters. What is none is an error, and the next one follows.
    pub fn chars(&self) -> impl Iterator<Item = Result<char, TextError>> + use<'a> {
        let (base, start, count): (_, usize, usize) = match *self.0 {
            [0x80, ..] => (None, 1, usize::MAX),
            [0x81, count, page, ..] => (Some(u32::from(page) << 7), 3, usize::from(count)),
            [0x82, count, high, low, ..] => (Some(u32::from(u16::from_be_bytes([high, low]))), 4, usize::from(count)),
            _ => (Some(0), 0, usize::MAX),
        };
        // Padding is told from characters by its place only: in UCS2, U+FFFF is none.
        let end = match base {
            None => self.0.len(),
            Some(_) => {
                self.0.iter().rposition(|byte| *byte != 0xFF || start > 0).map_or(0, |last| last.saturating_add(1))
            }
        };
        let end = end.min(start.saturating_add(count));
        let bytes = self.0.get(start..end).unwrap_or_default();
        let mut at = 0_usize;
        core::iter::from_fn(move || {
            let rest = bytes.get(at..).filter(|rest| !(rest.is_empty() || base.is_none() && is_padding(rest)))?;
            let position = start.saturating_add(at);
            let character = match base {
                None => {
                    at = at.saturating_add(2);
                    ucs2::read(rest)
                }
                Some(base) => {
                    let (character, length) = compact(base, start > 0, rest);
                    at = at.saturating_add(length);
                    character
                }
            };
            Some(character.ok_or(TextError::Unreadable { position }))
        })
    }
}

/// The first character of codes, and how many of them it takes.
fn compact(base: u32, offsets: bool, codes: &[u8]) -> (Option<char>, usize) {
    match *codes {
        [code @ 0x80..=0xFF, ..] if offsets => {
            let found = char::from_u32(base.saturating_add(u32::from(code & 0x7F)));
            (found.filter(|character| ucs2::has(*character)), 1)
        }
        _ => {
            let mut rest = codes.iter().copied();
            let character = gsm::next(&mut rest).flatten();
            (character, codes.len().saturating_sub(rest.len()))
        }
    }
}

fn is_padding(rest: &[u8]) -> bool {
    rest.iter().all(|byte| *byte == 0xFF)
}

fn coded(character: char) -> bool {
    gsm::has(character) || ucs2::has(character)
}

/// How a text is written.
enum Form {
    Gsm,
    /// With the base, and whether it needs two bytes.
    Compact {
        base: u32,
        wide: bool,
    },
    Ucs2,
}

impl Form {
    fn shortest(text: &str) -> Self {
        let others = || text.chars().filter(|character| !gsm::has(*character)).map(u32::from);
        let (Some(lowest), Some(highest)) = (others().min(), others().max()) else { return Self::Gsm };
        let page = lowest & !0x7F;
        let compact = if highest < page.saturating_add(0x80) && page < 0x8000 {
            Self::Compact { base: page, wide: false }
        } else if highest < lowest.saturating_add(0x80) {
            Self::Compact { base: lowest, wide: true }
        } else {
            return Self::Ucs2;
        };
        // The count has one byte; and characters of the extension table take two codes.
        let length = compact.write(text, &mut []);
        if length.saturating_sub(3) > 0xFF || length > Self::Ucs2.write(text, &mut []) { Self::Ucs2 } else { compact }
    }

    /// Writes as much as fits, and returns how many bytes all of it takes.
    fn write(&self, text: &str, out: &mut [u8]) -> usize {
        match *self {
            Self::Gsm => fill(out, gsm::codes(text)),
            Self::Ucs2 => fill(out, core::iter::once(0x80).chain(text.chars().flat_map(ucs2::bytes))),
            Self::Compact { base, wide } => {
                let codes = || text.chars().flat_map(move |character| codes_of(character, base)).flatten();
                let count = u8::try_from(codes().count()).unwrap_or(u8::MAX);
                let [_, _, high, low] = base.to_be_bytes();
                let [_, _, _, page] = (base >> 7).to_be_bytes();
                let head = if wide {
                    [Some(0x82), Some(count), Some(high), Some(low)]
                } else {
                    [Some(0x81), Some(count), Some(page), None]
                };
                fill(out, head.into_iter().flatten().chain(codes()))
            }
        }
    }
}

/// One or two codes.
fn codes_of(character: char, base: u32) -> [Option<u8>; 2] {
    match gsm::code(character) {
        Some((true, code)) => [Some(gsm::ESCAPE), Some(code)],
        Some((false, code)) => [Some(code), None],
        None => [u8::try_from(u32::from(character).saturating_sub(base)).ok().map(|offset| offset | 0x80), None],
    }
}

impl fmt::Display for Alpha<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.chars().try_for_each(|character| f.write_char(character.unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

impl fmt::Debug for Alpha<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alpha({self})")
    }
}

//! Text strings in the three codings of SMS, and alpha identifiers in those of the UICC's files.

mod alpha;
pub mod gsm;
mod septets;
mod ucs2;

pub use alpha::Alpha;
pub use septets::{Septets, pack};

use core::fmt;

use apdu::BufferTooSmall;

/// How characters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// The GSM default alphabet, seven bits a character, eight characters in seven bytes.
    Packed,
    /// The GSM default alphabet, one byte a character, bit 8 off. In an SMS: 8-bit data.
    Octets,
    /// UCS2, two bytes a character, the more significant first.
    Ucs2,
}

/// A data coding scheme: how a text or short message is coded, and some other things.
///
/// Source: 3GPP TS 23.038 clause 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dcs(pub u8);

/// The value of a text string data object.
///
/// `Debug` prints how long it is, not the text: it may be a PIN that was keyed in. `Display` prints the text, with
/// U+FFFD for what cannot be read.
///
/// Source: ETSI TS 102 223 clause 8.15.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Text<'a> {
    /// The data object is empty.
    Null,
    /// There is a coding, and what is so coded, which may be nothing.
    Coded {
        /// The data coding scheme.
        dcs: Dcs,
        /// The coded characters.
        bytes: &'a [u8],
    },
}

/// A text that cannot be coded, or bytes that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The alphabet has no such character.
    #[error("character {position}, {character:?}, is not in the alphabet")]
    NotInAlphabet {
        /// The character.
        character: char,
        /// Where, in characters from 0.
        position: usize,
    },
    /// More than fits, in bytes.
    #[error(transparent)]
    TooLong(#[from] BufferTooSmall),
    /// A byte, or a pair of them, is no character.
    #[error("at byte {position} there is no character")]
    Unreadable {
        /// Where, in bytes from 0.
        position: usize,
    },
    /// The data coding scheme names no alphabet known here, or compression.
    #[error("the data coding scheme {0:02X} is not known")]
    Scheme(u8),
}

impl Alphabet {
    /// The alphabet that takes the fewest bytes for this text: packed, if all characters have a code there, else UCS2.
    #[must_use]
    pub fn shortest(text: &str) -> Self {
        if text.chars().all(gsm::has) { Self::Packed } else { Self::Ucs2 }
    }

    /// The data coding scheme of a text string.
    #[must_use]
    pub const fn dcs(self) -> Dcs {
        match self {
            Self::Packed => Dcs::PACKED,
            Self::Octets => Dcs::OCTETS,
            Self::Ucs2 => Dcs::UCS2,
        }
    }

    /// How many bytes this text takes.
    ///
    /// # Errors
    /// [`TextError::NotInAlphabet`].
    pub fn encoded_len(self, text: &str) -> Result<usize, TextError> {
        match self.encode(text, &mut []) {
            Ok(bytes) => Ok(bytes.len()),
            Err(TextError::TooLong(BufferTooSmall { needed, .. })) => Ok(needed),
            Err(error) => Err(error),
        }
    }

    /// Writes a text to the start of `out`, and returns what was written. Packed, a rest of seven bits is filled with a
    /// carriage return, lest it be read as `@`.
    ///
    /// # Errors
    /// [`TextError::NotInAlphabet`], [`TextError::TooLong`].
    pub fn encode<'b>(self, text: &str, out: &'b mut [u8]) -> Result<&'b [u8], TextError> {
        let available = out.len();
        if let Some((position, character)) = text.chars().enumerate().find(|(_, character)| !self.has(*character)) {
            return Err(TextError::NotInAlphabet { character, position });
        }
        let needed = match self {
            Self::Packed => septets::pack_text(gsm::codes(text), out),
            Self::Octets => fill(out, gsm::codes(text)),
            Self::Ucs2 => fill(out, text.chars().flat_map(ucs2::bytes)),
        };
        out.get(..needed).ok_or(TextError::TooLong(BufferTooSmall { needed, available }))
    }

    /// Whether it has a code for this character.
    #[must_use]
    pub fn has(self, character: char) -> bool {
        match self {
            Self::Packed | Self::Octets => gsm::has(character),
            Self::Ucs2 => ucs2::has(character),
        }
    }

    /// The characters of what was so coded. The first error is the last item.
    #[must_use]
    pub fn chars(self, bytes: &[u8]) -> Chars<'_> {
        Chars(match self {
            Self::Packed => Reader::Packed(septets::of_text(bytes)),
            Self::Octets => Reader::Octets { bytes, at: 0 },
            Self::Ucs2 => Reader::Ucs2 { bytes, at: 0 },
        })
    }
}

/// Writes as many as fit, and counts all.
fn fill(out: &mut [u8], bytes: impl Iterator<Item = u8>) -> usize {
    let mut room = out.iter_mut();
    bytes.fold(0, |count, byte| {
        if let Some(room) = room.next() {
            *room = byte;
        }
        count.saturating_add(1)
    })
}

/// The characters of a text; see [`Text::chars`] and [`Alphabet::chars`].
#[derive(Debug, Clone)]
pub struct Chars<'a>(Reader<'a>);

#[derive(Debug, Clone)]
enum Reader<'a> {
    Packed(Septets<'a>),
    Octets { bytes: &'a [u8], at: usize },
    Ucs2 { bytes: &'a [u8], at: usize },
    Failed(TextError),
    Ended,
}

impl<'a> Chars<'a> {
    /// Those of so many septets.
    pub(crate) const fn of(septets: Septets<'a>) -> Self {
        Self(Reader::Packed(septets))
    }
}

impl Iterator for Chars<'_> {
    type Item = Result<char, TextError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (read, position) = match &mut self.0 {
            Reader::Packed(septets) => (gsm::next(septets)?, 0),
            Reader::Octets { bytes, at } => {
                let mut rest = bytes.get(*at..)?.iter().copied();
                let before = rest.len();
                let character = gsm::next(&mut rest)?;
                *at = at.saturating_add(before.saturating_sub(rest.len()));
                (character, at.saturating_sub(1))
            }
            Reader::Ucs2 { bytes, at } => {
                let pair = bytes.get(*at..).filter(|rest| !rest.is_empty())?;
                let position = *at;
                *at = at.saturating_add(2);
                (ucs2::read(pair), position)
            }
            Reader::Failed(error) => {
                let error = *error;
                self.0 = Reader::Ended;
                return Some(Err(error));
            }
            Reader::Ended => return None,
        };
        if read.is_none() {
            self.0 = Reader::Ended;
        }
        Some(read.ok_or(TextError::Unreadable { position }))
    }
}

impl Dcs {
    /// `00`: the GSM default alphabet, packed.
    pub const PACKED: Self = Self(0x00);
    /// `04`: 8-bit.
    pub const OCTETS: Self = Self(0x04);
    /// `08`: UCS2.
    pub const UCS2: Self = Self(0x08);

    /// The alphabet; `None` if it is compressed, reserved, or a message waiting indication.
    ///
    /// | bits 8-5 | alphabet |
    /// |---|---|
    /// | `00x0`-`00x1`, `01xx` | general: bit 6 compressed; bits 4-3: 00 packed, 01 8-bit, 10 UCS2, 11 reserved |
    /// | `1111` | with a message class: bit 3: 0 packed, 1 8-bit |
    #[must_use]
    pub const fn alphabet(self) -> Option<Alphabet> {
        match (self.0 >> 4, self.0 >> 2 & 0b11) {
            (0b0000 | 0b0001 | 0b0100 | 0b0101, bits) => match bits {
                0b00 => Some(Alphabet::Packed),
                0b01 => Some(Alphabet::Octets),
                0b10 => Some(Alphabet::Ucs2),
                _ => None,
            },
            (0b1111, 0b00) => Some(Alphabet::Packed),
            (0b1111, 0b01) => Some(Alphabet::Octets),
            _ => None,
        }
    }
}

impl<'a> Text<'a> {
    /// A text in this alphabet, in the caller's memory.
    ///
    /// # Errors
    /// As those of [`Alphabet::encode`].
    pub fn encode(text: &str, alphabet: Alphabet, out: &'a mut [u8]) -> Result<Self, TextError> {
        Ok(Self::Coded { dcs: alphabet.dcs(), bytes: alphabet.encode(text, out)? })
    }

    /// The characters; of no text, none. The first error is the last item.
    #[must_use]
    pub fn chars(&self) -> Chars<'a> {
        match *self {
            Self::Null => Chars(Reader::Ended),
            Self::Coded { dcs, bytes } => match dcs.alphabet() {
                Some(alphabet) => alphabet.chars(bytes),
                None => Chars(Reader::Failed(TextError::Scheme(dcs.0))),
            },
        }
    }

    /// Whether there is not one character.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars().next().is_none()
    }

    pub(crate) const fn read(value: &'a [u8]) -> Self {
        match value {
            [] => Self::Null,
            [dcs, bytes @ ..] => Self::Coded { dcs: Dcs(*dcs), bytes },
        }
    }

    pub(crate) fn put(&self, number: u8, out: &mut crate::fields::Flagged<'_, '_>) {
        match self {
            Self::Null => out.put(number, &[]),
            Self::Coded { dcs, bytes } => out.put(number, &[&[dcs.0], bytes]),
        }
    }
}

/// Prints characters, and U+FFFD for what is none.
fn lossy(chars: Chars<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write;
    chars.into_iter().try_for_each(|character| f.write_char(character.unwrap_or(char::REPLACEMENT_CHARACTER)))
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lossy(self.chars(), f)
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Text(null)"),
            Self::Coded { dcs, bytes } => write!(f, "Text({:02X}, {} bytes)", dcs.0, bytes.len()),
        }
    }
}

//! User data of a short message: a header, if any, and what it is about.

use super::MAX_USER_DATA;
use super::parts::Concatenation;
use crate::text::{Chars, Septets, TextError, gsm, pack};
use crate::{Alphabet, Dcs, DecodeErrorKind, Writer};

/// As many characters fit into a short message once they are packed.
const MAX_UNPACKED: usize = 160;

/// User data, and the data coding scheme that says what they are.
///
/// `Debug` prints lengths only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserData<'a> {
    dcs: Dcs,
    /// What stands before them.
    pub header: Header<'a>,
    /// Behind the header, as they stand: packed septets with the fill bits that bring them to a septet's boundary.
    bytes: &'a [u8],
    /// How many septets there are behind header and fill bits, if they are packed.
    septets: Option<usize>,
}

/// The header of user data.
///
/// Source: 3GPP TS 23.040 clause 9.2.3.24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header<'a> {
    /// There is none.
    None,
    /// One part of several, and nothing else.
    Concatenated(Concatenation),
    /// Any other information elements, without the length before all of them.
    Other(&'a [u8]),
}

/// User data that no short message can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserDataError {
    /// With the header, they are too long.
    #[error("a short message has 140 bytes of user data at most, not {0}")]
    TooLong(usize),
    /// The text cannot be written in this alphabet.
    #[error(transparent)]
    Text(#[from] TextError),
}

impl<'a> Header<'a> {
    /// How many bytes it takes, its length included.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Concatenated(concatenation) => concatenation.encoded_len().saturating_add(1),
            Self::Other(bytes) => bytes.len().saturating_add(1),
        }
    }

    /// The bits of filling that bring septets behind it to a boundary.
    const fn fill(&self) -> usize {
        match self.encoded_len().saturating_mul(8) % 7 {
            0 => 0,
            over => 7_usize.saturating_sub(over),
        }
    }

    fn read(bytes: &'a [u8]) -> Self {
        Concatenation::read(bytes).map_or(Self::Other(bytes), Self::Concatenated)
    }
}

impl<'a> UserData<'a> {
    /// Bytes that are no text.
    ///
    /// # Errors
    /// [`UserDataError::TooLong`].
    pub fn octets(header: Header<'a>, bytes: &'a [u8]) -> Result<Self, UserDataError> {
        Self::checked(Self { dcs: Dcs::OCTETS, header, bytes, septets: None })
    }

    /// A text in this alphabet, in the caller's memory.
    ///
    /// # Errors
    /// [`UserDataError::Text`] for a character that it lacks, or a buffer too small; [`UserDataError::TooLong`].
    pub fn text(header: Header<'a>, text: &str, alphabet: Alphabet, out: &'a mut [u8]) -> Result<Self, UserDataError> {
        let dcs = alphabet.dcs();
        if alphabet != Alphabet::Packed {
            return Self::checked(Self { dcs, header, bytes: alphabet.encode(text, out)?, septets: None });
        }
        if let Some((position, character)) = text.chars().enumerate().find(|(_, character)| !gsm::has(*character)) {
            return Err(TextError::NotInAlphabet { character, position }.into());
        }
        let available = out.len();
        let needed = pack(gsm::codes(text), header.fill(), out);
        let error = TextError::TooLong(apdu::BufferTooSmall { needed, available });
        let bytes = out.get(..needed).ok_or(error)?;
        Self::checked(Self { dcs, header, bytes, septets: Some(gsm::codes(text).count()) })
    }

    fn checked(self) -> Result<Self, UserDataError> {
        let length = self.header.encoded_len().saturating_add(self.bytes.len());
        if length <= MAX_USER_DATA { Ok(self) } else { Err(UserDataError::TooLong(length)) }
    }

    /// The data coding scheme.
    #[must_use]
    pub const fn dcs(&self) -> Dcs {
        self.dcs
    }

    /// The same under another data coding scheme; `None` if that has septets where this has bytes, or the reverse.
    #[must_use]
    pub fn with_dcs(self, dcs: Dcs) -> Option<Self> {
        (is_packed(dcs) == self.septets.is_some()).then_some(Self { dcs, ..self })
    }

    /// What the terminal makes of a text of 8-bit characters that it was asked to pack, as
    /// [`SendShortMessage::packing`](crate::command::SendShortMessage::packing) does: it packed, in the caller's memory,
    /// under the same data coding scheme but for its alphabet.
    ///
    /// # Errors
    /// [`TextError::Scheme`] if these are no 8-bit characters; [`UserDataError::TooLong`].
    pub fn packed(self, out: &'a mut [u8]) -> Result<Self, UserDataError> {
        if self.dcs.alphabet() != Some(Alphabet::Octets) {
            return Err(TextError::Scheme(self.dcs.0).into());
        }
        let available = out.len();
        let needed = pack(self.bytes.iter().copied(), self.header.fill(), out);
        let error = TextError::TooLong(apdu::BufferTooSmall { needed, available });
        let bytes = out.get(..needed).ok_or(error)?;
        Self::checked(Self { dcs: Dcs(self.dcs.0 & !0x0C), bytes, septets: Some(self.bytes.len()), ..self })
    }

    /// What is behind the header, as it stands.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The characters, if it is a text.
    #[must_use]
    pub fn chars(&self) -> Option<Chars<'a>> {
        let alphabet = self.dcs.alphabet()?;
        Some(match self.septets {
            Some(count) => Chars::of(Septets::new(self.bytes, self.header.fill(), count)),
            None => alphabet.chars(self.bytes),
        })
    }

    /// Reads what stands behind the length of the user data.
    pub(super) fn read(dcs: Dcs, header: bool, length: u8, rest: &'a [u8]) -> Result<Self, DecodeErrorKind> {
        let length = usize::from(length);
        let count = if is_packed(dcs) { length.saturating_mul(7).div_ceil(8) } else { length };
        if count > if is_packed(dcs) { MAX_USER_DATA } else { MAX_UNPACKED } {
            return Err(DecodeErrorKind::Value { what: "the length of the user data" });
        }
        match rest.len().checked_sub(count) {
            None => return Err(DecodeErrorKind::MessageTruncated),
            Some(0) => {}
            Some(count) => return Err(DecodeErrorKind::TrailingBytes { count }),
        }
        let wrong = DecodeErrorKind::Value { what: "the user data header" };
        let (header, bytes) = if header {
            let (length, rest) = rest.split_first().ok_or(wrong)?;
            let (header, bytes) = rest.split_at_checked(usize::from(*length)).ok_or(wrong)?;
            (Header::read(header), bytes)
        } else {
            (Header::None, rest)
        };
        let before = header.encoded_len().saturating_mul(8).div_ceil(7);
        let septets = if is_packed(dcs) { Some(length.checked_sub(before).ok_or(wrong)?) } else { None };
        Ok(Self { dcs, header, bytes, septets })
    }

    /// Writes the length and what follows it.
    pub(super) fn encode(&self, writer: &mut Writer<'_>) {
        let header = self.header.encoded_len();
        let length = match self.septets {
            Some(count) => header.saturating_mul(8).div_ceil(7).saturating_add(count),
            None => header.saturating_add(self.bytes.len()),
        };
        writer.append(&[u8::try_from(length).unwrap_or(u8::MAX)]);
        let before = u8::try_from(header.saturating_sub(1)).unwrap_or(u8::MAX);
        match self.header {
            Header::None => {}
            Header::Concatenated(concatenation) => {
                writer.append(&[before]);
                let (bytes, count) = concatenation.bytes();
                writer.append(bytes.get(..count).unwrap_or_default());
            }
            Header::Other(bytes) => {
                writer.append(&[before]);
                writer.append(bytes);
            }
        }
        writer.append(self.bytes);
    }
}

/// Whether the length counts septets. Compressed text is counted in bytes.
fn is_packed(dcs: Dcs) -> bool {
    match dcs.alphabet() {
        Some(alphabet) => alphabet == Alphabet::Packed,
        // Message waiting indications `Cx` and `Dx` are in the default alphabet, `Ex` in UCS2; what is reserved is to
        // be taken for the default alphabet.
        None => !matches!(dcs.0 >> 4, 0b0010 | 0b0011 | 0b0110 | 0b0111 | 0b1110),
    }
}

impl core::fmt::Debug for UserData<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "UserData({:02X}, {:?}, {} bytes)", self.dcs.0, self.header, self.bytes.len())
    }
}

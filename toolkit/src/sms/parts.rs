//! Long messages: in how many parts they go, and which part one is.

use super::MAX_USER_DATA;

/// Which part of which message a short message is.
///
/// | form | information element |
/// |---|---|
/// | 8-bit reference | `00 03`, reference, how many parts, which part |
/// | 16-bit reference | `08 04`, reference in two bytes, how many parts, which part |
///
/// Source: 3GPP TS 23.040 clauses 9.2.3.24.1 and 9.2.3.24.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concatenation {
    /// The same for all parts of a message.
    pub reference: Reference,
    /// How many parts there are, 1 to 255.
    pub total: u8,
    /// Which one this is, from 1.
    pub part: u8,
}

/// What the parts of a message have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// One byte.
    Short(u8),
    /// Two bytes.
    Long(u16),
}

/// The message needs more than 255 parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message has 255 parts at most, these {length} bytes need more")]
pub struct TooManyParts {
    /// How long the message is.
    pub length: usize,
}

/// One part of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Which one it is; `None` if it is all.
    pub concatenation: Option<Concatenation>,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// A message of bytes in parts, in their order: one without a header if that holds it, else as few as possible, all full
/// but the last.
#[derive(Clone)]
pub struct Parts<'a> {
    rest: &'a [u8],
    reference: Reference,
    total: u8,
    next: u8,
}

impl Concatenation {
    /// How many bytes the information element has.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        match self.reference {
            Reference::Short(_) => 5,
            Reference::Long(_) => 6,
        }
    }

    /// It, and how many bytes of it count.
    pub(super) const fn bytes(self) -> ([u8; 6], usize) {
        let bytes = match self.reference {
            Reference::Short(reference) => [0x00, 3, reference, self.total, self.part, 0],
            Reference::Long(reference) => {
                let [high, low] = reference.to_be_bytes();
                [0x08, 4, high, low, self.total, self.part]
            }
        };
        (bytes, self.encoded_len())
    }

    /// Reads a header that is this one element; `None` if it is another, or if there is no such part.
    pub(super) fn read(header: &[u8]) -> Option<Self> {
        let (reference, total, part) = match *header {
            [0x00, 3, reference, total, part] => (Reference::Short(reference), total, part),
            [0x08, 4, high, low, total, part] => (Reference::Long(u16::from_be_bytes([high, low])), total, part),
            _ => return None,
        };
        (part != 0 && part <= total).then_some(Self { reference, total, part })
    }
}

impl<'a> Parts<'a> {
    /// This message, whose parts have this reference.
    ///
    /// # Errors
    /// [`TooManyParts`] above 34,170 bytes, or 33,915 with a long reference.
    pub fn new(message: &'a [u8], reference: Reference) -> Result<Self, TooManyParts> {
        let room = room(reference);
        let count = if message.len() <= MAX_USER_DATA { 1 } else { message.len().div_ceil(room) };
        let total = u8::try_from(count).map_err(|_| TooManyParts { length: message.len() })?;
        Ok(Self { rest: message, reference, total, next: 1 })
    }
}

/// How much of a message a part holds.
const fn room(reference: Reference) -> usize {
    let header = Concatenation { reference, total: 0, part: 0 }.encoded_len().saturating_add(1);
    MAX_USER_DATA.saturating_sub(header)
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        if self.next == 0 || self.next > self.total {
            return None;
        }
        let Self { reference, total, next: part, .. } = *self;
        // 0 behind the 255th.
        self.next = part.wrapping_add(1);
        if total == 1 {
            return Some(Part { concatenation: None, bytes: self.rest });
        }
        let (bytes, rest) = self.rest.split_at(room(reference).min(self.rest.len()));
        self.rest = rest;
        Some(Part { concatenation: Some(Concatenation { reference, total, part }), bytes })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = if self.next == 0 {
            0
        } else {
            usize::from(self.total).saturating_add(1).saturating_sub(usize::from(self.next))
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Parts<'_> {}

impl<'a> Part<'a> {
    /// The header that says which part it is.
    #[must_use]
    pub const fn header(&self) -> super::Header<'a> {
        match self.concatenation {
            Some(concatenation) => super::Header::Concatenated(concatenation),
            None => super::Header::None,
        }
    }

    /// It as the user data of a short message: 8-bit.
    ///
    /// # Errors
    /// None, if it came from [`Parts`]; else [`UserDataError::TooLong`](super::UserDataError::TooLong).
    pub fn user_data(&self) -> Result<super::UserData<'a>, super::UserDataError> {
        super::UserData::octets(self.header(), self.bytes)
    }
}

impl core::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Part({:?}, {} bytes)", self.concatenation, self.bytes.len())
    }
}

//! COMPREHENSION-TLV data objects one after the other, read strictly and written in the shortest form.
//!
//! They look like BER-TLV, and are not: `1F` and `9F` are tags of one byte here, and bit 8 of a tag is a flag.
//! Source: ETSI TS 101 220, COMPREHENSION-TLV; lengths after ISO/IEC 8825-1.

use core::fmt;
use core::iter::FusedIterator;

use apdu::BufferTooSmall;

use crate::{DecodeError, DecodeErrorKind, Tag};

/// A data object: its tag and its value.
///
/// `Debug` prints the length of the value, not the value: it may be a PIN that was keyed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value.
    pub value: &'a [u8],
}

/// The data objects of an input; see [`iter`].
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    rest: &'a [u8],
    offset: usize,
}

/// Reads the data object at the start of `input`, and returns it with what follows it.
///
/// # Errors
/// A tag `00`, `80` or `FF`, or one of three bytes whose number needs but one; a length that is cut off, is indefinite
/// (`80`) or has more than four bytes; a value that is cut off. A length in more bytes than it needs is taken.
pub fn parse(input: &[u8]) -> Result<(Tlv<'_>, &[u8]), DecodeError> {
    let (tag, behind) = match *input {
        [] | [0x7F] | [0x7F, _] => return Err(DecodeError::new(0, DecodeErrorKind::TagTruncated)),
        [0x7F, high, low, ref behind @ ..] => {
            let number = u16::from_be_bytes([high & 0x7F, low]);
            (Tag { number, comprehension: high & 0x80 != 0 }, behind)
        }
        [first, ref behind @ ..] => (Tag { number: u16::from(first & 0x7F), comprehension: first & 0x80 != 0 }, behind),
    };
    // FF would be the number 7F in one byte.
    let wide = behind.len().saturating_add(3) == input.len();
    if tag.number == 0 || wide != (tag.encoded_len() == 3) {
        return Err(DecodeError::new(0, DecodeErrorKind::TagInvalid));
    }
    let (value, rest) = valued(behind).map_err(|error| error.behind(tag.encoded_len()))?;
    Ok((Tlv { tag, value }, rest))
}

/// Reads a length and that many bytes.
pub(crate) fn valued(input: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let error = |kind| DecodeError::new(0, kind);
    let truncated = error(DecodeErrorKind::LengthTruncated);
    let (first, rest) = input.split_first().ok_or(truncated)?;
    let (length, rest) = match first {
        0x00..=0x7F => (u32::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x0F)).ok_or(truncated)?;
            (bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)), rest)
        }
        _ => return Err(error(DecodeErrorKind::LengthInvalid)),
    };
    let split = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
    split.ok_or(error(DecodeErrorKind::ValueTruncated { length, found: rest.len() }))
}

/// The data objects of `input` in their order. The first error is the last item.
#[must_use]
pub const fn iter(input: &[u8]) -> Iter<'_> {
    Iter { rest: input, offset: 0 }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Result<Tlv<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match parse(self.rest) {
            Ok((tlv, rest)) => {
                self.offset = self.offset.saturating_add(self.rest.len().saturating_sub(rest.len()));
                self.rest = rest;
                Some(Ok(tlv))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error.behind(self.offset)))
            }
        }
    }
}

impl FusedIterator for Iter<'_> {}

impl Iter<'_> {
    /// Where the next data object begins.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }
}

/// Writes data objects into a caller's buffer, with the shortest lengths. What no longer fits is counted, so that
/// [`finish`](Self::finish) can say how much room is needed.
///
/// ```
/// use toolkit::{Tag, Writer, tag};
/// let mut buffer = [0; 8];
/// let mut writer = Writer::new(&mut buffer);
/// writer.put(Tag::must(tag::TEXT), &[&[4], b"Hi"]);
/// assert_eq!(writer.finish(), Ok([0x8D, 3, 4, b'H', b'i'].as_slice()));
/// ```
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl<'b> Writer<'b> {
    /// A writer that begins at the start of `buffer`.
    #[must_use]
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// Writes a data object, whose value is in these parts.
    pub fn put(&mut self, tag: Tag, parts: &[&[u8]]) {
        let length = parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.len()));
        self.append(tag.bytes().get(..tag.encoded_len()).unwrap_or_default());
        let (field, count) = length_field(length);
        self.append(field.get(..count).unwrap_or_default());
        parts.iter().for_each(|part| self.append(part));
    }

    /// Writes a BER-TLV with a tag of one byte, whose value is what `inner` writes.
    pub fn wrap(&mut self, tag: u8, inner: impl FnOnce(&mut Self)) {
        self.append(&[tag, 0]);
        let first = self.length;
        inner(self);
        let end = self.length;
        let (field, count) = length_field(end.saturating_sub(first));
        // One byte was left for it.
        let more = count.saturating_sub(1);
        self.length = end.saturating_add(more);
        if self.length <= self.buffer.len() {
            self.buffer.copy_within(first..end, first.saturating_add(more));
            let at = first.saturating_sub(1);
            let room = self.buffer.iter_mut().skip(at).take(count);
            room.zip(field).for_each(|(room, byte)| *room = byte);
        }
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(room) = self.buffer.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
        }
        self.length = end;
    }

    /// What was written.
    ///
    /// # Errors
    /// [`BufferTooSmall`] with all that is needed.
    pub fn finish(self) -> Result<&'b [u8], BufferTooSmall> {
        let error = BufferTooSmall { needed: self.length, available: self.buffer.len() };
        self.buffer.get(..self.length).ok_or(error)
    }
}

/// The shortest length field, and how many of its bytes count. No value has 4 GiB.
fn length_field(length: usize) -> ([u8; 5], usize) {
    let [b1, b2, b3, b4] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    match length {
        0..=0x7F => ([b4, 0, 0, 0, 0], 1),
        0x80..=0xFF => ([0x81, b4, 0, 0, 0], 2),
        0x100..=0xFFFF => ([0x82, b3, b4, 0, 0], 3),
        0x1_0000..=0xFF_FFFF => ([0x83, b2, b3, b4, 0], 4),
        _ => ([0x84, b1, b2, b3, b4], 5),
    }
}

impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv({}, {} bytes)", self.tag, self.value.len())
    }
}

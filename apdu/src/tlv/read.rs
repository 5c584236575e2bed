//! Reading data objects.

use core::fmt;
use core::iter::FusedIterator;

use nom::bytes::complete::take;
use nom::number::complete::be_u8;

use super::{Tag, TlvError, TlvErrorKind};

/// A data object that was read: its tag, and its value in the input.
///
/// `Debug` prints the length of the value, not the value: it may be secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value, without tag and length.
    pub value: &'a [u8],
}

/// The data objects of an input, one after the other; see [`iter`].
#[derive(Debug, Clone)]
pub struct TlvIter<'a> {
    rest: &'a [u8],
    offset: usize,
}

/// Reads the data object at the start of `input` and returns it with what follows it.
///
/// A length may be written in more bytes than it needs, as ISO/IEC 7816-4 allows.
///
/// # Errors
/// [`TlvError`] with the offset of the tag or length at fault.
#[inline]
pub fn parse(input: &[u8]) -> Result<(Tlv<'_>, &[u8]), TlvError> {
    let (tag, rest) = Tag::parse(input)?;
    let error = |kind| TlvError { offset: tag.encoded_len(), kind };
    let (length, rest) = length(rest).map_err(error)?;
    usize::try_from(length)
        .ok()
        .and_then(|count| rest.split_at_checked(count))
        .map(|(value, rest)| (Tlv { tag, value }, rest))
        .ok_or(error(TlvErrorKind::ValueTruncated { length, found: rest.len() }))
}

/// The data objects of `input` in their order. Bytes `00` around them are skipped. The first error
/// is the last item.
#[inline]
#[must_use]
pub const fn iter(input: &[u8]) -> TlvIter<'_> {
    TlvIter { rest: input, offset: 0 }
}

/// The value of the data object reached by `path`: the first with the first tag in `input`, in it
/// the first with the second tag, and so on. An empty path gives `input`; `None` if there is none.
///
/// # Errors
/// [`TlvError`] if a data object before the one looked for is malformed.
///
/// ```
/// use apdu::{Tag, tlv};
/// let fci = [0x6F, 0x07, 0x84, 0x05, 0xF0, 0x01, 0x02, 0x03, 0x04];
/// let name = tlv::find(&fci, &[Tag::new(0x6F), Tag::new(0x84)])?;
/// assert_eq!(name, Some(&fci[4..]));
/// # Ok::<(), apdu::TlvError>(())
/// ```
pub fn find<'a>(input: &'a [u8], path: &[Tag]) -> Result<Option<&'a [u8]>, TlvError> {
    let mut objects = iter(input);
    for &tag in path {
        loop {
            match objects.next().transpose()? {
                None => return Ok(None),
                Some(found) if found.tag == tag => {
                    // The value ends where the iterator stands now.
                    let offset = objects.offset.saturating_sub(found.value.len());
                    objects = TlvIter { rest: found.value, offset };
                    break;
                }
                Some(_) => {}
            }
        }
    }
    Ok(Some(objects.rest))
}

impl<'a> Iterator for TlvIter<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while let [0, rest @ ..] = self.rest {
            self.rest = rest;
            self.offset = self.offset.saturating_add(1);
        }
        if self.rest.is_empty() {
            return None;
        }
        match parse(self.rest) {
            Ok((tlv, rest)) => {
                let read = self.rest.len().saturating_sub(rest.len());
                self.offset = self.offset.saturating_add(read);
                self.rest = rest;
                Some(Ok(tlv))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(TlvError { offset: self.offset.saturating_add(error.offset), ..error }))
            }
        }
    }
}

impl FusedIterator for TlvIter<'_> {}

/// Reads a length: one byte up to `7F`, or `81` to `84` and that many bytes.
fn length(input: &[u8]) -> Result<(u32, &[u8]), TlvErrorKind> {
    let truncated = |_: nom::Err<()>| TlvErrorKind::LengthTruncated;
    let (rest, first) = be_u8(input).map_err(truncated)?;
    let count = match first {
        0x00..=0x7F => return Ok((u32::from(first), rest)),
        0x80 => return Err(TlvErrorKind::LengthIndefinite),
        0x81..=0x84 => first & 0x0F,
        _ => return Err(TlvErrorKind::LengthInvalid { count: first & 0x7F }),
    };
    let (rest, bytes) = take(count)(rest).map_err(truncated)?;
    let length = bytes.iter().fold(0_u32, |sum, &byte| (sum << 8) | u32::from(byte));
    Ok((length, rest))
}

impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv({}, {} bytes)", self.tag, self.value.len())
    }
}

//! Tags of data objects.

use core::fmt;

use nom::Parser;
use nom::number::complete::be_u8;

use super::{TlvError, TlvErrorKind};

/// The tag of a data object, one to three bytes.
///
/// | bytes | first | second | third | tag number |
/// |---|---|---|---|---|
/// | 1 | bits 5-1 not all on, not `00` | | | 0-30 |
/// | 2 | bits 5-1 all on | `01`-`7F` | | 1-127 |
/// | 3 | bits 5-1 all on | `81`-`FF` | `00`-`7F` | 128-16,383 |
///
/// ISO/IEC 7816-4 gives a tag number below 31 one byte only; EMV's `9F02` and its like break that on every bank card,
/// so it is not held against a tag here.
///
/// `Display` and `Debug` print upper-case hex. Source: ISO/IEC 7816-4:2013, BER-TLV tag fields.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

/// The class of a tag, bits 8 and 7 of its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagClass {
    /// `00`: ASN.1's own types.
    Universal,
    /// `01`: the interindustry data objects of ISO/IEC 7816, mostly.
    Application,
    /// `10`: meaning depends on the enclosing data object.
    ContextSpecific,
    /// `11`: private.
    Private,
}

impl Tag {
    /// The tag with these bytes, most significant first: `Tag::new(0x7F49)`. For constants, where a
    /// wrong value does not compile; elsewhere use `Tag::try_from`.
    ///
    /// # Panics
    /// If the value is not a tag, which in a constant is an error of the compiler.
    ///
    /// ```
    /// use apdu::Tag;
    /// const PUBLIC_KEY: Tag = Tag::new(0x7F49);
    /// assert!(PUBLIC_KEY.is_constructed());
    /// ```
    /// ```compile_fail
    /// const NOT_A_TAG: apdu::Tag = apdu::Tag::new(0x7F00);
    /// ```
    #[must_use]
    pub const fn new(value: u32) -> Self {
        assert!(is_tag(value), "not a tag of ISO 7816-4");
        Self(value)
    }

    /// Reads a tag and returns it with what follows it.
    ///
    /// # Errors
    /// [`TlvErrorKind::TagTruncated`] and [`TlvErrorKind::TagInvalid`], with offset 0.
    #[inline]
    pub fn parse(input: &[u8]) -> Result<(Self, &[u8]), TlvError> {
        let error = |kind| TlvError { offset: 0, kind };
        let (rest, value) = bytes(input).map_err(|_| error(TlvErrorKind::TagTruncated))?;
        let tag = Self::try_from(value).map_err(error)?;
        Ok((tag, rest))
    }

    /// The bytes as a number, most significant first.
    #[inline]
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }

    /// How many bytes the tag has, 1 to 3.
    #[inline]
    #[must_use]
    pub const fn encoded_len(self) -> usize {
        match self.0 {
            0..=0xFF => 1,
            0x100..=0xFFFF => 2,
            _ => 3,
        }
    }

    /// Whether the value is itself a sequence of data objects: bit 6 of the first byte.
    #[inline]
    #[must_use]
    pub const fn is_constructed(self) -> bool {
        self.first_byte() & 0x20 != 0
    }

    /// The class: bits 8 and 7 of the first byte.
    #[inline]
    #[must_use]
    pub const fn class(self) -> TagClass {
        match self.first_byte() {
            0x00..=0x3F => TagClass::Universal,
            0x40..=0x7F => TagClass::Application,
            0x80..=0xBF => TagClass::ContextSpecific,
            0xC0..=0xFF => TagClass::Private,
        }
    }

    /// The tag's one to three bytes, in a buffer of the caller.
    pub(super) fn as_bytes(self, buffer: &mut [u8; 3]) -> &[u8] {
        let [_, first, second, third] = self.0.to_be_bytes();
        *buffer = [first, second, third];
        buffer.get(3_usize.saturating_sub(self.encoded_len())..).unwrap_or(buffer)
    }

    const fn first_byte(self) -> u8 {
        match self.0.to_be_bytes() {
            [_, 0, 0, first] | [_, 0, first, _] | [_, first, _, _] => first,
        }
    }
}

/// The bytes of a tag as a number: at most three, for a longer one is refused by its third.
fn bytes(input: &[u8]) -> nom::IResult<&[u8], u32, ()> {
    let (rest, first) = be_u8(input)?;
    if first & 0x1F != 0x1F {
        return Ok((rest, u32::from(first)));
    }
    let (rest, second) = be_u8(rest)?;
    if second & 0x80 == 0 {
        return Ok((rest, u32::from_be_bytes([0, 0, first, second])));
    }
    be_u8.map(|third| u32::from_be_bytes([0, first, second, third])).parse(rest)
}

const fn is_tag(value: u32) -> bool {
    match value.to_be_bytes() {
        [0, 0, 0, first] => first != 0 && first & 0x1F != 0x1F,
        [0, 0, first, second] => first & 0x1F == 0x1F && matches!(second, 0x01..=0x7F),
        [0, first, second, third] => first & 0x1F == 0x1F && second > 0x80 && third < 0x80,
        _ => false,
    }
}

impl TryFrom<u32> for Tag {
    type Error = TlvErrorKind;

    #[inline]
    fn try_from(value: u32) -> Result<Self, TlvErrorKind> {
        if is_tag(value) { Ok(Self(value)) } else { Err(TlvErrorKind::TagInvalid) }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.encoded_len().saturating_mul(2);
        write!(f, "{:0width$X}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

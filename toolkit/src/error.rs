//! Why some bytes are not what they should be, where, and what a terminal answers to them.

use crate::ResultCode;

/// Bytes from the other side that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {kind}")]
pub struct DecodeError {
    /// Where, from the start of the input.
    pub offset: usize,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside a tag.
    #[error("the tag is cut off")]
    TagTruncated,
    /// Not a tag of a COMPREHENSION-TLV.
    #[error("this is not a tag of a COMPREHENSION-TLV")]
    TagInvalid,
    /// The input ends before or inside a length.
    #[error("the length is cut off")]
    LengthTruncated,
    /// A length `80`, or one that begins with `85` to `FF`.
    #[error("this is not a length")]
    LengthInvalid,
    /// The value is longer than what is left.
    #[error("the length says {length} bytes, {found} follow")]
    ValueTruncated {
        /// What the length says.
        length: u32,
        /// How many bytes follow.
        found: usize,
    },
    /// The outer tag is another one.
    #[error("the outermost tag is not {expected:02X}")]
    OuterTag {
        /// The tag looked for.
        expected: u8,
    },
    /// Bytes behind what was read.
    #[error("{count} bytes follow the end")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A data object that must be there is not.
    #[error("the data object {tag:02X} is missing")]
    Missing {
        /// The number of its tag.
        tag: u8,
    },
    /// The value of a data object, or of a field, is not one that its definition allows.
    #[error("the value of {what} is not allowed")]
    Value {
        /// What it is the value of.
        what: &'static str,
    },
    /// A short message ends before it is whole.
    #[error("the message is cut off")]
    MessageTruncated,
}

impl DecodeError {
    pub(crate) const fn new(offset: usize, kind: DecodeErrorKind) -> Self {
        Self { offset, kind }
    }

    /// The same, with so many bytes before it.
    pub(crate) const fn behind(self, bytes: usize) -> Self {
        Self { offset: self.offset.saturating_add(bytes), ..self }
    }

    /// The result with which a terminal answers a proactive command that it could not read.
    ///
    /// Source: ETSI TS 102 223, handling of unknown, unforeseen and erroneous messages (clause 6.10).
    #[must_use]
    pub const fn result(&self) -> ResultCode {
        match self.kind {
            DecodeErrorKind::Missing { .. } => ResultCode::VALUES_MISSING,
            _ => ResultCode::DATA_NOT_UNDERSTOOD,
        }
    }
}

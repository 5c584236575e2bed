//! Why some bytes are not a sequence of data objects.

/// A malformed data object, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {kind}")]
pub struct TlvError {
    /// Where the tag or length at fault begins, in bytes from the start of the input.
    pub offset: usize,
    /// What is wrong.
    pub kind: TlvErrorKind,
}

/// What is wrong with a data object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlvErrorKind {
    /// The input ends inside a tag.
    #[error("the tag is cut off")]
    TagTruncated,
    /// A tag that begins with `00`, has more than three bytes, or carries leading zeros.
    #[error("this is not a tag of ISO 7816-4")]
    TagInvalid,
    /// The input ends before or inside a length.
    #[error("the length is cut off")]
    LengthTruncated,
    /// The length `80`, which asks for an end mark instead of counting. ISO 7816 does not use it.
    #[error("indefinite lengths are not used by ISO 7816")]
    LengthIndefinite,
    /// A length that begins with `85` to `FF`: more than four bytes.
    #[error("a length has at most four bytes behind its first, this one says {count}")]
    LengthInvalid {
        /// How many bytes it says.
        count: u8,
    },
    /// The value is longer than what is left of the input.
    #[error("the length says {length} bytes, {found} follow")]
    ValueTruncated {
        /// What the length says.
        length: u32,
        /// How many bytes follow.
        found: usize,
    },
}

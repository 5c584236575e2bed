//! Why some bytes are not a command, or a command cannot be made.

use super::Case;

/// A rule of the command forms that was broken.
///
/// The first six come from [`Command::decode`](super::Command::decode): the bytes are wrong. The
/// others come from [`Command::new`](super::Command::new) and
/// [`Command::with_case`](super::Command::with_case): the caller asked for what no command, or no
/// command of that form, can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Fewer than the four bytes CLA INS P1 P2.
    #[error("a command has at least the 4 bytes of its header, this one has {length}")]
    HeaderTruncated {
        /// How many bytes there are.
        length: usize,
    },
    /// The body is `00` and one byte: the start of an extended length that ends too early.
    #[error("an extended length is 00 and two bytes, here one byte follows the 00")]
    ExtendedLengthTruncated,
    /// An extended `Lc` of `00 00 00`, but bytes behind it: `Lc` is never zero.
    #[error("Lc is zero, but more bytes follow")]
    LcZero,
    /// `Lc` announces more data than there is.
    #[error("Lc announces {lc} bytes of data, {found} follow")]
    DataTruncated {
        /// What `Lc` says.
        lc: usize,
        /// How many bytes follow `Lc`.
        found: usize,
    },
    /// An extended `Lc` asks for an extended `Le` of two bytes, but one byte follows the data.
    #[error("an Le behind an extended Lc has two bytes, here is one")]
    LeTruncated,
    /// Bytes behind the last field of the command.
    #[error("{count} bytes too many behind the data and Le")]
    TrailingBytes {
        /// How many bytes are too many.
        count: usize,
    },
    /// Data for a form without a data field.
    #[error("case {case} has no data field, {nc} bytes were given")]
    DataNotAllowed {
        /// The form.
        case: Case,
        /// How many bytes were given.
        nc: usize,
    },
    /// No data for a form whose `Lc` is never zero.
    #[error("case {case} needs at least 1 byte of data")]
    DataMissing {
        /// The form.
        case: Case,
    },
    /// More data than the `Lc` of the form can announce.
    #[error("case {case} holds {max} bytes of data, {nc} were given")]
    DataTooLong {
        /// The form.
        case: Case,
        /// How many bytes were given.
        nc: usize,
        /// How many it holds.
        max: usize,
    },
    /// Response data expected with a form that has no `Le`.
    #[error("case {case} has no Le, {ne} bytes were expected")]
    NeNotAllowed {
        /// The form.
        case: Case,
        /// How many bytes were expected.
        ne: u32,
    },
    /// No response data expected with a form that has an `Le`: none of its values means zero.
    #[error("case {case} asks for at least 1 byte")]
    NeMissing {
        /// The form.
        case: Case,
    },
    /// More response data expected than the `Le` of the form can say.
    #[error("case {case} asks for {max} bytes at most, {ne} were expected")]
    NeTooLarge {
        /// The form.
        case: Case,
        /// How many bytes were expected.
        ne: u32,
        /// How many it can ask for.
        max: u32,
    },
}

//! Why some bytes are not the image of a card.

use apdu::{Aid, Tag, TlvError};

use crate::atr::AtrError;

/// What is wrong with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// It does not begin as an image does.
    #[error("this is not the image of a card")]
    NotAnImage,
    /// It is of a version that is not known here: made by a newer program.
    #[error("the image has version {found}, the newest known here is {supported}")]
    Version {
        /// The version of the image.
        found: u16,
        /// The newest that is read.
        supported: u16,
    },
    /// It ends too early.
    #[error("the image is cut off: {found} of {expected} bytes")]
    Truncated {
        /// How many bytes there must be, as far as is known.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// There are bytes behind its end.
    #[error("{count} bytes too many behind the image")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// Its digest is wrong: some byte has changed.
    #[error("the image is damaged: its digest is wrong")]
    Damaged,
    /// Its digest is right, but a data object is not where it belongs. No program of ours wrote it.
    #[error("the image has no proper {what}")]
    Malformed {
        /// What is missing or wrong.
        what: &'static str,
    },
    /// Its body is not a sequence of data objects.
    #[error("the image is not BER-TLV")]
    Tlv(#[source] TlvError),
    /// It has a data object that its version does not have.
    #[error("the image has an unknown data object {tag}")]
    UnknownTag {
        /// The tag.
        tag: Tag,
    },
    /// Its ATR is none.
    #[error("the image has a wrong ATR")]
    Atr(#[source] AtrError),
    /// It holds an instance of a module that is not known here.
    #[error("the card has an applet of the module {aid}, which is not known here")]
    UnknownModule {
        /// The module.
        aid: Aid,
    },
    /// The module refuses the parameters with which this instance was installed.
    #[error("the parameters of the applet {aid} are refused by its module")]
    Parameters {
        /// The instance.
        aid: Aid,
    },
    /// Two instances have the same name.
    #[error("two applets have the name {aid}")]
    NameTwice {
        /// The name.
        aid: Aid,
    },
    /// The applet's memory has another size than the applet asks for now.
    #[error("the memory of the applet {aid} has {found} bytes, it needs {expected}")]
    MemorySize {
        /// The instance.
        aid: Aid,
        /// What the applet asks for.
        expected: usize,
        /// What the image holds.
        found: usize,
    },
    /// There is not enough memory for what the applet asks for.
    #[error("there is no room for the memory of the applet {aid}")]
    NoRoom {
        /// The instance.
        aid: Aid,
    },
}

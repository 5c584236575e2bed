//! REFRESH: files have changed.

use core::fmt;

use super::Body;
use crate::details::named;
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet, tag};

/// What a terminal is to do. Every byte is one; those that the standard names have a constant.
///
/// Source: ETSI TS 102 223 clause 8.6.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RefreshMode(pub u8);

named! { RefreshMode:
    INITIALISATION_AND_FULL_FILES = 0x00, "initialisation and full file change";
    FILES = 0x01, "file change";
    INITIALISATION_AND_FILES = 0x02, "initialisation and file change";
    INITIALISATION = 0x03, "initialisation";
    RESET = 0x04, "UICC reset";
    APPLICATION_RESET = 0x05, "application reset";
    SESSION_RESET = 0x06, "session reset";
}

/// `01`: the terminal is to read files again, or to start the card anew. The qualifier says what.
///
/// Source: ETSI TS 102 223 clause 6.6.13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refresh<'a> {
    /// What is to be done.
    pub mode: RefreshMode,
    /// How many files have changed, and their paths.
    pub files: Option<&'a [u8]>,
}

impl<'a> Body<'a> for Refresh<'a> {
    const TYPE: CommandType = CommandType::REFRESH;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[tag::FILE_LIST]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self { mode: RefreshMode(qualifier), files: fields.optional(tag::FILE_LIST, Some)? })
    }

    fn qualifier(&self) -> u8 {
        self.mode.0
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put_if(tag::FILE_LIST, self.files);
    }
}

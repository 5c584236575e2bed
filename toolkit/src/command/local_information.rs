//! PROVIDE LOCAL INFORMATION: something that the terminal knows.

use core::fmt;

use super::Body;
use crate::details::named;
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet};

/// What a terminal is asked for. Every byte is one; those that the standard names have a constant.
///
/// Source: ETSI TS 102 223 clause 8.6.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LocalKind(pub u8);

named! { LocalKind:
    LOCATION = 0x00, "location information";
    IMEI = 0x01, "IMEI";
    NETWORK_MEASUREMENT = 0x02, "network measurement results";
    DATE_TIME = 0x03, "date, time and time zone";
    LANGUAGE = 0x04, "language setting";
    TIMING_ADVANCE = 0x05, "timing advance";
    ACCESS_TECHNOLOGY = 0x06, "access technology";
    ESN = 0x07, "ESN";
    IMEISV = 0x08, "IMEISV";
    SEARCH_MODE = 0x09, "search mode";
    BATTERY = 0x0A, "charge state of the battery";
}

/// `26`: asks for what the terminal knows. The qualifier says what.
///
/// Source: ETSI TS 102 223 clause 6.6.15.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvideLocalInformation {
    /// What is asked for.
    pub kind: LocalKind,
}

impl<'a> Body<'a> for ProvideLocalInformation {
    const TYPE: CommandType = CommandType::PROVIDE_LOCAL_INFORMATION;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[]);

    fn decode(qualifier: u8, _: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self { kind: LocalKind(qualifier) })
    }

    fn qualifier(&self) -> u8 {
        self.kind.0
    }

    fn encode(&self, _: &mut Flagged<'_, '_>) {}
}

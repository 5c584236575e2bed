//! SET UP EVENT LIST: of what the card wants to hear.

use core::fmt;

use super::Body;
use crate::details::named;
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet, tag};

/// An event. Every byte is one; those that the standard names have a constant.
///
/// Source: ETSI TS 102 223 clause 8.25.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Event(pub u8);

named! { Event:
    CALL = 0x00, "MT call";
    CALL_CONNECTED = 0x01, "call connected";
    CALL_DISCONNECTED = 0x02, "call disconnected";
    LOCATION_STATUS = 0x03, "location status";
    USER_ACTIVITY = 0x04, "user activity";
    IDLE_SCREEN = 0x05, "idle screen available";
    CARD_READER_STATUS = 0x06, "card reader status";
    LANGUAGE_SELECTION = 0x07, "language selection";
    BROWSER_TERMINATION = 0x08, "browser termination";
    DATA_AVAILABLE = 0x09, "data available";
    CHANNEL_STATUS = 0x0A, "channel status";
    ACCESS_TECHNOLOGY = 0x0B, "access technology change";
    DISPLAY_PARAMETERS = 0x0C, "display parameters changed";
    LOCAL_CONNECTION = 0x0D, "local connection";
    NETWORK_SEARCH_MODE = 0x0E, "network search mode change";
}

/// `05`: of these events, and of no others from now on, the terminal is to tell by envelope. None: of no event.
///
/// Source: ETSI TS 102 223 clause 6.6.16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUpEventList<'a> {
    /// The events, a byte each.
    pub events: &'a [u8],
}

impl<'a> Body<'a> for SetUpEventList<'a> {
    const TYPE: CommandType = CommandType::SET_UP_EVENT_LIST;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[tag::EVENT_LIST]);

    fn decode(_qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self { events: fields.required(tag::EVENT_LIST, Some)? })
    }

    fn qualifier(&self) -> u8 {
        0
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put(tag::EVENT_LIST, &[self.events]);
    }
}

impl SetUpEventList<'_> {
    /// Whether this event is listed.
    #[must_use]
    pub fn contains(&self, event: Event) -> bool {
        self.events.contains(&event.0)
    }
}

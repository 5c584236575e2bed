//! DISPLAY TEXT: a text on the screen.

use super::{Body, bit};
use crate::element::{Duration, Icon};
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet, Text, tag};

/// `21`: shows a text, up to 240 bytes of it.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | normal priority: refused while the screen is busy | high priority |
/// | bit 8 | cleared after a while | cleared by the person |
///
/// Source: ETSI TS 102 223 clause 6.6.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisplayText<'a> {
    /// Whether it may cover what else is on the screen.
    pub high_priority: bool,
    /// Whether the person must clear it; if nobody does, the result is "no response from the user".
    pub wait_for_user: bool,
    /// The text.
    pub text: Text<'a>,
    /// An icon.
    pub icon: Option<Icon>,
    /// Whether the response comes at once, and the text stays until something else happens.
    pub immediate_response: bool,
    /// For how long it is shown.
    pub duration: Option<Duration>,
}

impl<'a> Body<'a> for DisplayText<'a> {
    const TYPE: CommandType = CommandType::DISPLAY_TEXT;
    const TO: Device = Device::DISPLAY;
    const TAKEN: TagSet = TagSet::of(&[tag::TEXT, tag::ICON, tag::IMMEDIATE_RESPONSE, tag::DURATION]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            high_priority: qualifier & 0x01 != 0,
            wait_for_user: qualifier & 0x80 != 0,
            text: fields.required(tag::TEXT, |value| Some(Text::read(value)))?,
            icon: fields.optional(tag::ICON, Icon::read)?,
            immediate_response: fields.optional(tag::IMMEDIATE_RESPONSE, |_| Some(()))?.is_some(),
            duration: fields.optional(tag::DURATION, Duration::read)?,
        })
    }

    fn qualifier(&self) -> u8 {
        bit(self.high_priority, 0x01) | bit(self.wait_for_user, 0x80)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        self.text.put(tag::TEXT, out);
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
        out.put_if(tag::IMMEDIATE_RESPONSE, self.immediate_response.then_some(&[]));
        out.put_if(tag::DURATION, self.duration.map(Duration::bytes).as_ref().map(<[u8; 2]>::as_slice));
    }
}

impl<'a> DisplayText<'a> {
    /// This text, which the person clears.
    #[must_use]
    pub const fn new(text: Text<'a>) -> Self {
        Self { high_priority: false, wait_for_user: true, text, icon: None, immediate_response: false, duration: None }
    }
}

//! GET INKEY: one key.

use super::{Body, Characters, bit};
use crate::element::{Duration, Icon};
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet, Text, tag};

/// `22`: asks for one character.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | digits, `*`, `#`, `+` | an alphabet |
/// | bit 2 | GSM default alphabet | UCS2 |
/// | bit 3 | a character | yes or no |
/// | bit 4 | | the response comes with the key, and nothing is shown |
/// | bit 8 | | there is help |
///
/// Source: ETSI TS 102 223 clause 6.6.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetInkey<'a> {
    /// Which keys may be pressed.
    pub characters: Characters,
    /// Whether only yes or no are to choose from: the answer is then `01` or `00`.
    pub yes_no: bool,
    /// Whether the key answers at once, without a confirmation.
    pub immediate: bool,
    /// Whether the person may ask for help.
    pub help: bool,
    /// What is asked.
    pub text: Text<'a>,
    /// An icon.
    pub icon: Option<Icon>,
    /// How long to wait.
    pub duration: Option<Duration>,
}

impl<'a> Body<'a> for GetInkey<'a> {
    const TYPE: CommandType = CommandType::GET_INKEY;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[tag::TEXT, tag::ICON, tag::DURATION]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            characters: Characters::of(qualifier),
            yes_no: qualifier & 0x04 != 0,
            immediate: qualifier & 0x08 != 0,
            help: qualifier & 0x80 != 0,
            text: fields.required(tag::TEXT, |value| Some(Text::read(value)))?,
            icon: fields.optional(tag::ICON, Icon::read)?,
            duration: fields.optional(tag::DURATION, Duration::read)?,
        })
    }

    fn qualifier(&self) -> u8 {
        self.characters.bits() | bit(self.yes_no, 0x04) | bit(self.immediate, 0x08) | bit(self.help, 0x80)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        self.text.put(tag::TEXT, out);
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
        out.put_if(tag::DURATION, self.duration.map(Duration::bytes).as_ref().map(<[u8; 2]>::as_slice));
    }
}

impl<'a> GetInkey<'a> {
    /// A question that is answered by one of these keys.
    #[must_use]
    pub const fn new(text: Text<'a>, characters: Characters) -> Self {
        Self { characters, yes_no: false, immediate: false, help: false, text, icon: None, duration: None }
    }
}

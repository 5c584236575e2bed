//! PLAY TONE: a tone.

use core::fmt;

use super::{Body, bit};
use crate::details::named;
use crate::element::{Duration, Icon, byte};
use crate::fields::{Fields, Flagged};
use crate::{Alpha, CommandType, DecodeError, Device, TagSet, tag};

/// A tone. Every byte is one; those that the standard names have a constant.
///
/// Source: ETSI TS 102 223 clause 8.16.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tone(pub u8);

named! { Tone:
    DIAL = 0x01, "dial tone";
    BUSY = 0x02, "called subscriber busy";
    CONGESTION = 0x03, "congestion";
    RADIO_PATH_ACKNOWLEDGE = 0x04, "radio path acknowledge";
    RADIO_PATH_NOT_AVAILABLE = 0x05, "radio path not available";
    ERROR = 0x06, "error";
    CALL_WAITING = 0x07, "call waiting";
    RINGING = 0x08, "ringing tone";
    BEEP = 0x10, "general beep";
    POSITIVE = 0x11, "positive acknowledgement tone";
    NEGATIVE = 0x12, "negative acknowledgement or error tone";
}

/// `20`: plays a tone.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | as the terminal likes | with vibration, if it can |
///
/// Source: ETSI TS 102 223 clause 6.6.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayTone<'a> {
    /// Whether it should vibrate.
    pub vibrate: bool,
    /// What is shown meanwhile.
    pub title: Option<Alpha<'a>>,
    /// Which tone; without, the general beep.
    pub tone: Option<Tone>,
    /// For how long.
    pub duration: Option<Duration>,
    /// An icon.
    pub icon: Option<Icon>,
}

impl<'a> Body<'a> for PlayTone<'a> {
    const TYPE: CommandType = CommandType::PLAY_TONE;
    const TO: Device = Device::EARPIECE;
    const TAKEN: TagSet = TagSet::of(&[tag::ALPHA, tag::TONE, tag::DURATION, tag::ICON]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            vibrate: qualifier & 0x01 != 0,
            title: fields.optional(tag::ALPHA, |value| Some(Alpha::new(value)))?,
            tone: fields.optional(tag::TONE, |value| byte(value).map(Tone))?,
            duration: fields.optional(tag::DURATION, Duration::read)?,
            icon: fields.optional(tag::ICON, Icon::read)?,
        })
    }

    fn qualifier(&self) -> u8 {
        bit(self.vibrate, 0x01)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put_if(tag::ALPHA, self.title.as_ref().map(Alpha::bytes));
        out.put_if(tag::TONE, self.tone.as_ref().map(|tone| core::slice::from_ref(&tone.0)));
        out.put_if(tag::DURATION, self.duration.map(Duration::bytes).as_ref().map(<[u8; 2]>::as_slice));
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
    }
}

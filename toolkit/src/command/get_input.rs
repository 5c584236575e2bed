//! GET INPUT: a line of input.

use super::{Body, bit};
use crate::element::{Icon, ResponseLength};
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet, Text, tag};

/// Which characters a person may key in: bits 1 and 2 of the qualifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characters {
    /// `0`-`9`, `*`, `#` and `+`.
    Digits,
    /// Those of the GSM default alphabet.
    Gsm,
    /// Those of UCS2.
    Ucs2,
}

impl Characters {
    pub(super) const fn of(qualifier: u8) -> Self {
        match qualifier & 0x03 {
            0x01 => Self::Gsm,
            0x03 => Self::Ucs2,
            // Without bit 1, bit 2 says nothing.
            _ => Self::Digits,
        }
    }

    pub(super) const fn bits(self) -> u8 {
        match self {
            Self::Digits => 0x00,
            Self::Gsm => 0x01,
            Self::Ucs2 => 0x03,
        }
    }
}

/// `23`: asks for a line.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | digits, `*`, `#`, `+` | an alphabet |
/// | bit 2 | GSM default alphabet | UCS2 |
/// | bit 3 | shown as it is keyed in | hidden: asterisks |
/// | bit 4 | the answer is unpacked, 8 bits a character | packed, 7 bits |
/// | bit 8 | | there is help |
///
/// An applet must still look at what it gets: not every terminal keeps to the characters asked for.
///
/// Source: ETSI TS 102 223 clause 6.6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetInput<'a> {
    /// Which characters may be keyed in.
    pub characters: Characters,
    /// Whether it must not be seen. The terminal then offers digits, `*` and `#` only.
    pub hidden: bool,
    /// Whether the answer is packed.
    pub packed: bool,
    /// Whether the person may ask for help.
    pub help: bool,
    /// What is asked.
    pub text: Text<'a>,
    /// How many characters are wanted.
    pub length: ResponseLength,
    /// What stands in the line at first.
    pub default_text: Option<Text<'a>>,
    /// An icon.
    pub icon: Option<Icon>,
}

impl<'a> Body<'a> for GetInput<'a> {
    const TYPE: CommandType = CommandType::GET_INPUT;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[tag::TEXT, tag::RESPONSE_LENGTH, tag::DEFAULT_TEXT, tag::ICON]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            characters: Characters::of(qualifier),
            hidden: qualifier & Self::HIDDEN != 0,
            packed: qualifier & 0x08 != 0,
            help: qualifier & 0x80 != 0,
            text: fields.required(tag::TEXT, |value| Some(Text::read(value)))?,
            length: fields.required(tag::RESPONSE_LENGTH, ResponseLength::read)?,
            default_text: fields.optional(tag::DEFAULT_TEXT, |value| Some(Text::read(value)))?,
            icon: fields.optional(tag::ICON, Icon::read)?,
        })
    }

    fn qualifier(&self) -> u8 {
        self.characters.bits() | bit(self.hidden, Self::HIDDEN) | bit(self.packed, 0x08) | bit(self.help, 0x80)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        self.text.put(tag::TEXT, out);
        out.put(tag::RESPONSE_LENGTH, &[&[self.length.min, self.length.max]]);
        if let Some(text) = &self.default_text {
            text.put(tag::DEFAULT_TEXT, out);
        }
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
    }
}

impl<'a> GetInput<'a> {
    /// The bit of the qualifier that says that what is keyed in must not be seen.
    pub const HIDDEN: u8 = 0x04;

    /// A question that is answered by a line of digits of this length, in the open and unpacked.
    #[must_use]
    pub const fn digits(text: Text<'a>, min: u8, max: u8) -> Self {
        let length = ResponseLength { min, max };
        let characters = Characters::Digits;
        Self { characters, hidden: false, packed: false, help: false, text, length, default_text: None, icon: None }
    }
}

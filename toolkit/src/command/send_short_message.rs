//! SEND SHORT MESSAGE: a short message goes to the network.

use super::{Body, bit};
use crate::element::Icon;
use crate::fields::{Fields, Flagged};
use crate::{Address, Alpha, CommandType, DecodeError, Device, TagSet, tag};

/// `13`: sends a short message.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | the message goes as it is | the terminal packs 8-bit characters to 7 bits |
///
/// Without a title it is up to the terminal what is shown; with an empty one, nothing is.
///
/// Source: ETSI TS 102 223 clause 6.6.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendShortMessage<'a> {
    /// Whether the terminal must pack the text.
    pub packing: bool,
    /// What is shown meanwhile.
    pub title: Option<Alpha<'a>>,
    /// The service centre, if not the one that the terminal knows.
    pub service_centre: Option<Address<'a>>,
    /// The SMS-SUBMIT, or SMS-COMMAND, as [`sms::Submit`](crate::sms::Submit) reads and writes it.
    pub tpdu: &'a [u8],
    /// An icon.
    pub icon: Option<Icon>,
}

impl<'a> Body<'a> for SendShortMessage<'a> {
    const TYPE: CommandType = CommandType::SEND_SHORT_MESSAGE;
    const TO: Device = Device::NETWORK;
    const TAKEN: TagSet = TagSet::of(&[tag::ALPHA, tag::ADDRESS, tag::SMS_TPDU, tag::ICON]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            packing: qualifier & 0x01 != 0,
            title: fields.optional(tag::ALPHA, |value| Some(Alpha::new(value)))?,
            service_centre: fields.optional(tag::ADDRESS, Address::read)?,
            tpdu: fields.required(tag::SMS_TPDU, Some)?,
            icon: fields.optional(tag::ICON, Icon::read)?,
        })
    }

    fn qualifier(&self) -> u8 {
        bit(self.packing, 0x01)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put_if(tag::ALPHA, self.title.as_ref().map(Alpha::bytes));
        if let Some(address) = &self.service_centre {
            out.put(tag::ADDRESS, &address.parts());
        }
        out.put(tag::SMS_TPDU, &[self.tpdu]);
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
    }
}

//! Envelopes: what the terminal tells the card unasked.

use apdu::BufferTooSmall;

use crate::command::Event;
use crate::element::{TimerId, TimerValue, byte};
use crate::fields::{Fields, Flagged};
use crate::{Address, DecodeError, DecodeErrorKind, Device, Devices, Extra, TagSet, Writer, tag};

/// An envelope.
///
/// Source: ETSI TS 102 223 clause 7; for short messages 3GPP TS 31.111 clause 7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Who speaks to whom; an envelope of an unknown kind may lack it.
    pub devices: Option<Devices>,
    /// What has happened.
    pub occasion: Occasion<'a>,
    /// The other data objects.
    pub extra: Extra<'a>,
    /// Which of the tags with a field have the comprehension flag.
    pub comprehension: TagSet,
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occasion<'a> {
    /// `D1`: a short message came for the card.
    SmsPpDownload {
        /// The service centre.
        service_centre: Option<Address<'a>>,
        /// The SMS-DELIVER.
        tpdu: &'a [u8],
    },
    /// `D3`: an entry of the card's menu was chosen.
    MenuSelection {
        /// The entry's item.
        item: u8,
        /// Whether the person only wants help with it.
        help: bool,
    },
    /// `D6`: something happened of which the card wanted to hear.
    EventDownload {
        /// What. What else is told of it is in [`Envelope::extra`].
        event: Event,
    },
    /// `D7`: a timer has run down.
    TimerExpiration {
        /// Which.
        timer: TimerId,
        /// How long it ran.
        value: TimerValue,
    },
    /// Any other: its tag. All else is in [`Envelope::extra`].
    Other(u8),
}

impl<'a> Occasion<'a> {
    /// The tag around it.
    #[must_use]
    pub const fn tag(&self) -> u8 {
        match self {
            Self::SmsPpDownload { .. } => 0xD1,
            Self::MenuSelection { .. } => 0xD3,
            Self::EventDownload { .. } => 0xD6,
            Self::TimerExpiration { .. } => 0xD7,
            Self::Other(tag) => *tag,
        }
    }

    /// What the standard calls it.
    ///
    /// Source: ETSI TS 101 220, BER-TLV tags from the terminal to the UICC.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        match self.tag() {
            0xD1 => Some("SMS-PP download"),
            0xD2 => Some("cell broadcast download"),
            0xD3 => Some("menu selection"),
            0xD4 => Some("call control"),
            0xD5 => Some("MO short message control"),
            0xD6 => Some("event download"),
            0xD7 => Some("timer expiration"),
            0xD9 => Some("USSD download"),
            _ => None,
        }
    }

    const fn taken(&self) -> TagSet {
        match self {
            Self::SmsPpDownload { .. } => TagSet::of(&[tag::ADDRESS, tag::SMS_TPDU]),
            Self::MenuSelection { .. } => TagSet::of(&[tag::ITEM_ID, tag::HELP_REQUEST]),
            Self::EventDownload { .. } => TagSet::of(&[tag::EVENT_LIST]),
            Self::TimerExpiration { .. } => TagSet::of(&[tag::TIMER_ID, tag::TIMER_VALUE]),
            Self::Other(_) => TagSet::NONE,
        }
    }

    const fn source(&self) -> Option<Device> {
        match self {
            Self::SmsPpDownload { .. } => Some(Device::NETWORK),
            Self::MenuSelection { .. } => Some(Device::KEYPAD),
            Self::EventDownload { event } => Some(match *event {
                Event::CALL => Device::NETWORK,
                Event::IDLE_SCREEN => Device::DISPLAY,
                _ => Device::TERMINAL,
            }),
            Self::TimerExpiration { .. } => Some(Device::TERMINAL),
            Self::Other(_) => None,
        }
    }

    fn decode(tag: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(match tag {
            0xD1 => Self::SmsPpDownload {
                service_centre: fields.optional(tag::ADDRESS, Address::read)?,
                tpdu: fields.required(tag::SMS_TPDU, Some)?,
            },
            0xD3 => Self::MenuSelection {
                item: fields.required(tag::ITEM_ID, byte)?,
                help: fields.optional(tag::HELP_REQUEST, |_| Some(()))?.is_some(),
            },
            0xD6 => Self::EventDownload { event: fields.required(tag::EVENT_LIST, |value| byte(value).map(Event))? },
            0xD7 => Self::TimerExpiration {
                timer: fields.required(tag::TIMER_ID, TimerId::read)?,
                value: fields.required(tag::TIMER_VALUE, TimerValue::read)?,
            },
            _ => Self::Other(tag),
        })
    }

    fn encode(&self, devices: Option<Devices>, out: &mut Flagged<'_, '_>) {
        // Only here the device identities do not come first.
        if let Self::EventDownload { event } = self {
            out.put(tag::EVENT_LIST, &[&[event.0]]);
        }
        if let Some(devices) = devices {
            out.put(tag::DEVICES, &[&devices.bytes()]);
        }
        match self {
            Self::SmsPpDownload { service_centre, tpdu } => {
                if let Some(address) = service_centre {
                    out.put(tag::ADDRESS, &address.parts());
                }
                out.put(tag::SMS_TPDU, &[tpdu]);
            }
            Self::MenuSelection { item, help } => {
                out.put(tag::ITEM_ID, &[&[*item]]);
                out.put_if(tag::HELP_REQUEST, help.then_some(&[]));
            }
            Self::TimerExpiration { timer, value } => {
                out.put(tag::TIMER_ID, &[&[timer.value()]]);
                out.put(tag::TIMER_VALUE, &[&value.bytes()]);
            }
            Self::EventDownload { .. } | Self::Other(_) => {}
        }
    }
}

/// In every envelope.
const HEAD: TagSet = TagSet::of(&[tag::DEVICES]);
impl<'a> Envelope<'a> {
    /// No APDU holds more.
    pub const MAX_LENGTH: usize = 255;

    /// An envelope from the device that such things come from.
    #[must_use]
    pub fn new(occasion: Occasion<'a>) -> Self {
        let comprehension = HEAD.or(occasion.taken());
        Self { devices: occasion.source().map(Devices::to_uicc), occasion, extra: Extra::NONE, comprehension }
    }

    /// Reads an envelope.
    ///
    /// # Errors
    /// Where and why it is none.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let outer = bytes.first().copied().unwrap_or_default();
        // Tags of the private class, of one byte: D0 goes the other way.
        if !(0xD1..=0xDE).contains(&outer) && outer != 0xE4 {
            return Err(DecodeError::new(0, DecodeErrorKind::Value { what: "the envelope's tag" }));
        }
        let fields = Fields::within(outer, bytes)?;
        let occasion = Occasion::decode(outer, &fields)?;
        let devices = match occasion {
            Occasion::Other(_) => fields.optional(tag::DEVICES, Devices::read)?,
            _ => Some(fields.required(tag::DEVICES, Devices::read)?),
        };
        let taken = HEAD.or(occasion.taken());
        let comprehension = fields.flags(taken, taken);
        Ok(Self { devices, occasion, extra: fields.except(taken), comprehension })
    }

    /// Writes the envelope to the start of `out`, and returns what was written.
    ///
    /// # Errors
    /// [`BufferTooSmall`].
    pub fn encode<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let mut writer = Writer::new(out);
        writer.wrap(self.occasion.tag(), |writer| {
            let mut out = Flagged { writer, flags: self.comprehension };
            self.occasion.encode(self.devices, &mut out);
            self.extra.encode(out.writer);
        });
        writer.finish()
    }
}

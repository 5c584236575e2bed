//! POLL INTERVAL: how often the terminal asks the card.

use super::Body;
use crate::element::Duration;
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, Device, TagSet, tag};

/// `03`: asks the terminal to send STATUS in idle mode, so often. It may answer with another interval.
///
/// Source: ETSI TS 102 223 clause 6.6.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollInterval {
    /// The longest time between two.
    pub interval: Duration,
}

impl<'a> Body<'a> for PollInterval {
    const TYPE: CommandType = CommandType::POLL_INTERVAL;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[tag::DURATION]);

    fn decode(_qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self { interval: fields.required(tag::DURATION, Duration::read)? })
    }

    fn qualifier(&self) -> u8 {
        0
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put(tag::DURATION, &[&self.interval.bytes()]);
    }
}

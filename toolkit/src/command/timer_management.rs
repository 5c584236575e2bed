//! TIMER MANAGEMENT: a timer.

use super::Body;
use crate::element::{TimerId, TimerValue};
use crate::fields::{Fields, Flagged};
use crate::{CommandType, DecodeError, DecodeErrorKind, Device, TagSet, tag};

/// `27`: starts, stops or reads one of the terminal's timers. When one has run down, an envelope tells.
///
/// | qualifier | |
/// |---|---|
/// | `00` | start |
/// | `01` | deactivate |
/// | `02` | get the current value |
///
/// Source: ETSI TS 102 223 clause 6.6.21.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerManagement {
    /// Starts it, running or not.
    Start {
        /// Which.
        timer: TimerId,
        /// From where it counts down.
        value: TimerValue,
    },
    /// Stops it; the response has what was left.
    Deactivate {
        /// Which.
        timer: TimerId,
    },
    /// The response has what is left.
    Current {
        /// Which.
        timer: TimerId,
    },
}

impl TimerManagement {
    /// Which timer it is about.
    #[must_use]
    pub const fn timer(&self) -> TimerId {
        match *self {
            Self::Start { timer, .. } | Self::Deactivate { timer } | Self::Current { timer } => timer,
        }
    }
}

impl<'a> Body<'a> for TimerManagement {
    const TYPE: CommandType = CommandType::TIMER_MANAGEMENT;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[tag::TIMER_ID, tag::TIMER_VALUE]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        let timer = fields.required(tag::TIMER_ID, TimerId::read)?;
        match qualifier & 0x03 {
            0 => Ok(Self::Start { timer, value: fields.required(tag::TIMER_VALUE, TimerValue::read)? }),
            1 => Ok(Self::Deactivate { timer }),
            2 => Ok(Self::Current { timer }),
            _ => {
                let kind = DecodeErrorKind::Value { what: "the qualifier" };
                let details = fields.find(tag::COMMAND_DETAILS).map_or(0, |details| details.offset);
                Err(DecodeError::new(details.saturating_add(2), kind))
            }
        }
    }

    fn taken(&self) -> TagSet {
        match self {
            Self::Start { .. } => Self::TAKEN,
            // A value means nothing here.
            Self::Deactivate { .. } | Self::Current { .. } => Self::TAKEN.without(tag::TIMER_VALUE),
        }
    }

    fn qualifier(&self) -> u8 {
        match self {
            Self::Start { .. } => 0,
            Self::Deactivate { .. } => 1,
            Self::Current { .. } => 2,
        }
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put(tag::TIMER_ID, &[&[self.timer().value()]]);
        if let Self::Start { value, .. } = self {
            out.put(tag::TIMER_VALUE, &[&value.bytes()]);
        }
    }
}

//! Terminal responses: how a proactive command went, and what it brought.

use apdu::BufferTooSmall;

use crate::command::{GetInput, LocalKind};
use crate::element::{Duration, TimerId, TimerValue, byte};
use crate::fields::{Fields, Flagged};
use crate::local::LocalInformation;
use crate::{CommandDetails, CommandType, DecodeError, Devices, Extra, Outcome, TagSet, Text, Writer, tag};

/// A terminal response: the command details as the card gave them, the result, and what else the type of the command
/// calls for.
///
/// Source: ETSI TS 102 223 clause 6.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalResponse<'a> {
    /// Those of the command.
    pub details: CommandDetails,
    /// Who speaks to whom.
    pub devices: Devices,
    /// How it went.
    pub outcome: Outcome<'a>,
    /// What it brought.
    pub answer: Answer<'a>,
    /// The other data objects.
    pub extra: Extra<'a>,
    /// Which of the tags with a field have the comprehension flag.
    pub comprehension: TagSet,
}

/// What a command brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// Nothing, as most do, and all that failed.
    None,
    /// What was keyed in: GET INKEY, GET INPUT.
    Text(Text<'a>),
    /// The item that was chosen, or about which the person wants help: SELECT ITEM.
    Item(u8),
    /// PROVIDE LOCAL INFORMATION.
    Local(LocalInformation<'a>),
    /// TIMER MANAGEMENT.
    Timer {
        /// Which.
        timer: TimerId,
        /// What was left, if that was asked for.
        value: Option<TimerValue>,
    },
    /// What the terminal makes of it: POLL INTERVAL.
    Interval(Duration),
}

const HEAD: TagSet = TagSet::of(&[tag::COMMAND_DETAILS, tag::DEVICES, tag::RESULT]);

impl<'a> Answer<'a> {
    fn decode(details: CommandDetails, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        let answer = match details.command {
            CommandType::GET_INKEY | CommandType::GET_INPUT => {
                fields.optional(tag::TEXT, |value| Some(Self::Text(Text::read(value))))?
            }
            CommandType::SELECT_ITEM => fields.optional(tag::ITEM_ID, |value| byte(value).map(Self::Item))?,
            CommandType::PROVIDE_LOCAL_INFORMATION => {
                LocalInformation::decode(LocalKind(details.qualifier), fields)?.map(Self::Local)
            }
            CommandType::TIMER_MANAGEMENT => {
                let value = fields.optional(tag::TIMER_VALUE, TimerValue::read)?;
                fields.optional(tag::TIMER_ID, TimerId::read)?.map(|timer| Self::Timer { timer, value })
            }
            CommandType::POLL_INTERVAL => {
                fields.optional(tag::DURATION, |value| Duration::read(value).map(Self::Interval))?
            }
            _ => None,
        };
        Ok(answer.unwrap_or(Self::None))
    }

    const fn taken(&self) -> TagSet {
        match self {
            Self::None => TagSet::NONE,
            Self::Text(_) => TagSet::of(&[tag::TEXT]),
            Self::Item(_) => TagSet::of(&[tag::ITEM_ID]),
            Self::Local(local) => TagSet::of(&[local.tag()]),
            Self::Timer { .. } => TagSet::of(&[tag::TIMER_ID, tag::TIMER_VALUE]),
            Self::Interval(_) => TagSet::of(&[tag::DURATION]),
        }
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        match self {
            Self::None => {}
            Self::Text(text) => text.put(tag::TEXT, out),
            Self::Item(item) => out.put(tag::ITEM_ID, &[&[*item]]),
            Self::Local(local) => local.encode(out),
            Self::Timer { timer, value } => {
                out.put(tag::TIMER_ID, &[&[timer.value()]]);
                out.put_if(tag::TIMER_VALUE, value.map(TimerValue::bytes).as_ref().map(<[u8; 3]>::as_slice));
            }
            Self::Interval(interval) => out.put(tag::DURATION, &[&interval.bytes()]),
        }
    }
}

impl<'a> TerminalResponse<'a> {
    /// No APDU holds more.
    pub const MAX_LENGTH: usize = 255;

    /// A response to the command with these details. The flags are those of the conformance suites: on for the details,
    /// the text, the item and the timer.
    #[must_use]
    pub const fn new(details: CommandDetails, outcome: Outcome<'a>, answer: Answer<'a>) -> Self {
        let comprehension = HEAD.or(answer.taken());
        Self { details, devices: Devices::TO_UICC, outcome, answer, extra: Extra::NONE, comprehension }
    }

    /// Reads a response. That it has what a good result of the command brings is not looked after: see
    /// [`answer`](Self::answer).
    ///
    /// # Errors
    /// Where and why it is none.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let fields = Fields::new(bytes, 0)?;
        let details = fields.required(tag::COMMAND_DETAILS, CommandDetails::read)?;
        let devices = fields.required(tag::DEVICES, Devices::read)?;
        let outcome = fields.required(tag::RESULT, Outcome::read)?;
        let answer = Answer::decode(details, &fields)?;
        let taken = HEAD.or(answer.taken());
        let comprehension = fields.flags(taken, taken);
        Ok(Self { details, devices, outcome, answer, extra: fields.except(taken), comprehension })
    }

    /// Whether it answers a GET INPUT of which the input must not be seen: it may hold a PIN.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.details.command == CommandType::GET_INPUT && self.details.qualifier & GetInput::HIDDEN != 0
    }

    /// Writes the response to the start of `out`, and returns what was written.
    ///
    /// # Errors
    /// [`BufferTooSmall`].
    pub fn encode<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let mut writer = Writer::new(out);
        let mut out = Flagged { writer: &mut writer, flags: self.comprehension };
        out.put(tag::COMMAND_DETAILS, &[&self.details.bytes()]);
        out.put(tag::DEVICES, &[&self.devices.bytes()]);
        out.put(tag::RESULT, &[&[self.outcome.code.0], self.outcome.additional]);
        self.answer.encode(&mut out);
        self.extra.encode(&mut writer);
        writer.finish()
    }
}

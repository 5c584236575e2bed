//! Proactive commands: what the card asks of the terminal.
//!
//! `D0`, a length, command details, device identities, and what the type of the command wants, in the order of
//! ETSI TS 102 223 clause 6.6. What a clause allows and has no field here is kept in [`ProactiveCommand::extra`].

mod display_text;
mod event_list;
mod get_inkey;
mod get_input;
mod local_information;
mod play_tone;
mod poll_interval;
mod refresh;
mod select_item;
mod send_short_message;
mod set_up_menu;
mod timer_management;

pub use display_text::DisplayText;
pub use event_list::{Event, SetUpEventList};
pub use get_inkey::GetInkey;
pub use get_input::{Characters, GetInput};
pub use local_information::{LocalKind, ProvideLocalInformation};
pub use play_tone::{PlayTone, Tone};
pub use poll_interval::PollInterval;
pub use refresh::{Refresh, RefreshMode};
pub use select_item::{Presentation, SelectItem};
pub use send_short_message::SendShortMessage;
pub use set_up_menu::SetUpMenu;
pub use timer_management::TimerManagement;

use apdu::BufferTooSmall;

use crate::fields::{Fields, Flagged};
use crate::{
    CommandDetails, CommandNumber, CommandType, DecodeError, Device, Devices, Extra, Tag, TagSet, Writer, tag,
};

/// A proactive command.
///
/// Decoding what a card sent and encoding it gives the same bytes, if they had the shortest lengths, the order of the
/// standard, no reserved bits, and each data object once but items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProactiveCommand<'a> {
    /// Its number, which the response repeats.
    pub number: CommandNumber,
    /// Who speaks to whom.
    pub devices: Devices,
    /// What it asks for.
    pub action: Action<'a>,
    /// The other data objects.
    pub extra: Extra<'a>,
    /// Which of the tags with a field have the comprehension flag.
    pub comprehension: TagSet,
}

/// What one type of command consists of.
pub(crate) trait Body<'a>: Sized {
    const TYPE: CommandType;
    /// To whom the card speaks.
    const TO: Device;
    /// The tags that have a field.
    const TAKEN: TagSet;

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError>;
    fn qualifier(&self) -> u8;
    fn encode(&self, out: &mut Flagged<'_, '_>);

    /// Those of this one.
    fn taken(&self) -> TagSet {
        Self::TAKEN
    }
}

/// Defines the enum of all commands, and how each is found.
macro_rules! actions {
    ($($variant:ident($($body:tt)*), $doc:literal;)*) => {
        /// What a proactive command asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Action<'a> {
            $(#[doc = $doc] $variant($($body)*),)*
            /// `02`: the card wants more time; the terminal just answers.
            MoreTime,
            /// `04`: the terminal need no longer ask the card in idle mode.
            PollingOff,
            /// Any other. All its data objects are in [`ProactiveCommand::extra`].
            Other {
                /// The type of the command.
                command: CommandType,
                /// The qualifier.
                qualifier: u8,
            },
        }

        impl<'a> Action<'a> {
            /// The type of the command.
            #[must_use]
            pub const fn command_type(&self) -> CommandType {
                match self {
                    $(Self::$variant(_) => <$($body)* as Body<'a>>::TYPE,)*
                    Self::MoreTime => CommandType::MORE_TIME,
                    Self::PollingOff => CommandType::POLLING_OFF,
                    Self::Other { command, .. } => *command,
                }
            }

            /// The qualifier.
            #[must_use]
            pub fn qualifier(&self) -> u8 {
                match self {
                    $(Self::$variant(body) => body.qualifier(),)*
                    Self::MoreTime | Self::PollingOff => 0,
                    Self::Other { qualifier, .. } => *qualifier,
                }
            }

            const fn destination(&self) -> Device {
                match self {
                    $(Self::$variant(_) => <$($body)* as Body<'a>>::TO,)*
                    Self::MoreTime | Self::PollingOff | Self::Other { .. } => Device::TERMINAL,
                }
            }

            fn taken(&self) -> TagSet {
                match self {
                    $(Self::$variant(body) => body.taken(),)*
                    Self::MoreTime | Self::PollingOff | Self::Other { .. } => TagSet::NONE,
                }
            }

            fn decode(command: CommandType, qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
                match command {
                    $(<$($body)* as Body<'a>>::TYPE => Body::decode(qualifier, fields).map(Self::$variant),)*
                    CommandType::MORE_TIME => Ok(Self::MoreTime),
                    CommandType::POLLING_OFF => Ok(Self::PollingOff),
                    _ => Ok(Self::Other { command, qualifier }),
                }
            }

            fn encode(&self, out: &mut Flagged<'_, '_>) {
                match self {
                    $(Self::$variant(body) => body.encode(out),)*
                    Self::MoreTime | Self::PollingOff | Self::Other { .. } => {}
                }
            }
        }

        $(impl<'a> From<$($body)*> for Action<'a> {
            fn from(body: $($body)*) -> Self {
                Self::$variant(body)
            }
        })*
    };
}

actions! {
    Refresh(Refresh<'a>), "`01`: files have changed.";
    PollInterval(PollInterval), "`03`: how often the terminal is to ask the card in idle mode.";
    SetUpEventList(SetUpEventList<'a>), "`05`: of what the card wants to hear.";
    SendShortMessage(SendShortMessage<'a>), "`13`: a short message goes to the network.";
    PlayTone(PlayTone<'a>), "`20`: a tone.";
    DisplayText(DisplayText<'a>), "`21`: a text on the screen.";
    GetInkey(GetInkey<'a>), "`22`: one key.";
    GetInput(GetInput<'a>), "`23`: a line of input.";
    SelectItem(SelectItem<'a>), "`24`: a choice.";
    SetUpMenu(SetUpMenu<'a>), "`25`: the card's entries in the terminal's own menu.";
    ProvideLocalInformation(ProvideLocalInformation), "`26`: something that the terminal knows.";
    TimerManagement(TimerManagement), "`27`: a timer.";
}

/// In every command.
const HEAD: TagSet = TagSet::of(&[tag::COMMAND_DETAILS, tag::DEVICES]);
/// Which tags the conformance suites send without the comprehension flag; all others have it.
const USUAL: TagSet = TagSet::ALL.without(tag::DEFAULT_TEXT).without(tag::NEXT_ACTIONS);

impl<'a> ProactiveCommand<'a> {
    /// The tag around it.
    pub const TAG: u8 = 0xD0;
    /// No card can hand over more in one FETCH.
    pub const MAX_LENGTH: usize = 256;

    /// A command, from the card to the device to which its type belongs, with the usual comprehension flags.
    #[must_use]
    pub fn new(number: CommandNumber, action: impl Into<Action<'a>>) -> Self {
        let action = action.into();
        let devices = Devices::from_uicc(action.destination());
        let comprehension = fitting(USUAL, action.taken());
        Self { number, devices, action, extra: Extra::NONE, comprehension }
    }

    /// The details, which the response repeats.
    #[must_use]
    pub fn details(&self) -> CommandDetails {
        let (command, qualifier) = (self.action.command_type(), self.action.qualifier());
        CommandDetails { number: self.number, command, qualifier }
    }

    /// Reads a command. Data objects may stand in any order; of two with the same tag the first counts.
    ///
    /// Those that nobody here knows are in [`extra`](Self::extra), also if they must be understood: see
    /// [`not_understood`](Self::not_understood).
    ///
    /// # Errors
    /// Where and why it is none. [`DecodeError::result`] is what a terminal answers, if there are
    /// [`details`](CommandDetails::of_command) that it can answer to.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let fields = Fields::within(Self::TAG, bytes)?;
        let CommandDetails { number, command, qualifier } =
            fields.required(tag::COMMAND_DETAILS, CommandDetails::read)?;
        let devices = fields.required(tag::DEVICES, Devices::read)?;
        let action = Action::decode(command, qualifier, &fields)?;
        let taken = action.taken().or(HEAD);
        let comprehension = fields.flags(taken, fitting(USUAL, action.taken()));
        Ok(Self { number, devices, action, extra: fields.except(taken), comprehension })
    }

    /// The first tag that must be understood, and means nothing here. A terminal then answers
    /// [`DATA_NOT_UNDERSTOOD`](crate::ResultCode::DATA_NOT_UNDERSTOOD).
    ///
    /// Of a type that is itself not known, this says nothing: there the answer is
    /// [`TYPE_NOT_UNDERSTOOD`](crate::ResultCode::TYPE_NOT_UNDERSTOOD).
    #[must_use]
    pub fn not_understood(&self) -> Option<Tag> {
        if matches!(self.action, Action::Other { .. }) { None } else { self.extra.not_understood() }
    }

    /// Writes the command to the start of `out`, and returns what was written.
    ///
    /// # Errors
    /// [`BufferTooSmall`]. With a buffer of [`MAX_LENGTH`](Self::MAX_LENGTH) bytes: no card can send this command.
    pub fn encode<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let mut writer = Writer::new(out);
        writer.wrap(Self::TAG, |writer| {
            let mut out = Flagged { writer, flags: self.comprehension };
            out.put(tag::COMMAND_DETAILS, &[&self.details().bytes()]);
            out.put(tag::DEVICES, &[&self.devices.bytes()]);
            self.action.encode(&mut out);
            self.extra.encode(out.writer);
        });
        writer.finish()
    }
}

impl CommandDetails {
    /// The details of a proactive command of which the rest may be unreadable, for a terminal that must answer all the
    /// same.
    ///
    /// # Errors
    /// If there are none: then nothing can be answered.
    pub fn of_command(bytes: &[u8]) -> Result<Self, DecodeError> {
        Fields::within(ProactiveCommand::TAG, bytes)?.required(tag::COMMAND_DETAILS, Self::read)
    }
}

/// Only flags of tags with a field are held.
const fn fitting(usual: TagSet, taken: TagSet) -> TagSet {
    usual.and(taken.or(HEAD))
}

/// One bit of a qualifier.
const fn bit(on: bool, bit: u8) -> u8 {
    if on { bit } else { 0 }
}

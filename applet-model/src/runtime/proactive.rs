//! The SIM toolkit as an applet sees it: its entry in the phone's menu, and a conversation in which it asks and the phone
//! answers.
//!
//! A conversation begins with an [`Event`] and goes on as long as the applet asks ([`Terminal::ask`]). It is a state
//! machine: what the applet asked last, it keeps in the memory that lasts until it is deselected. Of that memory a
//! conversation has one of its own, as if it were a further channel on which the applet is selected: all zero at its
//! start, cleared at its end, and shared with no selection. So a PIN that was verified on a channel is not verified here, nor
//! the other way round. A reset ends the conversation without a word.
//!
//! What holds for every conversation, the card does, so that no applet has to:
//!
//! | the terminal says | the card | the applet sees |
//! |---|---|---|
//! | `0X` done | | [`Turn::Done`] |
//! | `0X`, but the text or the item that was asked for is missing | | [`Turn::Silent`] |
//! | `10` the person ends the session, and `1X` that nobody has heard of | ends it, whatever the applet wants then | [`Turn::Ended`] |
//! | `11` back | | [`Turn::Back`] |
//! | `12` no response from the person | | [`Turn::Silent`] |
//! | `13` help | | [`Turn::Help`] |
//! | `20` busy | asks the same again, [`RETRIES`] times, each when the terminal sends its next command | only then [`Turn::Busy`] |
//! | `21` network busy | | [`Turn::Busy`] |
//! | other `2X` refused | | [`Turn::Refused`] |
//! | `3X` cannot, and results that nobody has heard of | | [`Turn::Unable`] |
//! | nothing, since its profile lacks the command | does not send it | [`Turn::Unable`] at once |
//! | the number or type of another command, or what cannot be read | refuses it and waits on | nothing |
//! | that another entry of the menu was chosen | ends the session | nothing |
//!
//! An applet that needs a command without which it is of no use leaves its entry out ([`Terminal::can`]).
//!
//! Sources: ETSI TS 102 223 clause 6.7 and 8.12; ETSI TS 102 241 (`ToolkitInterface.processToolkit`), whose applets block
//! where ours return.

use ::toolkit::command::ProactiveCommand;
use ::toolkit::response::Answer;
use ::toolkit::{
    Action, CommandNumber, CommandType, Envelope, Facility, ResultCode, TerminalProfile, TerminalResponse,
};
use apdu::Sw;

use super::Context;

/// How often a command to which the terminal says that it is busy is sent again.
pub const RETRIES: u8 = 3;

/// An applet's entry in the phone's menu. Its text is what the applet replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The type of the command that a choice of it leads to, as a hint to the terminal; `00` says nothing.
    pub next: CommandType,
}

/// What an applet is told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A person chose its entry, or asks for help with it.
    Chosen {
        /// Whether it is help that is asked for.
        help: bool,
    },
    /// The terminal answers what the applet asked last.
    Response(Response<'a>),
    /// Something happened of which the applet [wanted to hear](super::Applet::events).
    Happened(Envelope<'a>),
}

/// What the applet wants then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To ask: the proactive command is in the reply. [`Terminal::ask`] makes both.
    Command,
    /// To end the conversation: the terminal goes back to where it was.
    End,
}

/// How a proactive command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// What this means for the conversation.
    pub turn: Turn,
    /// The result as the terminal gave it.
    pub code: ResultCode,
    /// What it brought. With [`Turn::Done`], GET INKEY and GET INPUT bring a text, and SELECT ITEM an item. What was keyed
    /// in must still be looked at: not every terminal keeps to the lengths and characters asked for.
    pub answer: Answer<'a>,
}

/// Where a conversation turns to: the results of proactive commands, as far as an applet need tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// On: it was done, maybe in part.
    Done,
    /// Back to the question before, if there was one.
    Back,
    /// To the end: the person wants no more. The applet may tidy up, and is asked no more.
    Ended,
    /// Nobody answered.
    Silent,
    /// To an explanation, and then to the same question.
    Help,
    /// The terminal or the network is busy, and was so every time.
    Busy,
    /// The person or the terminal refused this time.
    Refused,
    /// This terminal never does this.
    Unable,
}

/// The terminal to which an applet speaks.
#[derive(Clone, Copy, Debug)]
pub struct Terminal<'a> {
    profile: TerminalProfile<'a>,
    number: CommandNumber,
}

impl Turn {
    /// Where this result turns to.
    #[must_use]
    pub const fn of(code: ResultCode) -> Self {
        match code {
            ResultCode(0x00..=0x0F) => Self::Done,
            ResultCode::BACK => Self::Back,
            ResultCode::NO_RESPONSE => Self::Silent,
            ResultCode::HELP => Self::Help,
            // A 1X that nobody has heard of is something that the person did, and no answer.
            ResultCode(0x10..=0x1F) => Self::Ended,
            ResultCode::TERMINAL_BUSY | ResultCode::NETWORK_BUSY => Self::Busy,
            ResultCode(0x20..=0x2F) => Self::Refused,
            ResultCode(_) => Self::Unable,
        }
    }
}

impl<'a> Response<'a> {
    /// What a terminal said.
    #[must_use]
    pub const fn new(response: &TerminalResponse<'a>) -> Self {
        let (code, answer) = (response.outcome.code, response.answer);
        let missing = match response.details.command {
            CommandType::GET_INKEY | CommandType::GET_INPUT => !matches!(answer, Answer::Text(_)),
            CommandType::SELECT_ITEM => !matches!(answer, Answer::Item(_)),
            _ => false,
        };
        let turn = match Turn::of(code) {
            Turn::Done if missing => Turn::Silent,
            turn => turn,
        };
        Self { turn, code, answer }
    }

    /// What a terminal would say to a command that its profile lacks.
    pub const UNABLE: Self = Self { turn: Turn::Unable, code: ResultCode::TYPE_NOT_UNDERSTOOD, answer: Answer::None };
}

impl<'a> Terminal<'a> {
    /// A terminal with this profile, and the number of the next command to it.
    #[must_use]
    pub const fn new(profile: TerminalProfile<'a>, number: CommandNumber) -> Self {
        Self { profile, number }
    }

    /// What it says that it can do.
    #[must_use]
    pub const fn profile(&self) -> TerminalProfile<'a> {
        self.profile
    }

    /// Whether its profile has this command. Of commands that no bit of the profile is known for, it is believed.
    #[must_use]
    pub fn can(&self, command: CommandType) -> bool {
        let facility = match command {
            CommandType::REFRESH => Facility::Refresh,
            CommandType::MORE_TIME => Facility::MoreTime,
            CommandType::POLL_INTERVAL => Facility::PollInterval,
            CommandType::POLLING_OFF => Facility::PollingOff,
            CommandType::SET_UP_EVENT_LIST => Facility::SetUpEventList,
            CommandType::SEND_SHORT_MESSAGE => Facility::SendShortMessage,
            CommandType::PLAY_TONE => Facility::PlayTone,
            CommandType::DISPLAY_TEXT => Facility::DisplayText,
            CommandType::GET_INKEY => Facility::GetInkey,
            CommandType::GET_INPUT => Facility::GetInput,
            CommandType::SELECT_ITEM => Facility::SelectItem,
            CommandType::SET_UP_MENU => Facility::SetUpMenu,
            CommandType::TIMER_MANAGEMENT => Facility::TimerManagement,
            _ => return true,
        };
        self.profile.supports(facility)
    }

    /// Asks: writes this command into the reply, which must be empty so far.
    ///
    /// # Errors
    /// `6F00` if it is longer than 256 bytes, the most that a terminal can fetch.
    pub fn ask<'c>(&self, context: &mut Context<'_>, action: impl Into<Action<'c>>) -> Result<Next, Sw> {
        let mut room = [0; ProactiveCommand::MAX_LENGTH];
        let command = ProactiveCommand::new(self.number, action).encode(&mut room).map_err(|_| Sw::UNKNOWN)?;
        context.reply.put(command)?;
        Ok(Next::Command)
    }
}

#[cfg(test)]
mod tests {
    use ::toolkit::{CommandDetails, Outcome, Text};

    use super::*;

    #[test]
    fn every_result_turns_somewhere() {
        for code in 0..=u8::MAX {
            let turn = Turn::of(ResultCode(code));
            let expected = match code {
                0x00..=0x0F => Turn::Done,
                0x11 => Turn::Back,
                0x12 => Turn::Silent,
                0x13 => Turn::Help,
                0x10..=0x1F => Turn::Ended,
                0x20 | 0x21 => Turn::Busy,
                0x22..=0x2F => Turn::Refused,
                _ => Turn::Unable,
            };
            assert_eq!(turn, expected, "{code:02X}");
        }
    }

    #[test]
    fn done_without_what_was_asked_for_is_no_answer() {
        let turn = |command, code, answer| {
            let details = CommandDetails { number: CommandNumber::FIRST, command, qualifier: 0 };
            Response::new(&TerminalResponse::new(details, Outcome::new(code), answer)).turn
        };
        let done = ResultCode::DONE;
        assert_eq!(turn(CommandType::GET_INPUT, done, Answer::None), Turn::Silent);
        assert_eq!(turn(CommandType::GET_INPUT, done, Answer::Text(Text::Null)), Turn::Done);
        assert_eq!(turn(CommandType::GET_INKEY, ResultCode::PARTIAL, Answer::None), Turn::Silent);
        assert_eq!(turn(CommandType::SELECT_ITEM, done, Answer::None), Turn::Silent);
        assert_eq!(turn(CommandType::SELECT_ITEM, done, Answer::Item(1)), Turn::Done);
        assert_eq!(turn(CommandType::SELECT_ITEM, ResultCode::BACK, Answer::None), Turn::Back);
        assert_eq!(turn(CommandType::DISPLAY_TEXT, done, Answer::None), Turn::Done);
    }

    #[test]
    fn what_a_profile_has() {
        let mut room = [0; 10];
        let profile = TerminalProfile::of(&[Facility::DisplayText, Facility::SelectItem], &mut room);
        let terminal = Terminal::new(profile, CommandNumber::FIRST);
        assert!(terminal.can(CommandType::DISPLAY_TEXT) && terminal.can(CommandType::SELECT_ITEM));
        assert!(!terminal.can(CommandType::GET_INPUT) && !terminal.can(CommandType::SEND_SHORT_MESSAGE));
        assert!(terminal.can(CommandType::SET_UP_CALL), "no bit is known for it");
    }
}

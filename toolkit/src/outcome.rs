//! How a proactive command went, as a terminal tells it.

use core::fmt;

use crate::details::named;

/// The general result, byte 1. Every byte is one; those that the standards name have a constant.
///
/// Source: ETSI TS 102 223 clause 8.12; 35 is that of 3GPP TS 31.111.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResultCode(pub u8);

/// What a result means for the card, by its first digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResultKind {
    /// `0X`: done, maybe in part.
    Done,
    /// `1X`: done as far as it went, and the person chose otherwise: end, back, help, no answer.
    Person,
    /// `2X`: not now; it may be worth another try.
    Temporary,
    /// `3X`: not ever on this terminal.
    Permanent,
    /// Others.
    Unknown,
}

named! { ResultCode:
    DONE = 0x00, "command performed successfully";
    PARTIAL = 0x01, "performed with partial comprehension";
    INFORMATION_MISSING = 0x02, "performed with missing information";
    REFRESHED = 0x03, "refresh performed with additional EFs read";
    ICON_MISSING = 0x04, "performed, but the icon could not be displayed";
    MODIFIED_BY_CALL_CONTROL = 0x05, "performed, but modified by call control";
    LIMITED_SERVICE = 0x06, "performed with limited service";
    MODIFIED = 0x07, "performed with modification";
    SESSION_ENDED = 0x10, "proactive session ended by the user";
    BACK = 0x11, "backward move requested by the user";
    NO_RESPONSE = 0x12, "no response from the user";
    HELP = 0x13, "help information required by the user";
    TERMINAL_BUSY = 0x20, "terminal currently unable to process the command";
    NETWORK_BUSY = 0x21, "network currently unable to process the command";
    NOT_ACCEPTED = 0x22, "user did not accept the proactive command";
    CALL_CLEARED = 0x23, "user cleared down the call";
    TIMER_CONTRADICTION = 0x24, "action in contradiction with the current timer state";
    BEYOND_CAPABILITIES = 0x30, "command beyond the terminal's capabilities";
    TYPE_NOT_UNDERSTOOD = 0x31, "command type not understood by the terminal";
    DATA_NOT_UNDERSTOOD = 0x32, "command data not understood by the terminal";
    NUMBER_NOT_KNOWN = 0x33, "command number not known by the terminal";
    SMS_ERROR = 0x35, "SMS RP-ERROR";
    VALUES_MISSING = 0x36, "error, required values are missing";
}

impl ResultCode {
    /// What it means for the card.
    #[must_use]
    pub const fn kind(self) -> ResultKind {
        match self.0 {
            0x00..=0x0F => ResultKind::Done,
            0x10..=0x1F => ResultKind::Person,
            0x20..=0x2F => ResultKind::Temporary,
            0x30..=0x3F => ResultKind::Permanent,
            _ => ResultKind::Unknown,
        }
    }
}

/// A result: the general result, and what some of them say more.
///
/// Behind `20` and `21` at least one byte must follow, the cause; `35` is followed by the RP-cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The general result.
    pub code: ResultCode,
    /// The additional information, mostly none.
    pub additional: &'a [u8],
}

impl<'a> Outcome<'a> {
    /// All went well.
    pub const DONE: Outcome<'static> = Outcome::new(ResultCode::DONE);

    /// A result with nothing more to say.
    #[must_use]
    pub const fn new(code: ResultCode) -> Self {
        Self { code, additional: &[] }
    }

    pub(crate) const fn read(value: &'a [u8]) -> Option<Self> {
        match value {
            [code, additional @ ..] => Some(Self { code: ResultCode(*code), additional }),
            [] => None,
        }
    }
}

//! The four commands that carry all this between terminal and card.
//!
//! Source: ETSI TS 102 221, commands TERMINAL PROFILE, ENVELOPE, FETCH and TERMINAL RESPONSE; class bytes of a 2G SIM
//! from 3GPP TS 51.011.

use apdu::{Cla, Command, CommandError, Le, Sw};

/// TERMINAL PROFILE.
pub const TERMINAL_PROFILE: u8 = 0x10;
/// FETCH.
pub const FETCH: u8 = 0x12;
/// TERMINAL RESPONSE.
pub const TERMINAL_RESPONSE: u8 = 0x14;
/// ENVELOPE.
pub const ENVELOPE: u8 = 0xC2;

/// Toolkit busy: the card cannot take an envelope now.
pub const BUSY: Sw = Sw::new(0x9300);

/// What kind of card it is, which decides the class byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// A UICC: `80`.
    Uicc,
    /// A SIM of the second generation: `A0`.
    Sim,
}

impl Card {
    /// The class byte.
    #[must_use]
    pub const fn cla(self) -> Cla {
        match self {
            Self::Uicc => Cla::new(0x80),
            Self::Sim => Cla::new(0xA0),
        }
    }

    /// Whose class byte this is.
    #[must_use]
    pub const fn of(cla: Cla) -> Option<Self> {
        match cla.byte() {
            0x80 => Some(Self::Uicc),
            0xA0 => Some(Self::Sim),
            _ => None,
        }
    }

    /// TERMINAL PROFILE: what the terminal can do.
    ///
    /// # Errors
    /// [`CommandError`] as those of [`Command::new`].
    pub fn terminal_profile(self, profile: &[u8]) -> Result<Command<'_>, CommandError> {
        Command::new(self.cla(), TERMINAL_PROFILE, 0, 0, profile, 0)
    }

    /// FETCH: the proactive command that is waiting, of which [`waiting`] tells the length; 00 stands for 256.
    ///
    /// # Errors
    /// [`CommandError`] as those of [`Command::new`].
    pub fn fetch(self, length: u8) -> Result<Command<'static>, CommandError> {
        Command::new(self.cla(), FETCH, 0, 0, &[], Le::Short(length).ne())
    }

    /// TERMINAL RESPONSE: how it went.
    ///
    /// # Errors
    /// [`CommandError`] as those of [`Command::new`].
    pub fn terminal_response(self, response: &[u8]) -> Result<Command<'_>, CommandError> {
        Command::new(self.cla(), TERMINAL_RESPONSE, 0, 0, response, 0)
    }

    /// ENVELOPE: what has happened. The card may answer with data.
    ///
    /// # Errors
    /// [`CommandError`] as those of [`Command::new`].
    pub fn envelope(self, envelope: &[u8]) -> Result<Command<'_>, CommandError> {
        Command::new(self.cla(), ENVELOPE, 0, 0, envelope, 256)
    }
}

/// How many bytes of a proactive command wait, as the argument for [`Card::fetch`]; `None` if none does.
#[must_use]
pub const fn waiting(sw: Sw) -> Option<u8> {
    match sw.value().to_be_bytes() {
        [0x91, length] => Some(length),
        _ => None,
    }
}

/// The status word of a command that is done, with a proactive command of so many bytes behind it; `None` for 0 and for
/// more than 256.
#[must_use]
pub fn announcing(length: usize) -> Option<Sw> {
    let length = match length {
        256 => 0,
        length => u8::try_from(length).ok().filter(|length| *length != 0)?,
    };
    Some(Sw::from_bytes([0x91, length]))
}

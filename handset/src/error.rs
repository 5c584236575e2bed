//! What can go wrong between a phone and its card, and what cannot be done with a phone.

use apdu::{CommandError, ExchangeError, Sw};
use toolkit::DecodeError;

/// What went wrong. After an error of the card the phone says so on its screen; any key but Up and Down leads to
/// idle mode.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandsetError<E: std::error::Error + 'static> {
    /// The card did not answer its reset.
    #[error("the card does not answer its reset")]
    Reset(#[source] E),
    /// The card said nothing: it has no power, or is no card.
    #[error("the card is silent after {command}")]
    Silent {
        /// To what.
        command: &'static str,
    },
    /// No response came, or one that is none.
    #[error("no response to {command}")]
    Exchange {
        /// To what.
        command: &'static str,
        /// Why.
        #[source]
        source: ExchangeError<E>,
    },
    /// The phone made a command that cannot be sent. That is its own fault.
    #[error("{command} cannot be sent")]
    Command {
        /// Which.
        command: &'static str,
        /// Why.
        #[source]
        source: CommandError,
    },
    /// The card refused what every card with a toolkit must do.
    #[error("the card answers {command} with {sw}")]
    Refused {
        /// What.
        command: &'static str,
        /// How.
        sw: Sw,
    },
    /// The card's toolkit is busy (`9300`).
    #[error("the card is busy; try again later")]
    Busy,
    /// The card announced so many bytes of a proactive command (`91XX`), and handed over another number.
    #[error("the card announces a proactive command of {announced} bytes and hands over {received}")]
    Length {
        /// How many it announced.
        announced: usize,
        /// How many came.
        received: usize,
    },
    /// What the card handed over is no proactive command, and there is nothing to which one could answer.
    #[error("the card's proactive command cannot be read")]
    Unreadable(#[source] DecodeError),
    /// The card always has one more command.
    #[error("the card had {commands} commands and still wants more, with nobody pressing a key")]
    Endless {
        /// So many were done.
        commands: usize,
    },
    /// The phone is off: [`Handset::boot`](crate::Handset::boot) comes first.
    #[error("the phone is off")]
    Off,
    /// There is no list on the screen, and none to open.
    #[error("there is nothing to select from")]
    NoList,
    /// No item of the list on the screen has this text.
    #[error("there is no item {wanted:?}; there are {items:?}")]
    NoItem {
        /// What was looked for.
        wanted: String,
        /// What there is.
        items: Vec<String>,
    },
    /// The phone did not take all that was keyed in: nothing is asked for, it is full, or no key has this character.
    #[error("the phone took {taken} of {count} characters")]
    NotTaken {
        /// How many it took.
        taken: usize,
        /// Of how many.
        count: usize,
    },
    /// Nobody can take hold of its battery, its SIM or its power key: it does not lie on a table, or its card is in a reader.
    #[error("no hands reach that: this phone lies on no table, or its card is in a reader")]
    OutOfReach,
}

impl<E: std::error::Error + 'static> HandsetError<E> {
    /// Whether the one who presses the keys is to blame, and not the card or the way to it.
    #[must_use]
    pub const fn is_misuse(&self) -> bool {
        matches!(self, Self::Off | Self::NoList | Self::NoItem { .. } | Self::NotTaken { .. } | Self::OutOfReach)
    }
}

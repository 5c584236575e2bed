//! Why there is no card, or no answer: one cause each.

use std::time::Duration;

use apdu::{BufferTooSmall, CommandError, ExchangeError, T0Error, Unchainable};

/// What can be between a program and a card in a reader.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReaderError {
    /// The program was built without the feature `pcsc`.
    #[error("this program was built without PC/SC: build it with the feature `pcsc`")]
    WithoutPcsc,
    /// Nobody serves PC/SC: pcscd does not run, or may not be reached.
    #[error("the PC/SC service does not answer: pcscd is not running, or may not be reached")]
    NoService,
    /// The service ended while it was in use.
    #[error("the PC/SC service was stopped")]
    ServiceStopped,
    /// The service refuses this user.
    #[error("the PC/SC service refuses access to this user")]
    NoRights,
    /// There is no reader at all.
    #[error("there is no reader")]
    NoReaders,
    /// No reader has this in its name.
    #[error("no reader is called {typed:?}")]
    NoMatch {
        /// What was asked for.
        typed: String,
        /// The readers there are.
        readers: Vec<String>,
    },
    /// Several readers have this in their names.
    #[error("{} readers have {typed:?} in their names", matching.len())]
    Ambiguous {
        /// What was asked for.
        typed: String,
        /// These.
        matching: Vec<String>,
    },
    /// The reader was unplugged.
    #[error("the reader {reader} is gone")]
    Gone {
        /// Its name.
        reader: String,
    },
    /// There is no card in it.
    #[error("there is no card in {reader}")]
    Empty {
        /// The reader.
        reader: String,
    },
    /// The card does not answer the reset: it lies the wrong way round, or is broken.
    #[error("the card in {reader} does not answer the reset")]
    Mute {
        /// The reader.
        reader: String,
    },
    /// Another program has the card, and shares it with nobody; or others share it, and it was wanted alone.
    #[error("another program holds the card in {reader}")]
    Held {
        /// The reader.
        reader: String,
    },
    /// Another program keeps us from the card, for longer than was to be waited. Nothing was sent.
    #[error("another program has kept the card in {reader} to itself for {} seconds", waited.as_secs())]
    Busy {
        /// The reader.
        reader: String,
        /// How long that was waited for.
        waited: Duration,
    },
    /// The card speaks none of the protocols that were allowed.
    #[error("the card in {reader} does not offer the protocol, or its ATR cannot be read")]
    Protocol {
        /// The reader.
        reader: String,
    },
    /// The card was taken out. Whether it did the last command is not known.
    #[error("the card was taken out of {reader}")]
    Removed {
        /// The reader.
        reader: String,
    },
    /// Another program reset the card: nothing is selected any more. The command was not sent.
    #[error("another program reset the card in {reader}")]
    WasReset {
        /// The reader.
        reader: String,
    },
    /// The exchange failed between reader and card. Whether the card did the command is not known.
    #[error("the exchange with the card in {reader} failed")]
    Exchange {
        /// The reader.
        reader: String,
    },
    /// Our caller: over T=0, only commands of the seven forms can be sent. Nothing was.
    #[error("the bytes are not a command, T=0 cannot carry them")]
    Command(#[source] CommandError),
    /// Our caller: the data are too long for T=0. Nothing was sent.
    #[error("the command is too long for T=0")]
    Unchainable(#[source] Unchainable),
    /// The response does not fit into the buffer it was given.
    #[error("the response does not fit into its buffer: {0}")]
    Buffer(BufferTooSmall),
    /// The card answers what T=0 does not allow.
    #[error("the card breaks T=0: {0}")]
    Answer(Box<ExchangeError<ReaderError>>),
    /// What the service says, where nothing of the above fits.
    #[error("PC/SC error {code:08X}: {text}")]
    Other {
        /// Its number.
        code: u32,
        /// Its words.
        text: String,
    },
}

impl ReaderError {
    /// What went wrong over T=0.
    pub(crate) fn of_t0(error: T0Error<Self>) -> Self {
        match error {
            T0Error::Command(error) => Self::Command(error),
            T0Error::Unchainable(error) => Self::Unchainable(error),
            T0Error::Exchange(ExchangeError::Transport(error)) => error,
            T0Error::Exchange(ExchangeError::Buffer(error)) => Self::Buffer(error),
            T0Error::Exchange(error) => Self::Answer(Box::new(error)),
            _ => Self::Other { code: 0, text: error.to_string() },
        }
    }

    /// Whether a new connection may help: the card or the service is no longer the one that we had.
    #[must_use]
    pub const fn is_disconnected(&self) -> bool {
        matches!(
            self,
            Self::NoService | Self::ServiceStopped | Self::Gone { .. } | Self::Removed { .. } | Self::WasReset { .. }
        )
    }
}

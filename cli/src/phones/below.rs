//! The SIM below an overlay: a simulated one, or one in a reader.

use apdu::Transport;
use card_sim::uicc::Uicc;
use phones::fresh;

use crate::failure::Failure;
use crate::medium::{Medium, MediumError, Place};
use crate::session::Session;

/// The SIM.
pub enum Below {
    /// A simulated one.
    Simulated(Box<Uicc>),
    /// One in a reader.
    Reader(Box<Medium>),
}

impl Below {
    /// A simulated SIM of a test network, without a PIN, and with the menu "Toolkit Menu". The number tells several apart.
    pub fn simulated(number: usize) -> Self {
        Self::Simulated(Box::new(fresh::sim(number)))
    }

    /// The SIM that is there.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub fn open(place: Place<'_>, session: &Session) -> Result<Self, Failure> {
        Medium::open(place, session).map(|medium| Self::Reader(Box::new(medium)))
    }
}

impl Transport for Below {
    type Error = MediumError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, MediumError> {
        match self {
            Self::Simulated(card) => Ok(card.transmit(command, response)?),
            Self::Reader(card) => card.transmit(command, response),
        }
    }

    fn reset(&mut self) -> Result<(), MediumError> {
        match self {
            Self::Simulated(card) => Ok(card.reset()?),
            Self::Reader(card) => card.reset(),
        }
    }

    fn atr(&self) -> &[u8] {
        match self {
            Self::Simulated(card) => card.atr(),
            Self::Reader(card) => card.atr(),
        }
    }
}

/// Which it is; a simulated one has keys of nobody's in it, and no more to say.
impl std::fmt::Debug for Below {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Simulated(_) => f.write_str("Simulated"),
            Self::Reader(card) => f.debug_tuple("Reader").field(card).finish(),
        }
    }
}

//! The overlay's own card: in an image file, saved before each answer, or gone with this process.

use card_sim::overlay::Host;
use card_sim::{Card, CardFile};

use crate::failure::Failure;
use crate::medium::{MediumError, open_unpowered};
use crate::session::Session;

/// The card.
#[derive(Debug)]
pub enum Own {
    /// In memory.
    Memory(Box<Card>),
    /// In an image file.
    File {
        /// The card.
        file: Box<CardFile>,
        /// Its file, as it was named.
        path: String,
    },
}

impl Own {
    /// The card in this image file, without power until the phone is switched on.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &str, session: &Session) -> Result<Self, Failure> {
        let file = Box::new(open_unpowered(path, session)?);
        Ok(Self::File { file, path: path.to_owned() })
    }
}

impl Host for Own {
    type Error = MediumError;

    fn card(&self) -> &Card {
        match self {
            Self::Memory(card) => card,
            Self::File { file, .. } => file.card(),
        }
    }

    fn card_mut(&mut self) -> &mut Card {
        match self {
            Self::Memory(card) => card,
            Self::File { file, .. } => file.card_mut(),
        }
    }

    fn keep(&mut self) -> Result<(), MediumError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File { file, path } => file.save().map_err(|error| MediumError::File { path: path.clone(), error }),
        }
    }
}

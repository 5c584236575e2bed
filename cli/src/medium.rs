//! The card at the other end: in memory, or in an image file. A card in a reader will be one more.

use std::convert::Infallible;

use apdu::Transport;
use applet_model::purse::{Capacity, PURSE_AID, Purse};
use applet_model::runtime::Applet;
use card_sim::{Card, CardFile, FileError, Module};

use crate::failure::medium::file_failure;
use crate::failure::{ErrorCode, Failure};
use crate::output;
use crate::session::Session;
use crate::typed::shell_word;

/// A card that can be spoken to.
#[derive(Debug)]
pub enum Medium {
    /// A software card that is gone with this process.
    Memory(Box<Card>),
    /// A software card in an image file.
    File {
        /// The card.
        file: Box<CardFile>,
        /// Its file, as it was named.
        path: String,
    },
}

/// Why a card did not answer.
#[derive(Debug, thiserror::Error)]
pub enum MediumError {
    /// A card in memory always answers.
    #[error(transparent)]
    Memory(#[from] Infallible),
    /// The image could not be read or kept.
    #[error("{path}: {error}")]
    File {
        /// The file, as it was named.
        path: String,
        /// What went wrong.
        #[source]
        error: FileError,
    },
}

/// The modules of our cards: the purse.
pub const MODULES: [Module; 1] = [Module { aid: PURSE_AID, make: purse }];

fn purse(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?)))
}

impl Medium {
    /// The card in this image file.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &str, session: &Session) -> Result<Self, Failure> {
        match CardFile::open(path, &MODULES, session.random()) {
            Ok(file) => {
                if file.exposed() {
                    let path = shell_word(path);
                    output::alarm(format!("others can read {path}, and it holds keys: chmod 600 {path}"));
                }
                Ok(Self::File { file: Box::new(file), path: path.to_owned() })
            }
            Err(error) => Err(file_failure(path, &error)),
        }
    }

    /// A new card in memory, with a blank purse of this capacity.
    ///
    /// # Errors
    /// If the purse cannot be installed.
    pub fn blank(capacity: Capacity, session: &Session) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(ErrorCode::CardFailed, format!("no card could be made: {error}")).help("please report this")
        };
        let mut card = Card::new(Card::DEFAULT_ATR, session.random()).map_err(|error| failed(&error))?;
        card.install(&MODULES, PURSE_AID, PURSE_AID, &capacity.to_bytes()).map_err(|error| failed(&error))?;
        Ok(Self::Memory(Box::new(card)))
    }

    /// Keeps a card that was made in memory in a new image file.
    ///
    /// # Errors
    /// If it cannot be written, or is there already.
    pub fn keep(self, path: &str) -> Result<(), Failure> {
        match self {
            Self::Memory(card) => match CardFile::create(path, *card) {
                Ok(_) => Ok(()),
                Err(error) => Err(file_failure(path, &error)),
            },
            Self::File { .. } => Ok(()),
        }
    }
}

impl Transport for Medium {
    type Error = MediumError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, MediumError> {
        match self {
            Self::Memory(card) => Ok(card.transmit(command, response)?),
            Self::File { file, path } => file.transmit(command, response).map_err(|error| at(path, error)),
        }
    }

    fn reset(&mut self) -> Result<(), MediumError> {
        match self {
            Self::Memory(card) => Ok(card.reset()?),
            Self::File { file, path } => file.reset().map_err(|error| at(path, error)),
        }
    }

    fn atr(&self) -> &[u8] {
        match self {
            Self::Memory(card) => card.atr(),
            Self::File { file, .. } => file.atr(),
        }
    }
}

fn at(path: &str, error: FileError) -> MediumError {
    MediumError::File { path: path.to_owned(), error }
}

impl From<MediumError> for Failure {
    fn from(error: MediumError) -> Self {
        match error {
            MediumError::Memory(never) => match never {},
            MediumError::File { path, error } => file_failure(&path, &error),
        }
    }
}

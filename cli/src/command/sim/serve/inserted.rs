//! A card from a file in a reader, which gives it power and takes it away.

use std::path::PathBuf;

use apdu::Transport;
use card_sim::vpcd::Powered;
use card_sim::{Card, CardFile, FileError, Protocol, image};
use phones::fresh::MODULES;
use zeroize::Zeroizing;

use crate::session::Session;
use crate::trace::{Counting, Traced};

/// Such a card.
pub enum Inserted {
    /// Every change is in its file before the answer is sent.
    Kept(Box<CardFile>),
    /// Whenever it is powered up it is as its file had it first; that is not written.
    Forgetful {
        /// The card.
        card: Box<Card>,
        /// What its file had.
        first: Forgotten,
    },
}

/// How a card was first, to make it so again.
pub struct Forgotten {
    path: PathBuf,
    image: Zeroizing<Vec<u8>>,
    protocol: Protocol,
    session: Session,
}

impl Forgotten {
    fn card(&self) -> Result<Card, FileError> {
        let card = image::decode_unpowered(&self.image, &MODULES, self.session.random());
        let mut card = card.map_err(|source| FileError::Image { path: self.path.clone(), source })?;
        card.speak(self.protocol);
        Ok(card)
    }
}

impl Inserted {
    /// The card of this file, which remembers.
    pub fn kept(mut file: CardFile, protocol: Protocol) -> Self {
        file.card_mut().speak(protocol);
        Self::Kept(Box::new(file))
    }

    /// The card of this file, which is closed, and stays as it is.
    ///
    /// # Errors
    /// [`FileError::Image`], if it cannot be read a second time.
    pub fn forgetful(file: CardFile, protocol: Protocol, session: &Session) -> Result<Self, FileError> {
        let image = Zeroizing::new(image::encode(file.card()));
        let first = Forgotten { path: file.path().to_owned(), image, protocol, session: session.clone() };
        drop(file);
        Ok(Self::Forgetful { card: Box::new(first.card()?), first })
    }

    const fn card(&self) -> &Card {
        match self {
            Self::Kept(file) => file.card(),
            Self::Forgetful { card, .. } => card,
        }
    }

    /// Saves what is not saved yet.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn save(&mut self) -> Result<(), FileError> {
        match self {
            Self::Kept(file) => file.save(),
            Self::Forgetful { .. } => Ok(()),
        }
    }
}

impl Transport for Inserted {
    type Error = FileError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, FileError> {
        match self {
            Self::Kept(file) => file.transmit(command, response),
            Self::Forgetful { card, .. } => {
                let Ok(length) = card.transmit(command, response);
                Ok(length)
            }
        }
    }

    /// As if it came from its image: what a cut has left unstable reads one way or the other.
    fn reset(&mut self) -> Result<(), FileError> {
        match self {
            Self::Kept(file) => {
                file.card_mut().wake();
                file.save()
            }
            Self::Forgetful { card, .. } => {
                card.wake();
                Ok(())
            }
        }
    }

    fn atr(&self) -> &[u8] {
        self.card().atr()
    }
}

impl Powered for Traced<Inserted> {
    fn power_up(&mut self) -> Result<(), FileError> {
        if let Inserted::Forgetful { card, first } = self.inner_mut() {
            **card = first.card()?;
        }
        self.reset()
    }
}

impl Counting for Inserted {
    fn writes(&self) -> Option<u64> {
        Some(self.card().writes())
    }
}

//! Blank cards from an image file.

use std::path::Path;

use apdu::PowerCut;
use applet_model::purse::{Holder, Life};
use applet_model::runtime::Random;
use card_sim::{Card, CardFile, FileError, OsRandom, image};
use globalplatform::Access;
use phones::fresh::MODULES;
use vectors::{CardError, Cards};

use super::domain::Domain;
use super::holder;
use crate::failure::medium::file_failure;
use crate::failure::{ErrorCode, Failure};
use crate::session::Session;
use crate::typed::shell_word;

/// Copies of one card in an image file, which is only read.
pub(super) struct Blank {
    image: Vec<u8>,
    domain: Domain,
    session: Session,
}

impl Blank {
    pub(super) fn open(path: &str, domain: Domain, session: &Session) -> Result<Self, Failure> {
        // Through the file's own door once: it says what is wrong with an image, and waits for nobody who writes it.
        drop(CardFile::open(path, &MODULES, Box::new(OsRandom)).map_err(|error| {
            let failure = file_failure(path, &error);
            match error {
                FileError::NotFound { .. } => {
                    failure.help(format!("make one: digitally card blank {}", shell_word(path)))
                }
                _ => failure,
            }
        })?);
        let image = std::fs::read(path).map_err(|error| Failure::unreadable(Path::new(path), &error))?;
        let blank = Self { image, domain, session: session.clone() };
        let card = blank.copy().map_err(|error| Failure::new(ErrorCode::ImageDamaged, error.message))?;
        match holder(card) {
            Ok(Holder { life, .. }) if life == Life::Blank.number() => Ok(blank),
            Ok(_) => Err(Failure::new(
                ErrorCode::CardNotBlank,
                format!("the purse of {path} is somebody's; vectors bring their own keys, for a blank one"),
            )
            .help("make a blank card: digitally card blank test.card")),
            Err(error) => Err(Failure::new(ErrorCode::NoPurse, format!("{path} has no purse: {error}"))
                .help(format!("what it has: digitally card info --card {}", shell_word(path)))),
        }
    }

    fn copy(&self) -> Result<Card, CardError> {
        let random: Box<dyn Random> = self.session.random();
        let mut card = image::decode_unpowered(&self.image, &MODULES, random)
            .map_err(|error| CardError::new(error.to_string()))?;
        // A cut that is armed is for the card, not for its copies.
        card.arm(None);
        card.wake();
        Ok(card)
    }
}

impl Cards for Blank {
    type Card = Card;

    fn blank(&mut self) -> Result<Card, CardError> {
        self.copy()
    }

    fn access(&mut self) -> Result<Option<Access<'_>>, CardError> {
        self.domain.access()
    }
}

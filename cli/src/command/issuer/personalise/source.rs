//! Where the cards of a run are: image files, or readers.

use std::path::{Path, PathBuf};

use ::issuer::personalise::Done;
use ::issuer::register::Card as Entry;
use ::issuer::run::CardSource;
use card_sim::Card;
use reader::Options;

use super::letters::Letters;
use crate::failure::Failure;
use crate::medium::{Medium, Place};
use crate::session::Session;

/// Cards, and what is done with those that are done.
pub(super) struct Source<'s> {
    pub(super) place: Cards<'s>,
    pub(super) letters: Option<&'s Letters<'s>>,
    pub(super) session: &'s Session,
}

/// Where the cards are.
pub(super) enum Cards<'s> {
    /// Image files in a folder: there already, begun by a run before, or made blank.
    Folder(PathBuf),
    /// This image file, in the same way.
    File(&'s str),
    /// In readers, from the first one that has not had its turn.
    Readers(&'s [String], Options),
}

impl CardSource for Source<'_> {
    type Card = Medium;
    type Error = Failure;

    fn card(&mut self, card: &Entry) -> Result<Option<Medium>, Failure> {
        let path = match &self.place {
            Cards::Folder(folder) => folder.join(name(card, "card")).display().to_string(),
            Cards::File(path) => (*path).to_owned(),
            Cards::Readers([], _) => return Ok(None),
            Cards::Readers([first, ..], options) => {
                return Medium::open(Place::Reader(first, *options), self.session).map(Some);
            }
        };
        if !Path::new(&path).exists() {
            Medium::blank(Card::DEFAULT_ATR, None, self.session)?.keep(&path)?;
        }
        Medium::open(Place::File(&path), self.session).map(Some)
    }

    fn done(&mut self, _: Medium, done: &Done) -> Result<(), Failure> {
        if let Cards::Readers(left, _) = &mut self.place {
            *left = left.get(1..).unwrap_or_default();
        }
        self.letters.map_or(Ok(()), |letters| letters.write(&done.card))
    }
}

/// `+254700000001.card`, and for the holder's next one `+254700000001-2.card`.
pub(super) fn name(card: &Entry, extension: &str) -> String {
    match card.place.sequence {
        1 => format!("{}.{extension}", card.number),
        sequence => format!("{}-{sequence}.{extension}", card.number),
    }
}

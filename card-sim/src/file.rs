//! A card that lives in a file: its image is on the disk before an answer that depends on it is given.
//!
//! While a [`CardFile`] is open, it holds an exclusive lock (`flock`) on the file itself, so that no second process can
//! open the same card. Saving replaces the file, and the lock moves along:
//!
//! 1. A new file is made in the same directory, mode 0600, and locked while nobody knows its name.
//! 2. The image is written to it and synced.
//! 3. It is renamed to the card's name, over the old file, and the directory is synced.
//! 4. The old file is closed, and with it the old lock.
//!
//! At every moment the card's name leads to a whole image, old or new, that is locked by us. Whoever has opened the old
//! file and gets its lock in step 4 holds the lock of a file without a name; so after locking, opening compares the
//! file it holds with the one that the name leads to now, and begins again if they differ.
//!
//! A symbolic link is followed when opening; saving replaces what it leads to, not the link. A name that stops leading
//! to the file we hold, because somebody moved, deleted or replaced it, is an error when saving: nobody's work is
//! overwritten.

mod error;
mod saved;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use apdu::Transport;
use applet_model::runtime::Random;
use zeroize::Zeroizing;

pub use error::{FileError, Step};

use crate::card::{Card, Module};
use crate::image;
use crate::overlay::Host;
use error::Failure;
use saved::Saved;

/// A card, and the file that holds its image.
///
/// After each command that changed persistent memory the image is saved, and only then the answer given; also if the power
/// failed in it, and there is none: the image then holds what is half done, for the next power-up. If saving
/// fails, the answer is withheld and the card is mute: every later call returns the same error again. What is on the
/// disk then is a whole image, that of before the command unless only the last sync of the directory failed.
pub struct CardFile {
    card: Card,
    saved: Saved,
    exposed: bool,
    failure: Option<Failure>,
}

impl CardFile {
    /// Makes a new file for this card, with mode 0600.
    ///
    /// # Errors
    /// [`FileError::Exists`] if there is a file of this name, or a link, even a broken one; it stays as it is.
    /// [`FileError::NotFound`], [`Permissions`](FileError::Permissions) or [`Io`](FileError::Io) if it cannot be made.
    pub fn create(path: impl AsRef<Path>, mut card: Card) -> Result<Self, FileError> {
        let path = place(path.as_ref())?;
        let image = Zeroizing::new(image::encode(&card));
        let saved = Saved::create(path, &image)?;
        card.take_dirty();
        Ok(Self { card, saved, exposed: false, failure: None })
    }

    /// Opens the card in this file, whose applets are among `modules`, and powers it up. What that changes, if the power
    /// had failed before, is saved with the next command.
    ///
    /// # Errors
    /// [`FileError`]; the file is unchanged.
    pub fn open(path: impl AsRef<Path>, modules: &[Module], random: Box<dyn Random>) -> Result<Self, FileError> {
        let mut opened = Self::open_unpowered(path, modules, random)?;
        opened.card.wake();
        Ok(opened)
    }

    /// Opens the card in this file as it lies there: without power, until it is reset.
    ///
    /// # Errors
    /// [`FileError`]; the file is unchanged.
    pub fn open_unpowered(
        path: impl AsRef<Path>,
        modules: &[Module],
        random: Box<dyn Random>,
    ) -> Result<Self, FileError> {
        let path = path.as_ref();
        let path = fs::canonicalize(path).map_err(|source| FileError::io(path, Step::Open, source))?;
        let (saved, image, exposed) = Saved::open(path)?;
        let card = image::decode_unpowered(&image, modules, random)
            .map_err(|source| FileError::Image { path: saved.path().to_owned(), source })?;
        Ok(Self { card, saved, exposed, failure: None })
    }

    /// The card.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// The card, to do to it what no command does. What that changes is saved by [`save`](Self::save), or with the
    /// next command.
    pub const fn card_mut(&mut self) -> &mut Card {
        &mut self.card
    }

    /// The file, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.saved.path()
    }

    /// Whether users other than the owner could read or write the file when it was opened. It holds keys:
    /// `chmod 600` is due. The next save does that by itself.
    #[must_use]
    pub const fn exposed(&self) -> bool {
        self.exposed
    }

    /// Saves the image if the card has changed since the last time.
    ///
    /// # Errors
    /// [`FileError`]; the card is mute from then on.
    pub fn save(&mut self) -> Result<(), FileError> {
        self.refuse_if_mute()?;
        if !self.card.take_dirty() {
            return Ok(());
        }
        let image = Zeroizing::new(image::encode(&self.card));
        let outcome = self.saved.replace(&image);
        outcome.map_err(|failure| {
            let error = failure.error(self.saved.path());
            self.failure = Some(failure);
            error
        })
    }

    fn refuse_if_mute(&self) -> Result<(), FileError> {
        self.failure.as_ref().map_or(Ok(()), |failure| Err(failure.error(self.saved.path())))
    }
}

impl Host for CardFile {
    type Error = FileError;

    fn card(&self) -> &Card {
        self.card()
    }

    fn card_mut(&mut self) -> &mut Card {
        self.card_mut()
    }

    fn keep(&mut self) -> Result<(), FileError> {
        self.save()
    }
}

impl Transport for CardFile {
    type Error = FileError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, FileError> {
        self.refuse_if_mute()?;
        let Ok(length) = self.card.transmit(command, response);
        if let Err(error) = self.save() {
            response.get_mut(..length).unwrap_or_default().fill(0);
            return Err(error);
        }
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), FileError> {
        self.refuse_if_mute()?;
        let Ok(()) = self.card.reset();
        self.save()
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}

impl fmt::Debug for CardFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardFile").field("path", &self.path()).field("card", &self.card).finish_non_exhaustive()
    }
}

/// The place of a file that need not exist, whatever the working directory will be.
fn place(path: &Path) -> Result<PathBuf, FileError> {
    let name = path.file_name().ok_or_else(|| FileError::IsDirectory { path: path.to_owned() })?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let directory = fs::canonicalize(directory).map_err(|source| FileError::io(directory, Step::Create, source))?;
    Ok(directory.join(name))
}

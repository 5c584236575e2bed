//! The card at the other end: in memory, in an image file, or in a reader.

mod patient;

use std::convert::Infallible;
use std::time::Duration;

use apdu::{Cut, PowerCut, Transport};
use applet_model::purse::{Capacity, PURSE_AID};
use card_sim::{Card, CardFile, DomainSetup, FileError};
use globalplatform::KeySet;
use phones::fresh::MODULES;
use reader::{Options, Protocol, Reader, ReaderError};

pub use self::patient::Patient;
use crate::failure::medium::{cut_failure, file_failure};
use crate::failure::reader::reader_failure;
use crate::failure::{ErrorCode, Failure};
use crate::output;
use crate::session::Session;
use crate::trace::Counting;
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
        /// Its non-volatile writes when it was opened, before it was powered up.
        opened_at: u64,
    },
    /// A card in a reader.
    Reader {
        /// The reader.
        reader: Box<Patient>,
        /// Whether bytes go to the card exactly as they are, over T=0 too.
        raw: bool,
    },
}

/// Which card is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// The one in this image file.
    File(&'a str),
    /// The one in the reader that has this in its name, connected to like this.
    Reader(&'a str, Options),
}

impl Place<'_> {
    /// The option that names it, as the shell takes it.
    pub fn option(self) -> String {
        match self {
            Self::File(path) => format!("--card {}", shell_word(path)),
            Self::Reader(name, _) => format!("--reader {}", shell_word(name)),
        }
    }
}

/// Where the power of a card failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// In which non-volatile write since the card was opened.
    pub write: u64,
    /// How many bytes of it had reached the memory.
    pub bytes: usize,
    /// How many it has.
    pub of: usize,
    /// Whether the byte behind them is left unstable.
    pub unstable: bool,
    /// Whether that was while the card made good what an earlier cut had left half done.
    pub recovering: bool,
}

impl std::fmt::Display for Outage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { write, bytes, of, unstable, recovering } = self;
        let when = if *recovering { " while it recovered from a cut before" } else { "" };
        write!(
            f,
            "the power of the card failed{when}, in write {write} since it was opened: {bytes} of {of} bytes were written"
        )?;
        if *unstable { write!(f, ", the next one is unstable") } else { Ok(()) }
    }
}

/// Why a card did not answer.
#[derive(Debug, thiserror::Error)]
pub enum MediumError {
    /// Its power failed, or it had none any more.
    #[error("{0}")]
    PowerCut(Outage),
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
    /// The reader, or the card in it, did not answer.
    #[error(transparent)]
    Reader(#[from] ReaderError),
}

/// So long is waited for another program that has the card: as long as a person waits before looking what is wrong.
pub const BUSY: Duration = Duration::from_secs(10);

impl Medium {
    /// The card that is there.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub fn open(place: Place<'_>, session: &Session) -> Result<Self, Failure> {
        match place {
            Place::File(path) => Self::file(path, session),
            Place::Reader(name, options) => {
                // No other program selects or verifies anything between two commands of ours.
                let options = Options { hold: true, busy: Some(BUSY), ..options };
                let reader = Reader::open_telling(name, &options, &mut |name| {
                    output::note(format!("the card in {name} is in use by another program; waiting"));
                });
                let reader = reader.map_err(|error| reader_failure(&error, &place.option(), None))?;
                Ok(Self::Reader { reader: Box::new(Patient::new(reader, place.option(), session.format)), raw: false })
            }
        }
    }

    /// The card in this image file.
    ///
    /// # Errors
    /// If it cannot be opened.
    fn file(path: &str, session: &Session) -> Result<Self, Failure> {
        let mut file = open_unpowered(path, session)?;
        let (opened_at, armed) = (file.card().writes(), file.card().armed());
        file.card_mut().wake();
        if !file.card().is_on() {
            file.save().map_err(|error| file_failure(path, &error))?;
            return Err(cut_failure(&outage(file.card(), opened_at, armed, true), &Place::File(path).option(), None));
        }
        Ok(Self::File { file: Box::new(file), path: path.to_owned(), opened_at })
    }

    /// The card behind it, if it is a software card, for what no command tells: its power, its writes, its wear.
    pub fn software(&self) -> Option<&Card> {
        match self {
            Self::Memory(card) => Some(card),
            Self::File { file, .. } => Some(file.card()),
            Self::Reader { .. } => None,
        }
    }

    /// The same, to do to it what no command does.
    pub fn software_mut(&mut self) -> Option<&mut Card> {
        match self {
            Self::Memory(card) => Some(card),
            Self::File { file, .. } => Some(file.card_mut()),
            Self::Reader { .. } => None,
        }
    }

    /// The protocol in use, if it is a card in a reader: there is none to a card in an image file.
    pub fn protocol(&self) -> Option<Protocol> {
        match self {
            Self::Memory(_) | Self::File { .. } => None,
            Self::Reader { reader, .. } => Some(reader.protocol()),
        }
    }

    /// From now on sends bytes exactly as they are: over T=0 nothing is taken apart or fetched on the way.
    pub fn send_raw(&mut self) {
        if let Self::Reader { raw, .. } = self {
            *raw = true;
        }
    }

    /// Where the power failed, if it is a software card that has none. The cut is what was armed before.
    fn outage(&self, armed: Option<Cut>) -> Option<Outage> {
        let opened_at = match self {
            Self::Memory(_) | Self::Reader { .. } => 0,
            Self::File { opened_at, .. } => *opened_at,
        };
        self.software().filter(|card| !card.is_on()).map(|card| outage(card, opened_at, armed, false))
    }

    /// A new card in memory as its manufacturer delivers it: with this ATR, an issuer domain with published keys, and a blank
    /// purse if it is to have one of some capacity.
    ///
    /// # Errors
    /// If the domain or the purse cannot be installed.
    pub fn blank(atr: &[u8], purse: Option<Capacity>, session: &Session) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(ErrorCode::CardFailed, format!("no card could be made: {error}")).help("please report this")
        };
        let mut random = session.random();
        let mut diversification = [0; 10];
        random.fill(&mut diversification).map_err(|error| failed(&error))?;
        let mut card = Card::new(atr, random).map_err(|error| failed(&error))?;
        card.know(&MODULES);
        let keys = KeySet::published();
        let setup = DomainSetup { diversification, ..DomainSetup::blank(&keys) };
        card.install_domain(&setup).map_err(|error| failed(&error))?;
        if let Some(capacity) = purse {
            let installed = card.install(&MODULES, PURSE_AID, PURSE_AID, &capacity.to_bytes());
            installed.map_err(|error| failed(&error))?;
        }
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
            Self::File { .. } | Self::Reader { .. } => Ok(()),
        }
    }
}

/// Opens the card in this image file, and leaves it without power.
///
/// # Errors
/// If it cannot be opened.
pub fn open_unpowered(path: &str, session: &Session) -> Result<CardFile, Failure> {
    let file =
        CardFile::open_unpowered(path, &MODULES, session.random()).map_err(|error| file_failure(path, &error))?;
    if file.exposed() {
        let path = shell_word(path);
        output::alarm(format!("others can read {path}, and it holds keys: chmod 600 {path}"));
    }
    Ok(file)
}

/// Where the power of a card failed that had so many writes behind it when it was opened, and this cut before it.
fn outage(card: &Card, opened_at: u64, armed: Option<Cut>, recovering: bool) -> Outage {
    let of = card.last_write();
    Outage {
        write: card.writes().saturating_sub(opened_at),
        bytes: armed.map_or(0, |cut| of.min(cut.bytes.into())),
        of,
        unstable: armed.is_some_and(|cut| cut.unstable && usize::from(cut.bytes) < of),
        recovering,
    }
}

impl Transport for Medium {
    type Error = MediumError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, MediumError> {
        let armed = self.software().and_then(Card::armed);
        let length = match self {
            Self::Memory(card) => card.transmit(command, response)?,
            Self::File { file, path, .. } => file.transmit(command, response).map_err(|error| at(path, error))?,
            Self::Reader { reader, raw: true } => reader.transmit_raw(command, response)?,
            Self::Reader { reader, raw: false } => reader.transmit(command, response)?,
        };
        match self.outage(armed).filter(|_| length == 0) {
            Some(outage) => Err(MediumError::PowerCut(outage)),
            None => Ok(length),
        }
    }

    fn reset(&mut self) -> Result<(), MediumError> {
        match self {
            Self::Memory(card) => Ok(card.reset()?),
            Self::File { file, path, .. } => file.reset().map_err(|error| at(path, error)),
            Self::Reader { reader, .. } => Ok(reader.reset()?),
        }
    }

    fn atr(&self) -> &[u8] {
        match self {
            Self::Memory(card) => card.atr(),
            Self::File { file, .. } => file.atr(),
            Self::Reader { reader, .. } => reader.atr(),
        }
    }
}

impl Counting for Medium {
    fn writes(&self) -> Option<u64> {
        self.software().map(Card::writes)
    }
}

fn at(path: &str, error: FileError) -> MediumError {
    MediumError::File { path: path.to_owned(), error }
}

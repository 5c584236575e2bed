//! Blank cards from readers: the same ones again and again, made blank in between.

use std::cell::RefCell;
use std::process::Command;
use std::rc::Rc;

use apdu::Transport;
use applet_model::purse::Life;
use globalplatform::Access;
use reader::{Options, Reader, ReaderError};
use vectors::{CardError, Cards};

use super::domain::Domain;
use super::holder;
use crate::failure::reader::reader_failure;
use crate::failure::{ErrorCode, Failure};
use crate::medium::{BUSY, Patient, Place};
use crate::output::Format;
use crate::session::Session;

/// Readers with cards in them.
pub(super) struct Readers {
    /// A test that has one of them holds it as well.
    stations: Vec<Rc<RefCell<Station>>>,
    between: Option<Between>,
    how: How,
    domain: Domain,
}

/// How the cards are connected to, and errors told.
#[derive(Clone, Copy)]
struct How {
    options: Options,
    format: Format,
}

/// A reader, and the connection to its card; none while somebody else is to have it.
struct Station {
    name: String,
    card: Option<Patient>,
}

/// What makes a card blank again: a program, as it was typed and in words.
struct Between {
    typed: String,
    program: String,
    arguments: Vec<String>,
}

impl Readers {
    /// The blank cards in the readers of these names, or parts of names.
    ///
    /// # Errors
    /// If one cannot be reached or is not blank, or a name or the program is malformed.
    pub(super) fn open(
        typed: &[String],
        between: Option<&str>,
        options: Options,
        domain: Domain,
        session: &Session,
    ) -> Result<Self, Failure> {
        // Nobody else speaks to a card that is judged.
        let options = Options { hold: true, busy: Some(BUSY), ..options };
        let how = How { options, format: session.format };
        let between = between.map(Between::parse).transpose()?;
        let mut stations: Vec<Rc<RefCell<Station>>> = Vec::new();
        for name in typed {
            let found = Reader::find(name).map_err(|error| unreachable(&error, name))?;
            if stations.iter().any(|station| station.borrow().name == found) {
                let message = format!("--reader {name} is the reader {found}, which was named before");
                return Err(Failure::new(ErrorCode::Usage, message).help("name each reader once"));
            }
            let mut station = Station { name: found, card: None };
            station.make_blank(between.as_ref(), how).map_err(|why| why.failure(&station.name))?;
            stations.push(Rc::new(RefCell::new(station)));
        }
        Ok(Self { stations, between, how, domain })
    }
}

impl Cards for Readers {
    type Card = Lent;

    fn blank(&mut self) -> Result<Lent, CardError> {
        let free = self.stations.iter().find(|station| Rc::strong_count(station) == 1);
        let station = free.ok_or_else(|| CardError::new("every reader is taken"))?;
        let mut place = station.borrow_mut();
        let atr = place.make_blank(self.between.as_ref(), self.how);
        let atr = atr.map_err(|why| CardError::new(why.failure(&place.name).to_string()))?;
        Ok(Lent { station: Rc::clone(station), atr })
    }

    fn access(&mut self) -> Result<Option<Access<'_>>, CardError> {
        self.domain.access()
    }

    fn at_once(&self) -> Option<usize> {
        Some(self.stations.len())
    }
}

impl Station {
    /// Has the card be blank, and powered up; returns its ATR.
    fn make_blank(&mut self, between: Option<&Between>, how: How) -> Result<Vec<u8>, NotBlank> {
        let kept = match between {
            None => self.card.take(),
            Some(between) => {
                self.card = None;
                between.run(&self.name)?;
                None
            }
        };
        let mut card = match kept {
            Some(card) => card,
            None => Patient::new(Reader::open(&self.name, &how.options)?, option(&self.name), how.format),
        };
        if between.is_none() {
            card.power_cycle()?;
        }
        match holder(&mut card) {
            Ok(holder) if holder.life == Life::Blank.number() => Ok(self.card.insert(card).atr().to_vec()),
            Ok(_) => Err(NotBlank::Somebodys),
            Err(why) => Err(NotBlank::NoPurse(why)),
        }
    }
}

/// Why there is no blank card.
enum NotBlank {
    Unreachable(ReaderError),
    NoPurse(String),
    Somebodys,
    Between { typed: String, why: String },
}

impl From<ReaderError> for NotBlank {
    fn from(error: ReaderError) -> Self {
        Self::Unreachable(error)
    }
}

impl NotBlank {
    fn failure(&self, reader: &str) -> Failure {
        match self {
            Self::Unreachable(error) => unreachable(error, reader),
            Self::NoPurse(why) => {
                Failure::new(ErrorCode::NoPurse, format!("the card in {reader} has no purse: {why}"))
                    .help(format!("what it has: digitally card info {}", option(reader)))
            }
            Self::Somebodys => Failure::new(
                ErrorCode::CardNotBlank,
                format!(
                    "the purse of the card in {reader} is somebody's, or still that of the test before: vectors bring their \
                     own keys, for a card that is blank whenever its power comes back, or --between PROGRAM has made it so"
                ),
            )
            .help(
                "a software card that is blank whenever it is powered up:\n  \
                 digitally card blank test.card && digitally sim serve --card test.card --forget\n\
                 for another card, name a program that makes it blank: --between PROGRAM",
            ),
            Self::Between { typed, why } => {
                Failure::new(ErrorCode::VectorSubject, format!("--between {typed:?}, for {reader}: {why}"))
                    .help("nothing counts as verified; it has to end with exit code 0, and find the reader in $DIGITALLY_READER")
            }
        }
    }
}

fn unreachable(error: &ReaderError, name: &str) -> Failure {
    reader_failure(error, &option(name), None)
}

fn option(reader: &str) -> String {
    Place::Reader(reader, Options::default()).option()
}

impl Between {
    fn parse(typed: &str) -> Result<Self, Failure> {
        let bad = |why: String| {
            Failure::new(ErrorCode::Usage, format!("--between {typed:?}: {why}"))
                .help("a program and its arguments; for a shell: --between \"sh -c '…'\"")
        };
        let mut words = shell_words::split(typed).map_err(|error| bad(error.to_string()))?.into_iter();
        let program = words.next().ok_or_else(|| bad("no program is named".to_owned()))?;
        Ok(Self { typed: typed.to_owned(), program, arguments: words.collect() })
    }

    fn run(&self, reader: &str) -> Result<(), NotBlank> {
        let failed = |why| NotBlank::Between { typed: self.typed.clone(), why };
        let said = Command::new(&self.program).args(&self.arguments).env("DIGITALLY_READER", reader).output();
        let said = said.map_err(|error| failed(format!("it cannot be started: {error}")))?;
        if said.status.success() {
            return Ok(());
        }
        let last = String::from_utf8_lossy(&said.stderr);
        let last = last.lines().last().map(|line| format!("; it said: {line}")).unwrap_or_default();
        Err(failed(format!("{}{last}", said.status)))
    }
}

/// A card lent to a test.
pub(super) struct Lent {
    station: Rc<RefCell<Station>>,
    atr: Vec<u8>,
}

impl Lent {
    fn with<R>(&self, work: impl FnOnce(&mut Patient) -> Result<R, ReaderError>) -> Result<R, ReaderError> {
        let Station { name, card } = &mut *self.station.borrow_mut();
        work(card.as_mut().ok_or_else(|| ReaderError::Removed { reader: name.clone() })?)
    }
}

impl Transport for Lent {
    type Error = ReaderError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        self.with(|card| card.transmit(command, response))
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        self.atr = self.with(|card| card.reset().map(|()| card.atr().to_vec()))?;
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &self.atr
    }
}

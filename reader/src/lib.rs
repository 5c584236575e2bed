#![doc = include_str!("../README.md")]

mod code;
mod error;
mod name;
#[cfg(feature = "pcsc")]
mod service;
#[cfg(not(feature = "pcsc"))]
#[path = "absent.rs"]
mod service;
mod slot;
mod watch;

use std::time::Duration;

use apdu::{T0, Transport};

pub use error::ReaderError;
pub use service::Transaction;
pub use slot::{Change, Happening, Slot, State};
pub use watch::Watch;

use service::{Link, Service};

/// Whether this program was built with PC/SC.
pub const BUILT_WITH_PCSC: bool = cfg!(feature = "pcsc");

/// The longest response of a card, in bytes: 65,536 of data and the status word.
pub const MAX_RESPONSE: usize = 65_538;

/// Who else may connect to the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Other programs too.
    #[default]
    Shared,
    /// Nobody: while others are connected that is [`ReaderError::Held`].
    Exclusive,
}

/// Which transmission protocols will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocols {
    /// Whichever the card prefers.
    #[default]
    Any,
    /// T=0 alone.
    T0,
    /// T=1 alone.
    T1,
}

/// The transmission protocol that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Single bytes.
    T0,
    /// Blocks.
    T1,
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::T0 => "T=0",
            Self::T1 => "T=1",
        })
    }
}

/// How a card is connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Who else may.
    pub sharing: Sharing,
    /// Over what.
    pub protocols: Protocols,
    /// Keep other programs from the card while this one is connected: they wait. It ends with the connection, also if the
    /// process is killed.
    pub hold: bool,
    /// How long to wait for a card if the reader is empty; not at all by default.
    pub patience: Duration,
    /// How long to wait while another program keeps us from the card, then it is [`ReaderError::Busy`]; as long as it takes
    /// by default.
    pub busy: Option<Duration>,
}

/// A card in a reader.
#[derive(Debug)]
pub struct Reader {
    link: Link,
}

impl Reader {
    /// All readers, with what is in them.
    ///
    /// # Errors
    /// If the service does not answer. No reader at all is an empty list.
    pub fn list() -> Result<Vec<Slot>, ReaderError> {
        Service::establish()?.slots()
    }

    /// Connects to the card in the reader that has this name, or that alone has this in its name.
    ///
    /// # Errors
    /// Whatever is between us and the card, one cause each.
    pub fn open(typed: &str, options: &Options) -> Result<Self, ReaderError> {
        Self::open_telling(typed, options, &mut |_| {})
    }

    /// The same. `waiting` is told the reader's name if another program keeps us from the card for two seconds, and
    /// [`Options::busy`] ends that.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_telling(typed: &str, options: &Options, waiting: &mut dyn FnMut(&str)) -> Result<Self, ReaderError> {
        let service = Service::establish()?;
        let name = pick(&service, typed)?;
        Ok(Self { link: service.connect(name, *options, waiting)? })
    }

    /// The whole name of the reader that has this name, or that alone has this in its name. Connects to nothing.
    ///
    /// # Errors
    /// If there is none, or several.
    pub fn find(typed: &str) -> Result<String, ReaderError> {
        pick(&Service::establish()?, typed)
    }

    /// The whole name of the reader.
    #[must_use]
    pub fn name(&self) -> &str {
        self.link.name()
    }

    /// The protocol in use.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.link.protocol()
    }

    /// Takes the power from the card, and gives it back; [`reset`](Transport::reset) leaves it on.
    ///
    /// # Errors
    /// No card answers afterwards.
    pub fn power_cycle(&mut self) -> Result<(), ReaderError> {
        self.link.power_cycle()
    }

    /// Sends exactly these bytes, over T=0 too, and writes what comes back to the start of `response`.
    ///
    /// # Errors
    /// No response came, or it did not fit.
    pub fn transmit_raw(&mut self, bytes: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        self.link.transmit(bytes, response)
    }

    /// Does something of several commands, between which no other program comes.
    ///
    /// # Errors
    /// If the transaction cannot begin.
    pub fn transaction<R>(&mut self, work: impl FnOnce(&mut Transaction<'_>) -> R) -> Result<R, ReaderError> {
        self.link.transaction(work)
    }
}

impl Transport for Reader {
    type Error = ReaderError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        carry(self.link.protocol(), &mut self.link, command, response)
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        self.link.reset()
    }

    fn atr(&self) -> &[u8] {
        self.link.atr()
    }
}

fn pick(service: &Service, typed: &str) -> Result<String, ReaderError> {
    name::pick(service.slots()?.into_iter().map(|slot| slot.name).collect(), typed)
}

/// Sends a command of any form over what carries this protocol's own.
fn carry<T: Transport<Error = ReaderError>>(
    protocol: Protocol,
    way: &mut T,
    command: &[u8],
    response: &mut [u8],
) -> Result<usize, ReaderError> {
    match protocol {
        Protocol::T0 => T0::new(way).transmit(command, response).map_err(ReaderError::of_t0),
        Protocol::T1 => way.transmit(command, response),
    }
}

//! `digitally card`: make a card, look at it, look after it.

mod apdu;
mod balance;
mod blank;
mod contacts;
mod decode;
mod export;
mod info;
mod list;
mod log;
mod new;
mod pin;
mod recorded;
mod script;
mod shell;
mod tear;

use clap::Subcommand;
use reader::{Options, Protocols, Sharing};

use crate::failure::{ErrorCode, Failure};
use crate::medium::Place;
use crate::output::Output;
use crate::session::Session;

pub use log::{log, log_lines};

/// Make a card, look at it, look after it
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The options that name a card.
#[derive(Debug, clap::Args)]
pub struct CardArg {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    connection: Connection,
}

/// One of two.
#[derive(Debug, clap::Args)]
#[group(id = "which card", required = true, multiple = false)]
struct Which {
    /// The card: its image file
    #[arg(long, value_name = "FILE")]
    card: Option<String>,
    /// Or the card in the reader that has this in its name: `digitally readers` lists them
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
}

impl CardArg {
    /// The card that is meant.
    pub fn place(&self) -> Place<'_> {
        match (&self.which.card, &self.which.reader) {
            (Some(path), _) => Place::File(path),
            // clap lets exactly one through.
            (None, name) => Place::Reader(name.as_deref().unwrap_or_default(), self.connection.options()),
        }
    }
}

/// How a card in a reader is connected to.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Connection {
    /// The transmission protocol to speak with the card in the reader: T=0, T=1, or the one that the card prefers
    #[arg(
        long,
        value_enum,
        value_name = "PROTOCOL",
        default_value = "any",
        requires = "reader",
        hide_short_help = true
    )]
    reader_protocol: ReaderProtocol,
    /// Whether other programs may be connected to the card in the reader meanwhile; they wait while this one speaks
    #[arg(
        long,
        value_enum,
        value_name = "MODE",
        default_value = "shared",
        requires = "reader",
        hide_short_help = true
    )]
    share: Share,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ReaderProtocol {
    Any,
    T0,
    T1,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Share {
    Shared,
    Exclusive,
}

impl Connection {
    /// As the reader takes it.
    pub fn options(self) -> Options {
        let protocols = match self.reader_protocol {
            ReaderProtocol::Any => Protocols::Any,
            ReaderProtocol::T0 => Protocols::T0,
            ReaderProtocol::T1 => Protocols::T1,
        };
        let sharing = match self.share {
            Share::Shared => Sharing::Shared,
            Share::Exclusive => Sharing::Exclusive,
        };
        Options { sharing, protocols, ..Options::default() }
    }
}

/// The option that names a card which has to be an image file.
#[derive(Debug, clap::Args)]
pub struct FileArg {
    /// The card: its image file
    #[arg(long, value_name = "FILE", required_unless_present = "reader")]
    card: Option<String>,
    /// Only to say that it does not work.
    #[arg(long, value_name = "NAME", hide = true)]
    reader: Option<String>,
}

impl FileArg {
    /// The image file.
    ///
    /// # Errors
    /// If a reader was named. `why` says what a card in it has not.
    pub fn path(&self, why: &str) -> Result<&str, Failure> {
        match (&self.card, &self.reader) {
            (Some(path), None) => Ok(path),
            _ => Err(Failure::new(
                ErrorCode::SoftwareCardOnly,
                format!("{why}: that takes a software card's image file"),
            )
            .help("name one: --card FILE; `digitally card new` makes it")),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    New(Box<new::Args>),
    Blank(blank::Args),
    Info(info::Args),
    Balance(balance::Args),
    Log(log::Args),
    Contacts(contacts::Args),
    Pin(pin::Args),
    Export(export::Args),
    Tear(tear::Args),
    List(list::Args),
    Apdu(apdu::Args),
    Script(script::Args),
    Shell(shell::Args),
    Decode(decode::Args),
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::New(args) => args.run(session),
            Command::Blank(args) => args.run(session),
            Command::Info(args) => args.run(session),
            Command::Balance(args) => args.run(session),
            Command::Log(args) => args.run(session),
            Command::Contacts(args) => args.run(session),
            Command::Pin(args) => args.run(session),
            Command::Export(args) => args.run(session),
            Command::Tear(args) => args.run(session),
            Command::List(args) => args.run(session),
            Command::Script(args) => args.run(session),
            Command::Shell(args) => args.run(session),
            Command::Apdu(args) => args.run(session),
            Command::Decode(args) => args.run(session),
        }
    }
}

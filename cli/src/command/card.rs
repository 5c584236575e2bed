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
mod script;
mod tear;

use clap::Subcommand;

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

/// The option that names a card.
#[derive(Debug, clap::Args)]
#[group(id = "which card", required = true, multiple = false)]
pub struct CardArg {
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
        match (&self.card, &self.reader) {
            (Some(path), _) => Place::File(path),
            // clap lets exactly one through.
            (None, name) => Place::Reader(name.as_deref().unwrap_or_default()),
        }
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
            Command::Apdu(args) => args.run(session),
            Command::Decode(args) => args.run(session),
        }
    }
}

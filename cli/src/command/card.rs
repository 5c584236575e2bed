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

use crate::failure::Failure;
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
pub struct CardArg {
    /// The card: its image file
    #[arg(long = "card", value_name = "FILE")]
    pub path: String,
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

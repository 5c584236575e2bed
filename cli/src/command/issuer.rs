//! `digitally issuer`: the keys that all others are derived from, and the cards made with them.

mod cards;
mod contact;
mod epochs;
mod give_up;
mod init;
mod menu;
mod personalise;
mod receive;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Make master keys, and cards with them; meet cards again
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Personalise(Box<personalise::Args>),
    Cards(cards::Args),
    GiveUp(give_up::Args),
    Contact(Box<contact::Args>),
    Receive(receive::Args),
    Epochs(epochs::Args),
    Menu(menu::Args),
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::Init(args) => args.run(),
            Command::Personalise(args) => args.run(session),
            Command::Cards(args) => args.run(),
            Command::GiveUp(args) => args.run(),
            Command::Contact(args) => args.run(session),
            Command::Receive(args) => args.run(session),
            Command::Epochs(args) => args.run(),
            Command::Menu(args) => args.run(),
        }
    }
}

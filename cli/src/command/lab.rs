//! `digitally lab`: what the short codes are worth, and what a card does when its power fails.

mod attack;
pub mod document;
mod entropy;
mod tear;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Find out what the short codes are worth, and what a failing power does
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Entropy(entropy::Args),
    Attack(attack::Args),
    Tear(tear::Args),
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::Entropy(args) => args.run(),
            Command::Attack(args) => args.run(session),
            Command::Tear(args) => args.run(session),
        }
    }
}

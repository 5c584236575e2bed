//! `digitally lab`: what the short codes are worth.

mod attack;
mod document;
mod entropy;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Find out what the short codes are worth
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Entropy(entropy::Args),
    Attack(attack::Args),
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
        }
    }
}

//! `digitally lab`: what the short codes are worth.

mod document;
mod entropy;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// Find out what the short codes are worth
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Entropy(entropy::Args),
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self) -> Result<Output, Failure> {
        match &self.command {
            Command::Entropy(args) => args.run(),
        }
    }
}

//! `digitally pay`: a payment, step by step.

mod authorise;
mod cancel;
mod confirm;
mod last;
mod request;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Pay and be paid, by eight digits each way
#[derive(Debug, clap::Args)]
#[command(after_help = "A payment:\n  \
    1. the payee:  digitally pay request --card bob.card --from +254700000001 --amount 400\n  \
    2. the payer:  digitally pay authorise --card alice.card --to +254700000002 --amount 400 --code \"4761 0825\"\n  \
    3. the payee:  digitally pay confirm --card bob.card --code \"6409 3527\"")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Request(request::Args),
    Authorise(authorise::Args),
    Confirm(confirm::Args),
    Cancel(cancel::Args),
    Last(last::Args),
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::Request(args) => args.run(session),
            Command::Authorise(args) => args.run(session),
            Command::Confirm(args) => args.run(session),
            Command::Cancel(args) => args.run(session),
            Command::Last(args) => args.run(session),
        }
    }
}

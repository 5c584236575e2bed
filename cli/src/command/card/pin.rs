//! `digitally card pin`

use std::path::Path;

use applet_model::purse::Counters;
use clap::Subcommand;
use serde_json::json;

use super::CardArg;
use crate::failure::refusal::{Doing, tries};
use crate::failure::{ErrorCode, Failure};
use crate::issuer::Opened;
use crate::output::Output;
use crate::purse::Purse;
use crate::secret::{Secret, Source};
use crate::session::Session;

/// Look after the PIN
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(StatusArgs),
    Change(ChangeArgs),
    Unblock(UnblockArgs),
}

/// Show how many tries are left
#[derive(Debug, clap::Args)]
struct StatusArgs {
    #[command(flatten)]
    card: CardArg,
}

/// Set a new PIN with the old one
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card pin change --card alice.card")]
struct ChangeArgs {
    #[command(flatten)]
    card: CardArg,
    /// A file with the PIN; - for standard input; without it the PIN is asked for
    #[arg(long, value_name = "FILE")]
    pin_file: Option<String>,
    /// A file with the new PIN, 4 to 8 digits; - for standard input; without it the PIN is asked for
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<String>,
}

/// Set a new PIN with the unblocking key (PUK)
///
/// The issuer file knows the PUK of every card that was made with it. A wrong PUK too often blocks the purse for good.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card pin unblock --card alice.card --issuer issuer.json")]
struct UnblockArgs {
    #[command(flatten)]
    card: CardArg,
    /// The issuer file that the card was made with
    #[arg(long, value_name = "FILE", conflicts_with = "puk_file")]
    issuer: Option<String>,
    /// A file with the PUK; - for standard input; without it and --issuer the PUK is asked for
    #[arg(long, value_name = "FILE")]
    puk_file: Option<String>,
    /// A file with the new PIN, 4 to 8 digits; - for standard input; without it the PIN is asked for
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<String>,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::Status(args) => args.run(session),
            Command::Change(args) => args.run(session),
            Command::Unblock(args) => args.run(session),
        }
    }
}

impl StatusArgs {
    fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let counters: Counters = purse.data()?;
        let (pin, puk) = (counters.pin_tries, counters.puk_tries);
        let json = json!({"pin_tries": pin, "puk_tries": puk, "wrong_pins": counters.wrong_pins});
        let mut text = format!("PIN  {}\nPUK  {}\n", tries(pin), tries(puk));
        if pin == 0 {
            text += &format!(
                "the PIN is blocked; set a new one:\n  digitally card pin unblock {} --issuer issuer.json\n",
                purse.card
            );
        }
        Ok(Output::new(&json, text, pin))
    }
}

impl ChangeArgs {
    fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let old = Source::typed(self.pin_file.as_deref()).read(Secret::Pin)?;
        let new = Source::typed(self.new_pin_file.as_deref()).read_new(Secret::NewPin)?;
        purse.ask(Doing::ChangingPin, |client| client.change_pin(&old, &new))?;
        Ok(Output::new(&json!({"changed": true}), "the PIN is changed\n", ""))
    }
}

impl UnblockArgs {
    fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let puk = match &self.issuer {
            Some(issuer) => {
                let number = purse.holder.number.ok_or_else(|| {
                    Failure::new(ErrorCode::CardBlank, "the purse is blank: nobody's yet")
                        .help("make a personalised card with `digitally card new`")
                })?;
                let (file, sequence) = (Opened::open(Path::new(issuer))?, purse.holder.sequence);
                if !file.register.has_made(number, sequence)? {
                    return Err(Failure::new(
                        ErrorCode::IssuerOther,
                        format!("{issuer} has not made this card: nothing was tried"),
                    )
                    .help("name the issuer file that the card was made with; a wrong PUK too often blocks the purse"));
                }
                file.issuer.puk(number, sequence)?
            }
            None => Source::typed(self.puk_file.as_deref()).read(Secret::Puk)?,
        };
        let new = Source::typed(self.new_pin_file.as_deref()).read_new(Secret::NewPin)?;
        purse.ask(Doing::UnblockingPin, |client| client.unblock_pin(&puk, &new))?;
        Ok(Output::new(&json!({"unblocked": true}), "the new PIN is set, with all its tries\n", ""))
    }
}

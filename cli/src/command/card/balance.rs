//! `digitally card balance`

use applet_model::purse::client::Client;
use serde_json::json;

use super::CardArg;
use crate::failure::Failure;
use crate::failure::refusal::Doing;
use crate::output::Output;
use crate::purse::Purse;
use crate::session::Session;

/// Show what is in the purse
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card balance --card bob.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
}

impl Args {
    /// Reads the balance.
    ///
    /// # Errors
    /// If the card cannot be read.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let balance = purse.ask(Doing::Reading, Client::balance)?;
        let json = json!({
            "balance": balance.minor_units(),
            "currency": purse.money.name,
            "decimals": purse.money.decimals,
        });
        Ok(Output::new(&json, purse.show(balance), balance.in_units(purse.money.decimals)))
    }
}

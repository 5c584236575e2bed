//! `digitally pay cancel`

use serde_json::json;

use crate::command::card::CardArg;
use crate::failure::Failure;
use crate::failure::refusal::Doing;
use crate::output::Output;
use crate::purse::Purse;
use crate::session::Session;

/// Cancel a request: it is hidden, and payable still if the payer has paid it by now
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally pay cancel --card bob.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// The request, by its number: see `digitally card log` [default: the newest]
    #[arg(long, value_name = "ID")]
    request: Option<u32>,
}

impl Args {
    /// Cancels the request.
    ///
    /// # Errors
    /// If there is none, or it is cancelled already.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let requests = purse.requests()?;
        let newest = requests.iter().find(|shown| shown.open.cancelled == 0).map(|shown| shown.open.id);
        let id = self.request.or(newest).unwrap_or(0);
        let tries = requests.iter().find(|shown| shown.open.id == id).map_or(0, |shown| shown.open.tries);
        purse.ask(Doing::Cancelling(id), |client| client.cancel(id))?;
        let text = match tries {
            0 => format!("request {id} is cancelled; it had no try left\n"),
            _ => format!(
                "request {id} is cancelled\n\
                 If it was paid all the same, its response is still good:\n\
                 \x20 digitally pay confirm {} --request {id} --code RESPONSE\n",
                purse.card
            ),
        };
        Ok(Output::new(&json!({"request": id, "cancelled": true}), text, id))
    }
}

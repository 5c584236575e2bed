//! `digitally pay last`

use serde_json::json;

use crate::command::card::CardArg;
use crate::failure::refusal::Doing;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::session::Session;

/// Show the response of a payment again
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally pay last --card alice.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// Which payment: 1 the newest, 2 the one before it, and so on
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u8).range(1..))]
    number: u8,
}

impl Args {
    /// Reads the payment and its response.
    ///
    /// # Errors
    /// If there is no such payment.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let back = self.number.saturating_sub(1);
        let last = purse.ask(Doing::ShowingAgain, |client| client.last(back))?;
        let payee = match last.entry.peer {
            Some(number) => purse.person(number)?,
            None => {
                return Err(
                    Failure::new(ErrorCode::CardAnswer, "the card does not say who was paid").help("see --trace")
                );
            }
        };
        let json = json!({
            "code": last.code.ungrouped().to_string(),
            "entry": last.entry.number,
            "payee": payee.number.to_string(),
            "name": payee.name,
            "amount": last.entry.amount.minor_units(),
            "balance": last.entry.balance.minor_units(),
            "currency": purse.money.name,
        });
        let text = format!("{}\n{} paid to {payee}\n", last.code, purse.show(last.entry.amount));
        Ok(Output::new(&json, text, last.code.ungrouped()))
    }
}

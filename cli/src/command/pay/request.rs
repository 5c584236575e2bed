//! `digitally pay request`

use serde_json::json;

use crate::command::card::CardArg;
use crate::failure::Failure;
use crate::failure::refusal::Doing;
use crate::output::Output;
use crate::purse::Purse;
use crate::session::Session;
use crate::typed;

/// Ask somebody for money: shows the code that the payer types
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally pay request --card bob.card --from +254700000001 --amount 400")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// Who is to pay: a phone number with + and country code, or a contact's name
    #[arg(long, value_name = "WHO")]
    from: String,
    /// How much, in currency units
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,
}

impl Args {
    /// Opens a request.
    ///
    /// # Errors
    /// If what was typed is malformed, or the purse refuses.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let amount = typed::amount(&self.amount, &purse.money)?;
        let payer = purse.who(&self.from)?;
        purse.not_oneself(&payer)?;
        let before = purse.requests()?;
        let opened = purse.ask(Doing::Requesting(amount), |client| client.request(payer.number, amount))?;
        let after = purse.requests()?;
        let left = before.iter().find(|old| after.iter().all(|shown| shown.open.id != old.open.id));
        if let Some(old) = left.map(|shown| shown.open).filter(|open| open.tries > 0) {
            session.note(&format!(
                "request {} of {} made room for this one: its response cannot be typed any more. \
                 If it was paid, the issuer settles it",
                old.id,
                purse.show(old.amount)
            ));
        }
        let json = json!({
            "request": opened.id,
            "made_room": left.map(|shown| shown.open.id),
            "code": opened.code.ungrouped().to_string(),
            "payer": payer.number.to_string(),
            "name": payer.name,
            "amount": amount.minor_units(),
            "currency": purse.money.name,
        });
        let text = format!(
            "{code}\n\
             {amount} from {payer}, request {id}\n\
             Show or read the code to the payer. When you have the response:\n\
             \x20 digitally pay confirm {card} --code RESPONSE\n",
            code = opened.code,
            amount = purse.show(amount),
            id = opened.id,
            card = purse.card,
        );
        Ok(Output::new(&json, text, opened.code.ungrouped()))
    }
}

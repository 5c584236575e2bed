//! `digitally pay confirm`

use apdu::Sw;
use applet_model::purse::ShownRequest;
use serde_json::json;

use crate::command::card::CardArg;
use crate::failure::refusal::{Doing, tries};
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::purse::{Person, Purse, named};
use crate::session::Session;
use crate::typed;

/// Type the response of the payer: credits the payment
///
/// A response is compared with exactly one open request: the one that is named, or the newest.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally pay confirm --card bob.card --code \"6409 3527\"")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// The response that the payer shows; spaces and dashes in it do no harm
    #[arg(long, value_name = "CODE", num_args = 1.., required = true)]
    code: Vec<String>,
    /// The request that it answers, by its number: see `digitally card log`
    #[arg(long, value_name = "ID", conflicts_with = "from")]
    request: Option<u32>,
    /// The payer whose newest request it answers: a phone number or a contact's name
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
}

/// So many other open requests are listed with a wrong response.
const LISTED: usize = 3;

impl Args {
    /// Types the response in.
    ///
    /// # Errors
    /// If what was typed is malformed, or the purse refuses.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let digits = purse.code_digits()?;
        let code = typed::code(&self.code, digits.response, "response")?;
        let from = self.from.as_deref().map(|who| purse.who(who)).transpose()?;
        let mut requests = purse.requests()?;
        if let Some(from) = &from {
            requests.retain(|shown| shown.open.payer == Some(from.number));
        }
        // One that still bears a try, if there is one.
        let shown = || requests.iter().map(|shown| shown.open).filter(|open| open.cancelled == 0);
        let newest = shown().find(|open| open.tries > 0).or_else(|| shown().next()).map(|open| open.id);
        // Without an open request the purse is asked all the same: it says whether the response was credited already.
        let id = self.request.or(newest).unwrap_or(0);
        let received = match purse.client.confirm(id, code) {
            Ok(received) => received,
            Err(error) => {
                let sw = error.sw();
                let failure = purse.failure(error, Doing::Confirming(id));
                return Err(match (sw, sw.and_then(Sw::tries_left)) {
                    (Some(Sw::REFERENCED_DATA_NOT_FOUND), _) if id == 0 => {
                        nothing_open(&purse, from, &requests, failure)
                    }
                    (_, Some(left)) => wrong(&mut purse, id, left)?,
                    _ => failure,
                });
            }
        };
        let payer = match received.payer {
            Some(number) => purse.person(number)?,
            None => {
                return Err(Failure::new(ErrorCode::CardAnswer, "the card does not say who paid").help("see --trace"));
            }
        };
        let json = json!({
            "entry": received.number,
            "request": id,
            "payer": payer.number.to_string(),
            "name": payer.name,
            "amount": received.amount.minor_units(),
            "balance": received.balance.minor_units(),
            "currency": purse.money.name,
        });
        let text = format!(
            "{} received from {payer}, balance {}\n",
            purse.show(received.amount),
            purse.show(received.balance)
        );
        Ok(Output::new(&json, text, received.balance.in_units(purse.money.decimals)))
    }
}

/// There is no open request: perhaps because all are cancelled.
fn nothing_open(purse: &Purse, from: Option<Person>, requests: &[ShownRequest], failure: Failure) -> Failure {
    let card = &purse.card;
    match (requests.first(), from) {
        (Some(shown), _) => {
            let id = shown.open.id;
            Failure::new(
                ErrorCode::OnlyCancelled,
                format!("the only open requests are cancelled; the newest is request {id}"),
            )
                .help(format!(
                    "nothing was compared. If it was paid all the same, name it:\n  digitally pay confirm {card} --request {id} --code RESPONSE"
                ))
        }
        (None, Some(from)) => Failure::new(ErrorCode::NoRequest, format!("there is no open request to {from}"))
            .help(format!("the log, with the open requests:\n  digitally card log {card}")),
        (None, None) => failure,
    }
}

/// A wrong response: says which request it was compared with, and what else is open.
fn wrong(purse: &mut Purse, id: u32, left: u8) -> Result<Failure, Failure> {
    let (card, contacts) = (purse.card.clone(), purse.contacts()?);
    let requests = purse.requests()?;
    let describe = |shown: &ShownRequest| {
        let payer = shown.open.payer.map(|number| named(&contacts, number).to_string()).unwrap_or_default();
        format!("{} from {payer}", purse.money.show(shown.open.amount))
    };
    let compared = requests.iter().find(|shown| shown.open.id == id).map(describe).unwrap_or_default();
    let others: Vec<&ShownRequest> = requests.iter().filter(|shown| shown.open.id != id).collect();
    let message = format!("this is not the response to request {id}, {compared}; {} for it", tries(left));
    let mut help = match left {
        0 => "nothing was credited; if it was paid, the issuer settles it from both logs".to_owned(),
        _ => "nothing was credited; have the payer read it again: `pay last` shows it on the payer's card".to_owned(),
    };
    if !others.is_empty() {
        help += ". If it answers another request, say which:";
    }
    for shown in others.iter().take(LISTED) {
        let id = shown.open.id;
        help += &format!("\n{}:\n  digitally pay confirm {card} --request {id} --code RESPONSE", describe(shown));
    }
    if others.len() > LISTED {
        help += &format!("\nall of them:\n  digitally card log {card}");
    }
    Ok(Failure::new(ErrorCode::ResponseWrong, message).help(help))
}

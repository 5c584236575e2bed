//! `digitally issuer cards`

use std::path::Path;

use ::issuer::register::{Listed, State};
use digitally::Currency;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::issuer::Opened;
use crate::money::Money;
use crate::output::Output;
use crate::typed;

/// List the cards of the register: whose, how far each has come, which piece of plastic it is
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally issuer cards --issuer issuer.json\n  \
                        digitally issuer cards --issuer issuer.json --state keying --state keyed --json")]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// Only those of this phone number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Only those in this state; several for any of them
    #[arg(id = "state", long, value_name = "STATE", value_parser = State::ALL.map(State::name))]
    states: Vec<String>,
}

impl Args {
    /// Lists them.
    ///
    /// # Errors
    /// If the issuer file or its register cannot be worked with.
    pub fn run(&self) -> Result<Output, Failure> {
        let number = self.number.as_deref().map(typed::number).transpose()?;
        let mut listed = Opened::open(Path::new(&self.issuer))?.register.list()?;
        listed.retain(|one| number.is_none_or(|number| one.card.number == number));
        listed.retain(|one| self.states.is_empty() || self.states.iter().any(|state| state == one.card.state.name()));
        let widest = listed.iter().map(|one| one.card.number.to_string().len()).max().unwrap_or(0);
        let mut text: String = listed.iter().map(|one| line(one, widest)).collect();
        if listed.is_empty() {
            text = "no cards\n".to_owned();
        }
        let json = json!({"cards": listed.iter().map(entry).collect::<Vec<_>>()});
        Ok(Output::new(&json, text, listed.len()))
    }
}

fn money(one: &Listed) -> Option<Money> {
    let (currency, decimals) = one.currency?;
    Some(Money::of_card(Currency::new(currency).ok()?, decimals))
}

/// Number, sequence, state, chip, loaded, batch.
fn line(one: &Listed, widest: usize) -> String {
    let card = &one.card;
    let chip = card.chip.map_or_else(|| "-".to_owned(), hex::encode_upper);
    let loaded = money(one).map_or_else(|| "-".to_owned(), |money| money.show(one.loaded));
    let batch = match (&one.batch, card.line) {
        (Some(batch), Some(line)) => format!("  {batch}, line {line}"),
        _ => String::new(),
    };
    let (number, sequence, state) = (card.number.to_string(), card.place.sequence, card.state.name());
    format!("{number:<widest$}  {sequence:>3}  {state:<12}  {chip:<20}  {loaded:>14}{batch}\n")
}

fn entry(one: &Listed) -> Value {
    let (card, money) = (&one.card, money(one));
    json!({
        "msisdn": card.number.to_string(),
        "sequence": card.place.sequence,
        "state": card.state.name(),
        "chip": card.chip.map(hex::encode_upper),
        "batch": one.batch,
        "line": card.line,
        "loaded": one.loaded.minor_units(),
        "currency": money.as_ref().map(|money| &money.name),
        "decimals": money.as_ref().map(|money| money.decimals),
    })
}

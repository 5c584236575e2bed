//! `digitally issuer give-up`

use std::path::Path;

use ::issuer::register::{Card, State};
use serde_json::json;

use crate::failure::{ErrorCode, Failure};
use crate::issuer::Opened;
use crate::output::Output;
use crate::typed::{self, shell_word};

/// Give a card up that is not done: lost or spoilt while it was made
///
/// Its order can then be made again, with another piece of plastic: by the same command, or the same line of the same file.
/// That card has the next sequence number, with keys, PUK and, if derived, a PIN of its own. The piece of plastic that is given
/// up stays in the register, and cannot become another card.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally issuer give-up --issuer issuer.json --number +254700000001 --yes")]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// The phone number it was to be for
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// Which of their cards; the newest that was not given up, if it is left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    sequence: Option<u8>,
    /// Do it: this cannot be undone
    #[arg(long)]
    yes: bool,
}

impl Args {
    /// Gives it up.
    ///
    /// # Errors
    /// If there is no such card, it is done, or `--yes` is missing.
    pub fn run(&self) -> Result<Output, Failure> {
        let number = typed::number(&self.number)?;
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let list = format!("digitally issuer cards --issuer {} --number {number}", shell_word(&self.issuer));
        let cards = opened.register.cards()?.into_iter().filter(|card| card.number == number);
        let wanted = |card: &Card| match self.sequence {
            Some(sequence) => card.place.sequence == sequence,
            None => card.state != State::Void,
        };
        let card = cards.filter(wanted).max_by_key(|card| card.place.sequence).ok_or_else(|| {
            let which = self.sequence.map_or_else(|| "no card".to_owned(), |sequence| format!("no card {sequence}"));
            Failure::new(ErrorCode::CardNotRegistered, format!("the register has {which} of {number} to give up"))
                .help(format!("see which there are: {list}"))
        })?;
        let sequence = card.place.sequence;
        if matches!(card.state, State::Issued | State::Void | State::Earlier) {
            let message = format!("card {sequence} of {number} is {}: it cannot be given up", card.state.name());
            return Err(Failure::new(ErrorCode::CardFinished, message).help(match card.state {
                State::Void => format!("nothing is left to do; see the others: {list}"),
                _ => format!("order the card that replaces it: --replaces {sequence}, or the column of that name"),
            }));
        }
        if !self.yes {
            let message =
                format!("card {sequence} of {number} is {}; given up, it never becomes one", card.state.name());
            return Err(Failure::new(ErrorCode::Usage, message).help("if it is lost or spoilt, say so with --yes"));
        }
        opened.register.give_up(card.id)?;
        let chip = card.chip.map(hex::encode_upper);
        let json = json!({"msisdn": number.to_string(), "sequence": sequence, "was": card.state.name(), "chip": chip});
        let plastic = match &chip {
            Some(chip) => format!("destroy the piece of plastic {chip}: it may hold keys and a purse\n"),
            None => String::new(),
        };
        let text = format!(
            "card {sequence} of {number} is given up; it was {}\n{plastic}its order can be made again, as card {} of the number\n",
            card.state.name(),
            opened.register.next_place(number)?.sequence,
        );
        Ok(Output::new(&json, text, sequence))
    }
}

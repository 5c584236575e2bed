//! `digitally card tear`

use apdu::{Cut, PowerCut};

use super::FileArg;
use crate::failure::medium::file_failure;
use crate::failure::{ErrorCode, Failure};
use crate::medium::open_unpowered;
use crate::memory::{Condition, told};
use crate::output::Output;
use crate::session::Session;
use crate::typed::shell_word;

/// Have the power of a software card fail in a write to its memory
///
/// Writes are counted from now on over all commands, and bytes within the write. The card is not powered up for this: if
/// its power has failed already, what is armed now cuts its recovery. Without --at and --off it shows what is armed, what is
/// half done, and how worn the memory is.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "digitally card tear [OPTIONS] --card <FILE>",
    after_help = "\
Examples:
  digitally card tear --card alice.card --at 3
  digitally card tear --card alice.card --at 3:2 --unstable

Tear a payment at each of its writes; the last round ends without a cut:
  for n in $(seq 1 100); do
    cp alice.card torn.card
    digitally card tear --card torn.card --at $n
    digitally pay authorise --card torn.card --to +254700000002 --amount 400 \\
      --code \"$request\" --pin-file pin.txt 2>&1 | grep -q power-cut || break
    digitally card balance --card torn.card && digitally pay last --card torn.card
  done"
)]
pub struct Args {
    #[command(flatten)]
    card: FileArg,
    /// The write in which the power fails, 1 the next one, and how many of its bytes are written by then: 0 if left out
    #[arg(long, value_name = "N[:BYTE]", allow_negative_numbers = true, conflicts_with = "off")]
    at: Option<String>,
    /// Leave the byte at which the power fails unstable: it reads as its old or its new value
    #[arg(long, requires = "at")]
    unstable: bool,
    /// Disarm: the power does not fail
    #[arg(long)]
    off: bool,
}

impl Args {
    /// Arms or disarms a cut, or shows how it stands.
    ///
    /// # Errors
    /// If what was typed is malformed, or the file cannot be used.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let cut = self.at.as_deref().map(|typed| parse(typed, self.unstable)).transpose()?;
        let path = self.card.path("the power of a card in a reader cannot be cut")?;
        let mut file = open_unpowered(path, session)?;
        if self.off || cut.is_some() {
            file.card_mut().arm(cut);
            file.save().map_err(|error| file_failure(path, &error))?;
        }
        let condition = Condition::of(file.card());
        let text = match &cut {
            Some(cut) => format!(
                "armed: the power fails in {}\nnext: run any command with --card {card}; the one after it powers the card up",
                told(cut),
                card = shell_word(path),
            ),
            None if self.off => "nothing is armed".to_owned(),
            None => condition.text(),
        };
        let quiet = condition.armed.map_or_else(String::new, |cut| format!("{}:{}", cut.write, cut.bytes));
        Ok(Output::new(&condition.json(), text, quiet))
    }
}

/// `N[:BYTE]`.
fn parse(typed: &str, unstable: bool) -> Result<Cut, Failure> {
    let (write, bytes) = typed.split_once(':').map_or((typed, None), |(write, bytes)| (write, Some(bytes)));
    let malformed = |field: &str, rule: String, at: usize, part: &str| {
        // Under nothing there is no place for a label.
        let (at, len) = if part.is_empty() { (0, typed.len()) } else { (at, part.len()) };
        Failure::new(ErrorCode::CutMalformed, format!("{field} of --at is not {rule}"))
            .typed(typed, at, len, format!("not {rule}"))
            .help("write N or N:BYTE, for instance --at 3 or --at 3:2: the 3rd write, after 2 bytes of it")
    };
    // Digits only: parse() would take a plus sign.
    let digits =
        |text: &str| Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned);
    let number = digits(write).and_then(|text| text.parse().ok()).filter(|number| *number > 0);
    let write = number.ok_or_else(|| malformed("N", format!("a number from 1 to {}", u32::MAX), 0, write))?;
    let bytes = match bytes {
        None => 0,
        Some(text) => digits(text).and_then(|text| text.parse().ok()).ok_or_else(|| {
            let at = typed.len().saturating_sub(text.len());
            malformed("BYTE", format!("a number from 0 to {}", u16::MAX), at, text)
        })?,
    };
    Ok(Cut { write, bytes, unstable })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_for_a_cut() {
        let cut = |write, bytes| Ok(Cut { write, bytes, unstable: false });
        let field = |failure: Failure| failure.message().split(' ').next().map(str::to_owned);
        let parse = |typed| parse(typed, false).map_err(field);
        assert_eq!(parse("1"), cut(1, 0));
        assert_eq!(parse("3:2"), cut(3, 2));
        assert_eq!(parse("4294967295:65535"), cut(u32::MAX, u16::MAX));
        for bad in ["", "0", "-1", "+1", "x", " 1", "4294967296", ":1", "1.5"] {
            assert_eq!(parse(bad), Err(Some("N".to_owned())), "{bad}");
        }
        for bad in ["1:", "1:-1", "1:65536", "1:x", "1:1:1"] {
            assert_eq!(parse(bad), Err(Some("BYTE".to_owned())), "{bad}");
        }
    }
}

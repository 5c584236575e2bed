//! `digitally card apdu`

use std::io::Read;

use apdu::{Command, Sw};
use serde_json::json;
use zeroize::Zeroizing;

use super::CardArg;
use super::recorded::Recorded;
use crate::exit::Exit;
use crate::failure::medium::unanswered;
use crate::failure::{ErrorCode, Failure};
use crate::medium::Medium;
use crate::output::Output;
use crate::session::Session;
use crate::trace::{Traced, is_secret};
use crate::typed;

/// Send commands to a card, and show every exchange
///
/// Each argument is one command in hexadecimal; without arguments, each line of standard input is one. Nothing is sent
/// before all of them have been read and found well-formed.
///
/// What the card says is followed: after 6Cxx a command is sent once more with that Le, after 61xx the rest is fetched with
/// GET RESPONSE. With --raw exactly these bytes are sent, whatever they are, and nothing else.
///
/// PINs, keys and codes are masked in what is shown, unless --trace-secrets is given. The exit code is 0 if the last
/// status word is 9000, and 1 if it is any other.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally card apdu --card alice.card 00A404000BF06469676974616C6C790100 805C000204
  echo '00 20 00 81 08 31 32 33 34 FF FF FF FF' | digitally card apdu --card alice.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// The commands, each in hexadecimal; quote one with blanks in it
    #[arg(value_name = "HEX")]
    commands: Vec<String>,
    /// Send exactly these bytes, even if they are no command, and follow nothing
    #[arg(long)]
    raw: bool,
}

impl Args {
    /// Sends them.
    ///
    /// # Errors
    /// If what was typed is malformed, or the card does not answer.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let commands = self.read()?;
        if !self.commands.is_empty() && commands.iter().any(|command| command.len() > 5 && is_secret(command)) {
            session.note(
                "a PIN, key or code in an argument stands in your shell's history now: standard input takes it too",
            );
        }
        let place = self.card.place();
        let card = place.option();
        let mut medium = Medium::open(place, session)?;
        if self.raw {
            medium.send_raw();
        }
        let traced = Traced::new(medium, session.tracing.clone(), session.whose.clone());
        let mut recorded = Recorded::new(traced, session);
        let mut last = Sw::OK;
        for command in &commands {
            last = recorded.say(command, self.raw).map_err(|error| unanswered(error, &card))?.1;
        }
        let exit = if last.is_ok() { Exit::Done } else { Exit::Refused };
        let quiet = recorded.quiet();
        let json = json!({"exchanges": recorded.all, "sw": format!("{:04X}", last.value())});
        Ok(Output::new(&json, "", quiet).exiting(exit))
    }

    /// The commands that were typed.
    fn read(&self) -> Result<Vec<Zeroizing<Vec<u8>>>, Failure> {
        let mut input = Zeroizing::new(String::new());
        let typed: Vec<&str> = if self.commands.is_empty() {
            std::io::stdin().lock().read_to_string(&mut input).map_err(|error| {
                Failure::new(ErrorCode::HexMalformed, format!("standard input cannot be read: {error}"))
                    .help("it takes a command a line, in hexadecimal")
            })?;
            input.lines().filter(|line| !line.trim().is_empty()).collect()
        } else {
            self.commands.iter().map(String::as_str).collect()
        };
        if typed.is_empty() {
            return Err(Failure::new(ErrorCode::HexMalformed, "there is no command to send")
                .help("give it as an argument, for instance 00A4040000, or on standard input, a command a line"));
        }
        let pairs = typed.len() > 1 && typed.iter().all(|word| word.trim().len() == 2);
        let one = |text: &&str| {
            let bytes = typed::bytes(text).map(Zeroizing::new)?;
            match Command::decode(&bytes) {
                Err(error) if !self.raw => {
                    let failure = typed::not_a_command(text, &bytes, error);
                    let all = typed.join(" ");
                    Err(if pairs {
                        failure.help(format!("each argument is one command: quote it, '{all}'"))
                    } else {
                        failure
                    })
                }
                _ => Ok(bytes),
            }
        };
        typed.iter().map(one).collect()
    }
}

//! `digitally card apdu`

use std::io::Read;

use apdu::{Command, ExchangeError, Response, Sw, Transport, exchange};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::CardArg;
use crate::decode;
use crate::exit::Exit;
use crate::failure::medium::unanswered;
use crate::failure::{ErrorCode, Failure};
use crate::medium::{Medium, MediumError};
use crate::output::{self, Format, Output};
use crate::session::Session;
use crate::trace::{Counting, Traced, Veil, answer_json, answer_text, command_json, command_text, is_secret};
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
        let medium = Medium::open(place, session)?;
        let traced = Traced::new(medium, session.tracing.clone(), session.whose.clone());
        let mut recorded = Recorded {
            inner: traced,
            veil: session.veil(),
            asked: Zeroizing::default(),
            all: Vec::new(),
            text: session.format == Format::Text,
        };
        let mut last = Sw::OK;
        for command in &commands {
            last = recorded.say(command, self.raw).map_err(|error| unanswered(error, &card))?;
        }
        let exit = if last.is_ok() { Exit::Done } else { Exit::Refused };
        let json = json!({"exchanges": recorded.all, "sw": format!("{:04X}", last.value())});
        let quiet = recorded.all.last().and_then(|last| last.get("answer")).map(quiet).unwrap_or_default();
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

/// The last answer in short: data, unless it is masked, and status word.
fn quiet(answer: &Value) -> String {
    let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    part("data").to_owned() + part("sw")
}

/// A transport that shows what goes through it, and keeps it.
struct Recorded {
    inner: Traced<Medium>,
    veil: Veil,
    /// The command whose answer GET RESPONSE fetches.
    asked: Zeroizing<Vec<u8>>,
    all: Vec<Value>,
    text: bool,
}

impl Recorded {
    /// Says one command; the last status word.
    fn say(&mut self, command: &[u8], raw: bool) -> Result<Sw, ExchangeError<MediumError>> {
        let mut response = Zeroizing::new(vec![0; LONGEST_ANSWER]);
        match Command::decode(command) {
            Ok(decoded) if !raw => {
                let mut scratch = Zeroizing::new(vec![0; command.len().saturating_add(5)]);
                Ok(exchange(self, &decoded, &mut scratch, &mut response)?.sw)
            }
            _ => {
                let length = self.transmit(command, &mut response).map_err(ExchangeError::Transport)?;
                let answer = response.get(..length).unwrap_or_default();
                Ok(Response::decode(answer).map_err(ExchangeError::Response)?.sw)
            }
        }
    }
}

/// 65,536 bytes of data and a status word.
const LONGEST_ANSWER: usize = 65_538;

impl Transport for Recorded {
    type Error = MediumError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, MediumError> {
        let before = self.inner.inner().writes();
        let length = self.inner.transmit(command, response)?;
        let answer = response.get(..length).unwrap_or_default();
        if !matches!(command, [_, 0xC0, ..]) || self.asked.is_empty() {
            self.asked = Zeroizing::new(command.to_vec());
        }
        let writes = before.and_then(|before| self.inner.inner().writes()?.checked_sub(before));
        let shown = self.veil.shows_answer(&self.asked);
        let (data, sw) = answer.split_at(answer.len().saturating_sub(2));
        let tree = if shown { decode::data(data) } else { Vec::new() };
        let next = <[u8; 2]>::try_from(sw).ok().and_then(|sw| next_step(Sw::from_bytes(sw)));
        if self.text {
            let mut text = format!("{}\n", command_text(command, self.veil));
            text += &format!("{}\n", answer_text(&self.asked, answer, self.veil));
            text += &decode::text(&tree, 2);
            text += &next.as_ref().map(|next| format!("    next: {next}\n")).unwrap_or_default();
            // Whoever reads it may have gone; the card is to be asked all the same.
            let _ = output::print(&text);
        }
        self.all.push(json!({
            "command": command_json(command, self.veil),
            "answer": answer_json(&self.asked, answer, self.veil),
            "decoded": tree,
            "writes": writes,
            "next": next,
        }));
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), MediumError> {
        self.inner.reset()
    }

    fn atr(&self) -> &[u8] {
        self.inner.atr()
    }
}

/// What to do after this status word.
fn next_step(sw: Sw) -> Option<String> {
    let two = sw.value() & 0xFF;
    Some(match sw.value() {
        0x6100..=0x61FF => format!("fetch the rest: 00C00000{two:02X}"),
        0x6C00..=0x6CFF => format!("send it again with Le {two:02X}"),
        0x6282 | 0x6A83 => "there is no more to read there".to_owned(),
        0x63C0 | 0x6983 => "unblock it: digitally card pin unblock".to_owned(),
        0x63C1..=0x63CF => "each further wrong try counts: make sure before you send another one".to_owned(),
        0x6700 => "check Lc and Le, byte by byte: digitally card decode".to_owned(),
        0x6982 => "verify the PIN first: 00 20 00 81 08 and the PIN, padded with FF to 8 bytes".to_owned(),
        0x6985 => "the step before it is missing: docs/applet.md says which, for the purse".to_owned(),
        0x6A82 => "see what is on the card: digitally card list".to_owned(),
        0x6D00 | 0x6E00 => "select the application first, for the purse 00A404000BF06469676974616C6C790100".to_owned(),
        0x9100..=0x91FF => format!("fetch the toolkit's command: 80120000{two:02X}"),
        _ => return None,
    })
}

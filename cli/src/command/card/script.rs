//! `digitally card script`

use std::collections::BTreeMap;
use std::path::Path;

use conversation::{Answer, Files, Missed, RunError, Script, ScriptError, Step};
use serde_json::{Value, json};

use super::Connection;
use crate::cast::{named_twice, one_reader_each, role_of};
use crate::exit::Exit;
use crate::failure::line::{FaultyLine, malformed_line};
use crate::failure::{ErrorCode, Failure};
use crate::medium::Place;
use crate::output::{self, Format, Output};
use crate::session::Session;
use crate::stage::{Company, Over};
use crate::trace::{Veil, answer_json, answer_text, command_json, command_text, is_secret};

/// Play a conversation file to cards, and compare what they answer
///
/// Ends at the first answer that is not as the file expects, and shows byte by byte what was expected and what came; the
/// exit code is 1 then. The cards are image files or in readers, and are changed by what is said to them; without any, fresh
/// software cards with published test keys. The format: conversation/README.md.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally card script payment.talk
  digitally card script payment.talk --card alice=alice.card --card bob=bob.card --issuer issuer.json
  digitally card script payment.talk --reader alice='00 00' --reader bob='00 01'")]
pub struct Args {
    /// The conversation file
    #[arg(value_name = "FILE")]
    script: String,
    #[command(flatten)]
    cast: CastArgs,
    #[command(flatten)]
    connection: Connection,
    /// The issuer file the cards were made with, for `load` and `unload`
    #[arg(long, value_name = "FILE", requires = "cast")]
    issuer: Option<String>,
    /// The transmission protocol of software cards
    #[arg(long, value_enum, default_value = "t1")]
    over: Over,
}

/// Who plays.
#[derive(Debug, clap::Args)]
#[group(id = "cast", multiple = true)]
struct CastArgs {
    /// The card for one role of the script; the name can be left out if there is but one
    #[arg(long = "card", value_name = "[NAME=]FILE")]
    cards: Vec<String>,
    /// Or the card in a reader, for one role likewise; its power cannot be cut
    #[arg(long, value_name = "[NAME=]READER")]
    reader: Vec<String>,
}

impl Args {
    /// Plays it.
    ///
    /// # Errors
    /// If the file cannot be read, or there is no card for a role, or the way to one fails.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let text = conversation::read(Path::new(&self.script)).map_err(|why| {
            Failure::new(ErrorCode::FileUnreadable, format!("{} cannot be read: {why}", self.script))
                .help("check the name, and that you may read the file")
        })?;
        let script =
            Script::parse(&self.script, &text, &mut Files).map_err(|error| malformed(&error, error.to_string()))?;
        let cards = self.cast.places(&script, self.connection)?;
        if cards.is_empty() && !script.roles().is_empty() {
            session.note("played to fresh software cards with published test keys: PIN 1234, PUK 87654321");
        }
        let mut company = Company::new(session, cards, self.issuer.as_deref(), self.over)?;
        let (mut steps, shown) = (Vec::new(), session.format == Format::Text);
        let veil = session.veil();
        let played = script.run(&mut company, &mut |step| {
            if shown {
                let _ = output::print(&step_text(step, veil));
            }
            steps.push(step_json(step, veil));
        });
        let outcome = played.map_err(|error| company.failure.take().unwrap_or_else(|| stopped(&error)))?;
        let count = steps.len();
        let json = json!({
            "script": self.script,
            "as_expected": outcome.missed.is_none(),
            "steps": steps,
            "missed": outcome.missed.as_ref().map(missed_json),
        });
        Ok(match outcome.missed {
            None => {
                let text = format!("{}: {count} exchanges, all as expected", self.script);
                Output::new(&json, &text, "")
            }
            Some(missed) => Output::new(&json, format!("\n{missed}"), &missed).exiting(Exit::Refused),
        })
    }
}

impl CastArgs {
    /// The card of each role that has one.
    fn places(&self, script: &Script, connection: Connection) -> Result<BTreeMap<String, Place<'_>>, Failure> {
        let names: Vec<&str> = script.roles().iter().map(|role| role.name.as_str()).collect();
        let files = self.cards.iter().map(|typed| ("--card NAME=FILE", typed));
        let readers = self.reader.iter().map(|typed| ("--reader NAME=READER", typed));
        let mut places = BTreeMap::new();
        for (form, typed) in files.chain(readers) {
            let (name, card) = role_of(typed, &names, form, "card")?;
            let place = match form.starts_with("--card") {
                true => Place::File(card),
                false => Place::Reader(card, connection.options()),
            };
            if places.insert(name.to_owned(), place).is_some() {
                return Err(named_twice(name, typed));
            }
        }
        one_reader_each(&places)?;
        Ok(places)
    }
}

/// A fault in the file, shown in its line.
pub fn malformed(error: &ScriptError, message: String) -> Failure {
    let at = FaultyLine {
        line: error.line,
        column: error.column,
        text: &error.text,
        span: error.span.clone(),
        may_hold_secret: may_hold_secret(&error.text),
    };
    malformed_line(&at, message, "nothing was sent. How scripts are written: conversation/README.md")
}

/// What stands in lines with a PIN or a code in them.
const SECRET: [&str; 11] =
    ["verify", "change", "unblock", "pin", "puk", "confirm", "check", "authorise", "code", "transmit", "decode"];

/// Whether a line is about a PIN or a code: in words, or in bytes.
fn may_hold_secret(line: &str) -> bool {
    let said = line.split('#').next().unwrap_or(line);
    let command = said.split_once('>').map_or(said, |(_, command)| command);
    let digits: String = command.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    let words = said.to_ascii_lowercase();
    SECRET.iter().any(|word| words.contains(*word))
        || hex::decode(digits).is_ok_and(|bytes| bytes.len() > 1 && is_secret(&bytes))
}

/// Why it was not played to its end.
fn stopped(error: &RunError) -> Failure {
    let help = match error {
        RunError::NoPowerCut { .. } => {
            "nothing of the script was said. The power of software cards can be cut, in image files or fresh ones: leave \
             --reader out, or the line `cut`"
        }
        RunError::Order { .. } => {
            "load and unload are the issuer's: the purse must be selected, and its issuer file named"
        }
        _ => "see every exchange with --trace",
    };
    Failure::new(ErrorCode::ScriptStopped, error.to_string()).help(help)
}

/// What came, status word last; nothing from a card without power.
fn answer(step: &Step<'_>) -> Option<Vec<u8>> {
    match step.answer {
        Answer::Silence => None,
        Answer::Response { data, sw } => Some([&data[..], &sw.bytes()].concat()),
    }
}

fn step_text(step: &Step<'_>, veil: Veil) -> String {
    let answered = answer(step).map_or_else(|| "< silence".to_owned(), |answer| answer_text(step.sent, &answer, veil));
    let exchange = format!("{}\n{answered}", command_text(step.sent, veil));
    let indented: String = exchange.lines().map(|line| format!("  {line}\n")).collect();
    format!("{}: {}\n{indented}", step.place, step.said)
}

fn step_json(step: &Step<'_>, veil: Veil) -> Value {
    json!({
        "file": step.place.file,
        "line": step.place.line,
        "card": step.role.name,
        "said": step.said,
        "command": command_json(step.sent, veil),
        "answer": answer(step).map(|answer| answer_json(step.sent, &answer, veil)),
    })
}

fn missed_json(missed: &Missed) -> Value {
    json!({
        "file": missed.place.file,
        "line": missed.place.line,
        "said": missed.said,
        "text": missed.mismatch.to_string(),
    })
}

//! `digitally handset`

use std::collections::BTreeMap;
use std::error::Error;

use applet_model::purse::Language;
use card_sim::Card;
use handset::script::{PlayError, Played, Reason, Script, ScriptError, Stopped};
use handset::{HandsetError, Message, Screen};
use phones::fresh;
use serde_json::{Value, json};

use super::card::Connection;
use crate::cast::{named_twice, one_reader_each, role_of};
use crate::exit::Exit;
use crate::failure::line::{FaultyLine, malformed_line};
use crate::failure::medium::file_failure;
use crate::failure::reader::reader_failure;
use crate::failure::{ErrorCode, Failure};
use crate::medium::{MediumError, Place};
use crate::output::{self, Format, Output};
use crate::phones::{Below, Outbox, Own, Phone, PhoneError, phone};
use crate::session::Session;
use crate::stage::fresh_card;

/// Play a script to basic phones: what people press, and what must be on their screens
///
/// In each phone is an overlay that holds the card of an image file, over a simulated SIM or one in a reader. Every change
/// is in the image before the phone hears of it. Ends at the first screen that is not as the script expects; the exit code
/// is 1 then. Without --phone, the phones have fresh software cards with published test keys, PIN 1234 and 1000.00 each; the first
/// one's number is +254700000001. How scripts are written: handset/README.md.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally handset handset/scripts/payment.phones
  digitally handset payment.phones --phone alice=alice.card --phone bob=bob.card --outbox sent.jsonl")]
pub struct Args {
    /// The script
    #[arg(value_name = "SCRIPT")]
    script: String,
    /// The card in one phone of the script: its image file; the name can be left out if there is but one
    #[arg(long = "phone", value_name = "[NAME=]FILE")]
    phones: Vec<String>,
    /// The SIM below the overlay in one phone: a card in a reader, instead of a simulated one
    #[arg(long = "sim", id = "reader", value_name = "[NAME=]READER")]
    sims: Vec<String>,
    #[command(flatten)]
    connection: Connection,
    /// Add the short messages that the phones send to this file: one JSON object a line, with `phone` and `tpdu`
    #[arg(long, value_name = "FILE")]
    outbox: Option<String>,
}

impl Args {
    /// Plays it.
    ///
    /// # Errors
    /// If the script cannot be read, a card cannot be used, or a phone or its card fails.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let script = read_script(&self.script)?;
        let names: Vec<&str> = script.phones().collect();
        let mut phones = self.phones(&names, session)?;
        let mut outbox = self.outbox.as_deref().map(Outbox::open).transpose()?;
        let (mut steps, shown) = (Vec::new(), session.format == Format::Text);
        let played = script.play(&mut phones, &mut |step| {
            if shown {
                let _ = output::print(&step.to_string());
            }
            steps.push(step_json(step));
        });
        // Also if it ended early: what was sent was sent.
        let messages = take_messages(&mut phones, &names);
        if let Some(outbox) = &mut outbox {
            messages.iter().try_for_each(|(phone, message)| outbox.add(phone, &message.tpdu))?;
            outbox.sync()?;
        }
        let missed = match played {
            Ok(()) => None,
            Err(PlayError::Stopped(stopped)) if matches!(stopped.why, Reason::Missed(_)) => Some(stopped),
            Err(error) => return Err(self.stopped(&error, &mut phones, shown)),
        };
        let json = json!({
            "script": self.script,
            "as_expected": missed.is_none(),
            "steps": steps,
            "missed": missed.as_deref().map(missed_json),
            "messages": messages.iter().map(message_json).collect::<Vec<_>>(),
        });
        let sent: String = messages.iter().map(message_text).collect();
        Ok(match missed {
            None => Output::new(&json, format!("{sent}{}: {} steps, all as expected", self.script, steps.len()), ""),
            Some(missed) => Output::new(&json, format!("{sent}\n{missed}"), &missed).exiting(Exit::Refused),
        })
    }

    /// The phones, off.
    fn phones(&self, names: &[&str], session: &Session) -> Result<BTreeMap<String, Phone>, Failure> {
        let mut files = BTreeMap::new();
        for typed in &self.phones {
            let (name, file) = role_of(typed, names, "--phone NAME=FILE", "phone")?;
            if files.insert(name, file).is_some() {
                return Err(named_twice(name, typed));
            }
        }
        let mut sims = BTreeMap::new();
        for typed in &self.sims {
            let (name, reader) = role_of(typed, names, "--sim NAME=READER", "phone")?;
            if sims.insert(name.to_owned(), Place::Reader(reader, self.connection.options())).is_some() {
                return Err(named_twice(name, typed));
            }
        }
        one_reader_each(&sims)?;
        if files.is_empty() {
            session.note("played with fresh software cards with published test keys: PIN 1234");
        }
        (1..)
            .zip(names)
            .map(|(number, name)| {
                let own = match files.get(name) {
                    Some(path) => Own::open(path, session)?,
                    None if files.is_empty() => Own::Memory(Box::new(fresh_for(number, session)?)),
                    None => {
                        let message =
                            format!("the script has a phone `{name}`, and no card's image file is named for it");
                        let help = format!("add --phone {name}=FILE; without any it is played with fresh cards");
                        return Err(Failure::new(ErrorCode::ScriptCard, message).help(help));
                    }
                };
                let below = match sims.get(*name) {
                    Some(place) => Below::open(*place, session)?,
                    None => Below::simulated(number),
                };
                Ok(((*name).to_owned(), phone(own, below, &session.of(name))))
            })
            .collect()
    }

    /// Why it was not played to its end, where no screen is to blame. What was on it is shown.
    fn stopped(&self, error: &PlayError<PhoneError>, phones: &mut BTreeMap<String, Phone>, shown: bool) -> Failure {
        let PlayError::Stopped(stopped) = error else {
            return Failure::new(ErrorCode::ScriptStopped, error.to_string()).help("please report this");
        };
        if shown {
            let _ = output::print(&format!("{}\n{}", stopped.said, stopped.screen));
        }
        let dark = phones.values_mut().any(|phone| !phone.card().inner().card().is_on());
        let causes = causes(&stopped.why);
        match causes.iter().find_map(|cause| cause.downcast_ref::<MediumError>()) {
            Some(MediumError::File { path, error }) => return file_failure(path, error),
            Some(MediumError::Reader(error)) => {
                let sim = self.sims.first().map_or("", String::as_str);
                return reader_failure(error, &Place::Reader(sim, self.connection.options()).option(), None);
            }
            _ => {}
        }
        let why: Vec<String> = causes.iter().map(ToString::to_string).collect();
        let message = format!("{}:{}: {}: {}", stopped.file, stopped.line, stopped.said, why.join(": "));
        let help = if matches!(&stopped.why, Reason::Phone(HandsetError::OutOfReach)) {
            "phones with a battery and a SIM to take out lie on a table:\n  digitally phones --script FILE"
        } else if dark {
            "the power of a card failed, and nothing is lost: the next `boot` powers it up, and what was paid is under \
             \"Last code\""
        } else {
            "see every exchange with --trace"
        };
        Failure::new(ErrorCode::ScriptStopped, message).help(help)
    }
}

/// The script in this file.
///
/// # Errors
/// If it cannot be read, with the place in its line.
pub(super) fn read_script(path: &str) -> Result<Script, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| {
        Failure::new(ErrorCode::FileUnreadable, format!("{path} cannot be read: {why}"))
            .help("check the name, and that you may read the file")
    };
    let text = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(text).map_err(|_| unreadable(&"it is no text in UTF-8"))?;
    Script::parse(path, &text).map_err(|error| malformed(&error))
}

/// A card for the phone with this number, counted from 1: somebody in Kenya.
fn fresh_for(number: usize, session: &Session) -> Result<Card, Failure> {
    fresh_card(fresh::number(number)?, fresh::BALANCE, Some(fresh::menu(Language::English)?), session)
}

/// What the phones have sent, phone by phone.
fn take_messages<'a>(phones: &mut BTreeMap<String, Phone>, names: &[&'a str]) -> Vec<(&'a str, Message)> {
    let mut messages = Vec::new();
    for name in names {
        let sent = phones.get_mut(*name).map(Phone::take_outbox).unwrap_or_default();
        messages.extend(sent.into_iter().map(|message| (*name, message)));
    }
    messages
}

/// A fault in the script, shown in its line. A PIN may be typed there.
fn malformed(error: &ScriptError) -> Failure {
    let at = FaultyLine {
        line: error.line,
        column: error.column,
        text: &error.text,
        span: error.span.clone(),
        may_hold_secret: ["type", "press"].iter().any(|step| error.text.contains(step)),
    };
    malformed_line(&at, error.message.clone(), "nothing was pressed. How scripts are written: handset/README.md")
}

/// An error and its causes.
pub(super) fn causes<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source()).collect()
}

pub(super) fn step_json(step: &Played) -> Value {
    let ignored: Vec<String> = step.ignored.iter().map(ToString::to_string).collect();
    json!({
        "line": step.line,
        "said": step.said,
        "ignored": ignored,
        "kept": step.kept,
        "screen": step.screen.as_ref().map(screen_json),
    })
}

fn screen_json(screen: &Screen) -> Value {
    json!(screen.lines().collect::<Vec<_>>())
}

pub(super) fn missed_json<E: Error>(missed: &Stopped<E>) -> Value {
    json!({
        "file": missed.file,
        "line": missed.line,
        "said": missed.said,
        "why": missed.why.to_string(),
        "screen": screen_json(&missed.screen),
    })
}

fn message_json((phone, message): &(&str, Message)) -> Value {
    json!({"phone": phone, "to": message.destination, "tpdu": hex::encode_upper(&message.tpdu)})
}

fn message_text((phone, message): &(&str, Message)) -> String {
    format!("{phone}: short message to {}, {} bytes\n", message.destination, message.tpdu.len())
}

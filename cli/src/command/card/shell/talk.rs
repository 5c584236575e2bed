//! One typed line: what it means, what it does to the card, and what is shown of that.

use std::cell::RefCell;
use std::rc::Rc;

use apdu::{Command, ExchangeError, PowerCut, Sw, Transport};
use conversation::{Answer, Dialogue, Turn, Utterance};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::history::has_digits;
use super::manual;
use crate::atr;
use crate::command::card::decode::decoded;
use crate::command::card::recorded::Recorded;
use crate::command::card::script;
use crate::failure::medium::unanswered;
use crate::failure::{ErrorCode, Failure};
use crate::issuer::Issuer;
use crate::medium::MediumError;
use crate::output::{self, Format};
use crate::secret::{Secret, Source, digits};
use crate::session::Session;
use crate::stage::{no_issuer, write_order};
use crate::trace::is_secret;
use crate::typed;

/// A card, and what has been said to it.
pub struct Talk<'s> {
    /// The card.
    pub card: Recorded,
    /// What has been said, and the names in it.
    pub dialogue: Rc<RefCell<Dialogue>>,
    /// The option that names the card.
    pub option: String,
    /// Who can write orders.
    pub issuer: Option<Issuer>,
    /// How results are wanted.
    pub session: &'s Session,
    /// Whether somebody is there to be asked for PINs.
    pub asks: bool,
    /// The number of the line, from 1 on.
    pub line: u32,
    /// Whether the line may be kept: none with a PIN, a key or a code may, and none that may have one.
    pub is_kept: bool,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// What it asks for.
    Well,
    /// The card answered something else than 9000.
    Unlike,
    /// The answer before is not as it says.
    Missed,
    /// It is the last one.
    Quit,
}

/// What every message is followed by when the card is lost.
const RECONNECT: &str = "`reset` connects to the card again, once it is there";

impl Talk<'_> {
    /// Does what a line asks for.
    ///
    /// # Errors
    /// If it is malformed, or the card does not answer.
    pub fn line(&mut self, text: &str) -> Result<Done, Failure> {
        let text = text.trim();
        let (word, rest) = text.split_once([' ', '\t']).map_or((text, ""), |(word, rest)| (word, rest.trim()));
        self.is_kept = !has_digits(text, 4);
        match (word, rest) {
            ("quit" | "exit", "") => Ok(Done::Quit),
            ("help" | "?", words) => {
                let found = manual::help(words)?;
                let forms: Vec<Value> =
                    found.iter().map(|usage| json!({"form": usage.form, "does": usage.does})).collect();
                let quiet: Vec<&str> = found.iter().map(|usage| usage.form.as_str()).collect();
                self.show("help", &json!({"help": forms}), &manual::text(&found, !words.is_empty()), &quiet.join("\n"))
            }
            ("atr", "") => self.show_atr("atr"),
            ("decode", bytes) => {
                self.is_kept = typed::bytes(bytes).is_ok_and(|bytes| !holds_secret(&bytes));
                let found = decoded(bytes, None, self.session.veil())?;
                self.show("decode", &found.json, &found.text, &found.titles)
            }
            _ => self.say(text),
        }
    }

    /// Shows what is no exchange.
    fn show(&self, said: &str, fields: &Value, text: &str, quiet: &str) -> Result<Done, Failure> {
        output::print(&match self.session.format {
            Format::Text => text.to_owned(),
            Format::Quiet => quiet.to_owned(),
            Format::Json => {
                let mut object = json!({"line": self.line, "said": said});
                if let (Some(object), Some(fields)) = (object.as_object_mut(), fields.as_object()) {
                    object.extend(fields.clone());
                }
                object.to_string()
            }
        })?;
        Ok(Done::Well)
    }

    fn show_atr(&self, said: &str) -> Result<Done, Failure> {
        let atr = self.card.atr();
        let bytes = hex::encode_upper(atr);
        self.show(said, &json!({"atr": bytes, "atr_parts": atr::parts(atr)}), &atr::text(atr), &bytes)
    }

    /// Something in the words of conversations.
    fn say(&mut self, text: &str) -> Result<Done, Failure> {
        let asked = self.ask(text)?;
        let text = gaps(asked.as_deref().map_or(text, String::as_str));
        let turn = self.dialogue.borrow_mut().read(&text);
        match turn.map_err(|error| {
            script::malformed(&error, error.message.clone()).help("`help` lists what can be said; nothing was sent")
        })? {
            Turn::Say(utterance) => {
                // What was typed at the prompt for PINs is in no line.
                self.is_kept = asked.is_some() || !holds_secret(&utterance.bytes);
                self.exchange(&utterance)
            }
            Turn::Order(order) => {
                self.is_kept = true;
                let issuer = self.issuer.as_ref().ok_or_else(no_issuer)?;
                let card = self.card.inner_mut();
                let written = write_order(card, order, |number, sequence| Ok(issuer.card_key(number, sequence)?));
                let written = written.map_err(|error| no_order(error.to_string()))?;
                let utterance = self.dialogue.borrow().ordered(order, written).map_err(no_order)?;
                self.exchange(&utterance)
            }
            Turn::Reset => self.reset(),
            Turn::Cut(cut) => match self.card.inner_mut().inner_mut().software_mut() {
                Some(card) => {
                    card.arm(cut);
                    self.show("cut", &json!({}), "", "")
                }
                None => Err(Failure::new(ErrorCode::SoftwareCardOnly, "the power of a card in a reader cannot be cut")
                    .help("`reset` turns it off and on; that of a software card can be: --card FILE")),
            },
            Turn::Compared(None) => {
                // A status has four digits, a code has more.
                self.is_kept = !has_digits(&text, 5);
                self.show("<", &json!({"as_expected": true}), "", "")
            }
            Turn::Compared(Some(mismatch)) => {
                self.is_kept = !has_digits(&text, 5);
                let text = mismatch.to_string();
                self.show("<", &json!({"as_expected": false, "text": text}), &text, &text)?;
                Ok(Done::Missed)
            }
            _ => self.show(text.split(' ').next().unwrap_or_default(), &json!({}), "", ""),
        }
    }

    /// The line with the PINs that were left out, where somebody can be asked for them.
    fn ask(&self, text: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let names = if self.asks { Dialogue::secrets(text) } else { Vec::new() };
        let mut given: Vec<Zeroizing<String>> = Vec::new();
        for (name, alone) in names.iter().map(|name| (*name, names.len() == 1)) {
            let block = match name {
                "PUK" => Source::Prompt.read(Secret::Puk)?,
                "new PIN" => Source::Prompt.read_new(Secret::NewPin)?,
                // VERIFY without a PIN asks for the tries.
                _ if alone => match Source::Prompt.read_or_nothing(Secret::Pin, "PIN (none: only the tries left)")? {
                    Some(block) => block,
                    None => return Ok(None),
                },
                _ => Source::Prompt.read(Secret::Pin)?,
            };
            given.push(Zeroizing::new(digits(&block).iter().copied().map(char::from).collect()));
        }
        let given: Vec<&str> = given.iter().map(|secret| secret.as_str()).collect();
        Ok(if given.is_empty() { None } else { Dialogue::with_secrets(text, &given) })
    }

    fn exchange(&mut self, utterance: &Utterance) -> Result<Done, Failure> {
        let Utterance { bytes, followed, said } = utterance;
        if *followed && let Err(error) = Command::decode(bytes) {
            let shown = Zeroizing::new(hex::encode_upper(bytes));
            return Err(typed::not_a_command(&shown, bytes, error)
                .help("what each length means: docs/applet.md; to send these very bytes all the same: transmit HEX"));
        }
        self.card.all.clear();
        let answered = self.card.say(bytes, !followed);
        let quiet = self.card.quiet();
        let exchanges = std::mem::take(&mut self.card.all);
        let (answer, sw) = match answered {
            Ok((data, sw)) => (Answer::Response { data: data.to_vec(), sw }, Some(sw)),
            Err(ExchangeError::Transport(MediumError::PowerCut(outage))) => {
                let text = format!("< silence: {outage}. `reset` powers it up");
                self.show(
                    said,
                    &json!({"exchanges": exchanges, "sw": null, "silence": outage.to_string()}),
                    &text,
                    "",
                )?;
                self.dialogue.borrow_mut().answered(Answer::Silence);
                return Ok(Done::Unlike);
            }
            Err(error) => {
                let failure = unanswered(error, &self.option);
                let lost =
                    matches!(failure.code(), ErrorCode::CardGone | ErrorCode::CardReset | ErrorCode::PcscService);
                return Err(if lost { failure.help(RECONNECT) } else { failure });
            }
        };
        self.dialogue.borrow_mut().answered(answer);
        let sw_text = sw.map(|sw| format!("{:04X}", sw.value()));
        self.show(said, &json!({"exchanges": exchanges, "sw": sw_text}), "", &quiet)?;
        Ok(if sw.is_some_and(Sw::is_ok) { Done::Well } else { Done::Unlike })
    }

    fn reset(&mut self) -> Result<Done, Failure> {
        self.card.reset().map_err(|error| unanswered(ExchangeError::Transport(error), &self.option).help(RECONNECT))?;
        if self.card.inner_mut().inner_mut().software().is_some_and(|card| !card.is_on()) {
            let why = "the power of the card failed again, while it recovered from the cut before";
            return Err(Failure::new(ErrorCode::PowerCut, why).help("`reset` powers it up once more"));
        }
        let summary = format!("ATR {}: {}", hex::encode_upper(self.card.atr()), atr::summary(self.card.atr()));
        self.show("reset", &json!({"atr": hex::encode_upper(self.card.atr())}), &summary, "")
    }
}

fn no_order(why: String) -> Failure {
    Failure::new(ErrorCode::ScriptStopped, format!("there is no order: {why}"))
        .help("`load` and `unload` are the issuer's: select the purse first, of a card that this issuer made")
}

/// Whether a command carries a PIN, a key or a code.
fn holds_secret(bytes: &[u8]) -> bool {
    bytes.len() > 5 && is_secret(bytes)
}

/// Bytes with colons or dashes between them, as conversations take them.
fn gaps(text: &str) -> Zeroizing<String> {
    let is_gap = |character: char| matches!(character, ':' | '-');
    let bytes = text.chars().all(|c| c.is_ascii_hexdigit() || c.is_ascii_whitespace() || is_gap(c));
    Zeroizing::new(if bytes { text.replace(is_gap, " ") } else { text.to_owned() })
}

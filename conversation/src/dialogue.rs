//! A conversation that somebody types: line after line to one card, in the words of the files.

use std::fmt;

use apdu::{Channel, Cut};
use applet_model::purse::IssuerOrder;

use crate::answer::Layout;
use crate::error::ScriptError;
use crate::expect::{Answer, Expect, Mismatch};
use crate::kind::{Bytes, Kind};
use crate::manual::{self, Place};
use crate::said::{Said, ordered};
use crate::scope::{Kept, Known, Naming, Scope, Value};
use crate::stage::{Order, Role};
use crate::statement::{Exchange, Statement, nothing_said};
use crate::word::{Fault, Word, Words, split};

/// What a typed line asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum Turn {
    /// Nothing is to be done now: a comment, a `set`.
    Nothing,
    /// This is to be said to the card; what it answers is told by [`Dialogue::answered`].
    Say(Utterance),
    /// The issuer's order is to be written; [`Dialogue::ordered`] makes a command of it.
    Order(Order),
    /// Power off and on.
    Reset,
    /// The power is to fail so, or not any more.
    Cut(Option<Cut>),
    /// The last answer is as expected, or differs so.
    Compared(Option<Mismatch>),
}

/// What is to be said to the card.
pub struct Utterance {
    /// The bytes, with the PINs in them; wiped on drop.
    pub bytes: Bytes,
    /// Whether an answer that comes in pieces is put together.
    pub followed: bool,
    /// The line in its usual form, without PINs.
    pub said: String,
}

impl fmt::Debug for Utterance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

/// A conversation with one card, as it is typed.
///
/// Its lines are those of a script for one card, where the `>` may be left out, and a name may be given anew.
pub struct Dialogue {
    scope: Scope,
    kept: Kept,
    line: u32,
    channel: Channel,
    layout: Option<Layout>,
    answer: Option<Answer>,
}

impl fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is set may be a PIN.
        write!(f, "Dialogue({} lines)", self.line)
    }
}

/// The role of the only card.
const CARD: &str = "card";
/// What messages call the lines that are typed.
const TYPED: &str = "typed";

impl Default for Dialogue {
    fn default() -> Self {
        let mut scope = Scope::default();
        scope.roles.push(Role { name: CARD.to_owned(), number: None, balance: None });
        scope.renames = true;
        Self { scope, kept: Kept::default(), line: 0, channel: Channel::BASIC, layout: None, answer: None }
    }
}

impl Dialogue {
    /// Reads the next line.
    ///
    /// # Errors
    /// What is wrong in it. The error holds the line, and with it perhaps a PIN.
    pub fn read(&mut self, text: &str) -> Result<Turn, ScriptError> {
        self.line = self.line.saturating_add(1);
        let turn = split(text).and_then(|words| self.turn(&words, text.len()));
        turn.map_err(|fault| ScriptError::new(TYPED, self.line, text, fault))
    }

    /// Keeps what the card answered to the last utterance, for a `<` that may come.
    pub fn answered(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    /// The command that brings an order which was asked for, now that the issuer has written it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ordered(&self, order: Order, written: IssuerOrder) -> Result<Utterance, String> {
        let said = match order {
            Order::Load(amount) => format!("load {}", amount.in_units(self.scope.decimals)),
            Order::Unload(amount) => format!("unload {}", amount.in_units(self.scope.decimals)),
        };
        Ok(Utterance { bytes: ordered(order, written, self.channel)?, followed: true, said })
    }

    fn turn(&mut self, words: &[Word], length: usize) -> Result<Turn, Fault> {
        let Some((first, rest)) = words.split_first() else { return Ok(Turn::Nothing) };
        let place = format!("line {}", self.line);
        if first.is("<") {
            return self.compare(first, rest, &place).map(Turn::Compared);
        }
        let prompted = words.iter().take(2).any(|word| word.is(">"));
        let statement = match first.text.as_str() {
            "card" | "include" if !prompted && !first.quoted => {
                let message = format!("`{}` is for files: here there is one card, and what is typed", first.text);
                return Err(first.fault(message));
            }
            "set" | "cut" | "reset" | "decimals" => Statement::parse(words, &mut self.scope, &place, true)?,
            _ if prompted => Statement::parse(words, &mut self.scope, &place, true)?,
            _ => {
                let said = Said::parse(Words::new(words), &self.scope)?;
                Statement::Say(Box::new(Exchange { role: 0, channel: None, said, expected: Vec::new() }))
            }
        };
        match statement {
            Statement::Decimals(_) | Statement::Card(_) | Statement::Set { .. } => Ok(Turn::Nothing),
            Statement::Reset(_) => Ok(Turn::Reset),
            Statement::Cut { cut, .. } => Ok(Turn::Cut(cut)),
            Statement::Say(exchange) => self.say(&exchange).map_err(|message| Fault::new(0..length, message)),
        }
    }

    fn say(&mut self, exchange: &Exchange) -> Result<Turn, String> {
        let Exchange { channel, said, .. } = exchange;
        let channel = channel.as_ref().map(|channel| number(channel, &self.kept)).transpose()?;
        self.channel = channel.unwrap_or(Channel::BASIC);
        (self.layout, self.answer) = (said.layout(), None);
        if let Some(order) = said.order(&self.kept)? {
            return Ok(Turn::Order(order));
        }
        let mut text = String::new();
        // Writing to a string never fails.
        let _ = said.write(&mut text, false);
        let bytes = said.bytes(self.channel, &self.kept)?.unwrap_or_default();
        Ok(Turn::Say(Utterance { bytes, followed: said.is_followed(), said: text }))
    }

    fn compare(&mut self, sign: &Word, words: &[Word], place: &str) -> Result<Option<Mismatch>, Fault> {
        let answer = self.answer.as_ref().ok_or_else(|| nothing_said(sign))?;
        let mut naming: Vec<Naming<'_>> = Vec::new();
        let expect = Expect::parse(Words::new(words), self.layout, &self.scope, &mut naming)?;
        let compared = expect.compare(answer, &mut self.kept, self.scope.decimals);
        let compared = compared.map_err(|message| sign.fault(message))?;
        if compared.is_ok() {
            for Naming { word, name, kind } in naming {
                self.scope.define(word, &name, Known::Kept(kind), place)?;
            }
        }
        Ok(compared.err())
    }

    /// What is missing in a line that ends where a PIN or PUK could come, in words to ask for it; nothing in any other line.
    #[must_use]
    pub fn secrets(text: &str) -> Vec<&'static str> {
        manual::of_words(text).map(manual::secrets).unwrap_or_default()
    }

    /// The same line with these PINs in their places. What is typed is read as any other line.
    #[must_use]
    pub fn with_secrets(text: &str, secrets: &[impl AsRef<str>]) -> Option<zeroize::Zeroizing<String>> {
        let verb = manual::of_words(text).filter(|verb| !manual::secrets(verb).is_empty())?;
        Some(manual::with_secrets(verb, secrets))
    }

    /// What may stand at the end of this beginning of a line: where the word begins that it completes, and the words.
    #[must_use]
    pub fn complete(&self, before: &str) -> (usize, Vec<String>) {
        let start = before.rfind([' ', '\t']).map_or(0, |blank| blank.saturating_add(1));
        let (behind, begun) = before.split_at_checked(start).unwrap_or_default();
        let words: Vec<String> = split(behind).unwrap_or_default().into_iter().map(|word| word.text).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let place = match words.iter().position(|word| *word == ">") {
            Some(sign) => Place::Command(words.get(sign.saturating_add(1)..).unwrap_or_default()),
            None if words.first() == Some(&"<") => Place::Answer(self.layout),
            None => Place::Line(&words),
        };
        let mut all = if begun.starts_with('$') { self.scope.variables() } else { manual::next(place) };
        all.retain(|word| word.starts_with(begun));
        all.sort();
        all.dedup();
        (start, all)
    }
}

fn number(channel: &Value, kept: &Kept) -> Result<Channel, String> {
    let bytes = channel.bytes(Some(Kind::Count(1)), kept)?;
    let number = bytes.first().copied().unwrap_or_default();
    Channel::new(number).ok_or_else(|| format!("there is no channel {number}"))
}

//! One line of a script that does something.

use std::fmt;

use apdu::{Channel, Cut};

use crate::answer::Layout;
use crate::expect::Expect;
use crate::kind::Kind;
use crate::said::Said;
use crate::scope::{Known, Naming, Scope, Value};
use crate::stage::Role;
use crate::word::{Fault, Word, Words, is_name, quote, shown, split};

/// What is said to a card, and what it must answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) role: usize,
    pub(crate) channel: Option<Value>,
    pub(crate) said: Said,
    pub(crate) expected: Vec<Expected>,
}

/// What must be answered, and the line that says so.
#[derive(Clone)]
pub(crate) struct Expected {
    pub(crate) line: u32,
    pub(crate) expect: Expect,
}

impl PartialEq for Expected {
    fn eq(&self, other: &Self) -> bool {
        self.expect == other.expect
    }
}

impl Eq for Expected {}

/// One line that does something.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    Decimals(u8),
    Card(usize),
    Set { name: String, text: String },
    Say(Box<Exchange>),
    Cut { role: usize, cut: Option<Cut> },
    Reset(usize),
}

/// What the first word of a line can be, for messages.
const STATEMENTS: &str = "`card`, `set`, `include`, `decimals`, `cut`, `reset`, `alice> …` or `< …`";
/// The name of a card that has none.
const NAMELESS: &str = "card";
const MOST_ROLES: usize = 16;

impl Statement {
    /// Reads a line that is neither empty, nor an `include`, nor what a card must answer.
    pub(crate) fn parse(words: &[Word], scope: &mut Scope, place: &str, fresh: bool) -> Result<Self, Fault> {
        let mut words = Words::new(words);
        if let Some(said) = prompt(&words) {
            let (role, channel) = said?.resolve(scope)?;
            while let Some(word) = words.take() {
                if word.is(">") {
                    break;
                }
            }
            let command = words.clone();
            let said = Said::parse(words, scope)?;
            if let (Some(_), Said::Raw { .. }, Some(first)) = (&channel, &said, command.peek()) {
                return Err(
                    first.fault("bytes carry their own class byte, and with it the channel: say them without one")
                );
            }
            return Ok(Self::Say(Box::new(Exchange { role, channel, said, expected: Vec::new() })));
        }
        let first = words.want(STATEMENTS)?;
        let statement = match first.text.as_str() {
            _ if first.quoted => Err(first.not(STATEMENTS)),
            "decimals" if !fresh => Err(first.fault("`decimals` comes before everything else")),
            "decimals" => decimals(&mut words, scope),
            "card" => card(first, &mut words, scope, place),
            "set" => set(&mut words, scope, place),
            "cut" => cut(first, &mut words, scope),
            "reset" => Ok(Self::Reset(role(first, &mut words, scope)?)),
            _ => Err(first.not(STATEMENTS)),
        }?;
        words.finish().map(|()| statement)
    }

    /// Writes it as it would be typed, with or without the PINs in it.
    pub(crate) fn write(&self, f: &mut dyn fmt::Write, roles: &[Role], secrets: bool, decimals: u8) -> fmt::Result {
        let name = |role: &usize| roles.get(*role).map_or("", |role| role.name.as_str());
        match self {
            Self::Decimals(decimals) => write!(f, "decimals {decimals}"),
            Self::Card(role) => {
                f.write_str("card")?;
                let Some(role) = roles.get(*role) else { return Ok(()) };
                if role.name != NAMELESS {
                    write!(f, " {}", role.name)?;
                }
                role.number.iter().try_for_each(|number| write!(f, " {number}"))?;
                role.balance.iter().try_for_each(|balance| write!(f, " {}", balance.in_units(decimals)))
            }
            Self::Set { name, text } => write!(f, "set {name} {}", plain_or_quoted(text)),
            Self::Say(exchange) => {
                f.write_str(name(&exchange.role))?;
                exchange.channel.iter().try_for_each(|channel| write!(f, ".{}", channel.text()))?;
                f.write_str("> ")?;
                exchange.said.write(f, secrets)
            }
            Self::Cut { role, cut: None } => write!(f, "cut {} never", name(role)),
            Self::Cut { role, cut: Some(Cut { write, bytes, unstable }) } => {
                write!(f, "cut {} at write {write}", name(role))?;
                match (bytes, unstable) {
                    (0, false) => Ok(()),
                    (1, false) => f.write_str(" after 1 byte"),
                    (bytes, false) => write!(f, " after {bytes} bytes"),
                    (1, true) => f.write_str(" after 1 byte unstable"),
                    (bytes, true) => write!(f, " after {bytes} bytes unstable"),
                }
            }
            Self::Reset(role) => write!(f, "reset {}", name(role)),
        }
    }
}

impl Exchange {
    /// Adds what must be answered, from the words behind `<`.
    pub(crate) fn expect(&mut self, words: &[Word], line: u32, scope: &mut Scope, place: &str) -> Result<(), Fault> {
        let mut naming: Vec<Naming<'_>> = Vec::new();
        let expect = Expect::parse(Words::new(words), self.layout(), scope, &mut naming)?;
        for Naming { word, name, kind } in naming {
            scope.define(word, &name, Known::Kept(kind), place)?;
        }
        self.expected.push(Expected { line, expect });
        Ok(())
    }

    const fn layout(&self) -> Option<Layout> {
        self.said.layout()
    }
}

/// The part of a line before its `>`.
struct Prompt<'w> {
    sign: &'w Word,
    head: Option<&'w Word>,
}

/// The prompt, if the line has one; a fault if it is none.
fn prompt<'w>(words: &Words<'w>) -> Option<Result<Prompt<'w>, Fault>> {
    let mut words = words.clone();
    let (first, second) = (words.take()?, words.take());
    match second {
        _ if first.is(">") => Some(Ok(Prompt { sign: first, head: None })),
        Some(sign) if sign.is(">") && !first.quoted => Some(Ok(Prompt { sign, head: Some(first) })),
        Some(sign) if sign.is(">") => Some(Err(first.not("the name of a card"))),
        _ => None,
    }
}

impl Prompt<'_> {
    /// Whom it means, and on which channel.
    fn resolve(&self, scope: &Scope) -> Result<(usize, Option<Value>), Fault> {
        let Some(head) = self.head else { return Ok((scope.only_role(self.sign)?, None)) };
        let (name, channel) = match head.text.split_once('.') {
            Some((name, channel)) => (name, Some(channel)),
            None => (head.text.as_str(), None),
        };
        let role = if name.is_empty() { scope.only_role(head)? } else { scope.role(head, name)? };
        let Some(channel) = channel else { return Ok((role, None)) };
        let start = head.at.end.saturating_sub(channel.len());
        let word = [Word { text: channel.to_owned(), quoted: false, at: start..head.at.end }];
        let value = Value::parse(&mut Words::new(&word), Kind::Count(1), scope)?;
        let known = match &value {
            Value::Written { bytes, .. } | Value::Constant { bytes, .. } => bytes.first().copied(),
            Value::Kept { .. } => None,
        };
        match known.filter(|number| Channel::new(*number).is_none()) {
            Some(number) => {
                let message = format!("there are channels 0 to {}, and no channel {number}", Channel::MAX);
                Err(Fault::new(start..head.at.end, message))
            }
            None => Ok((role, Some(value))),
        }
    }
}

fn decimals(words: &mut Words<'_>, scope: &mut Scope) -> Result<Statement, Fault> {
    const WHAT: &str = "the decimals of the currency, 0 to 4";
    let word = words.want(WHAT)?;
    let decimals = word.text.parse().ok().filter(|decimals| *decimals <= 4 && word.text.len() == 1);
    scope.decimals = decimals.ok_or_else(|| word.not(WHAT))?;
    Ok(Statement::Decimals(scope.decimals))
}

fn card(first: &Word, words: &mut Words<'_>, scope: &mut Scope, place: &str) -> Result<Statement, Fault> {
    if scope.roles.len() >= MOST_ROLES {
        return Err(first.fault(format!("a script has at most {MOST_ROLES} cards")));
    }
    let (mut at, mut name) = (first, NAMELESS.to_owned());
    if let Some(word) = words.peek().filter(|word| is_name(&word.text) && !word.quoted) {
        words.take();
        (at, name) = (word, word.text.clone());
    }
    // `cut at write 1` means the only card, and not one of that name.
    if matches!(name.as_str(), "at" | "never") {
        return Err(at.fault(format!("a card cannot be called `{name}`: `cut` would misread it")));
    }
    let mut role = Role { name, number: None, balance: None };
    let mut number = None;
    if words.peek().is_some_and(|word| word.text.starts_with('+') && !word.quoted) {
        let Value::Written { bytes, .. } = Value::parse(words, Kind::Number, scope)? else {
            return Err(first.not("`card`"));
        };
        role.number = bytes.first_chunk().and_then(|bytes| digitally::Msisdn::from_bcd(bytes).ok());
        number = Some(bytes);
    }
    if let Some(word) = words.peek() {
        if !word.quoted && !word.text.starts_with(|c: char| c.is_ascii_digit() || c == '$') {
            return Err(
                word.not("a name such as `alice`, a phone number such as +254700000001, or an amount such as 400.00")
            );
        }
        match Value::parse(words, Kind::Amount, scope)? {
            Value::Written { bytes, .. } | Value::Constant { bytes, .. } => {
                role.balance = bytes.first_chunk().copied().map(u32::from_be_bytes).map(digitally::Amount::new);
            }
            Value::Kept { .. } => {
                return Err(word.fault("cards come before everything that is answered: write the amount"));
            }
        }
    }
    scope.define(at, &role.name, Known::Number(number), place)?;
    scope.roles.push(role);
    Ok(Statement::Card(scope.roles.len().saturating_sub(1)))
}

fn set(words: &mut Words<'_>, scope: &mut Scope, place: &str) -> Result<Statement, Fault> {
    let word = words.want("a name, and what it stands for")?;
    words.clone().want("what the name stands for")?;
    let mut texts = Vec::new();
    for text in words.rest() {
        if text.text.starts_with('$') && !text.quoted {
            return Err(text.fault("`set` gives a name to what is written there, not to another variable"));
        }
        texts.push(text.text.as_str());
    }
    let (name, text) = (word.text.clone(), texts.join(" "));
    if word.text.starts_with('$') {
        return Err(word.fault("`set` takes the name alone; the `$` comes where it is used"));
    }
    scope.define(word, &name, Known::Text(text.clone()), place)?;
    Ok(Statement::Set { name, text })
}

/// The role that a `cut` or `reset` names, or the only one.
fn role(first: &Word, words: &mut Words<'_>, scope: &Scope) -> Result<usize, Fault> {
    match words.peek() {
        Some(word) if !word.is("at") && !word.is("never") => {
            words.take();
            scope.role(word, &word.text)
        }
        _ => scope.only_role(first),
    }
}

/// `cut alice at write 3 after 2 bytes unstable`, or `cut alice never`.
fn cut(first: &Word, words: &mut Words<'_>, scope: &Scope) -> Result<Statement, Fault> {
    let role = role(first, words, scope)?;
    if words.take_if("never") {
        return Ok(Statement::Cut { role, cut: None });
    }
    let at = words.want("`at write 1`, or `never`")?;
    if !at.is("at") {
        return Err(at.not("`at write 1`, or `never`"));
    }
    words.want_word("write")?;
    let (word, write) = number(words, "the number of a write")?;
    if write == 0 {
        return Err(word.fault("writes are counted from 1, the next one"));
    }
    let mut cut = Cut { write, bytes: 0, unstable: false };
    if words.take_if("after") {
        let (word, bytes) = number(words, "a number of bytes")?;
        cut.bytes = u16::try_from(bytes).map_err(|_| word.fault(format!("a write has at most {} bytes", u16::MAX)))?;
        let unit = words.want("`bytes`")?;
        if !unit.is("bytes") && !unit.is("byte") {
            return Err(unit.not("`bytes`"));
        }
    }
    cut.unstable = words.take_if("unstable");
    Ok(Statement::Cut { role, cut: Some(cut) })
}

/// A number, with the word that it is.
fn number<'w>(words: &mut Words<'w>, what: &str) -> Result<(&'w Word, u32), Fault> {
    let word = words.want(what)?;
    let digits = word.text.bytes().all(|byte| byte.is_ascii_digit()) && !word.quoted;
    let number = word.text.parse().ok().filter(|_| digits);
    Ok((word, number.ok_or_else(|| word.not(what))?))
}

/// A text as `set` takes it.
fn plain_or_quoted(text: &str) -> String {
    let again = split(text).unwrap_or_default();
    let plain = !again.is_empty() && again.iter().all(|word| !word.quoted && !word.text.starts_with('$'));
    let joined: Vec<&str> = again.iter().map(|word| word.text.as_str()).collect();
    if plain && joined.join(" ") == text { text.to_owned() } else { quote(text) }
}

/// The fault of a `<` that has nothing before it.
pub(crate) fn nothing_said(sign: &Word) -> Fault {
    sign.fault("`<` says what the command before it must answer, and there is none")
}

/// The path of an `include`.
pub(crate) fn included_path<'w>(words: &mut Words<'w>) -> Result<&'w Word, Fault> {
    let word = words.want("the name of a file, in quotes")?;
    if !word.quoted {
        return Err(word.not("the name of a file, in quotes"));
    }
    if word.text.is_empty() {
        return Err(word.not("the name of a file"));
    }
    words.finish()?;
    Ok(word)
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What is set may be a PIN.
            Self::Set { name, .. } => write!(f, "set {}", shown(name)),
            other => other.write(f, &[], false, 2),
        }
    }
}

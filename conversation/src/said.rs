//! What is said to a card: a command in words, bytes as they are, or an order of the issuer.

use std::fmt;

use apdu::{Channel, Cla, ClassKind, Command, SecureMessaging};
use applet_model::purse::{Instruction, IssuerOrder, Load, Unload};
use zeroize::Zeroizing;

use crate::answer::{self, Layout};
use crate::kind::{Bytes, Kind};
use crate::scope::{Kept, Scope, Value, variable};
use crate::stage::Order;
use crate::verb::{self, Part, Values, Verb};
use crate::word::{Fault, Word, Words, shown};

/// What is said.
#[derive(Clone)]
pub(crate) enum Said {
    /// A command in words, with a value for each part of its form that has one.
    Verb(&'static Verb, Vec<Option<Value>>),
    /// Bytes. If they are followed, an answer that comes in pieces is put together.
    Raw { pieces: Vec<Value>, followed: bool },
    /// An order of the issuer.
    Order { load: bool, amount: Value },
}

impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Verb(verb, values), Self::Verb(other, others)) => verb.words == other.words && values == others,
            (Self::Raw { pieces, followed }, Self::Raw { pieces: others, followed: other }) => {
                pieces == others && followed == other
            }
            (Self::Order { load, amount }, Self::Order { load: other, amount: others }) => {
                load == other && amount == others
            }
            _ => false,
        }
    }
}

impl Eq for Said {}

/// No command is longer.
const LONGEST: usize = Command::MAX_LENGTH;

impl Said {
    /// Reads a command.
    pub(crate) fn parse(mut words: Words<'_>, scope: &Scope) -> Result<Self, Fault> {
        let first = words.want("a command")?;
        if first.is("transmit") {
            words.clone().want("bytes in pairs of hex digits")?;
            return raw(words.rest(), scope).map(|pieces| Self::Raw { pieces, followed: false });
        }
        if verb::ORDERS.iter().any(|order| first.is(order)) {
            let amount = Value::parse(&mut words, Kind::Amount, scope)?;
            return words.finish().map(|()| Self::Order { load: first.is("load"), amount });
        }
        let verbs: Vec<&'static Verb> =
            verb::ALL.iter().filter(|verb| verb.words.first().is_some_and(|word| first.is(word))).collect();
        let second = |verb: &Verb| verb.words.get(1).copied();
        let verb = match verbs.as_slice() {
            [] => {
                if first.quoted || !is_raw(first) {
                    let message = format!(
                        "{} is no command: there are {}, and bytes in pairs of hex digits",
                        shown(&first.text),
                        verb::first_words()
                    );
                    return Err(first.fault(message));
                }
                let all: Vec<Word> = std::iter::once(first).chain(words.rest()).cloned().collect();
                return raw(&all, scope).map(|pieces| Self::Raw { pieces, followed: true });
            }
            [only] if second(only).is_none() => only,
            several => {
                let names: Vec<String> =
                    several.iter().filter_map(|verb| second(verb)).map(|word| format!("`{word}`")).collect();
                let what = match names.as_slice() {
                    [one] => one.clone(),
                    names => format!("one of {}", names.join(", ")),
                };
                let word = words.want(&what)?;
                let found = several.iter().find(|verb| second(verb).is_some_and(|second| word.is(second)));
                found.ok_or_else(|| word.not(&what))?
            }
        };
        let values = form(verb.form, &mut words, scope)?;
        words.finish().map(|()| Self::Verb(verb, values))
    }

    /// What it answers, if that has named fields.
    pub(crate) const fn layout(&self) -> Option<Layout> {
        match self {
            Self::Verb(verb, _) => Some(verb.layout),
            Self::Order { .. } => Some(answer::RECEIPT),
            Self::Raw { .. } => None,
        }
    }

    /// The bytes to send on this channel; nothing for an order, which others write.
    ///
    /// # Errors
    /// What a card answered cannot be used here.
    pub(crate) fn bytes(&self, channel: Channel, kept: &Kept) -> Result<Option<Bytes>, String> {
        match self {
            Self::Order { .. } => Ok(None),
            Self::Raw { pieces, .. } => {
                let mut all = Zeroizing::new(Vec::new());
                for piece in pieces {
                    all.extend_from_slice(&piece.bytes(None, kept)?);
                    if all.len() > LONGEST {
                        return Err(format!("a command has at most {LONGEST} bytes"));
                    }
                }
                Ok(Some(all))
            }
            Self::Verb(verb, values) => {
                let kinds = verb.form.iter().filter_map(|part| match part {
                    Part::Word(_) => None,
                    Part::Of(kind) | Part::Maybe(kind) => Some(Some(*kind)),
                    Part::Flag(_) => Some(None),
                });
                let resolved: Result<Vec<Option<Bytes>>, String> = values
                    .iter()
                    .zip(kinds)
                    .map(|(value, kind)| value.as_ref().map(|value| value.bytes(kind, kept)).transpose())
                    .collect();
                let frame = (verb.frame)(&Values(&resolved?)).ok_or("a value cannot be part of this command")?;
                let command = frame.command().map_err(|error| error.to_string())?;
                on_channel(&command, channel).map(Some)
            }
        }
    }

    /// The order that it is, if it is one.
    ///
    /// # Errors
    /// What a card answered is no amount.
    pub(crate) fn order(&self, kept: &Kept) -> Result<Option<Order>, String> {
        let Self::Order { load, amount } = self else { return Ok(None) };
        let bytes = amount.bytes(Some(Kind::Amount), kept)?;
        let minor = bytes.first_chunk().copied().map(u32::from_be_bytes).ok_or("an amount has 4 bytes")?;
        let amount = digitally::Amount::new(minor);
        Ok(Some(if *load { Order::Load(amount) } else { Order::Unload(amount) }))
    }

    /// Whether an answer that comes in pieces is put together.
    pub(crate) const fn is_followed(&self) -> bool {
        !matches!(self, Self::Raw { followed: false, .. })
    }

    /// Writes it, with or without the PINs in it.
    pub(crate) fn write(&self, f: &mut dyn fmt::Write, secrets: bool) -> fmt::Result {
        match self {
            Self::Order { load: true, amount } => write!(f, "load {}", amount.text()),
            Self::Order { load: false, amount } => write!(f, "unload {}", amount.text()),
            Self::Raw { pieces, followed } => {
                let texts: Vec<String> = pieces.iter().map(Value::text).collect();
                let text = texts.join(" ");
                f.write_str(if *followed { "" } else { "transmit " })?;
                match text.get(5..11) {
                    // Behind the header of a command with a PIN all is hidden, also the length.
                    Some(_) if !secrets && hides(text.get(3..5)) => {
                        write!(f, "{} …", text.get(..11).unwrap_or_default())
                    }
                    _ => f.write_str(&text),
                }
            }
            Self::Verb(verb, values) => {
                f.write_str(&verb.words.join(" "))?;
                let mut values = values.iter();
                for part in verb.form {
                    match part {
                        Part::Word(word) => write!(f, " {word}")?,
                        Part::Of(kind) | Part::Maybe(kind) => match values.next().and_then(Option::as_ref) {
                            Some(Value::Written { .. }) if kind.is_secret() && !secrets => f.write_str(" ****")?,
                            Some(value) => write!(f, " {}", value.text())?,
                            None => {}
                        },
                        Part::Flag(word) => {
                            if values.next().is_some_and(Option::is_some) {
                                write!(f, " {word}")?;
                            }
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

/// Whether the instruction of these two digits carries a PIN.
fn hides(digits: Option<&str>) -> bool {
    digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).is_some_and(carries_pin)
}

/// Whether a command with this instruction carries a PIN: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER. ISO/IEC 7816-4.
pub(crate) const fn carries_pin(instruction: u8) -> bool {
    matches!(instruction, 0x20 | 0x24 | 0x2C)
}

fn form(parts: &[Part], words: &mut Words<'_>, scope: &Scope) -> Result<Vec<Option<Value>>, Fault> {
    let mut values = Vec::new();
    for part in parts {
        match part {
            // What stands here instead may be a PIN, and is not repeated.
            Part::Word(word) if parts.iter().any(|part| matches!(part, Part::Of(kind) if kind.is_secret())) => {
                words.want_word(word).map_err(|fault| Fault::new(fault.at, format!("expected `{word}`")))?;
            }
            Part::Word(word) => words.want_word(word)?,
            Part::Of(kind) => values.push(Some(Value::parse(words, *kind, scope)?)),
            Part::Maybe(kind) => {
                let flagged = |word: &Word| parts.iter().any(|part| matches!(part, Part::Flag(flag) if word.is(flag)));
                let there = words.peek().is_some_and(|word| !flagged(word));
                values.push(if there { Some(Value::parse(words, *kind, scope)?) } else { None });
            }
            Part::Flag(word) => {
                let there = words.take_if(word);
                values.push(there.then(|| Value::Written { text: (*word).into(), bytes: Bytes::default() }));
            }
        }
    }
    Ok(values)
}

/// Whether a command in bytes can begin with this word.
fn is_raw(word: &Word) -> bool {
    variable(word).is_some() || (!word.text.is_empty() && word.text.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Bytes, and variables between them.
fn raw(words: &[Word], scope: &Scope) -> Result<Vec<Value>, Fault> {
    let (mut pieces, mut written) = (Vec::new(), Bytes::default());
    for word in words {
        match variable(word) {
            Some(name) => {
                if !written.is_empty() {
                    pieces.push(Value::of_bytes(std::mem::take(&mut written)));
                }
                pieces.push(Value::bytes_of_variable(word, name, scope)?);
            }
            None if word.quoted || !is_raw(word) => {
                return Err(word.not("bytes in pairs of hex digits, or a variable"));
            }
            None => {
                written.extend_from_slice(&crate::kind::hex_bytes(&word.text).map_err(|reason| word.fault(reason))?);
                if written.len() > LONGEST {
                    return Err(word.fault(format!("a command has at most {LONGEST} bytes")));
                }
            }
        }
    }
    if !written.is_empty() {
        pieces.push(Value::of_bytes(written));
    }
    Ok(pieces)
}

/// The command that brings an order of the issuer, in the bytes for this channel.
///
/// # Errors
/// There is no such class byte.
pub(crate) fn ordered(order: Order, written: IssuerOrder, channel: Channel) -> Result<Bytes, String> {
    let frame = match order {
        Order::Load(_) => Load { order: written }.frame(),
        Order::Unload(_) => Unload { order: written }.frame(),
    };
    let command = frame.command().map_err(|error| error.to_string())?;
    on_channel(&command, channel)
}

/// The bytes of a command, with the class byte of this channel.
///
/// # Errors
/// There is no such class byte.
fn on_channel(command: &Command<'_>, channel: Channel) -> Result<Bytes, String> {
    let cla = match (channel, command.cla().kind()) {
        (Channel::BASIC, _) => Ok(command.cla()),
        (_, ClassKind::Proprietary) => Cla::proprietary(channel, false, SecureMessaging::None),
        _ => Cla::interindustry(channel, false, SecureMessaging::None),
    };
    let cla = cla.map_err(|error| error.to_string())?;
    let command = Command::with_case(
        command.case(),
        cla,
        command.ins(),
        command.p1(),
        command.p2(),
        command.data(),
        command.ne(),
    )
    .map_err(|error| error.to_string())?;
    let mut bytes = Zeroizing::new(vec![0; command.encoded_len()]);
    command.encode(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

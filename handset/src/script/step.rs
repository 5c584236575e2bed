//! A step: what one line of a script does with a phone, or looks for on its screen.

use std::fmt;

use super::pattern::Pattern;
use super::word::{Fault, Word, Words, as_word, quote, shown};
use crate::screen::HEIGHT;
use crate::{Grip, Key};

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Boot,
    Reboot,
    Grip(Grip),
    Press(Vec<Key>),
    Select(String),
    Type(Typed),
    /// So many seconds, or until the phone stops waiting.
    Wait(Option<u32>),
    /// The pattern is on the screen; with `false`, it is not.
    Expect(bool, Pattern),
    /// The pattern is this line, from 1.
    ExpectLine(usize, Pattern),
    ExpectIdle,
    Keep(String, Pattern),
}

/// What is keyed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Text(String),
    /// What was kept under this name.
    Kept(String),
}

/// Words that stand for one key.
const SHORT: [(&str, Key); 6] = [
    ("ok", Key::Ok),
    ("back", Key::Back),
    ("end", Key::End),
    ("help", Key::Help),
    ("clear", Key::Clear),
    ("menu", Key::Menu),
];
/// A day.
const LONGEST_WAIT: u32 = 86_400;

impl Step {
    /// Reads the words of one step.
    pub(super) fn parse(words: &mut Words<'_>) -> Result<Self, Fault> {
        let first = words.want("a step")?;
        if let Some((_, key)) = SHORT.iter().find(|(word, _)| first.is(word)) {
            return words.finish().map(|()| Self::Press(vec![*key]));
        }
        let step = match first.text.as_str() {
            _ if first.quoted => return Err(unknown(first)),
            "boot" => Self::Boot,
            "reboot" => Self::Reboot,
            "power" => Self::Grip(Grip::Power),
            "battery" if words.take_if("at") => {
                Self::Grip(Grip::BatteryAt(write(words.want("the number of a write")?)?))
            }
            "battery" => Self::Grip(Grip::Battery),
            "sim" => Self::Grip(Grip::Sim),
            "press" => Self::Press(keys(words)?),
            "select" => Self::Select(text(words.want_quoted("the text of an item")?)?),
            "type" => Self::Type(typed(words.want("what is keyed in")?)?),
            "wait" => Self::Wait(words.take().map(seconds).transpose()?),
            "expect" => expected(words)?,
            "keep" => {
                let name = words.want("a name")?.name()?.to_owned();
                let word = words.want_quoted("what is on the screen")?;
                let pattern = Pattern::new(&word.text);
                if !pattern.has_wildcard() {
                    return Err(word.fault("nothing is kept: `?` stands for each digit to keep"));
                }
                Self::Keep(name, pattern)
            }
            _ => return Err(unknown(first)),
        };
        words.finish().map(|()| step)
    }
}

fn unknown(word: &Word) -> Fault {
    let steps = "boot, reboot, press, select, type, wait, expect, keep, ok, back, end, help, clear, menu, power, battery and sim";
    word.fault(format!("there is no step {}; the steps are {steps}", shown(&word.text)))
}

fn keys(words: &mut Words<'_>) -> Result<Vec<Key>, Fault> {
    let key = |word: &Word| word.text.parse::<Key>().map_err(|error| word.fault(error.to_string()));
    let mut keys = vec![key(words.want("a key")?)?];
    while let Some(word) = words.take() {
        keys.push(key(word)?);
    }
    Ok(keys)
}

fn text(word: &Word) -> Result<String, Fault> {
    if word.text.trim().is_empty() {
        Err(word.fault("there is nothing in these quotes"))
    } else {
        Ok(word.text.clone())
    }
}

fn typed(word: &Word) -> Result<Typed, Fault> {
    match word.text.strip_prefix('$').filter(|_| !word.quoted) {
        Some(name) => Word { text: name.to_owned(), ..word.clone() }.name().map(|name| Typed::Kept(name.to_owned())),
        None if word.text.is_empty() => Err(word.fault("there is nothing in these quotes")),
        None => Ok(Typed::Text(word.text.clone())),
    }
}

fn seconds(word: &Word) -> Result<u32, Fault> {
    let seconds = word.text.parse().ok().filter(|seconds| (1..=LONGEST_WAIT).contains(seconds));
    seconds
        .ok_or_else(|| word.fault(format!("{} is no time: it is in seconds, 1 to {LONGEST_WAIT}", shown(&word.text))))
}

/// More than any card does between two touches.
const LAST_WRITE: u32 = 10_000;

fn write(word: &Word) -> Result<u32, Fault> {
    let write = word.text.parse().ok().filter(|write| (1..=LAST_WRITE).contains(write));
    write.ok_or_else(|| word.fault(format!("{} is no write: they are 1 to {LAST_WRITE}", shown(&word.text))))
}

fn expected(words: &mut Words<'_>) -> Result<Step, Fault> {
    if words.take_if("idle") {
        return Ok(Step::ExpectIdle);
    }
    if words.take_if("line") {
        let word = words.want("the number of a line")?;
        let line = word.text.parse().ok().filter(|line| (1..=HEIGHT).contains(line));
        let line =
            line.ok_or_else(|| word.fault(format!("{} is no line: they are 1 to {HEIGHT}", shown(&word.text))))?;
        return Ok(Step::ExpectLine(line, Pattern::new(&words.want_quoted("what is on the line")?.text)));
    }
    let there = !words.take_if("no");
    let wanted = words.want_quoted("what is on the screen, or `no`, `line` or `idle`,")?;
    Ok(Step::Expect(there, Pattern::new(&text(wanted)?)))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boot => f.write_str("boot"),
            Self::Reboot => f.write_str("reboot"),
            Self::Grip(Grip::Power) => f.write_str("power"),
            Self::Grip(Grip::Battery) => f.write_str("battery"),
            Self::Grip(Grip::BatteryAt(write)) => write!(f, "battery at {write}"),
            Self::Grip(Grip::Sim) => f.write_str("sim"),
            Self::Press(keys) => {
                if let Some((word, _)) = SHORT.iter().find(|(_, key)| keys.as_slice() == [*key]) {
                    return f.write_str(word);
                }
                f.write_str("press")?;
                keys.iter().try_for_each(|key| match key {
                    Key::Hash => f.write_str(" \"#\""),
                    key => write!(f, " {key}"),
                })
            }
            Self::Select(item) => write!(f, "select {}", quote(item)),
            Self::Type(Typed::Text(text)) => write!(f, "type {}", as_word(text)),
            Self::Type(Typed::Kept(name)) => write!(f, "type ${name}"),
            Self::Wait(None) => f.write_str("wait"),
            Self::Wait(Some(seconds)) => write!(f, "wait {seconds}"),
            Self::Expect(there, pattern) => {
                write!(f, "expect {}{}", if *there { "" } else { "no " }, quote(pattern.text()))
            }
            Self::ExpectLine(line, pattern) => write!(f, "expect line {line} {}", quote(pattern.text())),
            Self::ExpectIdle => f.write_str("expect idle"),
            Self::Keep(name, pattern) => write!(f, "keep {name} {}", quote(pattern.text())),
        }
    }
}

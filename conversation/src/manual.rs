//! The commands for those who type them: how each is written, what it does, and which word can come next.

use zeroize::Zeroizing;

use crate::answer::Layout;
use crate::kind::Kind;
use crate::verb::{self, ALL, Part, Verb};
use crate::word::split;

/// How a command is written, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The words that begin it: `read paid`.
    pub words: String,
    /// How it is written: `confirm ID code CODE`. What stands in brackets may be left out.
    pub form: String,
    /// What it does.
    pub does: String,
    /// The values in it, each by its name in the form, with an example.
    pub values: Vec<(String, String)>,
    /// The fields of its answer, by name.
    pub answers: Vec<&'static str>,
}

/// Every command.
#[must_use]
pub fn usages() -> Vec<Usage> {
    let orders = verb::ORDERS.iter().map(|order| Usage {
        words: (*order).to_owned(),
        form: format!("{order} AMOUNT"),
        does: format!("the issuer's order to {order} the purse"),
        values: vec![(name(Kind::Amount), Kind::Amount.what())],
        answers: fields(Some(crate::answer::RECEIPT)),
    });
    let raw = ["transmit HEX", "HEX"].map(|form| Usage {
        words: form.split(' ').next().unwrap_or(form).to_owned(),
        form: form.to_owned(),
        does: if form == "HEX" { "sends these bytes" } else { "sends these bytes, and follows nothing" }.to_owned(),
        values: vec![("HEX".to_owned(), "bytes in pairs of hex digits".to_owned())],
        answers: Vec::new(),
    });
    let statements = STATEMENTS.iter().map(|(words, form, does)| Usage {
        words: (*words).to_owned(),
        form: (*form).to_owned(),
        does: (*does).to_owned(),
        values: Vec::new(),
        answers: Vec::new(),
    });
    ALL.iter().map(usage).chain(orders).chain(raw).chain(statements).collect()
}

/// The lines that are no commands: the word that begins each, how it is written, and what it does.
const STATEMENTS: [(&str, &str, &str); 5] = [
    ("<", "< ANSWER", "compares the last answer: `< 9000 balance 400.00`; `id as $id` gives a name to a part of it"),
    ("set", "set NAME VALUE", "gives a name to a value, which is `$NAME` from then on"),
    ("decimals", "decimals N", "of the currency in which amounts are written; 2 at the start"),
    ("reset", "reset", "power off and on"),
    ("cut", "cut at write N", "the power of a software card fails just before the N-th write from now on"),
];

fn usage(verb: &Verb) -> Usage {
    let mut form = verb.words.join(" ");
    let mut values = Vec::new();
    let mut secrets = secrets(verb).into_iter();
    for part in verb.form {
        let mut named = |kind: Kind| {
            let own = if kind.is_secret() { secrets.next() } else { None };
            let name = own.map_or_else(|| name(kind), |secret| secret.to_uppercase().replace(' ', "-"));
            values.push((name.clone(), kind.what()));
            name
        };
        form += &match part {
            Part::Word(word) => format!(" {word}"),
            Part::Of(kind) => format!(" {}", named(*kind)),
            Part::Maybe(kind) => format!(" [{}]", named(*kind)),
            Part::Flag(word) => format!(" [{word}]"),
        };
    }
    Usage { words: verb.words.join(" "), form, does: verb.does.to_owned(), values, answers: fields(Some(verb.layout)) }
}

/// What a value is called where a form is shown.
fn name(kind: Kind) -> String {
    match kind {
        Kind::Amount => "AMOUNT",
        Kind::Number => "PHONE",
        Kind::Count(1) => "N",
        Kind::Count(_) => "ID",
        Kind::Code => "CODE",
        Kind::Pin => "PIN",
        Kind::Name => "NAME",
        Kind::Aid => "AID",
        Kind::Bytes(_) | Kind::Text | Kind::Named(_) | Kind::Currency => "VALUE",
    }
    .to_owned()
}

fn fields(layout: Option<Layout>) -> Vec<&'static str> {
    layout.map(|layout| layout.fields().into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
}

/// The command that these words are, and nothing behind them.
pub(crate) fn of_words(text: &str) -> Option<&'static Verb> {
    let words = split(text).ok()?;
    let words = words.split_first().filter(|(first, _)| first.is(">")).map_or(words.as_slice(), |(_, rest)| rest);
    let same = |verb: &&Verb| verb.words.len() == words.len() && verb.words.iter().zip(words).all(|(a, b)| b.is(a));
    ALL.iter().find(same)
}

/// What to call the PINs in a command that has nothing else behind its words.
pub(crate) fn secrets(verb: &Verb) -> Vec<&'static str> {
    let count = verb.form.iter().filter(|part| matches!(part, Part::Of(Kind::Pin) | Part::Maybe(Kind::Pin))).count();
    let old = if verb.words.first() == Some(&"unblock") { "PUK" } else { "PIN" };
    [old, "new PIN"].into_iter().take(count).collect()
}

/// A command with these PINs in their places.
pub(crate) fn with_secrets(verb: &Verb, secrets: &[impl AsRef<str>]) -> Zeroizing<String> {
    // Long enough from the start: a longer one would leave a copy behind.
    let mut line = Zeroizing::new(String::with_capacity(256));
    line.push_str(&verb.words.join(" "));
    let mut secrets = secrets.iter();
    for part in verb.form {
        let word = match part {
            Part::Word(word) => Some(*word),
            Part::Of(_) | Part::Maybe(_) => secrets.next().map(AsRef::as_ref),
            Part::Flag(_) => None,
        };
        word.into_iter().for_each(|word| {
            line.push(' ');
            line.push_str(word);
        });
    }
    line
}

/// Where a word is to come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'w> {
    /// Behind these words of a line without a prompt.
    Line(&'w [&'w str]),
    /// Behind these words of a command.
    Command(&'w [&'w str]),
    /// In an answer of this form.
    Answer(Option<Layout>),
}

/// The words that can come there, as far as they are fixed.
pub(crate) fn next(place: Place<'_>) -> Vec<String> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match place {
        Place::Answer(layout) => {
            [fields(layout), vec!["data", "silence", "9000"]].concat().iter().map(ToString::to_string).collect()
        }
        Place::Line([]) => [next(Place::Command(&[])), owned(&STATEMENTS.map(|(word, ..)| word))].concat(),
        Place::Line(["cut"]) => owned(&["at", "never"]),
        Place::Line(["cut", "at"]) => owned(&["write"]),
        Place::Line(["cut", "at", "write", _]) => owned(&["after", "unstable"]),
        Place::Line(words) => next(Place::Command(words)),
        Place::Command(words) => {
            let mut all: Vec<&str> = ALL.iter().flat_map(|verb| behind(verb, words)).collect();
            if words.is_empty() {
                all.extend(verb::ORDERS);
                all.push("transmit");
            }
            owned(&all)
        }
    }
}

/// The fixed words that can come behind these of a command.
fn behind(verb: &Verb, words: &[&str]) -> Vec<&'static str> {
    let own = verb.words.len().min(words.len());
    if words.get(..own) != verb.words.get(..own) {
        return Vec::new();
    }
    if let Some(word) = verb.words.get(words.len()) {
        return vec![word];
    }
    let mut rest = words.get(own..).unwrap_or_default().iter();
    let fixed = |part: &Part| match part {
        Part::Word(word) | Part::Flag(word) => Some(*word),
        Part::Of(_) | Part::Maybe(_) => None,
    };
    let mut open = Vec::new();
    for part in verb.form {
        let later: Vec<&str> = verb.form.iter().filter_map(fixed).collect();
        match part {
            Part::Word(word) if rest.as_slice().is_empty() => return vec![word],
            Part::Word(word) if rest.next() == Some(word) => {}
            Part::Word(_) => return Vec::new(),
            Part::Of(_) if rest.next().is_none() => return Vec::new(),
            Part::Of(_) => {}
            // A value of several words ends where a fixed one comes.
            Part::Maybe(_) => {
                while rest.as_slice().first().is_some_and(|word| !later.contains(word)) {
                    rest.next();
                }
            }
            Part::Flag(word) if rest.as_slice().first() == Some(word) => drop(rest.next()),
            Part::Flag(word) => open.push(*word),
        }
    }
    if rest.as_slice().is_empty() { open } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(words: &str) -> Vec<String> {
        next(Place::Line(&words.split_whitespace().collect::<Vec<_>>()))
    }

    #[test]
    fn words_that_can_come_next() {
        let first = after("");
        for word in ["select", "change", "load", "transmit", "reset"] {
            assert!(first.iter().any(|found| found == word), "{word}");
        }
        assert_eq!(after("read"), ["paid", "history", "contact", "request"]);
        assert_eq!(after("change"), ["pin"]);
        assert_eq!(after("confirm 7"), ["code"]);
        assert_eq!(after("check 400 to +254700000001"), ["code"]);
        assert!(after("check").is_empty() && after("balance").is_empty() && after("no such").is_empty());
        assert_eq!(after("select"), ["next", "quietly"]);
        assert_eq!(after("select F0 64 next"), ["quietly"]);
        assert_eq!(after("cut at"), ["write"]);
    }

    #[test]
    fn every_command_says_how_it_is_written() {
        let form = |words: &str| usages().into_iter().find(|usage| usage.words == words).unwrap().form;
        assert_eq!(form("confirm"), "confirm ID code CODE");
        assert_eq!(form("verify"), "verify [PIN]");
        assert_eq!(form("unblock pin"), "unblock pin PUK to NEW-PIN");
        assert_eq!(form("select"), "select [AID] [next] [quietly]");
        assert_eq!(form("load"), "load AMOUNT");
        for Usage { words, does, .. } in usages() {
            assert!(!does.is_empty() && !does.ends_with('.'), "{words}");
        }
    }

    /// The table in the README has every command, under its words.
    #[test]
    fn the_readme_has_them_all() {
        let readme = include_str!("../README.md");
        for verb in ALL {
            let words = verb.words.join(" ");
            assert!(readme.contains(&format!("`{words}`")) || readme.contains(&format!("`{words} ")), "{words}");
        }
    }
}

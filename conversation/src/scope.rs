//! The names of a script, roles and variables, as far as it has been read; and the values that are used in it.

use std::collections::HashMap;

use crate::kind::{Bytes, Kind};
use crate::stage::Role;
use crate::word::{Fault, Word, Words, is_name, shown};

/// What is known of a name before anything is run.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// A text that the script sets.
    Text(String),
    /// The phone number of a role; nothing if the script does not say it.
    Number(Option<Bytes>),
    /// What a card will answer, and what that is, if a command says so.
    Kept(Option<Kind>),
}

/// The names so far.
#[derive(Debug)]
pub(crate) struct Scope {
    /// Decimals of the currency.
    pub(crate) decimals: u8,
    /// The roles, in order.
    pub(crate) roles: Vec<Role>,
    /// Whether a name may be given anew.
    pub(crate) renames: bool,
    names: HashMap<String, (Known, String)>,
}

impl Default for Scope {
    fn default() -> Self {
        Self { decimals: 2, roles: Vec::new(), renames: false, names: HashMap::new() }
    }
}

/// A name that a line gives to what is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Naming<'w> {
    pub(crate) word: &'w Word,
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
}

impl Scope {
    /// The most names in a script.
    const MOST: usize = 1_000;

    /// Gives a name a meaning, once.
    pub(crate) fn define(&mut self, word: &Word, name: &str, known: Known, place: &str) -> Result<(), Fault> {
        if !is_name(name) {
            let rule = "begins with a letter, and goes on with letters, digits, `-` and `_`, 32 at most";
            return Err(word.fault(format!("{} is no name: a name {rule}", shown(name))));
        }
        if let Some((_, before)) = self.names.get(name).filter(|_| !self.renames) {
            return Err(word.fault(format!("`{name}` has its meaning already, from {before}")));
        }
        if self.names.len() >= Self::MOST {
            return Err(word.fault(format!("a script has at most {} names", Self::MOST)));
        }
        self.names.insert(name.to_owned(), (known, place.to_owned()));
        Ok(())
    }

    /// All variables, as they are used.
    pub(crate) fn variables(&self) -> Vec<String> {
        self.names.keys().map(|name| format!("${name}")).collect()
    }

    /// What is known of the variable that this word, `$name`, is.
    fn variable(&self, word: &Word, name: &str) -> Result<&Known, Fault> {
        if !is_name(name) {
            return Err(word.fault("a variable is `$` and a name, such as `$amount`"));
        }
        match self.names.get(name) {
            Some((known, _)) => Ok(known),
            None => Err(word.fault(format!("`${name}` is not set before this line"))),
        }
    }

    /// The role of this name.
    pub(crate) fn role(&self, word: &Word, name: &str) -> Result<usize, Fault> {
        let found = self.roles.iter().position(|role| role.name == name);
        found.ok_or_else(|| word.fault(format!("there is no card {} before this line", shown(name))))
    }

    /// The role that is meant where none is named.
    pub(crate) fn only_role(&self, word: &Word) -> Result<usize, Fault> {
        match self.roles.len() {
            1 => Ok(0),
            0 => Err(word.fault("there is no card before this line; say `card`")),
            count => Err(word.fault(format!("there are {count} cards: say which is meant"))),
        }
    }
}

/// A value where a script uses one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Written there.
    Written {
        /// In its usual form.
        text: String,
        /// Its bytes.
        bytes: Bytes,
    },
    /// Written elsewhere in the script, and named there.
    Constant {
        /// That name.
        name: String,
        /// Its bytes.
        bytes: Bytes,
    },
    /// Known only when a card has answered.
    Kept {
        /// The name that the answer gets.
        name: String,
    },
}

impl Value {
    /// Reads a value of this kind.
    pub(crate) fn parse(words: &mut Words<'_>, kind: Kind, scope: &Scope) -> Result<Self, Fault> {
        let what = kind.what();
        let word = words.want(&what)?;
        let wrong = |at, reason: String| Fault::new(at, format!("expected {what}: {reason}"));
        if let Some(name) = variable(word) {
            let name = name.to_owned();
            let constant = |bytes| Self::Constant { name: name.clone(), bytes };
            return match scope.variable(word, &name)? {
                Known::Text(text) => kind.encode(text, scope.decimals).map(constant).map_err(|reason| {
                    let is = if kind.is_secret() { "something else".into() } else { shown(text) };
                    wrong(word.at.clone(), format!("`${name}` is {is}, and {reason}"))
                }),
                Known::Number(Some(bytes)) if kind.takes(Kind::Number) => Ok(constant(bytes.clone())),
                Known::Number(None) if kind.takes(Kind::Number) => {
                    Err(word.fault(format!("the script does not say the number of the card `{name}`")))
                }
                Known::Number(_) => Err(wrong(word.at.clone(), format!("`${name}` is a phone number"))),
                Known::Kept(Some(other)) if !kind.takes(*other) => {
                    Err(wrong(word.at.clone(), format!("`${name}` keeps {}", other.what())))
                }
                Known::Kept(_) => Ok(Self::Kept { name }),
            };
        }
        let (mut text, mut at) = (word.text.clone(), word.at.clone());
        while let Some(next) = words.peek().filter(|next| kind.has_blanks() && !word.quoted && goes_on(kind, next)) {
            text.push(' ');
            text.push_str(&next.text);
            at.end = next.at.end;
            words.take();
        }
        if word.quoted && matches!(kind, Kind::Amount | Kind::Number | Kind::Count(_) | Kind::Named(_)) {
            return Err(wrong(at, "it is written without quotes".into()));
        }
        let bytes = kind.encode(&text, scope.decimals).map_err(|reason| wrong(at, reason))?;
        Ok(Self::Written { text: kind.show(&bytes, scope.decimals), bytes })
    }

    /// Bytes as they stand in the script.
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        Self::Written { text: crate::kind::spaced(&bytes), bytes }
    }

    /// The value of the variable that this word is, as bytes.
    pub(crate) fn bytes_of_variable(word: &Word, name: &str, scope: &Scope) -> Result<Self, Fault> {
        let name = name.to_owned();
        match scope.variable(word, &name)? {
            Known::Text(text) => match crate::kind::hex_bytes(text) {
                Ok(bytes) => Ok(Self::Constant { name, bytes }),
                Err(reason) => Err(word.fault(format!("`${name}` is not bytes: {reason}"))),
            },
            Known::Number(Some(bytes)) => Ok(Self::Constant { name, bytes: bytes.clone() }),
            Known::Number(None) => Err(word.fault(format!("the script does not say the number of the card `{name}`"))),
            Known::Kept(_) => Ok(Self::Kept { name }),
        }
    }

    /// How it is written.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Written { text, .. } => text.clone(),
            Self::Constant { name, .. } | Self::Kept { name } => format!("${name}"),
        }
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Why what a card answered is not of this kind.
    pub(crate) fn bytes(&self, kind: Option<Kind>, kept: &Kept) -> Result<Bytes, String> {
        let name = match self {
            Self::Written { bytes, .. } | Self::Constant { bytes, .. } => return Ok(bytes.clone()),
            Self::Kept { name } => name,
        };
        let (bytes, from) = kept.0.get(name).ok_or_else(|| format!("`${name}` was never answered"))?;
        let Some(kind) = kind else { return Ok(bytes.clone()) };
        let converted = kind.convert(bytes, *from);
        converted
            .ok_or_else(|| format!("`${name}` is {} now, and {} is expected", crate::kind::spaced(bytes), kind.what()))
    }
}

/// What cards have answered, by the names that the script gives to it.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) HashMap<String, (Bytes, Option<Kind>)>);

/// The name of a variable, if this word is one.
pub(crate) fn variable(word: &Word) -> Option<&str> {
    word.text.strip_prefix('$').filter(|_| !word.quoted)
}

/// Whether a value that may have blanks goes on with this word.
fn goes_on(kind: Kind, word: &Word) -> bool {
    let fits = |character: char| match kind {
        Kind::Code => character.is_ascii_digit() || character == '-',
        _ => character.is_ascii_hexdigit(),
    };
    !word.quoted && word.text.chars().all(fits)
}

//! Scripts: what people press on phones, and what must be on their screens, in files that a person likes to write.
//!
//! The form is described in the crate's README.

mod pattern;
mod play;
mod step;
mod word;

pub use play::{Missed, PlayError, Played, Reason, Stopped};

use std::fmt;
use std::ops::Range;

use step::{Step, Typed};
use word::{Fault, Words, shown, split};

use crate::{Grip, Key};

/// A script.
///
/// Two scripts are equal that do and expect the same, wherever their lines stand. `Display` writes a script in its usual
/// form, which reads as the same script. `Debug` shows nothing of what is keyed in.
#[derive(Clone)]
pub struct Script {
    file: String,
    phones: Vec<String>,
    /// Whether the phones have names. Without, there is one.
    named: bool,
    steps: Vec<Located>,
}

/// A step, its phone, and its line.
#[derive(Clone)]
struct Located {
    line: u32,
    phone: usize,
    step: Step,
}

/// Why a script cannot be read: where, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
#[non_exhaustive]
pub struct ScriptError {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
    /// The character in the line, from 1 on.
    pub column: u32,
    /// What is wrong, and what would be right, in one sentence.
    pub message: String,
    /// The line itself. It may hold what its writer would not show: a PIN, for instance.
    pub text: String,
    /// The bytes of the line that are at fault; empty where something is missing.
    pub span: Range<usize>,
}

impl Script {
    /// The most text in a script, in bytes: 1 MiB.
    pub const LONGEST: usize = 1 << 20;
    /// The most steps.
    pub const MOST_STEPS: usize = 20_000;
    /// The most phones.
    pub const MOST_PHONES: usize = 16;
    /// The name of the phone of a script that names none.
    pub const ONLY_PHONE: &'static str = "phone";

    /// Reads a script. `file` is what messages call it.
    ///
    /// All that can be known before a phone is on is checked: steps, keys, names, and that a phone boots first.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScriptError> {
        let script = Self { file: file.to_owned(), phones: Vec::new(), named: false, steps: Vec::new() };
        let mut reader = Reader { script, booted: Vec::new(), kept: Vec::new() };
        if text.len() > Self::LONGEST {
            let fault = Fault::new(0..0, format!("a script has at most {} bytes", Self::LONGEST));
            return Err(ScriptError::new(file, 1, "", fault));
        }
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        for (line, text) in (1..).zip(text.split('\n')) {
            let text = text.strip_suffix('\r').unwrap_or(text);
            reader.line(line, text).map_err(|fault| ScriptError::new(file, line, text, fault))?;
        }
        let mut script = reader.script;
        if !script.named {
            script.phones = vec![Self::ONLY_PHONE.to_owned()];
        }
        Ok(script)
    }

    /// Reads one step for the [`ONLY_PHONE`](Self::ONLY_PHONE), as somebody types it who has the phone in hand: it may be on
    /// already. A step that is nothing but keys needs no `press` before them.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn step(text: &str) -> Result<Self, ScriptError> {
        let read = || {
            let all = split(text)?;
            let keys: Option<Vec<Key>> = all.iter().map(|word| word.text.parse().ok()).collect();
            let step = match keys.filter(|keys| !keys.is_empty()) {
                Some(keys) => Step::Press(keys),
                None => Step::parse(&mut Words::new(&all))?,
            };
            match step {
                Step::Keep(..) | Step::Type(Typed::Kept(_)) => Err(Fault::new(0..text.len(), "nothing is kept here")),
                step => Ok(Located { line: 1, phone: 0, step }),
            }
        };
        let step = read().map_err(|fault| ScriptError::new("", 1, text, fault))?;
        Ok(Self { file: String::new(), phones: vec![Self::ONLY_PHONE.to_owned()], named: false, steps: vec![step] })
    }

    /// The phones that it needs, in order.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        self.phones.iter().map(String::as_str)
    }

    /// A step as it is written, with its phone if that has a name.
    fn said(&self, located: &Located, step: &impl fmt::Display) -> String {
        match self.phones.get(located.phone).filter(|_| self.named) {
            Some(phone) => format!("{phone}: {step}"),
            None => step.to_string(),
        }
    }
}

/// A script that is being read.
struct Reader {
    script: Script,
    /// Of each phone, whether it was booted.
    booted: Vec<usize>,
    kept: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: u32, text: &str) -> Result<(), Fault> {
        let words = split(text)?;
        let mut words = Words::new(&words);
        let Some(first) = words.peek() else { return Ok(()) };
        if words.take_if("phone") {
            let word = words.want("the name of a phone")?;
            let name = word.name()?;
            words.finish()?;
            if !self.script.steps.is_empty() {
                return Err(first.fault("phones are named before the first step"));
            }
            if self.script.phones.iter().any(|other| other == name) {
                return Err(word.fault(format!("there is a phone {} already", shown(name))));
            }
            if self.script.phones.len() >= Script::MOST_PHONES {
                return Err(first.fault(format!("a script has at most {} phones", Script::MOST_PHONES)));
            }
            self.script.phones.push(name.to_owned());
            self.script.named = true;
            return Ok(());
        }
        let phone = match first.text.strip_suffix(':').filter(|_| !first.quoted) {
            Some(name) => {
                words.take();
                let found = self.script.phones.iter().position(|other| other == name);
                found.ok_or_else(|| {
                    first.fault(format!("there is no phone {}: `phone {name}` names one", shown(name)))
                })?
            }
            None if self.script.named => {
                return Err(first.fault("a step begins with the name of its phone and a colon"));
            }
            None => 0,
        };
        let place = words.peek().map_or_else(|| first.at.clone(), |word| word.at.clone());
        let step = Step::parse(&mut words)?;
        self.check(phone, &step).map_err(|message| Fault::new(place, message))?;
        self.script.steps.push(Located { line, phone, step });
        Ok(())
    }

    /// What must hold between steps.
    fn check(&mut self, phone: usize, step: &Step) -> Result<(), String> {
        if self.script.steps.len() >= Script::MOST_STEPS {
            return Err(format!("a script has at most {} steps", Script::MOST_STEPS));
        }
        let booted = self.booted.contains(&phone);
        match step {
            Step::Boot if booted => return Err("this phone is on already: `reboot` starts it again".to_owned()),
            Step::Boot => self.booted.push(phone),
            Step::Grip(Grip::Power) if !booted => self.booted.push(phone),
            Step::Grip(_) => {}
            _ if !booted => return Err("this phone is off: `boot` comes first".to_owned()),
            _ => {}
        }
        match step {
            Step::Keep(name, _) if self.kept.contains(name) => Err(format!("{} is kept already", shown(name))),
            Step::Keep(name, _) => {
                self.kept.push(name.clone());
                Ok(())
            }
            Step::Type(Typed::Kept(name)) if !self.kept.contains(name) => {
                Err(format!("nothing is kept as {}: `keep` comes before", shown(name)))
            }
            _ => Ok(()),
        }
    }
}

impl ScriptError {
    fn new(file: &str, line: u32, text: &str, fault: Fault) -> Self {
        let before = text.get(..fault.at.start).map_or(0, |before| before.chars().count());
        let column = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        Self { file: file.into(), line, column, message: fault.message, text: text.into(), span: fault.at }
    }
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        let steps = |script: &Self| script.steps.iter().map(|at| (at.phone, at.step.clone())).collect::<Vec<_>>();
        (&self.phones, self.named) == (&other.phones, other.named) && steps(self) == steps(other)
    }
}

impl Eq for Script {}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for phone in self.phones.iter().filter(|_| self.named) {
            writeln!(f, "phone {phone}")?;
        }
        self.steps.iter().try_for_each(|located| writeln!(f, "{}", self.said(located, &located.step)))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Script({} phones, {} steps)", self.phones.len(), self.steps.len())
    }
}

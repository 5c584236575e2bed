//! A script: the lines of a file and of those it includes, read and checked before anything is sent.

use std::fmt;

use crate::error::ScriptError;
use crate::include::Includes;
use crate::scope::Scope;
use crate::stage::Role;
use crate::statement::{Statement, included_path, nothing_said};
use crate::word::{Fault, Words, split};

/// Where a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A conversation with cards, as it was written.
///
/// Two scripts are equal that say and expect the same, wherever their lines come from. `Display` writes a script in its
/// usual form, with what it includes in its place; that reads as the same script. It shows the PINs of the script, and
/// `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Script {
    pub(crate) decimals: u8,
    pub(crate) roles: Vec<Role>,
    files: Vec<String>,
    pub(crate) statements: Vec<Located>,
}

/// A statement, and where it stands: the number of the file, and of the line.
#[derive(Clone)]
pub(crate) struct Located {
    file: usize,
    line: u32,
    pub(crate) statement: Statement,
}

impl Script {
    /// The most text in a script, with all that it includes, in bytes: 1 MiB.
    pub const LONGEST: usize = 1 << 20;
    /// The most lines that do something.
    pub const MOST_STATEMENTS: usize = 20_000;
    /// How deep files may include each other.
    pub const DEEPEST: usize = 8;

    /// Reads a script. `name` is what messages call it, and what it includes is named relative to it.
    ///
    /// All that can be known before a card has answered is checked: names, kinds of values, fields of answers.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn parse(name: &str, text: &str, includes: &mut dyn Includes) -> Result<Self, ScriptError> {
        let mut reader = Reader {
            script: Self { decimals: 2, roles: Vec::new(), files: Vec::new(), statements: Vec::new() },
            scope: Scope::default(),
            open: Vec::new(),
            bytes: 0,
            lines: 0,
            includes,
        };
        reader.file(name, text)?;
        let Reader { mut script, scope, .. } = reader;
        script.decimals = scope.decimals;
        script.roles = scope.roles;
        Ok(script)
    }

    /// The cards that it needs, in order.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Decimals of the currency in which it writes amounts.
    #[must_use]
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    /// Whether it cuts the power of the card of this role.
    #[must_use]
    pub fn cuts(&self, role: &str) -> bool {
        self.first_cut(role).is_some()
    }

    /// Where the power of the card of this role is cut first.
    pub(crate) fn first_cut(&self, name: &str) -> Option<Place> {
        let of = |role: usize| self.roles.get(role).is_some_and(|role| role.name == name);
        let cut = |located: &&Located| matches!(located.statement, Statement::Cut { role, .. } if of(role));
        self.statements.iter().find(cut).map(|located| self.place(located))
    }

    /// Where a statement stands.
    pub(crate) fn place(&self, located: &Located) -> Place {
        self.place_of_line(located, located.line)
    }

    /// Where a line of the same file as this statement's is.
    pub(crate) fn place_of_line(&self, located: &Located, line: u32) -> Place {
        Place { file: self.files.get(located.file).cloned().unwrap_or_default(), line }
    }
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        let statements = |script: &Self| script.statements.len();
        let same = |(one, other): (&Located, &Located)| one.statement == other.statement;
        self.decimals == other.decimals
            && self.roles == other.roles
            && statements(self) == statements(other)
            && self.statements.iter().zip(&other.statements).all(same)
    }
}

impl Eq for Script {}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Script({} cards, {} statements)", self.roles.len(), self.statements.len())
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Located { statement, .. } in &self.statements {
            statement.write(f, &self.roles, true, self.decimals)?;
            f.write_str("\n")?;
            if let Statement::Say(exchange) = statement {
                exchange.expected.iter().try_for_each(|expected| writeln!(f, "< {}", expected.expect))?;
            }
        }
        Ok(())
    }
}

/// A script that is being read.
struct Reader<'i> {
    script: Script,
    scope: Scope,
    /// The files that are open, the outermost first.
    open: Vec<String>,
    bytes: usize,
    lines: usize,
    includes: &'i mut dyn Includes,
}

impl Reader<'_> {
    fn file(&mut self, name: &str, text: &str) -> Result<(), ScriptError> {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > Script::LONGEST {
            let message = format!("a script with all that it includes has at most {} bytes", Script::LONGEST);
            return Err(ScriptError::new(name, 1, "", Fault::new(0..0, message)));
        }
        self.open.push(name.to_owned());
        let file = self.script.files.len();
        self.script.files.push(name.to_owned());
        let mut answerable = false;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        for (line, text) in (1_u32..).zip(text.split('\n')) {
            let text = text.strip_suffix('\r').unwrap_or(text);
            let at = At { file, line, name, text };
            answerable = self.line(&at, answerable)?;
        }
        self.open.pop();
        Ok(())
    }

    /// Reads one line, and says whether a `<` may come next.
    fn line(&mut self, at: &At<'_>, answerable: bool) -> Result<bool, ScriptError> {
        let words = split(at.text).map_err(|fault| at.error(fault))?;
        let Some((first, rest)) = words.split_first() else { return Ok(answerable) };
        self.lines = self.lines.saturating_add(1);
        if self.lines > Script::MOST_STATEMENTS {
            let message = format!("a script has at most {} lines that do something", Script::MOST_STATEMENTS);
            return Err(at.error(first.fault(message)));
        }
        let place = format!("{}:{}", at.name, at.line);
        if first.is("<") {
            let last = self.script.statements.last_mut().map(|located| &mut located.statement);
            return match last.filter(|_| answerable) {
                Some(Statement::Say(exchange)) => {
                    let rest = if rest.is_empty() { Err(missing_answer(first)) } else { Ok(rest) };
                    rest.and_then(|rest| exchange.expect(rest, at.line, &mut self.scope, &place))
                        .map_err(|fault| at.error(fault))
                        .map(|()| true)
                }
                _ => Err(at.error(nothing_said(first))),
            };
        }
        if first.is("include") && !rest.first().is_some_and(|second| second.is(">")) {
            let mut rest = Words::new(rest);
            if rest.is_empty() {
                rest = Words::new(&words);
                rest.take();
            }
            let path = included_path(&mut rest).map_err(|fault| at.error(fault))?;
            let included = self.includes.open(at.name, &path.text).map_err(|reason| {
                at.error(path.fault(format!("{} cannot be included: {reason}", crate::word::shown(&path.text))))
            })?;
            if self.open.contains(&included.name) {
                let way: Vec<&str> = self.open.iter().map(String::as_str).chain([included.name.as_str()]).collect();
                return Err(at.error(path.fault(format!("files include each other for ever: {}", way.join(" → ")))));
            }
            if self.open.len() >= Script::DEEPEST {
                let message = format!("files include each other at most {} deep", Script::DEEPEST);
                return Err(at.error(path.fault(message)));
            }
            return self.file(&included.name, &included.text).map(|()| false);
        }
        let fresh = self.script.statements.is_empty();
        let statement = Statement::parse(&words, &mut self.scope, &place, fresh).map_err(|fault| at.error(fault))?;
        let says = matches!(statement, Statement::Say(_));
        self.script.statements.push(Located { file: at.file, line: at.line, statement });
        Ok(says)
    }
}

fn missing_answer(sign: &crate::word::Word) -> Fault {
    Fault::new(sign.at.end..sign.at.end, "the line ends where a status such as 9000, a field, or `silence` is expected")
}

/// The line that is being read.
struct At<'t> {
    file: usize,
    line: u32,
    name: &'t str,
    text: &'t str,
}

impl At<'_> {
    fn error(&self, fault: Fault) -> ScriptError {
        ScriptError::new(self.name, self.line, self.text, fault)
    }
}

//! What there is: lists of tests, one test explained, and what is wrong with a file beside what keeps it from being read.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::error::VectorError;
use crate::kind::{Group, Kind, Test};
use crate::read::ids::Ids;
use crate::read::{self, Head, Source, Visit};
use crate::verify::Filter;

/// A test, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub comment: String,
    /// Its flags.
    pub flags: Vec<String>,
    /// `accept`, `refuse:<rule>` or `malformed:<what>`.
    pub expect: String,
    /// The statements of `docs/protocol.md` that it is about.
    pub statements: Vec<String>,
}

/// A test with everything that is known about it, in the order in which it is to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The test.
    pub test: Listed,
    /// What the group says of itself.
    pub group: String,
    /// What its flags mean.
    pub notes: Vec<String>,
    /// Every value of the file, by its path.
    pub fields: Vec<(String, String)>,
    /// What is on the way from one to the other, computed here.
    pub steps: Vec<(String, String)>,
    /// Whether the library comes to the outcome and output of the file; nothing where it cannot.
    pub agrees: Option<bool>,
}

/// The tests that are wanted.
///
/// # Errors
/// [`VectorError`] if a file is not one, or nothing has the flag.
pub fn list(sources: &[Source], filter: &Filter) -> Result<Vec<Listed>, VectorError> {
    filter.check_kind()?;
    let mut lister = Lister { filter, found: Vec::new(), flags: BTreeSet::new() };
    for source in sources {
        let head = read::read(source, &mut lister)?;
        lister.flags.extend(head.notes.into_keys());
    }
    filter.check_flag(&lister.flags)?;
    Ok(lister.found)
}

/// The test with this id.
///
/// # Errors
/// [`VectorError`] if a file is not one, or no test has the id.
pub fn explain(sources: &[Source], id: &str) -> Result<Explained, VectorError> {
    let mut finder = Finder { id, found: None, ids: Vec::new() };
    for source in sources {
        read::read(source, &mut finder)?;
    }
    let near = || {
        let start = |other: &&String| other.starts_with(id) || id.starts_with(other.as_str());
        let near: Vec<&str> = finder.ids.iter().filter(start).take(5).map(String::as_str).collect();
        if near.is_empty() {
            "`digitally vectors list` has all".into()
        } else {
            format!("there is {}", near.join(", "))
        }
    };
    finder.found.ok_or_else(|| VectorError::Unknown { what: "test", name: id.into(), known: near() })
}

/// What a careful author would still change: an empty list is the best outcome.
///
/// # Errors
/// [`VectorError`] if a file is not one, or ids are used twice.
pub fn lint(sources: &[Source]) -> Result<Vec<String>, VectorError> {
    let mut linter = Linter { ids: Ids::default(), used: BTreeSet::new(), complaints: Vec::new() };
    for source in sources {
        linter.ids.file(source.name());
        linter.used.clear();
        let head = read::read(source, &mut linter)?;
        let mut complain = |text: String| linter.complaints.push(format!("{}: {text}", head.file));
        for (flag, note) in &head.notes {
            if !linter.used.contains(flag) {
                complain(format!("the flag `{flag}` has a note, and no test has the flag"));
            }
            if note.trim().is_empty() {
                complain(format!("the note of `{flag}` is empty: it says what a failure means"));
            }
        }
        for (field, text) in [("name", &head.name), ("source", &head.source)] {
            if text.trim().is_empty() {
                complain(format!("`{field}` is empty"));
            }
        }
    }
    linter.ids.distinct()?;
    Ok(linter.complaints)
}

fn listed<K: Kind>(head: &Head, group: &Group<K>, test: &Test<K>) -> Listed {
    Listed {
        id: test.id.clone(),
        file: head.file.clone(),
        kind: K::NAME.into(),
        comment: test.comment.clone(),
        flags: test.flags.clone(),
        expect: test.expect.to_string(),
        statements: group.statements.clone(),
    }
}

struct Lister<'f> {
    filter: &'f Filter,
    found: Vec<Listed>,
    flags: BTreeSet<String>,
}

impl Visit for Lister<'_> {
    fn test<K: Kind>(&mut self, head: &Head, group: &Group<K>, test: Test<K>) -> Result<(), VectorError> {
        if self.filter.wants(&test) {
            self.found.push(listed(head, group, &test));
        }
        Ok(())
    }
}

struct Finder<'i> {
    id: &'i str,
    found: Option<Explained>,
    /// Those of our size of files, for the message.
    ids: Vec<String>,
}

impl Visit for Finder<'_> {
    fn test<K: Kind>(&mut self, head: &Head, group: &Group<K>, test: Test<K>) -> Result<(), VectorError> {
        if test.id == self.id {
            let mut fields = Vec::new();
            let mut put = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    flatten(name, &value, &mut fields);
                }
            };
            put("shared", serde_json::to_value(&group.shared).ok());
            put("input", serde_json::to_value(&test.input).ok());
            put("output", test.output.as_ref().and_then(|output| serde_json::to_value(output).ok()));
            let agrees = K::answer(&group.shared, &test.input).map(|answer| match answer {
                Ok(output) => test.output.as_ref() == Some(&output),
                Err(expect) => test.expect == expect,
            });
            self.found = Some(Explained {
                test: listed(head, group, &test),
                group: group.comment.clone(),
                notes: test.flags.iter().filter_map(|flag| head.notes.get(flag).cloned()).collect(),
                fields,
                steps: K::explain(&group.shared, &test.input),
                agrees,
            });
        } else if self.ids.len() < 100_000 {
            self.ids.push(test.id);
        }
        Ok(())
    }
}

/// Every leaf of a JSON value with its path.
fn flatten(at: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&format!("{at}.{name}"), value, into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(&format!("{at}[{i}]"), value, into));
        }
        Value::String(text) => into.push((at.into(), text.clone())),
        other => into.push((at.into(), other.to_string())),
    }
}

struct Linter {
    ids: Ids,
    used: BTreeSet<String>,
    complaints: Vec<String>,
}

impl Visit for Linter {
    fn test<K: Kind>(&mut self, head: &Head, group: &Group<K>, test: Test<K>) -> Result<(), VectorError> {
        self.ids.add(&test.id)?;
        let mut complain = |text: String| {
            if self.complaints.len() < 1000 {
                self.complaints.push(format!("{}: test {}: {text}", head.file, test.id));
            }
        };
        if test.comment.trim().is_empty() {
            complain("its comment is empty".into());
        }
        let rule = test.expect.rule().map(crate::expect::Rule::name).filter(|name| name.starts_with("P-"));
        for name in group.statements.iter().map(String::as_str).chain(rule) {
            if !is_statement(name) {
                complain(format!("docs/protocol.md has no statement `{name}`"));
            }
        }
        for (i, flag) in test.flags.iter().enumerate() {
            if test.flags.iter().take(i).any(|earlier| earlier == flag) {
                complain(format!("the flag `{flag}` stands twice"));
            }
        }
        self.used.extend(test.flags);
        Ok(())
    }
}

/// Whether the protocol has a statement of this id.
fn is_statement(id: &str) -> bool {
    const DOCUMENT: &str = include_str!("../../docs/protocol.md");
    let of = |line: &'static str| line.strip_prefix("**").and_then(|line| line.split_once("**"));
    DOCUMENT.lines().filter_map(of).any(|(found, _)| found == id)
}

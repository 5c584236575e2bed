//! Makes the vector files that are computed: the same bytes every time.
//!
//! What is expected is computed by the library. That it is right is said by others: the documents behind the files of
//! kind `mac`, and the programs under `reference/`, which share no code with it.

mod accumulated;
mod apdu;
mod code;
mod derive;
mod live;
mod refusal;
mod tlv;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::expect::Expect;
use crate::kind::{Group, Kind, Test};

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The file name, without a folder.
    pub name: &'static str,
    /// JSON, with a line end at the end.
    pub text: String,
}

/// All files that are computed. Those of kind `mac` are not: they are copied from the documents that they name.
#[must_use]
pub fn generate() -> Vec<Generated> {
    vec![derive::file(), code::file(), refusal::file(), accumulated::file(), apdu::file(), tlv::file(), live::file()]
}

/// A whole file, as it is written.
#[derive(Serialize)]
#[serde(bound = "")]
struct File<K: Kind> {
    format: &'static str,
    version: u8,
    kind: &'static str,
    name: &'static str,
    source: &'static str,
    notes: BTreeMap<&'static str, &'static str>,
    groups: Vec<Group<K>>,
}

/// Puts a file together. `notes` are the flags with what a failure means.
fn file<K: Kind>(
    name: &'static str,
    title: &'static str,
    source: &'static str,
    notes: &[(&'static str, &'static str)],
    groups: Vec<Group<K>>,
) -> Generated {
    let notes = notes.iter().copied().collect();
    let file = File { format: "digitally-vectors", version: 1, kind: K::NAME, name: title, source, notes, groups };
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    Generated { name, text }
}

/// A group without tests yet.
fn group<K: Kind>(comment: impl Into<String>, statements: &[&str], shared: K::Shared) -> Group<K> {
    let statements = statements.iter().map(|statement| (*statement).to_owned()).collect();
    Group { comment: comment.into(), statements, shared, tests: Vec::new() }
}

impl<K: Kind> Group<K> {
    /// With one more test, whose outcome the library computes.
    fn test(self, id: impl Into<String>, comment: impl Into<String>, flags: &[&str], input: K::Input) -> Self {
        let answer = K::answer(&self.shared, &input).unwrap_or_else(|| Err(Expect::malformed("no-answer")));
        let (expect, output) = match answer {
            Ok(output) => (Expect::Accept, Some(output)),
            Err(expect) => (expect, None),
        };
        self.with(id, comment, flags, input, expect, output)
    }

    fn with(
        mut self,
        id: impl Into<String>,
        comment: impl Into<String>,
        flags: &[&str],
        input: K::Input,
        expect: Expect,
        output: Option<K::Output>,
    ) -> Self {
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self.tests.push(Test { id: id.into(), comment: comment.into(), flags, input, expect, output });
        self
    }
}

//! What came out of a verification, as data: the command line prints it.

use std::collections::BTreeMap;

use serde::Serialize;

/// The outcome of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The name under which the file was read.
    pub name: String,
    /// The kind of its tests.
    pub kind: String,
    /// How many tests passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
    /// How many were not asked: this kind of question is none for this kind of implementation.
    pub not_asked: u64,
    /// Why not, and how many for each reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub why_not: BTreeMap<String, u64>,
    /// The first of those that failed, at most [`Report::LISTED`], and of all files at most some megabytes.
    pub failures: Vec<Failure>,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Unique, and for ever the same.
    pub id: String,
    /// What the test is about.
    pub comment: String,
    /// What a failure of this test means: each flag with its note.
    pub notes: Vec<Note>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A flag, and the hole that a failure opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The flag.
    pub flag: String,
    /// Its note.
    pub note: String,
}

/// A value that is not as in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The field, for instance `output.request.tag`.
    pub field: String,
    /// What the file says.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// How one test went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is as in the file.
    Passed,
    /// Something is not.
    Failed(Vec<Difference>),
    /// The question is none for this implementation, for this reason.
    NotAsked(String),
}

impl Report {
    /// So many failures are listed; the others are only counted.
    pub const LISTED: usize = 1000;

    /// How many tests there were.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.passed.saturating_add(self.failed).saturating_add(self.not_asked)
    }
}

impl Failure {
    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        let notes = self.notes.iter().map(|note| note.flag.len().saturating_add(note.note.len()));
        let differences = self.differences.iter().map(|Difference { field, expected, got }| {
            size_of::<Difference>().saturating_add(field.len()).saturating_add(expected.len()).saturating_add(got.len())
        });
        notes.chain(differences).fold(self.comment.len(), usize::saturating_add)
    }
}

impl Difference {
    /// A value that differs.
    pub(crate) fn new(field: impl Into<String>, expected: impl ToString, got: impl ToString) -> Self {
        Self { field: field.into(), expected: expected.to_string(), got: got.to_string() }
    }
}

//! What came out of a verification, as data: the command line prints it.

use std::fmt;

/// The outcome of every test of one file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The name under which the file was read.
    pub name: String,
    /// One for each test.
    pub outcomes: Vec<Outcome>,
}

/// The outcome of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The id of the test: unique, and for ever the same.
    pub id: String,
    /// What the test is about.
    pub comment: String,
    /// How it went.
    pub result: Verdict,
}

/// How a test went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All values are as in the file.
    Passed,
    /// One value is not; those after it were not looked at.
    Failed {
        /// The field, for instance `request.tag`.
        field: String,
        /// What the file says.
        expected: String,
        /// What was computed.
        got: String,
    },
}

impl Report {
    /// How many tests there were.
    #[must_use]
    pub fn total(&self) -> usize {
        self.outcomes.len()
    }

    /// How many passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.result == Verdict::Passed).count()
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures().count()
    }

    /// Those that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.result != Verdict::Passed)
    }

    /// Whether there was at least one test, and none failed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.total() > 0 && self.failed() == 0
    }
}

/// A value that is not as in the file.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) field: String,
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl From<Result<(), Mismatch>> for Verdict {
    fn from(result: Result<(), Mismatch>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(Mismatch { field, expected, got }) => Self::Failed { field, expected, got },
        }
    }
}

/// Passes if both read the same.
pub(crate) fn same(
    field: impl Into<String>,
    expected: impl fmt::Display,
    got: impl fmt::Display,
) -> Result<(), Mismatch> {
    let (expected, got) = (expected.to_string(), got.to_string());
    if expected == got { Ok(()) } else { Err(Mismatch { field: field.into(), expected, got }) }
}

/// Something that the library refuses where the file expects it to be accepted.
pub(crate) fn refused(field: impl Into<String>, why: impl fmt::Display) -> Mismatch {
    Mismatch { field: field.into(), expected: "accept".into(), got: why.to_string() }
}

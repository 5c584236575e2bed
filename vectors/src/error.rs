//! Why nothing can be said about a file or an implementation.

use std::io;

use thiserror::Error;

/// What keeps a verification from coming to a result. Whatever was found until then is no result either.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VectorError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Not JSON.
    #[error("{file}:{line}:{column}: not JSON: {message}")]
    Json {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// JSON, but not as the schema of its kind wants it.
    #[error("{file}:{line}:{column}: {path}: {message}")]
    Schema {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// The place, for instance `groups[0].tests[3].input.payer`.
        path: String,
        /// The rule that is broken.
        message: String,
    },
    /// Another `format`.
    #[error("{file}: `format` is `{found}`, and should be `digitally-vectors`")]
    Format {
        /// The file.
        file: String,
        /// What it says.
        found: String,
    },
    /// A `version` that this verifier does not know.
    #[error("{file}: version {found} of the format is unknown here, version 1 is known")]
    Version {
        /// The file.
        file: String,
        /// What it says.
        found: u64,
    },
    /// A `kind` that this verifier does not know.
    #[error("{file}: vectors of the kind `{found}` are unknown here; known are {}", crate::KINDS.join(", "))]
    Kind {
        /// The file.
        file: String,
        /// What it says.
        found: String,
    },
    /// No group, or a group without a test: nothing would be verified.
    #[error("{file}: {place} has no test")]
    Empty {
        /// The file.
        file: String,
        /// The file itself, or its empty group.
        place: String,
    },
    /// A test that contradicts itself or its file.
    #[error("{file}: test {id}: {rule}")]
    Test {
        /// The file.
        file: String,
        /// The test.
        id: String,
        /// The rule that it breaks.
        rule: String,
    },
    /// Two tests with one id.
    #[error("the id {id} is used twice: in {first} and in {second}")]
    DuplicateId {
        /// The id.
        id: String,
        /// The file of one.
        first: String,
        /// The file of the other.
        second: String,
    },
    /// No test of that name, kind or flag.
    #[error("there is no {what} `{name}`; {known}")]
    Unknown {
        /// `test`, `kind` or `flag`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The implementation under test cannot be asked.
    #[error(transparent)]
    Subject(#[from] crate::SubjectError),
    /// Something on this machine: a temporary file, mostly.
    #[error("{what}: {source}")]
    Machine {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

//! Why a text is not a vector file. Nothing here says anything about a test that failed: see [`crate::Verdict`].

use std::fmt;

use thiserror::Error;

/// A file that cannot be used, with the place of the fault.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VectorError {
    /// Not JSON, or not the fields that such a file has: unknown, missing, twice, of another type.
    #[error("{file}, line {line}, column {column}: not the JSON of a vector file")]
    Json {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1; 0 before the first character of a line.
        column: usize,
        /// What is wrong there.
        source: serde_json::Error,
    },
    /// Another `format` than `digitally-vectors`.
    #[error("{file}: the format is `{found}`, not `digitally-vectors`")]
    Format {
        /// The file.
        file: String,
        /// What it says.
        found: String,
    },
    /// A `version` of the format that this verifier does not know.
    #[error("{file}: version {found} of the format is unknown here, version 1 is known")]
    Version {
        /// The file.
        file: String,
        /// What it says.
        found: u64,
    },
    /// A `kind` that this verifier does not know.
    #[error("{file}: vectors of the kind `{found}` are unknown here; known are `mac`, `code` and `derive`")]
    Kind {
        /// The file.
        file: String,
        /// What it says.
        found: String,
    },
    /// No group, or a group without a test: nothing would be verified.
    #[error("{file}{}: there is no test", .place.as_ref().map(|place| format!(", {place}")).unwrap_or_default())]
    Empty {
        /// The file.
        file: String,
        /// The empty group; none if there is no group.
        place: Option<Place>,
    },
    /// A text that is not hexadecimal.
    #[error("{file}, {place}: `{field}` is not hexadecimal")]
    Hex {
        /// The file.
        file: String,
        /// The test or group.
        place: Place,
        /// The field.
        field: String,
        /// What is wrong with it.
        source: hex::FromHexError,
    },
    /// An `expect` that this verifier does not know.
    #[error("{file}, {place}: `expect` is `{found}`; known is `accept`")]
    Expectation {
        /// The file.
        file: String,
        /// The test.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A flag that this verifier does not know.
    #[error("{file}, {place}: `flags` has `{found}`; known is `worked-example`")]
    Flag {
        /// The file.
        file: String,
        /// The test.
        place: Place,
        /// What it says.
        found: String,
    },
    /// Two tests with one id.
    #[error("{file}, {place}: this id is taken by a test in {first}")]
    DuplicateId {
        /// The file of the second.
        file: String,
        /// The test.
        place: Place,
        /// The file of the first.
        first: String,
    },
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// What the tests of a group share.
    Group {
        /// Counted from 1.
        number: usize,
        /// What the group says of itself.
        comment: String,
    },
    /// One test, by its id.
    Test(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group { number, comment } => write!(f, "group {number} ({comment})"),
            Self::Test(id) => write!(f, "test {id}"),
        }
    }
}

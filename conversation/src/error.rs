//! Why a script cannot be read.

use std::ops::Range;

use thiserror::Error;

use crate::word::Fault;

/// Why a script cannot be read: where, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {message}")]
#[non_exhaustive]
pub struct ScriptError {
    /// The file, as it was named to the parser or by an `include`.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
    /// The character in the line, from 1 on.
    pub column: u32,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The line itself. It may hold what its writer would not show: a PIN, for instance.
    pub text: String,
    /// The bytes of the line that are at fault; empty where something is missing.
    pub span: Range<usize>,
}

impl ScriptError {
    /// A fault in a line of a file.
    pub(crate) fn new(file: &str, line: u32, text: &str, fault: Fault) -> Self {
        let before = text.get(..fault.at.start).map_or(0, |before| before.chars().count());
        let column = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        Self { file: file.into(), line, column, message: fault.message, text: text.into(), span: fault.at }
    }
}

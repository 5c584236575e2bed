//! An error as its reader wants it: a stable code, what happened and why, and the command to try next.
//!
//! No key, PIN or code stands in any of them: whoever makes a [`Failure`] says what was wrong with a secret, not what it was.

mod code;
pub mod line;
pub mod medium;
pub mod reader;
pub mod refusal;
mod report;

use std::fmt;
use std::path::Path;

use miette::LabeledSpan;

pub use code::ErrorCode;
pub use report::in_words;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    code: ErrorCode,
    message: String,
    help: Option<String>,
    typed: Option<Box<Typed>>,
}

/// What was typed, with the place that is wrong.
#[derive(Debug)]
struct Typed {
    text: String,
    /// How many lines stand before it in its file.
    before: usize,
    label: LabeledSpan,
}

impl Failure {
    /// A failure: what happened and why.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, typed: None }
    }

    /// With the next step.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the typed text, and a label under `len` bytes of it. Never for a secret; nor for an empty text, and what
    /// may be a code in the wrong place is not shown.
    pub fn typed(mut self, text: &str, at: usize, len: usize, label: impl Into<String>) -> Self {
        if text.is_empty() || may_be_code(text) {
            return self;
        }
        // A terminal would obey control characters; as many bytes of spaces keep the label in its place.
        let visible = |c: char| if c.is_control() { " ".repeat(c.len_utf8()) } else { c.to_string() };
        let text = text.chars().map(visible).collect();
        self.typed = Some(Box::new(Typed { label: LabeledSpan::new(Some(label.into()), at, len), before: 0, text }));
        self
    }

    /// With the typed text numbered as the line of the file that it is, from 1 on.
    pub fn in_line(mut self, line: u32) -> Self {
        if let Some(typed) = &mut self.typed {
            typed.before = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
        }
        self
    }

    /// A file that could not be read.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(ErrorCode::FileUnreadable, format!("{} cannot be read: {error}", path.display()))
            .help("check the name, and that you may read the file")
    }

    /// A file that could not be written.
    pub fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(ErrorCode::FileUnwritable, format!("{} cannot be written: {error}", path.display()))
            .help("check that its folder exists, that you may write there, and that the disk has room")
    }

    /// Its stable name.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The next step.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// Six or eight digits, with or without gaps.
fn may_be_code(text: &str) -> bool {
    let digits = text.chars().filter(|c| !matches!(c, ' ' | '-'));
    let count = digits.clone().count();
    matches!(count, 6 | 8) && digits.clone().all(|c| c.is_ascii_digit())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

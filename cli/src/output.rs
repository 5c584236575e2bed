//! Everything that is printed goes through here, and nothing else in the workspace prints.
//!
//! Results go to standard output, all else to standard error. A reader that went away (`digitally … | head`) is no error.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;
use serde_json::{Value, json};

use crate::args::Global;
use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure, in_words};

/// What a command has to say when it is done, in each of the three ways in which it can be asked to.
#[derive(Debug)]
pub struct Output {
    /// How the program ends.
    pub exit: Exit,
    text: String,
    quiet: String,
    json: String,
}

/// How results are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// The result alone, for scripts.
    Quiet,
    /// One JSON object.
    Json,
}

impl Format {
    /// The one that was asked for.
    pub const fn wanted(global: &Global) -> Self {
        match (global.json, global.quiet) {
            (true, _) => Self::Json,
            (false, true) => Self::Quiet,
            (false, false) => Self::Text,
        }
    }
}

impl Output {
    /// A result: for people, in short, and as the fields of a JSON object.
    pub fn new(json: &impl Serialize, text: impl Display, quiet: impl Display) -> Self {
        let json = serde_json::to_string_pretty(json).unwrap_or_else(|_| "{}".to_owned());
        Self { exit: Exit::Done, text: text.to_string(), quiet: quiet.to_string(), json }
    }

    /// Nothing more: all has been said on the way.
    pub const fn said(exit: Exit) -> Self {
        Self { exit, text: String::new(), quiet: String::new(), json: String::new() }
    }

    /// The same, ending in another way.
    pub fn exiting(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Prints it.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn print(&self, format: Format) -> Result<(), Failure> {
        print(match format {
            Format::Text => &self.text,
            Format::Quiet => &self.quiet,
            Format::Json => &self.json,
        })
    }
}

/// Prints text to standard output, with a line end unless it has one or is empty.
///
/// # Errors
/// If standard output cannot be written, unless its reader went away.
pub fn print(text: &str) -> Result<(), Failure> {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let mut stdout = io::stdout().lock();
    match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
            ErrorCode::OutputFailed,
            format!("standard output cannot be written: {error}"),
        )
        .help(
            "what the command did is done: `digitally card log` tells, and `digitally pay last` shows a response again",
        )),
        _ => Ok(()),
    }
}

/// Says something on standard error. If even that is gone there is nobody to tell.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says something on standard error in red, where there are colours.
pub fn alarm(text: impl Display) {
    if coloured(&io::stderr()) { note(format_args!("\x1b[31m{text}\x1b[0m")) } else { note(text) }
}

/// A failure as JSON.
pub fn error_json(failure: &Failure) -> Value {
    json!({"code": failure.code().name(), "message": failure.message(), "help": failure.advice()})
}

/// Reports a failure: on standard error, or as JSON on standard output.
pub fn report(failure: &Failure, format: Format) {
    if format == Format::Json {
        let printed = print(&serde_json::to_string_pretty(&json!({"error": error_json(failure)})).unwrap_or_default());
        // Standard output is gone: standard error has to do.
        if printed.is_ok() {
            return;
        }
    }
    note(in_words(failure, coloured(&io::stderr())));
}

/// Colours only on a terminal, and not where `NO_COLOR` is set (<https://no-color.org>).
fn coloured(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

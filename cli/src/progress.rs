//! How far a long command is: one line on a terminal, overwritten in place; nothing in a pipe.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::output::Format;
use crate::session::Session;

/// How often the line changes at most.
const PAUSE: Duration = Duration::from_millis(200);

/// A line of progress on standard error.
#[derive(Debug)]
pub struct Progress {
    /// When the line changed last; nothing where nobody looks.
    changed: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// For this run: silent if standard error is no terminal, or only the result is wanted.
    pub fn new(session: &Session) -> Self {
        let watched = io::stderr().is_terminal() && session.format == Format::Text;
        Self { changed: watched.then(Instant::now), shown: false }
    }

    /// Shows this, if it is time to.
    pub fn show(&mut self, line: impl FnOnce() -> String) {
        if self.changed.is_some_and(|changed| changed.elapsed() >= PAUSE) {
            let _ = write!(io::stderr().lock(), "\r\x1b[K{}", line());
            self.changed = Some(Instant::now());
            self.shown = true;
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

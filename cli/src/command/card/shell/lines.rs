//! Where the lines come from: a terminal with history and completion, or a pipe.

use std::cell::RefCell;
use std::io::{self, BufRead, IsTerminal, Read};
use std::rc::Rc;

use conversation::Dialogue;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use zeroize::Zeroizing;

use super::history::History;
use super::manual;
use crate::failure::{ErrorCode, Failure};
use crate::output::Format;
use crate::session::Session;

/// Lines, one after the other.
pub enum Lines {
    /// Somebody types them.
    Typed(Box<Typed>),
    /// They are there already, or come from a program.
    Piped,
}

/// A line at a terminal.
pub struct Typed {
    editor: Editor<Words, FileHistory>,
    history: Option<History>,
    /// The line that was typed last.
    last: Zeroizing<String>,
}

const PROMPT: &str = "card> ";
/// No line that means something is longer: twice the longest command, and a blank between all bytes.
const LONGEST: u64 = 1 << 18;
/// The most lines that the history keeps.
const MOST: usize = 1_000;

impl Lines {
    /// Typed ones, if both ends are a terminal and somebody reads what is answered; else those of standard input.
    ///
    /// # Errors
    /// If the terminal cannot be used.
    pub fn new(session: &Session, dialogue: Rc<RefCell<Dialogue>>, history: Option<History>) -> Result<Self, Failure> {
        let read = session.format != Format::Json;
        if !(read && io::stdin().is_terminal() && io::stdout().is_terminal()) {
            return Ok(Self::Piped);
        }
        let config = Config::builder().max_history_size(MOST).map(|builder| {
            // Each of several lines that are pasted is a line of its own.
            builder.completion_type(CompletionType::List).auto_add_history(false).bracketed_paste(false).build()
        });
        let mut editor = config.and_then(Editor::with_config).map_err(|error| unreadable(&error))?;
        editor.set_helper(Some(Words(dialogue)));
        if let Some(history) = &history
            && let Err(error) = editor.load_history(history.path())
            && !matches!(&error, ReadlineError::Io(error) if error.kind() == io::ErrorKind::NotFound)
        {
            session.note(&format!("the history {} cannot be read: {error}", history.path().display()));
        }
        Ok(Self::Typed(Box::new(Typed { editor, history, last: Zeroizing::default() })))
    }

    /// Whether somebody types them.
    pub const fn are_typed(&self) -> bool {
        matches!(self, Self::Typed(_))
    }

    /// The next one; nothing at the end.
    ///
    /// # Errors
    /// If it cannot be read, or is no text.
    pub fn next(&mut self) -> Result<Option<Zeroizing<String>>, Failure> {
        match self {
            Self::Piped => piped(),
            Self::Typed(typed) => loop {
                match typed.editor.readline(PROMPT) {
                    Ok(line) => {
                        typed.last = Zeroizing::new(line);
                        return Ok(Some(typed.last.clone()));
                    }
                    // Ctrl-C takes back what was begun.
                    Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => {}
                    Err(ReadlineError::Eof) => return Ok(None),
                    // Bytes that are no UTF-8: rustyline has thrown the line away.
                    Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                        crate::output::report(&unreadable(&error), Format::Text);
                    }
                    Err(error) => return Err(unreadable(&error)),
                }
            },
        }
    }

    /// Adds the last line to the history, if it may be there.
    pub fn keep(&mut self, is_kept: bool) {
        let Self::Typed(typed) = self else { return };
        if !is_kept || typed.editor.add_history_entry(typed.last.trim()).is_err() {
            return;
        }
        // Without a history file there is still one for this run.
        if let Some(history) = &typed.history
            && (history.prepare().is_err() || typed.editor.append_history(history.path()).is_err())
        {
            crate::output::note(format!("the history {} cannot be written", history.path().display()));
            typed.history = None;
        }
    }
}

fn piped() -> Result<Option<Zeroizing<String>>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = io::stdin().lock().take(LONGEST).read_line(&mut text).map_err(|error| unreadable(&error))?;
    if u64::try_from(read).is_ok_and(|read| read == LONGEST) {
        return Err(unreadable(&format!("a line is longer than {LONGEST} bytes")));
    }
    let line = text.trim_end_matches(['\n', '\r']);
    Ok((read > 0).then(|| Zeroizing::new(line.to_owned())))
}

fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::Usage, format!("no line can be read: {error}")).help("lines are UTF-8 text; `help` is one")
}

/// What the tab key knows.
struct Words(Rc<RefCell<Dialogue>>);

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..at).unwrap_or_default();
        let (start, mut words) = manual::complete(&self.0.borrow(), before);
        // The only one is whole: another may follow.
        if let [only] = words.as_mut_slice() {
            only.push(' ');
        }
        Ok((start, words))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}

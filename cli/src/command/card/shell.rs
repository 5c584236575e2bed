//! `digitally card shell`

mod history;
mod lines;
mod manual;
mod talk;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use conversation::Dialogue;
use serde_json::json;

use self::history::History;
use self::lines::Lines;
use self::talk::{Done, Talk};
use super::CardArg;
use super::recorded::Recorded;
use crate::atr;
use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::issuer::Issuer;
use crate::medium::Medium;
use crate::output::{self, Format, Output};
use crate::session::Session;
use crate::trace::Traced;

/// Talk to a card, line by line
///
/// A line is a command in the words of conversation files (`select`, `verify`, `balance`), or bytes in hexadecimal; `help`
/// lists all words. Each exchange is shown as `card apdu` shows it. On a terminal there are history and completion with the
/// tab key, and a PIN that is left out is asked for: what is typed there is not shown, and no line with a PIN, key or code
/// gets into the history, which is kept in $XDG_STATE_HOME/digitally/history.
///
/// Without a terminal, standard input is read line by line, as a script for one card. It ends at the first line that fails:
/// malformed, or answered by another status than 9000 which no line `< …` behind it expects. With --json there is an object
/// for each line, on a line of its own, and no prompt.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally card shell --card alice.card
  printf 'select\\nbalance\\n' | digitally card shell --reader '00 00'")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// The issuer file the card was made with, for `load` and `unload`
    #[arg(long, value_name = "FILE")]
    issuer: Option<String>,
    /// Without a terminal: go on after a line that failed; the exit code tells all the same
    #[arg(long)]
    keep_going: bool,
    /// Neither read nor keep a history
    #[arg(long)]
    no_history: bool,
}

impl Args {
    /// Reads and says line after line.
    ///
    /// # Errors
    /// If the card cannot be reached at the start, or the issuer file not be read.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let issuer = self.issuer.as_deref().map(|path| Issuer::open(Path::new(path))).transpose()?;
        let place = self.card.place();
        let medium = Medium::open(place, session)?;
        let dialogue = Rc::new(RefCell::new(Dialogue::default()));
        let history = if self.no_history { None } else { History::usual() };
        let mut lines = Lines::new(session, Rc::clone(&dialogue), history)?;
        if lines.are_typed() {
            session.note(&format!("{}\n`help` lists the words; Ctrl-D ends this", atr::summary(medium_atr(&medium))));
        }
        let traced = Traced::new(medium, session.tracing.clone(), session.whose.clone());
        let mut talk = Talk {
            card: Recorded::new(traced, session),
            dialogue,
            option: place.option(),
            issuer,
            session,
            asks: lines.are_typed(),
            line: 0,
            is_kept: false,
        };
        let mut exit = Exit::Done;
        // The last answer was none of success, and no `<` has said yet that it is expected.
        let mut open = None;
        while let Some(text) = lines.next()? {
            talk.line = talk.line.saturating_add(1);
            let begun = text.trim_start();
            if begun.is_empty() || begun.starts_with('#') {
                continue;
            }
            if let Some(line) = open.take().filter(|_| !begun.starts_with('<')) {
                exit = worse(exit, Exit::Refused);
                if self.ends(&lines) {
                    return Ok(stopped(session, line, exit));
                }
            }
            let failed = match talk.line(&text) {
                Ok(Done::Quit) => break,
                Ok(Done::Well) => None,
                Ok(Done::Unlike) => {
                    open = Some(talk.line);
                    None
                }
                Ok(Done::Missed) => Some(Exit::Refused),
                // Nobody can read what comes of the next line.
                Err(failure) if failure.code() == ErrorCode::OutputFailed => return Err(failure),
                Err(failure) => {
                    report(session, talk.line, &failure);
                    Some(failure.code().exit())
                }
            };
            lines.keep(talk.is_kept);
            if let Some(failed) = failed {
                exit = worse(exit, failed);
                if self.ends(&lines) {
                    return Ok(Output::said(exit));
                }
            }
        }
        if open.is_some() {
            exit = worse(exit, Exit::Refused);
        }
        Ok(Output::said(if lines.are_typed() { Exit::Done } else { exit }))
    }

    /// Whether a line that failed is the last one.
    fn ends(&self, lines: &Lines) -> bool {
        !lines.are_typed() && !self.keep_going
    }
}

fn medium_atr(medium: &Medium) -> &[u8] {
    apdu::Transport::atr(medium)
}

fn worse(one: Exit, other: Exit) -> Exit {
    if one == Exit::Unable || other == Exit::Done { one } else { other }
}

/// Says why no more lines are read.
fn stopped(session: &Session, line: u32, exit: Exit) -> Output {
    session.note(&format!(
        "line {line}: the answer is not 9000, and no line `< …` behind it expects that; --keep-going goes on all the same"
    ));
    Output::said(exit)
}

fn report(session: &Session, line: u32, failure: &Failure) {
    match session.format {
        // If standard output is gone there is nobody to tell.
        Format::Json => drop(output::print(&json!({"line": line, "error": output::error_json(failure)}).to_string())),
        format => output::report(failure, format),
    }
}

//! Every APDU that goes by: decoded and readable on standard error, as JSON there, and in a capture file.
//!
//! Bodies that hold PINs, keys or codes are masked unless the user asked for them: what is not known to be harmless
//! counts as secret.

mod fields;
mod pcap;
mod shown;
mod toolkit;
mod veil;

pub use fields::{kind, object_fields};
pub use pcap::Pcap;
pub use phones::explain::name;
pub use shown::{answer_json, answer_text, command_fields, command_json, command_text, meaning};
pub use veil::{Veil, is_secret};

use std::sync::{Arc, Mutex, PoisonError};

use apdu::Transport;
use phones::explain::Passing;
use serde_json::json;
use zeroize::Zeroizing;

use crate::output;
use veil::GET_RESPONSE;

/// A transport that may know how often its card has written to its memory.
pub trait Counting: Transport {
    /// Non-volatile writes so far; nothing if the card does not tell.
    fn writes(&self) -> Option<u64>;
}

/// Where the APDUs that go by are shown, and how much of them.
#[derive(Clone, Debug)]
pub struct Tracing {
    /// As lines on standard error.
    pub lines: bool,
    /// As one JSON object for each exchange on standard error.
    pub json: bool,
    /// In a capture file.
    pub pcap: Option<Arc<Mutex<Pcap>>>,
    /// What is masked in all of them.
    pub veil: Veil,
}

impl Tracing {
    const fn is_on(&self) -> bool {
        self.lines || self.json || self.pcap.is_some()
    }

    /// Adds an exchange to the capture file. A trace must not undo what a card has done: if it cannot be written, that is said,
    /// and no more is tried.
    fn capture(&mut self, command: &[u8], answer: &[u8]) {
        let added = self
            .pcap
            .as_ref()
            .map_or(Ok(()), |pcap| pcap.lock().unwrap_or_else(PoisonError::into_inner).add(command, answer));
        if let Err(failure) = added {
            output::alarm(format!("--trace-pcap: {failure}; nothing more is written there"));
            self.pcap = None;
        }
    }
}

/// A transport that shows what goes through it.
#[derive(Debug)]
pub struct Traced<T> {
    inner: T,
    tracing: Tracing,
    whose: String,
    /// Where all that goes through is heard, beside what is traced.
    passing: Option<Passing>,
    /// The last command that was no GET RESPONSE: what that fetches is its answer. It may hold a PIN.
    asked: Zeroizing<Vec<u8>>,
}

impl<T: Transport> Traced<T> {
    /// Shows this transport, each line marked with whose it is, unless that is empty.
    pub fn new(inner: T, tracing: Tracing, whose: String) -> Self {
        Self { inner, tracing, whose, passing: None, asked: Zeroizing::new(Vec::new()) }
    }

    /// Has all that goes through heard there.
    pub fn pass_to(&mut self, passing: Passing) {
        self.passing = Some(passing);
    }

    fn note(&self, text: &str) {
        let gap = if self.whose.is_empty() { "" } else { " " };
        output::note(format_args!("{}{gap}{text}", self.whose));
    }

    /// The transport.
    pub const fn inner(&self) -> &T {
        &self.inner
    }

    /// The transport, back again.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The transport, to do to it what no command does.
    pub const fn inner_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// The answer of the card to the last reset.
    pub fn atr(&self) -> &[u8] {
        self.inner.atr()
    }
}

impl<T: Counting> Traced<T> {
    /// Shows what came for a command, and how many writes there were since there had been so many.
    fn show(&mut self, command: &[u8], answered: &Result<&[u8], String>, before: Option<u64>) {
        let veil = self.tracing.veil;
        let writes = before.and_then(|before| self.inner.writes()?.checked_sub(before));
        let fetches = matches!(command, [_, GET_RESPONSE, ..]);
        let asked =
            if fetches && !self.asked.is_empty() { self.asked.clone() } else { Zeroizing::new(command.to_vec()) };
        if self.tracing.lines {
            self.note(&match answered {
                Ok(answer) => answer_text(&asked, answer, veil),
                Err(error) => format!("< {error}"),
            });
            match writes {
                None | Some(0) => {}
                Some(1) => self.note("    1 write to non-volatile memory"),
                Some(made) => self.note(&format!("    {made} writes to non-volatile memory")),
            }
        }
        if self.tracing.json {
            let answer = answered.as_ref().ok().map(|answer| answer_json(&asked, answer, veil));
            output::note(json!({
                "card": self.whose,
                "command": command_json(command, veil),
                "answer": answer,
                "error": answered.as_ref().err(),
                "writes": writes,
            }));
        }
        // Without an answer there is no frame: a dissector would take the end of the command for a status word.
        if let Ok(answer) = answered
            && answer.len() > 1
        {
            let (command, answer) = (veil.command(command), veil.answer(&asked, answer));
            self.tracing.capture(&command, &answer);
        }
        if !fetches {
            self.asked = asked;
        }
    }
}

impl<T: Counting> Transport for Traced<T> {
    type Error = T::Error;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        if !self.tracing.is_on() && self.passing.is_none() {
            return self.inner.transmit(command, response);
        }
        if self.tracing.lines {
            self.note(&command_text(command, self.tracing.veil));
        }
        let before = self.inner.writes();
        let answered = self.inner.transmit(command, response);
        let shown = match &answered {
            Ok(length) => Ok(response.get(..*length).unwrap_or_default()),
            Err(error) => Err(error.to_string()),
        };
        if let Some(passing) = &self.passing {
            passing.put(command, shown.clone());
        }
        self.show(command, &shown, before);
        answered
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        if self.tracing.lines {
            self.note("> RESET");
        }
        if self.tracing.json {
            output::note(json!({"card": self.whose, "command": {"name": "RESET"}}));
        }
        self.inner.reset()
    }

    fn atr(&self) -> &[u8] {
        self.inner.atr()
    }
}

#[cfg(test)]
mod tests;

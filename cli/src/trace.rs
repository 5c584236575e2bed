//! Every APDU that goes by, decoded and readable, on standard error.
//!
//! Bodies that hold PINs, keys or codes are masked unless the user asked for them: what is not known to be harmless
//! counts as secret.

mod fields;

pub use fields::kind;

use apdu::{Command, Response, Sw, Transport};
use applet_model::purse::{PurseCommand, status};

use crate::output;
use crate::session::Trace;

/// A transport that may know how often its card has written to its memory.
pub trait Counting: Transport {
    /// Non-volatile writes so far; nothing if the card does not tell.
    fn writes(&self) -> Option<u64>;
}

/// A transport that shows what goes through it.
#[derive(Debug)]
pub struct Traced<T> {
    inner: T,
    trace: Trace,
    whose: &'static str,
}

impl<T: Transport> Traced<T> {
    /// Shows so much of this transport, each line marked with whose it is, unless that is empty.
    pub const fn new(inner: T, trace: Trace, whose: &'static str) -> Self {
        Self { inner, trace, whose }
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

    /// The answer of the card to the last reset.
    pub fn atr(&self) -> &[u8] {
        self.inner.atr()
    }
}

impl<T: Counting> Traced<T> {
    /// Shows how many writes there were since there had been so many.
    fn note_writes(&self, before: Option<u64>) {
        let made = before.and_then(|before| self.inner.writes()?.checked_sub(before)).unwrap_or(0);
        match made {
            0 => {}
            1 => self.note("    1 write to non-volatile memory"),
            _ => self.note(&format!("    {made} writes to non-volatile memory")),
        }
    }
}

impl<T: Counting> Transport for Traced<T> {
    type Error = T::Error;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        if self.trace == Trace::Off {
            return self.inner.transmit(command, response);
        }
        let secrets = self.trace == Trace::Secrets;
        self.note(&show_command(command, secrets));
        let before = self.inner.writes();
        let answered = self.inner.transmit(command, response);
        self.note(&match &answered {
            Ok(length) => show_response(command, response.get(..*length).unwrap_or_default(), secrets),
            Err(error) => format!("< {error}"),
        });
        self.note_writes(before);
        answered
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        if self.trace != Trace::Off {
            self.note("> RESET");
        }
        self.inner.reset()
    }

    fn atr(&self) -> &[u8] {
        self.inner.atr()
    }
}

/// A command: its name, header, lengths and fields.
fn show_command(bytes: &[u8], secrets: bool) -> String {
    let Ok(command) = Command::decode(bytes) else {
        return format!("> not a command APDU: {}", body(bytes, secrets));
    };
    let decoded = PurseCommand::decode(&command).ok();
    let name = decoded.as_ref().map_or_else(|| iso_name(&command), PurseCommand::name);
    let header =
        [command.cla().byte(), command.ins(), command.p1(), command.p2()].map(|byte| format!("{byte:02X}")).join(" ");
    let mut text = format!("> {name}  {header}");
    if !command.data().is_empty() {
        let harmless = secrets || fields::command_is_harmless(&command, decoded.as_ref());
        text += &format!("  Lc {:02X}  {}", command.data().len(), body(command.data(), harmless));
    }
    if command.ne() > 0 {
        text += &format!("  Le {:02X}", command.ne() % 256);
    }
    line(text, &decoded.map(|decoded| fields::of_command(&decoded)).unwrap_or_default())
}

/// A response: its status word with name and explanation, and its fields.
fn show_response(command: &[u8], bytes: &[u8], secrets: bool) -> String {
    let Ok(Response { data, sw }) = Response::decode(bytes) else {
        return format!("< not a response APDU: {}", body(bytes, secrets));
    };
    let command = Command::decode(command).ok();
    let decoded = command.as_ref().and_then(|command| PurseCommand::decode(command).ok());
    let mut text = format!("< {}", explained(sw));
    if !data.is_empty() {
        let selects = command.is_some_and(|command| command.ins() == SELECT);
        let harmless = secrets || selects || decoded.as_ref().is_some_and(fields::answer_is_harmless);
        text += &format!("  {}", body(data, harmless));
    }
    line(text, &decoded.map(|decoded| fields::of_answer(&decoded, data)).unwrap_or_default())
}

fn line(text: String, fields: &[String]) -> String {
    if fields.is_empty() { text } else { format!("{text}\n    {}", fields.join(", ")) }
}

/// A body in hexadecimal, or masked.
fn body(bytes: &[u8], shown: bool) -> String {
    if shown { hex::encode_upper(bytes) } else { format!("•• ({} bytes)", bytes.len()) }
}

/// A status word with its name, and what it means unless that is plain.
fn explained(sw: Sw) -> String {
    if sw.is_ok() {
        return sw.to_string();
    }
    match (status::explain(sw), sw.tries_left()) {
        (Some((sw, name, explanation)), _) => format!("{:04X} {name}: {explanation}", sw.value()),
        (None, Some(left)) => format!("{:04X} {left} tries left: {}", sw.value(), sw.explanation()),
        (None, None) => format!("{sw}: {}", sw.explanation()),
    }
}

const SELECT: u8 = 0xA4;

/// The names of commands that no applet sees, or that the purse does not understand.
fn iso_name(command: &Command<'_>) -> &'static str {
    match command.ins() {
        SELECT => "SELECT",
        0x70 => "MANAGE CHANNEL",
        0xC0 => "GET RESPONSE",
        0x20 => "VERIFY",
        0x24 => "CHANGE REFERENCE DATA",
        0x2C => "RESET RETRY COUNTER",
        0xB2 => "READ RECORD",
        0xCA => "GET DATA",
        0xE2 => "STORE DATA or APPEND RECORD",
        _ => "unknown command",
    }
}

#[cfg(test)]
mod tests;

//! Bytes in words: commands, answers, data objects, answers to reset, status words, part by part.
//!
//! What bytes are meant as is not written on them: [`readings`] returns all that they may well be, the likeliest first.

mod issuer_domain;
mod parts;
mod tags;
mod toolkit;

use clap::ValueEnum;
use serde::Serialize;

use crate::trace::Veil;

pub use tags::{PREFIXES, whose};

/// What bytes can be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An answer to reset
    Atr,
    /// A command APDU
    Command,
    /// A status word
    Status,
    /// Data objects, BER-TLV
    Tlv,
    /// A response APDU
    Response,
    /// A message of the SIM toolkit: a proactive command, a terminal response, an envelope
    Toolkit,
}

/// The likeliest first.
const KINDS: [Kind; 6] = [Kind::Atr, Kind::Status, Kind::Command, Kind::Toolkit, Kind::Tlv, Kind::Response];

/// Some bytes with their name and meaning, and what is in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where they begin.
    pub at: usize,
    /// How many they are.
    pub length: usize,
    /// The bytes that make the part what it is: the tag and its length, or all of it.
    pub bytes: String,
    /// What they are called.
    pub name: String,
    /// What they say.
    pub meaning: String,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<&'static str>,
    /// What is in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// Bytes as one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// As what.
    #[serde(rename = "as")]
    pub kind: Kind,
    /// What it is, in a few words.
    pub title: String,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// Why bytes cannot be read as something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The byte at fault.
    pub at: usize,
    /// The rule that it breaks.
    pub rule: String,
}

impl Kind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Atr => "ATR",
            Self::Command => "command",
            Self::Status => "status word",
            Self::Tlv => "TLV",
            Self::Response => "response",
            Self::Toolkit => "toolkit",
        }
    }

    /// Reads bytes as this.
    ///
    /// # Errors
    /// Where and why they cannot be.
    pub fn read(self, bytes: &[u8], veil: Veil) -> Result<Reading, Unreadable> {
        let (title, parts) = match self {
            Self::Atr => parts::atr(bytes)?,
            Self::Command => parts::command(bytes, veil)?,
            Self::Status => parts::status(bytes)?,
            Self::Tlv => parts::tlv(bytes)?,
            Self::Response => parts::response(bytes, veil)?,
            Self::Toolkit => toolkit::toolkit(bytes, veil)?,
        };
        Ok(Reading { kind: self, title, parts })
    }

    /// Whether somebody may well have meant this.
    fn is_plausible(self, bytes: &[u8]) -> bool {
        match self {
            // It has a form that little else has.
            Self::Atr => true,
            Self::Status => parts::is_status(bytes),
            Self::Command => parts::is_likely_command(bytes),
            Self::Tlv => parts::is_likely_tlv(bytes),
            Self::Toolkit => toolkit::is_likely(bytes),
            Self::Response => bytes.len() > 2 && parts::ends_in_status(bytes),
        }
    }
}

/// All that these bytes may well be, the likeliest first; if nothing is likely, all that they can be read as.
pub fn readings(bytes: &[u8], veil: Veil) -> Vec<Reading> {
    let read = |kind: &Kind| kind.read(bytes, veil).ok();
    let likely: Vec<Reading> = KINDS.iter().filter(|kind| kind.is_plausible(bytes)).filter_map(read).collect();
    if likely.is_empty() { KINDS.iter().filter_map(read).collect() } else { likely }
}

/// The data of an answer, if it is data objects with names; nothing else.
pub fn data(bytes: &[u8]) -> Vec<Part> {
    if parts::is_likely_tlv(bytes) { parts::tlv(bytes).map(|(_, parts)| parts).unwrap_or_default() } else { Vec::new() }
}

/// The parts as lines, each with where it begins.
pub fn text(parts: &[Part], depth: usize) -> String {
    let mut text = String::new();
    for part in parts {
        let Part { at, bytes, name, meaning, standard, parts, .. } = part;
        let bytes = shortened(bytes);
        let meaning = if meaning.is_empty() { String::new() } else { format!(": {}", shortened(meaning)) };
        let standard = standard.map_or_else(String::new, |standard| format!("  ({standard})"));
        let indent = depth.saturating_mul(2);
        text += &format!("{at:>5}  {:indent$}{bytes}  {name}{meaning}{standard}\n", "");
        text += &self::text(parts, depth.saturating_add(1));
    }
    text
}

/// A line is no place for a whole certificate. Sentences are left whole.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 96;
    let hex = text.chars().all(|c| c.is_ascii_hexdigit() || c == ' ');
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) if hex => format!("{}…", text.get(..at).unwrap_or_default()),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "decode/tests.rs"]
mod tests;

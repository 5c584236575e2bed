//! `digitally readers`

use std::fmt::Write;

use reader::{Change, Reader, ReaderError, Slot, State, Watch};
use serde_json::{Value, json};

use crate::atr;
use crate::failure::Failure;
use crate::failure::reader::reader_failure;
use crate::output::{self, Format, Output};
use crate::session::Session;

/// List the readers, and what is in them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally readers\n  digitally readers --watch")]
pub struct Args {
    /// Go on, and tell of each card and reader that comes or goes, until interrupted; with --json one object a line
    #[arg(long)]
    watch: bool,
}

impl Args {
    /// Lists, or watches.
    ///
    /// # Errors
    /// If PC/SC does not answer.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        if self.watch {
            return watch(session);
        }
        let slots = Reader::list().map_err(failure)?;
        let mut text: String = slots.iter().map(told).collect();
        if slots.is_empty() {
            text = "no readers; what is missing:\n  digitally doctor\n".to_owned();
        }
        let names: Vec<_> = slots.iter().map(|slot| slot.name.as_str()).collect();
        let json = json!({"readers": slots.iter().map(slot_json).collect::<Vec<_>>()});
        Ok(Output::new(&json, text, names.join("\n")))
    }
}

fn failure(error: ReaderError) -> Failure {
    reader_failure(&error, "--reader NAME", None)
}

fn watch(session: &Session) -> Result<Output, Failure> {
    let mut watch = Watch::begin().map_err(failure)?;
    for slot in watch.slots() {
        output::print(&match session.format {
            Format::Json => json!({"event": "found", "reader": slot_json(slot)}).to_string(),
            Format::Quiet => continue,
            Format::Text => told(slot),
        })?;
    }
    session.note("waiting for cards and readers; Ctrl-C ends this");
    loop {
        for Change { happening, slot } in watch.next(None).map_err(failure)? {
            output::print(&match session.format {
                Format::Json => json!({"event": happening.name(), "reader": slot_json(&slot)}).to_string(),
                Format::Quiet => format!("{} {}", happening.name(), slot.name),
                Format::Text => format!("{}: {}", happening.name(), told(&slot)),
            })?;
        }
    }
}

/// A reader for people: its name, what is in it, and what the card says first.
fn told(slot: &Slot) -> String {
    let mut text = format!("{}\n  {}\n", slot.name, slot.state);
    if !slot.atr.is_empty() {
        let _ = writeln!(text, "  ATR {}: {}", hex::encode_upper(&slot.atr), atr::summary(&slot.atr));
    }
    text
}

fn slot_json(slot: &Slot) -> Value {
    let has_atr = !slot.atr.is_empty();
    json!({
        "name": slot.name,
        "state": slot.state.name(),
        "card": slot.state.is_occupied(),
        "exclusive": slot.state == State::Exclusive,
        "atr": has_atr.then(|| hex::encode_upper(&slot.atr)),
        "atr_parts": has_atr.then(|| atr::parts(&slot.atr)),
        "protocols": has_atr.then(|| atr::protocols(&slot.atr)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_in_words_and_as_json() {
        let atr = card_sim::atr::DEFAULT.to_vec();
        let slot = Slot { name: "Virtual PCD 00 00".to_owned(), state: State::InUse, atr, events: 1 };
        let text = told(&slot);
        assert!(text.contains("in use") && text.contains("T=0 and T=1"), "{text}");
        let json = slot_json(&slot);
        assert_eq!((&json["state"], &json["protocols"]), (&json!("in-use"), &json!([0, 1])));
        let empty = Slot { state: State::Empty, atr: Vec::new(), ..slot };
        assert_eq!(told(&empty), "Virtual PCD 00 00\n  no card\n");
        assert!(slot_json(&empty)["atr"].is_null());
    }
}

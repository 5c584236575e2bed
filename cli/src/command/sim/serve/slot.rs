//! One card in one reader, and what is said of it on standard error.

use apdu::Transport;
use card_sim::Protocol;
use card_sim::vpcd::{self, Control, Event, Pace};
use serde_json::{Value, json};

use crate::failure::medium::file_failure;
use crate::failure::{ErrorCode, Failure};
use crate::medium::open_unpowered;
use crate::session::Session;
use crate::trace::Traced;

use super::inserted::Inserted;

/// A card, and the reader it goes into.
#[derive(Debug)]
pub struct Slot<'a> {
    /// Its file, as it was named.
    pub path: &'a str,
    /// Where its reader's driver listens.
    pub address: String,
    /// What it speaks, unless its ATR decides.
    pub protocol: Option<Protocol>,
    /// Whether it is, whenever it is powered up, as its file has it.
    pub forget: bool,
    /// Whether it waits for a driver that was never there.
    pub wait: bool,
    /// The hand at it.
    pub control: Control,
}

/// What became of a card in a reader.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    insertions: u64,
    resets: u64,
    commands: u64,
}

impl Slot<'_> {
    /// Serves until it is stopped.
    ///
    /// # Errors
    /// If the card cannot be opened or kept, or nobody has ever listened.
    pub fn serve(&self, session: &Session) -> Result<Tally, Failure> {
        let file = open_unpowered(self.path, session)?;
        let protocol = self.protocol.unwrap_or_else(|| vpcd::protocol(file.atr()));
        let card = if self.forget {
            Inserted::forgetful(file, protocol, session).map_err(|error| file_failure(self.path, &error))?
        } else {
            Inserted::kept(file, protocol)
        };
        let mut card = Traced::new(card, session.tracing.clone(), format!("{}:", self.path));
        let mut tally = Tally::default();
        let mut silent = None;
        let mut waits = false;
        let mut report = |event: Event<'_>| {
            tally.count(&event);
            if let Event::Waiting(error) = event {
                if tally.insertions == 0 && !self.wait {
                    silent = Some(self.silent(error));
                    self.control.stop();
                } else if !std::mem::replace(&mut waits, true) {
                    session.note(&format!("{}: waits for vpcd at {} ({error})", self.path, self.address));
                }
                return;
            }
            waits = false;
            if let Some(text) = self.told(&event) {
                session.note(&format!("{}: {text}", self.path));
            }
        };
        let served = vpcd::run(&mut card, &self.address, Pace::DEFAULT, &self.control, &mut report);
        served.map_err(|error| file_failure(self.path, &error))?;
        card.inner_mut().save().map_err(|error| file_failure(self.path, &error))?;
        silent.map_or(Ok(tally), Err)
    }

    /// What an event is to those who watch; nothing of what happens all the time.
    fn told(&self, event: &Event<'_>) -> Option<String> {
        Some(match event {
            Event::Inserted => format!("inserted into the reader at {}", self.address),
            Event::Ignored => {
                format!("the reader at {} takes no notice: another card is in it, or that is not vpcd", self.address)
            }
            Event::PoweredUp => "powered up".to_owned(),
            Event::PoweredDown => "powered down".to_owned(),
            Event::Reset => "reset".to_owned(),
            Event::Mute => "said nothing, its power has failed: pulled out, and put back".to_owned(),
            Event::Removed => "removed".to_owned(),
            Event::Gone => "the reader has gone: pcscd has ended, or was started anew".to_owned(),
            _ => return None,
        })
    }

    /// Where it is.
    pub fn status(&self) -> String {
        let place = match (self.control.is_inserted(), self.control.is_connected()) {
            (false, _) => "removed".to_owned(),
            (true, true) => format!("in the reader at {}", self.address),
            (true, false) => format!("waits for the reader at {}", self.address),
        };
        format!("{}: {place}", self.path)
    }

    fn silent(&self, error: &std::io::Error) -> Failure {
        Failure::new(
            ErrorCode::VpcdSilent,
            format!(
                "no reader for {} at {}: {error}. vpcd listens there, which pcscd loads; the card connects to it",
                self.path, self.address
            ),
        )
        .help(
            "install vsmartcard-vpcd and start pcscd, or give --wait to wait for it. What is there and what is not:\n  \
             digitally doctor",
        )
    }
}

impl Tally {
    const fn count(&mut self, event: &Event<'_>) {
        let counter = match event {
            Event::Inserted => &mut self.insertions,
            Event::PoweredUp | Event::Reset => &mut self.resets,
            Event::Answered => &mut self.commands,
            _ => return,
        };
        *counter = counter.saturating_add(1);
    }

    /// For people.
    pub fn text(&self, slot: &Slot<'_>) -> String {
        let Self { insertions, resets, commands } = self;
        format!("{}: commands {commands}, resets {resets}, insertions {insertions}\n", slot.path)
    }

    /// As JSON.
    pub fn json(&self, slot: &Slot<'_>) -> Value {
        json!({
            "card": slot.path,
            "vpcd": slot.address,
            "commands": self.commands,
            "resets": self.resets,
            "insertions": self.insertions,
        })
    }
}

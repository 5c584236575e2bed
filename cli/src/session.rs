//! What holds for one run of the program, whatever the command.

use std::sync::{Arc, Mutex};

use applet_model::runtime::Random;
use card_sim::{OsRandom, SeededRandom};

use crate::args::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::trace::{Pcap, Tracing, Veil};

/// The global options, resolved.
#[derive(Clone, Debug)]
pub struct Session {
    /// How results are wanted.
    pub format: Format,
    /// Where APDUs are shown.
    pub tracing: Tracing,
    /// Whose card it is, where a trace has to tell several apart; or else empty.
    pub whose: String,
    seed: Option<u64>,
}

impl Session {
    /// The session that was asked for; says aloud what is dangerous in it.
    ///
    /// # Errors
    /// If the capture file cannot be written.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let pcap = global.trace_pcap.as_deref().map(Pcap::open).transpose()?;
        let elsewhere = global.trace_json || pcap.is_some();
        let tracing = Tracing {
            lines: global.trace || (global.trace_secrets && !elsewhere),
            json: global.trace_json,
            pcap: pcap.map(|pcap| Arc::new(Mutex::new(pcap))),
            veil: if global.trace_secrets { Veil::Lifted } else { Veil::Unknown },
        };
        if global.trace_secrets {
            output::alarm(
                "--trace-secrets: PINs, keys and codes stand readable in what is traced and shown; keep it from others",
            );
        }
        if global.seed.is_some() {
            output::note("deterministic randomness: for tests only");
        }
        Ok(Self { format: Format::wanted(global), tracing, whose: String::new(), seed: global.seed })
    }

    /// What is masked where a command shows bytes that its user has just asked for.
    pub fn veil(&self) -> Veil {
        if self.tracing.veil == Veil::Lifted { Veil::Lifted } else { Veil::Secret }
    }

    /// The same, its traces marked with whose card they are of.
    pub fn of(&self, whose: &str) -> Self {
        Self { whose: whose.to_owned(), ..self.clone() }
    }

    /// The same for one of several people, counted from 1, whose card has random numbers of its own also where a seed was typed.
    pub fn for_person(&self, person: u64) -> Self {
        Self { seed: self.seed.map(|seed| seed.wrapping_add(person)), ..self.clone() }
    }

    /// The seed that was typed, if one was.
    pub const fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The random source of a card.
    pub fn random(&self) -> Box<dyn Random> {
        match self.seed {
            Some(seed) => Box::new(SeededRandom::new(seed)),
            None => Box::new(OsRandom),
        }
    }

    /// Says something that is good to know and no result: not with `--quiet`.
    pub fn note(&self, text: &str) {
        if self.format != Format::Quiet {
            output::note(text);
        }
    }
}

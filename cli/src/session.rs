//! What holds for one run of the program, whatever the command.

use applet_model::runtime::Random;
use card_sim::{OsRandom, SeededRandom};

use crate::args::Global;
use crate::output::{self, Format};

/// The global options, resolved.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// How results are wanted.
    pub format: Format,
    /// Whether APDUs are shown.
    pub trace: Trace,
    /// Whose card it is, where a trace has to tell several apart; or else empty.
    pub whose: &'static str,
    seed: Option<u64>,
}

/// How much is shown of the APDUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Nothing.
    Off,
    /// Everything but secrets.
    Masked,
    /// Everything.
    Secrets,
}

impl Session {
    /// The session that was asked for; says aloud what is dangerous in it.
    pub fn new(global: &Global) -> Self {
        let format = match (global.json, global.quiet) {
            (true, _) => Format::Json,
            (false, true) => Format::Quiet,
            (false, false) => Format::Text,
        };
        let trace = match (global.trace, global.trace_secrets) {
            (_, true) => Trace::Secrets,
            (true, false) => Trace::Masked,
            (false, false) => Trace::Off,
        };
        if trace == Trace::Secrets {
            output::alarm(
                "--trace-secrets: PINs, keys and codes stand readable in the bytes below; keep this from others",
            );
        }
        if global.seed.is_some() {
            output::note("deterministic randomness: for tests only");
        }
        Self { format, trace, whose: "", seed: global.seed }
    }

    /// The same, its traces marked with whose card they are of.
    pub const fn of(self, whose: &'static str) -> Self {
        Self { whose, ..self }
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

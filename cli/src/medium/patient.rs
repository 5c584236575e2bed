//! A card in a reader, whose answers are not waited for without end.
//!
//! A driver may wait for a card for ever, and nothing in PC/SC ends an exchange that has begun. So a thread looks at the
//! clock, and if an exchange takes too long it ends the program: neither the exchange nor its thread can be ended alone.

use std::process::exit;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use apdu::Transport;
use reader::{Protocol, Reader, ReaderError};

use crate::failure::{ErrorCode, Failure};
use crate::output::{self, Format};

/// Far longer than any command of a purse takes, in slow cards too.
const LIMIT: Duration = Duration::from_secs(30);
/// After so long it is said that an answer is being waited for.
const NOTICE: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_secs(1);

/// When the exchange under way began.
type Since = Mutex<Option<Instant>>;

/// The card.
#[derive(Debug)]
pub struct Patient {
    reader: Reader,
    since: Arc<Since>,
}

impl Patient {
    /// The card in this reader. `card` is the option that names it.
    pub fn new(reader: Reader, card: String, format: Format) -> Self {
        let since = Arc::new(Since::default());
        let (watched, name) = (Arc::downgrade(&since), reader.name().to_owned());
        // Without it everything is as before, but for a card that never answers.
        let _ = thread::Builder::new().spawn(move || watch(&watched, &name, &card, format));
        Self { reader, since }
    }

    /// The protocol in use.
    pub const fn protocol(&self) -> Protocol {
        self.reader.protocol()
    }

    /// Sends exactly these bytes, over T=0 too.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn transmit_raw(&mut self, bytes: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        self.timed(|reader| reader.transmit_raw(bytes, response))
    }

    /// Takes the power from the card, and gives it back.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn power_cycle(&mut self) -> Result<(), ReaderError> {
        self.timed(Reader::power_cycle)
    }

    fn timed<R>(&mut self, work: impl FnOnce(&mut Reader) -> R) -> R {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let outcome = work(&mut self.reader);
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = None;
        outcome
    }
}

/// Looks until the card is let go of.
fn watch(since: &Weak<Since>, reader: &str, card: &str, format: Format) {
    let mut told = None;
    loop {
        thread::park_timeout(GLANCE);
        let Some(since) = since.upgrade() else { return };
        let began = *since.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(began) = began else { continue };
        if began.elapsed() >= LIMIT {
            let failure = silent(reader, card);
            output::report(&failure, format);
            exit(failure.code().exit().number().into());
        }
        if began.elapsed() >= NOTICE && told != Some(began) {
            output::note(format!("the card in {reader} does not answer; waiting"));
            told = Some(began);
        }
    }
}

fn silent(reader: &str, card: &str) -> Failure {
    let limit = LIMIT.as_secs();
    Failure::new(ErrorCode::CardSilent, format!("the card in {reader} has not answered for {limit} seconds")).help(format!(
        "whether it did the last command is not known. Take it out and put it in again, then look at its log, and at its \
         last payment:\n  digitally card log {card}\n  digitally pay last {card}"
    ))
}

impl Transport for Patient {
    type Error = ReaderError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        self.timed(|reader| reader.transmit(command, response))
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        self.timed(Reader::reset)
    }

    fn atr(&self) -> &[u8] {
        self.reader.atr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_said() {
        let failure = silent("R", "--reader '00 01'");
        assert_eq!((failure.code(), failure.code().exit().number()), (ErrorCode::CardSilent, 2));
        assert!(failure.advice().is_some_and(|advice| advice.contains("digitally pay last --reader '00 01'")));
    }
}

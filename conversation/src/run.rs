//! The runner: says each line to its card, and compares what comes back.

use std::error::Error;
use std::fmt;

use apdu::{Channel, Command, ExchangeError, Response, Sw, Transport, exchange};
use thiserror::Error;
use zeroize::Zeroize;

use crate::expect::{Answer, Data, Expect, StatusPattern};
use crate::kind::{Bytes, Kind, spaced};
use crate::outcome::{Answered, Missed, Outcome};
use crate::said::{carries_pin, ordered};
use crate::scope::Kept;
use crate::script::{Located, Place, Script};
use crate::stage::{Role, Stage, StageError};
use crate::statement::{Exchange, Expected, Statement};

/// Why a script could not be played to its end. What a card answers is never the reason: see [`Outcome`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The host has no card for a role.
    #[error("there is no card for `{role}`: {source}")]
    Bring {
        /// The role.
        role: String,
        /// Why.
        source: StageError,
    },
    /// The script cuts the power of a card that cannot be cut. Nothing was run.
    #[error("{place}: `cut` cannot be done: the power of the card `{role}` is not in our hands")]
    NoPowerCut {
        /// The line.
        place: Place,
        /// The role.
        role: String,
    },
    /// The host has no order of the issuer.
    #[error("{place}: there is no order: {source}")]
    Order {
        /// The line.
        place: Place,
        /// Why.
        source: StageError,
    },
    /// The way to the card failed, or the card said what no card may say.
    #[error("{place}: the card could not be asked: {source}")]
    Exchange {
        /// The line.
        place: Place,
        /// Why.
        source: Box<dyn Error>,
    },
    /// The card could not be reset.
    #[error("{place}: the card could not be reset: {source}")]
    Reset {
        /// The line.
        place: Place,
        /// Why.
        source: Box<dyn Error>,
    },
    /// What a card answered before cannot be used as the script uses it.
    #[error("{place}: {message}")]
    Value {
        /// The line.
        place: Place,
        /// Why.
        message: String,
    },
    /// A cut that the script asks for has not come: the card made fewer writes. What was to be torn was not.
    #[error("{place}: the power of the card `{role}` did not fail: it made fewer writes")]
    NotCut {
        /// The line of its first cut.
        place: Place,
        /// The role.
        role: String,
    },
    /// The cards answered more than is kept.
    #[error("{place}: the answers of this script are longer than {most} bytes together")]
    TooMuch {
        /// The line.
        place: Place,
        /// How much is kept.
        most: usize,
    },
}

/// One exchange, as it happened. `Display` and `Debug` hide what a command with a PIN carries.
#[derive(Clone, Copy)]
pub struct Step<'s> {
    /// The line of the command.
    pub place: &'s Place,
    /// To whom it was said.
    pub role: &'s Role,
    /// On which logical channel.
    pub channel: Channel,
    /// The line, without PINs.
    pub said: &'s str,
    /// The bytes that were sent, with PINs.
    pub sent: &'s [u8],
    /// What came back, put together.
    pub answer: &'s Answer,
    /// What was expected, if that is something else.
    pub missed: Option<&'s Missed>,
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// CLA, INS, P1, P2.
        const HEADER: usize = 4;
        /// More bytes than these are counted only.
        const SHOWN: usize = 64;
        writeln!(f, "{}: {}", self.place, self.said)?;
        let secret = self.sent.get(1).is_some_and(|instruction| carries_pin(*instruction));
        let shown = if secret { HEADER } else { SHOWN };
        match self.sent.get(..shown).filter(|shown| shown.len() < self.sent.len()) {
            Some(shown) => writeln!(f, "  > {} … ({} bytes)", spaced(shown), self.sent.len())?,
            None => writeln!(f, "  > {}", spaced(self.sent))?,
        }
        write!(f, "  < {}", self.answer)
    }
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Script {
    /// Plays the script: brings every card, then says line after line, and ends at the first answer that is not as
    /// expected. `observer` hears of each exchange.
    ///
    /// # Errors
    /// [`RunError`]: why it could not be played to its end.
    pub fn run<S: Stage>(&self, stage: &mut S, observer: &mut dyn FnMut(&Step<'_>)) -> Result<Outcome, RunError> {
        let mut cards = Vec::new();
        for role in &self.roles {
            let card = stage.bring(role).map_err(|source| RunError::Bring { role: role.name.clone(), source })?;
            cards.push(card);
        }
        for (role, card) in self.roles.iter().zip(&mut cards) {
            if let Some(place) = self.first_cut(&role.name)
                && stage.power(role, card).is_none()
            {
                return Err(RunError::NoPowerCut { place, role: role.name.clone() });
            }
        }
        let mut run = Run {
            script: self,
            stage,
            cards,
            kept: Kept::default(),
            scratch: vec![0; Command::MAX_LENGTH],
            response: vec![0; LONGEST_RESPONSE],
            bytes: 0,
            outcome: Outcome { answers: Vec::new(), missed: None },
        };
        for located in &self.statements {
            run.statement(located, observer)?;
            if run.outcome.missed.is_some() {
                return Ok(run.outcome);
            }
        }
        for (role, card) in self.roles.iter().zip(&mut run.cards) {
            if let Some(place) = self.first_cut(&role.name)
                && run.stage.power(role, card).is_some_and(|power| power.armed().is_some())
            {
                return Err(RunError::NotCut { place, role: role.name.clone() });
            }
        }
        Ok(run.outcome)
    }
}

/// 65,536 bytes of data and a status word.
const LONGEST_RESPONSE: usize = 65_538;
/// The most bytes of answers that an outcome holds: 16 MiB.
const MOST: usize = 16 << 20;

/// A script on its way.
struct Run<'r, S: Stage> {
    script: &'r Script,
    stage: &'r mut S,
    cards: Vec<S::Card>,
    kept: Kept,
    scratch: Vec<u8>,
    response: Vec<u8>,
    bytes: usize,
    outcome: Outcome,
}

impl<S: Stage> Run<'_, S> {
    fn statement(&mut self, located: &Located, observer: &mut dyn FnMut(&Step<'_>)) -> Result<(), RunError> {
        let place = || self.script.place(located);
        match &located.statement {
            Statement::Decimals(_) | Statement::Card(_) | Statement::Set { .. } => Ok(()),
            Statement::Reset(role) => match self.cards.get_mut(*role).map(Transport::reset) {
                Some(Err(error)) => Err(RunError::Reset { place: place(), source: Box::new(error) }),
                _ => Ok(()),
            },
            Statement::Cut { role, cut } => {
                let (Some(role), Some(card)) = (self.script.roles.get(*role), self.cards.get_mut(*role)) else {
                    return Ok(());
                };
                match self.stage.power(role, card) {
                    Some(power) => power.arm(*cut),
                    None => {
                        return Err(RunError::NoPowerCut {
                            place: self.script.place(located),
                            role: role.name.clone(),
                        });
                    }
                }
                Ok(())
            }
            Statement::Say(exchange) => self.exchange(located, exchange, observer),
        }
    }

    fn exchange(
        &mut self,
        located: &Located,
        exchange: &Exchange,
        observer: &mut dyn FnMut(&Step<'_>),
    ) -> Result<(), RunError> {
        let place = self.script.place(located);
        let Some(role) = self.script.roles.get(exchange.role) else { return Ok(()) };
        let value = |message| RunError::Value { place: place.clone(), message };
        let channel = self.channel(exchange).map_err(value)?;
        let sent = match exchange.said.bytes(channel, &self.kept).map_err(value)? {
            Some(bytes) => bytes,
            None => self.order(role, exchange, channel, &place)?,
        };
        let answer = self.send(exchange, &sent, &place)?;
        if let Answer::Response { data, .. } = &answer {
            self.bytes = self.bytes.saturating_add(data.len());
        }
        if self.bytes > MOST {
            return Err(RunError::TooMuch { place, most: MOST });
        }
        let mut said = String::new();
        // Writing to a string never fails.
        let _ = located.statement.write(&mut said, &self.script.roles, false, self.script.decimals);
        self.compare(located, exchange, &answer, &said)?;
        let missed = self.outcome.missed.as_ref();
        observer(&Step { place: &place, role, channel, said: &said, sent: &sent, answer: &answer, missed });
        self.outcome.answers.push(Answered { place, said, answer });
        Ok(())
    }

    /// Compares an answer with all that is expected of it, and keeps what gets a name.
    fn compare(&mut self, located: &Located, exchange: &Exchange, answer: &Answer, said: &str) -> Result<(), RunError> {
        let place = self.script.place(located);
        let usual = [Expected { line: place.line, expect: Expect::Status(StatusPattern::OK, Data::Unread) }];
        let expected = if exchange.expected.is_empty() { usual.as_slice() } else { &exchange.expected };
        for Expected { line, expect } in expected {
            let place = self.script.place_of_line(located, *line);
            let compared = expect
                .compare(answer, &mut self.kept, self.script.decimals)
                .map_err(|message| RunError::Value { place: place.clone(), message })?;
            if let Err(mismatch) = compared {
                self.outcome.missed = Some(Missed { place, said: said.to_owned(), mismatch });
                break;
            }
        }
        Ok(())
    }

    fn channel(&self, exchange: &Exchange) -> Result<Channel, String> {
        let Some(channel) = &exchange.channel else { return Ok(Channel::BASIC) };
        let bytes = channel.bytes(Some(Kind::Count(1)), &self.kept)?;
        let number = bytes.first().copied().unwrap_or_default();
        Channel::new(number).ok_or_else(|| format!("there is no channel {number}"))
    }

    /// The command that brings an order of the issuer.
    fn order(&mut self, role: &Role, exchange: &Exchange, channel: Channel, place: &Place) -> Result<Bytes, RunError> {
        let value = |message| RunError::Value { place: place.clone(), message };
        let order = exchange.said.order(&self.kept).map_err(value)?;
        let (Some(order), Some(card)) = (order, self.cards.get_mut(exchange.role)) else {
            return Ok(Bytes::default());
        };
        let written = self.stage.order(role, card, order);
        let written = written.map_err(|source| RunError::Order { place: place.clone(), source })?;
        ordered(order, written, channel).map_err(value)
    }

    /// Sends, and puts together what comes.
    fn send(&mut self, sent_by: &Exchange, sent: &[u8], place: &Place) -> Result<Answer, RunError> {
        let Some(card) = self.cards.get_mut(sent_by.role) else { return Ok(Answer::Silence) };
        let failed = |source: Box<dyn Error>| RunError::Exchange { place: place.clone(), source };
        let command = Command::decode(sent).ok().filter(|_| sent_by.said.is_followed());
        let answer = match command {
            Some(command) => {
                let exchanged = exchange(card, &command, &mut self.scratch, &mut self.response);
                match exchanged {
                    Ok(Response { data, sw }) => Ok(Answer::Response { data: data.to_vec(), sw }),
                    Err(ExchangeError::Response(short)) if short.length == 0 => Ok(Answer::Silence),
                    Err(error) => Err(failed(Box::new(error))),
                }
            }
            None => {
                let length = card.transmit(sent, &mut self.response).map_err(|error| failed(Box::new(error)))?;
                let bytes = self.response.get(..length).unwrap_or_default();
                match bytes.split_last_chunk() {
                    _ if length == 0 => Ok(Answer::Silence),
                    Some((data, sw)) => Ok(Answer::Response { data: data.to_vec(), sw: Sw::from_bytes(*sw) }),
                    None => Err(failed(Box::new(apdu::ResponseTooShort { length }))),
                }
            }
        };
        // The command may have carried a PIN; what was written of it, it was at the start.
        self.scratch.get_mut(..sent.len()).unwrap_or_default().zeroize();
        answer
    }
}

//! What the card waits for a person to do, and what keys make of it.

use std::time::Duration;

use toolkit::command::Characters;
use toolkit::text::{Alphabet, Text};
use toolkit::{Answer, CommandDetails, Outcome, ResultCode, TerminalResponse};
use zeroize::Zeroizing;

use crate::entry::Entry;
use crate::screen::{HEIGHT, Screen};
use crate::{Key, Pressed};

/// After this time without a key, the next press of the same key is another letter.
pub(crate) const TAP: Duration = Duration::from_secs(1);

/// A proactive command that is not answered yet.
pub(crate) struct Asked {
    pub(crate) details: CommandDetails,
    pub(crate) ask: Ask,
    /// Whether help may be asked for.
    pub(crate) help: bool,
    /// The result if it is done: [`ResultCode::DONE`], or that an icon could not be shown.
    pub(crate) done: ResultCode,
    /// How long nobody has pressed a key, and how long the phone waits.
    pub(crate) waited: Duration,
    pub(crate) patience: Duration,
    /// The first line that is seen of a text.
    pub(crate) top: usize,
}

/// What is asked.
pub(crate) enum Ask {
    /// To read a text; the flag: whether the person must clear it.
    Text { text: String, must_clear: bool },
    /// To choose an item.
    Choice { title: String, items: Vec<(u8, String)>, at: usize },
    /// For a line.
    Line { question: String, entry: Entry, packed: bool },
    /// For one character; the flag: whether the key answers at once.
    Character { question: String, entry: Entry, immediate: bool },
    /// For yes or no.
    YesNo { question: String, yes: bool },
}

/// What comes of a key.
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// The screen is another.
    Screen,
    /// The command is answered.
    Answered(ResultCode),
}

impl From<&Effect> for Pressed {
    fn from(effect: &Effect) -> Self {
        if matches!(effect, Effect::None) { Self::Ignored } else { Self::Taken }
    }
}

impl Asked {
    pub(crate) fn press(&mut self, key: Key) -> Effect {
        self.waited = Duration::ZERO;
        match key {
            Key::End => return Effect::Answered(ResultCode::SESSION_ENDED),
            Key::Back => return Effect::Answered(ResultCode::BACK),
            Key::Help if self.help => return Effect::Answered(ResultCode::HELP),
            Key::Up | Key::Down => return if self.scroll(key) { Effect::Screen } else { Effect::None },
            _ => {}
        }
        let done = self.done;
        match &mut self.ask {
            Ask::Text { .. } | Ask::Choice { .. } | Ask::YesNo { .. } => match key {
                Key::Ok => Effect::Answered(done),
                _ => Effect::None,
            },
            Ask::Line { entry, .. } | Ask::Character { entry, immediate: false, .. } => match key {
                Key::Ok if entry.is_enough() => Effect::Answered(done),
                Key::Clear if entry.clear() => Effect::Screen,
                key if entry.press(key) => Effect::Screen,
                _ => Effect::None,
            },
            Ask::Character { entry, .. } => {
                if entry.press(key) && entry.is_enough() {
                    Effect::Answered(done)
                } else {
                    Effect::None
                }
            }
        }
    }

    /// Moves through what is on the screen, if there is anywhere to go.
    fn scroll(&mut self, key: Key) -> bool {
        let moved =
            |at: usize, last: usize| if key == Key::Up { at.saturating_sub(1) } else { last.min(at.saturating_add(1)) };
        let (question, room) = match &mut self.ask {
            Ask::Choice { items, at, .. } => {
                let next = moved(*at, items.len().saturating_sub(1));
                return std::mem::replace(at, next) != next;
            }
            Ask::YesNo { yes, .. } => {
                let next = key == Key::Up;
                return std::mem::replace(yes, next) != next;
            }
            Ask::Text { text, .. } => (text, HEIGHT),
            Ask::Line { question, entry, .. } | Ask::Character { question, entry, .. } => {
                (question, Screen::question_room(&entry.shown()))
            }
        };
        let next = moved(self.top, Screen::scrolls(question, room));
        std::mem::replace(&mut self.top, next) != next
    }

    /// Lets time pass, and says what comes of it.
    pub(crate) fn pass(&mut self, time: Duration) -> Option<ResultCode> {
        self.waited = self.waited.saturating_add(time);
        if let Ask::Line { entry, .. } | Ask::Character { entry, .. } = &mut self.ask
            && self.waited >= TAP
        {
            entry.pause();
        }
        (self.waited >= self.patience).then_some(match self.ask {
            Ask::Text { must_clear: false, .. } => self.done,
            _ => ResultCode::NO_RESPONSE,
        })
    }

    pub(crate) fn screen(&self) -> Screen {
        match &self.ask {
            Ask::Text { text, .. } => Screen::text(text, self.top),
            Ask::Choice { title, items, at } => Screen::list(title, items.iter().map(|(_, item)| item.as_str()), *at),
            Ask::Line { question, entry, .. } => Screen::entry(question, &entry.shown(), self.top),
            Ask::Character { question, immediate: true, .. } => Screen::text(question, self.top),
            Ask::Character { question, entry, .. } => Screen::entry(question, &entry.shown(), self.top),
            Ask::YesNo { question, yes } => Screen::list(question, ["Yes", "No"].into_iter(), usize::from(!yes)),
        }
    }

    /// The response with this result, and what the person chose or keyed in.
    pub(crate) fn response(&self, code: ResultCode) -> Zeroizing<Vec<u8>> {
        let outcome = Outcome::new(code);
        let mut coded = Zeroizing::new([0; TerminalResponse::MAX_LENGTH]);
        let answer = match &self.ask {
            Ask::Choice { items, at, .. } if code == self.done || code == ResultCode::HELP => {
                items.get(*at).map_or(Answer::None, |(id, _)| Answer::Item(*id))
            }
            Ask::Line { entry, packed, .. } if code == self.done => keyed(entry, *packed, coded.as_mut_slice()),
            Ask::Character { entry, .. } if code == self.done => keyed(entry, false, coded.as_mut_slice()),
            Ask::YesNo { yes, .. } if code == self.done => {
                let bytes = if *yes { &[1] } else { &[0] };
                Answer::Text(Text::Coded { dcs: Alphabet::Octets.dcs(), bytes })
            }
            _ => Answer::None,
        };
        respond(self.details, outcome, answer)
    }
}

/// What was keyed in, as the card wants it.
fn keyed<'b>(entry: &Entry, packed: bool, out: &'b mut [u8]) -> Answer<'b> {
    let alphabet = match (entry.characters, packed) {
        (Characters::Ucs2, _) => Alphabet::Ucs2,
        (_, true) => Alphabet::Packed,
        (_, false) => Alphabet::Octets,
    };
    // What can be keyed in has a code.
    Text::encode(entry.text(), alphabet, out).map_or(Answer::None, Answer::Text)
}

/// A TERMINAL RESPONSE. What does not fit into one is beyond the terminal's capabilities.
pub(crate) fn respond(details: CommandDetails, outcome: Outcome<'_>, answer: Answer<'_>) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new([0; TerminalResponse::MAX_LENGTH]);
    let response = TerminalResponse::new(details, outcome, answer);
    if let Ok(bytes) = response.encode(out.as_mut_slice()) {
        return Zeroizing::new(bytes.to_vec());
    }
    let outcome = Outcome::new(ResultCode::BEYOND_CAPABILITIES);
    let bytes = TerminalResponse::new(details, outcome, Answer::None).encode(out.as_mut_slice()).map(<[u8]>::to_vec);
    Zeroizing::new(bytes.unwrap_or_default())
}

//! A script that is played: with which phones, what is seen, and where it was not as expected.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use apdu::Transport;

use super::step::{Step, Typed};
use super::{Located, Script};
use crate::{HandsetError, Key, Player, Pressed, Room, Screen};

/// A step that was played. `Display` writes it as a transcript has it: what was done, and the screen if it may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The line of the script.
    pub line: u32,
    /// What was done: the step as it is written, with its phone. What is keyed in where it must not be seen is `****`.
    pub said: String,
    /// The keys that meant nothing.
    pub ignored: Vec<Key>,
    /// What was kept.
    pub kept: Option<String>,
    /// The screen after it; none behind `expect` and `keep`, which change nothing.
    pub screen: Option<Screen>,
}

/// Why a script was not played to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError<E: std::error::Error + 'static> {
    /// Our caller: there is no such phone.
    #[error("there is no phone for {name}")]
    NoPhone {
        /// The name that the script has for it.
        name: String,
    },
    /// It ended at a step.
    #[error(transparent)]
    Stopped(Box<Stopped<E>>),
}

/// Where a script ended, and why. `Display` takes several lines, the first with the place, the last ones with the screen.
#[derive(Debug)]
pub struct Stopped<E: std::error::Error + 'static> {
    /// The script.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The step, as a [`Played`] has it.
    pub said: String,
    /// Why.
    pub why: Reason<E>,
    /// What was on the screen.
    pub screen: Screen,
}

/// Why a step was the last.
#[derive(Debug, thiserror::Error)]
pub enum Reason<E: std::error::Error + 'static> {
    /// It could not be done.
    #[error(transparent)]
    Phone(#[from] HandsetError<E>),
    /// The screen is not as expected.
    #[error(transparent)]
    Missed(#[from] Missed),
}

/// What is not as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missed {
    /// `expect`, `keep`.
    #[error("this is not on the screen")]
    NotThere,
    /// `expect no`.
    #[error("this is on the screen")]
    There,
    /// `expect line`.
    #[error("the line is another")]
    Line,
    /// `expect idle`.
    #[error("the phone is not idle")]
    NotIdle,
}

/// Why a step could not be played with this phone.
type Why<P> = Reason<<<P as Player>::Card as Transport>::Error>;
/// Why a script could not be played with these phones.
type RoomError<R> = PlayError<<<R as Room>::Card as Transport>::Error>;

impl Script {
    /// Plays it with these phones, which have the names that [`phones`](Self::phones) gives, and tells of each step after
    /// it was played. The phones are as the last step left them.
    ///
    /// # Errors
    /// [`PlayError`]: a phone is missing, a step could not be done, or a screen is not as expected. Nothing more is played.
    pub fn play<R: Room>(&self, phones: &mut R, seen: &mut dyn FnMut(&Played)) -> Result<(), RoomError<R>> {
        if let Some(name) = self.phones().find(|name| phones.phone(name).is_none()) {
            return Err(PlayError::NoPhone { name: name.to_owned() });
        }
        let mut kept = BTreeMap::new();
        for located in &self.steps {
            let name = self.phones.get(located.phone).map_or("", String::as_str);
            let Some(mut phone) = phones.phone(name) else { return Err(PlayError::NoPhone { name: name.to_owned() }) };
            let hidden = phone.handset().is_hidden() && matches!(located.step, Step::Type(_));
            let said = if hidden { self.said(located, &"type ****") } else { self.said(located, &located.step) };
            let mut played = Played { line: located.line, said, ignored: Vec::new(), kept: None, screen: None };
            if let Err(why) = step(&mut phone, located, &mut kept, &mut played) {
                let (file, line, screen) = (self.file.clone(), located.line, phone.screen().into_owned());
                return Err(PlayError::Stopped(Box::new(Stopped { file, line, said: played.said, why, screen })));
            }
            seen(&played);
        }
        Ok(())
    }
}

fn step<P: Player>(
    phone: &mut P,
    located: &Located,
    kept: &mut BTreeMap<String, String>,
    played: &mut Played,
) -> Result<(), Why<P>> {
    let that = |holds: bool, otherwise: Missed| if holds { Ok(()) } else { Err(Reason::from(otherwise)) };
    match &located.step {
        Step::Boot | Step::Reboot => phone.boot()?,
        Step::Grip(grip) => phone.grip(*grip)?,
        Step::Press(keys) => {
            for key in keys {
                if phone.press(*key)? == Pressed::Ignored {
                    played.ignored.push(*key);
                }
            }
        }
        Step::Select(item) => phone.select(item)?,
        Step::Type(Typed::Text(text)) => phone.enter(text)?,
        Step::Type(Typed::Kept(name)) => phone.enter(kept.get(name).map_or("", String::as_str))?,
        Step::Wait(None) => phone.wait()?,
        Step::Wait(Some(seconds)) => phone.pass(Duration::from_secs(u64::from(*seconds)))?,
        Step::Expect(true, pattern) => return that(pattern.is_on(&phone.screen()), Missed::NotThere),
        Step::Expect(false, pattern) => return that(!pattern.is_on(&phone.screen()), Missed::There),
        Step::ExpectLine(line, pattern) => return that(pattern.is_line(&phone.screen(), *line), Missed::Line),
        Step::ExpectIdle => return that(phone.handset().is_idle(), Missed::NotIdle),
        Step::Keep(name, pattern) => {
            let found = pattern.kept_from(&phone.screen()).ok_or(Missed::NotThere)?;
            played.kept = Some(found.clone());
            kept.insert(name.clone(), found);
            return Ok(());
        }
    }
    played.screen = Some(phone.screen().into_owned());
    Ok(())
}

impl<E: std::error::Error + 'static> PlayError<E> {
    /// Whether all could be done, and a screen was not as expected.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        matches!(self, Self::Stopped(stopped) if matches!(stopped.why, Reason::Missed(_)))
    }
}

impl<E: std::error::Error> fmt::Display for Stopped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n  {}", self.file, self.line, self.said, self.why)?;
        let mut source = std::error::Error::source(&self.why);
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        self.screen.to_string().lines().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl<E: std::error::Error> std::error::Error for Stopped<E> {}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)?;
        if let Some(kept) = &self.kept {
            write!(f, "  # {kept}")?;
        }
        if !self.ignored.is_empty() {
            let keys: Vec<&str> = self.ignored.iter().map(|key| key.name()).collect();
            write!(f, "  # ignored: {}", keys.join(" "))?;
        }
        self.screen.iter().try_for_each(|screen| write!(f, "\n{screen}"))
    }
}

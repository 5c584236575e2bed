//! The phone: what a person does with it, and what is seen of it.

use std::cell::OnceCell;
use std::fmt;
use std::time::Duration;

use apdu::Transport;
use toolkit::command::{Event, GetInput};
use toolkit::{CommandType, Facility, Occasion};

use crate::asked::{Ask, Asked, Effect, TAP};
use crate::entry::{Entry, Keyed};
use crate::link::{Link, is_done};
use crate::outbox::{Message, Sound};
use crate::screen::{HEIGHT, WIDTH, single_blanks};
use crate::timer::Timers;
use crate::{HandsetError, Identity, Key, Player, Screen, Settings, boot};

/// A basic phone with a card in it.
///
/// It is off at first. It does something when it is told to, by [`boot`](Self::boot), [`press`](Self::press) and
/// [`pass`](Self::pass), and each comes back when the card waits for a person, or wants nothing more. It has no clock:
/// time passes when somebody says so.
pub struct Handset<T: Transport> {
    pub(crate) link: Link<T>,
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) menu: Option<Menu>,
    pub(crate) view: View,
    /// Drawn when somebody looks.
    screen: OnceCell<Screen>,
    pub(crate) timers: Timers,
    /// The events of which the card wants to hear.
    pub(crate) events: Vec<u8>,
    /// How often the card wants to be asked in idle mode, and when it last was.
    pub(crate) poll: Option<Duration>,
    since_poll: Duration,
    pub(crate) outbox: Vec<Message>,
    pub(crate) sounds: Vec<Sound>,
    /// Of the last short message.
    pub(crate) reference: u8,
}

/// Whether a key did anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// It did.
    Taken,
    /// It means nothing here, or not yet: OK while too little is keyed in, a digit while the line is full.
    Ignored,
}

/// The card's entries in the phone's menu.
pub(crate) struct Menu {
    pub(crate) title: String,
    pub(crate) items: Vec<(u8, String)>,
    pub(crate) help: bool,
}

/// What is on the screen.
pub(crate) enum View {
    Off,
    Idle,
    /// The card's menu.
    Menu {
        at: usize,
    },
    /// What the card waits for.
    Asked(Box<Asked>),
    /// A text to which nothing is answered: one that stays though the card goes on, for so long, or what went wrong.
    Notice {
        text: String,
        top: usize,
        left: Option<Duration>,
        fault: bool,
    },
}

impl<T: Transport> Handset<T> {
    /// How long the phone waits for a person where the card says nothing else.
    pub const PATIENCE: Duration = Duration::from_secs(60);
    /// How long a text is shown that the person need not clear, where the card says nothing else.
    pub const READING: Duration = Duration::from_secs(5);
    /// After this time without a key, the next press of the same key is another letter.
    pub const TAP: Duration = TAP;
    /// How many proactive commands the phone does before a person must do something.
    pub const MOST_COMMANDS: usize = 100;
    /// How many short messages wait in the outbox before the phone refuses to take more.
    pub const MOST_MESSAGES: usize = 1_000;

    /// A phone with this card in it, off.
    #[must_use]
    pub fn new(card: T, settings: Settings) -> Self {
        Self {
            link: Link::new(card),
            settings,
            identity: Identity::default(),
            menu: None,
            view: View::Off,
            screen: OnceCell::new(),
            timers: Timers::default(),
            events: Vec::new(),
            poll: None,
            since_poll: Duration::ZERO,
            outbox: Vec::new(),
            sounds: Vec::new(),
            reference: 0,
        }
    }

    /// Switches it on, or off and on: resets the card, reads what it is, tells it what the phone can do, and does what it
    /// then wants, which mostly is to set up its menu. What the card lacks is in the [`Identity`].
    ///
    /// # Errors
    /// [`HandsetError`]: the card is silent, or says what no card may.
    pub fn boot(&mut self) -> Result<&Identity, HandsetError<T::Error>> {
        let result = self.start().and_then(|sw| self.follow(sw));
        self.finish(result)?;
        Ok(&self.identity)
    }

    /// Switches it off. The card hears nothing of that; what was going on is over, and what the card had set up is forgotten.
    pub fn switch_off(&mut self) {
        self.menu = None;
        self.view = View::Off;
        self.timers = Timers::default();
        self.events.clear();
        self.poll = None;
        self.screen = OnceCell::new();
    }

    /// Presses a key.
    ///
    /// # Errors
    /// [`HandsetError`]: the phone is off, or something went wrong with the card. Then that is on the screen, and what was
    /// going on is over.
    pub fn press(&mut self, key: Key) -> Result<Pressed, HandsetError<T::Error>> {
        let result = self.pressed(key);
        self.finish(result)
    }

    /// Selects the item with this text of what is on the screen, by pressing Down or Up, and OK; in idle mode, from the
    /// card's menu, which it opens. Blanks count once.
    ///
    /// # Errors
    /// [`HandsetError::NoList`], [`HandsetError::NoItem`], and those of [`press`](Self::press).
    pub fn select(&mut self, item: &str) -> Result<(), HandsetError<T::Error>> {
        Player::select(self, item)
    }

    /// Keys in a text, as a person does: digits straight, letters by pressing a key several times, and with a pause
    /// where two on the same key follow each other.
    ///
    /// # Errors
    /// [`HandsetError::NotTaken`], and those of [`press`](Self::press).
    pub fn enter(&mut self, text: &str) -> Result<(), HandsetError<T::Error>> {
        Player::enter(self, text)
    }

    /// Lets time pass, in which nobody presses a key. Timers run; a text that need not be cleared goes; the phone stops
    /// waiting for a person; in idle mode it asks the card whether it wants anything, if the card asked for that, once.
    ///
    /// # Errors
    /// As those of [`press`](Self::press).
    pub fn pass(&mut self, time: Duration) -> Result<(), HandsetError<T::Error>> {
        let result = self.passed(time);
        self.finish(result)
    }

    /// Lets so much time pass that the phone stops waiting for a person.
    ///
    /// # Errors
    /// As those of [`press`](Self::press).
    pub fn wait(&mut self) -> Result<(), HandsetError<T::Error>> {
        self.pass(self.patience())
    }

    /// So long nobody must do anything that the phone stops waiting.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.asked().map_or(Self::PATIENCE, |asked| asked.patience.max(Self::PATIENCE))
    }

    /// The keys for a character; `None` if it cannot be keyed in now. The flag: to wait [`TAP`](Self::TAP) first, since the
    /// last letter is on the same key.
    #[must_use]
    pub fn keys_for(&self, character: char) -> Option<(bool, Vec<Key>)> {
        self.entry()?.keys(character)
    }

    /// Asks the card whether it wants anything, as phones do from time to time, by STATUS. Does nothing while the card
    /// waits for a person.
    ///
    /// # Errors
    /// As those of [`press`](Self::press).
    pub fn poll(&mut self) -> Result<(), HandsetError<T::Error>> {
        let result = self.polled();
        self.finish(result)
    }

    /// What is on the screen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        self.screen.get_or_init(|| self.drawn())
    }

    /// Whether the phone is on, and nothing is going on.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.view, View::Idle)
    }

    /// For which command's answer the card waits.
    #[must_use]
    pub fn waits_for(&self) -> Option<CommandType> {
        self.asked().map(|asked| asked.details.command)
    }

    /// Whether what is keyed in now must not be seen.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.asked().is_some_and(|asked| {
            asked.details.command == CommandType::GET_INPUT && asked.details.qualifier & GetInput::HIDDEN != 0
        })
    }

    /// How much is keyed in now, and how much the card wants, where it wants something keyed in.
    #[must_use]
    pub fn keyed(&self) -> Option<Keyed> {
        self.entry().map(Entry::keyed)
    }

    /// Whether the card offers help with what is on the screen.
    #[must_use]
    pub fn offers_help(&self) -> bool {
        match &self.view {
            View::Menu { .. } => self.menu.as_ref().is_some_and(|menu| menu.help),
            View::Asked(asked) => asked.help,
            _ => false,
        }
    }

    /// The items of the list on the screen, and the number, from 0, of the selected one.
    #[must_use]
    pub fn items(&self) -> Option<(Vec<&str>, usize)> {
        match &self.view {
            View::Menu { at } => self.menu.as_ref().map(|menu| (texts(&menu.items), *at)),
            View::Asked(asked) => match &asked.ask {
                Ask::Choice { items, at, .. } => Some((texts(items), *at)),
                Ask::YesNo { yes, .. } => Some((vec!["Yes", "No"], usize::from(!yes))),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the card asks or shows: the title of a list, a question, a text; never what is keyed in.
    #[must_use]
    pub fn question(&self) -> Option<&str> {
        Some(match &self.asked()?.ask {
            Ask::Text { text, .. } => text,
            Ask::Choice { title, .. } => title,
            Ask::Line { question, .. } | Ask::Character { question, .. } | Ask::YesNo { question, .. } => question,
        })
    }

    /// What the card is, and whose.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the phone can do, and what it knows. What changes here holds from now on; of what it can do, the card hears
    /// when the phone boots.
    pub const fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The short messages that the card has sent, the first first. The outbox is empty then.
    pub fn take_outbox(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.outbox)
    }

    /// The sounds that the phone has made since this was asked, a hundred at most.
    pub fn take_sounds(&mut self) -> Vec<Sound> {
        std::mem::take(&mut self.sounds)
    }

    /// The card.
    #[must_use]
    pub const fn card(&self) -> &T {
        &self.link.card
    }

    /// The card, to do to it what no phone does.
    pub const fn card_mut(&mut self) -> &mut T {
        &mut self.link.card
    }

    /// Takes the card out.
    #[must_use]
    pub fn into_card(self) -> T {
        self.link.card
    }

    fn asked(&self) -> Option<&Asked> {
        if let View::Asked(asked) = &self.view { Some(asked) } else { None }
    }

    fn entry(&self) -> Option<&Entry> {
        match &self.asked()?.ask {
            Ask::Line { entry, .. } | Ask::Character { entry, .. } => Some(entry),
            _ => None,
        }
    }

    fn pressed(&mut self, key: Key) -> Result<Pressed, HandsetError<T::Error>> {
        if !matches!(self.view, View::Off | View::Asked(_)) {
            self.happened(Event::USER_ACTIVITY)?;
            if matches!(self.view, View::Asked(_)) {
                // The key was pressed before that came.
                return Ok(Pressed::Taken);
            }
        }
        match &mut self.view {
            View::Off => Err(HandsetError::Off),
            View::Idle => {
                let opens = matches!(key, Key::Menu | Key::Ok) && self.menu.is_some();
                if opens && self.settings.supports(Facility::MenuSelection) {
                    self.view = View::Menu { at: 0 };
                    return Ok(Pressed::Taken);
                }
                Ok(Pressed::Ignored)
            }
            View::Menu { .. } => self.in_menu(key),
            View::Asked(asked) => {
                let effect = asked.press(key);
                if let Effect::Answered(code) = effect {
                    self.answer(code)?;
                }
                Ok(Pressed::from(&effect))
            }
            View::Notice { text, top, .. } if matches!(key, Key::Up | Key::Down) => {
                let last = Screen::scrolls(text, HEIGHT);
                let next = if key == Key::Up { top.saturating_sub(1) } else { last.min(top.saturating_add(1)) };
                let moved = std::mem::replace(top, next) != next;
                Ok(if moved { Pressed::Taken } else { Pressed::Ignored })
            }
            View::Notice { .. } => {
                self.view = View::Idle;
                Ok(Pressed::Taken)
            }
        }
    }

    fn in_menu(&mut self, key: Key) -> Result<Pressed, HandsetError<T::Error>> {
        let (View::Menu { at }, Some(menu)) = (&mut self.view, &self.menu) else {
            self.view = View::Idle;
            return Ok(Pressed::Taken);
        };
        let next = match key {
            Key::Up => at.saturating_sub(1),
            Key::Down => menu.items.len().saturating_sub(1).min(at.saturating_add(1)),
            Key::Back | Key::End => {
                self.view = View::Idle;
                return Ok(Pressed::Taken);
            }
            Key::Ok | Key::Help if key == Key::Ok || menu.help => {
                let item = menu.items.get(*at).map_or(0, |(id, _)| *id);
                // What the card wants to show now is an answer to this, so the menu makes room.
                self.view = View::Idle;
                let sw = self.envelope(Occasion::MenuSelection { item, help: key == Key::Help })?;
                return self.follow(sw).map(|()| Pressed::Taken);
            }
            _ => return Ok(Pressed::Ignored),
        };
        let moved = std::mem::replace(at, next) != next;
        Ok(if moved { Pressed::Taken } else { Pressed::Ignored })
    }

    fn passed(&mut self, time: Duration) -> Result<(), HandsetError<T::Error>> {
        self.timers.pass(time);
        match &mut self.view {
            View::Off => return Err(HandsetError::Off),
            View::Asked(asked) => return asked.pass(time).map_or(Ok(()), |code| self.answer(code)),
            View::Notice { left: Some(left), .. } => {
                *left = left.saturating_sub(time);
                if left.is_zero() {
                    self.view = View::Idle;
                }
            }
            _ => {}
        }
        self.since_poll = self.since_poll.saturating_add(time);
        if self.poll.is_some_and(|interval| self.since_poll >= interval) { self.polled() } else { Ok(()) }
    }

    fn polled(&mut self) -> Result<(), HandsetError<T::Error>> {
        match self.view {
            View::Off => Err(HandsetError::Off),
            View::Asked(_) => Ok(()),
            _ => {
                self.since_poll = Duration::ZERO;
                let sw = boot::status(&mut self.link, 0x00)?;
                if is_done(sw) { self.follow(sw) } else { Err(HandsetError::Refused { command: "STATUS", sw }) }
            }
        }
    }

    /// The last thing that is done: what waited until the card was free, and the screen.
    fn finish<V>(&mut self, result: Result<V, HandsetError<T::Error>>) -> Result<V, HandsetError<T::Error>> {
        let result = result.and_then(|value| self.settle().map(|()| value));
        if let Err(error) = &result
            && !error.is_misuse()
        {
            let text = format!("Card error:\n{error}");
            self.view = View::Notice { text, top: 0, left: None, fault: true };
        }
        self.screen = OnceCell::new();
        result
    }

    fn drawn(&self) -> Screen {
        match &self.view {
            View::Off => Screen::blank(),
            View::Idle => {
                let title = self.menu.as_ref().map_or("No card menu", |menu| menu.title.as_str());
                let title: String = single_blanks(title).chars().take(WIDTH).collect();
                Screen::text(&format!("Ready\n\n\n\n\n{title}"), 0)
            }
            View::Menu { at } => match &self.menu {
                Some(menu) => Screen::list(&menu.title, menu.items.iter().map(|(_, text)| text.as_str()), *at),
                None => Screen::blank(),
            },
            View::Asked(asked) => asked.screen(),
            View::Notice { text, top, .. } => Screen::text(text, *top),
        }
    }
}

fn texts(items: &[(u8, String)]) -> Vec<&str> {
    items.iter().map(|(_, text)| text.as_str()).collect()
}

impl<T: Transport> fmt::Debug for Handset<T> {
    /// What it waits for: what is on its screen, and what was keyed in, may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handset({:?}, waits for {:?})", self.identity, self.waits_for())
    }
}

//! The purse's menu on the SIM toolkit: how a person pays and is paid with a basic phone.
//!
//! `docs/menu.md` shows the tree of screens. A conversation is one record, [`Conversation`], in its own memory: which
//! screen is open, what was typed so far, and a notice to show before it. Every screen can be made again from it.
//! Two functions carry it: [`Talk::step`] makes of an answer the next screen, [`Talk::ask`] puts a screen. Each flow is
//! one file with both halves of its screens.
//!
//! Whatever the menu does to the purse, it does by the commands of the APDU interface ([`Talk::run`]): there is no second
//! copy of any rule.

mod data;
mod enter;
mod history;
mod last;
mod line;
mod list;
mod main;
mod number;
mod pay;
mod people;
mod pin;
mod put;
mod refusal;
mod request;
mod screen;
mod shown;
mod text;
mod upload;
mod who;

use ::toolkit::CommandType;
use ::toolkit::response::Answer as Answered;
use apdu::Sw;
use digitally::Msisdn;

use super::frame::Answer;
use super::{Life, Purse, PurseCommand};
use crate::runtime::{Context, Entry, Event, Fixed, Next, Reply, Response, Terminal, Turn, record};
pub use data::{Country, MenuData, TrunkPrefix};
use line::Line;
use refusal::refusal;
use screen::Screen;
pub use text::{Language, Text};

record! {
    /// Where a conversation stands. All zero: at its start.
    pub(super) struct Conversation {
        /// The open screen.
        screen: Screen,
        /// A text that is shown before it; 0 is none.
        notice: u8,
        /// The number in that text.
        count: u8,
        /// How many answers in a row led nowhere.
        fruitless: u8,
        /// The screen before the amount; of an upload, whether everything is sent again.
        origin: Screen,
        /// Of a list, the first record of this page; of an upload, the newest entry that was taken. 0 is the start.
        from: u32,
        /// Of a list, the first record of the next page; of an upload, the newest entry in the message on its way.
        next: u32,
        /// The other side.
        peer: Option<Msisdn>,
        /// How much, in minor units.
        amount: u32,
        /// The open request, the log entry, or the place of the contact.
        chosen: u32,
        /// The PIN as it is, of a change.
        old_pin: [u8; 8],
        /// The PIN as it shall be.
        new_pin: [u8; 8],
    }
}

/// Shows where it stands, not what was typed.
impl core::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Conversation({:?})", self.screen)
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.old_pin);
        zeroize::Zeroize::zeroize(&mut self.new_pin);
    }
}

/// So many answers in a row may lead nowhere; then the conversation ends.
const MOST_FRUITLESS: u8 = 10;
/// So often a code is shown to a person who does not answer.
const MOST_SHOWN: u8 = 3;

/// Where an answer leads.
enum Step {
    /// On, or back, to this screen.
    To(Screen),
    /// To the same screen, behind a notice that says why.
    Again(Notice),
    /// To the same screen.
    Stay,
    /// To this screen, behind a notice.
    Say(Notice, Screen),
    /// To the end.
    End,
}

/// A text to show, and the number in it.
#[derive(Clone, Copy)]
struct Notice(Text, u8);

impl From<Text> for Notice {
    fn from(text: Text) -> Self {
        Self(text, 0)
    }
}

/// What a person answered.
struct Input<'a>(Answered<'a>);

impl Input<'_> {
    /// The item that was chosen, or its number that was typed.
    fn item(&self) -> Option<u8> {
        match self.0 {
            Answered::Item(item) => Some(item),
            _ => self.typed()?.as_str().parse().ok(),
        }
    }

    /// What was typed; nothing if it cannot be read, or is longer than anything that is asked for.
    fn typed(&self) -> Option<Line<48>> {
        let Answered::Text(text) = self.0 else { return None };
        let mut line = Line::new();
        for character in text.chars() {
            core::fmt::Write::write_char(&mut line, character.ok()?).ok()?;
        }
        Some(line)
    }

    /// Whether a question of yes or no was answered with yes: the text was cleared, or `1` pressed.
    fn agreed(&self) -> bool {
        match self.0 {
            Answered::Text(_) => self.typed().is_some_and(|key| key.as_str() == "1"),
            _ => true,
        }
    }
}

/// One turn of a conversation.
struct Talk<'t, 'c> {
    purse: &'t Purse,
    terminal: &'t Terminal<'t>,
    context: &'t mut Context<'c>,
    state: Conversation,
    menu: MenuData,
    language: Language,
}

impl Purse {
    /// The entry in the phone's menu: none if the purse is nobody's, or the phone cannot take a number and show a code.
    pub(super) fn menu_entry(&self, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Option<Entry>, Sw> {
        let shows = terminal.can(CommandType::DISPLAY_TEXT) || terminal.can(CommandType::GET_INKEY);
        if self.life(context) == Life::Blank || !shows || !terminal.can(CommandType::GET_INPUT) {
            return Ok(None);
        }
        let mut talk = Talk::new(self, terminal, context);
        talk.put_entry()?;
        let next = if talk.chooses() { CommandType::SELECT_ITEM } else { CommandType::GET_INPUT };
        Ok(Some(Entry { next }))
    }

    /// One turn: what the person answered, and the next question.
    pub(super) fn menu_turn(
        &self,
        event: Event<'_>,
        terminal: &Terminal<'_>,
        context: &mut Context<'_>,
    ) -> Result<Next, Sw> {
        let mut talk = Talk::new(self, terminal, context);
        let step = match event {
            Event::Chosen { help } => talk.open(help),
            Event::Response(response) => talk.step(&response)?,
            Event::Happened(_) => Step::End,
        };
        talk.go(step)
    }
}

impl<'t, 'c> Talk<'t, 'c> {
    fn new(purse: &'t Purse, terminal: &'t Terminal<'t>, context: &'t mut Context<'c>) -> Self {
        let places = &purse.places;
        let menu = context.memory.read(places.menu);
        let language = match context.memory.read(places.language).checked_sub(1) {
            Some(number) => Language::from_number(number),
            None => menu.language,
        };
        let state = context.until_deselect.read(places.conversation);
        Self { purse, terminal, context, state, menu, language }
    }

    /// The first screen. If a payment was made here and nobody saw its code, it says so.
    fn open(&self, help: bool) -> Step {
        let unseen = self.context.until_reset.read(self.purse.places.unseen) != 0;
        match (unseen, help) {
            (true, _) => Step::Say(Text::CodeWaits.into(), Screen::Main),
            (false, true) => Step::Say(Text::HelpMenu.into(), Screen::Main),
            (false, false) => Step::To(Screen::Main),
        }
    }

    /// What an answer leads to.
    fn step(&mut self, response: &Response<'_>) -> Result<Step, Sw> {
        let screen = self.state.screen;
        let noticed = core::mem::take(&mut self.state.notice) != 0;
        Ok(match response.turn {
            Turn::Ended => Step::End,
            // Behind a notice there is a screen, whatever became of the notice.
            Turn::Silent if noticed => Step::End,
            Turn::Done | Turn::Back if noticed => return Ok(self.stay(false)),
            _ if noticed => self.stay(true),
            Turn::Done => return self.answered(screen, &Input(response.answer)),
            Turn::Back => self.back(screen)?,
            Turn::Help => Step::Again(screen.help().into()),
            Turn::Silent if screen.is_code() => self.stay(true),
            Turn::Busy | Turn::Refused | Turn::Unable | Turn::Silent if screen == Screen::UploadSend => {
                upload::failed()
            }
            Turn::Silent | Turn::Busy | Turn::Refused | Turn::Unable => Step::End,
        })
    }

    /// The open screen once more.
    fn stay(&mut self, fruitless: bool) -> Step {
        self.state.fruitless = self.state.fruitless.saturating_add(u8::from(fruitless));
        let most = if self.state.screen.is_code() { MOST_SHOWN } else { MOST_FRUITLESS };
        if self.state.fruitless >= most { Step::End } else { Step::Stay }
    }

    /// Goes where a step leads, and asks what is to be asked there.
    fn go(mut self, step: Step) -> Result<Next, Sw> {
        match step {
            Step::To(screen) => self.enter(screen, None),
            Step::Say(notice, screen) => self.enter(screen, Some(notice)),
            Step::Again(Notice(text, count)) => {
                self.state.fruitless = self.state.fruitless.saturating_add(1);
                (self.state.notice, self.state.count) = (text.number(), count);
            }
            Step::Stay => {}
            Step::End => return self.end(),
        }
        let next = match self.ask()? {
            Some(next) => next,
            // What was to be shown is not there any more.
            None => {
                self.enter(Screen::Main, Some(Text::Gone.into()));
                self.ask()?.ok_or(Sw::UNKNOWN)?
            }
        };
        self.context.until_deselect.write(self.purse.places.conversation, &self.state);
        Ok(next)
    }

    /// Opens a screen. At the first one, everything is forgotten that was typed before.
    fn enter(&mut self, screen: Screen, notice: Option<Notice>) {
        if screen == Screen::Main {
            self.forget();
        }
        let Notice(text, count) = notice.unwrap_or(Notice(Text::Purse, 0));
        self.state.screen = screen;
        self.state.fruitless = 0;
        self.state.count = count;
        self.state.notice = if notice.is_some() { text.number() } else { 0 };
    }

    fn end(mut self) -> Result<Next, Sw> {
        self.forget();
        self.context.until_deselect.write(self.purse.places.conversation, &self.state);
        Ok(Next::End)
    }

    /// Forgets a checked request, a PIN, and what was typed.
    fn forget(&mut self) {
        self.purse.drop_pending(self.context);
        self.purse.places.verified.set(self.context, false);
        self.state = Conversation::load(&[0; Conversation::LEN]);
    }

    /// Carries a command of the purse out, with all its rules, and reads its answer.
    fn run<A: Answer>(&mut self, command: &PurseCommand) -> Result<A, Sw> {
        let (mut room, mut len) = ([0; 192], 0);
        let context = &mut *self.context;
        let mut inner = Context {
            aid: context.aid,
            channel: context.channel,
            memory: context.memory.reborrow(),
            until_deselect: context.until_deselect.reborrow(),
            until_reset: context.until_reset.reborrow(),
            random: &mut *context.random,
            reply: Reply::new(&mut room, &mut len),
        };
        command.apply(self.purse, &mut inner)?;
        room.get(..len).and_then(A::read).ok_or(Sw::UNKNOWN)
    }

    /// Says why a command was refused, and goes to this screen.
    ///
    /// # Errors
    /// That of a card whose memory has failed: there is nothing to go on with.
    fn refused(&self, sw: Sw, screen: Screen) -> Result<Step, Sw> {
        Ok(Step::Say(refusal(sw)?, screen))
    }
}

//! The terminal's side of the toolkit: what the card wants is fetched, done and answered, until it wants nothing more or a
//! person must do something.
//!
//! Source: ETSI TS 102 223 clauses 6 and 7; 3GPP TS 31.111 for short messages.

use std::time::Duration;

use apdu::{Sw, Transport};
use toolkit::command::{
    Characters, DisplayText, Event, GetInkey, GetInput, LocalKind, PlayTone, ProvideLocalInformation, Refresh,
    RefreshMode, SelectItem, SendShortMessage, SetUpEventList, SetUpMenu, TimerManagement,
};
use toolkit::element::{Icon, ResponseLength};
use toolkit::exchange::{Card, waiting};
use toolkit::local::LocalInformation;
use toolkit::{
    Action, Alphabet, Answer, CommandDetails, Envelope, Facility, Items, Occasion, Outcome, ProactiveCommand,
    ResultCode, Text,
};
use zeroize::Zeroizing;

use crate::asked::{Ask, Asked, respond};
use crate::entry::Entry;
use crate::handset::{Menu, View};
use crate::outbox::{Message, Sound, time};
use crate::settings::Network;
use crate::{Handset, HandsetError, boot};

/// What comes of a proactive command.
enum Next {
    /// An answer.
    Respond(Zeroizing<Vec<u8>>),
    /// A person must do something.
    Person,
    /// The card starts anew; the answer to this command is the reset.
    Restart,
}

/// The most sounds that are kept until somebody listens.
const MOST_SOUNDS: usize = 100;
/// Additional information behind "terminal currently unable": the screen is busy; no service. Behind "network
/// currently unable": no cause.
///
/// Source: ETSI TS 102 223 clause 8.12.
const SCREEN_IS_BUSY: &[u8] = &[0x01];
const NO_SERVICE: &[u8] = &[0x04];
const NO_CAUSE: &[u8] = &[0x00];

impl<T: Transport> Handset<T> {
    /// Starts the card, and returns the status of the last command, behind which a proactive command may wait.
    pub(crate) fn start(&mut self) -> Result<Sw, HandsetError<T::Error>> {
        self.view = View::Off;
        self.menu = None;
        self.timers = crate::timer::Timers::default();
        self.events.clear();
        self.poll = None;
        self.link.reset()?;
        let (identity, sw) = boot::start(&mut self.link, &self.settings)?;
        self.identity = identity;
        self.view = View::Idle;
        Ok(sw.unwrap_or(Sw::OK))
    }

    /// Does what the card wants, as long as it wants something and no person must do anything.
    pub(crate) fn follow(&mut self, mut sw: Sw) -> Result<(), HandsetError<T::Error>> {
        for _ in 0..Self::MOST_COMMANDS {
            let Some(length) = waiting(sw) else { return Ok(()) };
            let command = self.link.fetch(length)?;
            sw = match self.obey(&command)? {
                Next::Respond(response) => self.respond(&response)?,
                Next::Person => return Ok(()),
                Next::Restart => self.start()?,
            };
        }
        match waiting(sw) {
            None => Ok(()),
            Some(_) => Err(HandsetError::Endless { commands: Self::MOST_COMMANDS }),
        }
    }

    /// Answers what the card waits for, and goes on.
    pub(crate) fn answer(&mut self, code: ResultCode) -> Result<(), HandsetError<T::Error>> {
        let View::Asked(asked) = std::mem::replace(&mut self.view, View::Idle) else { return Ok(()) };
        let sw = self.respond(&asked.response(code))?;
        self.follow(sw)
    }

    /// Tells the card of something, and returns its status.
    pub(crate) fn envelope(&mut self, occasion: Occasion<'_>) -> Result<Sw, HandsetError<T::Error>> {
        let mut out = [0; Envelope::MAX_LENGTH];
        // What this phone tells is never that long.
        let envelope = Envelope::new(occasion).encode(&mut out).unwrap_or_default();
        self.link.tell("ENVELOPE", Card::Uicc.envelope(envelope)).map(|(_, sw)| sw)
    }

    /// Tells the card of an event, if it wants to hear of it. Of these it is told once.
    ///
    /// Source: ETSI TS 102 223, user activity event, idle screen available event.
    pub(crate) fn happened(&mut self, event: Event) -> Result<(), HandsetError<T::Error>> {
        let before = self.events.len();
        self.events.retain(|other| *other != event.0);
        if self.events.len() == before {
            return Ok(());
        }
        let sw = self.envelope(Occasion::EventDownload { event })?;
        self.follow(sw)
    }

    /// Tells what could not be told before, now that no command is going on: which timers have run down, and that the
    /// screen is free.
    pub(crate) fn settle(&mut self) -> Result<(), HandsetError<T::Error>> {
        while !matches!(self.view, View::Asked(_) | View::Off) {
            let Some((timer, value)) = self.timers.take_down() else { break };
            match self.envelope(Occasion::TimerExpiration { timer, value }) {
                Ok(sw) => self.follow(sw)?,
                Err(HandsetError::Busy) => {
                    self.timers.put_back((timer, value));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if self.is_idle() { self.happened(Event::IDLE_SCREEN) } else { Ok(()) }
    }

    fn respond(&mut self, response: &[u8]) -> Result<Sw, HandsetError<T::Error>> {
        self.link.tell("TERMINAL RESPONSE", Card::Uicc.terminal_response(response)).map(|(_, sw)| sw)
    }

    /// Does one proactive command, or asks a person to.
    fn obey(&mut self, bytes: &[u8]) -> Result<Next, HandsetError<T::Error>> {
        let details = CommandDetails::of_command(bytes).map_err(HandsetError::Unreadable)?;
        let refused = |code| Ok(Next::Respond(respond(details, Outcome::new(code), Answer::None)));
        let command = match ProactiveCommand::decode(bytes) {
            Ok(command) => command,
            Err(error) => return refused(error.result()),
        };
        if let Some(code) = self.refusal(&command) {
            return refused(code);
        }
        let done = |outcome| Ok(Next::Respond(respond(details, outcome, Answer::None)));
        match command.action {
            Action::DisplayText(command) => self.display(details, &command).or_else(refused),
            Action::GetInput(command) => self.input(details, &command).or_else(refused),
            Action::GetInkey(command) => self.inkey(details, &command).or_else(refused),
            Action::SelectItem(command) => Ok(self.choice(details, &command)),
            Action::SetUpMenu(command) => done(self.set_up_menu(&command)),
            Action::PlayTone(command) => done(self.play(&command)),
            Action::SendShortMessage(command) => Ok(self.send(details, &command)),
            Action::ProvideLocalInformation(ProvideLocalInformation { kind }) => {
                let known = self.local(kind).map(|local| respond(details, Outcome::DONE, Answer::Local(local)));
                known.map_or_else(|| refused(ResultCode::BEYOND_CAPABILITIES), |response| Ok(Next::Respond(response)))
            }
            Action::TimerManagement(command) => Ok(self.timer(details, command)),
            Action::SetUpEventList(command) => done(self.set_up_events(&command)),
            Action::PollInterval(command) => {
                self.poll = Some(time(command.interval));
                Ok(Next::Respond(respond(details, Outcome::DONE, Answer::Interval(command.interval))))
            }
            Action::PollingOff => {
                self.poll = None;
                done(Outcome::DONE)
            }
            Action::MoreTime => done(Outcome::DONE),
            Action::Refresh(Refresh { mode: RefreshMode::RESET, .. }) => Ok(Next::Restart),
            Action::Refresh(_) => {
                boot::identify(&mut self.link, &mut self.identity)?;
                done(Outcome::DONE)
            }
            // Refused above; a type that the toolkit comes to know is not yet ours.
            _ => refused(ResultCode::BEYOND_CAPABILITIES),
        }
    }

    /// Why this phone cannot do this command, if it cannot.
    fn refusal(&self, command: &ProactiveCommand<'_>) -> Option<ResultCode> {
        let needed: &[Facility] = match &command.action {
            Action::Other { command, .. } if command.name().is_none() => return Some(ResultCode::TYPE_NOT_UNDERSTOOD),
            Action::Refresh(Refresh { mode, .. }) if mode.name().is_none() => &[],
            Action::Refresh(_) => &[Facility::Refresh],
            Action::PollInterval(_) => &[Facility::PollInterval],
            Action::SetUpEventList(_) => &[Facility::SetUpEventList],
            Action::SendShortMessage(_) => &[Facility::SendShortMessage],
            Action::PlayTone(_) => &[Facility::PlayTone],
            Action::DisplayText(_) => &[Facility::DisplayText],
            Action::GetInkey(GetInkey { yes_no: true, .. }) => &[Facility::GetInkey, Facility::YesNo],
            Action::GetInkey(GetInkey { characters: Characters::Ucs2, .. }) => {
                &[Facility::GetInkey, Facility::Ucs2Entry]
            }
            Action::GetInkey(_) => &[Facility::GetInkey],
            Action::GetInput(GetInput { characters: Characters::Ucs2, .. }) => {
                &[Facility::GetInput, Facility::Ucs2Entry]
            }
            Action::GetInput(_) => &[Facility::GetInput],
            Action::SelectItem(_) => &[Facility::SelectItem],
            Action::SetUpMenu(_) => &[Facility::SetUpMenu],
            Action::ProvideLocalInformation(ProvideLocalInformation { kind }) => match *kind {
                LocalKind::LOCATION | LocalKind::IMEI => &[Facility::LocalInformation],
                LocalKind::DATE_TIME => &[Facility::DateTime],
                LocalKind::LANGUAGE => &[Facility::Language],
                _ => &[],
            },
            Action::TimerManagement(TimerManagement::Current { .. }) => &[Facility::TimerCurrentValue],
            Action::TimerManagement(_) => &[Facility::TimerManagement],
            Action::MoreTime => &[Facility::MoreTime],
            Action::PollingOff => &[Facility::PollingOff],
            _ => &[],
        };
        if needed.is_empty() || needed.iter().any(|facility| !self.settings.supports(*facility)) {
            return Some(ResultCode::BEYOND_CAPABILITIES);
        }
        command.not_understood().map(|_| ResultCode::DATA_NOT_UNDERSTOOD)
    }

    /// The characters of a text, if the phone can show them.
    fn shown(&self, text: &Text<'_>) -> Result<String, ResultCode> {
        if let Text::Coded { dcs, .. } = text {
            match dcs.alphabet() {
                None => return Err(ResultCode::DATA_NOT_UNDERSTOOD),
                Some(Alphabet::Ucs2) if !self.settings.supports(Facility::Ucs2Display) => {
                    return Err(ResultCode::BEYOND_CAPABILITIES);
                }
                Some(_) => {}
            }
        }
        Ok(text.to_string())
    }

    fn ask(
        &mut self,
        details: CommandDetails,
        ask: Ask,
        help: bool,
        icon: Option<Icon>,
        patience: Option<Duration>,
    ) -> Next {
        let patience = patience.unwrap_or(Self::PATIENCE);
        let done = well_done(icon).code;
        let asked = Asked { details, ask, help, done, waited: Duration::ZERO, patience, top: 0 };
        self.view = View::Asked(Box::new(asked));
        Next::Person
    }

    fn display(&mut self, details: CommandDetails, command: &DisplayText<'_>) -> Result<Next, ResultCode> {
        let text = self.shown(&command.text)?;
        // The person is in the menu of the phone, or reads what went wrong: that is not the card's to cover.
        if !command.high_priority && matches!(self.view, View::Menu { .. } | View::Notice { fault: true, .. }) {
            let busy = Outcome { code: ResultCode::TERMINAL_BUSY, additional: SCREEN_IS_BUSY };
            return Ok(Next::Respond(respond(details, busy, Answer::None)));
        }
        let duration = command.duration.map(time);
        if command.immediate_response && self.settings.supports(Facility::SustainedText) {
            let left = duration.or((!command.wait_for_user).then_some(Self::READING));
            self.view = View::Notice { text, top: 0, left, fault: false };
            return Ok(Next::Respond(respond(details, well_done(command.icon), Answer::None)));
        }
        let must_clear = command.wait_for_user;
        let patience = duration.or((!must_clear).then_some(Self::READING));
        Ok(self.ask(details, Ask::Text { text, must_clear }, false, command.icon, patience))
    }

    fn input(&mut self, details: CommandDetails, command: &GetInput<'_>) -> Result<Next, ResultCode> {
        let question = self.shown(&command.text)?;
        let default = command.default_text.map_or_else(String::new, |text| text.to_string());
        let entry = Entry::new(command.characters, command.hidden, command.length, &default);
        let ask = Ask::Line { question, entry, packed: command.packed };
        Ok(self.ask(details, ask, command.help, command.icon, None))
    }

    fn inkey(&mut self, details: CommandDetails, command: &GetInkey<'_>) -> Result<Next, ResultCode> {
        let question = self.shown(&command.text)?;
        let ask = if command.yes_no {
            Ask::YesNo { question, yes: true }
        } else {
            let entry = Entry::new(command.characters, false, ResponseLength { min: 1, max: 1 }, "");
            Ask::Character { question, entry, immediate: command.immediate }
        };
        Ok(self.ask(details, ask, command.help, command.icon, command.duration.map(time)))
    }

    fn choice(&mut self, details: CommandDetails, command: &SelectItem<'_>) -> Next {
        let title = command.title.map_or_else(String::new, |title| title.to_string());
        let items = texts(&command.items);
        let at = command.default_item.and_then(|id| items.iter().position(|(other, _)| *other == id)).unwrap_or(0);
        let icon = command.icon.or(command.item_icons.map(|_| Icon { self_explanatory: false, record: 0 }));
        self.ask(details, Ask::Choice { title, items, at }, command.help, icon, None)
    }

    fn set_up_menu(&mut self, command: &SetUpMenu<'_>) -> Outcome<'static> {
        let items = texts(&command.items);
        let menu = Menu { title: command.title.to_string(), items, help: command.help };
        self.menu = Some(menu).filter(|menu| !menu.items.is_empty());
        if matches!(self.view, View::Menu { .. }) {
            self.view = View::Idle;
        }
        well_done(command.icon.or(command.item_icons.map(|_| Icon { self_explanatory: false, record: 0 })))
    }

    fn play(&mut self, command: &PlayTone<'_>) -> Outcome<'static> {
        if self.sounds.len() < MOST_SOUNDS {
            self.sounds.push(Sound::of(command));
        }
        well_done(command.icon)
    }

    fn send(&mut self, details: CommandDetails, command: &SendShortMessage<'_>) -> Next {
        let full = self.outbox.len() >= Self::MOST_MESSAGES;
        let (code, additional): (_, &[u8]) = match (&self.settings.network, Message::of(command, self.reference)) {
            (_, None) => (ResultCode::DATA_NOT_UNDERSTOOD, &[]),
            (Network::NoService, _) => (ResultCode::TERMINAL_BUSY, NO_SERVICE),
            (Network::Busy(cause), _) => (ResultCode::NETWORK_BUSY, std::slice::from_ref(cause)),
            (Network::Refuses(cause), _) => (ResultCode::SMS_ERROR, std::slice::from_ref(cause)),
            (Network::Sends, Some(_)) if full => (ResultCode::NETWORK_BUSY, NO_CAUSE),
            (Network::Sends, Some(message)) => {
                self.outbox.push(message);
                self.reference = self.reference.wrapping_add(1);
                (well_done(command.icon).code, &[])
            }
        };
        Next::Respond(respond(details, Outcome { code, additional }, Answer::None))
    }

    fn local(&self, kind: LocalKind) -> Option<LocalInformation<'_>> {
        match kind {
            LocalKind::LOCATION => self.settings.location.as_deref().map(LocalInformation::Location),
            LocalKind::IMEI => self.settings.imei.map(LocalInformation::Imei),
            LocalKind::DATE_TIME => self.settings.time.map(LocalInformation::DateTime),
            LocalKind::LANGUAGE => self.settings.language.map(LocalInformation::Language),
            _ => None,
        }
    }

    fn timer(&mut self, details: CommandDetails, command: TimerManagement) -> Next {
        let timer = command.timer();
        let value = match command {
            TimerManagement::Start { timer, value } => {
                self.timers.start(timer, value);
                Ok(None)
            }
            TimerManagement::Deactivate { timer } => self.timers.stop(timer).map(Some).ok_or(()),
            TimerManagement::Current { timer } => self.timers.left(timer).map(Some).ok_or(()),
        };
        let (code, answer) = match value {
            Ok(value) => (ResultCode::DONE, Answer::Timer { timer, value }),
            Err(()) => (ResultCode::TIMER_CONTRADICTION, Answer::None),
        };
        Next::Respond(respond(details, Outcome::new(code), answer))
    }

    fn set_up_events(&mut self, command: &SetUpEventList<'_>) -> Outcome<'static> {
        let known = |event: &u8| {
            let facility = match Event(*event) {
                Event::USER_ACTIVITY => Some(Facility::UserActivity),
                Event::IDLE_SCREEN => Some(Facility::IdleScreen),
                _ => None,
            };
            facility.is_some_and(|facility| self.settings.supports(facility))
        };
        if !command.events.iter().all(known) {
            return Outcome::new(ResultCode::BEYOND_CAPABILITIES);
        }
        self.events = command.events.to_vec();
        Outcome::DONE
    }
}

fn texts(items: &Items<'_>) -> Vec<(u8, String)> {
    items.iter().map(|item| (item.id, item.text.to_string())).collect()
}

/// Done; but this phone shows no icons, and says so.
const fn well_done(icon: Option<Icon>) -> Outcome<'static> {
    Outcome::new(if icon.is_some() { ResultCode::ICON_MISSING } else { ResultCode::DONE })
}

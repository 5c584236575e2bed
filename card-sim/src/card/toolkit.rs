//! Conversations of the applets with people, through the SIM toolkit: one at a time.
//!
//! A conversation begins when an entry of the menu is chosen or an event happens, and has then a proactive command that
//! waits, is fetched, and is answered, again and again until its applet ends it. What the runtime promises an applet of all
//! this is the table over [`applet_model::runtime::proactive`]; here it is kept.
//!
//! | state | FETCH | TERMINAL RESPONSE | another command |
//! |---|---|---|---|
//! | nothing waits | `6985` | `6985` | |
//! | a command waits | brings it | `6985` | is answered `91XX` in place of `9000` |
//! | it was fetched | brings it again | goes on | |
//!
//! A command to which the terminal said that it was busy waits from the terminal's next command on, not at once.
//! `front` is how a card alone answers the commands of a terminal; the overlay has its own.

mod front;

use apdu::{Aid, Command, Sw};
use applet_model::runtime::{Event, Next, RETRIES, Response, Terminal, Turn};
pub(super) use front::is_toolkit;
use toolkit::command::{Event as Occurrence, ProactiveCommand};
use toolkit::{
    CommandDetails, CommandNumber, CommandType, Envelope, Facility, ResultCode, TerminalProfile, TerminalResponse,
};
use zeroize::{Zeroize, Zeroizing};

use super::Card;
use crate::menu::Shown;

/// How much of a terminal profile is kept, in bytes: more than any facility that is known needs.
const PROFILE: usize = 32;
/// How often in a row an applet may ask for what the terminal's profile lacks.
const UNABLE: u8 = 4;
/// The longest text of an entry, in bytes.
const TEXT: usize = 64;

/// What the card keeps of the toolkit until it is reset.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Toolkit {
    /// That of the terminal, zeros behind it; nothing before TERMINAL PROFILE.
    profile: Option<[u8; PROFILE]>,
    talk: Option<Talk>,
    command: [u8; ProactiveCommand::MAX_LENGTH],
    len: usize,
    next: CommandNumber,
    front: front::Front,
}

/// What goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Talk {
    /// Whose it is; the card's own has nothing behind it.
    applet: Option<usize>,
    stage: Stage,
    /// How often the terminal was busy.
    busy: u8,
}

/// How far the command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It waits for the terminal's next command, and for FETCH after that.
    Held,
    /// It waits for FETCH.
    Waiting,
    /// It waits for TERMINAL RESPONSE.
    Fetched,
}

impl Default for Toolkit {
    fn default() -> Self {
        Self {
            profile: None,
            talk: None,
            command: [0; ProactiveCommand::MAX_LENGTH],
            len: 0,
            next: CommandNumber::FIRST,
            front: front::Front::default(),
        }
    }
}

impl Toolkit {
    /// As after a reset, but that a card that is under an overlay stays there.
    pub(super) fn reset(&mut self) {
        self.command.zeroize();
        *self = Self { front: self.front.reset(), ..Self::default() };
    }

    /// How many bytes of the state are transient memory of the card: the profile, the command that waits, the entries that are in
    /// the menu, and the rest.
    pub(super) const DEMAND: usize = PROFILE + 2 * ProactiveCommand::MAX_LENGTH + 16;

    #[inline]
    const fn stage(&self) -> Option<Stage> {
        match self.talk {
            Some(Talk { stage, .. }) => Some(stage),
            None => None,
        }
    }

    fn command(&self) -> &[u8] {
        self.command.get(..self.len).unwrap_or_default()
    }

    fn terminal(profile: &Option<[u8; PROFILE]>, number: CommandNumber) -> Terminal<'_> {
        let bytes = profile.as_ref().map_or(&[][..], |profile| profile);
        Terminal::new(TerminalProfile::new(bytes), number)
    }
}

impl Card {
    /// Whether an applet on the card speaks through the toolkit.
    pub(crate) fn has_toolkit(&self) -> bool {
        self.instances.iter().any(|instance| instance.applet.is_toolkit())
    }

    /// Begins anew with a terminal that has this profile.
    pub(crate) fn begin_toolkit(&mut self, profile: &[u8]) {
        self.end_talk();
        let mut kept = [0; PROFILE];
        kept.iter_mut().zip(profile).for_each(|(to, from)| *to = *from);
        self.toolkit.profile = Some(kept);
    }

    /// The terminal was none.
    pub(crate) fn forget_terminal(&mut self) {
        self.end_talk();
        self.toolkit.reset();
    }

    /// Whether the terminal has told its profile.
    #[inline]
    pub(crate) const fn knows_terminal(&self) -> bool {
        self.toolkit.profile.is_some()
    }

    /// How far the command is that an applet or the card has for the terminal.
    #[inline]
    pub(crate) const fn stage(&self) -> Option<Stage> {
        self.toolkit.stage()
    }

    /// The terminal has come with another command: what was held waits.
    #[inline]
    pub(crate) const fn wake_talk(&mut self) {
        if let Some(Talk { stage: stage @ Stage::Held, .. }) = &mut self.toolkit.talk {
            *stage = Stage::Waiting;
        }
    }

    /// The length of the command that waits.
    #[inline]
    pub(crate) const fn waits(&self) -> Option<usize> {
        match self.toolkit.stage() {
            Some(Stage::Waiting) => Some(self.toolkit.len),
            _ => None,
        }
    }

    /// FETCH: the command that waits or was fetched, which counts as fetched then.
    ///
    /// # Errors
    /// `6985` if there is none, `6CXX` for another length, `6700` for data.
    pub(crate) fn fetch(&mut self, command: &Command<'_>) -> Result<&[u8], Sw> {
        if !command.data().is_empty() {
            return Err(Sw::WRONG_LENGTH);
        }
        let talk = self.toolkit.talk.as_mut().ok_or(Sw::CONDITIONS_NOT_SATISFIED)?;
        if command.ne() != 256 && usize::try_from(command.ne()) != Ok(self.toolkit.len) {
            return Err(Sw::correct_le(u8::try_from(self.toolkit.len).unwrap_or_default()));
        }
        talk.stage = Stage::Fetched;
        Ok(self.toolkit.command())
    }

    /// The entries of all applets that have one on this terminal and can be selected. None on a terminal without menus.
    pub(crate) fn entries_for_menu(&mut self) -> Vec<Shown> {
        let (profile, number) = (self.toolkit.profile, self.toolkit.next);
        let terminal = Toolkit::terminal(&profile, number);
        let mut found = Vec::new();
        if !terminal.can(CommandType::SET_UP_MENU) || !terminal.profile().supports(Facility::MenuSelection) {
            return found;
        }
        for index in 0..self.instances.len() {
            if !self.speaks(index) {
                continue;
            }
            let mut entry = None;
            // A conversation may go on: what it keeps is put aside.
            let kept = self.swap_talk(index, None);
            let outcome = self.call_talking(index, |applet, context| {
                entry = applet.entry(&terminal, context)?;
                Ok(())
            });
            self.swap_talk(index, kept);
            let text = self.answer.waiting().to_vec();
            self.answer.clear();
            let fits = !text.is_empty() && text.len() <= TEXT;
            if let (Some(aid), Some(entry), Ok(()), true) = (self.name(index), entry, outcome, fits) {
                found.push(Shown { aid, entry, text, id: 0 });
            }
        }
        found
    }

    /// The events of which an applet wants to hear. None on a terminal that tells of none.
    pub(crate) fn wanted_events(&self) -> Vec<u8> {
        if !Toolkit::terminal(&self.toolkit.profile, self.toolkit.next).can(CommandType::SET_UP_EVENT_LIST) {
            return Vec::new();
        }
        let speaking = (0..self.instances.len()).filter(|index| self.speaks(*index));
        let applets = speaking.filter_map(|index| self.instances.get(index));
        applets.fold(Vec::new(), |all, instance| {
            let events: Vec<u8> = instance.applet.events().iter().map(|Occurrence(event)| *event).collect();
            crate::menu::union(&all, &events)
        })
    }

    /// The entry of this applet was chosen: whatever went on ends, and its conversation begins.
    ///
    /// # Errors
    /// `6A88` if it is no longer there, or the applet's.
    pub(crate) fn choose(&mut self, aid: Aid, help: bool) -> Result<(), Sw> {
        self.end_talk();
        let index = self.instances.iter().position(|instance| instance.aid == aid);
        let index = index.filter(|index| self.speaks(*index)).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        self.converse(index, Event::Chosen { help })
    }

    /// Something happened: the applets that want to hear of it do, as long as none has a conversation.
    ///
    /// # Errors
    /// `9300` if one has, or that of an applet.
    pub(crate) fn happened(&mut self, envelope: Envelope<'_>, event: Occurrence) -> Result<(), Sw> {
        for index in 0..self.instances.len() {
            let wants = self.instances.get(index).is_some_and(|instance| instance.applet.events().contains(&event));
            if !wants || !self.speaks(index) {
                continue;
            }
            if self.toolkit.talk.is_some() {
                return Err(Sw::TOOLKIT_BUSY);
            }
            self.converse(index, Event::Happened(envelope))?;
        }
        Ok(())
    }

    /// Has this command of the card's own wait, which its writer makes with a number.
    pub(crate) fn say(&mut self, write: impl FnOnce(CommandNumber, &mut [u8]) -> Option<usize>) -> bool {
        let number = self.toolkit.next;
        let Some(len) = write(number, &mut self.toolkit.command).filter(|len| *len != 0) else { return false };
        self.toolkit.len = len;
        self.toolkit.next = number.next();
        self.toolkit.talk = Some(Talk { applet: None, stage: Stage::Waiting, busy: 0 });
        true
    }

    /// The terminal answers the command that it has fetched.
    ///
    /// # Errors
    /// `6985` if it has none, `6A80` if this is no answer to it; nothing has changed then. Or the applet's, and the
    /// conversation is over.
    pub(crate) fn take_response(&mut self, response: &[u8]) -> Result<(), Sw> {
        let talk = self.toolkit.talk.filter(|talk| talk.stage == Stage::Fetched);
        let talk = talk.ok_or(Sw::CONDITIONS_NOT_SATISFIED)?;
        let response = TerminalResponse::decode(response).map_err(|_| Sw::WRONG_DATA)?;
        let asked = CommandDetails::of_command(self.toolkit.command()).map_err(|_| Sw::UNKNOWN)?;
        if (asked.number, asked.command) != (response.details.number, response.details.command) {
            return Err(Sw::WRONG_DATA);
        }
        if response.outcome.code == ResultCode::TERMINAL_BUSY && talk.busy < RETRIES {
            let busy = talk.busy.saturating_add(1);
            self.toolkit.talk = Some(Talk { stage: Stage::Held, busy, ..talk });
            return Ok(());
        }
        match talk.applet {
            Some(index) if self.speaks(index) => self.converse(index, Event::Response(Response::new(&response))),
            // The card's own, or of an applet that was locked meanwhile.
            Some(_) | None => {
                self.end_talk();
                Ok(())
            }
        }
    }

    /// Ends whatever goes on; its applet is not asked.
    pub(crate) fn end_talk(&mut self) {
        if let Some(Talk { applet, .. }) = self.toolkit.talk.take()
            && let Some(index) = applet
        {
            self.clear_talk(index);
        }
        self.toolkit.command.zeroize();
        self.toolkit.len = 0;
    }

    /// Tells an applet, and keeps what it asks for.
    fn converse(&mut self, index: usize, event: Event<'_>) -> Result<(), Sw> {
        let mut event = event;
        for _ in 0..=UNABLE {
            let ended = matches!(event, Event::Response(Response { turn: Turn::Ended, .. }));
            let (profile, number) = (self.toolkit.profile, self.toolkit.next);
            let terminal = Toolkit::terminal(&profile, number);
            let mut next = Next::End;
            let outcome = self.call_talking(index, |applet, context| {
                next = applet.converse(event, &terminal, context)?;
                Ok(())
            });
            let asked = match (outcome, next) {
                (Err(sw), _) => Err(self.refuse(sw)),
                (Ok(()), Next::Command) if !ended => self.take_command(number).map(Some),
                (Ok(()), _) => Ok(None),
            };
            self.answer.clear();
            match asked {
                Ok(Some(details)) if terminal.can(details.command) => {
                    self.toolkit.next = number.next();
                    self.toolkit.talk = Some(Talk { applet: Some(index), stage: Stage::Waiting, busy: 0 });
                    return Ok(());
                }
                Ok(Some(_)) => event = Event::Response(Response::UNABLE),
                Ok(None) | Err(_) => {
                    self.clear_talk(index);
                    self.end_talk();
                    return asked.map(|_| ());
                }
            }
        }
        // It asks again and again for what it was told there is not.
        self.clear_talk(index);
        self.end_talk();
        Ok(())
    }

    /// Keeps the command that an applet has replied.
    fn take_command(&mut self, number: CommandNumber) -> Result<CommandDetails, Sw> {
        let command = self.answer.waiting();
        let details = CommandDetails::of_command(command).map_err(|_| Sw::UNKNOWN)?;
        let room = self.toolkit.command.get_mut(..command.len()).ok_or(Sw::UNKNOWN)?;
        if details.number != number {
            return Err(Sw::UNKNOWN);
        }
        room.copy_from_slice(command);
        self.toolkit.len = command.len();
        Ok(details)
    }

    /// Whether this instance may speak through the toolkit now.
    fn speaks(&self, index: usize) -> bool {
        self.instances.get(index).is_some_and(|instance| instance.applet.is_toolkit()) && self.is_selectable(index)
    }

    fn name(&self, index: usize) -> Option<Aid> {
        self.instances.get(index).map(|instance| instance.aid)
    }

    /// Has a conversation's memory stand in for another one, of zeros if none is given.
    fn swap_talk(&mut self, index: usize, other: Option<Zeroizing<Vec<u8>>>) -> Option<Zeroizing<Vec<u8>>> {
        let talk = &mut self.instances.get_mut(index)?.talk;
        let zeros = || Zeroizing::new(vec![0; talk.len()]);
        let other = other.unwrap_or_else(zeros);
        Some(std::mem::replace(talk, other))
    }

    fn clear_talk(&mut self, index: usize) {
        if let Some(instance) = self.instances.get_mut(index) {
            instance.talk.as_mut_slice().zeroize();
        }
    }
}

//! A card alone before a terminal: TERMINAL PROFILE, ENVELOPE, FETCH, TERMINAL RESPONSE.
//!
//! | command | answer |
//! |---|---|
//! | `80 10 00 00 Lc profile` | `91XX` if an applet has an entry in the menu, or wants to hear of an event; `9000` |
//! | `80 C2 00 00 Lc envelope` | of a choice: `91XX`, `9000` or the applet's; of an item that is gone: `91XX`, the menu as it is now. Of an event `9000`, `91XX`, or `9300` in a conversation. `6A80` for what cannot be read, `6985` for any other |
//! | `80 12 00 00 Le` | the command, and `9000`; `6CXX` for another length than was announced, `6985` if none waits |
//! | `80 14 00 00 Lc response` | `91XX`, `9000` or the applet's; `6A80` if it is no response to the command that was fetched, `6985` if none was |
//! | before any TERMINAL PROFILE | `6985` to all but that |
//!
//! They are the card's on its basic channel, whatever is selected there, as soon as one applet speaks through the toolkit.
//! Every other command that ends with `9000` ends with `91XX` while a proactive command waits, but those under secure
//! messaging, whose responses may be sealed.
//!
//! Source: ETSI TS 102 221, commands TERMINAL PROFILE, ENVELOPE, FETCH and TERMINAL RESPONSE, status words.

use apdu::{Aid, Cla, Command, Sw};
use toolkit::command::ProactiveCommand;
use toolkit::exchange::{ENVELOPE, FETCH, TERMINAL_PROFILE, TERMINAL_RESPONSE, announcing};
use toolkit::{Envelope, Occasion};

use super::Toolkit;
use crate::card::Card;
use crate::menu::{self, Shown};

/// What this front keeps.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Front {
    /// Whether there is none: an overlay speaks to the terminal.
    overlaid: bool,
    /// The entries that the terminal has in its menu, and the events it is to tell of.
    shown: Vec<Shown>,
    events: Vec<u8>,
    /// Whether the terminal has another menu than these entries.
    stale: bool,
}

impl Front {
    pub(super) fn reset(&self) -> Self {
        Self { overlaid: self.overlaid, ..Self::default() }
    }
}

/// Whether this is one of the four commands.
#[inline]
pub(in crate::card) const fn is_toolkit(command: &Command<'_>) -> bool {
    matches!(command.cla(), Cla::PROPRIETARY)
        && matches!(command.ins(), TERMINAL_PROFILE | FETCH | TERMINAL_RESPONSE | ENVELOPE)
}

impl Card {
    /// Leaves the commands of the toolkit to an overlay.
    pub(crate) const fn set_overlaid(&mut self, overlaid: bool) {
        self.toolkit.front.overlaid = overlaid;
    }

    /// Goes back to this state; under an overlay, or not, the card stays.
    pub(in crate::card) fn restore_toolkit(&mut self, toolkit: &Toolkit) {
        let overlaid = self.toolkit.front.overlaid;
        self.toolkit.clone_from(toolkit);
        self.set_overlaid(overlaid);
    }

    /// Whether the card answers the commands of the toolkit.
    pub(in crate::card) fn answers_toolkit(&self) -> bool {
        !self.toolkit.front.overlaid && self.has_toolkit()
    }

    /// Announces a proactive command that waits, behind a command that is done. What is sealed has been sealed with its status.
    #[inline]
    pub(in crate::card) fn announce(&mut self, sealed: bool) {
        if self.toolkit.front.overlaid || sealed {
            return;
        }
        if let Some(sw) = self.waits().and_then(announcing)
            && self.answer.sw() == Sw::OK
        {
            self.answer.set_sw(sw);
        }
    }

    /// Carries out one of the four commands.
    pub(in crate::card) fn toolkit_command(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        if (command.p1(), command.p2()) != (0, 0) {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let outcome = match command.ins() {
            TERMINAL_PROFILE => {
                self.begin_toolkit(command.data());
                self.toolkit.front = self.toolkit.front.reset();
                Ok(())
            }
            _ if !self.knows_terminal() => return Err(Sw::CONDITIONS_NOT_SATISFIED),
            FETCH => return self.fetch_command(command),
            TERMINAL_RESPONSE => self.take_response(command.data()),
            _ => self.envelope(command.data()),
        };
        self.renew_menu();
        outcome
    }

    fn fetch_command(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        let mut room = [0; ProactiveCommand::MAX_LENGTH];
        let bytes = self.fetch(command)?;
        let len = bytes.len();
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.answer.put(room.get(..len).unwrap_or_default());
        Ok(())
    }

    fn envelope(&mut self, bytes: &[u8]) -> Result<(), Sw> {
        let envelope = Envelope::decode(bytes).map_err(|_| Sw::WRONG_DATA)?;
        match envelope.occasion {
            Occasion::MenuSelection { item, help } => match self.shown_as(item) {
                Some(aid) => self.choose(aid, help),
                None => {
                    self.end_talk();
                    Err(Sw::REFERENCED_DATA_NOT_FOUND)
                }
            }
            .or_else(|sw| self.show_again(sw)),
            Occasion::EventDownload { event } => self.happened(envelope, event),
            _ => Err(Sw::CONDITIONS_NOT_SATISFIED),
        }
    }

    fn shown_as(&self, item: u8) -> Option<Aid> {
        self.toolkit.front.shown.iter().find(|shown| shown.id == item).map(|shown| shown.aid)
    }

    /// For a choice of what is gone: the terminal has another menu than it should.
    fn show_again(&mut self, sw: Sw) -> Result<(), Sw> {
        self.toolkit.front.stale |= sw == Sw::REFERENCED_DATA_NOT_FOUND;
        if self.toolkit.front.stale { Ok(()) } else { Err(sw) }
    }

    /// Between conversations: has the terminal told what has changed, first the menu, then the events.
    fn renew_menu(&mut self) {
        if self.toolkit.talk.is_some() || !self.knows_terminal() {
            return;
        }
        let mut entries = self.entries_for_menu();
        menu::number(&mut entries, &self.toolkit.front.shown, &[]);
        menu::cut(&mut entries);
        if self.toolkit.front.stale || entries != self.toolkit.front.shown {
            self.say(|number, out| menu::alone(number, &entries, out));
            self.toolkit.front.shown = entries;
            self.toolkit.front.stale = false;
            return;
        }
        let events = self.wanted_events();
        if events != self.toolkit.front.events {
            self.say(|number, out| menu::event_list(number, &events, out));
            self.toolkit.front.events = events;
        }
    }
}

//! What waits of the SIM below.
//!
//! Its `91XX` is answered by FETCH at once, since only then it is known whether it is a menu, and how long that will be with our
//! entries in it. The command is kept until the phone comes for it. If nothing came but an error or silence, the `91XX`
//! goes up as it is, and the phone's FETCH goes down.

use ::toolkit::exchange::{self, FETCH};
use ::toolkit::{CommandDetails, CommandType, ProactiveCommand};
use apdu::Transport;

use super::{Host, Overlay, Side};
use crate::card::Stage;
use crate::menu;

/// How far the proactive command of the SIM below is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Below {
    /// There is none.
    #[default]
    Idle,
    /// It waits for the phone's FETCH.
    Waiting(Pending),
    /// It waits for TERMINAL RESPONSE.
    Fetched(Pending),
}

/// A command, and how the phone is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) announced: u8,
    /// What it is to fetch; nothing if the SIM below has not handed it over.
    pub(super) command: Option<Vec<u8>>,
    /// Whether that is other than what came from below.
    pub(super) merged: bool,
}

impl Below {
    /// The length to announce.
    pub(super) const fn announced(&self) -> u8 {
        match self {
            Self::Waiting(Pending { announced, .. }) => *announced,
            Self::Idle | Self::Fetched(_) => 0,
        }
    }
}

impl<H: Host, L: Transport> Overlay<H, L> {
    /// Whose command is to be announced.
    pub(super) fn waiting(&self) -> Option<Side> {
        let ours = self.host.card().stage();
        match (ours, &self.state.below) {
            (Some(Stage::Fetched), _) | (_, Below::Fetched(_)) => None,
            (Some(Stage::Waiting), Below::Waiting(_)) => Some(self.state.last),
            (Some(Stage::Waiting), Below::Idle) => Some(Side::Ours),
            (_, Below::Waiting(_)) => Some(Side::Below),
            (None | Some(Stage::Held), Below::Idle) => None,
        }
    }

    /// The SIM below has announced a command.
    #[inline(never)]
    pub(super) fn note(&mut self, announced: u8) {
        // The phone owes it an answer, and it says so again.
        if matches!(self.state.below, Below::Fetched(_)) {
            return;
        }
        let mut room = [0; ProactiveCommand::MAX_LENGTH + 2];
        let kind = if self.state.gsm { exchange::Card::Sim } else { exchange::Card::Uicc };
        let fetch = [kind.cla().byte(), FETCH, 0, 0, announced];
        let length = self.lower.transmit(&fetch, &mut room).unwrap_or_default();
        let command = match room.get(..length).and_then(|bytes| bytes.split_last_chunk::<2>()) {
            Some((command, [0x90, 0])) if !command.is_empty() => Some(command.to_vec()),
            _ => None,
        };
        self.state.below = Below::Waiting(match command {
            None => Pending { announced, command: None, merged: false },
            Some(command) => match self.merge(&command) {
                Some(merged) => Pending { announced: short(merged.len()), command: Some(merged), merged: true },
                None => Pending { announced: short(command.len()), command: Some(command), merged: false },
            },
        });
    }

    /// A command of the SIM below with what is ours in it; nothing if it goes up as it is.
    fn merge(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let kind = CommandDetails::of_command(command).ok()?.command;
        if ![CommandType::SET_UP_MENU, CommandType::SET_UP_EVENT_LIST].contains(&kind) {
            return None;
        }
        self.state.stale = true;
        let mut room = [0; ProactiveCommand::MAX_LENGTH];
        if let Some(identifiers) = menu::identifiers(command) {
            self.state.menu = Some(command.to_vec());
            let mut entries = self.entries(&identifiers);
            let length = menu::merged(command, None, &entries, &mut room);
            if length.is_none() {
                entries.clear();
            }
            self.state.shown = entries;
            let ours = !self.state.shown.is_empty();
            return room.get(..length.filter(|_| ours)?).map(<[u8]>::to_vec);
        }
        if menu::events(command).is_some() {
            self.state.list = Some(command.to_vec());
            self.state.events = self.host.card().wanted_events();
            let more = !self.state.events.is_empty();
            let length = menu::merged_events(command, &self.state.events, &mut room).filter(|_| more)?;
            return room.get(..length).map(<[u8]>::to_vec);
        }
        None
    }

    /// The phone has fetched this from the SIM below, which had not announced it: if it is a menu or a list of events, there is
    /// nothing of ours in it yet.
    pub(super) fn overhear(&mut self, command: &[u8]) {
        self.state.stale = true;
        if menu::identifiers(command).is_some() {
            self.state.menu = Some(command.to_vec());
            self.state.shown.clear();
        } else if menu::events(command).is_some() {
            self.state.list = Some(command.to_vec());
            self.state.events.clear();
        }
    }

    /// Our entries, with identifiers that are not these.
    pub(super) fn entries(&mut self, identifiers: &[u8]) -> Vec<crate::menu::Shown> {
        let mut entries = self.host.card_mut().entries_for_menu();
        menu::number(&mut entries, &self.state.shown, identifiers);
        entries
    }
}

/// A length in one byte; 256 is 0.
fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or_default()
}

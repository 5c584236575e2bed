//! The commands of the toolkit: TERMINAL PROFILE, ENVELOPE, FETCH, TERMINAL RESPONSE.

use ::toolkit::exchange::{self, FETCH, TERMINAL_PROFILE, TERMINAL_RESPONSE};
use ::toolkit::{Envelope, Occasion};
use apdu::{Command, Sw, Transport};

use super::below::{Below, Pending};
use super::{Failure, Host, Overlay, OverlayError, Side, State};
use crate::card::Stage;
use crate::menu;

impl<H: Host, L: Transport> Overlay<H, L> {
    #[inline(never)]
    pub(super) fn toolkit_command(
        &mut self,
        ins: u8,
        bytes: &[u8],
        response: &mut [u8],
    ) -> Result<usize, Failure<H, L>> {
        let Ok(command) = Command::decode(bytes) else { return self.pass(bytes, response) };
        if (command.p1(), command.p2()) != (0, 0) {
            return self.pass(bytes, response);
        }
        match ins {
            TERMINAL_PROFILE => self.profile(&command, bytes, response),
            FETCH => self.fetch(&command, bytes, response),
            TERMINAL_RESPONSE => self.terminal_response(&command, bytes, response),
            _ => self.envelope(&command, bytes, response),
        }
    }

    /// To both. A SIM below without toolkit hides ours no more than one with.
    fn profile(&mut self, command: &Command<'_>, bytes: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        let gsm = exchange::Card::of(command.cla()) == Some(exchange::Card::Sim);
        self.state = State { channels: self.state.channels, gsm, stale: true, ..State::default() };
        self.host.card_mut().begin_toolkit(command.data());
        let outcome = self.ask_below(bytes, response);
        if let (Ok(length), true) = (&outcome, gsm)
            && status(response, *length) == Some(Sw::CLA_NOT_SUPPORTED.bytes())
        {
            // It is no SIM of 2G, and the phone has yet to find out.
            self.state.gsm = false;
            self.host.card_mut().forget_terminal();
            return Ok(*length);
        }
        self.renew();
        self.done_below(outcome?, response)
    }

    /// The answer of a SIM below, which may have no toolkit, to what went to both.
    fn done_below(&mut self, length: usize, response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        // It does not know the command. It need not.
        if let Some([0x6D | 0x6E, 0]) = status(response, length)
            && self.host.card().has_toolkit()
        {
            return self.say(Sw::OK, response);
        }
        Ok(self.announce(length, response))
    }

    /// To whom has announced, or has it fetched again.
    fn fetch(&mut self, command: &Command<'_>, bytes: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        let fetched = self.host.card().stage() == Some(Stage::Fetched);
        if fetched || (self.waiting() == Some(Side::Ours) && self.state.told == Some(Side::Ours)) {
            self.state.last = Side::Ours;
            self.state.told = None;
            return Ok(match self.host.card_mut().fetch(command) {
                Ok(command) => bring(command, response),
                Err(sw) => bring_sw(sw, response),
            });
        }
        let (pending, again) = match std::mem::take(&mut self.state.below) {
            Below::Idle => {
                let length = self.ask_below(bytes, response)?;
                self.overhear(response.get(..length.saturating_sub(2)).unwrap_or_default());
                return Ok(self.announce(length, response));
            }
            Below::Waiting(pending) => (pending, false),
            Below::Fetched(pending) => (pending, true),
        };
        self.state.last = Side::Below;
        let asked = usize::try_from(command.ne()).unwrap_or_default();
        let waiting = pending.command.as_deref().filter(|_| pending.merged || !again);
        let outcome = match waiting {
            Some(waiting) if command.data().is_empty() && (asked == 256 || asked == waiting.len()) => {
                Ok(bring(waiting, response))
            }
            Some(_) if pending.merged && command.data().is_empty() => {
                Ok(bring_sw(Sw::correct_le(pending.announced), response))
            }
            // The SIM below has its own word for it.
            _ => self.send_below(bytes, response),
        };
        let done = again || outcome.as_ref().is_ok_and(|length| status(response, *length) == Some([0x90, 0]));
        self.state.below = match pending.command {
            _ if done => Below::Fetched(pending),
            Some(_) => Below::Waiting(pending),
            // What was not to be had at once, is not to be had: nobody waits for it.
            None => Below::Idle,
        };
        outcome
    }

    /// To whom the phone owes it.
    fn terminal_response(
        &mut self,
        command: &Command<'_>,
        bytes: &[u8],
        response: &mut [u8],
    ) -> Result<usize, Failure<H, L>> {
        if self.host.card().stage() == Some(Stage::Fetched) {
            let outcome = self.host.card_mut().take_response(command.data());
            if self.host.card().stage().is_none() {
                self.state.last = Side::Below;
                self.state.stale = true;
            }
            self.renew();
            return self.say(outcome.err().unwrap_or(Sw::OK), response);
        }
        if let Below::Waiting(Pending { command: Some(_), .. }) = self.state.below {
            // The SIM below believes that the phone has it.
            return Ok(bring_sw(Sw::CONDITIONS_NOT_SATISFIED, response));
        }
        let owed = std::mem::take(&mut self.state.below);
        let length = self.ask_below(bytes, response)?;
        // Refused as no response to what it asked, it still waits for one.
        if let (Below::Fetched(_), Some([0x67..=0x6B, _])) = (&owed, status(response, length)) {
            self.state.below = owed;
        }
        self.renew();
        if !self.host.card_mut().mind_power() {
            return Ok(0);
        }
        Ok(self.announce(length, response))
    }

    fn envelope(&mut self, command: &Command<'_>, bytes: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        match Envelope::decode(command.data()).map(|envelope| (envelope.occasion, envelope)) {
            Ok((Occasion::MenuSelection { item, help }, _)) => {
                let ours = self.state.shown.iter().find(|shown| shown.id == item).map(|shown| shown.aid);
                // Whatever of ours the phone has not answered until now, it will not.
                self.host.card_mut().end_talk();
                let owed = std::mem::take(&mut self.state.below);
                if let Some(aid) = ours {
                    // Nor what is from below, but that it has yet to fetch.
                    if let Below::Waiting(_) = owed {
                        self.state.below = owed;
                    }
                    self.state.last = Side::Ours;
                    self.state.stale = true;
                    let outcome = self.host.card_mut().choose(aid, help);
                    self.renew();
                    // One that is gone: the menu has changed, and is told.
                    let gone = outcome == Err(Sw::REFERENCED_DATA_NOT_FOUND);
                    return self.say(outcome.err().filter(|_| !gone).unwrap_or(Sw::OK), response);
                }
                self.state.last = Side::Below;
                let length = self.ask_below(bytes, response)?;
                if self.state.below == Below::Idle {
                    self.state.below = owed;
                }
                if self.state.menu.is_none() && self.host.card().knows_terminal() {
                    // Nobody has such an item: the phone has another menu than it was told.
                    self.state.shown.clear();
                    self.state.stale = true;
                    self.renew();
                    return self.done_below(length, response);
                }
                Ok(self.announce(length, response))
            }
            Ok((Occasion::EventDownload { event }, envelope)) => {
                let outcome = self.ask_below(bytes, response);
                // Who is busy does not hear of it.
                self.state.stale = true;
                let _ = self.host.card_mut().happened(envelope, event);
                if !self.host.card_mut().mind_power() {
                    return Ok(0);
                }
                self.host.keep().map_err(OverlayError::Host)?;
                self.done_below(outcome?, response)
            }
            _ => self.pass(bytes, response),
        }
    }

    /// Between conversations: has the terminal told what has changed of ours, first the menu, then the events.
    fn renew(&mut self) {
        let card = self.host.card();
        if !self.state.stale {
            return;
        }
        if card.stage().is_some() || !card.knows_terminal() || !card.is_on() || self.state.below != Below::Idle {
            return;
        }
        let below = self.state.menu.clone();
        let identifiers = below.as_deref().and_then(menu::identifiers).unwrap_or_default();
        let mut entries = self.entries(&identifiers);
        match &below {
            Some(below) => {
                // What there is no room for is not shown.
                if menu::merged(below, None, &entries, &mut [0; 256]).is_none() {
                    entries.clear();
                }
            }
            None => menu::cut(&mut entries),
        }
        if entries != self.state.shown {
            self.host.card_mut().say(|number, out| match &below {
                Some(below) => menu::merged(below, Some(number), &entries, out),
                None => menu::alone(number, &entries, out),
            });
            self.state.shown = entries;
            return;
        }
        let events = self.host.card().wanted_events();
        if events != self.state.events {
            let below = self.state.list.as_deref().and_then(menu::events).unwrap_or_default();
            let all = menu::union(&below, &events);
            self.host.card_mut().say(|number, out| menu::event_list(number, &all, out));
            self.state.events = events;
            return;
        }
        self.state.stale = false;
    }
}

fn status(response: &[u8], length: usize) -> Option<[u8; 2]> {
    response.get(..length)?.last_chunk().copied()
}

fn bring(command: &[u8], response: &mut [u8]) -> usize {
    apdu::Response { data: command, sw: Sw::OK }.encode(response).unwrap_or_default()
}

fn bring_sw(sw: Sw, response: &mut [u8]) -> usize {
    apdu::Response { data: &[], sw }.encode(response).unwrap_or_default()
}

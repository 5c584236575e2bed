//! Who has which logical channel: the SIM below, unless an applet of ours was selected on it by its full name, and until
//! another SELECT succeeds there.
//!
//! Channels are opened and closed by the SIM below, and the card follows. A channel that was opened from one of ours has
//! selected what the SIM below has on that one. Channels beyond the card's four are always the SIM's below.

use apdu::{Category, Channel, Command, Sw, Transport};

use super::{Failure, Host, Overlay, OverlayError};
use crate::card::CHANNELS;

const BY_NAME: u8 = 0x04;
const OPEN: u8 = 0x00;
const CLOSE: u8 = 0x80;

/// A bit for each channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channels {
    open: u8,
    ours: u8,
}

impl Default for Channels {
    fn default() -> Self {
        Self { open: 1, ours: 0 }
    }
}

impl Channels {
    /// Whether it is one that the card has, too.
    pub(super) fn has(channel: Channel) -> bool {
        channel.number() < CHANNELS
    }

    #[inline]
    pub(super) const fn any_is_ours(self) -> bool {
        self.ours != 0
    }

    pub(super) fn is_ours(self, channel: Channel) -> bool {
        self.ours & bit(channel) != 0
    }

    fn is_open(self, channel: Channel) -> bool {
        self.open & bit(channel) != 0
    }

    fn take(&mut self, channel: Channel, ours: bool) {
        self.ours = if ours { self.ours | bit(channel) } else { self.ours & !bit(channel) };
    }
}

fn bit(channel: Channel) -> u8 {
    1_u8.checked_shl(channel.number().into()).unwrap_or_default()
}

impl<H: Host, L: Transport> Overlay<H, L> {
    pub(super) fn select(
        &mut self,
        on: Channel,
        command: &Command<'_>,
        bytes: &[u8],
        response: &mut [u8],
    ) -> Result<usize, Failure<H, L>> {
        let open = self.state.channels.is_open(on);
        if command.p1() == BY_NAME && open && self.host.card().has(command.data(), self.domain) {
            let length = self.pass_to_card(bytes, response)?;
            // One that does not want to be selected leaves the channel with nothing, or to the SIM below.
            let selected = self.host.card().selected_on(on).is_some();
            self.state.channels.take(on, selected);
            return Ok(length);
        }
        let length = self.ask_below(bytes, response)?;
        if self.state.channels.is_ours(on) && is_done(status(response, length)) {
            self.host.card_mut().leave(on);
            self.state.channels.take(on, false);
            if !self.host.card_mut().mind_power() {
                return Ok(0);
            }
            self.host.keep().map_err(OverlayError::Host)?;
        }
        Ok(self.announce(length, response))
    }

    pub(super) fn manage_channel(
        &mut self,
        on: Channel,
        command: &Command<'_>,
        bytes: &[u8],
        response: &mut [u8],
    ) -> Result<usize, Failure<H, L>> {
        let length = self.ask_below(bytes, response)?;
        let named = match (command.p1(), command.p2()) {
            (OPEN, 0) => response.first().copied().filter(|_| length == 3),
            (CLOSE, 0) => Some(on.number()),
            (OPEN | CLOSE, number) => Some(number),
            _ => None,
        };
        let channel = named.and_then(Channel::new).filter(|channel| Channels::has(*channel));
        if let Some(channel) = channel.filter(|channel| *channel != Channel::BASIC)
            && is_done(status(response, length))
        {
            let open = command.p1() == OPEN;
            self.host.card_mut().follow(channel, open);
            let channels = &mut self.state.channels;
            channels.take(channel, false);
            channels.open = if open { channels.open | bit(channel) } else { channels.open & !bit(channel) };
            if !self.host.card_mut().mind_power() {
                return Ok(0);
            }
            self.host.keep().map_err(OverlayError::Host)?;
        }
        Ok(self.announce(length, response))
    }
}

fn status(response: &[u8], length: usize) -> Option<Sw> {
    response.get(..length)?.last_chunk().copied().map(Sw::from_bytes)
}

/// Whether a command with this status word did what it was to do: `9000`, `91XX`, `61XX`, warnings, and `9FXX` of a 2G SIM.
fn is_done(sw: Option<Sw>) -> bool {
    sw.is_some_and(|sw| {
        matches!(sw.category(), Category::Normal | Category::Warning) || matches!(sw.bytes(), [0x91 | 0x9F, _])
    })
}

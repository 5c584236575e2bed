//! An overlay SIM: a card between a phone and the SIM below, to which all passes that is not its own.
//!
//! What is its own, what passes, and what becomes of `91XX`, FETCH, TERMINAL RESPONSE and the menu is in `docs/overlay.md`; here
//! is how. `below` is what waits of the SIM below; `talk` has the commands of the toolkit; `channels` who has which logical
//! channel; `host` whose card it is.
//!
//! Of each side it knows how far its proactive command is: nothing, waiting for FETCH, or fetched and waiting for TERMINAL
//! RESPONSE. As long as one is fetched, nothing is announced; when both wait, the side goes on that is in a conversation.

mod below;
mod channels;
mod host;
mod talk;

use std::fmt;

use apdu::{Cla, Command, Cut, PowerCut, SecureMessaging, Sw, Transport};
use toolkit::exchange::{ENVELOPE, FETCH, TERMINAL_PROFILE, TERMINAL_RESPONSE, announcing};

pub use host::Host;

use crate::card::{Card, OtherCard, Snapshot};
use crate::menu::Shown;
use crate::vpcd::Powered;
use below::Below;
use channels::Channels;

const SELECT: u8 = 0xA4;
const MANAGE_CHANNEL: u8 = 0x70;

/// An overlay SIM: the card `host`, and the SIM below.
pub struct Overlay<H, L> {
    host: H,
    lower: L,
    state: State,
    domain: bool,
}

/// What the overlay keeps until it is reset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    channels: Channels,
    /// Whether the phone speaks to a SIM of 2G, in class `A0`.
    gsm: bool,
    below: Below,
    /// Who goes on first: ours in a conversation, the SIM below otherwise.
    last: Side,
    /// Whose command was announced last.
    told: Option<Side>,
    /// The menu and the list of events of the SIM below, as it sent them last.
    menu: Option<Vec<u8>>,
    list: Option<Vec<u8>>,
    /// Our entries in the terminal's menu, and our events in its list.
    shown: Vec<Shown>,
    events: Vec<u8>,
    /// Whether either may be another by now.
    stale: bool,
}

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Below,
    Ours,
}

/// Why an overlay gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverlayError<H: std::error::Error + 'static, L: std::error::Error + 'static> {
    /// The overlay's own card, or its file.
    #[error("the overlay's card failed")]
    Host(#[source] H),
    /// The SIM below, or the way to it.
    #[error("the SIM below failed")]
    Below(#[source] L),
}

/// What an overlay and the SIM below knew at one moment.
#[derive(Clone, Debug)]
pub struct OverlaySnapshot<L> {
    card: Snapshot,
    state: State,
    lower: L,
}

type Failure<H, L> = OverlayError<<H as Host>::Error, <L as Transport>::Error>;

impl<H: Host, L: Transport> Overlay<H, L> {
    /// Lays this card over that SIM. What its applets say through the toolkit goes through the overlay from now on. Nobody
    /// resets either of the two by this.
    pub fn new(mut host: H, lower: L) -> Self {
        host.card_mut().set_overlaid(true);
        Self { host, lower, state: State::default(), domain: false }
    }

    /// Whether the name of the issuer domain selects that of the overlay's card, instead of the SIM's below, which has one too.
    #[must_use]
    pub fn with_domain(self, domain: bool) -> Self {
        Self { domain, ..self }
    }

    /// The overlay's card.
    #[must_use]
    pub fn card(&self) -> &Card {
        self.host.card()
    }

    /// The overlay's card, to do to it what no command does.
    pub fn card_mut(&mut self) -> &mut Card {
        self.state.stale = true;
        self.host.card_mut()
    }

    /// The SIM below.
    #[must_use]
    pub const fn lower(&self) -> &L {
        &self.lower
    }

    /// The SIM below, to do to it what no command does.
    pub const fn lower_mut(&mut self) -> &mut L {
        &mut self.lower
    }

    /// Takes the two apart.
    pub fn into_parts(mut self) -> (H, L) {
        self.host.card_mut().set_overlaid(false);
        (self.host, self.lower)
    }

    /// Whether the terminal has an entry of ours in its menu, as far as it was told. It has none on a terminal without menus, and
    /// if there is no room beside those of the SIM below.
    #[must_use]
    pub fn is_in_menu(&self) -> bool {
        !self.state.shown.is_empty()
    }

    /// Copies the state of both.
    #[must_use]
    pub fn snapshot(&self) -> OverlaySnapshot<L>
    where
        L: Clone,
    {
        OverlaySnapshot { card: self.card().snapshot(), state: self.state.clone(), lower: self.lower.clone() }
    }

    /// Goes back to a snapshot.
    ///
    /// # Errors
    /// [`OtherCard`] if it is of a card with other applets; all is then as before.
    pub fn restore(&mut self, snapshot: &OverlaySnapshot<L>) -> Result<(), OtherCard>
    where
        L: Clone,
    {
        self.host.card_mut().restore(&snapshot.card)?;
        self.state.clone_from(&snapshot.state);
        self.lower.clone_from(&snapshot.lower);
        Ok(())
    }

    /// Sends a command to the SIM below as it is.
    #[inline]
    fn pass(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        let length = self.ask_below(command, response)?;
        Ok(self.announce(length, response))
    }

    /// The answer of the SIM below, of which `91XX` is taken note.
    #[inline]
    fn ask_below(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        let length = self.send_below(command, response)?;
        if let Some(&[0x91, announced]) = response.get(..length).and_then(|bytes| bytes.last_chunk()) {
            self.note(announced);
        }
        Ok(length)
    }

    /// The answer of the SIM below.
    #[inline]
    fn send_below(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        let length = self.lower.transmit(command, response).map_err(OverlayError::Below)?;
        // Who claims more than there was room for has said nothing.
        Ok(if length <= response.len() { length } else { 0 })
    }

    /// Has an answer that is done say whether a proactive command waits.
    #[inline]
    fn announce(&mut self, length: usize, response: &mut [u8]) -> usize {
        if let Some(sw) = response.get_mut(..length).and_then(|bytes| bytes.last_chunk_mut::<2>())
            && matches!(sw, [0x90, 0] | [0x91, _])
        {
            self.announce_in(sw);
        }
        length
    }

    #[inline]
    fn announce_in(&mut self, sw: &mut [u8; 2]) {
        let ours = self.host.card().stage();
        if ours.is_none() && matches!(self.state.below, Below::Idle) {
            // Only from below, which then has been taken note of; so it is 9000.
            return;
        }
        // A SIM that announces while it waits for an answer: it knows why.
        if matches!((&self.state.below, &sw), (Below::Fetched(_), [0x91, _])) {
            return;
        }
        let waiting = self.waiting();
        self.state.told = waiting;
        *sw = match waiting {
            Some(Side::Ours) => self.host.card().waits().and_then(announcing).unwrap_or(Sw::OK).bytes(),
            Some(Side::Below) => [0x91, self.state.below.announced()],
            None => Sw::OK.bytes(),
        };
    }

    /// The answer of the overlay itself: this status word.
    fn say(&mut self, sw: Sw, response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        if !self.host.card_mut().mind_power() {
            self.host.keep().map_err(OverlayError::Host)?;
            return Ok(0);
        }
        self.host.keep().map_err(OverlayError::Host)?;
        let Some(room) = response.first_chunk_mut::<2>() else { return Ok(0) };
        *room = sw.bytes();
        Ok(self.announce(2, response))
    }

    /// Sends a command to the card on a channel that is its own.
    fn pass_to_card(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        self.state.stale = true;
        let Ok(length) = self.host.card_mut().transmit(command, response);
        if let Err(error) = self.host.keep() {
            response.get_mut(..length).unwrap_or_default().fill(0);
            return Err(OverlayError::Host(error));
        }
        // Responses under secure messaging may be sealed, with their status.
        if command.first().is_some_and(|cla| Cla::new(*cla).secure_messaging() != SecureMessaging::None) {
            return Ok(length);
        }
        Ok(self.announce(length, response))
    }

    /// SELECT or MANAGE CHANNEL, or what belongs to the owner of its channel.
    fn route(&mut self, cla: Cla, ins: u8, bytes: &[u8], response: &mut [u8]) -> Result<usize, Failure<H, L>> {
        let Some(on) = cla.channel().filter(|channel| Channels::has(*channel)) else {
            return self.pass(bytes, response);
        };
        // Plain, of ISO/IEC 7816-4.
        if cla.byte() == on.number() {
            match (ins, Command::decode(bytes)) {
                (SELECT, Ok(command)) => return self.select(on, &command, bytes, response),
                (MANAGE_CHANNEL, Ok(command)) => return self.manage_channel(on, &command, bytes, response),
                _ => {}
            }
        }
        if self.state.channels.is_ours(on) { self.pass_to_card(bytes, response) } else { self.pass(bytes, response) }
    }
}

impl<H: Host, L: Transport> Transport for Overlay<H, L> {
    type Error = Failure<H, L>;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        if !self.host.card().is_on() {
            return Ok(0);
        }
        self.host.card_mut().wake_talk();
        let Some([cla, ins, ..]) = command.first_chunk::<4>() else { return self.pass(command, response) };
        match (*cla, *ins) {
            (0x80 | 0xA0, TERMINAL_PROFILE | FETCH | TERMINAL_RESPONSE | ENVELOPE) => {
                self.toolkit_command(*ins, command, response)
            }
            (cla, ins) if self.state.channels.any_is_ours() || matches!(ins, SELECT | MANAGE_CHANNEL) => {
                self.route(Cla::new(cla), ins, command, response)
            }
            _ => self.pass(command, response),
        }
    }

    /// Resets both. If the SIM below does not come back, the overlay's card has been reset all the same.
    fn reset(&mut self) -> Result<(), Self::Error> {
        self.state = State::default();
        let Ok(()) = self.host.card_mut().reset();
        self.host.keep().map_err(OverlayError::Host)?;
        self.lower.reset().map_err(OverlayError::Below)
    }

    /// That of the SIM below.
    fn atr(&self) -> &[u8] {
        self.lower.atr()
    }
}

impl<H: Host, L: Transport> Powered for Overlay<H, L> {}

/// The power of the overlay's card, which is that of the overlay.
impl<H: Host, L> PowerCut for Overlay<H, L> {
    fn arm(&mut self, cut: Option<Cut>) {
        self.host.card_mut().arm(cut);
    }

    fn armed(&self) -> Option<Cut> {
        self.host.card().armed()
    }
}

impl<H: fmt::Debug, L: fmt::Debug> fmt::Debug for Overlay<H, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay").field("host", &self.host).field("lower", &self.lower).finish_non_exhaustive()
    }
}

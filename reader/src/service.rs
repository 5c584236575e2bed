//! The PC/SC service through the system's library: the only part of the workspace that links one.

use std::ffi::{CStr, CString};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use apdu::{BufferTooSmall, Transport};
use pcsc::{Card, Context, Disposition, ReaderState, Scope, ShareMode};
use zeroize::{Zeroize, Zeroizing};

use crate::slot::{Slot, State};
use crate::{MAX_RESPONSE, Options, Protocol, Protocols, ReaderError, Sharing, carry, code};

/// However long is to be waited, the list of readers is looked at so often: not every service tells of new ones.
const GLANCE: Duration = Duration::from_secs(2);
/// Another program may have the card for so long before that is worth a word.
const NOTICE: Duration = Duration::from_secs(2);
/// How often a card may be reset by others between the connection and the transaction.
const RESETS: u8 = 3;

/// A connection to the service.
pub(crate) struct Service {
    context: Context,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    pub(crate) fn establish() -> Result<Self, ReaderError> {
        let context = Context::establish(Scope::User).map_err(|error| said(error, ""))?;
        Ok(Self { context })
    }

    /// All readers, with what is in them.
    pub(crate) fn slots(&self) -> Result<Vec<Slot>, ReaderError> {
        let names = match self.context.list_readers_owned() {
            Err(pcsc::Error::NoReadersAvailable) => return Ok(Vec::new()),
            names => names.map_err(|error| lost(error, ""))?,
        };
        let mut states: Vec<_> = names.into_iter().map(|name| ReaderState::new(name, pcsc::State::UNAWARE)).collect();
        if states.is_empty() {
            return Ok(Vec::new());
        }
        match self.context.get_status_change(Duration::ZERO, &mut states) {
            // One was unplugged in this moment.
            Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) => Ok(Vec::new()),
            Ok(()) | Err(pcsc::Error::Timeout) => Ok(states.iter().map(slot).collect()),
            Err(error) => Err(lost(error, "")),
        }
    }

    /// Waits until the readers are no longer as they were, at most so long; returns how they are.
    pub(crate) fn wait(&self, before: &[Slot], timeout: Option<Duration>) -> Result<Vec<Slot>, ReaderError> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let mut states: Vec<_> = before.iter().filter_map(seen).collect();
            states.push(ReaderState::new(pcsc::PNP_NOTIFICATION(), pcsc::State::UNAWARE));
            let waited = self.context.get_status_change(left.map_or(GLANCE, |left| left.min(GLANCE)), &mut states);
            match waited {
                Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) => {}
                Err(error) => return Err(lost(error, "")),
            }
            let now = self.slots()?;
            if now != before || left.is_some_and(|left| left.is_zero()) {
                return Ok(now);
            }
        }
    }

    pub(crate) fn connect(
        self,
        name: String,
        options: Options,
        waiting: &mut dyn FnMut(&str),
    ) -> Result<Link, ReaderError> {
        let buffer = Zeroizing::new(vec![0; MAX_RESPONSE]);
        let protocol = Protocol::T1;
        let mut link = Link { service: self, card: None, name, options, protocol, atr: Vec::new(), buffer };
        link.connect(waiting)?;
        Ok(link)
    }
}

/// A connection to a card, which sends what it is given as it is.
pub(crate) struct Link {
    service: Service,
    /// None once it is known to be lost.
    card: Option<Card>,
    name: String,
    options: Options,
    protocol: Protocol,
    atr: Vec<u8>,
    buffer: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("name", &self.name).field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn said(&self, error: pcsc::Error) -> ReaderError {
        said(error, &self.name)
    }

    /// Connects to the card in the reader, as the options say.
    fn connect(&mut self, waiting: &mut dyn FnMut(&str)) -> Result<(), ReaderError> {
        self.card = None;
        let deadline = Instant::now().checked_add(self.options.patience);
        let mut resets = 0;
        loop {
            match self.connect_once(waiting) {
                Ok(()) => return Ok(()),
                Err(ReaderError::WasReset { .. }) if resets < RESETS => resets = resets.saturating_add(1),
                Err(error @ ReaderError::Empty { .. }) => {
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                    match left.filter(|left| !left.is_zero()) {
                        Some(left) => drop(self.service.wait(&self.service.slots()?, Some(left))?),
                        None => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn connect_once(&mut self, waiting: &mut dyn FnMut(&str)) -> Result<(), ReaderError> {
        let name = CString::new(self.name.as_str()).map_err(|_| ReaderError::Gone { reader: self.name.clone() })?;
        let connected = match self.options.busy {
            None => reach(&self.service.context, &name, self.options),
            Some(limit) => self.reach_within(name, limit, waiting)?,
        };
        let card = connected.map_err(|error| match error {
            // Told of a card that was there a moment ago, too.
            pcsc::Error::RemovedCard => ReaderError::Empty { reader: self.name.clone() },
            error => self.said(error),
        })?;
        (self.protocol, self.atr) = look(&card).map_err(|error| lost(error, &self.name))?;
        self.card = Some(card);
        Ok(())
    }

    pub(crate) fn power_cycle(&mut self) -> Result<(), ReaderError> {
        self.restart(Disposition::UnpowerCard)
    }

    /// Has the card begin anew in this way, or whatever card is there now.
    fn restart(&mut self, how: Disposition) -> Result<(), ReaderError> {
        if let Some(card) = self.card.as_mut() {
            let outcome = card.reconnect(share_mode(self.options), protocols(self.options), how);
            match outcome.and_then(|()| look(card)) {
                Ok(found) => {
                    (self.protocol, self.atr) = found;
                    return Ok(());
                }
                Err(error) => {
                    let error = lost(error, &self.name);
                    if !error.is_disconnected() {
                        return Err(error);
                    }
                }
            }
        }
        // Another card, or another service: connected to, each begins anew.
        self.card = None;
        self.service = Service::establish()?;
        self.connect(&mut |_| {})
    }

    /// Connects, unless that takes too long.
    ///
    /// pcscd lets a program wait within SCardConnect, and its library within SCardBeginTransaction, until the transaction of
    /// another one ends. Neither takes a limit, SCardCancel ends neither, and no state of the reader tells of a transaction.
    /// So it is another thread that waits; when we are no longer interested, it lets go of what it gets and ends.
    fn reach_within(
        &self,
        name: CString,
        limit: Duration,
        waiting: &mut dyn FnMut(&str),
    ) -> Result<Result<Card, pcsc::Error>, ReaderError> {
        let (sender, receiver) = channel();
        let (context, options) = (self.service.context.clone(), self.options);
        let thread = thread::Builder::new().spawn(move || {
            let reached = reach(&context, &name, options);
            if let Err(unwanted) = sender.send(reached)
                && let Ok(card) = unwanted.0
            {
                let _ = card.disconnect(Disposition::LeaveCard);
            }
        });
        thread.map_err(|error| ReaderError::Other { code: 0, text: error.to_string() })?;
        let busy = || ReaderError::Busy { reader: self.name.clone(), waited: limit };
        let outcome = match receiver.recv_timeout(NOTICE.min(limit)) {
            Err(RecvTimeoutError::Timeout) => {
                waiting(&self.name);
                receiver.recv_timeout(limit.saturating_sub(NOTICE))
            }
            outcome => outcome,
        };
        outcome.map_err(|_| busy())
    }

    pub(crate) fn transaction<R>(&mut self, work: impl FnOnce(&mut Transaction<'_>) -> R) -> Result<R, ReaderError> {
        let Self { card, name, options, protocol, atr, buffer, .. } = self;
        let card = card.as_mut().ok_or_else(|| ReaderError::Removed { reader: name.clone() })?;
        let card = card.transaction2().map_err(|(_, error)| lost(error, name))?;
        Ok(work(&mut Transaction { protocol, raw: Raw { card, name, options: *options, atr, buffer } }))
    }
}

impl Transport for Link {
    type Error = ReaderError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        let card = self.card.as_ref().ok_or_else(|| ReaderError::Removed { reader: self.name.clone() })?;
        let outcome = exchange(card, &self.name, &mut self.buffer, command, response);
        // One that was reset can be connected to again, the others are lost.
        if let Err(error) = &outcome
            && error.is_disconnected()
            && !matches!(error, ReaderError::WasReset { .. })
        {
            self.card = None;
        }
        outcome
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        self.restart(Disposition::ResetCard)
    }

    fn atr(&self) -> &[u8] {
        &self.atr
    }
}

/// A card with which no other program speaks in between.
#[derive(Debug)]
pub struct Transaction<'r> {
    protocol: &'r mut Protocol,
    raw: Raw<'r>,
}

/// The same, which sends what it is given as it is.
struct Raw<'r> {
    card: pcsc::Transaction<'r>,
    name: &'r str,
    options: Options,
    atr: &'r mut Vec<u8>,
    buffer: &'r mut Vec<u8>,
}

impl std::fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Raw").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Transport for Transaction<'_> {
    type Error = ReaderError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        carry(*self.protocol, &mut self.raw, command, response)
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        self.raw.reset()?;
        *self.protocol = look(&self.raw.card).map_err(|error| lost(error, self.raw.name))?.0;
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        self.raw.atr()
    }
}

impl Transport for Raw<'_> {
    type Error = ReaderError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, ReaderError> {
        exchange(&self.card, self.name, self.buffer, command, response)
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        let Self { card, name, options, .. } = self;
        card.reconnect(share_mode(*options), protocols(*options), Disposition::ResetCard)
            .map_err(|error| lost(error, name))?;
        *self.atr = look(&self.card).map_err(|error| lost(error, self.name))?.1;
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        self.atr
    }
}

/// Connects to the card, and begins the transaction if one is wanted.
fn reach(context: &Context, name: &CStr, options: Options) -> Result<Card, pcsc::Error> {
    let mut card = context.connect(name, share_mode(options), protocols(options))?;
    if options.hold {
        match card.transaction2() {
            // It ends with the connection. Kept as a value, it would borrow the card beside it.
            Ok(transaction) => std::mem::forget(transaction),
            Err((_, error)) => return Err(error),
        }
    }
    Ok(card)
}

/// Sends one command as it is. The buffer is always long enough, however short the caller's is.
fn exchange(
    card: &Card,
    name: &str,
    buffer: &mut [u8],
    command: &[u8],
    response: &mut [u8],
) -> Result<usize, ReaderError> {
    let available = buffer.len();
    let outcome = match card.transmit2(command, buffer) {
        // Not even a status word: so says vpcd when the card was pulled out, or its power failed, in the middle.
        Ok([]) => Err((available, ReaderError::Exchange { reader: name.to_owned() })),
        Ok(answer) => {
            let (length, room) = (answer.len(), response.len());
            match response.get_mut(..length) {
                Some(place) => {
                    place.copy_from_slice(answer);
                    Ok(length)
                }
                None => Err((length, ReaderError::Buffer(BufferTooSmall { needed: length, available: room }))),
            }
        }
        Err((pcsc::Error::InsufficientBuffer, needed)) => {
            Err((available, ReaderError::Buffer(BufferTooSmall { needed, available })))
        }
        Err((error, _)) => Err((available, lost(error, name))),
    };
    // It may hold a secret.
    let used = outcome.as_ref().map_or_else(|(length, _)| *length, |length| *length);
    buffer.get_mut(..used).unwrap_or_default().zeroize();
    outcome.map_err(|(_, error)| error)
}

/// The protocol of a connection, and the ATR of the card.
fn look(card: &Card) -> Result<(Protocol, Vec<u8>), pcsc::Error> {
    let status = card.status2_owned()?;
    let protocol = match status.protocol2() {
        Some(pcsc::Protocol::T0) => Protocol::T0,
        _ => Protocol::T1,
    };
    Ok((protocol, status.atr().to_vec()))
}

const fn share_mode(options: Options) -> ShareMode {
    match options.sharing {
        Sharing::Shared => ShareMode::Shared,
        Sharing::Exclusive => ShareMode::Exclusive,
    }
}

fn protocols(options: Options) -> pcsc::Protocols {
    match options.protocols {
        Protocols::Any => pcsc::Protocols::T0 | pcsc::Protocols::T1,
        Protocols::T0 => pcsc::Protocols::T0,
        Protocols::T1 => pcsc::Protocols::T1,
    }
}

/// What the service says, as an error of ours.
fn said(error: pcsc::Error, reader: &str) -> ReaderError {
    #[expect(clippy::as_conversions, reason = "the numbers of PC/SC are the values of this enum")]
    code::error(error as u32, error.to_string(), reader)
}

/// The same once the service has let us in.
fn lost(error: pcsc::Error, reader: &str) -> ReaderError {
    #[expect(clippy::as_conversions, reason = "as in `said`")]
    code::meanwhile(error as u32, error.to_string(), reader)
}

fn slot(state: &ReaderState) -> Slot {
    let found = state.event_state();
    let has = |flag| found.contains(flag);
    let what = if has(pcsc::State::MUTE) {
        State::Mute
    } else if !has(pcsc::State::PRESENT) {
        if has(pcsc::State::EMPTY) { State::Empty } else { State::Unavailable }
    } else if has(pcsc::State::EXCLUSIVE) {
        State::Exclusive
    } else if has(pcsc::State::INUSE) {
        State::InUse
    } else {
        State::Free
    };
    let atr = if what.is_occupied() { state.atr().to_vec() } else { Vec::new() };
    Slot { name: text(state.name()), state: what, atr, events: state.event_count() }
}

/// A reader as it was seen, for the service to say when it is so no longer.
fn seen(slot: &Slot) -> Option<ReaderState> {
    let flags = match slot.state {
        State::Empty => pcsc::State::EMPTY,
        State::Free => pcsc::State::PRESENT,
        State::InUse => pcsc::State::PRESENT | pcsc::State::INUSE,
        State::Exclusive => pcsc::State::PRESENT | pcsc::State::EXCLUSIVE,
        State::Mute => pcsc::State::PRESENT | pcsc::State::MUTE,
        State::Unavailable => pcsc::State::UNAVAILABLE,
    };
    let count = pcsc::State::from_bits_retain(pcsc::ffi::DWORD::from(slot.events) << 16);
    Some(ReaderState::new(CString::new(slot.name.as_str()).ok()?, flags | count))
}

fn text(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}

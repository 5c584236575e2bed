//! A way to a card, and the exchange of one command over it.

mod t0;

pub use t0::{T0, T0Error};

use crate::buffer::BufferTooSmall;
use crate::class::{Channel, Cla, SecureMessaging};
use crate::command::{Case, Command, Le};
use crate::response::{Response, ResponseTooShort};
use crate::status::Sw;

/// A way to a card: bytes of a command go in, bytes of a response come out.
///
/// Implemented by the software card, by readers, and by whatever scripts a test. `transmit` sends
/// exactly the bytes it is given and follows nothing; [`exchange`] does that.
pub trait Transport {
    /// Why no response came.
    type Error: core::error::Error + 'static;

    /// Sends one command APDU and writes the response APDU, status word included, to the start of
    /// `response`; returns its length. `response` should hold 65,538 bytes or the most the card
    /// says it sends. A card that says nothing, because it has no power, has a response of length 0.
    ///
    /// # Errors
    /// No response came, or it did not fit.
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error>;

    /// Resets the card: all channels close, all security state is gone.
    ///
    /// # Errors
    /// The card did not answer the reset.
    fn reset(&mut self) -> Result<(), Self::Error>;

    /// The answer to the last reset.
    fn atr(&self) -> &[u8];
}

impl<T: Transport + ?Sized> Transport for &mut T {
    type Error = T::Error;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        (**self).transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        (**self).reset()
    }

    fn atr(&self) -> &[u8] {
        (**self).atr()
    }
}

/// A place in the work of a card at which its power fails.
///
/// A card writes to its non-volatile memory one piece at a time, and each write byte by byte from its first. When the
/// power fails inside one, the bytes before have reached the memory and those behind have not; the one in the middle may
/// be left unstable: until it is written again it reads as its old or as its new value, now so and now otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which non-volatile write from now on does not end well: 1 is the next one.
    pub write: u32,
    /// How many of its bytes still reach the memory: 0 cuts before the write, its length or more right after it.
    pub bytes: u16,
    /// Whether the byte behind these is left unstable.
    pub unstable: bool,
}

/// A card whose power a tester can cut. It comes back by [`Transport::reset`], and until then says nothing.
pub trait PowerCut {
    /// Has the power fail at this place, or (`None`) nowhere. A place that is not reached in this command is waited for.
    fn arm(&mut self, cut: Option<Cut>);

    /// Where the power will fail; `write` counts down to it.
    fn armed(&self) -> Option<Cut>;
}

impl<T: PowerCut + ?Sized> PowerCut for &mut T {
    fn arm(&mut self, cut: Option<Cut>) {
        (**self).arm(cut);
    }

    fn armed(&self) -> Option<Cut> {
        (**self).armed()
    }
}

/// Why an [`exchange`] came to no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError<E: core::error::Error + 'static> {
    /// Our caller: the command does not fit into the scratch buffer.
    #[error("the command does not fit into the scratch buffer")]
    Scratch(#[source] BufferTooSmall),
    /// Our caller: the response does not fit into the response buffer.
    #[error("the response does not fit into its buffer")]
    Buffer(#[source] BufferTooSmall),
    /// The way to the card failed.
    #[error("the transport failed")]
    Transport(#[source] E),
    /// The transport claims to have written more than it was given room for.
    #[error("the transport claims {length} bytes in a buffer of {available}")]
    Overrun {
        /// The length it claims.
        length: usize,
        /// The room it had.
        available: usize,
    },
    /// The card: not even a status word came.
    #[error("the response has no status word")]
    Response(#[source] ResponseTooShort),
    /// The card goes on offering bytes (`61xx`): beyond the 65,536 that a response can have, or
    /// without ever sending one.
    #[error("the card offers bytes for ever, {received} came so far")]
    Endless {
        /// How many data bytes came.
        received: usize,
    },
    /// The card sent more data than it was asked for. Only [`T0`] looks: behind it, there is no room for them.
    #[error("the card sent {received} bytes and {sw}, where it may send {asked}")]
    Unasked {
        /// How many data bytes came.
        received: usize,
        /// How many may have come.
        asked: usize,
        /// The status word behind them.
        sw: Sw,
    },
}

/// The most data a response can have, in bytes: the largest `Ne`.
const MAX_DATA: usize = 65_536;
const GET_RESPONSE: u8 = 0xC0;

/// Sends one command and returns its whole response, put together in `response`.
///
/// Two status words are followed, as they depend on the transmission protocol and not on the
/// command: after `6Cxx` to a command of case 2 it is sent once more with `xx` as `Le`; after `61xx`
/// the waiting bytes are fetched with GET RESPONSE on the same channel, until the card says
/// something else. The last status word is the one returned: data that stopped coming halfway
/// carries the reason with it.
///
/// `scratch` takes the encoded command: at least [`Command::encoded_len`] and 5 bytes. It holds the
/// command afterwards, so wipe it if that carried a secret. `response` takes the data and a status
/// word: 65,538 bytes are enough for every card.
///
/// # Errors
/// [`ExchangeError`] says whose fault it is: the caller's, the transport's or the card's.
///
/// Source: ISO/IEC 7816-4:2013, status bytes `61XX` and `6CXX`, GET RESPONSE.
pub fn exchange<'r, T: Transport + ?Sized>(
    transport: &mut T,
    command: &Command<'_>,
    scratch: &mut [u8],
    response: &'r mut [u8],
) -> Result<Response<'r>, ExchangeError<T::Error>> {
    let (received, sw) = follow(command, None, response, |next, free| send(transport, next, scratch, free))?;
    Ok(Response { data: response.get(..received).unwrap_or_default(), sw })
}

/// Sends one command by `send`, which takes a command and the room for its response, and then what `61xx` and `6Cxx`
/// make necessary. Returns how many bytes of data are now in `response`, and the last status word.
///
/// With `ne` the caller is given that many bytes at most. What goes beyond stays on the card and is told by the status
/// word: `61xx` where GET RESPONSE can still fetch it, `6Cxx` where the card has refused the command for now.
fn follow<E: core::error::Error>(
    command: &Command<'_>,
    ne: Option<usize>,
    response: &mut [u8],
    mut send: impl FnMut(&Command<'_>, &mut [u8]) -> Result<(usize, Sw), ExchangeError<E>>,
) -> Result<(usize, Sw), ExchangeError<E>> {
    let mut next = *command;
    let (mut received, mut fetching, mut corrected) = (0_usize, false, false);
    loop {
        let free = response.get_mut(received..).unwrap_or_default();
        let (count, sw) = send(&next, free)?;
        if let (Some(le), false, Case::TwoShort | Case::TwoExtended) = (sw.expected_le(), corrected, next.case()) {
            if ne.is_none_or(|ne| bytes_of(le) <= ne.saturating_sub(received)) {
                next = Command::two_short(next.cla(), next.ins(), next.p1(), next.p2(), le);
                corrected = true;
                continue;
            }
            if fetching {
                return Ok((received, Sw::bytes_available(le)));
            }
        }
        received = received.saturating_add(count);
        let Some(more) = sw.available() else { return Ok((received, sw)) };
        let promised = bytes_of(more);
        let wanted = ne.map_or(promised, |ne| promised.min(ne.saturating_sub(received)));
        if wanted == 0 {
            return Ok((received, sw));
        }
        let total = received.saturating_add(wanted);
        if total > MAX_DATA || (fetching && count == 0) {
            return Err(ExchangeError::Endless { received });
        }
        let (needed, available) = (total.saturating_add(2), response.len());
        if needed > available {
            return Err(ExchangeError::Buffer(BufferTooSmall { needed, available }));
        }
        // 256 bytes are said as 0.
        let le = u8::try_from(wanted).unwrap_or(0);
        next = Command::two_short(get_response_class(command), GET_RESPONSE, 0, 0, le);
        (fetching, corrected) = (true, false);
    }
}

/// The number of bytes that the second byte of `61xx` or `6Cxx` says, 1 to 256.
fn bytes_of(sw2: u8) -> usize {
    usize::try_from(Le::Short(sw2).ne()).unwrap_or(MAX_DATA)
}

/// Sends one command as it is; returns the length of the data now in `response`, and the status.
fn send<T: Transport + ?Sized>(
    transport: &mut T,
    command: &Command<'_>,
    scratch: &mut [u8],
    response: &mut [u8],
) -> Result<(usize, Sw), ExchangeError<T::Error>> {
    let length = command.encode(scratch).map_err(ExchangeError::Scratch)?;
    let bytes = scratch.get(..length).unwrap_or_default();
    let length = transport.transmit(bytes, response).map_err(ExchangeError::Transport)?;
    let available = response.len();
    let bytes = response.get(..length).ok_or(ExchangeError::Overrun { length, available })?;
    let Response { data, sw } = Response::decode(bytes).map_err(ExchangeError::Response)?;
    Ok((data.len(), sw))
}

/// The class byte of GET RESPONSE: interindustry, on the channel of the command.
fn get_response_class(command: &Command<'_>) -> Cla {
    let channel = command.cla().channel().unwrap_or(Channel::BASIC);
    Cla::interindustry(channel, false, SecureMessaging::None).unwrap_or(Cla::INTERINDUSTRY)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

//! The terminal's side of T=0: whole commands and responses over a way that carries T=0's smaller ones.

use zeroize::{Zeroize, Zeroizing};

use super::{Cut, ExchangeError, MAX_DATA, PowerCut, Transport, follow};
use crate::buffer::{BufferTooSmall, write_parts};
use crate::command::{Command, CommandError, Unchainable};
use crate::response::{Response, ResponseTooShort};
use crate::status::Sw;

/// The most data one command carries over T=0, in bytes.
const MAX_PIECE: usize = 255;
/// CLA INS P1 P2 P3 and data.
const MAX_COMMAND: usize = 5 + MAX_PIECE;
/// 256 bytes of data and a status word.
const MAX_ANSWER: usize = 258;

/// A [`Transport`] for commands of every form, over one that carries T=0 commands: CLA INS P1 P2 P3, and P3 bytes of
/// data if there are any.
///
/// T=0 knows no `Le` beside data and no length above 255. What it makes of a command and of the answers:
///
/// | command | is sent as |
/// |---|---|
/// | case 1 | P3 = `00` |
/// | case 2 | P3 = `Le`; `00` if more than 256 bytes are expected |
/// | case 3, up to 255 bytes of data | P3 = `Lc` and the data |
/// | case 3, more data | a chain of such commands ([`Command::chain`]) |
/// | case 4 | as case 3, and the data of the answer by GET RESPONSE |
///
/// | status word | what is done |
/// |---|---|
/// | `61xx` | GET RESPONSE on the same channel for `xx` bytes or what is missing of `Ne`, until `Ne` bytes have come |
/// | `6Cxx` to a case 2 command or to GET RESPONSE | once more with P3 = `xx`, if `Ne` allows for that many; once |
/// | any but `9000` in the midst of a chain | is the answer, the rest of the chain is not sent |
/// | any other | is the answer, behind the data that have come |
///
/// The caller gets one response APDU with `Ne` bytes of data at most, as from a reader with T=1. Data go lost only with
/// an error:
///
/// - If the card has more than `Ne` bytes, the status word is its `61xx`, and GET RESPONSE fetches the rest.
/// - If it refuses to send a part (`6Cxx` with more than is missing of `Ne`), the status word is its `6Cxx` as long as
///   it has not begun to answer, and `61xx` in place of a `6Cxx` to GET RESPONSE. ISO/IEC 7816-4:1995 has the terminal
///   fetch all and drop the end; here the caller decides. [`exchange`](super::exchange) fetches all.
/// - `9000` to a case 4 command says that there are no data. The standard would try GET RESPONSE with `Le` all the
///   same; the cards we know offer what they have by `61xx`, and answer with an error if there is nothing.
///
/// T=0 cannot tell case 1 from case 2 with 256 bytes: a card may answer case 1 with data or with `6Cxx`. Data are then
/// [`ExchangeError::Unasked`]; `6Cxx` is handed on.
///
/// Source: ISO/IEC 7816-3:2006 §12.2 and, case by case, ISO/IEC 7816-4:1995 annex A. Where these have ENVELOPE carry
/// long commands, we chain: `C2` is the ENVELOPE of the card application toolkit.
pub struct T0<T> {
    card: T,
    // Both may hold secrets, and are wiped after each command.
    command: Zeroizing<[u8; MAX_COMMAND]>,
    answer: Zeroizing<[u8; MAX_ANSWER]>,
}

/// Why no response came over T=0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum T0Error<E: core::error::Error + 'static> {
    /// Our caller: T=0 carries commands of the seven forms, and nothing else. Nothing was sent.
    #[error("the bytes are not a command, T=0 cannot carry them")]
    Command(#[source] CommandError),
    /// Our caller: the data are too long for one command and cannot be chained. Nothing was sent.
    #[error("the command is too long for T=0")]
    Unchainable(#[source] Unchainable),
    /// What can go wrong with every exchange.
    #[error(transparent)]
    Exchange(ExchangeError<E>),
}

impl<T: Transport> T0<T> {
    /// T=0 over this way.
    pub fn new(card: T) -> Self {
        Self { card, command: Zeroizing::new([0; MAX_COMMAND]), answer: Zeroizing::new([0; MAX_ANSWER]) }
    }

    /// What is under it.
    pub const fn inner(&self) -> &T {
        &self.card
    }

    /// What is under it, to be changed.
    pub const fn inner_mut(&mut self) -> &mut T {
        &mut self.card
    }

    /// What was under it.
    pub fn into_inner(self) -> T {
        self.card
    }

    /// Sends a command in as many pieces as it takes.
    fn carry(&mut self, command: &Command<'_>, response: &mut [u8]) -> Result<usize, T0Error<T::Error>> {
        let mut length = 0;
        for piece in command.chain(MAX_PIECE).map_err(T0Error::Unchainable)? {
            let Self { card, command, answer } = self;
            let ne = usize::try_from(piece.ne()).unwrap_or(MAX_DATA);
            let outcome = follow(&piece, Some(ne), response, |next, free| {
                send(card, next, command.as_mut_slice(), answer.as_mut_slice(), free)
            });
            let (received, sw) = match outcome {
                // No power, no answer: not even in the middle of one.
                Err(ExchangeError::Response(ResponseTooShort { length: 0 })) => return Ok(0),
                outcome => outcome.map_err(T0Error::Exchange)?,
            };
            let room = response.get_mut(received..).unwrap_or_default();
            let added =
                write_parts(room, &[&sw.bytes()]).map_err(|error| T0Error::Exchange(ExchangeError::Buffer(error)))?;
            length = received.saturating_add(added);
            if !sw.is_ok() {
                break;
            }
        }
        Ok(length)
    }
}

/// Sends one command that T=0 can carry; returns the length of the data now in `free`, and the status word, for which
/// there is room behind them.
fn send<T: Transport>(
    card: &mut T,
    command: &Command<'_>,
    scratch: &mut [u8],
    answer: &mut [u8],
    free: &mut [u8],
) -> Result<(usize, Sw), ExchangeError<T::Error>> {
    let header = [command.cla().byte(), command.ins(), command.p1(), command.p2()];
    // With data P3 is Lc, else Le, where 256 is said as 0.
    let p3 = match command.data().len() {
        0 => u8::try_from(command.ne()).unwrap_or(0),
        nc => u8::try_from(nc).unwrap_or(0),
    };
    let length = write_parts(scratch, &[&header, &[p3], command.data()]).map_err(ExchangeError::Scratch)?;
    let available = answer.len();
    let length = card.transmit(scratch.get(..length).unwrap_or_default(), answer).map_err(ExchangeError::Transport)?;
    let bytes = answer.get(..length).ok_or(ExchangeError::Overrun { length, available })?;
    let Response { data, sw } = Response::decode(bytes).map_err(ExchangeError::Response)?;
    let asked = match (command.data(), sw.expected_le()) {
        // Data go one way only, and 6Cxx stands alone.
        ([], None) => usize::try_from(command.ne().min(256)).unwrap_or(0),
        _ => 0,
    };
    let received = data.len();
    if received > asked {
        return Err(ExchangeError::Unasked { received, asked, sw });
    }
    let (needed, available) = (received.saturating_add(sw.bytes().len()), free.len());
    if needed > available {
        return Err(ExchangeError::Buffer(BufferTooSmall { needed, available }));
    }
    write_parts(free, &[data]).map_err(ExchangeError::Buffer)?;
    Ok((received, sw))
}

impl<T: Transport> Transport for T0<T> {
    type Error = T0Error<T::Error>;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        let command = Command::decode(command).map_err(T0Error::Command)?;
        let outcome = self.carry(&command, response);
        self.command.zeroize();
        self.answer.zeroize();
        outcome
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.card.reset().map_err(|error| T0Error::Exchange(ExchangeError::Transport(error)))
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}

impl<T: PowerCut> PowerCut for T0<T> {
    fn arm(&mut self, cut: Option<Cut>) {
        self.card.arm(cut);
    }

    fn armed(&self) -> Option<Cut> {
        self.card.armed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends back what it gets.
    struct Echo;

    impl Transport for Echo {
        type Error = core::convert::Infallible;

        fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
            let length = command.len().min(response.len());
            response[..length].copy_from_slice(&command[..length]);
            Ok(length)
        }

        fn reset(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }

        fn atr(&self) -> &[u8] {
            &[]
        }
    }

    #[test]
    fn nothing_of_a_command_or_its_answer_is_kept() {
        let mut response = [0; 300];
        for command in [&b"\x00\x20\x00\x01\x041234"[..], b"\x00\xB0\x00\x00\x10", b"\x00\xB0\x00\x00", b"\x00"] {
            let mut card = T0::new(Echo);
            let _ = card.transmit(command, &mut response);
            assert!(card.command.iter().chain(card.answer.iter()).all(|byte| *byte == 0), "{command:?}");
        }
        // A long one, whose first piece the echo ends with what is not 9000.
        let mut long = [0x90; 7 + 600];
        long[..7].copy_from_slice(&[0, 0xE2, 0, 0, 0, 2, 0x58]);
        let mut card = T0::new(Echo);
        assert!(card.transmit(&long, &mut response).is_err());
        assert!(card.command.iter().chain(card.answer.iter()).all(|byte| *byte == 0));
    }
}

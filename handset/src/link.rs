//! The phone's way to its card: commands go out, data and status words come in.

use apdu::{Command, CommandError, ExchangeError, Sw, Transport, exchange};
use zeroize::{Zeroize, Zeroizing};

use crate::HandsetError;

/// A card, and the memory for what is said to it.
pub(crate) struct Link<T> {
    pub(crate) card: T,
    /// The longest command and room for the `Le` that `exchange` may have to add. Wiped: a PIN goes through here.
    scratch: Zeroizing<[u8; 300]>,
    response: Vec<u8>,
}

impl<T: Transport> Link<T> {
    pub(crate) fn new(card: T) -> Self {
        // The largest response there is.
        Self { card, scratch: Zeroizing::new([0; 300]), response: vec![0; 65_538] }
    }

    pub(crate) fn reset(&mut self) -> Result<(), HandsetError<T::Error>> {
        self.card.reset().map_err(HandsetError::Reset)
    }

    /// Sends a command, and follows `61XX` and `6CXX`. Returns what the card says, whatever it is.
    pub(crate) fn say(
        &mut self,
        name: &'static str,
        command: Result<Command<'_>, CommandError>,
    ) -> Result<(Vec<u8>, Sw), HandsetError<T::Error>> {
        let command = command.map_err(|source| HandsetError::Command { command: name, source })?;
        let result = exchange(&mut self.card, &command, self.scratch.as_mut_slice(), &mut self.response);
        let result = match result {
            Ok(response) => Ok((response.data.to_vec(), response.sw)),
            Err(ExchangeError::Response(short)) if short.length == 0 => Err(HandsetError::Silent { command: name }),
            Err(source) => Err(HandsetError::Exchange { command: name, source }),
        };
        self.scratch.zeroize();
        result
    }

    /// The same, of a command of the toolkit, to which only `9000`, `91XX` and warnings are answers.
    pub(crate) fn tell(
        &mut self,
        name: &'static str,
        command: Result<Command<'_>, CommandError>,
    ) -> Result<(Vec<u8>, Sw), HandsetError<T::Error>> {
        let (data, sw) = self.say(name, command)?;
        match sw {
            toolkit::exchange::BUSY => Err(HandsetError::Busy),
            sw if is_done(sw) => Ok((data, sw)),
            sw => Err(HandsetError::Refused { command: name, sw }),
        }
    }

    /// The proactive command that waits. `length` is the second byte of `91XX`.
    pub(crate) fn fetch(&mut self, length: u8) -> Result<Vec<u8>, HandsetError<T::Error>> {
        let (data, _) = self.tell("FETCH", toolkit::exchange::Card::Uicc.fetch(length))?;
        let announced = if length == 0 { 256 } else { usize::from(length) };
        let received = data.len();
        if received == announced { Ok(data) } else { Err(HandsetError::Length { announced, received }) }
    }
}

/// Whether a command was done, warned of or not, with or without a proactive command behind it.
pub(crate) fn is_done(sw: Sw) -> bool {
    sw.is_ok() || toolkit::exchange::waiting(sw).is_some() || sw.category() == apdu::Category::Warning
}

//! INITIALIZE UPDATE, the command and its response.

use apdu::{Cla, Command, CommandError, SecureMessaging, Sw};

use super::{Eight, INITIALIZE_UPDATE, Parameter, ParameterError, SCP03, Sequence};

/// INITIALIZE UPDATE: `80 50 kvn 00 08`, host challenge, `00`.
///
/// Source: Amendment D §7.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitializeUpdate {
    /// Which key version; 0 for whichever the card has first.
    pub key_version: u8,
    /// The host's challenge: 8 random bytes, new each time.
    pub host_challenge: Eight,
}

/// The response to INITIALIZE UPDATE, of 29 bytes, or of 32 if card challenges are pseudo-random.
///
/// | bytes | |
/// |---|---|
/// | 10 | key diversification data |
/// | 1 | key version |
/// | 1 | `03`, the protocol |
/// | 1 | `i` |
/// | 8 | card challenge |
/// | 8 | card cryptogram |
/// | 3 | sequence counter, only if `i` has bit `10` |
///
/// Only the challenges are under the cryptogram. A change of the diversification data is noticed where keys are
/// diversified by it; one of the key version where the host has asked for one; one of the counter where the host
/// checks it ([`Host::for_application`](super::host::Host::for_application)).
///
/// Source: Amendment D §7.1.1.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitializeUpdateResponse {
    /// What tells this card from others, for the host to find its keys by.
    pub diversification: [u8; 10],
    /// The key version in use.
    pub key_version: u8,
    /// The responses' options; whether challenges are pseudo-random is in `sequence`.
    pub parameter: Parameter,
    /// The card's challenge.
    pub card_challenge: Eight,
    /// The card's proof.
    pub card_cryptogram: Eight,
    /// The counter that the challenge was made of; ignored when written if the challenge is random.
    pub sequence: Sequence,
}

/// Not a response to INITIALIZE UPDATE of SCP03.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Too short, too long, or not as long as `i` says.
    #[error("a response to INITIALIZE UPDATE has 29 bytes, or 32 with a sequence counter, not {found}")]
    Length {
        /// How many bytes came.
        found: usize,
    },
    /// Keys for another protocol.
    #[error("the card speaks SCP{found:02X}, not SCP03")]
    Protocol {
        /// Which one.
        found: u8,
    },
    /// Options that SCP03 does not have, or we do not.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}

impl InitializeUpdate {
    /// The command.
    ///
    /// # Errors
    /// None: 8 bytes fit every command.
    pub fn command(&self) -> Result<Command<'_>, CommandError> {
        Command::new(Cla::PROPRIETARY, INITIALIZE_UPDATE, self.key_version, 0, &self.host_challenge, 256)
    }

    /// Reads the command on the card.
    ///
    /// # Errors
    /// The status word to answer: `6E00` for a chained or protected command, `6D00` for another, `6A86` for another key identifier than 00, `6700` for a
    /// challenge of another length (16 bytes would be S16).
    pub fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        let cla = command.cla();
        if cla.secure_messaging() != SecureMessaging::None || cla.chaining() {
            return Err(Sw::CLA_NOT_SUPPORTED);
        }
        if (cla.base(), command.ins()) != (0x80, INITIALIZE_UPDATE) {
            return Err(Sw::INS_NOT_SUPPORTED);
        }
        if command.p2() != 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let host_challenge = command.data().try_into().map_err(|_| Sw::WRONG_LENGTH)?;
        Ok(Self { key_version: command.p1(), host_challenge })
    }
}

impl InitializeUpdateResponse {
    /// Bytes of the longest.
    pub const MAX_LENGTH: usize = 32;

    /// Writes the data field, and returns it.
    pub fn encode<'b>(&self, out: &'b mut [u8; Self::MAX_LENGTH]) -> &'b [u8] {
        let parts: [&[u8]; 5] = [
            &self.diversification,
            &[self.key_version, SCP03, self.parameter.byte()],
            &self.card_challenge,
            &self.card_cryptogram,
            &self.sequence,
        ];
        out.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        out.get(..Self::length(self.parameter)).unwrap_or_default()
    }

    /// Reads the data field on the host.
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn decode(data: &[u8]) -> Result<Self, ResponseError> {
        let length = ResponseError::Length { found: data.len() };
        let (diversification, rest) = data.split_first_chunk().ok_or(length)?;
        let ([key_version, protocol, i], rest) = rest.split_first_chunk().ok_or(length)?;
        if *protocol != SCP03 {
            return Err(ResponseError::Protocol { found: *protocol });
        }
        let parameter = Parameter::try_from(*i)?;
        let (card_challenge, rest) = rest.split_first_chunk().ok_or(length)?;
        let (card_cryptogram, rest) = rest.split_first_chunk().ok_or(length)?;
        if data.len() != Self::length(parameter) {
            return Err(length);
        }
        Ok(Self {
            diversification: *diversification,
            key_version: *key_version,
            parameter,
            card_challenge: *card_challenge,
            card_cryptogram: *card_cryptogram,
            sequence: rest.try_into().unwrap_or_default(),
        })
    }

    const fn length(parameter: Parameter) -> usize {
        if parameter.pseudo_random { Self::MAX_LENGTH } else { 29 }
    }
}

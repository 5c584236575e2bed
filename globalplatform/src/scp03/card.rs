//! The card's end: its issuer domain, or whichever application has keys.

use core::fmt;

use apdu::{Aid, BufferTooSmall, Command, Response, Sw};

use super::host::has_mac;
use super::keys::{self, Header, SessionKeys};
use super::message::{InitializeUpdate, InitializeUpdateResponse};
use super::{
    EXTERNAL_AUTHENTICATE, Eight, Level, Parameter, ResponseProtection, S8, Sequence, pseudo_random_challenge,
};
use crate::key::KeySet;

/// What the card opens a session with.
#[derive(Debug)]
pub struct Offer<'k> {
    /// The keys that the host has asked for.
    pub keys: &'k KeySet,
    /// Their version.
    pub key_version: u8,
    /// What the issuer's host finds the card's keys by.
    pub diversification: [u8; 10],
    /// How responses can be protected.
    pub responses: ResponseProtection,
    /// Where the card challenge comes from.
    pub challenge: Challenge,
}

/// Where a card challenge comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// 8 random bytes, new each time.
    Random(Eight),
    /// A counter, which must durably have gone up since the challenge before: a challenge never comes twice.
    Sequence {
        /// The counter.
        counter: Sequence,
        /// The application whose keys are used.
        aid: Aid,
    },
}

/// A card that has answered INITIALIZE UPDATE, and takes one EXTERNAL AUTHENTICATE.
///
/// It can be copied, as can a [`Session`], for software cards that go back to a state they had.
#[derive(Clone)]
pub struct Pending {
    keys: SessionKeys,
    host_cryptogram: Eight,
    parameter: Parameter,
    key_version: u8,
}

/// A session. It ends with the first command that is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    // `None` once it has ended: the keys are wiped then.
    keys: Option<SessionKeys>,
    level: Level,
    key_version: u8,
    unanswered: bool,
}

/// A command that was the host's; the session goes on when its response is wrapped.
#[must_use = "the session ends if the response is not wrapped"]
#[derive(Debug)]
pub struct Received<'s> {
    session: &'s mut Session,
}

impl Offer<'_> {
    /// The response to INITIALIZE UPDATE, and what the card waits for.
    #[must_use]
    pub fn answer(&self, request: &InitializeUpdate) -> (Pending, InitializeUpdateResponse) {
        let (pseudo_random, sequence, card_challenge) = match self.challenge {
            Challenge::Random(challenge) => (false, [0; 3], challenge),
            Challenge::Sequence { counter, aid } => {
                (true, counter, pseudo_random_challenge(self.keys.enc(), counter, &aid))
            }
        };
        let parameter = Parameter { pseudo_random, responses: self.responses };
        let mut keys = SessionKeys::derive(self.keys, &request.host_challenge, &card_challenge);
        let (card_cryptogram, host_cryptogram) = keys.cryptograms(&request.host_challenge, &card_challenge);
        let response = InitializeUpdateResponse {
            diversification: self.diversification,
            key_version: self.key_version,
            parameter,
            card_challenge,
            card_cryptogram,
            sequence,
        };
        (Pending { keys, host_cryptogram, parameter, key_version: self.key_version }, response)
    }
}

impl Pending {
    /// The session, if the host has proved that it has the keys.
    ///
    /// # Errors
    /// The status word to answer: `6985` for another command, `6982` without secure messaging or with a wrong C-MAC,
    /// `6A86` for a level that there is not, `6700` for another length, `6300` for a wrong cryptogram.
    ///
    /// Source: Amendment D §7.1.2.
    pub fn external_authenticate(mut self, command: &Command<'_>) -> Result<Session, Sw> {
        if (command.cla().base(), command.ins()) != (0x80, EXTERNAL_AUTHENTICATE) {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        keys::unprotect(command.cla()).ok_or(Sw::SECURITY_STATUS_NOT_SATISFIED)?;
        let level = Level::from_byte(command.p1()).filter(|level| level.permitted_by(self.parameter));
        let (Some(level), 0, false) = (level, command.p2(), command.cla().chaining()) else {
            return Err(Sw::INCORRECT_P1_P2);
        };
        let (cryptogram, mac) = command.data().split_first_chunk().ok_or(Sw::WRONG_LENGTH)?;
        let mac = mac.try_into().map_err(|_| Sw::WRONG_LENGTH)?;
        let header = Header::new(command, command.case(), command.data().len()).ok_or(Sw::WRONG_LENGTH)?;
        if !keys::same(&self.keys.command_mac(header, cryptogram), mac) {
            return Err(Sw::SECURITY_STATUS_NOT_SATISFIED);
        }
        if !keys::same(&self.host_cryptogram, cryptogram) {
            return Err(Sw::WARNING_MEMORY_CHANGED);
        }
        Ok(Session { keys: Some(self.keys), level, key_version: self.key_version, unanswered: false })
    }
}

impl Session {
    /// Its security level.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The version of the keys it was opened with.
    #[must_use]
    pub const fn key_version(&self) -> u8 {
        self.key_version
    }

    /// Whether it can go on.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.keys.is_some() && !self.unanswered
    }

    /// Checks a command, and gives it back as the host meant it, its data in `room`, which needs as much as the
    /// command has.
    ///
    /// # Errors
    /// The status word to answer; the session has ended then. `6982`: no secure messaging, or less than the level asks
    /// for; a wrong C-MAC; no padding. `6985`: the session was over, or the response before was never wrapped. `6700`:
    /// `room` is too small.
    pub fn unwrap<'b>(&mut self, command: &Command<'_>, room: &'b mut [u8]) -> Result<(Received<'_>, Command<'b>), Sw> {
        let keys = self.keys.as_mut().filter(|_| !self.unanswered);
        let plain = keys.ok_or(Sw::CONDITIONS_NOT_SATISFIED).and_then(|keys| open(keys, self.level, command, room));
        match plain {
            Ok(plain) => {
                self.unanswered = true;
                Ok((Received { session: self }, plain))
            }
            Err(sw) => {
                self.keys = None;
                Err(sw)
            }
        }
    }
}

fn open<'b>(
    keys: &mut SessionKeys,
    level: Level,
    command: &Command<'_>,
    room: &'b mut [u8],
) -> Result<Command<'b>, Sw> {
    let refusal = Sw::SECURITY_STATUS_NOT_SATISFIED;
    let (cla, data) = if level.command_mac() {
        let cla = keys::unprotect(command.cla()).ok_or(refusal)?;
        let (data, mac) = command.data().split_last_chunk().ok_or(refusal)?;
        let header = Header::new(command, command.case(), command.data().len()).ok_or(refusal)?;
        if !keys::same(&keys.command_mac(header, data), mac) {
            return Err(refusal);
        }
        (cla, data)
    } else if keys::unprotect(command.cla()).is_some() {
        return Err(refusal);
    } else {
        (command.cla(), command.data())
    };
    let counted = keys.count();
    let room = room.get_mut(..data.len()).filter(|_| counted).ok_or(Sw::WRONG_LENGTH)?;
    room.copy_from_slice(data);
    let mut length = data.len();
    if level.command_encryption() && length != 0 {
        if length % crate::cipher::BLOCK != 0 {
            return Err(refusal);
        }
        keys.decrypt_command(room);
        length = keys::unpadded(room).filter(|length| *length != 0).ok_or(refusal)?;
    }
    let case = keys::case_with(command.case(), length != 0);
    let data = room.get(..length).unwrap_or_default();
    Command::with_case(case, cla, command.ins(), command.p1(), command.p2(), data, command.ne()).map_err(|_| refusal)
}

impl Received<'_> {
    /// Protects the response; its data goes to `room`, which needs up to 24 bytes more than the response has. An error
    /// status takes no data with it.
    ///
    /// # Errors
    /// [`BufferTooSmall`]; the session has ended then.
    pub fn wrap<'b>(self, response: &Response<'_>, room: &'b mut [u8]) -> Result<Response<'b>, BufferTooSmall> {
        let (level, sw) = (self.session.level, response.sw);
        let data = if level.response_mac() && !has_mac(sw) { &[] } else { response.data };
        let body = if level.response_encryption() { keys::padded(data.len()) } else { data.len() };
        let with_mac = level.response_mac() && has_mac(sw);
        let length = if with_mac { body.saturating_add(S8) } else { body };
        let small = BufferTooSmall { needed: length, available: room.len() };
        let room = room.get_mut(..length).ok_or(small)?;
        let (body, mac) = keys::pad(data, body, room).ok_or(small)?;
        if let Some(keys) = self.session.keys.as_mut() {
            if level.response_encryption() {
                keys.encrypt_response(body);
            }
            if with_mac {
                mac.copy_from_slice(&keys.response_mac(body, sw.bytes()));
            }
        }
        self.session.unanswered = false;
        Ok(Response { data: room, sw })
    }
}

/// By the cryptogram that each waits for: it is made with the keys, of both challenges.
impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        keys::same(&self.host_cryptogram, &other.host_cryptogram)
            && (self.parameter, self.key_version) == (other.parameter, other.key_version)
    }
}

impl Eq for Pending {}

// By hand: the host cryptogram is the host's secret until it is sent.
impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("parameter", &self.parameter).finish_non_exhaustive()
    }
}

//! The host's end: terminal, issuer, tool.

use core::fmt;

use apdu::{Aid, BufferTooSmall, Cla, Command, CommandError, Response, Sw};

use super::keys::{self, Header, SessionKeys};
use super::message::{InitializeUpdate, InitializeUpdateResponse, ResponseError};
use super::{EXTERNAL_AUTHENTICATE, Eight, Level, Parameter, S8};
use crate::key::KeySet;

/// A host that has chosen its challenge, and nothing more.
#[derive(Debug)]
pub struct Host<'k> {
    keys: &'k KeySet,
    request: InitializeUpdate,
    aid: Option<Aid>,
}

/// A host to which the card has proved that it has the keys.
pub struct Verified {
    keys: SessionKeys,
    cryptogram: Eight,
    response: InitializeUpdateResponse,
}

/// A host that waits for the card's answer to EXTERNAL AUTHENTICATE.
#[derive(Debug)]
pub struct Authenticating {
    keys: SessionKeys,
    level: Level,
    key_version: u8,
}

/// A session. It ends with the first message that is not right.
#[derive(Debug)]
pub struct Session {
    // `None` once it has ended: the keys are wiped then.
    keys: Option<SessionKeys>,
    level: Level,
    key_version: u8,
    unanswered: bool,
}

/// A command on its way; the session goes on when its response is unwrapped.
#[must_use = "the session ends if the response is not unwrapped"]
#[derive(Debug)]
pub struct Sent<'s> {
    session: &'s mut Session,
}

/// Why there is no session. Nothing is left to try again with: each refusal costs the card's trust in its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The card has refused INITIALIZE UPDATE.
    #[error("the card has refused INITIALIZE UPDATE: {0}")]
    InitializeUpdate(Sw),
    /// The card's response is none.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The card has taken other keys than those asked for.
    #[error("the card has taken key version {found:02X}, not {asked:02X}")]
    KeyVersion {
        /// The key version asked for.
        asked: u8,
        /// The one that the card says.
        found: u8,
    },
    /// The card challenge is not the one of its sequence counter.
    #[error("the card challenge does not follow from the sequence counter")]
    Challenge,
    /// The card does not have these keys, or somebody has changed a challenge on the way.
    #[error("the card cryptogram is wrong: the card has other keys. Do not try again with the same ones")]
    Cryptogram,
    /// The card has no such level.
    #[error("a card with i = {i} has no security level {level}")]
    Level {
        /// The level asked for.
        level: Level,
        /// The card's options.
        i: Parameter,
    },
    /// The card has refused EXTERNAL AUTHENTICATE.
    #[error("the card has refused EXTERNAL AUTHENTICATE: {0}")]
    ExternalAuthenticate(Sw),
}

/// Why a command was not wrapped. Only after [`Over`](Self::Over) and [`Unanswered`](Self::Unanswered) is the session
/// at its end; the others are found before anything is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrapError {
    /// The session has ended.
    #[error("the secure channel is closed")]
    Over,
    /// The response to the command before was never unwrapped.
    #[error("the response to the command before was not checked; the secure channel is closed")]
    Unanswered,
    /// A class byte without a bit for secure messaging, or with that bit on already.
    #[error("a command of class {0} cannot be protected")]
    Class(Cla),
    /// With padding and MAC the data does not fit a command of this form.
    #[error("{length} bytes of data are too many: {max} fit this command on this channel")]
    TooLong {
        /// How many there are.
        length: usize,
        /// How many may be.
        max: usize,
    },
    /// The room for the command's data is too small.
    #[error(transparent)]
    Buffer(#[from] BufferTooSmall),
}

/// Why a response was not believed. The session has ended with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// The session has ended before.
    #[error("the secure channel is closed")]
    Over,
    /// No R-MAC, or a wrong one.
    #[error("the response is not the card's: its R-MAC is wrong. The secure channel is closed")]
    Mac,
    /// R-MAC right, but the data deciphers to something without padding.
    #[error("the response has no padding. The secure channel is closed")]
    Padding,
    /// An error status, which has no R-MAC, with data.
    #[error("a response with status {0} has data, which nothing protects. The secure channel is closed")]
    DataWithError(Sw),
    /// The room for the response's data is too small.
    #[error(transparent)]
    Buffer(#[from] BufferTooSmall),
}

impl<'k> Host<'k> {
    /// A host with the keys of `key_version` (0: the card's first) and a challenge of 8 random bytes, new each time.
    #[must_use]
    pub const fn new(keys: &'k KeySet, key_version: u8, challenge: Eight) -> Self {
        Self { keys, request: InitializeUpdate { key_version, host_challenge: challenge }, aid: None }
    }

    /// The application whose keys these are: a pseudo-random card challenge is then checked against its counter.
    #[must_use]
    pub const fn for_application(mut self, aid: Aid) -> Self {
        self.aid = Some(aid);
        self
    }

    /// What to send.
    #[must_use]
    pub const fn initialize_update(&self) -> &InitializeUpdate {
        &self.request
    }

    /// Checks the card's cryptogram.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn receive(self, response: &Response<'_>) -> Result<Verified, HostError> {
        if !response.sw.is_ok() {
            return Err(HostError::InitializeUpdate(response.sw));
        }
        let response = InitializeUpdateResponse::decode(response.data)?;
        let InitializeUpdate { key_version: asked, host_challenge } = self.request;
        if asked != 0 && asked != response.key_version {
            return Err(HostError::KeyVersion { asked, found: response.key_version });
        }
        if let (Some(aid), true) = (self.aid, response.parameter.pseudo_random) {
            let expected = keys::pseudo_random_challenge(self.keys.enc(), response.sequence, &aid);
            if !keys::same(&expected, &response.card_challenge) {
                return Err(HostError::Challenge);
            }
        }
        let mut session = SessionKeys::derive(self.keys, &host_challenge, &response.card_challenge);
        let (card, host) = session.cryptograms(&host_challenge, &response.card_challenge);
        if !keys::same(&card, &response.card_cryptogram) {
            return Err(HostError::Cryptogram);
        }
        Ok(Verified { keys: session, cryptogram: host, response })
    }
}

impl Verified {
    /// What the card has said.
    #[must_use]
    pub const fn response(&self) -> &InitializeUpdateResponse {
        &self.response
    }

    /// EXTERNAL AUTHENTICATE, its data in `room`.
    ///
    /// # Errors
    /// [`HostError::Level`] for a level that the card does not have.
    pub fn external_authenticate(
        mut self,
        level: Level,
        room: &mut [u8; 16],
    ) -> Result<(Authenticating, Command<'_>), HostError> {
        let refusal = HostError::Level { level, i: self.response.parameter };
        if !level.permitted_by(self.response.parameter) {
            return Err(refusal);
        }
        let mac = self.keys.command_mac(Header::external_authenticate(level.byte()), &self.cryptogram);
        room.iter_mut().zip(self.cryptogram.iter().chain(&mac)).for_each(|(to, from)| *to = *from);
        let command = Command::new(Cla::new(0x84), EXTERNAL_AUTHENTICATE, level.byte(), 0, room, 0);
        let next = Authenticating { keys: self.keys, level, key_version: self.response.key_version };
        Ok((next, command.map_err(|_| refusal)?))
    }
}

impl Authenticating {
    /// The session, if the card has answered `9000`.
    ///
    /// # Errors
    /// [`HostError::ExternalAuthenticate`].
    pub fn accepted(self, response: &Response<'_>) -> Result<Session, HostError> {
        if !response.sw.is_ok() || !response.data.is_empty() {
            return Err(HostError::ExternalAuthenticate(response.sw));
        }
        let Self { keys, level, key_version } = self;
        Ok(Session { keys: Some(keys), level, key_version, unanswered: false })
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

    /// Protects a command; its data goes to `room`, which needs up to 24 bytes more than the command has.
    ///
    /// A short command stays short, an extended one extended. `Le` stays as it is, and nothing protects it: ask for
    /// what the protected response needs, or for everything (`00`).
    ///
    /// # Errors
    /// [`WrapError`].
    pub fn wrap<'b>(
        &mut self,
        command: &Command<'_>,
        room: &'b mut [u8],
    ) -> Result<(Sent<'_>, Command<'b>), WrapError> {
        if self.unanswered {
            self.keys = None;
            return Err(WrapError::Unanswered);
        }
        let (level, data) = (self.level, command.data());
        let keys = self.keys.as_mut().ok_or(WrapError::Over)?;
        let length = keys::command_length(level, data.len());
        let available = room.len();
        let room = room.get_mut(..length).ok_or(BufferTooSmall { needed: length, available })?;
        let case = keys::case_with(command.case(), length != 0);
        let cla = if level.command_mac() { keys::protect(command.cla()) } else { Some(command.cla()) };
        let cla = cla.ok_or(WrapError::Class(command.cla()))?;
        let too_long = WrapError::TooLong { length: data.len(), max: level.max_data(case.max_nc()) };
        let body = length.saturating_sub(if level.command_mac() { S8 } else { 0 });
        let header = Header::new(command, case, length);
        let header = match (level.command_mac(), header) {
            (true, None) => return Err(too_long),
            (_, header) => header,
        };
        if !keys.count() {
            self.keys = None;
            return Err(WrapError::Over);
        }
        let small = BufferTooSmall { needed: length, available };
        let (body, mac) = keys::pad(data, body, room).ok_or(small)?;
        if level.command_encryption() {
            keys.encrypt_command(body);
        }
        if let Some(header) = header.filter(|_| level.command_mac()) {
            mac.copy_from_slice(&keys.command_mac(header, body));
        }
        let (p1, p2) = (command.p1(), command.p2());
        let wrapped = Command::with_case(case, cla, command.ins(), p1, p2, room, command.ne());
        let wrapped = wrapped.map_err(|_: CommandError| too_long)?;
        self.unanswered = true;
        Ok((Sent { session: self }, wrapped))
    }
}

impl Sent<'_> {
    /// Checks the response to the command; its data goes to `room`, which needs as much as the response has.
    ///
    /// A status word other than `9000`, `62xx` and `63xx` has no R-MAC: whoever is in between can put one there. It
    /// comes without data, and the session goes on.
    ///
    /// # Errors
    /// [`UnwrapError`]; the session has ended then.
    pub fn unwrap<'b>(self, response: &Response<'_>, room: &'b mut [u8]) -> Result<Response<'b>, UnwrapError> {
        let available = room.len();
        let length = self.session.open(response, room)?;
        let data = room.get(..length).ok_or(BufferTooSmall { needed: length, available })?;
        Ok(Response { data, sw: response.sw })
    }
}

impl Session {
    /// Writes the plain data of a response to `room` and returns its length. An error ends the session.
    fn open(&mut self, response: &Response<'_>, room: &mut [u8]) -> Result<usize, UnwrapError> {
        let keys = self.keys.as_mut().ok_or(UnwrapError::Over)?;
        let opened = open(keys, self.level, response, room);
        if opened.is_err() {
            self.keys = None;
        }
        self.unanswered = false;
        opened
    }
}

fn open(keys: &mut SessionKeys, level: Level, response: &Response<'_>, room: &mut [u8]) -> Result<usize, UnwrapError> {
    let data = if !level.response_mac() {
        response.data
    } else if has_mac(response.sw) {
        let (data, mac) = response.data.split_last_chunk().ok_or(UnwrapError::Mac)?;
        if !keys::same(&keys.response_mac(data, response.sw.bytes()), mac) {
            return Err(UnwrapError::Mac);
        }
        data
    } else if response.data.is_empty() {
        response.data
    } else {
        return Err(UnwrapError::DataWithError(response.sw));
    };
    let small = BufferTooSmall { needed: data.len(), available: room.len() };
    let room = room.get_mut(..data.len()).ok_or(small)?;
    room.copy_from_slice(data);
    if level.response_encryption() && !room.is_empty() {
        if room.len() % crate::cipher::BLOCK != 0 {
            return Err(UnwrapError::Padding);
        }
        keys.decrypt_response(room);
        return keys::unpadded(room).ok_or(UnwrapError::Padding);
    }
    Ok(data.len())
}

/// Whether a response with this status is protected: `9000`, and warnings. Source: Amendment D §6.2.5.
pub(super) fn has_mac(sw: Sw) -> bool {
    sw.is_ok() || matches!(sw.bytes(), [0x62 | 0x63, _])
}

// By hand: the host cryptogram is the host's secret until it is sent.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("response", &self.response).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apdu::Category;

    #[test]
    fn warnings_have_a_mac_and_errors_have_none() {
        for value in 0..=u16::MAX {
            let sw = Sw::new(value);
            let expected = value == 0x9000 || matches!(sw.category(), Category::Warning);
            assert_eq!(has_mac(sw), expected, "{sw}");
        }
    }
}

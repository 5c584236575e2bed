//! A session with a card's issuer domain, over any transport.

use apdu::{Cla, Command, CommandError, ExchangeError, Response, Sw, Transport, exchange};
use zeroize::Zeroizing;

use crate::command::{EncodeError, Instruction};
use crate::scp03::host::{Host, HostError, Session, UnwrapError, WrapError};
use crate::scp03::{Eight, Level};
use crate::{ISSUER_DOMAIN, KeySet, PUBLISHED_KEY_VERSION};

/// Room for a short command, and for a short response.
const COMMAND: usize = 5 + 255 + 1;
const RESPONSE: usize = 256 + 2;

/// What opens an issuer domain.
#[derive(Clone, Copy, Debug)]
pub struct Access<'k> {
    /// Its keys.
    pub keys: &'k KeySet,
    /// Their version.
    pub version: u8,
    /// Eight bytes that nobody could know before.
    pub challenge: Eight,
}

impl<'k> Access<'k> {
    /// **For blank cards and tests only:** to a card that has these keys, [`KeySet::published`], as its first ones. Whoever
    /// knows them could know the challenge, too.
    #[must_use]
    pub const fn published(keys: &'k KeySet) -> Self {
        Self { keys, version: PUBLISHED_KEY_VERSION, challenge: *b"for test" }
    }
}

/// Such a session.
#[derive(Debug)]
pub struct Channel<T> {
    transport: T,
    session: Session,
}

/// Why a session does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError<E: core::error::Error + 'static> {
    /// The card refused a command, by this status word.
    #[error("the card answered {0}")]
    Refused(Sw),
    /// There is no session.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The command cannot be sent in this session.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The response is not the card's. The session is over.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// A command has fields that it cannot have.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A command has a form that it cannot have.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The card could not be reached.
    #[error(transparent)]
    Exchange(#[from] ExchangeError<E>),
}

impl<T: Transport> Channel<T> {
    /// Selects the issuer domain and opens a session that protects all that the card can, and commands' secrets at least.
    /// A card that does not prove to have these keys is not asked a second time.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub fn open(mut transport: T, access: Access<'_>) -> Result<Self, ChannelError<T::Error>> {
        let (mut scratch, mut room) = ([0; COMMAND], [0; RESPONSE]);
        let select = Command::new(Cla::INTERINDUSTRY, 0xA4, 0x04, 0x00, ISSUER_DOMAIN.as_bytes(), 256)?;
        let selected = exchange(&mut transport, &select, &mut scratch, &mut room)?.sw;
        if !selected.is_ok() {
            return Err(ChannelError::Refused(selected));
        }
        let host = Host::new(access.keys, access.version, access.challenge).for_application(ISSUER_DOMAIN);
        let answer = exchange(&mut transport, &host.initialize_update().command()?, &mut scratch, &mut room)?;
        let verified = host.receive(&answer)?;
        let parameter = verified.response().parameter;
        let best = [Level::Full, Level::CDecryptionRMac].into_iter().find(|level| level.permitted_by(parameter));
        let mut data = [0; 16];
        let (authenticating, command) =
            verified.external_authenticate(best.unwrap_or(Level::CDecryption), &mut data)?;
        let mut room = [0; RESPONSE];
        let session = authenticating.accepted(&exchange(&mut transport, &command, &mut scratch, &mut room)?)?;
        Ok(Self { transport, session })
    }

    /// The session alone, for who sends its commands in another way.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Sends a command, protected; what comes is believed only if it is the card's.
    ///
    /// # Errors
    /// [`ChannelError`]; `Refused` for any status word but `9000`.
    pub fn send<'r>(&mut self, command: &Command<'_>, room: &'r mut [u8]) -> Result<&'r [u8], ChannelError<T::Error>> {
        // Both may have held a secret.
        let (mut data, mut response) = (Zeroizing::new([0; 255]), Zeroizing::new([0; RESPONSE]));
        let mut scratch = [0; COMMAND];
        let (sent, protected) = self.session.wrap(command, &mut *data)?;
        let answer = exchange(&mut self.transport, &protected, &mut scratch, &mut *response)?;
        let Response { data, sw } = sent.unwrap(&answer, room)?;
        if sw.is_ok() { Ok(data) } else { Err(ChannelError::Refused(sw)) }
    }

    /// One of the domain's commands that answers nothing that is of interest.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn order<'a>(&mut self, command: &impl Instruction<'a>) -> Result<(), ChannelError<T::Error>> {
        let (mut data, mut room) = (Zeroizing::new([0; 255]), [0; RESPONSE]);
        self.send(&command.encode(&mut *data)?, &mut room).map(|_| ())
    }
}

impl<E: core::error::Error + 'static> ChannelError<E> {
    /// The status word, if the card refused by one.
    #[must_use]
    pub const fn sw(&self) -> Option<Sw> {
        match self {
            Self::Refused(sw) | Self::Host(HostError::InitializeUpdate(sw) | HostError::ExternalAuthenticate(sw)) => {
                Some(*sw)
            }
            _ => None,
        }
    }
}

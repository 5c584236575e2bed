//! A session with a card's domain, over any transport.

use apdu::{Cla, Command, Response, Sw, Transport, exchange};
use globalplatform::command::{GetData, Instruction};
use globalplatform::data::KeyInformation;
use globalplatform::scp03::host::{Host, HostError, Session};
use globalplatform::scp03::{InitializeUpdate, InitializeUpdateResponse, Level};
use globalplatform::{ISSUER_DOMAIN, KeySet};

use super::{PersonaliseError, Result, Step};
use crate::keys::Issuer;
use crate::register::{Chip, DomainKeys, Register};

/// Room for a short command, and for a short response.
const COMMAND: usize = 5 + 255 + 1;
const RESPONSE: usize = 256 + 2;

/// How a session is opened.
pub(crate) struct Opening<'k> {
    /// With keys of this version.
    pub(crate) version: u8,
    /// With these; else with the card's own.
    pub(crate) transport: Option<&'k KeySet>,
    /// The card's own, if they have been derived already.
    pub(crate) known: Option<Own>,
    /// Eight random bytes.
    pub(crate) challenge: [u8; 8],
    /// The least that is to be protected.
    pub(crate) least: Level,
    /// Whether a card that was refused before may be tried again.
    pub(crate) again: bool,
}

/// Which card it is, and the keys that it has or is to have.
pub(crate) struct Own {
    pub(crate) chip: Chip,
    pub(crate) keys: KeySet,
    pub(crate) names: DomainKeys,
}

/// A session.
pub(crate) struct Channel<'t, T> {
    transport: &'t mut T,
    session: Session,
}

/// Sends a command as it is, and returns what the card says with `9000`.
fn plain<T: Transport>(transport: &mut T, step: Step, command: &Command<'_>) -> Result<Vec<u8>, T> {
    let (mut scratch, mut response) = ([0; COMMAND], [0; RESPONSE]);
    let Response { data, sw } = exchange(transport, command, &mut scratch, &mut response)?;
    if sw.is_ok() { Ok(data.to_vec()) } else { Err(PersonaliseError::Refused { step, sw }) }
}

/// Selects the domain, and asks which versions of AES keys it has. Nothing proves the answer: who lies is found out by the
/// cryptogram.
pub(crate) fn key_versions<T: Transport>(transport: &mut T) -> Result<Vec<u8>, T> {
    let select = Command::new(Cla::INTERINDUSTRY, 0xA4, 0x04, 0x00, ISSUER_DOMAIN.as_bytes(), 256)?;
    plain(transport, Step::Select, &select)?;
    let answer = plain(transport, Step::Select, &GetData::KEY_INFORMATION.encode(&mut [])?)?;
    let mut versions = Vec::new();
    for key in KeyInformation::decode(&answer)? {
        let key = key?;
        if key.kind == KeyInformation::AES && !versions.contains(&key.version) {
            versions.push(key.version);
        }
    }
    Ok(versions)
}

/// The most that a card with these options protects, if that includes `least`.
fn level(response: &InitializeUpdateResponse, least: Level) -> core::result::Result<Level, HostError> {
    let best = [Level::Full, Level::CDecryptionRMac, Level::CDecryption];
    let found = best.into_iter().find(|level| level.permitted_by(response.parameter) && level.includes(least));
    found.ok_or(HostError::Level { level: least, i: response.parameter })
}

impl<'t, T: Transport> Channel<'t, T> {
    /// Opens a session with the domain, which is selected again: that ends whatever session there was. Returns which card
    /// it is, and its keys.
    pub(crate) fn open(
        transport: &'t mut T,
        opening: Opening<'_>,
        issuer: &Issuer,
        register: &mut Register,
    ) -> Result<(Self, Own), T> {
        let Opening { version, transport: first, known, challenge, least, again } = opening;
        let (mut scratch, mut room) = ([0; COMMAND], [0; RESPONSE]);
        let select = Command::new(Cla::INTERINDUSTRY, 0xA4, 0x04, 0x00, ISSUER_DOMAIN.as_bytes(), 256)?;
        plain(transport, Step::Select, &select)?;
        let request = InitializeUpdate { key_version: version, host_challenge: challenge };
        let answer = exchange(transport, &request.command()?, &mut scratch, &mut room)?;
        if !answer.sw.is_ok() {
            return Err(HostError::InitializeUpdate(answer.sw).into());
        }
        let response = InitializeUpdateResponse::decode(answer.data).map_err(HostError::from)?;
        let chip = response.diversification;
        if chip.iter().all(|byte| Some(byte) == chip.first()) {
            return Err(PersonaliseError::Nameless { chip });
        }
        let refusals = register.refusals(&chip, version)?;
        if !again && refusals > 0 {
            return Err(PersonaliseError::SecondTry { chip, version });
        }
        let level = level(&response, least)?;
        let own = match known.filter(|own| own.chip == chip) {
            Some(own) => own,
            None => {
                let keys = issuer.domain_keys(&chip)?;
                Own { chip, names: issuer.domain_key_names(&keys), keys }
            }
        };
        let keys = first.unwrap_or(&own.keys);
        let verified = Host::new(keys, version, challenge).for_application(ISSUER_DOMAIN).receive(&answer);
        let verified = refuse(verified, register, &chip, version)?;
        let mut data = [0; 16];
        let (authenticating, command) = verified.external_authenticate(level, &mut data)?;
        let mut room = [0; RESPONSE];
        let answer = exchange(transport, &command, &mut scratch, &mut room)?;
        let session = refuse(authenticating.accepted(&answer), register, &chip, version)?;
        if refusals > 0 {
            register.forgive(&chip, version)?;
        }
        Ok((Self { transport, session }, own))
    }

    pub(crate) const fn level(&self) -> Level {
        self.session.level()
    }

    /// One of the domain's commands.
    pub(crate) fn send<'a>(&mut self, step: Step, command: &impl Instruction<'a>) -> Result<Vec<u8>, T> {
        let mut room = [0; 255];
        self.command(step, &command.encode(&mut room)?)
    }

    /// Any command, protected; its answer is believed only if it is the card's.
    pub(crate) fn command(&mut self, step: Step, command: &Command<'_>) -> Result<Vec<u8>, T> {
        let (mut room, mut scratch) = ([0; 255], [0; COMMAND]);
        let (sent, protected) = self.session.wrap(command, &mut room)?;
        let mut response = [0; RESPONSE];
        let answer = exchange(self.transport, &protected, &mut scratch, &mut response)?;
        let mut data = [0; RESPONSE];
        let Response { data, sw } = sent.unwrap(&answer, &mut data)?;
        if sw == Sw::OK { Ok(data.to_vec()) } else { Err(PersonaliseError::Refused { step, sw }) }
    }
}

/// Keeps in mind that the card was refused, or has refused us: it has other keys, or somebody is in between.
fn refuse<A, E: core::error::Error + 'static>(
    outcome: core::result::Result<A, HostError>,
    register: &mut Register,
    chip: &Chip,
    version: u8,
) -> core::result::Result<A, PersonaliseError<E>> {
    match outcome {
        Err(error @ (HostError::Cryptogram | HostError::Challenge | HostError::ExternalAuthenticate(_))) => {
            register.refused(chip, version)?;
            Err(error.into())
        }
        outcome => Ok(outcome?),
    }
}

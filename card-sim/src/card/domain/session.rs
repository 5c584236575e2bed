//! Secure channels: INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, and what protects the commands behind them.
//!
//! A sequence counter goes up, durably, before a challenge is made of it; at its end its key set opens no more sessions
//! (`6985`). Each EXTERNAL AUTHENTICATE is counted as failed, durably, before it is compared, and the count goes back to 0
//! when it is right. What is refused for its form (`6700`, `6A86`) was compared with nothing, and does not count. A wrong
//! host cryptogram and a wrong C-MAC are both `6300`. A key set that has failed as often as its cap says, 10 times unless
//! the manufacturer said otherwise, is blocked: INITIALIZE UPDATE with it is `6983`, for ever. Whoever has another key set
//! of the card can still replace it, which begins a new count.
//!
//! Source: Amendment D v1.1.1 §7.1.

use apdu::{Channel, Command, Response, Sw};
use globalplatform::scp03::card::{Challenge, Offer, Pending, Session};
use globalplatform::scp03::{EXTERNAL_AUTHENTICATE, InitializeUpdate, InitializeUpdateResponse, Parameter};
use globalplatform::{ISSUER_DOMAIN, Key};
use zeroize::{Zeroize, Zeroizing};

use super::Card;
use super::content::Personalising;
use super::memory::{KEY, Places, Slot};
use super::status::Listing;

/// What the card keeps of a secure channel, until the power goes.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::card) struct SecureChannel {
    channel: Channel,
    stage: Stage,
    work: Work,
}

#[derive(Clone, PartialEq, Eq)]
enum Stage {
    /// INITIALIZE UPDATE was answered, with the keys of this slot.
    Asked { slot: usize, pending: Pending },
    /// The host is the issuer.
    Open(Session),
}

/// What is under way in a session.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Work {
    /// The logical channel of the session.
    pub(super) channel: Channel,
    /// The DEK of the keys that the session was opened with, whatever has become of them since.
    dek: Zeroizing<[u8; KEY]>,
    dek_length: usize,
    /// Whom the STORE DATA that follow are for.
    pub(super) personalising: Option<Personalising>,
    /// The number of the next STORE DATA for the domain itself.
    pub(super) next_block: u8,
    /// Where GET STATUS goes on.
    pub(super) listing: Option<Listing>,
}

impl SecureChannel {
    pub(super) const fn channel(&self) -> Channel {
        self.channel
    }
}

impl Work {
    fn new(channel: Channel, dek: &Key) -> Self {
        let mut bytes = Zeroizing::new([0; KEY]);
        bytes.iter_mut().zip(dek.expose()).for_each(|(to, from)| *to = *from);
        Self { channel, dek: bytes, dek_length: dek.len(), personalising: None, next_block: 0, listing: None }
    }

    /// The key that keys come under.
    pub(super) fn dek(&self) -> Result<Key, Sw> {
        Key::new(self.dek.get(..self.dek_length).unwrap_or_default()).map_err(|_| Sw::UNKNOWN)
    }
}

impl Card {
    pub(super) fn initialize_update(&mut self, channel: Channel, command: &Command<'_>) -> Result<(), Sw> {
        self.secure = None;
        let request = InitializeUpdate::decode(command)?;
        let places = Places::new();
        let (index, slot) = self.key_set(request.key_version).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        if slot.failures >= self.domain_value(places.failure_cap) {
            return Err(Sw::AUTHENTICATION_METHOD_BLOCKED);
        }
        let keys = self.keys_in(index, &slot).ok_or(Sw::UNKNOWN)?;
        let parameter = self.parameter()?;
        let challenge = if parameter.pseudo_random {
            let [a, b, c] = slot.sequence;
            let next = u32::from_be_bytes([0, a, b, c]).saturating_add(1).to_be_bytes();
            let [0, sequence @ ..] = next else { return Err(Sw::CONDITIONS_NOT_SATISFIED) };
            self.set_slot(index, &Slot { sequence, ..slot })?;
            Challenge::Sequence { counter: sequence, aid: ISSUER_DOMAIN }
        } else {
            let mut random = [0; 8];
            self.random.fill(&mut random)?;
            Challenge::Random(random)
        };
        let offer = Offer {
            keys: &keys,
            key_version: slot.version,
            diversification: self.domain_value(places.diversification),
            responses: parameter.responses,
            challenge,
        };
        let (pending, answer) = offer.answer(&request);
        let work = Work::new(channel, keys.dek());
        self.secure = Some(Box::new(SecureChannel { channel, stage: Stage::Asked { slot: index, pending }, work }));
        self.answer.put(answer.encode(&mut [0; InitializeUpdateResponse::MAX_LENGTH]));
        Ok(())
    }

    /// The options of SCP03 that the manufacturer gave the card.
    pub(super) fn parameter(&self) -> Result<Parameter, Sw> {
        Parameter::try_from(self.domain_value(Places::new().parameter)).map_err(|_| Sw::UNKNOWN)
    }

    /// A command on the channel of a session; the session is the card's again if it goes on.
    pub(super) fn in_session(&mut self, mut secure: Box<SecureChannel>, command: &Command<'_>) -> Result<(), Sw> {
        if let Stage::Open(session) = &mut secure.stage {
            let outcome = self.protected(session, &mut secure.work, command);
            if session.is_open() {
                self.secure = Some(secure);
            }
            return outcome;
        }
        let SecureChannel { channel, stage, work } = *secure;
        match stage {
            Stage::Asked { slot, pending } if command.ins() == EXTERNAL_AUTHENTICATE => {
                let session = self.external_authenticate(slot, pending, command)?;
                self.secure = Some(Box::new(SecureChannel { channel, stage: Stage::Open(session), work }));
                Ok(())
            }
            // The host does something else: what it had begun is over.
            _ => self.outside(command),
        }
    }

    fn external_authenticate(&mut self, index: usize, pending: Pending, command: &Command<'_>) -> Result<Session, Sw> {
        let slot = self.slot(index).ok_or(Sw::UNKNOWN)?;
        self.set_slot(index, &Slot { failures: slot.failures.saturating_add(1), ..slot })?;
        let outcome = pending.external_authenticate(command);
        match outcome {
            Ok(session) => {
                self.set_slot(index, &Slot { failures: 0, ..slot })?;
                Ok(session)
            }
            Err(Sw::SECURITY_STATUS_NOT_SATISFIED | Sw::WARNING_MEMORY_CHANGED) => Err(Sw::WARNING_MEMORY_CHANGED),
            Err(sw) => {
                self.set_slot(index, &slot)?;
                Err(sw)
            }
        }
    }

    /// Takes the protection off a command, carries it out, and protects the response.
    fn protected(&mut self, session: &mut Session, work: &mut Work, command: &Command<'_>) -> Result<(), Sw> {
        let domain = self.domain.ok_or(Sw::UNKNOWN)?;
        let instance = self.instances.get_mut(domain).ok_or(Sw::UNKNOWN)?;
        let mut room = std::mem::take(&mut instance.until_reset);
        let outcome = self.unwrap_and_wrap(session, work, command, &mut room);
        room.as_mut_slice().zeroize();
        // It may have moved: an applet before it was deleted.
        if let Some(instance) = self.domain.and_then(|domain| self.instances.get_mut(domain)) {
            instance.until_reset = room;
        }
        outcome
    }

    fn unwrap_and_wrap(
        &mut self,
        session: &mut Session,
        work: &mut Work,
        command: &Command<'_>,
        room: &mut [u8],
    ) -> Result<(), Sw> {
        let may_manage = session.level().command_mac();
        let (received, plain) = session.unwrap(command, room)?;
        let sw = match self.manage(may_manage.then_some(work), &plain) {
            Ok(()) => self.answer.sw(),
            Err(sw) => self.refuse(sw),
        };
        let response = Response { data: self.answer.waiting(), sw };
        let wrapped = received.wrap(&response, room).map_err(|_| Sw::UNKNOWN)?;
        self.answer.put(wrapped.data);
        self.answer.set_sw(sw);
        Ok(())
    }
}

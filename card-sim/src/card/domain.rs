//! The issuer domain: an instance like any other as far as memory goes, but one that manages the card.
//!
//! | command | without a session | in a session with C-MAC |
//! |---|---|---|
//! | `80 50` INITIALIZE UPDATE | begins one | ends it, begins another |
//! | `84 82` EXTERNAL AUTHENTICATE | after INITIALIZE UPDATE | |
//! | `00 CA` `80 CA` GET DATA | yes | yes |
//! | `80 F2` GET STATUS | `6982` | yes |
//! | `80 F0` SET STATUS | `6982` | yes |
//! | `80 E6` INSTALL | `6982` | not on a locked card: `6985` |
//! | `80 E4` DELETE | `6982` | not on a locked card: `6985` |
//! | `80 D8` PUT KEY | `6982` | not on a locked card: `6985` |
//! | `80 E2` STORE DATA | `6982` | not on a locked card: `6985` |
//!
//! Sessions are SCP03's, one at a time on the card, on the channel on which INITIALIZE UPDATE came. A session ends with a
//! reset, when the domain is left on that channel, with another INITIALIZE UPDATE on any, and with the first command on
//! its channel that is not the host's: unprotected, changed, repeated, or out of order (`6982`). On a level without C-MAC
//! commands are as without a session. A protected command is unwrapped, decoded, carried out, and its response wrapped;
//! GET RESPONSE is none of these, but the transmission protocol's. `docs/issuer-domain.md` has all status words.
//!
//! A terminated card selects nothing but its domain, and that answers nothing but GET DATA.
//!
//! Sources: GlobalPlatform Card Specification v2.3.1; its Amendment D v1.1.1 (SCP03).

mod content;
mod data;
mod keys;
mod memory;
mod registry;
mod session;
mod status;

use apdu::{Aid, Channel, Command, SecureMessaging, Sw};
use applet_model::runtime::{Applet, Context, Demand, Fixed, Memory};
use globalplatform::command::{Delete, GetData, GetStatus, Install, Instruction, PutKey, SetStatus, StoreData};
use globalplatform::data::Cplc;
use globalplatform::scp03::{INITIALIZE_UPDATE, Parameter, ResponseProtection};
use globalplatform::{ApplicationState, CardState, KeySet};

pub use globalplatform::{ISSUER_DOMAIN, PUBLISHED_KEY_VERSION, PUBLISHED_KEYS};

use super::instance::{InstallError, Module};
use super::{BUFFER, Card};
use crate::nvm::Area;
use memory::Places;
pub(super) use session::SecureChannel;
use session::Work;

/// The module that the card itself has.
pub(super) const MODULE: Module = Module { aid: ISSUER_DOMAIN, make: |_| Some(Box::new(Domain)) };

/// What the manufacturer gives an issuer domain.
#[derive(Debug)]
pub struct DomainSetup<'k> {
    /// The first keys.
    pub keys: &'k KeySet,
    /// Their version, not 0.
    pub key_version: u8,
    /// Key diversification data: what the issuer finds the card's keys by.
    pub diversification: [u8; 10],
    /// The options of SCP03 that the card has.
    pub parameter: Parameter,
    /// After how many failed authentications in a row a key set is blocked, 1 to 255.
    pub failure_cap: u8,
    /// Who made what of the card, when.
    pub cplc: Cplc,
}

impl<'k> DomainSetup<'k> {
    /// After how many failed authentications a key set is blocked, unless the manufacturer says otherwise.
    pub const FAILURE_CAP: u8 = 10;

    /// A blank card: these keys, version [`PUBLISHED_KEY_VERSION`], all that SCP03 has (i = 70), and no history.
    #[must_use]
    pub fn blank(keys: &'k KeySet) -> Self {
        Self {
            keys,
            key_version: PUBLISHED_KEY_VERSION,
            diversification: [0; 10],
            parameter: Parameter { pseudo_random: true, responses: ResponseProtection::MacAndEncryption },
            failure_cap: Self::FAILURE_CAP,
            cplc: Cplc::default(),
        }
    }
}

/// What a session keeps, in bytes: three keys of 32, the chaining value, the counter, its state and level. The round keys
/// that are kept here for speed are the cryptography's own, as its stack is.
pub(super) const SESSION: usize = 3 * 32 + 16 + 4 + 2;

/// What of the domain is an applet: its memory and its answer to SELECT. Its commands come by [`Card::ask_domain`].
struct Domain;

impl Applet for Domain {
    fn demand(&self) -> Demand {
        // One buffer, for a command without its protection, and then for its response with it.
        Demand { persistent: Places::new().len, until_deselect: 0, until_reset: BUFFER }
    }

    fn install(&self, _: &mut Context<'_>) -> Result<(), Sw> {
        Ok(())
    }

    fn is_multiselectable(&self) -> bool {
        true
    }

    /// `6F { 84 {AID} A5 { 9F65 01 FF } }`: 255 bytes of command data. Source: GPCS §11.9.3.1.
    fn select(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        let aid = context.aid;
        let length = u8::try_from(aid.as_bytes().len()).unwrap_or_default();
        context.reply.put(&[0x6F, length.saturating_add(8), 0x84, length])?;
        context.reply.put(aid.as_bytes())?;
        context.reply.put(&[0xA5, 4, 0x9F, 0x65, 1, 0xFF])
    }

    fn deselect(&self, _: &mut Context<'_>) {}

    /// An applet cannot manage a card: the card does not call this.
    fn process(&self, _: &Command<'_>, _: &mut Context<'_>) -> Result<(), Sw> {
        Err(Sw::CONDITIONS_NOT_SATISFIED)
    }
}

impl Card {
    /// Gives the card an issuer domain. Applets that are there already are selectable as before.
    ///
    /// # Errors
    /// [`InstallError`]: `NameTaken` if there is one, `Parameters` for a key version or a cap of 0, `NoRoom`,
    /// `RegistryFull`; the card is then as before.
    pub fn install_domain(&mut self, setup: &DomainSetup<'_>) -> Result<(), InstallError> {
        if setup.key_version == 0 || setup.failure_cap == 0 {
            return Err(InstallError::Parameters { module: ISSUER_DOMAIN });
        }
        let present: Vec<Aid> = self.instances.iter().map(|instance| instance.aid).collect();
        if present.len() > Places::new().registry.count() {
            return Err(InstallError::RegistryFull);
        }
        let index = self.add(&[], ISSUER_DOMAIN, ISSUER_DOMAIN, &[])?;
        let armed = self.nvm.cells().armed();
        self.nvm.arm(None);
        let outcome = self.set_up(setup, &present);
        self.nvm.arm(armed);
        if let Err(sw) = outcome {
            self.remove(index);
            self.domain = None;
            return Err(InstallError::Refused { sw });
        }
        self.answer.clear();
        self.nvm.cells_mut().set_dirty();
        Ok(())
    }

    fn set_up(&mut self, setup: &DomainSetup<'_>, present: &[Aid]) -> Result<(), Sw> {
        let places = Places::new();
        self.in_domain(|memory| {
            memory.write(places.state, &CardState::OpReady.byte())?;
            memory.write(places.parameter, &setup.parameter.byte())?;
            memory.write(places.failure_cap, &setup.failure_cap)?;
            memory.write(places.diversification, &setup.diversification)?;
            let cplc = setup.cplc.encode();
            memory.write(places.cplc, cplc.last_chunk().unwrap_or(&[0; 42]))?;
            memory.atomically(|memory| keys::write(memory, 0, setup.key_version, setup.keys))
        })?;
        present.iter().try_for_each(|aid| self.register(*aid, ApplicationState::SELECTABLE))
    }

    /// The domain's memory, to write to.
    fn in_domain<T>(&mut self, work: impl FnOnce(&mut Memory<'_>) -> Result<T, Sw>) -> Result<T, Sw> {
        let mut region = self.nvm.region(self.domain.ok_or(Sw::UNKNOWN)?);
        work(&mut Memory::new(&mut region))
    }

    /// A value in the domain's memory; as of zeros, without a domain.
    fn domain_value<T: Fixed>(&self, place: memory::Place<T>) -> T {
        let bytes = self.domain.map_or(&[][..], |index| self.nvm.cells().bytes(Area::Applet(index)));
        memory::read(bytes, place)
    }

    /// The card's life cycle state. A byte that is none, which no command writes, is the end.
    fn state(&self) -> CardState {
        CardState::from_byte(self.domain_value(Places::new().state)).unwrap_or(CardState::Terminated)
    }

    /// Whether the card has a domain that has locked it.
    pub(super) fn is_locked(&self) -> bool {
        self.domain.is_some() && self.state() == CardState::CardLocked
    }

    /// A command on a channel on which the domain is selected.
    pub(super) fn ask_domain(&mut self, channel: Channel, command: &Command<'_>) -> Result<(), Sw> {
        if self.state() == CardState::Terminated {
            self.secure = None;
            return match GetData::decode(command) {
                Ok(wanted) => self.domain_data(wanted),
                Err(_) => Err(Sw::CONDITIONS_NOT_SATISFIED),
            };
        }
        let plain = command.cla().secure_messaging() == SecureMessaging::None;
        if plain && (command.cla().base(), command.ins()) == (0x80, INITIALIZE_UPDATE) {
            return self.initialize_update(channel, command);
        }
        match self.secure.take() {
            Some(secure) if secure.channel() == channel => self.in_session(secure, command),
            other => {
                self.secure = other;
                self.outside(command)
            }
        }
    }

    /// A command outside a session.
    fn outside(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        match command.cla().secure_messaging() {
            SecureMessaging::None => self.manage(None, command),
            _ => Err(Sw::SECURITY_STATUS_NOT_SATISFIED),
        }
    }

    /// Ends the session on this channel.
    pub(super) fn end_session(&mut self, channel: Channel) {
        self.secure.take_if(|secure| secure.channel() == channel);
    }

    /// Carries out a command without its protection; `work` is there in a session that may manage the card.
    fn manage(&mut self, work: Option<&mut Work>, command: &Command<'_>) -> Result<(), Sw> {
        let ins = command.ins();
        match (ins, work) {
            (GetData::INS, _) => self.domain_data(GetData::decode(command)?),
            (SetStatus::INS | GetStatus::INS, None) => Err(Sw::SECURITY_STATUS_NOT_SATISFIED),
            (Install::INS | Delete::INS | PutKey::INS | StoreData::INS, None) => Err(Sw::SECURITY_STATUS_NOT_SATISFIED),
            (SetStatus::INS, Some(_)) => self.set_status(&SetStatus::decode(command)?),
            (GetStatus::INS, Some(work)) => self.list(work, &GetStatus::decode(command)?),
            (Install::INS | Delete::INS | PutKey::INS | StoreData::INS, Some(_)) if self.is_locked() => {
                Err(Sw::CONDITIONS_NOT_SATISFIED)
            }
            (Install::INS, Some(work)) => self.install_for(work, &Install::decode(command)?),
            (Delete::INS, Some(_)) => self.delete(Delete::decode(command)?),
            (PutKey::INS, Some(work)) => self.put_key(work, &PutKey::decode(command)?),
            (StoreData::INS, Some(work)) => self.store_data(work, command),
            _ if matches!(command.cla().base(), 0x00 | 0x80) => Err(Sw::INS_NOT_SUPPORTED),
            _ => Err(Sw::CLA_NOT_SUPPORTED),
        }
    }
}

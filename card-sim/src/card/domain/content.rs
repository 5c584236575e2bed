//! INSTALL, DELETE, and STORE DATA for an applet.
//!
//! | INSTALL | |
//! |---|---|
//! | `04` for install | makes an applet of a module; it is installed, `03` |
//! | `0C` and make selectable | makes it selectable at once, `07` |
//! | `08` for make selectable | from `03` to `07`; `6985` in any other state |
//! | `20` for personalization | the STORE DATA that follow are for this applet, up to the last block; `6985` if it is locked |
//!
//! The load file is that of the module, and has its name. No applet has privileges: `6A80`. INSTALL and DELETE answer
//! `00`, nothing more to say.
//!
//! | | |
//! |---|---|
//! | `6A88` | no such module, or no such applet |
//! | `6985` | the name is taken; the applet to delete is selected on a channel; a module is to be deleted |
//! | `6A80` | parameters that the module refuses |
//! | `6A84` | no room |
//! | others | the applet's own reason not to be installed, or not to take the data |
//!
//! An applet is there when the registry has it, and gone when it has not: one write each. What the power leaves between
//! memory and registry is taken away at the next power-up. A selectable applet that has taken its last block becomes
//! personalized, `0F`; that is written after what the applet writes, so a cut may leave `07`, and what counts is what the
//! applet knows.
//!
//! Source: GPCS §11.2, §11.5, §7.3.3.

use apdu::{Aid, Command, Sw};
use globalplatform::ApplicationState;
use globalplatform::command::{Delete, Install, Instruction, NewApplication, StoreData};
use globalplatform::{ISSUER_DOMAIN, Privileges};

use super::super::instance::InstallError;
use super::Card;
use super::memory::Entry;
use super::session::Work;

/// An applet that is being personalised.
pub(super) type Personalising = Aid;

/// The answer of INSTALL and DELETE: no receipt.
const DONE: [u8; 1] = [0x00];

impl Card {
    pub(super) fn install_for(&mut self, work: &mut Work, command: &Install<'_>) -> Result<(), Sw> {
        match *command {
            Install::Application(new) => self.install_new(&new)?,
            Install::MakeSelectable { application, privileges } => {
                let (place, entry) = self.entry(application).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
                if privileges != Privileges::NONE {
                    return Err(Sw::WRONG_DATA);
                }
                if entry.state() != ApplicationState::Installed {
                    return Err(Sw::CONDITIONS_NOT_SATISFIED);
                }
                self.set_entry(place, &Entry { state: ApplicationState::SELECTABLE.byte(), ..entry })?;
            }
            Install::Personalization { application } => {
                work.personalising = None;
                self.personalisable(application)?;
                work.personalising = Some(application);
            }
        }
        self.answer.put(&DONE);
        Ok(())
    }

    fn install_new(&mut self, new: &NewApplication<'_>) -> Result<(), Sw> {
        let known = self.modules.iter().any(|module| module.aid == new.module);
        if !known || new.load_file != new.module {
            return Err(Sw::REFERENCED_DATA_NOT_FOUND);
        }
        if new.privileges != Privileges::NONE {
            return Err(Sw::WRONG_DATA);
        }
        let parameters = new.application_parameters().map_err(|_| Sw::WRONG_DATA)?;
        let state = if new.selectable { ApplicationState::SELECTABLE } else { ApplicationState::Installed };
        let modules = std::mem::take(&mut self.modules);
        let outcome = self.make(&modules, new.module, new.application, parameters, state);
        self.modules = modules;
        outcome.map_err(|error| match error {
            InstallError::UnknownModule { .. } => Sw::REFERENCED_DATA_NOT_FOUND,
            InstallError::NameTaken { .. } => Sw::CONDITIONS_NOT_SATISFIED,
            InstallError::Parameters { .. } => Sw::WRONG_DATA,
            InstallError::NoRoom { .. } | InstallError::RegistryFull => Sw::NOT_ENOUGH_MEMORY,
            InstallError::Refused { sw } => sw,
        })
    }

    pub(super) fn delete(&mut self, command: Delete) -> Result<(), Sw> {
        match command {
            Delete::Object { aid, .. } => self.delete_applet(aid)?,
            Delete::Keys { id, version } => self.delete_keys(id, version)?,
        }
        self.answer.put(&DONE);
        Ok(())
    }

    fn delete_applet(&mut self, aid: Aid) -> Result<(), Sw> {
        let Some((place, _)) = self.entry(aid) else {
            let for_ever = aid == ISSUER_DOMAIN || self.modules.iter().any(|module| module.aid == aid);
            return Err(if for_ever { Sw::CONDITIONS_NOT_SATISFIED } else { Sw::REFERENCED_DATA_NOT_FOUND });
        };
        let index = self.instances.iter().position(|instance| instance.aid == aid).ok_or(Sw::UNKNOWN)?;
        if self.channels.with(index).next().is_some() {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        self.set_entry(place, &Entry::default())?;
        self.remove(index);
        Ok(())
    }

    /// The instance of this name, if it may be personalised.
    fn personalisable(&self, aid: Aid) -> Result<(usize, usize, Entry), Sw> {
        let (place, entry) = self.entry(aid).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        if matches!(entry.state(), ApplicationState::Locked { .. }) {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        let index = self.instances.iter().position(|instance| instance.aid == aid).ok_or(Sw::UNKNOWN)?;
        Ok((index, place, entry))
    }

    pub(super) fn store_data(&mut self, work: &mut Work, command: &Command<'_>) -> Result<(), Sw> {
        let block = StoreData::decode(command)?;
        let Some(aid) = work.personalising else { return self.store_own_data(work, &block) };
        if block.last {
            work.personalising = None;
        }
        let (index, place, entry) = self.personalisable(aid)?;
        let outcome = self.call(index, work.channel, |applet, context| applet.personalise(command, context));
        // Nothing selects it here: what it keeps until it is deselected is nobody's, unless another channel's.
        let shared = self.instances.get(index).is_none_or(|instance| !instance.is_multiselectable())
            && self.channels.with(index).next().is_some();
        if !shared {
            self.clear_until_deselect(index, work.channel);
        }
        outcome?;
        if block.last
            && let ApplicationState::Selectable { own } = entry.state()
        {
            let state = ApplicationState::Selectable { own: own | 0x08 };
            self.set_entry(place, &Entry { state: state.byte(), ..entry })?;
        }
        Ok(())
    }
}

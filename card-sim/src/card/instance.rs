//! Applets on the card: where they come from, and what the card keeps about each.

use std::fmt;

use apdu::{Aid, Channel, Sw};
use applet_model::runtime::{Applet, Demand};
use zeroize::Zeroizing;

use super::channel::{CHANNELS, index};
use super::domain::MODULE as DOMAIN;
use super::{Card, MEMORY};
use crate::nvm::Area;

/// A kind of applet that a card can make instances of.
#[derive(Clone, Copy)]
pub struct Module {
    /// The module's name.
    pub aid: Aid,
    /// Makes an applet from install parameters; `None` if they are bad. The same parameters always make the same
    /// applet: that is how it comes back when a card is loaded from its image.
    pub make: fn(parameters: &[u8]) -> Option<Box<dyn Applet>>,
}

/// Why an applet was not installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// No module has this name.
    #[error("there is no module {aid}")]
    UnknownModule {
        /// The name asked for.
        aid: Aid,
    },
    /// An instance with this name is already on the card.
    #[error("the card already has an applet with the name {aid}")]
    NameTaken {
        /// The name asked for.
        aid: Aid,
    },
    /// The module cannot make anything of the install parameters.
    #[error("the module {module} refuses its install parameters")]
    Parameters {
        /// The module.
        module: Aid,
    },
    /// The applet asks for more memory than there is: [`MEMORY`](super::MEMORY) for all applets together.
    #[error("there is no room for {} bytes of persistent memory", demand.persistent)]
    NoRoom {
        /// What it asks for.
        demand: Demand,
    },
    /// The issuer domain's registry has room for so many applets only.
    #[error("there is no room for another applet in the registry of the issuer domain")]
    RegistryFull,
    /// The applet refused to be installed.
    #[error("the applet refused: {sw}")]
    Refused {
        /// With which status word.
        sw: Sw,
    },
}

/// One applet on the card.
pub(crate) struct Instance {
    pub(crate) module: Aid,
    pub(crate) aid: Aid,
    pub(crate) parameters: Box<[u8]>,
    pub(super) applet: Box<dyn Applet>,
    pub(crate) demand: Demand,
    /// One copy for each channel that it can be selected on at a time.
    pub(super) until_deselect: Zeroizing<Vec<u8>>,
    pub(super) until_reset: Zeroizing<Vec<u8>>,
    /// What it has in a conversation in place of the memory that lasts until it is deselected; empty, if it has none.
    pub(super) talk: Zeroizing<Vec<u8>>,
}

impl Card {
    /// Puts an instance on the card, its memory all zero; returns its index.
    pub(super) fn add(
        &mut self,
        modules: &[Module],
        module: Aid,
        aid: Aid,
        parameters: &[u8],
    ) -> Result<usize, InstallError> {
        let found = [&DOMAIN].into_iter().chain(modules).find(|candidate| candidate.aid == module);
        let make = found.ok_or(InstallError::UnknownModule { aid: module })?.make;
        let second = module == DOMAIN.aid && self.domain.is_some();
        if second || self.instances.iter().any(|instance| instance.aid == aid) {
            return Err(InstallError::NameTaken { aid });
        }
        let applet = make(parameters).ok_or(InstallError::Parameters { module })?;
        let demand = applet.demand();
        let several = applet.is_multiselectable();
        let until_deselect =
            if several { demand.until_deselect.saturating_mul(CHANNELS.into()) } else { demand.until_deselect };
        let talk = if applet.is_toolkit() { demand.until_deselect } else { 0 };
        let transient = until_deselect.saturating_add(demand.until_reset).saturating_add(talk);
        if !self.has_room(demand.persistent, transient) {
            return Err(InstallError::NoRoom { demand });
        }
        self.nvm.cells_mut().add(demand.persistent);
        let index = self.instances.len();
        if module == DOMAIN.aid {
            self.domain = Some(index);
        }
        self.instances.push(Instance {
            module,
            aid,
            parameters: parameters.into(),
            applet,
            demand,
            until_deselect: Zeroizing::new(vec![0; until_deselect]),
            until_reset: Zeroizing::new(vec![0; demand.until_reset]),
            talk: Zeroizing::new(vec![0; talk]),
        });
        Ok(index)
    }

    /// Puts an instance on the card as it was before, without telling the applet; returns its index. What its memory is
    /// too short by, is zero.
    pub(crate) fn load(
        &mut self,
        modules: &[Module],
        module: Aid,
        aid: Aid,
        parameters: &[u8],
        memory: &[u8],
    ) -> Result<usize, LoadError> {
        let index = self.add(modules, module, aid, parameters)?;
        let expected = self.instances.get(index).map_or(0, |instance| instance.demand.persistent);
        match self.nvm.cells_mut().replace(Area::Applet(index), memory) {
            Some(()) => Ok(index),
            None => Err(LoadError::MemorySize { expected, found: memory.len() }),
        }
    }

    /// Each instance with its persistent memory, in order of installation.
    pub(crate) fn memories(&self) -> impl Iterator<Item = (&Instance, &[u8])> {
        self.instances.iter().zip(self.nvm.cells().applets())
    }

    /// Takes an instance off the card that is selected nowhere; those behind it move up. Nothing of it is half done.
    pub(super) fn remove(&mut self, index: usize) {
        if index < self.instances.len() {
            self.end_talk();
            self.instances.remove(index);
            self.nvm.cells_mut().remove(index);
            self.nvm.cells_mut().set_dirty();
            self.channels.removed(index);
            self.domain = self.domain.map(|domain| if domain > index { domain.saturating_sub(1) } else { domain });
        }
        self.answer.wipe();
    }

    /// Whether there is room for so much more memory.
    fn has_room(&self, persistent: usize, transient: usize) -> bool {
        let sizes = self.instances.iter().map(|one| {
            let transient = one.until_deselect.len().saturating_add(one.until_reset.len());
            (one.demand.persistent, transient.saturating_add(one.talk.len()))
        });
        let (persistent, transient) = sizes.fold((persistent, transient), |(persistent, transient), (p, t)| {
            (persistent.saturating_add(p), transient.saturating_add(t))
        });
        persistent <= MEMORY && transient <= MEMORY
    }
}

impl Instance {
    /// Whether it can be selected on several channels at a time.
    pub(super) fn is_multiselectable(&self) -> bool {
        self.applet.is_multiselectable()
    }

    /// The memory that lasts until it is deselected on this channel: its persistent and its transient memory in one call
    /// would be borrowed twice.
    pub(super) fn until_deselect(&mut self, channel: Channel) -> &mut [u8] {
        until_deselect(&mut self.until_deselect, self.demand.until_deselect, channel)
    }
}

/// The copy of this channel; the only one, if there is only one.
#[inline]
pub(super) fn until_deselect(all: &mut [u8], len: usize, channel: Channel) -> &mut [u8] {
    let at = if all.len() == len { 0 } else { len.saturating_mul(index(channel)) };
    all.get_mut(at..at.saturating_add(len)).unwrap_or_default()
}

/// Why an instance could not be put back on the card.
pub(crate) enum LoadError {
    Install(InstallError),
    MemorySize { expected: usize, found: usize },
}

impl From<InstallError> for LoadError {
    fn from(error: InstallError) -> Self {
        Self::Install(error)
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Module({})", self.aid)
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.aid, self.module)
    }
}

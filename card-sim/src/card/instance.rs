//! Applets on the card: where they come from, and what the card keeps about each.

use std::fmt;

use apdu::{Aid, Sw};
use applet_model::runtime::{Applet, Demand};
use zeroize::Zeroizing;

use super::{Card, MEMORY};

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
    /// Where its persistent memory begins in the card's.
    pub(super) persistent_at: usize,
    pub(super) until_deselect: Zeroizing<Vec<u8>>,
    pub(super) until_reset: Zeroizing<Vec<u8>>,
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
        let found = modules.iter().find(|candidate| candidate.aid == module);
        let make = found.ok_or(InstallError::UnknownModule { aid: module })?.make;
        if self.instances.iter().any(|instance| instance.aid == aid) {
            return Err(InstallError::NameTaken { aid });
        }
        let applet = make(parameters).ok_or(InstallError::Parameters { module })?;
        let demand = applet.demand();
        let persistent_at = self.make_room(demand).ok_or(InstallError::NoRoom { demand })?;
        let index = self.instances.len();
        self.instances.push(Instance {
            module,
            aid,
            parameters: parameters.into(),
            applet,
            demand,
            persistent_at,
            until_deselect: Zeroizing::new(vec![0; demand.until_deselect]),
            until_reset: Zeroizing::new(vec![0; demand.until_reset]),
        });
        Ok(index)
    }

    /// Puts an instance on the card as it was before, without telling the applet.
    pub(crate) fn load(
        &mut self,
        modules: &[Module],
        module: Aid,
        aid: Aid,
        parameters: &[u8],
        memory: &[u8],
    ) -> Result<(), LoadError> {
        let index = self.add(modules, module, aid, parameters)?;
        let (expected, found) = match self.instances.get(index) {
            Some(instance) if instance.demand.persistent == memory.len() => {
                self.nvm.replace(instance.persistent_at, memory);
                return Ok(());
            }
            Some(instance) => (instance.demand.persistent, memory.len()),
            None => (0, memory.len()),
        };
        Err(LoadError::MemorySize { expected, found })
    }

    /// Each instance with its persistent memory, in order of installation.
    pub(crate) fn memories(&self) -> impl Iterator<Item = (&Instance, &[u8])> {
        self.instances.iter().map(|instance| {
            let end = instance.persistent_at.saturating_add(instance.demand.persistent);
            (instance, self.nvm.bytes().get(instance.persistent_at..end).unwrap_or_default())
        })
    }

    /// Takes the instance that was added last off the card.
    pub(super) fn drop_last(&mut self) {
        if let Some(instance) = self.instances.pop() {
            self.nvm.shrink(instance.persistent_at);
        }
        self.answer.wipe();
    }

    /// Takes persistent memory for one more instance and returns where it begins; nothing if the card has no room.
    fn make_room(&mut self, demand: Demand) -> Option<usize> {
        let transient =
            self.instances.iter().try_fold(0usize, |sum, instance| sum.checked_add(transient_of(instance.demand)?));
        let transient = transient?.checked_add(transient_of(demand)?)?;
        let persistent = self.nvm.bytes().len().checked_add(demand.persistent)?;
        if transient > MEMORY || persistent > MEMORY {
            return None;
        }
        Some(self.nvm.grow(demand.persistent))
    }
}

/// The transient memory of one instance, in bytes.
fn transient_of(demand: Demand) -> Option<usize> {
    demand.until_deselect.checked_add(demand.until_reset)
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

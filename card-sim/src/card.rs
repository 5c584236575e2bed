//! The card: its applets, its memory, and what it answers.

mod answer;
mod dispatch;
mod instance;
mod select;
mod snapshot;

use std::convert::Infallible;
use std::fmt;

use apdu::{Aid, Sw, Transport};
use applet_model::runtime::{Applet, Context, Demand, Memory, Random, Reply, Transient};
use zeroize::Zeroize;

pub use instance::{InstallError, Module};
pub use snapshot::{OtherCard, Snapshot};

pub(crate) use instance::{Instance, LoadError};

use crate::atr::{self, Atr, AtrError};
use crate::nvm::Nvm;
use answer::Answer;

/// The most data a command may carry and an answer may have, in bytes.
pub const BUFFER: usize = 512;
/// The most persistent memory a card has, and the most transient memory, in bytes: 16 MiB, far beyond any real card.
pub const MEMORY: usize = 16 << 20;

/// A software smart card that hosts applets.
///
/// It behaves as a card in T=1: a command gets its answer in one piece if `Le` has room for it, else the first part
/// and `61xx`. The whole of its state but the random source is a few byte arrays; two cards share nothing.
pub struct Card {
    atr: Vec<u8>,
    instances: Vec<Instance>,
    nvm: Nvm,
    selected: Option<usize>,
    answer: Answer,
    random: Box<dyn Random>,
}

impl Card {
    /// The ATR of a card that has no reason for another one: [`atr::DEFAULT`].
    pub const DEFAULT_ATR: &[u8] = &atr::DEFAULT;

    /// A card without applets.
    ///
    /// # Errors
    /// [`AtrError`] if `atr` is not an answer to reset.
    pub fn new(atr: &[u8], random: Box<dyn Random>) -> Result<Self, AtrError> {
        Ok(Self {
            atr: Atr::parse(atr)?.bytes().to_vec(),
            instances: Vec::new(),
            nvm: Nvm::default(),
            selected: None,
            answer: Answer::default(),
            random,
        })
    }

    /// Makes an instance of the module named `module` and gives it the name `instance`. Of one module there can be
    /// any number of instances; none of them is selected by this.
    ///
    /// # Errors
    /// [`InstallError`]; the card is then as before.
    pub fn install(
        &mut self,
        modules: &[Module],
        module: Aid,
        instance: Aid,
        parameters: &[u8],
    ) -> Result<(), InstallError> {
        let index = self.add(modules, module, instance, parameters)?;
        if let Err(sw) = self.call(index, |applet, context| applet.install(context)).unwrap_or(Err(Sw::UNKNOWN)) {
            self.drop_last();
            return Err(InstallError::Refused { sw });
        }
        self.answer.clear();
        self.nvm.set_dirty();
        Ok(())
    }

    /// Non-volatile writes since the card was made or loaded: each write of an applet, of the undo log that keeps it
    /// atomic, and of the mark that makes it lasting.
    #[must_use]
    pub const fn writes(&self) -> u64 {
        self.nvm.writes()
    }

    /// Whether what an image holds has changed since this was last asked.
    pub const fn take_dirty(&mut self) -> bool {
        self.nvm.take_dirty()
    }

    /// The name of each instance and the memory it takes, in bytes, in order of installation.
    pub fn demands(&self) -> impl Iterator<Item = (Aid, Demand)> {
        self.instances.iter().map(|instance| (instance.aid, instance.demand))
    }

    /// The answer to reset.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// The name of the instance now selected.
    #[must_use]
    pub fn selected(&self) -> Option<Aid> {
        self.instances.get(self.selected?).map(|instance| instance.aid)
    }

    /// Power off and on: transient memory is zero, no applet is selected, and nothing waits for GET RESPONSE. The
    /// applet that was selected is not told, as on a JavaCard.
    fn power_up(&mut self) {
        self.nvm.roll_back();
        for instance in &mut self.instances {
            instance.until_deselect.fill(0);
            instance.until_reset.fill(0);
        }
        self.selected = None;
        self.answer.wipe();
    }

    /// Calls one instance's applet; `None` if there is no such instance.
    #[inline]
    fn call<T>(&mut self, index: usize, call: impl FnOnce(&dyn Applet, &mut Context<'_>) -> T) -> Option<T> {
        let instance = self.instances.get_mut(index)?;
        let (room, len) = self.answer.start();
        let mut region = self.nvm.region(instance.persistent_at, instance.demand.persistent);
        let mut context = Context {
            aid: instance.aid,
            memory: Memory::new(&mut region),
            until_deselect: Transient::new(&mut instance.until_deselect),
            until_reset: Transient::new(&mut instance.until_reset),
            random: &mut *self.random,
            reply: Reply::new(room, len),
        };
        let outcome = call(&*instance.applet, &mut context);
        // An applet cannot leave a transaction open, but if it ever could, JavaCard would abort it.
        self.nvm.roll_back();
        Some(outcome)
    }

    /// Clears the memory of one instance that lasts until it is deselected.
    fn clear_until_deselect(&mut self, index: usize) {
        if let Some(instance) = self.instances.get_mut(index) {
            instance.until_deselect.as_mut_slice().zeroize();
        }
    }
}

impl Transport for Card {
    type Error = Infallible;

    /// If `response` cannot hold all that the command asks for, it gets what fits and `61xx`; with no room for a
    /// status word it gets nothing and the length is 0.
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        Ok(self.respond(command, response))
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        self.power_up();
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &self.atr
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("instances", &self.instances)
            .field("selected", &self.selected())
            .finish_non_exhaustive()
    }
}

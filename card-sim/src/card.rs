//! The card: its applets, its memory, and what it answers.

mod answer;
mod chain;
mod channel;
mod contents;
mod dispatch;
mod domain;
mod ef_atr;
mod front;
mod instance;
mod select;
mod snapshot;
mod toolkit;

use std::convert::Infallible;
use std::fmt;

use apdu::{Aid, Channel, Command, Cut, PowerCut, Response, Sw, Transport};
use applet_model::runtime::{Applet, Context, Demand, Memory, Random, Reply, Transient, WriteCost};
use globalplatform::ApplicationState;
use zeroize::Zeroize;

pub use channel::CHANNELS;
pub use contents::{Held, Place};
pub use domain::{DomainSetup, ISSUER_DOMAIN, PUBLISHED_KEY_VERSION, PUBLISHED_KEYS};
pub use instance::{InstallError, Module};
pub use snapshot::{OtherCard, Snapshot};

pub(crate) use self::toolkit::Stage;
pub(crate) use instance::{Instance, LoadError};

use self::toolkit::Toolkit;
use crate::atr::{self, Atr, AtrError};
use crate::nvm::{Area, JOURNAL, Nvm};
use answer::Answer;
use chain::Chain;
use channel::{Channels, Selection};
use domain::SecureChannel;

/// The most data a command may carry and an answer may have, in bytes.
pub const BUFFER: usize = 512;
/// The most persistent memory a card has, and the most transient memory, in bytes: 16 MiB, far beyond any real card.
pub const MEMORY: usize = 16 << 20;

/// A transmission protocol: in which pieces commands come and answers go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// T=0: a header of five bytes, then data in one direction.
    T0,
    /// T=1: whole APDUs, short and extended.
    #[default]
    T1,
}

/// A software smart card that hosts applets.
///
/// The whole of its state but the random source is a few byte arrays; two cards share nothing. It speaks T=1 until it is
/// [told otherwise](Card::speak).
pub struct Card {
    atr: Vec<u8>,
    modules: Vec<Module>,
    instances: Vec<Instance>,
    /// Which of them is the issuer domain.
    domain: Option<usize>,
    /// Its session.
    secure: Option<Box<SecureChannel>>,
    nvm: Nvm,
    channels: Channels,
    chain: Chain,
    answer: Answer,
    protocol: Protocol,
    toolkit: Toolkit,
    random: Box<dyn Random>,
}

/// How worn the memory of a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wear {
    /// How often the cell was written that was written most.
    pub hottest: u32,
    /// Whose memory that cell is in; nothing if it is in the card's own, the journal.
    pub applet: Option<Aid>,
    /// Where in that memory, in bytes from its start.
    pub at: usize,
}

impl Card {
    /// The ATR of a card that has no reason for another one: [`atr::DEFAULT`].
    pub const DEFAULT_ATR: &[u8] = &atr::DEFAULT;

    /// What its journal costs: an entry before each write, and two marks at the end.
    pub const WRITE_COST: WriteCost = WriteCost { write: 2, commit: 2 };

    /// A card without applets.
    ///
    /// # Errors
    /// [`AtrError`] if `atr` is not an answer to reset.
    pub fn new(atr: &[u8], random: Box<dyn Random>) -> Result<Self, AtrError> {
        Ok(Self {
            atr: Atr::parse(atr)?.bytes().to_vec(),
            modules: Vec::new(),
            instances: Vec::new(),
            domain: None,
            secure: None,
            nvm: Nvm::default(),
            channels: Channels::default(),
            chain: Chain::default(),
            answer: Answer::default(),
            protocol: Protocol::default(),
            toolkit: Toolkit::default(),
            random,
        })
    }

    /// Adds these to the modules that the issuer can install applets of; one that has the name of another takes its place.
    pub fn know(&mut self, modules: &[Module]) {
        self.modules.retain(|old| modules.iter().all(|new| new.aid != old.aid));
        self.modules.extend_from_slice(modules);
    }

    /// Makes an instance of the module named `module` and gives it the name `instance`. Of one module there can be
    /// any number of instances; none of them is selected by this. The card [knows](Card::know) the modules from then on.
    /// The issuer domain, if there is one, has the new one in its registry as selectable.
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
        if module == ISSUER_DOMAIN {
            return Err(InstallError::UnknownModule { aid: module });
        }
        // Installing is no command: the power fails in one.
        let armed = self.nvm.cells().armed();
        self.nvm.arm(None);
        let outcome = self.make(modules, module, instance, parameters, ApplicationState::SELECTABLE);
        self.nvm.arm(armed);
        outcome?;
        self.know(modules);
        self.answer.clear();
        self.nvm.cells_mut().set_dirty();
        Ok(())
    }

    /// Has the card speak this protocol from now on.
    pub const fn speak(&mut self, protocol: Protocol) {
        self.protocol = protocol;
    }

    /// Carries out one command without any transmission protocol and returns the whole answer, whatever `Le` says;
    /// nothing if the card has no power.
    pub fn answer(&mut self, command: &Command<'_>) -> Option<Response<'_>> {
        if !self.nvm.cells().is_on() {
            return None;
        }
        let outcome = self.dispatch(command);
        if !self.nvm.cells().is_on() {
            self.lose_power();
            return None;
        }
        let sw = outcome.err().unwrap_or(self.answer.sw());
        let (data, _) = self.answer.take(usize::MAX);
        Some(Response { data, sw })
    }

    /// Non-volatile writes since the card was made: each write of an applet, and those of the journal that keep it whole.
    #[must_use]
    pub const fn writes(&self) -> u64 {
        self.nvm.cells().writes()
    }

    /// How many bytes the last of them had, or was to have when the power failed in it.
    #[must_use]
    pub const fn last_write(&self) -> usize {
        self.nvm.cells().last_write()
    }

    /// How worn the memory is.
    #[must_use]
    pub fn wear(&self) -> Wear {
        let applets = self.instances.iter().enumerate().map(|(index, one)| (Some(one.aid), Area::Applet(index)));
        let mut found = Wear { hottest: 0, applet: None, at: 0 };
        for (applet, area) in std::iter::once((None, Area::Journal)).chain(applets) {
            for (at, &wear) in self.nvm.cells().wear(area).iter().enumerate() {
                if wear > found.hottest {
                    found = Wear { hottest: wear, applet, at };
                }
            }
        }
        found
    }

    /// Whether the card has power. Once it was cut, only a reset gives it back.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.nvm.cells().is_on()
    }

    /// How cells that a cut has left unstable will read, bit by bit from the lowest: 0 the old value, 1 the new one; each is
    /// read at power-up and at every command. All read as old unless told otherwise.
    pub const fn toss(&mut self, coins: u64) {
        self.nvm.cells_mut().toss(coins);
    }

    /// Whether what an image holds has changed since this was last asked.
    pub const fn take_dirty(&mut self) -> bool {
        self.nvm.cells_mut().take_dirty()
    }

    /// The memory that the card takes itself, beside its applets': persistent for the journal, transient for a command
    /// in pieces and an answer.
    #[must_use]
    pub const fn own_demand() -> Demand {
        Demand { persistent: JOURNAL, until_deselect: 0, until_reset: BUFFER.saturating_mul(2) }
    }

    /// What it takes besides on a card with an applet that speaks through the SIM toolkit: for the command that waits, the
    /// terminal's profile, and what is in its menu.
    #[must_use]
    pub const fn toolkit_demand() -> Demand {
        Demand { persistent: 0, until_deselect: 0, until_reset: Toolkit::DEMAND }
    }

    /// The name of each instance and the memory it takes, in bytes, in order of installation. What lasts until it is
    /// deselected counts for each channel that it can be selected on at a time, and for its conversations, if it has any; the
    /// issuer domain's session counts as its own.
    pub fn demands(&self) -> impl Iterator<Item = (Aid, Demand)> {
        self.instances.iter().enumerate().map(|(index, one)| {
            let session = if self.domain == Some(index) { domain::SESSION } else { 0 };
            let until_reset = one.demand.until_reset.saturating_add(session);
            let until_deselect = one.until_deselect.len().saturating_add(one.talk.len());
            (one.aid, Demand { until_deselect, until_reset, ..one.demand })
        })
    }

    /// The answer to reset.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// The name of the instance selected on the basic channel.
    #[must_use]
    pub fn selected(&self) -> Option<Aid> {
        self.selected_on(Channel::BASIC)
    }

    /// The name of the instance selected on this channel; nothing also if the channel is closed.
    #[must_use]
    pub fn selected_on(&self, channel: Channel) -> Option<Aid> {
        self.instances.get(self.selected_index(channel)?).map(|instance| instance.aid)
    }

    /// The instance selected on this channel.
    fn selected_index(&self, channel: Channel) -> Option<usize> {
        match self.channels.get(channel)? {
            Selection::Applet(index) => Some(index),
            Selection::Domain => self.domain,
            Selection::Nothing | Selection::EfAtr => None,
        }
    }

    /// Power off and on: what was half done is taken back, transient memory is zero, all channels but the basic one are
    /// closed, no applet is selected, and nothing waits. The applets that were selected are not told, as on a JavaCard.
    fn power_up(&mut self) {
        self.lose_power();
        self.nvm.power_up();
        self.drop_unregistered();
    }

    /// Gives power to a card that comes back from its image: a reset, before which it is drawn what the unstable cells read as.
    pub fn wake(&mut self) {
        let mut coins = [0; 8];
        if !self.nvm.cells().unstable().is_empty() && self.random.fill(&mut coins).is_ok() {
            self.toss(u64::from_be_bytes(coins));
        }
        self.power_up();
    }

    pub(crate) const fn nvm(&self) -> &Nvm {
        &self.nvm
    }

    pub(crate) const fn nvm_mut(&mut self) -> &mut Nvm {
        &mut self.nvm
    }

    /// Forgets what needs power, if it failed in what was not a command of its own; whether the card has power.
    pub(crate) fn mind_power(&mut self) -> bool {
        if !self.is_on() {
            self.lose_power();
        }
        self.is_on()
    }

    /// All that needs power is gone.
    fn lose_power(&mut self) {
        for instance in &mut self.instances {
            instance.until_deselect.as_mut_slice().zeroize();
            instance.until_reset.as_mut_slice().zeroize();
            instance.talk.as_mut_slice().zeroize();
        }
        self.toolkit.reset();
        self.channels = Channels::default();
        self.secure = None;
        self.chain.drop_all();
        self.answer.wipe();
    }

    /// Calls one instance's applet, for what is done on this channel.
    #[inline]
    fn call(
        &mut self,
        index: usize,
        channel: Channel,
        call: impl FnOnce(&dyn Applet, &mut Context<'_>) -> Result<(), Sw>,
    ) -> Result<(), Sw> {
        self.lend(index, Some(channel), call)
    }

    /// Calls one instance's applet, in its conversation.
    fn call_talking(
        &mut self,
        index: usize,
        call: impl FnOnce(&dyn Applet, &mut Context<'_>) -> Result<(), Sw>,
    ) -> Result<(), Sw> {
        self.lend(index, None, call)
    }

    /// Lends one instance's applet its memory: that of this channel, or of its conversation.
    #[inline]
    fn lend(
        &mut self,
        index: usize,
        channel: Option<Channel>,
        call: impl FnOnce(&dyn Applet, &mut Context<'_>) -> Result<(), Sw>,
    ) -> Result<(), Sw> {
        let instance = self.instances.get_mut(index).ok_or(Sw::UNKNOWN)?;
        let (room, len) = self.answer.start();
        let mut region = self.nvm.region(index);
        let until_deselect = match channel {
            Some(channel) => {
                instance::until_deselect(&mut instance.until_deselect, instance.demand.until_deselect, channel)
            }
            None => &mut instance.talk,
        };
        let mut context = Context {
            aid: instance.aid,
            channel: channel.unwrap_or(Channel::BASIC),
            memory: Memory::new(&mut region),
            until_deselect: Transient::new(until_deselect),
            until_reset: Transient::new(&mut instance.until_reset),
            random: &mut *self.random,
            reply: Reply::new(room, len),
        };
        let outcome = call(&*instance.applet, &mut context);
        // An applet cannot leave a transaction open, but if it ever could, JavaCard would abort it.
        self.nvm.roll_back();
        outcome
    }

    /// Clears the memory of one instance that lasts until it is deselected on this channel.
    fn clear_until_deselect(&mut self, index: usize, channel: Channel) {
        if let Some(instance) = self.instances.get_mut(index) {
            instance.until_deselect(channel).zeroize();
        }
    }
}

impl PowerCut for Card {
    fn arm(&mut self, cut: Option<Cut>) {
        self.nvm.arm(cut);
    }

    fn armed(&self) -> Option<Cut> {
        self.nvm.cells().armed()
    }
}

impl Transport for Card {
    type Error = Infallible;

    /// If `response` cannot hold all that the command asks for, it gets what fits and `61xx`; with no room for a status word
    /// it gets nothing and the length is 0, as it is when the card has no power.
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

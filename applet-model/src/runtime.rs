//! What an applet is to its card, and what the card is to an applet.
//!
//! An [`Applet`] is code without state of its own: all that it knows lies in the memory that its card gives it
//! through the [`Context`]. A card's whole state is therefore a few byte arrays, cheap to snapshot and to restore,
//! and every persistent write passes through one [`Store`] that may be cut at any moment.

#[macro_use]
mod cell;
mod memory;
mod pin;
pub mod proactive;
mod reply;

use ::toolkit::command::Event as Occurrence;
use apdu::{Aid, Channel, Command, Sw};

pub use cell::{Cell, Fixed, Layout, MAX_LEN, Table};
pub(crate) use cell::{put_field, record, take_field};
pub use memory::{Fault, Memory, Store, Transaction, Transient};
pub use pin::{Pin, PinBlock, PinBlockError, PinTries, Verification};
pub use proactive::{Entry, Event, Next, RETRIES, Response, Terminal, Turn};
pub use reply::{Fields, Reply};

/// Code that answers commands: one module of a card's software. A card may move to another thread, and so may its
/// applets.
pub trait Applet: Send + Sync {
    /// How much memory an instance needs. What stands where in persistent memory is for ever, as cards of older versions come
    /// back: a later version puts what it adds behind what there was, and takes zeros there for "not yet".
    fn demand(&self) -> Demand;

    /// Gives the persistent memory of a new instance, all zero until now, its first contents.
    ///
    /// # Errors
    /// A status word; the instance is then not installed.
    fn install(&self, context: &mut Context<'_>) -> Result<(), Sw>;

    /// Whether it can be selected on several logical channels at a time. Each selection then has its own memory that lasts
    /// until it is deselected, so that the channels share no security state; the other memories are those of the instance.
    fn is_multiselectable(&self) -> bool {
        false
    }

    /// Called when the applet becomes the selected one; what it replies is the answer to SELECT.
    ///
    /// # Errors
    /// A status word; the applet is then not selected.
    fn select(&self, context: &mut Context<'_>) -> Result<(), Sw>;

    /// Called on the applet that leaves, when another one is selected on its channel or the channel is closed, before its
    /// transient memory is cleared. A reset tells nobody.
    fn deselect(&self, context: &mut Context<'_>);

    /// Answers one command other than SELECT by name. What is in the reply is sent with `9000`.
    ///
    /// # Errors
    /// A status word, sent alone: an error carries no data.
    fn process(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw>;

    /// Answers one STORE DATA that the issuer's security domain took out of its secure channel and hands on, after INSTALL [for
    /// personalization] named this instance. The applet need not be selected: it is lent its memory as for any call, but that
    /// which lasts until it is deselected may be another session's. Source: GlobalPlatform Card Specification, Personalization
    /// Support.
    ///
    /// # Errors
    /// A status word; `6985` from applets that take no such data.
    fn personalise(&self, _: &Command<'_>, _: &mut Context<'_>) -> Result<(), Sw> {
        Err(Sw::CONDITIONS_NOT_SATISFIED)
    }

    /// Whether it speaks to people through the SIM toolkit. It has then one more memory that lasts until it is deselected, for
    /// its conversations; and the card answers the commands of the toolkit.
    fn is_toolkit(&self) -> bool {
        false
    }

    /// Its entry in the phone's menu, and in the reply the text of it, an alpha identifier ([`toolkit::Alpha`]); or that it has
    /// none on this terminal. It is asked at the terminal's start and after each conversation, since text may change. In
    /// place of a conversation's memory it has zeros, also if one goes on.
    ///
    /// # Errors
    /// A status word: it has no entry.
    fn entry(&self, _: &Terminal<'_>, _: &mut Context<'_>) -> Result<Option<Entry>, Sw> {
        Ok(None)
    }

    /// The events of which it wants to hear by [`Event::Happened`].
    fn events(&self) -> &[Occurrence] {
        &[]
    }

    /// Begins a conversation, or goes on with it: see [`proactive`]. The applet need not be selected: `until_deselect` is the
    /// conversation's own, `channel` the basic one.
    ///
    /// # Errors
    /// A status word, with which the command of the terminal is answered; the conversation is at its end.
    fn converse(&self, _: Event<'_>, _: &Terminal<'_>, _: &mut Context<'_>) -> Result<Next, Sw> {
        Ok(Next::End)
    }
}

/// How much memory an instance of an applet needs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Memory that keeps its contents without power.
    pub persistent: usize,
    /// Memory that is cleared when the applet is deselected or the card reset.
    pub until_deselect: usize,
    /// Memory that is cleared when the card is reset.
    pub until_reset: usize,
}

/// What it costs a card to keep the writes of its applets whole, in non-volatile writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteCost {
    /// For each write of a cell that changes it, the write itself included.
    pub write: u32,
    /// For each transaction that changes anything, and for each write outside of any.
    pub commit: u32,
}

/// What the card gives an applet for one call.
pub struct Context<'a> {
    /// The name under which this instance was installed.
    pub aid: Aid,
    /// The logical channel that the call belongs to.
    pub channel: Channel,
    /// Persistent memory.
    pub memory: Memory<'a>,
    /// Transient memory, cleared on deselect and on reset.
    pub until_deselect: Transient<'a>,
    /// Transient memory, cleared on reset only.
    pub until_reset: Transient<'a>,
    /// The card's random source.
    pub random: &'a mut dyn Random,
    /// Where the answer goes.
    pub reply: Reply<'a>,
}

impl core::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Context of {}", self.aid)
    }
}

/// A source of random bytes.
pub trait Random: Send {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`Fault`] if the source has none to give; the command fails then, nothing falls back to weaker ones.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Fault>;
}

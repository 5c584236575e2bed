//! The whole state of a card, to come back to.

use std::fmt;

use apdu::{Aid, Channel, Cut, Sw};
use zeroize::Zeroizing;

use super::Card;
use super::chain::Chain;
use super::channel::Channels;
use super::domain::SecureChannel;
use super::toolkit::Toolkit;
use crate::nvm::{Area, HalfDone};

/// What a card knew at one moment: persistent and transient memory, what is selected on which channel, the issuer's
/// session, the terminal's profile and the conversation with it, what waits for GET RESPONSE or for the next piece of a chain, and, where its power failed, what is half done. Not the random source, which
/// goes on, nor the wear of the memory, nor the protocol that is spoken.
///
/// Two snapshots of one card are equal if it would go on from them in the same way. A snapshot holds keys: it is wiped
/// on drop, and silent in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    names: Vec<Aid>,
    persistent: Zeroizing<Vec<u8>>,
    transient: Zeroizing<Vec<u8>>,
    channels: Channels,
    waiting: Zeroizing<Vec<u8>>,
    waits: (Channel, Option<[u8; 4]>, Sw),
    secure: Option<Box<SecureChannel>>,
    chain: Chain,
    toolkit: Box<Toolkit>,
    half_done: Option<HalfDone>,
    armed: Option<Cut>,
}

/// The snapshot was taken of a card with other applets, or before another one was installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the snapshot is of a card with other applets")]
pub struct OtherCard;

impl Card {
    /// Copies the state.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let waiting = Zeroizing::new(self.answer.waiting().to_vec());
        Snapshot {
            names: self.instances.iter().map(|instance| instance.aid).collect(),
            persistent: Zeroizing::new(self.persistent().copied().collect()),
            transient: Zeroizing::new(self.transient().flatten().copied().collect()),
            channels: self.channels.clone(),
            waits: if waiting.is_empty() {
                (Channel::BASIC, None, Sw::OK)
            } else {
                (self.answer.channel(), self.answer.repeat(), self.answer.sw())
            },
            waiting,
            secure: self.secure.clone(),
            chain: self.chain.clone(),
            toolkit: Box::new(self.toolkit.clone()),
            half_done: self.nvm.half_done(),
            armed: self.nvm.cells().armed(),
        }
    }

    /// Goes back to a snapshot of this card, or of another one with the same applets.
    ///
    /// # Errors
    /// [`OtherCard`]; the card is then as before.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), OtherCard> {
        let same = snapshot.names.iter().eq(self.instances.iter().map(|instance| &instance.aid))
            && snapshot.persistent.len() == self.persistent().count()
            && snapshot.transient.len() == self.transient().map(Vec::len).sum::<usize>();
        if !same {
            return Err(OtherCard);
        }
        let mut rest = snapshot.persistent.as_slice();
        for (index, instance) in self.instances.iter().enumerate() {
            let (memory, after) = rest.split_at_checked(instance.demand.persistent).ok_or(OtherCard)?;
            self.nvm.cells_mut().replace(Area::Applet(index), memory).ok_or(OtherCard)?;
            rest = after;
        }
        self.nvm.set_half_done(snapshot.half_done.as_ref());
        self.nvm.arm(snapshot.armed);
        let areas =
            self.instances.iter_mut().flat_map(|one| [&mut one.until_deselect, &mut one.until_reset, &mut one.talk]);
        areas.flat_map(|area| area.iter_mut()).zip(snapshot.transient.iter()).for_each(|(to, from)| *to = *from);
        self.channels.clone_from(&snapshot.channels);
        self.chain.clone_from(&snapshot.chain);
        self.restore_toolkit(&snapshot.toolkit);
        self.secure.clone_from(&snapshot.secure);
        self.answer.restore(&snapshot.waiting, snapshot.waits);
        Ok(())
    }

    /// Whether the persistent memory of its applets is that of this snapshot.
    #[must_use]
    pub fn remembers(&self, snapshot: &Snapshot) -> bool {
        let mut rest = snapshot.persistent.as_slice();
        let same = self.nvm.cells().applets().all(|memory| {
            let (there, after) = rest.split_at_checked(memory.len()).unwrap_or_default();
            rest = after;
            there == memory
        });
        same && rest.is_empty()
    }

    /// All persistent memory, applet by applet.
    fn persistent(&self) -> impl Iterator<Item = &u8> {
        self.nvm.cells().applets().flatten()
    }

    /// All transient memory, area by area.
    fn transient(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.instances.iter().flat_map(|one| [&*one.until_deselect, &*one.until_reset, &*one.talk])
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} bytes persistent, {} transient)", self.persistent.len(), self.transient.len())
    }
}

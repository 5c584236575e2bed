//! The whole state of a card, to come back to.

use std::fmt;

use apdu::Aid;
use zeroize::Zeroizing;

use super::Card;

/// What a card knew at one moment: persistent and transient memory, the selection, and what waits for GET RESPONSE.
/// Not the random source, which goes on, nor the count of writes.
///
/// Two snapshots of one card are equal if it would go on from them in the same way. A snapshot holds keys: it is wiped
/// on drop, and silent in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    names: Vec<Aid>,
    persistent: Zeroizing<Vec<u8>>,
    transient: Zeroizing<Vec<u8>>,
    selected: Option<usize>,
    waiting: Zeroizing<Vec<u8>>,
}

/// The snapshot was taken of a card with other applets, or before another one was installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the snapshot is of a card with other applets")]
pub struct OtherCard;

impl Card {
    /// Copies the state.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            names: self.instances.iter().map(|instance| instance.aid).collect(),
            persistent: Zeroizing::new(self.nvm.bytes().to_vec()),
            transient: Zeroizing::new(self.transient().flatten().copied().collect()),
            selected: self.selected,
            waiting: Zeroizing::new(self.answer.waiting().to_vec()),
        }
    }

    /// Goes back to a snapshot of this card, or of another one with the same applets. Allocates nothing.
    ///
    /// # Errors
    /// [`OtherCard`]; the card is then as before.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), OtherCard> {
        let same = snapshot.names.iter().eq(self.instances.iter().map(|instance| &instance.aid))
            && snapshot.persistent.len() == self.nvm.bytes().len()
            && snapshot.transient.len() == self.transient().map(Vec::len).sum::<usize>();
        if !same {
            return Err(OtherCard);
        }
        self.nvm.replace(0, &snapshot.persistent).ok_or(OtherCard)?;
        let areas = self.instances.iter_mut().flat_map(|one| [&mut one.until_deselect, &mut one.until_reset]);
        areas.flat_map(|area| area.iter_mut()).zip(snapshot.transient.iter()).for_each(|(to, from)| *to = *from);
        self.selected = snapshot.selected;
        self.answer.restore(&snapshot.waiting);
        Ok(())
    }

    /// All transient memory, area by area.
    fn transient(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.instances.iter().flat_map(|instance| [&*instance.until_deselect, &*instance.until_reset])
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} bytes persistent, {} transient)", self.persistent.len(), self.transient.len())
    }
}

//! Non-volatile memory with an undo log, as a JavaCard keeps its promises: every write happens whole or not at all,
//! and all writes of a transaction happen together.
//!
//! Before memory changes, what stood there goes into the log; forgetting the log makes the change lasting. Whatever
//! the log still holds when power comes back is put back. All of this, the log included, passes through one function,
//! `Nvm::program`: the place where power can be cut.

use applet_model::runtime::{Fault, Store};
use zeroize::{Zeroize, Zeroizing};

/// The non-volatile memory of one card.
#[derive(Default)]
pub(crate) struct Nvm {
    bytes: Zeroizing<Vec<u8>>,
    log: UndoLog,
    in_transaction: bool,
    writes: u64,
    dirty: bool,
}

/// What stood in the places that changed, in the order in which they changed.
#[derive(Default)]
struct UndoLog {
    entries: Vec<Entry>,
    old: Zeroizing<Vec<u8>>,
}

impl UndoLog {
    /// Room for `len` more bytes. What moves to a larger place is wiped in the old one: it may be a PIN or a key.
    fn make_room(&mut self, len: usize) {
        let needed = self.old.len().saturating_add(len);
        if needed > self.old.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two()));
            larger.extend_from_slice(&self.old);
            self.old = larger;
        }
    }
}

struct Entry {
    at: usize,
    len: usize,
}

/// One write to non-volatile memory.
enum Write<'a> {
    /// Saves what stands in a place.
    Log { at: usize, len: usize },
    /// Changes a place.
    Data { at: usize, bytes: &'a [u8] },
    /// Puts back what the last entry of the log saved, and drops the entry.
    Undo,
    /// Empties the log: the changes are lasting.
    Forget,
}

impl Nvm {
    /// All bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many writes there were, those to the log included.
    pub(crate) const fn writes(&self) -> u64 {
        self.writes
    }

    /// Whether a byte changed since this was last asked.
    pub(crate) const fn take_dirty(&mut self) -> bool {
        std::mem::replace(&mut self.dirty, false)
    }

    /// Says that something changed which is stored with the memory.
    pub(crate) const fn set_dirty(&mut self) {
        self.dirty = true;
    }

    /// Adds `len` bytes, all zero, and returns where they begin.
    pub(crate) fn grow(&mut self, len: usize) -> usize {
        let at = self.bytes.len();
        // A new vector, as one that grows by itself leaves a copy of the keys behind.
        let mut grown = Zeroizing::new(vec![0; at.saturating_add(len)]);
        grown.iter_mut().zip(&*self.bytes).for_each(|(new, old)| *new = *old);
        self.bytes = grown;
        at
    }

    /// Gives back what [`Nvm::grow`] added at `at`.
    pub(crate) fn shrink(&mut self, at: usize) {
        self.roll_back();
        self.bytes.truncate(at);
    }

    /// Takes over other contents, of the same length, from outside the card: not a write of the card's.
    pub(crate) fn replace(&mut self, at: usize, bytes: &[u8]) -> Option<()> {
        self.roll_back();
        let room = self.bytes.get_mut(at..at.checked_add(bytes.len())?)?;
        self.dirty |= room != bytes;
        room.copy_from_slice(bytes);
        Some(())
    }

    /// Takes back what an open transaction, or one cut off, has written.
    pub(crate) fn roll_back(&mut self) {
        self.in_transaction = false;
        while !self.log.entries.is_empty() {
            if self.program(Write::Undo).is_err() {
                return;
            }
        }
    }

    /// The part of the memory that belongs to one applet.
    pub(crate) const fn region(&mut self, at: usize, len: usize) -> Region<'_> {
        Region { nvm: self, at, len }
    }

    /// Every change of non-volatile memory, one at a time.
    #[inline]
    fn program(&mut self, write: Write<'_>) -> Result<(), Fault> {
        self.writes = self.writes.saturating_add(1);
        match write {
            Write::Log { at, len } => {
                let old = self.bytes.get(at..at.checked_add(len).ok_or(Fault)?).ok_or(Fault)?;
                self.log.make_room(len);
                self.log.old.extend_from_slice(old);
                self.log.entries.push(Entry { at, len });
            }
            Write::Data { at, bytes } => {
                let room = self.bytes.get_mut(at..at.checked_add(bytes.len()).ok_or(Fault)?).ok_or(Fault)?;
                self.dirty |= room != bytes;
                room.copy_from_slice(bytes);
            }
            Write::Undo => {
                let Entry { at, len } = *self.log.entries.last().ok_or(Fault)?;
                let kept = self.log.old.len().checked_sub(len).ok_or(Fault)?;
                let old = self.log.old.get(kept..).ok_or(Fault)?;
                let room = self.bytes.get_mut(at..at.checked_add(len).ok_or(Fault)?).ok_or(Fault)?;
                room.copy_from_slice(old);
                self.log.old.truncate(kept);
                self.log.entries.pop();
            }
            Write::Forget => {
                self.log.entries.clear();
                self.log.old.as_mut_slice().zeroize();
                self.log.old.clear();
            }
        }
        Ok(())
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.program(Write::Log { at, len: bytes.len() })?;
        self.program(Write::Data { at, bytes })?;
        if self.in_transaction { Ok(()) } else { self.program(Write::Forget) }
    }
}

/// One applet's memory: a part of the card's, seen from its own offset 0.
pub(crate) struct Region<'a> {
    nvm: &'a mut Nvm,
    at: usize,
    len: usize,
}

impl Store for Region<'_> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.nvm.bytes.get(self.at..self.at.saturating_add(self.len)).unwrap_or_default()
    }

    #[inline]
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        match at.checked_add(bytes.len()) {
            Some(end) if end <= self.len => self.nvm.write(self.at.saturating_add(at), bytes),
            _ => Err(Fault),
        }
    }

    fn begin(&mut self) -> Result<(), Fault> {
        if self.nvm.in_transaction {
            return Err(Fault);
        }
        self.nvm.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Fault> {
        if !self.nvm.in_transaction {
            return Err(Fault);
        }
        if !self.nvm.log.entries.is_empty() {
            self.nvm.program(Write::Forget)?;
        }
        self.nvm.in_transaction = false;
        Ok(())
    }

    fn abort(&mut self) {
        self.nvm.roll_back();
    }
}

#[cfg(test)]
#[path = "nvm/tests.rs"]
mod tests;

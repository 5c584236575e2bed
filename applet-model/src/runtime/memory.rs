//! Persistent and transient memory as an applet sees them.

use apdu::Sw;
use zeroize::Zeroize;

use super::cell::{Cell, Fixed, MAX_LEN};

/// The card could not do what every card can: its memory failed or its power went. Answered `6581`, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the card's memory failed or its power went")]
pub struct Fault;

impl From<Fault> for Sw {
    fn from(_: Fault) -> Self {
        Self::MEMORY_FAILURE
    }
}

/// Persistent memory of one applet, as the card provides it.
///
/// Once a call has returned [`Fault`] because the power went, every further one does so too.
pub trait Store {
    /// All bytes as they are now, with what an open transaction has written.
    fn bytes(&self) -> &[u8];

    /// Writes `bytes` at this offset: as part of the open transaction, or else atomically by itself.
    ///
    /// # Errors
    /// [`Fault`], also for a place that the memory does not have.
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Fault>;

    /// Opens a transaction.
    ///
    /// # Errors
    /// [`Fault`], also if one is open.
    fn begin(&mut self) -> Result<(), Fault>;

    /// Makes all writes since [`Store::begin`] lasting, at once.
    ///
    /// # Errors
    /// [`Fault`]; then none of them has happened.
    fn commit(&mut self) -> Result<(), Fault>;

    /// Takes all writes since [`Store::begin`] back.
    fn abort(&mut self);
}

/// Persistent memory outside any transaction: each write is atomic and lasting by itself.
///
/// What must never be taken back by an abort (counting a try) asks for `&mut Memory`: inside a transaction there is none.
pub struct Memory<'a> {
    store: &'a mut dyn Store,
}

/// Persistent memory inside a transaction: all writes happen, or none.
pub struct Transaction<'a> {
    store: &'a mut dyn Store,
}

impl<'a> Memory<'a> {
    /// The memory that this store holds.
    pub fn new(store: &'a mut dyn Store) -> Self {
        Self { store }
    }

    /// The same memory, for a part of a call.
    #[must_use]
    pub const fn reborrow(&mut self) -> Memory<'_> {
        Memory { store: self.store }
    }

    /// The value in a cell.
    #[inline]
    #[must_use]
    pub fn read<T: Fixed>(&self, cell: Cell<T>) -> T {
        cell.read(self.store.bytes())
    }

    /// Writes one cell, atomically.
    ///
    /// # Errors
    /// [`Fault`].
    #[inline]
    pub fn write<T: Fixed>(&mut self, cell: Cell<T>, value: &T) -> Result<(), Fault> {
        write(self.store, cell, value)
    }

    /// Runs `change` as one transaction: commits if it succeeds, takes everything back if it does not.
    ///
    /// # Errors
    /// What `change` returned, or `6581` if the commit failed.
    pub fn atomically<T>(&mut self, change: impl FnOnce(&mut Transaction<'_>) -> Result<T, Sw>) -> Result<T, Sw> {
        self.store.begin()?;
        match change(&mut Transaction { store: &mut *self.store }) {
            Ok(value) => {
                self.store.commit()?;
                Ok(value)
            }
            Err(sw) => {
                self.store.abort();
                Err(sw)
            }
        }
    }
}

impl Transaction<'_> {
    /// The value in a cell, as written so far.
    #[inline]
    #[must_use]
    pub fn read<T: Fixed>(&self, cell: Cell<T>) -> T {
        cell.read(self.store.bytes())
    }

    /// Writes one cell, lasting when the transaction is committed.
    ///
    /// # Errors
    /// [`Fault`].
    #[inline]
    pub fn write<T: Fixed>(&mut self, cell: Cell<T>, value: &T) -> Result<(), Fault> {
        write(self.store, cell, value)
    }
}

#[inline]
fn write<T: Fixed>(store: &mut dyn Store, cell: Cell<T>, value: &T) -> Result<(), Fault> {
    const { assert!(T::LEN <= MAX_LEN, "a stored value is at most MAX_LEN bytes long") };
    let mut room = [0; MAX_LEN];
    let bytes = room.get_mut(..T::LEN).ok_or(Fault)?;
    value.store(bytes);
    let written = store.write(cell.at(), bytes);
    // It may have been a key or a PIN.
    bytes.zeroize();
    written
}

/// Transient memory: reads and writes always succeed, and power takes all of it.
pub struct Transient<'a> {
    bytes: &'a mut [u8],
}

/// Shows how much there is, not what: it may be secret.
impl core::fmt::Debug for Transient<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Transient({} bytes)", self.bytes.len())
    }
}

impl<'a> Transient<'a> {
    /// The memory in these bytes.
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    /// The same memory, for a part of a call.
    #[must_use]
    pub const fn reborrow(&mut self) -> Transient<'_> {
        Transient { bytes: self.bytes }
    }

    /// The value in a cell.
    #[inline]
    #[must_use]
    pub fn read<T: Fixed>(&self, cell: Cell<T>) -> T {
        cell.read(self.bytes)
    }

    /// Writes one cell.
    #[inline]
    pub fn write<T: Fixed>(&mut self, cell: Cell<T>, value: &T) {
        if let Some(bytes) = self.bytes.get_mut(cell.at()..cell.at().saturating_add(T::LEN)) {
            value.store(bytes);
        }
    }

    /// The value in a cell, which is all zero afterwards.
    #[inline]
    pub fn take<T: Fixed>(&mut self, cell: Cell<T>) -> T {
        let value = self.read(cell);
        if let Some(bytes) = self.bytes.get_mut(cell.at()..cell.at().saturating_add(T::LEN)) {
            bytes.fill(0);
        }
        value
    }
}

impl core::fmt::Debug for Memory<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Memory({} bytes)", self.store.bytes().len())
    }
}

impl core::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Transaction({} bytes)", self.store.bytes().len())
    }
}

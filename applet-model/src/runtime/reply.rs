//! Data fields: written as a reply, read as fields.

use apdu::Sw;

use super::{Fixed, MAX_LEN};

/// The data of an answer under construction.
pub struct Reply<'a> {
    room: &'a mut [u8],
    len: &'a mut usize,
}

/// Shows how much there is, not what: it may be secret.
impl core::fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Reply({} bytes)", self.len)
    }
}

impl<'a> Reply<'a> {
    /// A reply into `room`; `len` says how much of it is used.
    pub const fn new(room: &'a mut [u8], len: &'a mut usize) -> Self {
        Self { room, len }
    }

    /// Adds these bytes.
    ///
    /// # Errors
    /// `6F00` if the card's buffer is too small: no command of a card answers more than its buffer holds.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), Sw> {
        let end = self.len.saturating_add(bytes.len());
        self.room.get_mut(*self.len..end).ok_or(Sw::UNKNOWN)?.copy_from_slice(bytes);
        *self.len = end;
        Ok(())
    }

    /// Adds a value of fixed width.
    ///
    /// # Errors
    /// `6F00` as for [`Reply::put`].
    #[inline]
    pub fn value<T: Fixed>(&mut self, value: &T) -> Result<(), Sw> {
        const { assert!(T::LEN <= MAX_LEN) };
        let end = self.len.saturating_add(T::LEN);
        value.store(self.room.get_mut(*self.len..end).ok_or(Sw::UNKNOWN)?);
        *self.len = end;
        Ok(())
    }

    /// What was written so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.room.get(..*self.len).unwrap_or_default()
    }
}

/// Reads the fields of a data field, one after the other.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    bytes: &'a [u8],
}

/// Shows how much there is, not what: it may be secret.
impl core::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Fields({} bytes)", self.bytes.len())
    }
}

impl<'a> Fields<'a> {
    /// The fields of this data.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next value of fixed width.
    #[inline]
    pub fn take<T: Fixed>(&mut self) -> Option<T> {
        self.slice(T::LEN).map(T::load)
    }

    /// The next `len` bytes.
    #[inline]
    pub fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(field)
    }

    /// All that is left.
    #[must_use]
    pub const fn rest(self) -> &'a [u8] {
        self.bytes
    }

    /// Nothing, unless all bytes have been read.
    #[inline]
    #[must_use]
    pub fn end(self) -> Option<()> {
        self.bytes.is_empty().then_some(())
    }
}

//! Values of fixed width: how each is written, and where it lies in an applet's memory.

use core::marker::PhantomData;

/// A value of fixed width, in memory and in the data fields of commands. All zero reads as a value too: memory starts so.
pub trait Fixed: Sized {
    /// Its width in bytes.
    const LEN: usize;

    /// Reads it from exactly [`Self::LEN`] bytes.
    fn load(bytes: &[u8]) -> Self;

    /// Writes it into exactly [`Self::LEN`] bytes.
    fn store(&self, out: &mut [u8]);
}

/// The longest [`Fixed`] value that memory holds, in bytes.
pub const MAX_LEN: usize = 64;

/// The place of one value.
#[derive(Debug)]
pub struct Cell<T> {
    at: usize,
    value: PhantomData<fn() -> T>,
}

/// The places of a row of values.
#[derive(Debug)]
pub struct Table<T> {
    at: usize,
    count: usize,
    value: PhantomData<fn() -> T>,
}

/// Hands out places, one after the other.
#[derive(Debug, Default)]
pub struct Layout {
    len: usize,
}

impl Layout {
    /// The next free place.
    pub fn cell<T: Fixed>(&mut self) -> Cell<T> {
        let cell = Cell { at: self.len, value: PhantomData };
        self.len = self.len.saturating_add(T::LEN);
        cell
    }

    /// The next `count` free places.
    pub fn table<T: Fixed>(&mut self, count: usize) -> Table<T> {
        let table = Table { at: self.len, count, value: PhantomData };
        self.len = self.len.saturating_add(T::LEN.saturating_mul(count));
        table
    }

    /// How many bytes have been handed out.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been handed out.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<T> Clone for Cell<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Cell<T> {}

impl<T: Fixed> Cell<T> {
    /// Offset in bytes.
    #[inline]
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The value here, out of all bytes of the memory.
    #[inline]
    pub(super) fn read(&self, bytes: &[u8]) -> T {
        // A place that the memory does not have reads as zero; the card gives every applet what it demands.
        match bytes.get(self.at..self.at.saturating_add(T::LEN)) {
            Some(bytes) => T::load(bytes),
            None => T::load(ZERO.get(..T::LEN).unwrap_or_default()),
        }
    }
}

const ZERO: [u8; MAX_LEN] = [0; MAX_LEN];

impl<T: Fixed> Table<T> {
    /// How many places the table has.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The length of the table in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count.saturating_mul(T::LEN)
    }

    /// Offset of the first place in bytes.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Whether the table has no place at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The place with this index, counted from 0.
    #[must_use]
    pub fn cell(&self, index: usize) -> Option<Cell<T>> {
        (index < self.count)
            .then(|| Cell { at: self.at.saturating_add(index.saturating_mul(T::LEN)), value: PhantomData })
    }

    /// All places in order.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = Cell<T>> {
        let at = self.at;
        (0..self.count)
            .map(move |index| Cell { at: at.saturating_add(index.saturating_mul(T::LEN)), value: PhantomData })
    }
}

macro_rules! stored_integer {
    ($($integer:ty),*) => {$(
        impl Fixed for $integer {
            const LEN: usize = size_of::<$integer>();
            #[inline]
            fn load(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or(0, |bytes| Self::from_be_bytes(*bytes))
            }
            #[inline]
            fn store(&self, out: &mut [u8]) {
                out.copy_from_slice(&self.to_be_bytes());
            }
        }
    )*};
}
stored_integer!(u8, u16, u32, u64, u128);

impl<const N: usize> Fixed for [u8; N] {
    const LEN: usize = N;
    #[inline]
    fn load(bytes: &[u8]) -> Self {
        bytes.first_chunk().copied().unwrap_or([0; N])
    }
    #[inline]
    fn store(&self, out: &mut [u8]) {
        out.copy_from_slice(self);
    }
}

/// Declares a struct whose fields, all [`Fixed`], stand one after the other without gaps.
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type,)* }

        impl $crate::runtime::Fixed for $name {
            const LEN: usize = 0 $(+ <$type as $crate::runtime::Fixed>::LEN)*;
            #[inline]
            fn load(bytes: &[u8]) -> Self {
                let mut rest = bytes;
                Self { $($field: $crate::runtime::take_field(&mut rest),)* }
            }
            #[inline]
            fn store(&self, out: &mut [u8]) {
                let rest = out;
                $(let rest = $crate::runtime::put_field(&self.$field, rest);)*
                debug_assert!(rest.is_empty());
            }
        }
    };
}
pub(crate) use record;

/// The next field of a record.
#[inline]
pub(crate) fn take_field<T: Fixed>(rest: &mut &[u8]) -> T {
    let (field, after) = rest.split_at_checked(T::LEN).unwrap_or((ZERO.get(..T::LEN).unwrap_or_default(), &[]));
    *rest = after;
    T::load(field)
}

/// Writes the next field of a record and returns the room after it.
#[inline]
pub(crate) fn put_field<'a, T: Fixed>(value: &T, rest: &'a mut [u8]) -> &'a mut [u8] {
    match rest.split_at_mut_checked(T::LEN) {
        Some((room, after)) => {
            value.store(room);
            after
        }
        None => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_each_other_without_gaps() {
        let mut layout = Layout::default();
        assert!(layout.is_empty());
        let (first, table, last) = (layout.cell::<u16>(), layout.table::<u32>(3), layout.cell::<[u8; 5]>());
        assert_eq!((first.at(), last.at(), layout.len()), (0, 14, 19));
        assert!(!layout.is_empty());
        assert_eq!((table.count(), table.len(), table.is_empty()), (3, 12, false));
        assert!(table.cells().map(|cell| cell.at()).eq([2, 6, 10]));
        let by_index = [0, 1, 2, 3, usize::MAX].map(|index| table.cell(index).map(|cell| cell.at()));
        assert_eq!(by_index, [Some(2), Some(6), Some(10), None, None]);
        let none = layout.table::<u32>(0);
        assert!(none.is_empty() && none.cell(0).is_none() && none.cells().next().is_none());
        assert_eq!((none.len(), layout.len()), (0, 19));
    }

    /// Every byte of a record and its order, both directions.
    #[test]
    fn what_is_stored_is_loaded() {
        record! {
            #[derive(Debug, PartialEq, Eq)]
            struct All {
                one: u8,
                two: u16,
                four: u32,
                eight: u64,
                sixteen: u128,
                three: [u8; 3],
            }
        }
        let all = All {
            one: 0x01,
            two: 0x0203,
            four: 0x0405_0607,
            eight: 0x0809_0A0B_0C0D_0E0F,
            sixteen: 0x1011_1213_1415_1617_1819_1A1B_1C1D_1E1F,
            three: [0x20, 0x21, 0x22],
        };
        let mut bytes = [0; All::LEN];
        all.store(&mut bytes);
        assert!(bytes.iter().copied().eq(0x01..=0x22));
        assert_eq!(All::load(&bytes), all);
    }

    /// A place that the memory does not have reads as zero.
    #[test]
    fn beyond_the_end_is_zero() {
        let mut layout = Layout::default();
        let (inside, across) = (layout.cell::<u16>(), layout.cell::<u16>());
        let memory = [0xFF; 3];
        assert_eq!((inside.read(&memory), across.read(&memory)), (0xFFFF, 0));
        assert_eq!(layout.cell::<[u8; 4]>().read(&memory), [0; 4]);
    }
}

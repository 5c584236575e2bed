//! Writing data objects.

use super::Tag;
use crate::buffer::{BufferTooSmall, write_parts};

/// Writes data objects one after the other into a caller's buffer, with lengths in their shortest
/// form.
///
/// ```
/// use apdu::{Tag, tlv::Writer};
/// let mut buffer = [0; 32];
/// let mut writer = Writer::new(&mut buffer);
/// writer.constructed(Tag::new(0x6F), |fci| {
///     fci.put(Tag::new(0x84), &[0xF0, 1, 2, 3, 4])?;
///     fci.put(Tag::new(0xA5), &[])
/// })?;
/// assert_eq!(writer.finish(), [0x6F, 9, 0x84, 5, 0xF0, 1, 2, 3, 4, 0xA5, 0]);
/// # Ok::<(), apdu::BufferTooSmall>(())
/// ```
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl<'b> Writer<'b> {
    /// A writer that begins at the start of `buffer`.
    #[inline]
    #[must_use]
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// Writes a data object with a value of less than 4 GiB. The value of a constructed tag must be
    /// encoded already; to have that done use [`constructed`](Self::constructed).
    ///
    /// # Errors
    /// [`BufferTooSmall`] with the bytes needed so far; the writer is then as before the call.
    #[inline]
    pub fn put(&mut self, tag: Tag, value: &[u8]) -> Result<(), BufferTooSmall> {
        with_length_field(value.len(), |length| self.append(&[tag.as_bytes(&mut [0; 3]), length, value]))
    }

    /// Writes a data object whose value is what `inner` writes.
    ///
    /// # Errors
    /// [`BufferTooSmall`], also from `inner`; the writer is then as before the call.
    pub fn constructed(
        &mut self,
        tag: Tag,
        inner: impl FnOnce(&mut Self) -> Result<(), BufferTooSmall>,
    ) -> Result<(), BufferTooSmall> {
        let start = self.length;
        let written = self.nest(tag, inner);
        if written.is_err() {
            self.length = start;
        }
        written
    }

    /// Leaves one byte for the length, writes the value, and moves it up if the length needs more.
    fn nest(
        &mut self,
        tag: Tag,
        inner: impl FnOnce(&mut Self) -> Result<(), BufferTooSmall>,
    ) -> Result<(), BufferTooSmall> {
        self.append(&[tag.as_bytes(&mut [0; 3])])?;
        let mark = self.length;
        self.append(&[&[0]])?;
        let first = self.length;
        inner(self)?;
        let end = self.length;
        with_length_field(end.saturating_sub(first), |field| {
            let room = field.len().saturating_sub(1);
            self.append(&[[0; 4].get(..room).unwrap_or(&[])])?;
            self.buffer.copy_within(first..end, first.saturating_add(room));
            let at_mark = self.buffer.get_mut(mark..).unwrap_or_default();
            write_parts(at_mark, &[field]).map(|_| ())
        })
    }

    fn append(&mut self, parts: &[&[u8]]) -> Result<(), BufferTooSmall> {
        let available = self.buffer.len();
        let free = self.buffer.get_mut(self.length..).unwrap_or_default();
        let count = write_parts(free, parts)
            .map_err(|error| BufferTooSmall { needed: self.length.saturating_add(error.needed), available })?;
        self.length = self.length.saturating_add(count);
        Ok(())
    }

    /// How many bytes were written.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing was written yet.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What was written.
    #[inline]
    #[must_use]
    pub fn finish(self) -> &'b [u8] {
        self.buffer.get(..self.length).unwrap_or(&[])
    }
}

/// Calls `write` with the shortest length field for `length`. Values of 4 GiB and more, which no
/// length field can say, are not looked out for.
fn with_length_field<T>(length: usize, write: impl FnOnce(&[u8]) -> T) -> T {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let [b1, b2, b3, b4] = length.to_be_bytes();
    match length {
        0..=0x7F => write(&[b4]),
        0x80..=0xFF => write(&[0x81, b4]),
        0x100..=0xFFFF => write(&[0x82, b3, b4]),
        0x1_0000..=0xFF_FFFF => write(&[0x83, b2, b3, b4]),
        _ => write(&[0x84, b1, b2, b3, b4]),
    }
}

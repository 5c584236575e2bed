//! Fields one after the other, most of them behind their length.

use apdu::{Aid, BufferTooSmall, Sw};

use super::EncodeError;

/// What is left to read. Each refusal is `6A80`.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn byte(&mut self) -> Result<u8, Sw> {
        let (byte, rest) = self.0.split_first().ok_or(Sw::WRONG_DATA)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Sw> {
        let (field, rest) = self.0.split_at_checked(count).ok_or(Sw::WRONG_DATA)?;
        self.0 = rest;
        Ok(field)
    }

    /// A field behind a length of one byte.
    pub(super) fn short(&mut self) -> Result<&'a [u8], Sw> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    /// A field behind a length of one byte up to 127, else `81` or `82` and one byte or two, the shortest that will do.
    pub(super) fn long(&mut self) -> Result<&'a [u8], Sw> {
        let length = match self.byte()? {
            length @ ..=0x7F => u16::from(length),
            0x81 => Some(u16::from(self.byte()?)).filter(|length| *length > 0x7F).ok_or(Sw::WRONG_DATA)?,
            0x82 => {
                let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
                Some(length).filter(|length| *length > 0xFF).ok_or(Sw::WRONG_DATA)?
            }
            _ => return Err(Sw::WRONG_DATA),
        };
        self.take(usize::from(length))
    }

    pub(super) fn aid(&mut self) -> Result<Aid, Sw> {
        Aid::new(self.short()?).map_err(|_| Sw::WRONG_DATA)
    }

    /// A field that has to be empty.
    pub(super) fn nothing(&mut self) -> Result<(), Sw> {
        if self.short()?.is_empty() { Ok(()) } else { Err(Sw::WRONG_DATA) }
    }

    pub(super) const fn end(&self) -> Result<(), Sw> {
        if self.0.is_empty() { Ok(()) } else { Err(Sw::WRONG_DATA) }
    }
}

/// What was written, and the room behind it.
pub(super) struct Room<'b> {
    out: &'b mut [u8],
    length: usize,
}

impl<'b> Room<'b> {
    pub(super) const fn new(out: &'b mut [u8]) -> Self {
        Self { out, length: 0 }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), BufferTooSmall> {
        let needed = self.length.saturating_add(bytes.len());
        let small = BufferTooSmall { needed, available: self.out.len() };
        self.out.get_mut(self.length..needed).ok_or(small)?.copy_from_slice(bytes);
        self.length = needed;
        Ok(())
    }

    /// A field behind a length of one byte.
    pub(super) fn short(&mut self, field: &[u8]) -> Result<(), EncodeError> {
        let length = u8::try_from(field.len()).map_err(|_| EncodeError::Field { length: field.len() })?;
        self.put(&[length])?;
        Ok(self.put(field)?)
    }

    /// A field behind a length of one to three bytes.
    pub(super) fn long(&mut self, field: &[u8]) -> Result<(), EncodeError> {
        let length = u16::try_from(field.len()).map_err(|_| EncodeError::Field { length: field.len() })?;
        match length.to_be_bytes() {
            [0, low @ ..=0x7F] => self.put(&[low])?,
            [0, low] => self.put(&[0x81, low])?,
            [high, low] => self.put(&[0x82, high, low])?,
        }
        Ok(self.put(field)?)
    }

    pub(super) fn finish(self) -> &'b [u8] {
        self.out.get(..self.length).unwrap_or_default()
    }
}

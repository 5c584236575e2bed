//! A command of the purse on its way to the card, and its answer on the way back.

use apdu::{Cla, Command, CommandError, Sw};

use crate::runtime::{Fields, Fixed};

/// One command of the purse, as its user sees it.
pub trait Instruction {
    /// What the card answers with `9000`.
    type Answer: Answer;

    /// The command with its data.
    fn frame(&self) -> Frame;
}

/// What a card answers.
pub trait Answer: Sized {
    /// Reads the data field; nothing if it is not what this command answers.
    fn read(data: &[u8]) -> Option<Self>;
}

/// The longest answer of fixed width, in bytes: a short response holds no more.
const LONGEST: usize = 256;

impl Answer for () {
    fn read(data: &[u8]) -> Option<Self> {
        data.is_empty().then_some(())
    }
}

impl<T: Fixed> Answer for T {
    fn read(data: &[u8]) -> Option<Self> {
        let value: T = whole(data)?;
        // What reads as something else than it is, such as a number that is none, is no answer.
        let mut again = [0; LONGEST];
        let again = again.get_mut(..T::LEN)?;
        value.store(again);
        (again == data).then_some(value)
    }
}

/// Header and data of a command. The data may hold a PIN or keys: wiped on drop, silent in `Debug`.
pub struct Frame {
    cla: u8,
    ins: u8,
    p1: u8,
    p2: u8,
    data: [u8; 255],
    len: usize,
    ne: u32,
}

impl Frame {
    /// A command without data that expects none.
    #[must_use]
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2, data: [0; 255], len: 0, ne: 0 }
    }

    /// With these bytes of data at the end. More than 255 in all are cut off, and the card answers `6700`.
    #[must_use]
    pub fn with(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            if let Some(room) = self.data.get_mut(self.len) {
                *room = *byte;
                self.len = self.len.saturating_add(1);
            }
        }
        self
    }

    /// With a value of fixed width at the end.
    #[must_use]
    pub fn with_value<T: Fixed>(mut self, value: &T) -> Self {
        let end = self.len.saturating_add(T::LEN);
        if let Some(room) = self.data.get_mut(self.len..end) {
            value.store(room);
            self.len = end;
        }
        self
    }

    /// With a code at the end, BCD.
    #[must_use]
    pub fn with_code(self, code: &digitally::Code) -> Self {
        let mut bytes = [0; digitally::Code::MAX_BCD];
        let len = code.write_bcd(&mut bytes).unwrap_or(0);
        self.with(bytes.get(..len).unwrap_or_default())
    }

    /// Expecting exactly so many bytes.
    #[must_use]
    pub const fn expecting(mut self, ne: u32) -> Self {
        self.ne = ne;
        self
    }

    /// Expecting as many bytes as there are, up to 256.
    #[must_use]
    pub const fn expecting_any(self) -> Self {
        self.expecting(256)
    }

    /// CLA, INS, P1 and P2.
    #[must_use]
    pub const fn header(&self) -> [u8; 4] {
        [self.cla, self.ins, self.p1, self.p2]
    }

    /// The command.
    ///
    /// # Errors
    /// None for the commands of the purse: their data is at most 255 bytes long.
    pub fn command(&self) -> Result<Command<'_>, CommandError> {
        let data = self.data.get(..self.len).unwrap_or_default();
        Command::new(Cla::from(self.cla), self.ins, self.p1, self.p2, data, self.ne)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.data);
    }
}

impl core::fmt::Debug for Frame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Frame({:02X} {:02X} {:02X} {:02X}, {} bytes)", self.cla, self.ins, self.p1, self.p2, self.len)
    }
}

/// Bytes as one value, to the last of them.
pub(super) fn whole<T: Fixed>(data: &[u8]) -> Option<T> {
    let mut fields = Fields::new(data);
    let value = fields.take()?;
    fields.end().map(|()| value)
}

/// The data field as one value.
///
/// # Errors
/// `6700` for another length.
pub(super) fn value<T: Fixed>(command: &Command<'_>) -> Result<T, Sw> {
    whole(command.data()).ok_or(Sw::WRONG_LENGTH)
}

/// Checks P1 and P2.
///
/// # Errors
/// `6A86` for any others.
#[inline]
pub(super) fn parameters(command: &Command<'_>, p1: u8, p2: u8) -> Result<(), Sw> {
    if (command.p1(), command.p2()) == (p1, p2) { Ok(()) } else { Err(Sw::INCORRECT_P1_P2) }
}

/// Checks that there is no data.
///
/// # Errors
/// `6700` if there is.
#[inline]
pub(super) fn no_data(command: &Command<'_>) -> Result<(), Sw> {
    if command.data().is_empty() { Ok(()) } else { Err(Sw::WRONG_LENGTH) }
}

//! One long command as a chain of short ones.

use core::iter::FusedIterator;

use super::{Case, Command};
use crate::class::Cla;

/// A class byte has no bit that could say that more of a chain follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the command has {nc} bytes of data, and its class byte {cla} cannot be chained")]
pub struct Unchainable {
    /// The class byte.
    pub cla: Cla,
    /// How many bytes of data the command has.
    pub nc: usize,
}

/// The commands into which [`Command::chain`] has cut one.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    rest: Option<Command<'a>>,
    // The class byte of all but the last.
    more: Cla,
    // At least 1.
    max: usize,
}

impl<'a> Command<'a> {
    /// Cuts the command into a chain of commands with `max` bytes of data at most (0 is taken for 1).
    ///
    /// All but the last have the chaining bit and expect no data; the last has the class byte and the `Ne` of the
    /// whole. Each takes the shortest form that holds it. A command that need not be cut is a chain of one, and keeps
    /// its form.
    ///
    /// Send the next one only after `9000`: another status word is the answer to the whole.
    ///
    /// # Errors
    /// [`Unchainable`] if it must be cut and its class byte is `20`-`3F`, `EF` or `FF`.
    ///
    /// ```
    /// use apdu::{Cla, Command};
    /// let whole = Command::new(Cla::PROPRIETARY, 0xE2, 0, 0, b"four score", 256)?;
    /// let pieces = whole.chain(4)?.map(|piece| (piece.cla().byte(), piece.data(), piece.ne()));
    /// assert!(pieces.eq([(0x90, b"four".as_slice(), 0), (0x90, b" sco", 0), (0x80, b"re", 256)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: ISO/IEC 7816-4:2013 §5.3.3, command chaining.
    pub fn chain(&self, max: usize) -> Result<Chain<'a>, Unchainable> {
        let (cla, nc, max) = (self.cla, self.data.len(), max.max(1));
        let more = if nc > max { cla.chained().ok_or(Unchainable { cla, nc })? } else { cla };
        Ok(Chain { rest: Some(*self), more, max })
    }
}

impl<'a> Iterator for Chain<'a> {
    type Item = Command<'a>;

    fn next(&mut self) -> Option<Command<'a>> {
        let whole = self.rest.take()?;
        let Some((data, behind)) = whole.data.split_at_checked(self.max).filter(|(_, behind)| !behind.is_empty())
        else {
            return Some(whole);
        };
        self.rest = Some(Command { data: behind, case: Case::shortest(behind.len(), whole.ne), ..whole });
        Some(Command { cla: self.more, data, ne: 0, case: Case::shortest(data.len(), 0), ..whole })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rest.map_or(0, |rest| rest.data.len().div_ceil(self.max).max(1));
        (left, Some(left))
    }
}

impl ExactSizeIterator for Chain<'_> {}
impl FusedIterator for Chain<'_> {}

//! How much of a file may be read in one piece, so that what is held of it at once has a bound, whatever the file is.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// What is left of the piece that is being read: a head, or a test with what the groups before it say of themselves.
#[derive(Clone, Debug)]
pub(super) struct Piece(Rc<Cell<u64>>);

impl Piece {
    /// The longest piece, in bytes: more than ten thousand times an ordinary test.
    const LONGEST: u64 = 16 << 20;

    pub(super) fn new() -> Self {
        Self(Rc::new(Cell::new(Self::LONGEST)))
    }

    /// The next one begins.
    pub(super) fn next(&self) {
        self.0.set(Self::LONGEST);
    }

    /// What comes is not held at all, until the next one begins.
    pub(super) fn skip(&self) {
        self.0.set(u64::MAX);
    }
}

/// Reads until a piece is too long.
pub(super) struct Pieces<R>(pub(super) R, pub(super) Piece);

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Self(from, Piece(left)) = self;
        if left.get() == 0 {
            return Err(io::Error::other(format!("a single test or head has more than {} MiB", Piece::LONGEST >> 20)));
        }
        let len = from.read(into)?;
        left.set(left.get().saturating_sub(u64::try_from(len).unwrap_or(u64::MAX)));
        Ok(len)
    }
}

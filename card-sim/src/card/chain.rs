//! Command chaining: one command in several pieces.
//!
//! Every piece but the last has bit 5 of its class byte set; all have the same class otherwise, the same instruction,
//! P1 and P2. The pieces are kept and answered `9000` until the last one comes, and then the command is carried out with
//! the data of all of them. More data than the card's buffer holds is `6700`, and the pieces are gone.
//!
//! Any other command in between gives the chain up and is carried out as if there had been none: nothing has happened
//! yet, and a SELECT has to find its way whatever came before it.
//!
//! Source: ISO/IEC 7816-4:2013 §5.3.3, command chaining.

use apdu::{Command, Sw};
use zeroize::{Zeroize, Zeroizing};

use super::BUFFER;

/// The pieces that have come so far.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Chain {
    header: Option<[u8; 4]>,
    data: Zeroizing<Vec<u8>>,
}

impl Chain {
    /// Whether a piece waits for its next.
    #[inline]
    pub(super) const fn is_open(&self) -> bool {
        self.header.is_some()
    }

    /// Takes a piece that is not the last.
    pub(super) fn push(&mut self, piece: &Command<'_>) -> Result<(), Sw> {
        if self.header != Some(header(piece)) {
            self.drop_all();
        }
        self.append(piece.data())?;
        self.header = Some(header(piece));
        Ok(())
    }

    /// All the data, if this is the last piece; nothing if it belongs to no chain.
    pub(super) fn end(&mut self, last: &Command<'_>) -> Option<Result<Zeroizing<Vec<u8>>, Sw>> {
        if self.header != Some(header(last)) {
            self.drop_all();
            return None;
        }
        let appended = self.append(last.data());
        self.header = None;
        Some(appended.map(|()| std::mem::take(&mut self.data)))
    }

    /// Forgets the pieces.
    pub(super) fn drop_all(&mut self) {
        self.header = None;
        self.data.as_mut_slice().zeroize();
        self.data.clear();
    }

    fn append(&mut self, data: &[u8]) -> Result<(), Sw> {
        if self.data.len().saturating_add(data.len()) > BUFFER {
            self.drop_all();
            return Err(Sw::WRONG_LENGTH);
        }
        // All at once: a vector that grows leaves copies behind.
        let free = BUFFER.saturating_sub(self.data.len());
        self.data.reserve_exact(free);
        self.data.extend_from_slice(data);
        Ok(())
    }
}

/// What all pieces have in common.
const fn header(command: &Command<'_>) -> [u8; 4] {
    [command.cla().unchained().byte(), command.ins(), command.p1(), command.p2()]
}

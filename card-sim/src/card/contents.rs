//! What a card holds, for those who look at its memory from outside: an exporter, a test.

use std::fmt;

use apdu::Aid;

use super::{Card, Instance};
use crate::nvm::{Area, Unstable};

/// One applet on the card, with all that it keeps.
#[derive(Clone, Copy)]
pub struct Held<'c> {
    /// The module that it is an instance of.
    pub module: Aid,
    /// Its name.
    pub aid: Aid,
    /// Its install parameters.
    pub parameters: &'c [u8],
    /// Its persistent memory, with what is half done in it. **It holds keys and PINs**: whoever shows any of it has to
    /// know which bytes are none.
    pub memory: &'c [u8],
}

/// A cell of persistent memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose memory; nothing for the card's own, the journal.
    pub applet: Option<Aid>,
    /// Where in it, in bytes from its start.
    pub at: usize,
}

impl Card {
    /// Each applet with its memory, in order of installation.
    pub fn contents(&self) -> impl Iterator<Item = Held<'_>> {
        self.memories().map(|(Instance { module, aid, parameters, .. }, memory)| Held {
            module: *module,
            aid: *aid,
            parameters,
            memory,
        })
    }

    /// The cells that a failing power has left unstable: each reads as its old value or as its new one.
    pub fn unstable(&self) -> impl Iterator<Item = Place> {
        self.nvm.cells().unstable().iter().map(|&Unstable { area, at, .. }| {
            let index = match area {
                Area::Journal => None,
                Area::Applet(index) => Some(index),
            };
            let applet = index.and_then(|index| self.instances.get(index)).map(|instance| instance.aid);
            Place { applet, at }
        })
    }

    /// The number of the last transaction that is done, as the marks of the journal have it.
    #[must_use]
    pub fn transaction(&self) -> u32 {
        self.nvm.last_done()
    }
}

/// Silent about parameters and memory: they may be secret.
impl fmt::Debug for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}, {} bytes", self.aid, self.module, self.memory.len())
    }
}

//! Non-volatile memory as a JavaCard keeps its promises: every write happens whole or not at all, and all writes of a
//! transaction happen together, wherever the power fails.
//!
//! `cells` is the memory itself, and the only place where it changes; `journal` is how a change that was cut off is
//! taken back at the next power-up, also if the power fails again meanwhile.

mod cells;
mod journal;

use apdu::Cut;
use applet_model::runtime::{Fault, Store};
use zeroize::Zeroizing;

pub(crate) use cells::{Area, Unstable};
pub(crate) use journal::{LENGTH as JOURNAL, NoJournal};

use cells::Cells;
use journal::{Journal, Unrecovered};

/// The non-volatile memory of one card.
pub(crate) struct Nvm {
    cells: Cells,
    journal: Journal,
    in_transaction: bool,
}

/// What is half done on a card whose power failed, or what that has left behind.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HalfDone {
    journal: Zeroizing<Vec<u8>>,
    done: u32,
    unstable: Vec<Unstable>,
    on: bool,
}

impl Default for Nvm {
    fn default() -> Self {
        let mut cells = Cells::default();
        cells.set_journal(&Journal::format(0));
        Self { cells, journal: Journal::at(0), in_transaction: false }
    }
}

impl Nvm {
    /// The cells, for what is no work of the card's.
    pub(crate) const fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The same, to change them from outside the card.
    pub(crate) const fn cells_mut(&mut self) -> &mut Cells {
        &mut self.cells
    }

    /// Takes over a journal from an image, for the memories that are there.
    pub(crate) fn set_journal(&mut self, bytes: &[u8]) -> Result<(), NoJournal> {
        self.cells.set_journal(bytes);
        journal::check_journal(&self.cells)
    }

    /// The last transaction that is done, as the journal says it now.
    pub(crate) fn last_done(&self) -> u32 {
        journal::last_done(&self.cells).unwrap_or_default()
    }

    /// Power off and on: what was half done is taken back. The power may fail at this, too.
    pub(crate) fn power_up(&mut self) {
        self.in_transaction = false;
        self.cells.switch(true);
        self.cells.read_unstable();
        match self.journal.recover(&mut self.cells) {
            Ok(()) => {}
            // The power failed again. Images with marks or entries that are none are refused, and no cut makes any.
            Err(Unrecovered::Fault | Unrecovered::NoMarks) => self.cells.switch(false),
        }
    }

    /// Has the power fail at this place.
    pub(crate) fn arm(&mut self, cut: Option<Cut>) {
        self.cells.arm(cut);
    }

    /// Takes back what an open transaction has written.
    pub(crate) fn roll_back(&mut self) {
        self.in_transaction = false;
        if !self.journal.is_empty() {
            // Without power, the next power-up does it.
            let _ = self.journal.undo(&mut self.cells);
        }
    }

    /// What is half done; nothing if all is whole.
    pub(crate) fn half_done(&self) -> Option<HalfDone> {
        let (on, unstable) = (self.cells.is_on(), self.cells.unstable().to_vec());
        let journal = || Zeroizing::new(self.cells.bytes(Area::Journal).to_vec());
        (!on || !unstable.is_empty()).then(|| HalfDone { journal: journal(), done: self.journal.done(), unstable, on })
    }

    /// Goes back to a moment at which this was half done, or all was whole.
    pub(crate) fn set_half_done(&mut self, half_done: Option<&HalfDone>) {
        let whole = self.cells.is_on() && self.cells.unstable().is_empty() && self.journal.is_empty();
        self.in_transaction = false;
        if let Some(HalfDone { journal, done, unstable, on }) = half_done {
            self.cells.replace(Area::Journal, journal);
            self.cells.set_unstable(unstable);
            self.cells.switch(*on);
            self.journal.stand(*done);
        } else if !whole {
            // Behind whatever was begun.
            let done = self.journal.done().saturating_add(1);
            self.cells.replace(Area::Journal, &Journal::format(done));
            self.cells.set_unstable(&[]);
            self.cells.switch(true);
            self.journal.stand(done);
        }
    }

    /// The memory of one applet.
    #[inline]
    pub(crate) const fn region(&mut self, applet: usize) -> Region<'_> {
        Region { nvm: self, applet }
    }

    fn write(&mut self, applet: usize, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        let there = self.cells.bytes(Area::Applet(applet));
        let there = there.get(at..at.checked_add(bytes.len()).ok_or(Fault)?).ok_or(Fault)?;
        // What stands there already is not written: it would only wear the cells.
        if there == bytes && self.cells.is_on() {
            return Ok(());
        }
        self.journal.save(&mut self.cells, applet, at, bytes.len())?;
        self.cells.write(Area::Applet(applet), at, bytes)?;
        if self.in_transaction { Ok(()) } else { self.journal.commit(&mut self.cells) }
    }
}

/// One applet's memory.
pub(crate) struct Region<'a> {
    nvm: &'a mut Nvm,
    applet: usize,
}

impl Store for Region<'_> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.nvm.cells.bytes(Area::Applet(self.applet))
    }

    #[inline]
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.nvm.write(self.applet, at, bytes)
    }

    fn begin(&mut self) -> Result<(), Fault> {
        if self.nvm.in_transaction {
            return Err(Fault);
        }
        self.nvm.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Fault> {
        if !self.nvm.in_transaction {
            return Err(Fault);
        }
        if !self.nvm.journal.is_empty() {
            self.nvm.journal.commit(&mut self.nvm.cells)?;
        }
        self.nvm.in_transaction = false;
        Ok(())
    }

    fn abort(&mut self) {
        self.nvm.roll_back();
    }
}

#[cfg(test)]
#[path = "nvm/tests.rs"]
mod tests;

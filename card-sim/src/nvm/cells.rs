//! The cells of non-volatile memory: bytes that wear with every write, and that a failing power leaves half written.
//!
//! Every change of memory that a card makes is one [`Cells::write`]. The bytes of a write reach the memory from the
//! first to the last; where a [`Cut`] is armed, those behind it do not, and there is no power any more.

use apdu::Cut;
use applet_model::runtime::Fault;
use zeroize::Zeroizing;

/// Which part of the memory: the journal, or the memory of one applet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    /// The journal.
    Journal,
    /// The memory of the instance with this index.
    Applet(usize),
}

/// All cells, and the power that writing needs.
#[derive(Default)]
pub(crate) struct Cells {
    journal: Bank,
    applets: Vec<Bank>,
    supply: Supply,
}

/// Cells that lie side by side.
#[derive(Default)]
struct Bank {
    bytes: Zeroizing<Vec<u8>>,
    /// How often each was written.
    wear: Vec<u32>,
}

/// Power, what is to happen to it, and what its failures have left behind.
struct Supply {
    on: bool,
    cut: Option<Cut>,
    /// Whether the write at which the power has failed leaves a cell unstable.
    tearing: bool,
    unstable: Vec<Unstable>,
    coins: u64,
    writes: u64,
    /// How many bytes the last write had.
    last: usize,
    dirty: bool,
}

/// A cell that was being written when the power failed: it reads as the one value or the other until it is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unstable {
    pub(crate) area: Area,
    pub(crate) at: usize,
    /// Its old and its new value.
    pub(crate) values: [u8; 2],
}

impl Default for Supply {
    fn default() -> Self {
        Self { on: true, cut: None, tearing: false, unstable: Vec::new(), coins: 0, writes: 0, last: 0, dirty: false }
    }
}

impl Bank {
    fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        let wear = vec![0; bytes.len()];
        Self { bytes, wear }
    }

    /// One write, of these parts one behind the other.
    #[inline]
    fn write<const N: usize>(
        &mut self,
        area: Area,
        at: usize,
        parts: [&[u8]; N],
        supply: &mut Supply,
    ) -> Result<(), Fault> {
        let len = parts.iter().fold(0_usize, |len, part| len.saturating_add(part.len()));
        let end = at.checked_add(len).ok_or(Fault)?;
        let room = self.bytes.get_mut(at..end).ok_or(Fault)?;
        let wear = self.wear.get_mut(at..end).ok_or(Fault)?;
        let reached = supply.spend(len)?;
        if reached == len && supply.unstable.is_empty() {
            let mut rest = room;
            for part in parts {
                let (head, tail) = rest.split_at_mut_checked(part.len()).ok_or(Fault)?;
                head.copy_from_slice(part);
                rest = tail;
            }
            // As `saturating_add`, in a form that is done for several at a time.
            wear.iter_mut().for_each(|count| *count = count.wrapping_add(u32::from(*count != u32::MAX)));
        } else {
            let cells = room.iter_mut().zip(wear).zip(at..).zip(parts.into_iter().flatten());
            for (index, (((cell, wear), at), new)) in cells.enumerate() {
                supply.touch(index, reached, Place { area, at }, cell, wear, *new);
            }
        }
        if supply.on { Ok(()) } else { Err(Fault) }
    }
}

/// One cell.
#[derive(Clone, Copy)]
struct Place {
    area: Area,
    at: usize,
}

impl Supply {
    /// Begins a write of `len` bytes and says how many of them reach the memory.
    #[inline]
    fn spend(&mut self, len: usize) -> Result<usize, Fault> {
        if !self.on {
            return Err(Fault);
        }
        (self.writes, self.last, self.dirty) = (self.writes.saturating_add(1), len, true);
        match &mut self.cut {
            None => Ok(len),
            Some(cut) if cut.write > 1 => {
                cut.write = cut.write.saturating_sub(1);
                Ok(len)
            }
            Some(Cut { bytes, unstable, .. }) => {
                let reached = len.min(usize::from(*bytes));
                (self.on, self.tearing, self.cut) = (false, *unstable, None);
                Ok(reached)
            }
        }
    }

    /// What one write does to one of its cells.
    fn touch(&mut self, index: usize, reached: usize, place: Place, cell: &mut u8, wear: &mut u32, new: u8) {
        let torn = index == reached && self.tearing;
        if index < reached || torn {
            *wear = wear.saturating_add(1);
            self.unstable.retain(|unstable| (unstable.area, unstable.at) != (place.area, place.at));
        }
        if index < reached {
            *cell = new;
        } else if torn && *cell != new {
            self.unstable.push(Unstable { area: place.area, at: place.at, values: [*cell, new] });
        }
    }
}

impl Cells {
    /// The cells of one part; none if there is no such part.
    #[inline]
    pub(crate) fn bytes(&self, area: Area) -> &[u8] {
        self.bank(area).map_or(&[], |bank| &bank.bytes)
    }

    fn bank(&self, area: Area) -> Option<&Bank> {
        match area {
            Area::Journal => Some(&self.journal),
            Area::Applet(index) => self.applets.get(index),
        }
    }

    fn bank_mut(&mut self, area: Area) -> Option<&mut Bank> {
        match area {
            Area::Journal => Some(&mut self.journal),
            Area::Applet(index) => self.applets.get_mut(index),
        }
    }

    /// The memories of all applets.
    pub(crate) fn applets(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.applets.iter().map(|bank| bank.bytes.as_slice())
    }

    /// Writes these bytes at this place: one write.
    #[inline]
    pub(crate) fn write(&mut self, area: Area, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        let Self { journal, applets, supply } = self;
        let bank = match area {
            Area::Journal => journal,
            Area::Applet(index) => applets.get_mut(index).ok_or(Fault)?,
        };
        bank.write(area, at, [bytes], supply)
    }

    /// Writes to the journal, at `to`: `before`, then what stands in `len` cells of an applet from `at` on, then what
    /// `after` makes of these. One write; returns how long it was.
    #[inline]
    pub(crate) fn save<const N: usize>(
        &mut self,
        to: usize,
        before: &[u8],
        (applet, at, len): (usize, usize, usize),
        after: impl FnOnce(&[u8]) -> [u8; N],
    ) -> Result<usize, Fault> {
        let Self { journal, applets, supply } = self;
        let bytes = &applets.get(applet).ok_or(Fault)?.bytes;
        let old = bytes.get(at..at.checked_add(len).ok_or(Fault)?).ok_or(Fault)?;
        journal.write(Area::Journal, to, [before, old, &after(old)], supply)?;
        Ok(before.len().saturating_add(len).saturating_add(N))
    }

    /// Adds the memory of one more applet, all zero.
    pub(crate) fn add(&mut self, len: usize) {
        self.applets.push(Bank::new(Zeroizing::new(vec![0; len])));
    }

    /// Takes the memory of one applet away; those behind it move up.
    pub(crate) fn remove(&mut self, index: usize) {
        if index < self.applets.len() {
            self.applets.remove(index);
        }
        self.supply.unstable.retain(|cell| cell.area != Area::Applet(index));
        for cell in &mut self.supply.unstable {
            if let Area::Applet(behind) = &mut cell.area
                && *behind > index
            {
                *behind = behind.saturating_sub(1);
            }
        }
    }

    /// Takes over the first cells of one part from outside the card: no write of the card's.
    pub(crate) fn replace(&mut self, area: Area, bytes: &[u8]) -> Option<()> {
        let room = self.bank_mut(area)?.bytes.get_mut(..bytes.len())?;
        let changed = room != bytes;
        room.copy_from_slice(bytes);
        self.supply.dirty |= changed;
        Some(())
    }

    /// A journal of these bytes.
    pub(crate) fn set_journal(&mut self, bytes: &[u8]) {
        self.journal = Bank::new(Zeroizing::new(bytes.to_vec()));
    }

    /// How often each cell of one part was written.
    pub(crate) fn wear(&self, area: Area) -> &[u32] {
        self.bank(area).map_or(&[], |bank| &bank.wear)
    }

    /// Takes over the wear of one part.
    pub(crate) fn set_wear(&mut self, area: Area, wear: impl Iterator<Item = u32>) {
        if let Some(bank) = self.bank_mut(area) {
            bank.wear.iter_mut().zip(wear).for_each(|(to, from)| *to = from);
        }
    }

    /// Whether there is power.
    #[inline]
    pub(crate) const fn is_on(&self) -> bool {
        self.supply.on
    }

    /// Gives power, or takes it.
    pub(crate) fn switch(&mut self, on: bool) {
        (self.supply.on, self.supply.tearing) = (on, false);
    }

    /// Where the power will fail.
    pub(crate) const fn armed(&self) -> Option<Cut> {
        self.supply.cut
    }

    /// Has the power fail at this place.
    pub(crate) fn arm(&mut self, cut: Option<Cut>) {
        let cut = cut.map(|cut| Cut { write: cut.write.max(1), ..cut });
        if self.supply.cut != cut {
            self.supply.cut = cut;
            self.supply.dirty = true;
        }
    }

    /// The unstable cells.
    pub(crate) fn unstable(&self) -> &[Unstable] {
        &self.supply.unstable
    }

    /// Takes over the unstable cells.
    pub(crate) fn set_unstable(&mut self, unstable: &[Unstable]) {
        self.supply.unstable.clear();
        self.supply.unstable.extend_from_slice(unstable);
    }

    /// What the unstable cells will read as, bit by bit from the lowest, in turns of 64: 0 the old value, 1 the new.
    pub(crate) const fn toss(&mut self, coins: u64) {
        self.supply.coins = coins;
    }

    /// Has every unstable cell read as one of its values, by the next coin.
    #[inline]
    pub(crate) fn read_unstable(&mut self) {
        if !self.supply.unstable.is_empty() {
            self.toss_all();
        }
    }

    #[cold]
    fn toss_all(&mut self) {
        for index in 0..self.supply.unstable.len() {
            let Some(Unstable { area, at, values: [old, new] }) = self.supply.unstable.get(index).copied() else {
                continue;
            };
            let value = if self.supply.coins & 1 == 0 { old } else { new };
            self.supply.coins = self.supply.coins.rotate_right(1);
            if let Some(cell) = self.bank_mut(area).and_then(|bank| bank.bytes.get_mut(at)) {
                *cell = value;
            }
        }
    }

    /// How many writes there were.
    pub(crate) const fn writes(&self) -> u64 {
        self.supply.writes
    }

    /// How many bytes the last one had, or was to have.
    pub(crate) const fn last_write(&self) -> usize {
        self.supply.last
    }

    /// Goes on counting from here.
    pub(crate) const fn set_writes(&mut self, writes: u64) {
        self.supply.writes = writes;
    }

    /// Whether something changed since this was last asked.
    pub(crate) const fn take_dirty(&mut self) -> bool {
        std::mem::replace(&mut self.supply.dirty, false)
    }

    /// Says that something changed which is stored with the memory.
    pub(crate) const fn set_dirty(&mut self) {
        self.supply.dirty = true;
    }
}

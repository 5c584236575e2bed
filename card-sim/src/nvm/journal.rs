//! The journal: what stood where a transaction writes, so that one that does not end can be taken back.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | mark A: number of the last transaction that is done |
//! | 4 | 4 | CRC-32 of these |
//! | 8 | 8 | mark B: the same, written after mark A |
//! | 16 | | entries, one behind the other |
//!
//! An entry:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | number of its transaction |
//! | 4 | 2 | whose memory: index of the instance |
//! | 6 | 4 | where in it |
//! | 10 | 2 | n, how many bytes |
//! | 12 | n | what stood there |
//! | 12 + n | 4 | CRC-32 of all before |
//!
//! All numbers are big-endian; the CRC is that of IEEE 802.3. Transaction s, with s one above the last done, writes an
//! entry and then the data, over and over, then s into mark A and then into mark B; each of these is one write. To take
//! it back is to restore what its entries say, the last one first, and then to write both marks as well.
//!
//! | after power-up | entries of the next transaction | what happens |
//! |---|---|---|
//! | A = B | none | nothing: there is nothing half done |
//! | A = B | some | they are restored; the marks go on |
//! | A is right, B is not or is older | | A was reached: done. Both marks are written again |
//! | A is wrong, B is right | any | A was not reached: A becomes as B, then they are restored; the marks go on |
//!
//! Why two marks: mark A may have been left unstable. What it reads as now decides, and is written again before anything
//! else, so that it cannot read as something else later. That mark B is right, and the same, says that A is stable: it was
//! written before B began. So a card that is only read is never written to at power-up. And what reads as wrong now is
//! written before anything is restored: if it read as right after a second cut, what is half restored would pass as done.
//!
//! An entry that is not whole has a wrong CRC, and nothing has been written over what it saves. One whose last byte is
//! unstable may read as whole: it restores what stands there anyhow.

use applet_model::runtime::Fault;
use zeroize::{Zeroize, Zeroizing};

use super::cells::{Area, Cells};

/// The length of the journal in bytes, marks and all. The largest transaction of the purse takes less than half of it.
pub(crate) const LENGTH: usize = 1024;

const MARK_A: usize = 0;
const MARK_B: usize = 8;
const MARK: usize = 8;
const ENTRIES: usize = 16;
const HEADER: usize = 12;
const CHECK: usize = 4;

/// Where the card stands in its journal. All of it is found again at power-up.
pub(crate) struct Journal {
    /// The last transaction that is done.
    done: u32,
    /// Where the next entry goes.
    next: usize,
    /// The entries while they are restored: they are read once, so that none can change between its check and its use.
    copy: Zeroizing<Vec<u8>>,
    /// Where each of them begins there, with its length.
    found: Vec<(usize, usize)>,
}

/// It is no journal of this card: it does not say what was done last, or saves what is not there. No cut of power leaves it
/// so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoJournal;

/// Why a journal could not be made good.
pub(crate) enum Unrecovered {
    /// The power went again.
    Fault,
    /// It is none.
    NoMarks,
}

impl From<Fault> for Unrecovered {
    fn from(_: Fault) -> Self {
        Self::Fault
    }
}

/// What an entry says.
struct Entry<'a> {
    applet: usize,
    at: usize,
    old: &'a [u8],
    /// How long the entry is.
    len: usize,
}

impl Journal {
    /// An empty journal behind transaction number `done`.
    pub(crate) fn format(done: u32) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let mark = mark(done);
        let marks = mark.iter().chain(&mark);
        bytes.iter_mut().zip(marks).for_each(|(byte, mark)| *byte = *mark);
        bytes
    }

    /// Behind transaction number `done`, with nothing begun.
    pub(crate) fn at(done: u32) -> Self {
        let (copy, found) = (Zeroizing::new(Vec::with_capacity(LENGTH)), Vec::with_capacity(LENGTH / (HEADER + CHECK)));
        Self { done, next: ENTRIES, copy, found }
    }

    /// Stands behind transaction number `done`, with nothing begun.
    pub(crate) const fn stand(&mut self, done: u32) {
        (self.done, self.next) = (done, ENTRIES);
    }

    /// The last transaction that is done.
    pub(crate) const fn done(&self) -> u32 {
        self.done
    }

    /// Whether the open transaction has written anything.
    pub(crate) const fn is_empty(&self) -> bool {
        self.next == ENTRIES
    }

    /// Saves what stands in a place, before it is written to.
    #[inline]
    pub(crate) fn save(&mut self, cells: &mut Cells, applet: usize, at: usize, len: usize) -> Result<(), Fault> {
        let number = self.done.checked_add(1).ok_or(Fault)?.to_be_bytes();
        let mut header = [0; HEADER];
        let (a, b) = (u16::try_from(applet).map_err(|_| Fault)?, u32::try_from(at).map_err(|_| Fault)?);
        let fields =
            [&number[..], &a.to_be_bytes(), &b.to_be_bytes(), &u16::try_from(len).map_err(|_| Fault)?.to_be_bytes()];
        header.iter_mut().zip(fields.into_iter().flatten()).for_each(|(byte, field)| *byte = *field);
        let written = cells.save(self.next, &header, (applet, at, len), |old| check(&[&header, old]))?;
        self.next = self.next.saturating_add(written);
        Ok(())
    }

    /// Makes what was written lasting.
    #[inline]
    pub(crate) fn commit(&mut self, cells: &mut Cells) -> Result<(), Fault> {
        self.set_marks(cells, self.done.checked_add(1).ok_or(Fault)?)
    }

    /// Takes back what was written.
    pub(crate) fn undo(&mut self, cells: &mut Cells) -> Result<(), Fault> {
        let number = self.done.checked_add(1).ok_or(Fault)?;
        self.find(cells, number);
        let entries = self.found.iter().rev().filter_map(|(at, len)| self.copy.get(*at..at.checked_add(*len)?));
        for entry in entries {
            let Entry { applet, at, old, .. } = read_entry(entry, number).ok_or(Fault)?;
            cells.write(Area::Applet(applet), at, old)?;
        }
        self.copy.as_mut_slice().zeroize();
        self.set_marks(cells, number)
    }

    /// Finds out what was half done when the power failed, and makes it whole or undone.
    pub(crate) fn recover(&mut self, cells: &mut Cells) -> Result<(), Unrecovered> {
        let (a, b) = (read_mark(cells, MARK_A), read_mark(cells, MARK_B));
        self.stand(a.or(b).ok_or(Unrecovered::NoMarks)?);
        self.find(cells, self.done.saturating_add(1));
        match (a, b) {
            (Some(a), Some(b)) if a == b && self.found.is_empty() => Ok(()),
            (Some(a), b) if Some(a) != b => Ok(self.set_marks(cells, a)?),
            (Some(_), _) => Ok(self.undo(cells)?),
            (None, _) => {
                cells.write(Area::Journal, MARK_A, &mark(self.done))?;
                Ok(self.undo(cells)?)
            }
        }
    }

    /// Copies the journal and finds the entries of the transaction with this number, in the order in which they were
    /// written.
    fn find(&mut self, cells: &Cells, number: u32) {
        self.found.clear();
        self.copy.clear();
        let journal = cells.bytes(Area::Journal);
        let first = journal.get(ENTRIES..).and_then(<[u8]>::first_chunk);
        // Most often there is none.
        if first != Some(&number.to_be_bytes()) {
            return;
        }
        self.copy.extend_from_slice(journal);
        let mut at = ENTRIES;
        while let Some(entry) = self.copy.get(at..).and_then(|rest| read_entry(rest, number)) {
            self.found.push((at, entry.len));
            at = at.saturating_add(entry.len);
        }
    }

    #[inline]
    fn set_marks(&mut self, cells: &mut Cells, done: u32) -> Result<(), Fault> {
        let mark = mark(done);
        cells.write(Area::Journal, MARK_A, &mark)?;
        cells.write(Area::Journal, MARK_B, &mark)?;
        self.stand(done);
        Ok(())
    }
}

/// Whether what lies there is a journal: it says what was done last, and saves what the card has.
pub(crate) fn check_journal(cells: &Cells) -> Result<(), NoJournal> {
    let bytes = cells.bytes(Area::Journal);
    let number = last_done(cells).filter(|_| bytes.len() == LENGTH).ok_or(NoJournal)?.saturating_add(1);
    let mut rest = bytes.get(ENTRIES..).unwrap_or_default();
    while let Some(Entry { applet, at, old, len }) = read_entry(rest, number) {
        let there = cells.bytes(Area::Applet(applet));
        there.get(at..at.saturating_add(old.len())).filter(|_| !there.is_empty()).ok_or(NoJournal)?;
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

/// The last transaction that is done.
pub(crate) fn last_done(cells: &Cells) -> Option<u32> {
    read_mark(cells, MARK_A).or_else(|| read_mark(cells, MARK_B))
}

#[inline]
fn check(parts: &[&[u8]]) -> [u8; CHECK] {
    let mut crc = crc32fast::Hasher::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.finalize().to_be_bytes()
}

#[inline]
fn mark(done: u32) -> [u8; MARK] {
    let [a, b, c, d] = done.to_be_bytes();
    let [e, f, g, h] = check(&[&[a, b, c, d]]);
    [a, b, c, d, e, f, g, h]
}

fn decode(found: [u8; MARK]) -> Option<u32> {
    let [a, b, c, d, ..] = found;
    let done = u32::from_be_bytes([a, b, c, d]);
    // The CRC of four FF is four FF: cells that were erased and never written would be a mark, and nothing comes after it.
    (mark(done) == found && done != u32::MAX).then_some(done)
}

fn read_mark(cells: &Cells, at: usize) -> Option<u32> {
    decode(*cells.bytes(Area::Journal).get(at..)?.first_chunk()?)
}

/// The entry of this transaction that these bytes begin with.
fn read_entry(bytes: &[u8], number: u32) -> Option<Entry<'_>> {
    let header: [u8; HEADER] = *bytes.first_chunk()?;
    let [n0, n1, n2, n3, i0, i1, a0, a1, a2, a3, l0, l1] = header;
    if u32::from_be_bytes([n0, n1, n2, n3]) != number {
        return None;
    }
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    let old = bytes.get(HEADER..HEADER.checked_add(len)?)?;
    let found: [u8; CHECK] = *bytes.get(HEADER.checked_add(len)?..)?.first_chunk()?;
    let at = usize::try_from(u32::from_be_bytes([a0, a1, a2, a3])).ok()?;
    (found == check(&[&header, old])).then(|| Entry {
        applet: usize::from(u16::from_be_bytes([i0, i1])),
        at,
        old,
        len: HEADER.saturating_add(len).saturating_add(CHECK),
    })
}

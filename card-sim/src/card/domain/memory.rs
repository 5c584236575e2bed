//! What the domain keeps without power, and where.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | life cycle state of the card |
//! | 1 | 1 | `i`: which options of SCP03 |
//! | 2 | 1 | after how many failures a key set is blocked |
//! | 3 | 10 | key diversification data |
//! | 13 | 4 · 6 | key sets: version (00: none), length of each key, failures in a row, sequence counter (3) |
//! | 37 | 4 · 3 · 32 | their keys, ENC MAC DEK, zeros behind shorter ones |
//! | 421 | 42 | CPLC |
//! | 463 | 17 | issuer identification number, behind its length |
//! | 480 | 17 | card image number, behind its length |
//! | 497 | 16 · 21 | registry: AID (1 + 16, length 0: none), life cycle state, privileges (3) |
//! | 833 | | end |
//!
//! As all memory of applets it only ever grows, at its end.

use apdu::Aid;
use applet_model::runtime::{Cell, Fixed, Layout, Table};
use globalplatform::{ApplicationState, Privileges};

/// How many key sets there is room for.
const KEY_SETS: usize = 4;
/// How many applets the registry has room for.
const APPLETS: usize = 16;
/// Bytes of the longest key.
pub(super) const KEY: usize = 32;
/// A value of up to 16 bytes behind its length.
pub(super) type Short = [u8; 17];

/// Where one value lies.
pub(super) type Place<T> = Cell<T>;

/// Where everything lies.
pub(super) struct Places {
    pub(super) state: Cell<u8>,
    pub(super) parameter: Cell<u8>,
    pub(super) failure_cap: Cell<u8>,
    pub(super) diversification: Cell<[u8; 10]>,
    pub(super) slots: Table<Slot>,
    pub(super) keys: Table<[u8; KEY]>,
    pub(super) cplc: Cell<[u8; 42]>,
    pub(super) issuer: Cell<Short>,
    pub(super) image: Cell<Short>,
    pub(super) registry: Table<Entry>,
    pub(super) len: usize,
}

/// A key set, but for the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// Its version; 0 if there is none.
    pub(super) version: u8,
    /// Bytes of each key.
    pub(super) length: u8,
    /// Failed authentications in a row.
    pub(super) failures: u8,
    /// The counter behind pseudo-random challenges.
    pub(super) sequence: [u8; 3],
}

/// What the registry knows of an applet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name; nothing where the place is free.
    pub(super) aid: Option<Aid>,
    /// Its life cycle state.
    pub(super) state: u8,
    /// Its privileges.
    pub(super) privileges: Privileges,
}

impl Places {
    pub(super) fn new() -> Self {
        let mut layout = Layout::default();
        Self {
            state: layout.cell(),
            parameter: layout.cell(),
            failure_cap: layout.cell(),
            diversification: layout.cell(),
            slots: layout.table(KEY_SETS),
            keys: layout.table(KEY_SETS.saturating_mul(3)),
            cplc: layout.cell(),
            issuer: layout.cell(),
            image: layout.cell(),
            registry: layout.table(APPLETS),
            len: layout.len(),
        }
    }

    /// Where the three keys of a set lie.
    pub(super) fn keys_of(&self, slot: usize) -> [Option<Cell<[u8; KEY]>>; 3] {
        [0, 1, 2].map(|key| self.keys.cell(slot.saturating_mul(3).saturating_add(key)))
    }
}

/// The value in these bytes at this place; as of zeros, if they do not have it.
pub(super) fn read<T: Fixed>(bytes: &[u8], cell: Cell<T>) -> T {
    let zeros = [0; applet_model::runtime::MAX_LEN];
    let found = bytes.get(cell.at()..cell.at().saturating_add(T::LEN));
    T::load(found.unwrap_or(zeros.get(..T::LEN).unwrap_or_default()))
}

impl Fixed for Slot {
    const LEN: usize = 6;

    fn load(bytes: &[u8]) -> Self {
        let [version, length, failures, a, b, c] = bytes.first_chunk().copied().unwrap_or_default();
        Self { version, length, failures, sequence: [a, b, c] }
    }

    fn store(&self, out: &mut [u8]) {
        let [a, b, c] = self.sequence;
        out.copy_from_slice(&[self.version, self.length, self.failures, a, b, c]);
    }
}

impl Entry {
    /// Its life cycle state. A byte that is none, which no command writes, counts as installed only.
    pub(super) const fn state(&self) -> ApplicationState {
        match ApplicationState::from_byte(self.state) {
            Some(state) => state,
            None => ApplicationState::Installed,
        }
    }
}

impl Fixed for Entry {
    const LEN: usize = 21;

    fn load(bytes: &[u8]) -> Self {
        let (aid, rest) = bytes.split_at_checked(17).unwrap_or_default();
        let [state, privileges @ ..] = rest.first_chunk::<4>().copied().unwrap_or_default();
        Self { aid: short(aid).and_then(|aid| Aid::new(aid).ok()), state, privileges: Privileges(privileges) }
    }

    fn store(&self, out: &mut [u8]) {
        let aid = self.aid.as_ref().map_or(&[][..], Aid::as_bytes);
        let (name, rest) = out.split_at_mut_checked(17).unwrap_or_default();
        name.copy_from_slice(&to_short(aid).unwrap_or_default());
        rest.iter_mut().zip([self.state].iter().chain(&self.privileges.0)).for_each(|(to, from)| *to = *from);
    }
}

/// The value behind its length; nothing if there is none.
pub(super) fn short(bytes: &[u8]) -> Option<&[u8]> {
    let (length, value) = bytes.split_first()?;
    value.get(..usize::from(*length)).filter(|value| !value.is_empty())
}

/// A value behind its length, if it has at most 16 bytes.
pub(super) fn to_short(value: &[u8]) -> Option<Short> {
    let mut bytes = [0; 17];
    let (length, room) = bytes.split_first_mut()?;
    *length = u8::try_from(value.len()).ok()?;
    room.get_mut(..value.len())?.copy_from_slice(value);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands where is for ever.
    #[test]
    fn places_are_those_of_the_table() {
        let places = Places::new();
        let at = [
            places.state.at(),
            places.parameter.at(),
            places.failure_cap.at(),
            places.diversification.at(),
            places.slots.at(),
            places.keys.at(),
            places.cplc.at(),
            places.issuer.at(),
            places.image.at(),
            places.registry.at(),
            places.len,
        ];
        assert_eq!(at, [0, 1, 2, 3, 13, 37, 421, 463, 480, 497, 833]);
    }

    #[test]
    fn slots_and_entries_come_back() {
        let slot = Slot { version: 1, length: 2, failures: 3, sequence: [4, 5, 6] };
        let mut bytes = [0xFF; Slot::LEN];
        slot.store(&mut bytes);
        assert_eq!((bytes, Slot::load(&bytes)), ([1, 2, 3, 4, 5, 6], slot));

        for aid in [&b"five5"[..], b"sixteen bytes in"] {
            let entry = Entry { aid: Aid::new(aid).ok(), state: 0x87, privileges: Privileges([1, 2, 3]) };
            let mut bytes = [0xFF; Entry::LEN];
            entry.store(&mut bytes);
            assert_eq!(Entry::load(&bytes), entry);
        }
        assert_eq!(Entry::load(&[0; Entry::LEN]), Entry::default());
        assert_eq!(Entry::load(&[0xFF; Entry::LEN]).aid, None);
    }
}

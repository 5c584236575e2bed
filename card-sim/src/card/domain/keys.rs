//! PUT KEY and DELETE of keys.
//!
//! P1 of PUT KEY is the version to replace, `00` for new keys; new keys replace those of version `FF` where there are any.
//! Keys come as whole sets, and the last set stays. A set that is new, or new under its version, begins with no failures
//! and a sequence counter of 0. All of it happens at once, or not at all. The session goes on, and with it the DEK that it
//! began with.
//!
//! | | |
//! |---|---|
//! | `6A88` | there is no set of the version to replace, or to delete |
//! | `6A80` | there is one of the new version already; one key alone; keys of different lengths |
//! | `6A84` | there is no room for another set |
//! | `6985` | the set to delete is the last, or one key of a set is to be deleted |
//! | `9484` `9485` | not AES; not the key of its check value |

use apdu::Sw;
use applet_model::runtime::Transaction;
use globalplatform::command::PutKey;
use globalplatform::{Key, KeySet};
use zeroize::Zeroizing;

use super::memory::{KEY, Places, Slot};
use super::session::Work;
use super::{Card, PUBLISHED_KEY_VERSION};

/// Writes a key set into this slot.
pub(super) fn write(memory: &mut Transaction<'_>, slot: usize, version: u8, keys: &KeySet) -> Result<(), Sw> {
    let places = Places::new();
    let length = u8::try_from(keys.key_len()).map_err(|_| Sw::UNKNOWN)?;
    let cell = places.slots.cell(slot).ok_or(Sw::UNKNOWN)?;
    memory.write(cell, &Slot { version, length, failures: 0, sequence: [0; 3] })?;
    for (cell, key) in places.keys_of(slot).into_iter().zip(keys.all()) {
        let mut bytes = Zeroizing::new([0; KEY]);
        bytes.iter_mut().zip(key.expose()).for_each(|(to, from)| *to = *from);
        memory.write(cell.ok_or(Sw::UNKNOWN)?, &*bytes)?;
    }
    Ok(())
}

impl Card {
    /// Each slot that has a key set.
    pub(super) fn key_sets(&self) -> impl Iterator<Item = (usize, Slot)> {
        let count = Places::new().slots.count();
        (0..count).filter_map(|index| Some((index, self.slot(index)?))).filter(|(_, slot)| slot.version != 0)
    }

    /// The key set of this version; of version 0, the first.
    pub(super) fn key_set(&self, version: u8) -> Option<(usize, Slot)> {
        self.key_sets().find(|(_, slot)| version == 0 || slot.version == version)
    }

    pub(super) fn slot(&self, index: usize) -> Option<Slot> {
        Some(self.domain_value(Places::new().slots.cell(index)?))
    }

    /// Writes a slot, atomically.
    pub(super) fn set_slot(&mut self, index: usize, slot: &Slot) -> Result<(), Sw> {
        let cell = Places::new().slots.cell(index).ok_or(Sw::UNKNOWN)?;
        self.in_domain(|memory| Ok(memory.write(cell, slot)?))
    }

    /// The keys of a slot.
    pub(super) fn keys_in(&self, index: usize, slot: &Slot) -> Option<KeySet> {
        let [enc, mac, dek] = Places::new().keys_of(index).map(|cell| {
            let bytes = Zeroizing::new(self.domain_value(cell?));
            Key::new(bytes.get(..usize::from(slot.length))?).ok()
        });
        KeySet::new(enc?, mac?, dek?).ok()
    }

    pub(super) fn put_key(&mut self, work: &Work, command: &PutKey<'_>) -> Result<(), Sw> {
        let keys = command.decrypt(&work.dek()?)?;
        let replaced = match command.replaces {
            0 => self.key_set(PUBLISHED_KEY_VERSION),
            version => Some(self.key_set(version).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?),
        };
        let replaced = replaced.map(|(index, _)| index);
        if self.key_sets().any(|(index, slot)| slot.version == command.version && Some(index) != replaced) {
            return Err(Sw::WRONG_DATA);
        }
        let free = || {
            let count = Places::new().slots.count();
            (0..count).find(|free| self.key_sets().all(|(index, _)| index != *free))
        };
        let slot = replaced.or_else(free).ok_or(Sw::NOT_ENOUGH_MEMORY)?;
        self.in_domain(|memory| memory.atomically(|memory| write(memory, slot, command.version, &keys)))?;
        self.answer.put(command.response().bytes());
        Ok(())
    }

    pub(super) fn delete_keys(&mut self, id: Option<u8>, version: Option<u8>) -> Result<(), Sw> {
        let (None, Some(version @ 1..)) = (id, version) else { return Err(Sw::CONDITIONS_NOT_SATISFIED) };
        let (index, _) = self.key_set(version).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        if self.key_sets().count() == 1 {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        let places = Places::new();
        let slot = places.slots.cell(index).ok_or(Sw::UNKNOWN)?;
        self.in_domain(|memory| {
            memory.atomically(|memory| {
                memory.write(slot, &Slot::default())?;
                places.keys_of(index).into_iter().flatten().try_for_each(|cell| Ok(memory.write(cell, &[0; KEY])?))
            })
        })
    }
}

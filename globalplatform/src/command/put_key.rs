//! PUT KEY.

use core::fmt;

use apdu::{Cla, Command, Sw};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::fields::{Fields, Room};
use super::{ALGORITHM_NOT_SUPPORTED, EncodeError, Instruction, WRONG_CHECK_VALUE, expect};
use crate::cipher::BLOCK;
use crate::key::{CheckValue, Key, KeySet};

/// PUT KEY: one AES key or three, each enciphered under the DEK that the card has.
///
/// P1 is the key version to replace, `00` for a new one; P2 the identifier of the first key, with bit `80` if there
/// are several. The data is the new version, then for each key:
///
/// | field | bytes |
/// |---|---|
/// | `88`, AES | 1 |
/// | length of the next two | 1 |
/// | length of the key | 1 |
/// | the key, padded to whole blocks, in CBC mode with initial value 0 | 16 or 32 |
/// | `03`, check value | 1 + 3 |
///
/// The length of the key may be left out if it is that of the block; check values may not. Sources: GPCS §11.8,
/// Amendment D §7.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutKey<'a> {
    /// The key version to replace; 0: none, the keys are new.
    pub replaces: u8,
    /// The version of the new keys, 01 to 7F.
    pub version: u8,
    /// The identifier of the first of them.
    pub first_id: u8,
    count: u8,
    fields: &'a [u8],
}

/// A key in transport.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EncryptedKey<'a> {
    block: &'a [u8],
    length: u8,
    check_value: CheckValue,
}

/// The response to PUT KEY: the version, then the check value of each key.
///
/// Source: GPCS §11.8.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutKeyResponse {
    bytes: [u8; 10],
    length: u8,
}

const AES: u8 = 0x88;
const SEVERAL: u8 = 0x80;

impl<'a> PutKey<'a> {
    /// Bytes of room that the data of a whole set needs at most.
    pub const MAX_LENGTH: usize = 1 + 3 * (1 + 1 + 1 + 32 + 1 + 3);

    /// The keys of a set, with identifiers 01, 02 and 03, enciphered under `dek` into `room`.
    ///
    /// # Errors
    /// [`EncodeError::Buffer`].
    pub fn key_set(
        replaces: u8,
        version: u8,
        keys: &KeySet,
        dek: &Key,
        room: &'a mut [u8],
    ) -> Result<Self, EncodeError> {
        Self::keys_of(replaces, version, 1, &keys.all(), dek, room)
    }

    /// One key, enciphered under `dek` into `room`.
    ///
    /// # Errors
    /// [`EncodeError::Buffer`].
    pub fn key(
        replaces: u8,
        version: u8,
        id: u8,
        key: &Key,
        dek: &Key,
        room: &'a mut [u8],
    ) -> Result<Self, EncodeError> {
        Self::keys_of(replaces, version, id, &[key], dek, room)
    }

    fn keys_of(
        replaces: u8,
        version: u8,
        first_id: u8,
        keys: &[&Key],
        dek: &Key,
        room: &'a mut [u8],
    ) -> Result<Self, EncodeError> {
        let mut out = Room::new(room);
        for key in keys {
            let mut padded = [0; Key::MAX_LENGTH];
            let length = key.len().next_multiple_of(BLOCK);
            let Some(block) = padded.get_mut(..length) else { continue };
            block.iter_mut().zip(key.expose()).for_each(|(to, from)| *to = *from);
            dek.aes().cbc_encrypt([0; BLOCK], block);
            let [length, with_length] = [key.len(), length.saturating_add(1)].map(|n| u8::try_from(n).unwrap_or(0));
            out.put(&[AES, with_length, length])?;
            out.put(block)?;
            out.short(&key.check_value().0)?;
            padded.zeroize();
        }
        let count = u8::try_from(keys.len()).unwrap_or(0);
        Ok(Self { replaces, version, first_id, count, fields: out.finish() })
    }

    /// How many keys there are: 1 to 3.
    #[must_use]
    pub const fn count(&self) -> u8 {
        self.count
    }

    /// The keys in transport.
    pub fn keys(&self) -> impl Iterator<Item = EncryptedKey<'a>> + use<'a> {
        let mut fields = Fields(self.fields);
        core::iter::from_fn(move || EncryptedKey::read(&mut fields).ok())
    }

    /// The keys themselves, on the card: three, with identifiers 01 to 03.
    ///
    /// # Errors
    /// The status word to answer: `9485` for a wrong check value; `6A80` for one key, other identifiers, or keys of
    /// different lengths.
    pub fn decrypt(&self, dek: &Key) -> Result<KeySet, Sw> {
        let mut keys = self.keys();
        match (keys.next(), keys.next(), keys.next(), self.first_id) {
            (Some(enc), Some(mac), Some(key_dek), 1) => {
                let [enc, mac, key_dek] = [enc.decrypt(dek)?, mac.decrypt(dek)?, key_dek.decrypt(dek)?];
                KeySet::new(enc, mac, key_dek).map_err(|_| Sw::WRONG_DATA)
            }
            _ => Err(Sw::WRONG_DATA),
        }
    }

    /// What the card answers when it has the keys; the host compares.
    #[must_use]
    pub fn response(&self) -> PutKeyResponse {
        let mut bytes = [0; 10];
        let values = self.keys().flat_map(|key| key.check_value.0);
        bytes.iter_mut().zip(core::iter::once(self.version).chain(values)).for_each(|(to, from)| *to = from);
        PutKeyResponse { bytes, length: self.count.saturating_mul(3).saturating_add(1) }
    }
}

impl<'a> Instruction<'a> for PutKey<'a> {
    const INS: u8 = 0xD8;

    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let mut out = Room::new(room);
        out.put(&[self.version])?;
        out.put(self.fields)?;
        let p2 = self.first_id | if self.count > 1 { SEVERAL } else { 0 };
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, self.replaces, p2, out.finish(), 256)?)
    }

    /// Adds `9484` for a key that is not AES. P1 with bit `80`, more PUT KEY to follow, is `6A86`.
    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        expect::<Self>(command)?;
        let (replaces, first_id) = (command.p1(), command.p2() & !SEVERAL);
        if replaces & 0x80 != 0 || first_id == 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let mut fields = Fields(command.data());
        let version = Some(fields.byte()?).filter(|version| matches!(version, 0x01..=0x7F)).ok_or(Sw::WRONG_DATA)?;
        let keys = fields.0;
        let mut count = 0_u8;
        while fields.end().is_err() {
            EncryptedKey::read(&mut fields)?;
            count = count.saturating_add(1);
        }
        // A set has three keys, and its identifiers end with 7F.
        let several = command.p2() & SEVERAL != 0;
        let fits = if several { matches!(count, 2 | 3) } else { count == 1 };
        let last = first_id.saturating_add(count).saturating_sub(1);
        if !fits || last > 0x7F {
            return Err(Sw::WRONG_DATA);
        }
        Ok(Self { replaces, version, first_id, count, fields: keys })
    }
}

impl<'a> EncryptedKey<'a> {
    fn read(fields: &mut Fields<'a>) -> Result<Self, Sw> {
        if fields.byte()? != AES {
            return Err(ALGORITHM_NOT_SUPPORTED);
        }
        let component = fields.short()?;
        let (length, block) = match (component.len(), component) {
            (16 | 32, block) => (u8::try_from(component.len()).map_err(|_| Sw::WRONG_DATA)?, block),
            (17, [16, block @ ..]) | (33, [24 | 32, block @ ..]) => (component.first().copied().unwrap_or(0), block),
            _ => return Err(Sw::WRONG_DATA),
        };
        let check_value = fields.short()?.try_into().map_err(|_| Sw::WRONG_DATA)?;
        Ok(Self { block, length, check_value: CheckValue(check_value) })
    }

    /// The check value that came with it.
    #[must_use]
    pub const fn check_value(&self) -> CheckValue {
        self.check_value
    }

    /// The key itself.
    ///
    /// # Errors
    /// `9485` if it does not have the check value that came with it.
    pub fn decrypt(&self, dek: &Key) -> Result<Key, Sw> {
        let mut padded = [0; Key::MAX_LENGTH];
        let block = padded.get_mut(..self.block.len()).ok_or(Sw::WRONG_DATA)?;
        block.copy_from_slice(self.block);
        dek.aes().cbc_decrypt([0; BLOCK], block);
        let key = Key::new(block.get(..usize::from(self.length)).unwrap_or_default());
        padded.zeroize();
        let key = key.map_err(|_| Sw::WRONG_DATA)?;
        if bool::from(key.check_value().0.ct_eq(&self.check_value.0)) { Ok(key) } else { Err(WRONG_CHECK_VALUE) }
    }
}

impl PutKeyResponse {
    /// The data field.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Whether the card has answered this.
    #[must_use]
    pub fn is(&self, data: &[u8]) -> bool {
        self.bytes() == data
    }
}

impl fmt::Debug for EncryptedKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptedKey({} bytes, check value {})", self.length, self.check_value)
    }
}

//! GET DATA, and STORE DATA for the domain itself.
//!
//! | tag | | read | written |
//! |---|---|---|---|
//! | `42` | issuer identification number, up to 16 bytes | once it is set | yes |
//! | `45` | card image number, up to 16 bytes | once it is set | yes |
//! | `66` | card recognition data | yes | |
//! | `C1` | sequence counter of the first key set | if challenges are pseudo-random | |
//! | `E0` | key information | yes | |
//! | `9F7F` | CPLC, 42 bytes | yes | yes |
//!
//! Others are `6A88`. STORE DATA has whole objects in each block, which are written together, and blocks in order from 00:
//! `6985` otherwise. DGIs, and data that is encrypted within, are `6A86`.

use apdu::{Sw, Tag, tlv};
use globalplatform::command::{Encryption, Format, GetData, StoreData};
use globalplatform::data::{CardRecognition, KeyInformation};
use globalplatform::scp03::SCP03;

use super::Card;
use super::memory::{Places, Slot, short, to_short};
use super::session::Work;

/// The version of GlobalPlatform that the card says it has.
const VERSION: [u8; 3] = [2, 3, 1];
/// Room for the longest of the objects: key information, of 4 sets.
const ROOM: usize = 2 + 4 * 3 * 6;

const ISSUER: Tag = Tag::new(0x42);
const IMAGE: Tag = Tag::new(0x45);
const COUNTER: Tag = Tag::new(0xC1);
const CPLC: Tag = Tag::new(0x9F7F);

impl Card {
    pub(super) fn domain_data(&mut self, wanted: GetData) -> Result<(), Sw> {
        let places = Places::new();
        let missing = Sw::REFERENCED_DATA_NOT_FOUND;
        let mut room = [0; ROOM];
        let object = match wanted {
            GetData::ISSUER_IDENTIFICATION => {
                let value = self.domain_value(places.issuer);
                one(ISSUER, short(&value).ok_or(missing)?, &mut room)?
            }
            GetData::CARD_IMAGE => {
                let value = self.domain_value(places.image);
                one(IMAGE, short(&value).ok_or(missing)?, &mut room)?
            }
            GetData::CARD_DATA => {
                let i = self.parameter()?.byte();
                let recognition = CardRecognition { version: VERSION, protocol: SCP03, i };
                recognition.encode(&mut room).map_err(|_| Sw::UNKNOWN)?
            }
            GetData::SEQUENCE_COUNTER if self.parameter()?.pseudo_random => {
                let (_, slot) = self.key_set(0).ok_or(missing)?;
                one(COUNTER, &slot.sequence, &mut room)?
            }
            GetData::KEY_INFORMATION => {
                let entry = |id, slot: &Slot| {
                    let Slot { version, length, .. } = *slot;
                    KeyInformation { id, version, kind: KeyInformation::AES, length }
                };
                let keys = self.key_sets().flat_map(|(_, slot)| [1, 2, 3].map(|id| entry(id, &slot)));
                KeyInformation::encode(&keys.collect::<Vec<_>>(), &mut room).map_err(|_| Sw::UNKNOWN)?
            }
            GetData::CPLC => one(CPLC, &self.domain_value(places.cplc), &mut room)?,
            _ => return Err(missing),
        };
        self.answer.put(object);
        Ok(())
    }

    pub(super) fn store_own_data(&mut self, work: &mut Work, block: &StoreData<'_>) -> Result<(), Sw> {
        if block.format == Format::Dgi || block.encryption != Encryption::Unsaid {
            return Err(Sw::INCORRECT_P1_P2);
        }
        if block.number != std::mem::take(&mut work.next_block) {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        let places = Places::new();
        self.in_domain(|memory| {
            memory.atomically(|memory| {
                for object in tlv::iter(block.data) {
                    let object = object.map_err(|_| Sw::WRONG_DATA)?;
                    let short = || to_short(object.value).ok_or(Sw::WRONG_DATA);
                    match object.tag {
                        ISSUER => memory.write(places.issuer, &short()?)?,
                        IMAGE => memory.write(places.image, &short()?)?,
                        CPLC => memory.write(places.cplc, object.value.try_into().map_err(|_| Sw::WRONG_DATA)?)?,
                        _ => return Err(Sw::REFERENCED_DATA_NOT_FOUND),
                    }
                }
                Ok(())
            })
        })?;
        if !block.last {
            work.next_block = block.number.wrapping_add(1);
        }
        Ok(())
    }
}

/// One object.
fn one<'b>(tag: Tag, value: &[u8], room: &'b mut [u8]) -> Result<&'b [u8], Sw> {
    let mut writer = tlv::Writer::new(room);
    writer.put(tag, value).map_err(|_| Sw::UNKNOWN)?;
    Ok(writer.finish())
}

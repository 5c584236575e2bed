//! Data objects that tell what a card is: GET DATA answers with them, each with its tag.

use apdu::{BufferTooSmall, Tag, TlvError, tlv};

use crate::key::KeySet;

/// Card recognition data: which version of GlobalPlatform, and which secure channel.
///
/// `66 { 73 { 06 {GlobalPlatform} 60 { 06 {version} } 63 { 06 {identification scheme} } 64 { 06 {protocol, i} } } }`,
/// the object identifiers below 1.2.840.114283. Source: GlobalPlatform Card Specification v2.3.1 §H.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardRecognition {
    /// The version of GlobalPlatform, such as 2.3.1; a third number of 0 is not written.
    pub version: [u8; 3],
    /// The number of the secure channel protocol: `03`.
    pub protocol: u8,
    /// Its parameter `i`.
    pub i: u8,
}

/// Key information: one entry, `C0`, of the template `E0` for each key.
///
/// Source: GlobalPlatform Card Specification v2.3.1 §11.3.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInformation {
    /// The key identifier.
    pub id: u8,
    /// The key version.
    pub version: u8,
    /// Its type: [`KeyInformation::AES`].
    pub kind: u8,
    /// Its length in bytes.
    pub length: u8,
}

/// Card production life cycle data, `9F7F`: who made what of the card, when. Dates are years' last digit and days.
///
/// Source: GlobalPlatform Card Specification v2.1.1, which later versions leave to the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cplc {
    /// Who made the chip, and its type.
    pub ic: [u8; 4],
    /// The operating system: who, when, which level.
    pub operating_system: [u8; 6],
    /// When the chip was made.
    pub fabrication_date: [u8; 2],
    /// The chip's serial number.
    pub serial: [u8; 4],
    /// Its batch.
    pub batch: [u8; 2],
    /// Who packed the module, when.
    pub module: [u8; 4],
    /// Who embedded it, when.
    pub embedding: [u8; 4],
    /// Who prepared it for personalisation, when, on which machine.
    pub pre_personalization: [u8; 8],
    /// Who personalised it, when, on which machine.
    pub personalization: [u8; 8],
}

/// Not the data object that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Not a data object at all.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// An object that is missing, of another length, or not what it must be.
    #[error("no proper {0}")]
    Object(Tag),
}

const CARD_DATA: Tag = Tag::new(0x66);
const RECOGNITION: Tag = Tag::new(0x73);
const OID: Tag = Tag::new(0x06);
const VERSION: Tag = Tag::new(0x60);
const IDENTIFICATION: Tag = Tag::new(0x63);
const CHANNEL: Tag = Tag::new(0x64);
const TEMPLATE: Tag = Tag::new(0xE0);
const KEY: Tag = Tag::new(0xC0);
const CPLC: Tag = Tag::new(0x9F7F);

/// 1.2.840.114283, in BER.
const GLOBALPLATFORM: [u8; 6] = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B];

impl CardRecognition {
    /// Writes the object, `66`.
    ///
    /// # Errors
    /// [`BufferTooSmall`].
    pub fn encode<'b>(&self, room: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let [a, b, c, d, e, f] = GLOBALPLATFORM;
        let [major, minor, patch] = self.version;
        let long = [a, b, c, d, e, f, 2, major, minor, patch];
        let version = if patch == 0 { long.get(..9).unwrap_or_default() } else { &long };
        let mut writer = tlv::Writer::new(room);
        writer.constructed(CARD_DATA, |writer| {
            writer.constructed(RECOGNITION, |writer| {
                writer.put(OID, &[a, b, c, d, e, f, 1])?;
                writer.constructed(VERSION, |writer| writer.put(OID, version))?;
                writer.constructed(IDENTIFICATION, |writer| writer.put(OID, &[a, b, c, d, e, f, 3]))?;
                writer.constructed(CHANNEL, |writer| writer.put(OID, &[a, b, c, d, e, f, 4, self.protocol, self.i]))
            })
        })?;
        Ok(writer.finish())
    }

    /// Reads the object. Of several secure channels, SCP03 is taken, else the first.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn decode(data: &[u8]) -> Result<Self, DataError> {
        let recognition = tlv::find(data, &[CARD_DATA, RECOGNITION])?.ok_or(DataError::Object(RECOGNITION))?;
        let object = |path: &[Tag]| Ok::<_, DataError>(tlv::find(recognition, path)?.and_then(below));
        let version = match object(&[VERSION, OID])? {
            Some([2, major, minor]) => [*major, *minor, 0],
            Some([2, major, minor, patch]) => [*major, *minor, *patch],
            _ => return Err(DataError::Object(VERSION)),
        };
        if object(&[OID])? != Some(&[1]) {
            return Err(DataError::Object(OID));
        }
        let mut channel = None;
        for object in tlv::iter(recognition) {
            let object = object?;
            if object.tag == CHANNEL {
                for oid in tlv::iter(object.value) {
                    let oid = oid?;
                    if let (OID, Some([4, protocol, i])) = (oid.tag, below(oid.value))
                        && (channel.is_none() || *protocol == 3)
                    {
                        channel = Some((*protocol, *i));
                    }
                }
            }
        }
        let (protocol, i) = channel.ok_or(DataError::Object(CHANNEL))?;
        Ok(Self { version, protocol, i })
    }
}

/// What of an object identifier is below GlobalPlatform's.
fn below(oid: &[u8]) -> Option<&[u8]> {
    oid.strip_prefix(&GLOBALPLATFORM)
}

impl KeyInformation {
    /// The type of AES keys.
    pub const AES: u8 = 0x88;

    /// The three entries of a set.
    #[must_use]
    pub fn of_set(version: u8, keys: &KeySet) -> [Self; 3] {
        let length = u8::try_from(keys.key_len()).unwrap_or(0);
        [1, 2, 3].map(|id| Self { id, version, kind: Self::AES, length })
    }

    /// Writes the template, `E0`.
    ///
    /// # Errors
    /// [`BufferTooSmall`].
    pub fn encode<'b>(entries: &[Self], room: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let mut writer = tlv::Writer::new(room);
        writer.constructed(TEMPLATE, |writer| {
            entries.iter().try_for_each(|key| writer.put(KEY, &[key.id, key.version, key.kind, key.length]))
        })?;
        Ok(writer.finish())
    }

    /// The entries of a template; of a key with several components, the first.
    ///
    /// # Errors
    /// [`DataError`] if there is no template; each entry may have its own.
    pub fn decode(data: &[u8]) -> Result<impl Iterator<Item = Result<Self, DataError>>, DataError> {
        let template = tlv::find(data, &[TEMPLATE])?.ok_or(DataError::Object(TEMPLATE))?;
        Ok(tlv::iter(template).map(|object| match object? {
            tlv::Tlv { tag: KEY, value: [id, version, kind, length, rest @ ..] } if rest.len() % 2 == 0 => {
                Ok(Self { id: *id, version: *version, kind: *kind, length: *length })
            }
            _ => Err(DataError::Object(KEY)),
        }))
    }
}

impl Cplc {
    /// Bytes of the object with its tag.
    pub const LENGTH: usize = 3 + 42;

    /// Writes the object, `9F7F`.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let fields: [&[u8]; 10] = [
            &[0x9F, 0x7F, 42],
            &self.ic,
            &self.operating_system,
            &self.fabrication_date,
            &self.serial,
            &self.batch,
            &self.module,
            &self.embedding,
            &self.pre_personalization,
            &self.personalization,
        ];
        let mut out = [0; Self::LENGTH];
        out.iter_mut().zip(fields.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        out
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn decode(data: &[u8]) -> Result<Self, DataError> {
        let wrong = DataError::Object(CPLC);
        let (object, rest) = tlv::parse(data)?;
        let (mut cplc, mut left) = (Self::default(), object.value);
        let fields: [&mut [u8]; 9] = [
            &mut cplc.ic,
            &mut cplc.operating_system,
            &mut cplc.fabrication_date,
            &mut cplc.serial,
            &mut cplc.batch,
            &mut cplc.module,
            &mut cplc.embedding,
            &mut cplc.pre_personalization,
            &mut cplc.personalization,
        ];
        for field in fields {
            let (value, behind) = left.split_at_checked(field.len()).ok_or(wrong)?;
            field.copy_from_slice(value);
            left = behind;
        }
        if object.tag == CPLC && left.is_empty() && rest.is_empty() { Ok(cplc) } else { Err(wrong) }
    }
}

//! GET STATUS, and the entries of the registry that it answers with.

use core::fmt;

use apdu::{Aid, BufferTooSmall, Cla, Command, Sw, Tag, Tlv, TlvError, tlv};

use super::fields::Room;
use super::{EncodeError, Instruction, expect};
use crate::Privileges;

/// GET STATUS, in the form with data objects (P2 bit `02`): the form without is of old, and refused.
///
/// The data is `4F` with the start of an AID, or with nothing for all; `5C` with the tags wanted may follow.
/// Source: GPCS §11.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetStatus<'a> {
    /// What is asked about.
    pub scope: Scope,
    /// Whether this asks for what did not fit the response before, `6310`.
    pub next: bool,
    /// What the AIDs begin with: 0 to 16 bytes.
    pub aid: &'a [u8],
    /// The tags wanted, one after the other; all if there are none.
    pub tags: &'a [u8],
}

/// P1 of GET STATUS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `80`: the issuer domain.
    IssuerDomain,
    /// `40`: applications, and other security domains.
    Applications,
    /// `20`: load files.
    LoadFiles,
    /// `10`: load files and their modules.
    LoadFilesAndModules,
}

/// One entry, `E3`.
///
/// | tag | |
/// |---|---|
/// | `4F` | AID |
/// | `9F70` | life cycle state |
/// | `C5` | privileges, 1 or 3 bytes |
/// | `C4` | AID of its load file |
/// | `CE` | version of a load file |
/// | `CC` | AID of its security domain |
///
/// Other objects, such as `84` for each module of a load file, are passed over. Source: GPCS §11.4.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryEntry {
    /// Its name.
    pub aid: Aid,
    /// Its life cycle state; see [`crate::CardState`] and [`crate::ApplicationState`].
    pub state: u8,
    /// Its privileges; a load file has none.
    pub privileges: Option<Privileges>,
    /// Its load file.
    pub load_file: Option<Aid>,
    /// A load file's version.
    pub version: Option<[u8; 2]>,
    /// Its security domain.
    pub domain: Option<Aid>,
}

impl GetStatus<'_> {
    /// The warning that more entries follow: ask again with `next`. Source: GPCS §11.4.3.2.
    pub const MORE: Sw = Sw::new(0x6310);
}

const ENTRY: Tag = Tag::new(0xE3);
const AID: Tag = Tag::new(0x4F);
const TAGS: Tag = Tag::new(0x5C);
const STATE: Tag = Tag::new(0x9F70);
const PRIVILEGES: Tag = Tag::new(0xC5);
const LOAD_FILE: Tag = Tag::new(0xC4);
const VERSION: Tag = Tag::new(0xCE);
const DOMAIN: Tag = Tag::new(0xCC);

impl<'a> GetStatus<'a> {
    /// All there is of this.
    #[must_use]
    pub const fn all(scope: Scope) -> Self {
        Self { scope, next: false, aid: &[], tags: &[] }
    }
}

impl<'a> Instruction<'a> for GetStatus<'a> {
    const INS: u8 = 0xF2;

    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let mut out = Room::new(room);
        out.put(&[0x4F])?;
        out.short(self.aid)?;
        if !self.tags.is_empty() {
            out.put(&[0x5C])?;
            out.long(self.tags)?;
        }
        let p1 = match self.scope {
            Scope::IssuerDomain => 0x80,
            Scope::Applications => 0x40,
            Scope::LoadFiles => 0x20,
            Scope::LoadFilesAndModules => 0x10,
        };
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, p1, 0x02 | u8::from(self.next), out.finish(), 256)?)
    }

    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        expect::<Self>(command)?;
        let scope = match command.p1() {
            0x80 => Scope::IssuerDomain,
            0x40 => Scope::Applications,
            0x20 => Scope::LoadFiles,
            0x10 => Scope::LoadFilesAndModules,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let next = match command.p2() {
            0x02 => false,
            0x03 => true,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let wrong = |_| Sw::WRONG_DATA;
        let (aid, rest) = tlv::parse(command.data()).map_err(wrong)?;
        let tags = match rest {
            [] => &[],
            rest => match tlv::parse(rest).map_err(wrong)? {
                (Tlv { tag: TAGS, value }, []) if !value.is_empty() => value,
                _ => return Err(Sw::WRONG_DATA),
            },
        };
        if aid.tag != AID || aid.value.len() > Aid::MAX_LENGTH {
            return Err(Sw::WRONG_DATA);
        }
        Ok(Self { scope, next, aid: aid.value, tags })
    }
}

impl RegistryEntry {
    /// Writes the entry behind those that `writer` has already.
    ///
    /// # Errors
    /// [`BufferTooSmall`]; the writer is then as before: answer [`GetStatus::MORE`].
    pub fn encode(&self, writer: &mut tlv::Writer<'_>) -> Result<(), BufferTooSmall> {
        writer.constructed(ENTRY, |writer| {
            writer.put(AID, self.aid.as_bytes())?;
            writer.put(STATE, &[self.state])?;
            if let Some(privileges) = self.privileges {
                writer.put(PRIVILEGES, &privileges.0)?;
            }
            for (tag, aid) in [(LOAD_FILE, self.load_file), (DOMAIN, self.domain)] {
                if let Some(aid) = aid {
                    writer.put(tag, aid.as_bytes())?;
                }
            }
            self.version.map_or(Ok(()), |version| writer.put(VERSION, &version))
        })
    }

    /// The entries of a response.
    pub fn decode_all(data: &[u8]) -> impl Iterator<Item = Result<Self, EntryError>> {
        tlv::iter(data).map(|entry| Self::decode(&entry?))
    }

    fn decode(entry: &Tlv<'_>) -> Result<Self, EntryError> {
        if entry.tag != ENTRY {
            return Err(EntryError::NotAnEntry(entry.tag));
        }
        let field = |tag| Ok::<_, EntryError>(tlv::find(entry.value, &[tag])?);
        let aid = |tag| match field(tag)? {
            None => Ok(None),
            Some(bytes) => Aid::new(bytes).map(Some).map_err(|_| EntryError::Value(tag)),
        };
        let state = match field(STATE)? {
            // Some cards add a second byte.
            Some([state] | [state, _]) => *state,
            _ => return Err(EntryError::Value(STATE)),
        };
        let privileges = match field(PRIVILEGES)? {
            None => None,
            Some(bytes) => Some(Privileges::decode(bytes).ok_or(EntryError::Value(PRIVILEGES))?),
        };
        let version = match field(VERSION)? {
            None => None,
            Some(bytes) => Some(bytes.try_into().map_err(|_| EntryError::Value(VERSION))?),
        };
        let load_file = aid(LOAD_FILE)?;
        let name = aid(AID)?.ok_or(EntryError::Value(AID))?;
        Ok(Self { aid: name, state, privileges, load_file, version, domain: aid(DOMAIN)? })
    }
}

/// Why an entry cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Not data objects.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// Something else than an entry.
    #[error("{0} where an entry, E3, is expected")]
    NotAnEntry(Tag),
    /// An object that is missing, or has a value that it cannot have.
    #[error("an entry without a proper {0}")]
    Value(Tag),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IssuerDomain => "issuer domain",
            Self::Applications => "applications",
            Self::LoadFiles => "load files",
            Self::LoadFilesAndModules => "load files and modules",
        })
    }
}

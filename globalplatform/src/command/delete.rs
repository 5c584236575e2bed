//! DELETE.

use apdu::{Aid, Cla, Command, Sw, Tag, tlv};

use super::fields::Room;
use super::{EncodeError, Instruction, expect};

/// DELETE: an application or load file, or keys.
///
/// `4F` with an AID, P2 `80` if what depends on it goes too; or `D0` with a key identifier, `D2` with a key version.
/// P1 is `00`. Source: GPCS §11.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delete {
    /// An application or a load file.
    Object {
        /// Its name.
        aid: Aid,
        /// Whether the applications of a load file go with it.
        related: bool,
    },
    /// Keys: all of a version, all of an identifier, or one.
    Keys {
        /// The key identifier; all if there is none.
        id: Option<u8>,
        /// The key version; all if there is none.
        version: Option<u8>,
    },
}

const AID: Tag = Tag::new(0x4F);
const KEY_ID: Tag = Tag::new(0xD0);
const KEY_VERSION: Tag = Tag::new(0xD2);

impl<'a> Instruction<'a> for Delete {
    const INS: u8 = 0xE4;

    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let mut out = Room::new(room);
        let mut related = false;
        match self {
            Self::Object { aid, related: too } => {
                related = *too;
                out.put(&[0x4F])?;
                out.short(aid.as_bytes())?;
            }
            Self::Keys { id, version } => {
                if let Some(id) = id {
                    out.put(&[0xD0, 1, *id])?;
                }
                if let Some(version) = version {
                    out.put(&[0xD2, 1, *version])?;
                }
            }
        }
        let p2 = if related { 0x80 } else { 0 };
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, 0, p2, out.finish(), 256)?)
    }

    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        expect::<Self>(command)?;
        let related = match (command.p1(), command.p2()) {
            (0, 0) => false,
            (0, 0x80) => true,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let (first, rest) = tlv::parse(command.data()).map_err(|_| Sw::WRONG_DATA)?;
        let second = match rest {
            [] => None,
            rest => Some(tlv::parse(rest).map_err(|_| Sw::WRONG_DATA)?),
        };
        match (first.tag, first.value, second) {
            (AID, aid, None) => Ok(Self::Object { aid: Aid::new(aid).map_err(|_| Sw::WRONG_DATA)?, related }),
            _ if related => Err(Sw::INCORRECT_P1_P2),
            (KEY_ID, [id], None) => Ok(Self::Keys { id: Some(*id), version: None }),
            (KEY_VERSION, [version], None) => Ok(Self::Keys { id: None, version: Some(*version) }),
            (KEY_ID, [id], Some((second, []))) => match (second.tag, second.value) {
                (KEY_VERSION, [version]) => Ok(Self::Keys { id: Some(*id), version: Some(*version) }),
                _ => Err(Sw::WRONG_DATA),
            },
            _ => Err(Sw::WRONG_DATA),
        }
    }
}

//! GET DATA.

use apdu::{Cla, Command, SecureMessaging, Sw};

use super::{EncodeError, Instruction};

/// GET DATA: P1 and P2 are the tag. The class may be `00` as well.
///
/// Source: GPCS §11.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetData {
    /// The tag, P1 and P2; one of a single byte has P1 `00`.
    pub tag: u16,
}

impl GetData {
    /// The issuer identification number.
    pub const ISSUER_IDENTIFICATION: Self = Self { tag: 0x0042 };
    /// The card image number.
    pub const CARD_IMAGE: Self = Self { tag: 0x0045 };
    /// Card data, with card recognition data in it.
    pub const CARD_DATA: Self = Self { tag: 0x0066 };
    /// The sequence counter of the default key version.
    pub const SEQUENCE_COUNTER: Self = Self { tag: 0x00C1 };
    /// Key diversification data.
    pub const DIVERSIFICATION: Self = Self { tag: 0x00CF };
    /// The key information template.
    pub const KEY_INFORMATION: Self = Self { tag: 0x00E0 };
    /// Card production life cycle data.
    pub const CPLC: Self = Self { tag: 0x9F7F };
}

impl<'a> Instruction<'a> for GetData {
    const INS: u8 = 0xCA;

    fn encode<'b>(&self, _: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let [p1, p2] = self.tag.to_be_bytes();
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, p1, p2, &[], 256)?)
    }

    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        let cla = command.cla();
        if !matches!(cla.base(), 0x00 | 0x80) || cla.chaining() {
            return Err(Sw::CLA_NOT_SUPPORTED);
        }
        if cla.secure_messaging() != SecureMessaging::None {
            return Err(Sw::SECURE_MESSAGING_NOT_SUPPORTED);
        }
        if command.ins() != <Self as Instruction<'a>>::INS {
            return Err(Sw::INS_NOT_SUPPORTED);
        }
        if !command.data().is_empty() {
            return Err(Sw::WRONG_LENGTH);
        }
        Ok(Self { tag: u16::from_be_bytes([command.p1(), command.p2()]) })
    }
}

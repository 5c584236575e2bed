//! STORE DATA.

use core::fmt;

use apdu::{Cla, Command, Sw};

use super::{EncodeError, Instruction, expect};

/// One block of STORE DATA, for the domain, or for the application that INSTALL [for personalization] has named.
///
/// | P1 bits | |
/// |---|---|
/// | `80` | the last block |
/// | `60` | `00` nothing said of encryption, `20` depends on the application, `60` encrypted |
/// | `18` | `00` nothing said of the format, `08` DGIs, `10` BER-TLV |
/// | `06` | `00` |
/// | `01` | response data is expected |
///
/// P2 is the number of the block, from 0. Source: GPCS §11.11.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StoreData<'a> {
    /// The number of the block.
    pub number: u8,
    /// Whether it is the last.
    pub last: bool,
    /// What is said of encryption within the data: nothing to do with that of the channel.
    pub encryption: Encryption,
    /// What is said of the data's format.
    pub format: Format,
    /// Whether response data is expected.
    pub response: bool,
    /// The data.
    pub data: &'a [u8],
}

/// What is said of encryption within the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// Nothing, or there is none.
    #[default]
    Unsaid,
    /// The application knows.
    ApplicationDependent,
    /// The data is encrypted.
    Encrypted,
}

/// What is said of the data's format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Nothing.
    #[default]
    Unsaid,
    /// Data groupings, as EMV CPS has them.
    Dgi,
    /// BER-TLV.
    BerTlv,
}

impl<'a> StoreData<'a> {
    /// All blocks of `data`, of `size` bytes each but the last; `None` if more than 256 were needed, or `size` is 0.
    pub fn blocks(data: &'a [u8], size: usize, format: Format) -> Option<impl Iterator<Item = Self>> {
        let count =
            data.len().checked_div(size)?.saturating_add(usize::from(data.len().checked_rem(size)? != 0)).max(1);
        let end = u8::try_from(count.checked_sub(1)?).ok()?;
        Some((0..=end).map(move |number| {
            let start = usize::from(number).saturating_mul(size);
            let rest = data.get(start..).unwrap_or_default();
            let data = rest.get(..size).unwrap_or(rest);
            Self { number, last: number == end, encryption: Encryption::Unsaid, format, response: false, data }
        }))
    }
}

impl<'a> Instruction<'a> for StoreData<'a> {
    const INS: u8 = 0xE2;

    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let mut out = super::fields::Room::new(room);
        out.put(self.data)?;
        let p1 = if self.last { 0x80 } else { 0 }
            | match self.encryption {
                Encryption::Unsaid => 0x00,
                Encryption::ApplicationDependent => 0x20,
                Encryption::Encrypted => 0x60,
            }
            | match self.format {
                Format::Unsaid => 0x00,
                Format::Dgi => 0x08,
                Format::BerTlv => 0x10,
            }
            | u8::from(self.response);
        let ne = if self.response { 256 } else { 0 };
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, p1, self.number, out.finish(), ne)?)
    }

    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        expect::<Self>(command)?;
        let p1 = command.p1();
        let encryption = match p1 & 0x60 {
            0x00 => Encryption::Unsaid,
            0x20 => Encryption::ApplicationDependent,
            0x60 => Encryption::Encrypted,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let format = match p1 & 0x18 {
            0x00 => Format::Unsaid,
            0x08 => Format::Dgi,
            0x10 => Format::BerTlv,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        if p1 & 0x06 != 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let (number, last, response) = (command.p2(), p1 & 0x80 != 0, p1 & 0x01 != 0);
        Ok(Self { number, last, encryption, format, response, data: command.data() })
    }
}

impl fmt::Debug for StoreData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = if self.last { ", last" } else { "" };
        write!(f, "StoreData({}{last}, {} bytes)", self.number, self.data.len())
    }
}

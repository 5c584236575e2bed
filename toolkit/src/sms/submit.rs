//! SMS-SUBMIT: a short message on its way to the service centre.

use apdu::BufferTooSmall;

use super::{Header, UserData};
use crate::tlv::Writer;
use crate::{Address, Dcs, DecodeError, DecodeErrorKind};

/// An SMS-SUBMIT.
///
/// | bytes | are |
/// |---|---|
/// | 1 | bits 2-1 message type 01; 3 reject duplicates; 5-4 form of the validity period; 6 status report; 7 header; 8 reply path |
/// | 1 | message reference |
/// | 2-12 | destination: count of digits, type and plan, digits |
/// | 1 | protocol identifier |
/// | 1 | data coding scheme |
/// | 0, 1 or 7 | validity period |
/// | 1 | length of the user data: septets if packed, else bytes |
/// | 0-140 | user data; 160 if the terminal has still to pack them |
///
/// Source: 3GPP TS 23.040 clause 9.2.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submit<'a> {
    /// TP-RD: whether the service centre must refuse it, if it still holds one with the same reference and destination.
    pub reject_duplicates: bool,
    /// TP-SRR: whether a status report is wanted.
    pub status_report: bool,
    /// TP-RP: whether the answer may go by the same service centre.
    pub reply_path: bool,
    /// TP-MR: the reference. In a SEND SHORT MESSAGE it is 00 and the terminal's to fill.
    pub reference: u8,
    /// TP-DA: to whom.
    pub destination: Address<'a>,
    /// TP-PID: the protocol identifier, 00 as a rule.
    pub protocol: u8,
    /// TP-VP: for how long the service centre keeps it.
    pub validity: Validity,
    /// TP-UD, and its coding TP-DCS.
    pub data: UserData<'a>,
}

/// For how long a service centre keeps a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// As long as it likes.
    Unspecified,
    /// One byte: 00-8F in five minutes and more, A7-C4 in days, C5-FF in weeks; see [`minutes`](Self::minutes).
    Relative(u8),
    /// Until then: as a service centre time stamp.
    Absolute([u8; 7]),
    /// The enhanced form.
    Enhanced([u8; 7]),
}

impl Validity {
    /// In minutes, if it is relative.
    ///
    /// Source: 3GPP TS 23.040 clause 9.2.3.12.1.
    #[must_use]
    pub fn minutes(self) -> Option<u32> {
        let Self::Relative(byte) = self else { return None };
        let value = u32::from(byte);
        const DAY: u32 = 24 * 60;
        Some(match byte {
            0..=143 => value.saturating_add(1).saturating_mul(5),
            144..=167 => value.saturating_sub(143).saturating_mul(30).saturating_add(DAY / 2),
            168..=196 => value.saturating_sub(166).saturating_mul(DAY),
            197..=255 => value.saturating_sub(192).saturating_mul(7 * DAY),
        })
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Unspecified => 0b00 << 3,
            Self::Enhanced(_) => 0b01 << 3,
            Self::Relative(_) => 0b10 << 3,
            Self::Absolute(_) => 0b11 << 3,
        }
    }
}

/// Reads from the front, and knows where it is.
struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let truncated = DecodeError::new(self.at.saturating_add(self.rest.len()), DecodeErrorKind::MessageTruncated);
        let (head, rest) = self.rest.split_at_checked(count).ok_or(truncated)?;
        self.rest = rest;
        self.at = self.at.saturating_add(count);
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        self.take(1).map(|bytes| bytes.first().copied().unwrap_or_default())
    }

    fn seven(&mut self) -> Result<[u8; 7], DecodeError> {
        self.take(7).map(|bytes| bytes.try_into().unwrap_or_default())
    }
}

impl<'a> Submit<'a> {
    /// The longest encoding, in bytes: 164 on its way to the network, 20 more while the terminal has still to pack it.
    pub const MAX_LENGTH: usize = 184;

    /// A message to this number, with no wishes.
    #[must_use]
    pub const fn new(destination: Address<'a>, data: UserData<'a>) -> Self {
        Self {
            reject_duplicates: false,
            status_report: false,
            reply_path: false,
            reference: 0,
            destination,
            protocol: 0,
            validity: Validity::Unspecified,
            data,
        }
    }

    /// Reads an SMS-SUBMIT.
    ///
    /// # Errors
    /// Where and why it is none: another message type, a destination that is no number of at most 20 digits, user data
    /// that are longer or shorter than they say.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let value = |at, what| DecodeError::new(at, DecodeErrorKind::Value { what });
        let mut reader = Reader { rest: bytes, at: 0 };
        let first = reader.byte()?;
        if first & 0b11 != 0b01 {
            return Err(value(0, "the message type"));
        }
        let reference = reader.byte()?;
        let digits = usize::from(reader.byte()?);
        let kind = reader.byte()?;
        let bcd = reader.take(digits.div_ceil(2))?;
        let destination = Address::new(kind, bcd)
            .filter(|address| address.len() == digits && bcd.len() <= Address::MAX_SMS_BYTES)
            .ok_or(value(2, "the destination"))?;
        let protocol = reader.byte()?;
        let dcs = Dcs(reader.byte()?);
        let validity = match first >> 3 & 0b11 {
            0b00 => Validity::Unspecified,
            0b01 => Validity::Enhanced(reader.seven()?),
            0b10 => Validity::Relative(reader.byte()?),
            _ => Validity::Absolute(reader.seven()?),
        };
        let at = reader.at;
        let length = reader.byte()?;
        let data =
            UserData::read(dcs, first & 0x40 != 0, length, reader.rest).map_err(|kind| DecodeError::new(at, kind))?;
        Ok(Self {
            reject_duplicates: first & 0x04 != 0,
            status_report: first & 0x20 != 0,
            reply_path: first & 0x80 != 0,
            reference,
            destination,
            protocol,
            validity,
            data,
        })
    }

    /// Writes the message to the start of `out`, and returns what was written.
    ///
    /// # Errors
    /// [`BufferTooSmall`].
    pub fn encode<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let bit = |on, bit| if on { bit } else { 0_u8 };
        let first = 0b01
            | bit(self.reject_duplicates, 0x04)
            | self.validity.bits()
            | bit(self.status_report, 0x20)
            | bit(self.data.header != Header::None, 0x40)
            | bit(self.reply_path, 0x80);
        let digits = u8::try_from(self.destination.len()).unwrap_or(u8::MAX);
        let mut writer = Writer::new(out);
        writer.append(&[first, self.reference, digits, self.destination.kind()]);
        writer.append(self.destination.bcd());
        writer.append(&[self.protocol, self.data.dcs().0]);
        match &self.validity {
            Validity::Unspecified => {}
            Validity::Relative(byte) => writer.append(&[*byte]),
            Validity::Absolute(bytes) | Validity::Enhanced(bytes) => writer.append(bytes),
        }
        self.data.encode(&mut writer);
        writer.finish()
    }
}

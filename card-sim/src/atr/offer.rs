//! What a card offers, and the ATR that says so.

use super::speed::Speed;
use super::{Atr, check_character};

/// What a card offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The transmission protocols.
    pub protocols: Protocols,
    /// TA1, the speed: Fi in the high digit, Di in the low. `11` is the default.
    pub speed: u8,
    /// IFSC, the longest information field of a block that the card takes in T=1, 1 to 254 bytes. 32 is the default.
    pub information_field: u8,
    /// Whether SELECT takes the whole name of an application.
    pub selection_by_name: bool,
    /// Whether SELECT takes the beginning of a name.
    pub selection_by_partial_name: bool,
    /// How many logical channels there are, the basic one included: 1 to 20. From 8 on, the ATR says 8 or more.
    pub channels: u8,
    /// Who gives a new channel its number.
    pub numbering: Numbering,
    /// Whether a command may come as a chain.
    pub chaining: bool,
    /// Whether `Lc` and `Le` may be extended.
    pub extended_lengths: bool,
    /// Whether the longest command and response are told by a data object (`7F66`) of EF.ATR/INFO, which READ BINARY
    /// reads in the MF. A card without it has no MF.
    pub extended_length_information: bool,
}

/// The transmission protocols a card offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// T=0, character by character.
    T0,
    /// T=1, in blocks.
    T1,
    /// Both. T=0 comes first: protocols are named in rising order (ISO/IEC 7816-3:2006 §8.2.3).
    Both,
}

/// Who gives a logical channel its number when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// The card: MANAGE CHANNEL with P2 = `00`.
    ByCard,
    /// The interface device: MANAGE CHANNEL with the number in P2.
    ByDevice,
    /// Whoever wants to.
    ByEither,
}

/// No ATR can say what is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// TA1 with a digit that is reserved.
    #[error("{found:02X} is no speed: one of its digits is reserved")]
    Speed {
        /// The value.
        found: u8,
    },
    /// An information field of 0 or 255 bytes.
    #[error("an information field has 1 to 254 bytes, not {found}")]
    InformationField {
        /// The value.
        found: u8,
    },
    /// No channel, or more than there are.
    #[error("a card has 1 to 20 channels, not {found}")]
    Channels {
        /// The value.
        found: u8,
    },
}

const DEFAULT_INFORMATION_FIELD: u8 = 32;
/// More interface bytes follow: another TD, or one TA.
const TD: u8 = 0x80;
const TA: u8 = 0x10;

impl Offer {
    /// What a card of ours offers: [`DEFAULT`](super::DEFAULT) says it.
    pub const DEFAULT: Self = Self {
        protocols: Protocols::Both,
        speed: Speed::DEFAULT,
        information_field: 254,
        selection_by_name: true,
        selection_by_partial_name: true,
        channels: 4,
        numbering: Numbering::ByEither,
        chaining: true,
        extended_lengths: true,
        extended_length_information: true,
    };

    /// The ATR that says it.
    ///
    /// What is as the standard assumes it is not said: TA1 `11`, an information field of 32 bytes, and T=0 alone.
    ///
    /// # Errors
    /// [`OfferError`] for what no ATR can say.
    pub fn encode(&self) -> Result<Vec<u8>, OfferError> {
        self.check()?;
        let historical = self.historical();
        let mut bytes = Vec::with_capacity(Atr::MAX_LENGTH);
        bytes.extend([0x3B, u8::try_from(historical.len()).unwrap_or(0)]);
        // The byte that says what follows in its group: T0, then TD1, then TD2.
        let mut indicator = 1;
        let mut announce = |bytes: &mut Vec<u8>, what: u8| {
            if let Some(byte) = bytes.get_mut(indicator) {
                *byte |= what;
            }
            if what == TD {
                indicator = bytes.len();
            }
        };
        if self.speed != Speed::DEFAULT {
            announce(&mut bytes, TA);
            bytes.push(self.speed);
        }
        let field = (self.information_field != DEFAULT_INFORMATION_FIELD).then_some(self.information_field);
        // Bytes for T=1 begin with group 3: what stands in group 2 is for all protocols.
        let (first, second) = match (self.protocols, field) {
            (Protocols::T0, _) => (None, None),
            (Protocols::T1, None) => (Some(1), None),
            (Protocols::T1, Some(_)) => (Some(1), Some(1)),
            (Protocols::Both, _) => (Some(0), Some(1)),
        };
        for protocol in [first, second].into_iter().flatten() {
            announce(&mut bytes, TD);
            bytes.push(protocol);
        }
        if let (Some(_), Some(field)) = (second, field) {
            announce(&mut bytes, TA);
            bytes.push(field);
        }
        bytes.extend(historical);
        if first.is_some() {
            bytes.push(check_character(&bytes));
        }
        Ok(bytes)
    }

    const fn check(&self) -> Result<(), OfferError> {
        if Speed::of(self.speed).is_none() {
            return Err(OfferError::Speed { found: self.speed });
        }
        if matches!(self.information_field, 0 | 255) {
            return Err(OfferError::InformationField { found: self.information_field });
        }
        if !matches!(self.channels, 1..=20) {
            return Err(OfferError::Channels { found: self.channels });
        }
        Ok(())
    }

    /// Card service data and card capabilities in compact-TLV.
    ///
    /// Source: ISO/IEC 7816-4:2005 §8.1.1, historical bytes.
    fn historical(&self) -> [u8; 7] {
        let names = flag(self.selection_by_name, 0x80) | flag(self.selection_by_partial_name, 0x40);
        // Data objects in EF.ATR, read by READ BINARY; or no MF.
        let service = names | if self.extended_length_information { 0x10 | 0x08 } else { 0x01 };
        let channels = match self.numbering {
            _ if self.channels == 1 => 0,
            Numbering::ByCard => 0x10,
            Numbering::ByDevice => 0x08,
            Numbering::ByEither => 0x18,
        };
        let lengths = flag(self.chaining, 0x80)
            | flag(self.extended_lengths, 0x40)
            | flag(self.extended_length_information, 0x20)
            | channels
            | self.channels.saturating_sub(1).min(7);
        // Between the two, data units of one byte.
        [0x80, 0x31, service, 0x73, names, 0x01, lengths]
    }
}

impl Default for Offer {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const fn flag(set: bool, bits: u8) -> u8 {
    if set { bits } else { 0 }
}

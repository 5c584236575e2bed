//! The parameter `i`: which options of SCP03 a card has.

use core::fmt;

/// The options of a card.
///
/// | bit | option |
/// |---|---|
/// | `10` | pseudo-random card challenges |
/// | `20` | R-MAC |
/// | `40` | R-ENCRYPTION, only on top of R-MAC |
///
/// So `i` is 00, 10, 20, 30, 60 or 70. Source: Amendment D §5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// Whether card challenges are computed from a counter, and so known beforehand to whoever has the keys.
    pub pseudo_random: bool,
    /// How responses can be protected.
    pub responses: ResponseProtection,
}

/// How responses can be protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseProtection {
    /// Not at all.
    None,
    /// By R-MAC.
    Mac,
    /// By R-MAC, and by R-ENCRYPTION with it.
    MacAndEncryption,
}

/// Not a parameter `i` of SCP03 with S8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// Bit `01`: cryptograms and MACs of 16 bytes.
    #[error("SCP03 with i = {0:02X} is S16 mode (Amendment D v1.2), which is not supported")]
    S16(u8),
    /// Bit `40` without bit `20`.
    #[error("SCP03 has no i = {0:02X}: R-ENCRYPTION needs R-MAC")]
    EncryptionWithoutMac(u8),
    /// Any other.
    #[error("SCP03 has no i = {0:02X}: it is one of 00, 10, 20, 30, 60, 70")]
    Unknown(u8),
}

impl Parameter {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self { pseudo_random: false, responses: ResponseProtection::None },
        Self { pseudo_random: true, responses: ResponseProtection::None },
        Self { pseudo_random: false, responses: ResponseProtection::Mac },
        Self { pseudo_random: true, responses: ResponseProtection::Mac },
        Self { pseudo_random: false, responses: ResponseProtection::MacAndEncryption },
        Self { pseudo_random: true, responses: ResponseProtection::MacAndEncryption },
    ];

    /// The byte `i`.
    #[must_use]
    pub const fn byte(self) -> u8 {
        let challenge = if self.pseudo_random { 0x10 } else { 0 };
        challenge
            | match self.responses {
                ResponseProtection::None => 0,
                ResponseProtection::Mac => 0x20,
                ResponseProtection::MacAndEncryption => 0x60,
            }
    }
}

impl TryFrom<u8> for Parameter {
    type Error = ParameterError;

    fn try_from(i: u8) -> Result<Self, ParameterError> {
        let responses = match i & !0x10 {
            0x00 => ResponseProtection::None,
            0x20 => ResponseProtection::Mac,
            0x60 => ResponseProtection::MacAndEncryption,
            0x40 => return Err(ParameterError::EncryptionWithoutMac(i)),
            odd if odd & 0x01 != 0 => return Err(ParameterError::S16(i)),
            _ => return Err(ParameterError::Unknown(i)),
        };
        Ok(Self { pseudo_random: i & 0x10 != 0, responses })
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.byte())
    }
}

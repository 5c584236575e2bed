//! Security levels: what is protected in a session.

use core::fmt;

use super::{Parameter, ResponseProtection};

/// The security level of a session, P1 of EXTERNAL AUTHENTICATE.
///
/// Source: Amendment D §7.1.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// `00`: both ends are authenticated, nothing is protected.
    AuthenticatedOnly,
    /// `01`: C-MAC.
    CMac,
    /// `03`: C-DECRYPTION and C-MAC.
    CDecryption,
    /// `11`: C-MAC and R-MAC.
    CMacRMac,
    /// `13`: C-DECRYPTION, C-MAC and R-MAC.
    CDecryptionRMac,
    /// `33`: C-DECRYPTION, R-ENCRYPTION, C-MAC and R-MAC.
    Full,
}

impl Level {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::AuthenticatedOnly, Self::CMac, Self::CDecryption, Self::CMacRMac, Self::CDecryptionRMac, Self::Full];

    /// P1.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::AuthenticatedOnly => 0x00,
            Self::CMac => 0x01,
            Self::CDecryption => 0x03,
            Self::CMacRMac => 0x11,
            Self::CDecryptionRMac => 0x13,
            Self::Full => 0x33,
        }
    }

    /// The level of this P1, if there is one.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.byte() == byte)
    }

    /// Whether commands carry a C-MAC.
    #[must_use]
    pub const fn command_mac(self) -> bool {
        self.byte() & 0x01 != 0
    }

    /// Whether command data is enciphered.
    #[must_use]
    pub const fn command_encryption(self) -> bool {
        self.byte() & 0x02 != 0
    }

    /// Whether responses carry an R-MAC.
    #[must_use]
    pub const fn response_mac(self) -> bool {
        self.byte() & 0x10 != 0
    }

    /// Whether response data is enciphered.
    #[must_use]
    pub const fn response_encryption(self) -> bool {
        self.byte() & 0x20 != 0
    }

    /// Whether a card with these options can do it.
    #[must_use]
    pub fn permitted_by(self, i: Parameter) -> bool {
        let needed = match (self.response_mac(), self.response_encryption()) {
            (_, true) => ResponseProtection::MacAndEncryption,
            (true, false) => ResponseProtection::Mac,
            (false, false) => ResponseProtection::None,
        };
        needed <= i.responses
    }

    /// Whether it protects all that `least` does.
    #[must_use]
    pub const fn includes(self, least: Self) -> bool {
        self.byte() & least.byte() == least.byte()
    }

    /// The most command data that fits a command with a field of `room` bytes: 255 in short form, 65,535 in extended.
    ///
    /// ```
    /// use globalplatform::scp03::Level;
    /// assert_eq!(Level::CMac.max_data(255), 247);
    /// assert_eq!(Level::Full.max_data(255), 239);
    /// ```
    #[must_use]
    pub const fn max_data(self, room: usize) -> usize {
        let room = if self.command_mac() { room.saturating_sub(super::S8) } else { room };
        // One byte of padding at least, up to a whole block.
        if self.command_encryption() { (room & !0x0F).saturating_sub(1) } else { room }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.byte())
    }
}

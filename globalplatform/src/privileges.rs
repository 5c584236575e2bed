//! What an application may do to the card.

use core::ops::BitOr;

/// The privileges of an application, three bytes of flags.
///
/// Source: GlobalPlatform Card Specification v2.3.1 §6.6.1 and §11.1.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Privileges(pub [u8; 3]);

impl Privileges {
    /// None.
    pub const NONE: Self = Self([0, 0, 0]);
    /// It is a security domain.
    pub const SECURITY_DOMAIN: Self = Self([0x80, 0, 0]);
    /// It may lock the card.
    pub const CARD_LOCK: Self = Self([0x10, 0, 0]);
    /// It may terminate the card.
    pub const CARD_TERMINATE: Self = Self([0x08, 0, 0]);
    /// It is selected after a reset.
    pub const CARD_RESET: Self = Self([0x04, 0, 0]);
    /// It is trusted to pass messages on.
    pub const TRUSTED_PATH: Self = Self([0, 0x80, 0]);
    /// A security domain that may manage the card's contents.
    pub const AUTHORIZED_MANAGEMENT: Self = Self([0, 0x40, 0]);
    /// It may delete any application.
    pub const GLOBAL_DELETE: Self = Self([0, 0x10, 0]);
    /// It may lock any application.
    pub const GLOBAL_LOCK: Self = Self([0, 0x08, 0]);
    /// It may read the whole registry.
    pub const GLOBAL_REGISTRY: Self = Self([0, 0x04, 0]);

    /// Whether all of `others` are among these.
    #[must_use]
    pub fn include(self, others: Self) -> bool {
        self.0.iter().zip(others.0).all(|(have, asked)| have & asked == asked)
    }

    /// The first byte alone, if the others say nothing, else all three.
    #[must_use]
    pub const fn encoded(&self) -> &[u8] {
        match &self.0 {
            [first, 0, 0] => core::slice::from_ref(first),
            all => all,
        }
    }

    /// Privileges of one byte or of three.
    #[must_use]
    pub const fn decode(bytes: &[u8]) -> Option<Self> {
        match *bytes {
            [a] => Some(Self([a, 0, 0])),
            [a, b, c] => Some(Self([a, b, c])),
            _ => None,
        }
    }
}

impl BitOr for Privileges {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        let ([a, b, c], [d, e, f]) = (self.0, other.0);
        Self([a | d, b | e, c | f])
    }
}

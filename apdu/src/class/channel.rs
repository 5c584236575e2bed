//! Logical channels: up to twenty conversations with one card.

use core::fmt;

/// A logical channel, 0 to 19; channel 0, the basic channel, is always open.
///
/// Source: ISO/IEC 7816-4:2013, logical channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(u8);

impl Channel {
    /// The basic channel, number 0.
    pub const BASIC: Self = Self(0);
    /// The highest channel number.
    pub const MAX: u8 = 19;
    /// The first channel that needs a further interindustry class byte.
    pub(super) const FIRST_FURTHER: u8 = 4;

    /// The channel with this number; `None` above 19.
    #[inline]
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number <= Self::MAX { Some(Self(number)) } else { None }
    }

    /// The number, 0 to 19.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "channel {}", self.0)
    }
}

//! Class bytes (CLA): who defined a command, on which logical channel it goes, and whether it is
//! chained or protected.

mod channel;

pub use channel::Channel;

use core::fmt;

/// The class byte of a command.
///
/// Two layouts are in use, each once with bit 8 off (interindustry) and once with bit 8 on
/// (proprietary):
///
/// | byte | kind | bit 6 | bit 5 | bits 4-3 | bits 2-1 |
/// |---|---|---|---|---|---|
/// | `00`-`1F` | first interindustry | 0 | chaining | secure messaging | channel 0-3 |
/// | `20`-`3F` | reserved | | | | |
/// | `40`-`7F` | further interindustry | secure messaging | chaining | channel minus 4 | channel minus 4 |
/// | `80`-`BF` | proprietary | free | chaining | secure messaging | channel 0-3 |
/// | `C0`-`FE` | proprietary | secure messaging | chaining | channel minus 4 | channel minus 4 |
/// | `FF` | invalid | | | | |
///
/// ISO/IEC 7816-4 leaves the proprietary bytes to whoever defines them, except `FF`, which is
/// invalid. They are read here as the Java Card Runtime Environment and the GlobalPlatform Card
/// Specification code them. Bit 6 of `80`-`BF` belongs to the application: `A0`, the class of GSM
/// SIMs, stays apart from `80`.
///
/// Source: ISO/IEC 7816-4:2013, class byte; GlobalPlatform Card Specification v2.3 §11.1.4; Java
/// Card Development Kit User Guide, "Interindustry Space" and "Proprietary Java Card Technology
/// Space".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cla(u8);

/// Who defines a class byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClassKind {
    /// `00`-`1F`: ISO/IEC 7816-4, channels 0 to 3.
    FirstInterindustry,
    /// `20`-`3F`: reserved by ISO/IEC 7816-4; no channel, chaining or protection can be read from it.
    Reserved,
    /// `40`-`7F`: ISO/IEC 7816-4, channels 4 to 19.
    FurtherInterindustry,
    /// `80`-`FE`: the application.
    Proprietary,
    /// `FF`: never a class byte.
    Invalid,
}

/// What the class byte says about secure messaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecureMessaging {
    /// None, or no indication.
    None,
    /// A format of the application's own; on GlobalPlatform cards, that of the card (SCP03, …).
    Proprietary,
    /// The format of ISO/IEC 7816-4; the header is not said to be authenticated.
    ///
    /// Class bytes of channels 4 to 19 have one bit for all of secure messaging. It reads as this
    /// value: whether the header is authenticated is left to the data objects of the command, and
    /// with `C0`-`FE` GlobalPlatform lets the bit stand for its own format (SCP03, …) as well.
    IsoHeaderNotAuthenticated,
    /// The format of ISO/IEC 7816-4 with the command header authenticated.
    IsoHeaderAuthenticated,
}

/// No class byte says what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassError {
    /// On channels 4 to 19 the class byte only has [`SecureMessaging::None`] and
    /// [`SecureMessaging::IsoHeaderNotAuthenticated`].
    #[error("no class byte of {channel} can say {secure_messaging:?}")]
    SecureMessaging {
        /// The channel asked for.
        channel: Channel,
        /// The secure messaging asked for.
        secure_messaging: SecureMessaging,
    },
    /// A chained, protected proprietary command on channel 19 would have the class byte `FF`,
    /// which is invalid.
    #[error("the class byte would be FF, which is invalid")]
    Invalid,
}

const CHAINING: u8 = 0x10;
const FURTHER: u8 = 0x40;
const FURTHER_SECURE_MESSAGING: u8 = 0x20;
const PROPRIETARY: u8 = 0x80;

impl Cla {
    /// `00`: interindustry, basic channel, not chained, no secure messaging.
    pub const INTERINDUSTRY: Self = Self(0x00);
    /// `80`: proprietary, basic channel, not chained, no secure messaging.
    pub const PROPRIETARY: Self = Self(PROPRIETARY);

    /// The class byte `byte`; every value is one, [`kind`](Self::kind) tells which.
    #[inline]
    #[must_use]
    pub const fn new(byte: u8) -> Self {
        Self(byte)
    }

    /// The interindustry class byte (`00`-`1F`, `40`-`7F`) for this channel.
    ///
    /// # Errors
    /// [`ClassError::SecureMessaging`] on channels 4 to 19, whose class bytes only have two values.
    #[inline]
    pub const fn interindustry(
        channel: Channel,
        chaining: bool,
        secure_messaging: SecureMessaging,
    ) -> Result<Self, ClassError> {
        Self::build(0, channel, chaining, secure_messaging)
    }

    /// The proprietary class byte (`80`-`9F`, `C0`-`FE`) for this channel.
    ///
    /// # Errors
    /// As [`interindustry`](Self::interindustry); and [`ClassError::Invalid`] for the combination
    /// that would give `FF`.
    #[inline]
    pub const fn proprietary(
        channel: Channel,
        chaining: bool,
        secure_messaging: SecureMessaging,
    ) -> Result<Self, ClassError> {
        match Self::build(PROPRIETARY, channel, chaining, secure_messaging) {
            Ok(Self(0xFF)) => Err(ClassError::Invalid),
            built => built,
        }
    }

    /// The byte itself.
    #[inline]
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// Who defines this class byte.
    #[inline]
    #[must_use]
    pub const fn kind(self) -> ClassKind {
        match self.0 {
            0x00..=0x1F => ClassKind::FirstInterindustry,
            0x20..=0x3F => ClassKind::Reserved,
            0x40..=0x7F => ClassKind::FurtherInterindustry,
            0x80..=0xFE => ClassKind::Proprietary,
            0xFF => ClassKind::Invalid,
        }
    }

    /// The logical channel; `None` for reserved and invalid class bytes.
    #[inline]
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        match self.layout() {
            Layout::First => Channel::new(self.0 & 0x03),
            Layout::Further => Channel::new((self.0 & 0x0F).saturating_add(Channel::FIRST_FURTHER)),
            Layout::Unknown => None,
        }
    }

    /// Whether more commands of the same chain follow; `false` for reserved and invalid bytes.
    #[inline]
    #[must_use]
    pub const fn chaining(self) -> bool {
        !matches!(self.layout(), Layout::Unknown) && self.0 & CHAINING != 0
    }

    /// The class byte of the last command of the chain that this one belongs to: the same without the bit for chaining.
    #[inline]
    #[must_use]
    pub const fn unchained(self) -> Self {
        if self.chaining() { Self(self.0 & !CHAINING) } else { self }
    }

    /// The same class byte saying that more commands of the same chain follow. `None` for reserved and
    /// invalid bytes, which have no bit for it, and for `EF`, which would become the invalid `FF`.
    #[inline]
    #[must_use]
    pub const fn chained(self) -> Option<Self> {
        match (self.layout(), self.0 | CHAINING) {
            (Layout::Unknown, _) | (_, 0xFF) => None,
            (_, byte) => Some(Self(byte)),
        }
    }

    /// The secure messaging; [`SecureMessaging::None`] for reserved and invalid bytes.
    #[inline]
    #[must_use]
    pub const fn secure_messaging(self) -> SecureMessaging {
        match (self.layout(), self.0 & 0x0C, self.0 & FURTHER_SECURE_MESSAGING) {
            (Layout::First, 0x04, _) => SecureMessaging::Proprietary,
            (Layout::First, 0x08, _) => SecureMessaging::IsoHeaderNotAuthenticated,
            (Layout::First, 0x0C, _) => SecureMessaging::IsoHeaderAuthenticated,
            (Layout::Further, _, FURTHER_SECURE_MESSAGING) => SecureMessaging::IsoHeaderNotAuthenticated,
            _ => SecureMessaging::None,
        }
    }

    /// The class byte without channel, chaining and secure messaging, to dispatch on: `00` for
    /// both interindustry kinds; `80` for `80`-`9F` and `C0`-`FE`; `A0` for `A0`-`BF`; reserved
    /// and invalid bytes stay what they are.
    #[inline]
    #[must_use]
    pub const fn base(self) -> u8 {
        match self.layout() {
            Layout::First => self.0 & 0xE0,
            Layout::Further => self.0 & PROPRIETARY,
            Layout::Unknown => self.0,
        }
    }

    const fn layout(self) -> Layout {
        match self.0 {
            0x00..=0x1F | 0x80..=0xBF => Layout::First,
            0x40..=0x7F | 0xC0..=0xFE => Layout::Further,
            0x20..=0x3F | 0xFF => Layout::Unknown,
        }
    }

    const fn build(
        base: u8,
        channel: Channel,
        chaining: bool,
        secure_messaging: SecureMessaging,
    ) -> Result<Self, ClassError> {
        let chain = if chaining { CHAINING } else { 0 };
        let bits = match channel.number().checked_sub(Channel::FIRST_FURTHER) {
            None => channel.number() | first_bits(secure_messaging),
            Some(low) => match secure_messaging {
                SecureMessaging::None => FURTHER | low,
                SecureMessaging::IsoHeaderNotAuthenticated => FURTHER | FURTHER_SECURE_MESSAGING | low,
                _ => return Err(ClassError::SecureMessaging { channel, secure_messaging }),
            },
        };
        Ok(Self(base | chain | bits))
    }
}

/// How the low bits of a class byte are to be read.
enum Layout {
    First,
    Further,
    Unknown,
}

const fn first_bits(secure_messaging: SecureMessaging) -> u8 {
    match secure_messaging {
        SecureMessaging::None => 0x00,
        SecureMessaging::Proprietary => 0x04,
        SecureMessaging::IsoHeaderNotAuthenticated => 0x08,
        SecureMessaging::IsoHeaderAuthenticated => 0x0C,
    }
}

impl From<u8> for Cla {
    #[inline]
    fn from(byte: u8) -> Self {
        Self(byte)
    }
}

impl fmt::Display for Cla {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Debug for Cla {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

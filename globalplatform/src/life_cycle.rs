//! Life cycle states, of the card and of what is on it.
//!
//! Source: GlobalPlatform Card Specification v2.3.1 §5 and §11.1.1.

/// The life cycle state of the card, which is that of its issuer domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardState {
    /// `01`: it can run applications; keys may still be missing.
    OpReady,
    /// `07`: ready for the issuer.
    Initialized,
    /// `0F`: in the hands of its holder.
    Secured,
    /// `7F`: nothing but its issuer domain can be selected.
    CardLocked,
    /// `FF`: the end.
    Terminated,
}

/// The life cycle state of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApplicationState {
    /// `03`: made, not selectable.
    Installed,
    /// `07`, or with the bits `78` as the application wants: selectable.
    Selectable {
        /// Bits `78` of its own.
        own: u8,
    },
    /// Bit `80` on top of the state before: locked.
    Locked {
        /// The bits `7F` of the state before.
        before: u8,
    },
}

impl CardState {
    /// All five, from the first to the last.
    pub const ALL: [Self; 5] = [Self::OpReady, Self::Initialized, Self::Secured, Self::CardLocked, Self::Terminated];

    /// Its byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::OpReady => 0x01,
            Self::Initialized => 0x07,
            Self::Secured => 0x0F,
            Self::CardLocked => 0x7F,
            Self::Terminated => 0xFF,
        }
    }

    /// The state of this byte, if there is one.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.byte() == byte)
    }

    /// Whether the issuer domain may go from this state to `next`: never back, but from locked to secured.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self < next || (self, next) == (Self::CardLocked, Self::Secured)
    }
}

impl ApplicationState {
    /// `07`, nothing of its own.
    pub const SELECTABLE: Self = Self::Selectable { own: 0 };
    /// `0F`, which security domains, and many applications, call personalized.
    pub const PERSONALIZED: Self = Self::Selectable { own: 0x08 };

    /// Its byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Installed => 0x03,
            Self::Selectable { own } => 0x07 | own,
            Self::Locked { before } => 0x80 | before,
        }
    }

    /// The state of this byte, if there is one.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match (byte & 0x80, byte & 0x7F) {
            (0, 0x03) => Some(Self::Installed),
            (0, own) if own & 0x07 == 0x07 => Some(Self::Selectable { own: own & 0x78 }),
            (0x80, before) if before & 0x03 == 0x03 => Some(Self::Locked { before }),
            _ => None,
        }
    }
}

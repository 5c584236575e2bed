//! What every proactive command and its response begin with: which command it is, and who speaks to whom.

use core::fmt;

/// A proactive command's number, by which its response is recognised: 1 to 254.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandNumber(u8);

/// What a proactive command asks for. Every byte is one; those that the standards name have a constant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommandType(pub u8);

/// Command details: which command a response belongs to.
///
/// | byte | is |
/// |---|---|
/// | 1 | command number |
/// | 2 | type of command |
/// | 3 | qualifier; what it means depends on the type |
///
/// Source: ETSI TS 102 223 clause 8.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandDetails {
    /// The number.
    pub number: CommandNumber,
    /// The type.
    pub command: CommandType,
    /// The qualifier.
    pub qualifier: u8,
}

/// Who sends, or is meant to receive. Every byte is one; those that the standards name have a constant.
///
/// Source: ETSI TS 102 223 clause 8.7.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Device(pub u8);

/// Device identities: who speaks to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Devices {
    /// Who speaks.
    pub source: Device,
    /// To whom.
    pub destination: Device,
}

impl CommandNumber {
    /// The first.
    pub const FIRST: Self = Self(1);

    /// This number, if it is one: not 00, which nobody uses, and not FF.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            0x01..=0xFE => Some(Self(number)),
            _ => None,
        }
    }

    /// The byte.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }

    /// The number of the next command; behind the last comes the first.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0 {
            0xFE => Self::FIRST,
            number => Self(number.saturating_add(1)),
        }
    }
}

/// Defines named bytes of a newtype, and their names.
macro_rules! named {
    ($type:ident: $($constant:ident = $byte:literal, $name:literal;)*) => {
        impl $type {
            $(#[doc = concat!("`", stringify!($byte), "`: ", $name, ".")] pub const $constant: Self = Self($byte);)*

            /// What the standard calls it.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($byte => Some($name),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:02X}", self.0),
                }
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:02X} {}", self.0, self.name().unwrap_or("unknown"))
            }
        }
    };
}
pub(crate) use named;

// ETSI TS 102 223, type of command and next action indicator; 11 and 12 belong to 3GPP TS 31.111.
named! { CommandType:
    REFRESH = 0x01, "REFRESH";
    MORE_TIME = 0x02, "MORE TIME";
    POLL_INTERVAL = 0x03, "POLL INTERVAL";
    POLLING_OFF = 0x04, "POLLING OFF";
    SET_UP_EVENT_LIST = 0x05, "SET UP EVENT LIST";
    SET_UP_CALL = 0x10, "SET UP CALL";
    SEND_SS = 0x11, "SEND SS";
    SEND_USSD = 0x12, "SEND USSD";
    SEND_SHORT_MESSAGE = 0x13, "SEND SHORT MESSAGE";
    SEND_DTMF = 0x14, "SEND DTMF";
    LAUNCH_BROWSER = 0x15, "LAUNCH BROWSER";
    PLAY_TONE = 0x20, "PLAY TONE";
    DISPLAY_TEXT = 0x21, "DISPLAY TEXT";
    GET_INKEY = 0x22, "GET INKEY";
    GET_INPUT = 0x23, "GET INPUT";
    SELECT_ITEM = 0x24, "SELECT ITEM";
    SET_UP_MENU = 0x25, "SET UP MENU";
    PROVIDE_LOCAL_INFORMATION = 0x26, "PROVIDE LOCAL INFORMATION";
    TIMER_MANAGEMENT = 0x27, "TIMER MANAGEMENT";
    SET_UP_IDLE_MODE_TEXT = 0x28, "SET UP IDLE MODE TEXT";
    PERFORM_CARD_APDU = 0x30, "PERFORM CARD APDU";
    POWER_ON_CARD = 0x31, "POWER ON CARD";
    POWER_OFF_CARD = 0x32, "POWER OFF CARD";
    GET_READER_STATUS = 0x33, "GET READER STATUS";
    RUN_AT_COMMAND = 0x34, "RUN AT COMMAND";
    LANGUAGE_NOTIFICATION = 0x35, "LANGUAGE NOTIFICATION";
    OPEN_CHANNEL = 0x40, "OPEN CHANNEL";
    CLOSE_CHANNEL = 0x41, "CLOSE CHANNEL";
    RECEIVE_DATA = 0x42, "RECEIVE DATA";
    SEND_DATA = 0x43, "SEND DATA";
    GET_CHANNEL_STATUS = 0x44, "GET CHANNEL STATUS";
}

named! { Device:
    KEYPAD = 0x01, "keypad";
    DISPLAY = 0x02, "display";
    EARPIECE = 0x03, "earpiece";
    UICC = 0x81, "UICC";
    TERMINAL = 0x82, "terminal";
    NETWORK = 0x83, "network";
}

impl CommandDetails {
    /// Reads the value of the data object.
    pub(crate) const fn read(value: &[u8]) -> Option<Self> {
        match *value {
            [number, command, qualifier] => match CommandNumber::new(number) {
                Some(number) => Some(Self { number, command: CommandType(command), qualifier }),
                None => None,
            },
            _ => None,
        }
    }

    /// The value of the data object.
    pub(crate) const fn bytes(self) -> [u8; 3] {
        [self.number.0, self.command.0, self.qualifier]
    }
}

impl Devices {
    /// What a terminal says to the card.
    pub const TO_UICC: Self = Self { source: Device::TERMINAL, destination: Device::UICC };

    /// What the card says to this device.
    #[must_use]
    pub const fn from_uicc(destination: Device) -> Self {
        Self { source: Device::UICC, destination }
    }

    /// What this device says to the card.
    #[must_use]
    pub const fn to_uicc(source: Device) -> Self {
        Self { source, destination: Device::UICC }
    }

    pub(crate) const fn read(value: &[u8]) -> Option<Self> {
        match *value {
            [source, destination] => Some(Self { source: Device(source), destination: Device(destination) }),
            _ => None,
        }
    }

    pub(crate) const fn bytes(self) -> [u8; 2] {
        [self.source.0, self.destination.0]
    }
}

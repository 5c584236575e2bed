//! Tags of COMPREHENSION-TLV data objects: a number, and whether the receiver must understand it.

use core::fmt;

/// The tag of a COMPREHENSION-TLV data object.
///
/// | bytes | form |
/// |---|---|
/// | 1 | the comprehension flag in bit 8, the number in bits 7-1: `01`-`7E` |
/// | 3 | `7F`, the flag in bit 16, the number in bits 15-1: `0001`-`7FFF` |
///
/// Source: ETSI TS 101 220, COMPREHENSION-TLV tag format.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The number, without the flag.
    pub number: u16,
    /// The comprehension flag (CR): a receiver that does not know the number must refuse the whole.
    pub comprehension: bool,
}

/// A set of one-byte tag numbers, for instance those of which the comprehension flag is on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TagSet(u128);

/// Defines the numbers and their names in one table.
macro_rules! numbers {
    ($($constant:ident = $number:literal, $name:literal;)*) => {
        $(#[doc = concat!("`", stringify!($number), "`: ", $name, ".")] pub const $constant: u8 = $number;)*

        /// The name of a tag number, for those that this crate knows something about.
        #[must_use]
        pub const fn name(number: u16) -> Option<&'static str> {
            match number {
                $($number => Some($name),)*
                _ => None,
            }
        }
    };
}

// ETSI TS 101 220, COMPREHENSION-TLV tags of the card application toolkit; contents in ETSI TS 102 223 clause 8.
numbers! {
    COMMAND_DETAILS = 0x01, "command details";
    DEVICES = 0x02, "device identities";
    RESULT = 0x03, "result";
    DURATION = 0x04, "duration";
    ALPHA = 0x05, "alpha identifier";
    ADDRESS = 0x06, "address";
    CAPABILITY = 0x07, "capability configuration parameters";
    SUBADDRESS = 0x08, "subaddress";
    SS_STRING = 0x09, "SS string";
    USSD_STRING = 0x0A, "USSD string";
    SMS_TPDU = 0x0B, "SMS TPDU";
    CELL_BROADCAST_PAGE = 0x0C, "cell broadcast page";
    TEXT = 0x0D, "text string";
    TONE = 0x0E, "tone";
    ITEM = 0x0F, "item";
    ITEM_ID = 0x10, "item identifier";
    RESPONSE_LENGTH = 0x11, "response length";
    FILE_LIST = 0x12, "file list";
    LOCATION = 0x13, "location information";
    IMEI = 0x14, "IMEI";
    HELP_REQUEST = 0x15, "help request";
    NETWORK_MEASUREMENT = 0x16, "network measurement results";
    DEFAULT_TEXT = 0x17, "default text";
    NEXT_ACTIONS = 0x18, "items next action indicator";
    EVENT_LIST = 0x19, "event list";
    CAUSE = 0x1A, "cause";
    LOCATION_STATUS = 0x1B, "location status";
    TRANSACTION = 0x1C, "transaction identifier";
    BCCH_LIST = 0x1D, "BCCH channel list";
    ICON = 0x1E, "icon identifier";
    ITEM_ICONS = 0x1F, "item icon identifier list";
    TIMER_ID = 0x24, "timer identifier";
    TIMER_VALUE = 0x25, "timer value";
    DATE_TIME = 0x26, "date, time and time zone";
    IMMEDIATE_RESPONSE = 0x2B, "immediate response";
    DTMF = 0x2C, "DTMF string";
    LANGUAGE = 0x2D, "language";
    TIMING_ADVANCE = 0x2E, "timing advance";
    AID = 0x2F, "AID";
    BROWSER = 0x30, "browser identity";
    URL = 0x31, "URL";
    ACCESS_TECHNOLOGY = 0x3F, "access technology";
    TEXT_ATTRIBUTE = 0x50, "text attribute";
    ITEM_TEXT_ATTRIBUTES = 0x51, "item text attribute list";
    IMEISV = 0x62, "IMEISV";
    FRAME = 0x68, "frame identifier";
}

impl Tag {
    /// The tag with the comprehension flag on.
    #[must_use]
    pub const fn must(number: u8) -> Self {
        // `as`: widening; `from` is not const.
        #[expect(clippy::as_conversions, reason = "u8 to u16 in a const function")]
        Self { number: number as u16, comprehension: true }
    }

    /// The tag with the comprehension flag off.
    #[must_use]
    pub const fn may(number: u8) -> Self {
        Self { comprehension: false, ..Self::must(number) }
    }

    /// How many bytes it has: 1 or 3.
    #[must_use]
    pub const fn encoded_len(self) -> usize {
        if self.number < 0x7F { 1 } else { 3 }
    }

    /// Its bytes; the first [`encoded_len`](Self::encoded_len) count.
    pub(crate) const fn bytes(self) -> [u8; 3] {
        let flag = if self.comprehension { 0x80 } else { 0 };
        let [high, low] = self.number.to_be_bytes();
        if self.number < 0x7F { [low | flag, 0, 0] } else { [0x7F, (high & 0x7F) | flag, low] }
    }
}

impl TagSet {
    /// None.
    pub const NONE: Self = Self(0);
    /// All one-byte tags.
    pub const ALL: Self = Self(u128::MAX);

    /// The set of these.
    #[must_use]
    pub const fn of(numbers: &[u8]) -> Self {
        let mut set = Self::NONE;
        let mut rest = numbers;
        while let [number, behind @ ..] = rest {
            set = set.with(*number);
            rest = behind;
        }
        set
    }

    /// This and that number.
    #[must_use]
    pub const fn with(self, number: u8) -> Self {
        Self(self.0 | bit(number))
    }

    /// This without that number.
    #[must_use]
    pub const fn without(self, number: u8) -> Self {
        Self(self.0 & !bit(number))
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it is in it. Numbers of three-byte tags never are.
    #[must_use]
    pub fn contains(self, number: u16) -> bool {
        u8::try_from(number).is_ok_and(|number| self.0 & bit(number) != 0)
    }
}

/// `00` and what is above `7E` are not one-byte tags, and so have no bit.
const fn bit(number: u8) -> u128 {
    match number {
        0x01..=0x7E => 1 << number,
        _ => 0,
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        bytes.iter().take(self.encoded_len()).try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for TagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("all");
        }
        f.debug_set().entries((1..0x7F_u8).filter(|number| self.contains(u16::from(*number)))).finish()
    }
}

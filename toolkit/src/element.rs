//! Small values that several commands and responses share.

/// How long: a unit and how many of it.
///
/// Source: ETSI TS 102 223 clause 8.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// The unit.
    pub unit: Unit,
    /// How many, 1 to 255. 00 is reserved.
    pub count: u8,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `00`.
    Minutes,
    /// `01`.
    Seconds,
    /// `02`: tenths of a second.
    Tenths,
}

impl Duration {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(count: u8) -> Self {
        Self { unit: Unit::Seconds, count }
    }

    /// In milliseconds.
    #[must_use]
    pub fn milliseconds(self) -> u32 {
        let unit = match self.unit {
            Unit::Minutes => 60_000,
            Unit::Seconds => 1_000,
            Unit::Tenths => 100,
        };
        u32::from(self.count).saturating_mul(unit)
    }

    pub(crate) const fn read(value: &[u8]) -> Option<Self> {
        let [unit, count @ (1..=0xFF)] = *value else { return None };
        let unit = match unit {
            0 => Unit::Minutes,
            1 => Unit::Seconds,
            2 => Unit::Tenths,
            _ => return None,
        };
        Some(Self { unit, count })
    }

    pub(crate) const fn bytes(self) -> [u8; 2] {
        let unit = match self.unit {
            Unit::Minutes => 0,
            Unit::Seconds => 1,
            Unit::Tenths => 2,
        };
        [unit, self.count]
    }
}

/// An icon, by its record in EF.IMG.
///
/// Source: ETSI TS 102 223 clause 8.31.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icon {
    /// Whether it stands instead of the text, and not beside it.
    pub self_explanatory: bool,
    /// The record.
    pub record: u8,
}

impl Icon {
    pub(crate) const fn read(value: &[u8]) -> Option<Self> {
        match *value {
            // The other bits of the qualifier are reserved.
            [qualifier, record] => Some(Self { self_explanatory: qualifier & 1 == 0, record }),
            _ => None,
        }
    }

    pub(crate) const fn bytes(self) -> [u8; 2] {
        [if self.self_explanatory { 0 } else { 1 }, self.record]
    }
}

/// How many characters are wanted.
///
/// Source: ETSI TS 102 223 clause 8.11.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseLength {
    /// At least.
    pub min: u8,
    /// At most; 255 stands for no limit.
    pub max: u8,
}

impl ResponseLength {
    pub(crate) const fn read(value: &[u8]) -> Option<Self> {
        match *value {
            [min, max] if min <= max => Some(Self { min, max }),
            _ => None,
        }
    }

    /// Whether so many characters are as many as wanted.
    #[must_use]
    pub fn allows(self, count: usize) -> bool {
        count >= usize::from(self.min) && (self.max == 0xFF || count <= usize::from(self.max))
    }
}

/// One of the terminal's eight timers: 1 to 8.
///
/// Source: ETSI TS 102 223 clause 8.37.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(u8);

impl TimerId {
    /// This timer, if there is one of that number.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1..=8 => Some(Self(number)),
            _ => None,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }

    pub(crate) const fn read(value: &[u8]) -> Option<Self> {
        match *value {
            [number] => Self::new(number),
            _ => None,
        }
    }
}

/// What a timer counts down from, or shows: hours, minutes and seconds, in semi-octets that are swapped as in an SMS
/// time stamp (`03 02 01` reversed: `30 20 10` is 03:02:01).
///
/// Source: ETSI TS 102 223 clause 8.38.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerValue {
    /// 0 to 99, of which a terminal need not take more than 24.
    pub hours: u8,
    /// 0 to 59.
    pub minutes: u8,
    /// 0 to 59.
    pub seconds: u8,
}

impl TimerValue {
    /// This time, if it is one.
    #[must_use]
    pub const fn new(hours: u8, minutes: u8, seconds: u8) -> Option<Self> {
        if hours < 100 && minutes < 60 && seconds < 60 { Some(Self { hours, minutes, seconds }) } else { None }
    }

    /// In seconds.
    #[must_use]
    pub fn total_seconds(self) -> u32 {
        let minutes = u32::from(self.hours).saturating_mul(60).saturating_add(u32::from(self.minutes));
        minutes.saturating_mul(60).saturating_add(u32::from(self.seconds))
    }

    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let [hours, minutes, seconds] = *<&[u8; 3]>::try_from(value).ok()?;
        Self::new(unswapped(hours)?, unswapped(minutes)?, unswapped(seconds)?)
    }

    pub(crate) fn bytes(self) -> [u8; 3] {
        [swapped(self.hours), swapped(self.minutes), swapped(self.seconds)]
    }
}

/// Two decimal digits, the tens in the low half.
pub(crate) fn unswapped(byte: u8) -> Option<u8> {
    let (tens, ones) = (byte & 0x0F, byte >> 4);
    (tens < 10 && ones < 10).then(|| tens.saturating_mul(10).saturating_add(ones))
}

/// The other way round, of the last two digits.
pub(crate) const fn swapped(number: u8) -> u8 {
    let (tens, ones) = (number / 10 % 10, number % 10);
    ones << 4 | tens
}

/// The only byte of a value.
pub(crate) const fn byte(value: &[u8]) -> Option<u8> {
    match *value {
        [byte] => Some(byte),
        _ => None,
    }
}

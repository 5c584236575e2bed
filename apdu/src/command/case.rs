//! The seven forms of a command, and the `Le` field.

use core::fmt;

use super::CommandError;

/// The form of a command: which lengths it has, and whether they are short or extended.
///
/// Source: ISO/IEC 7816-3:2006 §12.1.3 (cases 1, 2S, 3S, 4S, 2E, 3E, 4E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// 1: no data, none expected.
    One,
    /// 2S: 1 to 256 bytes expected.
    TwoShort,
    /// 3S: 1 to 255 bytes of data.
    ThreeShort,
    /// 4S: 1 to 255 bytes of data, 1 to 256 expected.
    FourShort,
    /// 2E: 1 to 65,536 bytes expected.
    TwoExtended,
    /// 3E: 1 to 65,535 bytes of data.
    ThreeExtended,
    /// 4E: 1 to 65,535 bytes of data, 1 to 65,536 expected.
    FourExtended,
}

/// The `Le` field as encoded, where 0 stands for the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Le {
    /// No `Le` field: no response data is expected.
    None,
    /// One byte.
    Short(u8),
    /// Two bytes.
    Extended(u16),
}

impl Le {
    /// How many bytes of response data are expected at most: 0 without the field, else 1 to 256
    /// or 1 to 65,536.
    #[inline]
    #[must_use]
    pub const fn ne(self) -> u32 {
        // Big-endian words, because `u32::from` is not const and casts are not allowed.
        match self {
            Self::None => 0,
            Self::Short(0) => 256,
            Self::Short(le) => u32::from_be_bytes([0, 0, 0, le]),
            Self::Extended(0) => 65_536,
            Self::Extended(le) => {
                let [high, low] = le.to_be_bytes();
                u32::from_be_bytes([0, 0, high, low])
            }
        }
    }
}

impl Case {
    /// All seven, in the order of the standard.
    pub const ALL: [Self; 7] = [
        Self::One,
        Self::TwoShort,
        Self::ThreeShort,
        Self::FourShort,
        Self::TwoExtended,
        Self::ThreeExtended,
        Self::FourExtended,
    ];

    /// Whether the form has a data field.
    #[inline]
    #[must_use]
    pub const fn has_data(self) -> bool {
        matches!(self, Self::ThreeShort | Self::FourShort | Self::ThreeExtended | Self::FourExtended)
    }

    /// Whether the form has an `Le` field.
    #[inline]
    #[must_use]
    pub const fn has_le(self) -> bool {
        matches!(self, Self::TwoShort | Self::FourShort | Self::TwoExtended | Self::FourExtended)
    }

    /// Whether lengths are written in the extended form.
    #[inline]
    #[must_use]
    pub const fn is_extended(self) -> bool {
        matches!(self, Self::TwoExtended | Self::ThreeExtended | Self::FourExtended)
    }

    /// The most data the form holds, in bytes: 0, 255 or 65,535.
    #[inline]
    #[must_use]
    pub const fn max_nc(self) -> usize {
        match self {
            Self::One | Self::TwoShort | Self::TwoExtended => 0,
            Self::ThreeShort | Self::FourShort => 255,
            Self::ThreeExtended | Self::FourExtended => 65_535,
        }
    }

    /// The most response data the form can ask for, in bytes: 0, 256 or 65,536.
    #[inline]
    #[must_use]
    pub const fn max_ne(self) -> u32 {
        match self {
            Self::One | Self::ThreeShort | Self::ThreeExtended => 0,
            Self::TwoShort | Self::FourShort => 256,
            Self::TwoExtended | Self::FourExtended => 65_536,
        }
    }

    /// The shortest form for these lengths, whether or not it can hold them.
    pub(super) const fn shortest(nc: usize, ne: u32) -> Self {
        match (nc > 0, ne > 0, nc > 255 || ne > 256) {
            (false, false, _) => Self::One,
            (false, true, false) => Self::TwoShort,
            (true, false, false) => Self::ThreeShort,
            (true, true, false) => Self::FourShort,
            (false, true, true) => Self::TwoExtended,
            (true, false, true) => Self::ThreeExtended,
            (true, true, true) => Self::FourExtended,
        }
    }

    /// Header and length fields, in bytes.
    pub(super) const fn overhead(self) -> usize {
        match self {
            Self::One => 4,
            Self::TwoShort | Self::ThreeShort => 5,
            Self::FourShort => 6,
            Self::TwoExtended | Self::ThreeExtended => 7,
            Self::FourExtended => 9,
        }
    }

    /// Whether the form can say these lengths; if not, which rule they break.
    #[inline]
    pub(super) const fn check(self, nc: usize, ne: u32) -> Result<(), CommandError> {
        let case = self;
        match (case.has_data(), nc) {
            (false, 1..) => return Err(CommandError::DataNotAllowed { case, nc }),
            (true, 0) => return Err(CommandError::DataMissing { case }),
            (true, _) if nc > case.max_nc() => {
                return Err(CommandError::DataTooLong { case, nc, max: case.max_nc() });
            }
            _ => {}
        }
        match (case.has_le(), ne) {
            (false, 1..) => Err(CommandError::NeNotAllowed { case, ne }),
            (true, 0) => Err(CommandError::NeMissing { case }),
            (true, _) if ne > case.max_ne() => Err(CommandError::NeTooLarge { case, ne, max: case.max_ne() }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "1",
            Self::TwoShort => "2S",
            Self::ThreeShort => "3S",
            Self::FourShort => "4S",
            Self::TwoExtended => "2E",
            Self::ThreeExtended => "3E",
            Self::FourExtended => "4E",
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn names_are_those_of_the_standard() {
        let names = Case::ALL.map(|case| case.to_string());
        assert_eq!(names, ["1", "2S", "3S", "4S", "2E", "3E", "4E"]);
    }

    #[test]
    fn zero_in_le_is_the_maximum() {
        let table = [
            (Le::None, 0),
            (Le::Short(0), 256),
            (Le::Short(1), 1),
            (Le::Short(255), 255),
            (Le::Extended(0), 65_536),
            (Le::Extended(1), 1),
            (Le::Extended(256), 256),
            (Le::Extended(65_535), 65_535),
        ];
        for (le, ne) in table {
            assert_eq!(le.ne(), ne, "{le:?}");
        }
    }
}

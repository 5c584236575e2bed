//! Status words (SW1-SW2): how a card says what became of a command.

mod words;

use core::fmt;

use words::{WORDS, Word};

/// A status word, the two bytes that end every response.
///
/// The constants are the words ISO/IEC 7816-4 defines; a word that was added by the edition of
/// 2020 is among them. `Display` and `Debug` print the four hex
/// digits and the [`name`](Self::name), for example `6A82 file or application not found`.
///
/// Source: ISO/IEC 7816-4:2013, status bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sw(u16);

/// What kind of outcome a status word tells.
///
/// Source: ISO/IEC 7816-4:2013, structural scheme of status bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// `9000` and `61XX`: done.
    Normal,
    /// `62XX` and `63XX`: done, with a warning.
    Warning,
    /// `64XX`, `65XX` and `66XX`: the command was fine, doing it failed.
    ExecutionError,
    /// `67XX` to `6FXX`, but for the values below: the command was refused.
    CheckingError,
    /// `9XXX` but `9000`, and `6BXX`, `6DXX`, `6EXX`, `6FXX` but for `XX` = `00`: defined by the
    /// application, not by ISO/IEC 7816-4.
    Proprietary,
    /// `60XX` and everything outside `6XXX` and `9XXX`: not a status word.
    Invalid,
}

impl Sw {
    /// The status word with this value.
    #[inline]
    #[must_use]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// The status word `[SW1, SW2]`.
    #[inline]
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }

    /// `63Cx`: a counter of 0 to 15, after VERIFY the tries left. More than 15 is said as 15.
    #[inline]
    #[must_use]
    pub const fn counter(count: u8) -> Self {
        let low = if count > 0x0F { 0x0F } else { count };
        Self::from_bytes([0x63, 0xC0 | low])
    }

    /// `61xx`: `count` bytes can be fetched with GET RESPONSE; 0 says 256 or more.
    #[inline]
    #[must_use]
    pub const fn bytes_available(count: u8) -> Self {
        Self::from_bytes([0x61, count])
    }

    /// `6Cxx`: the command should be repeated with `Le` set to `le`; 0 says 256.
    #[inline]
    #[must_use]
    pub const fn correct_le(le: u8) -> Self {
        Self::from_bytes([0x6C, le])
    }

    /// The value, SW1 in the high byte.
    #[inline]
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }

    /// `[SW1, SW2]`.
    #[inline]
    #[must_use]
    pub const fn bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// Whether this is `9000`. A card that says `61xx` has also done the command, but keeps data back.
    #[inline]
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// The counter of `63Cx`, 0 to 15: after VERIFY and its like the tries left.
    #[inline]
    #[must_use]
    pub const fn tries_left(self) -> Option<u8> {
        match self.bytes() {
            [0x63, low @ 0xC0..=0xCF] => Some(low & 0x0F),
            _ => None,
        }
    }

    /// The `xx` of `61xx`: bytes that GET RESPONSE can fetch, 0 for 256 or more.
    #[inline]
    #[must_use]
    pub const fn available(self) -> Option<u8> {
        match self.bytes() {
            [0x61, count] => Some(count),
            _ => None,
        }
    }

    /// The `xx` of `6Cxx`: the `Le` to repeat the command with, 0 for 256.
    #[inline]
    #[must_use]
    pub const fn expected_le(self) -> Option<u8> {
        match self.bytes() {
            [0x6C, le] => Some(le),
            _ => None,
        }
    }

    /// What kind of outcome this is.
    #[inline]
    #[must_use]
    pub const fn category(self) -> Category {
        match self.0 {
            0x9000 | 0x6100..=0x61FF => Category::Normal,
            0x6200..=0x63FF => Category::Warning,
            0x6400..=0x66FF => Category::ExecutionError,
            0x6B01..=0x6BFF | 0x6D01..=0x6DFF | 0x6E01..=0x6EFF | 0x6F01..=0x6FFF => Category::Proprietary,
            0x6700..=0x6FFF => Category::CheckingError,
            0x9001..=0x9FFF => Category::Proprietary,
            _ => Category::Invalid,
        }
    }

    /// What the word is called, in a few words and lower case. An unknown word says so, with what
    /// its first byte still tells.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.word().map_or_else(|| self.unknown().0, |word| word.name)
    }

    /// One or two plain sentences for somebody who has never seen the word: what it means and what
    /// usually causes it.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        self.word().map_or_else(|| self.unknown().1, |word| word.explanation)
    }

    fn word(self) -> Option<&'static Word> {
        let after = WORDS.partition_point(|word| word.first <= self.0);
        WORDS.get(..after)?.last().filter(|word| self.0 <= word.last)
    }

    /// What the first byte of an unlisted word still tells: name and explanation.
    fn unknown(self) -> (&'static str, &'static str) {
        match self.0 {
            0x6200..=0x62FF => (
                "unknown warning",
                "The card did the command and changed nothing in its memory, with a warning that ISO 7816-4 does not list.",
            ),
            0x6300..=0x63FF => (
                "unknown warning, memory changed",
                "The card did the command and changed its memory, with a warning that ISO 7816-4 does not list.",
            ),
            0x6400..=0x64FF => (
                "unknown execution error",
                "The card failed to do the command and left its memory as it was, for a reason that ISO 7816-4 does not list.",
            ),
            0x6500..=0x65FF => (
                "unknown execution error, memory changed",
                "The card failed to do the command after changing its memory, for a reason that ISO 7816-4 does not list.",
            ),
            0x6600..=0x66FF => (
                "unknown security error",
                "The card failed to do the command for a reason of security that ISO 7816-4 does not list.",
            ),
            _ if self.category() == Category::Proprietary => (
                "unknown proprietary status",
                "The application defines this word, not ISO 7816-4; only its manual tells the meaning.",
            ),
            0x6700..=0x6FFF => (
                "unknown checking error",
                "The card refused the command for a reason that ISO 7816-4 does not list; the manual of the application may.",
            ),
            _ => (
                "not a status word",
                "Status words begin with 61 to 6F or 90 to 9F; most likely the response was cut off or is not one.",
            ),
        }
    }
}

impl From<u16> for Sw {
    #[inline]
    fn from(value: u16) -> Self {
        Self(value)
    }
}

impl From<Sw> for u16 {
    #[inline]
    fn from(sw: Sw) -> Self {
        sw.0
    }
}

impl fmt::Display for Sw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} {}", self.0, self.name())
    }
}

impl fmt::Debug for Sw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_value_has_a_name_an_explanation_and_a_category() {
        for value in 0..=u16::MAX {
            let sw = Sw::new(value);
            assert!(!sw.name().is_empty() && sw.explanation().ends_with('.'), "{sw}");
            assert_eq!(Sw::from_bytes(sw.bytes()), sw);
            let invalid = !matches!(value >> 8, 0x61..=0x6F | 0x90..=0x9F);
            assert_eq!(sw.category() == Category::Invalid, invalid, "{sw}");
            assert_eq!(sw.name() == "not a status word", invalid, "{sw}");
        }
    }

    #[test]
    fn rows_rise_without_overlap_and_stay_in_one_category() {
        for pair in WORDS.windows(2) {
            assert!(pair[0].last < pair[1].first, "{:04X}", pair[1].first);
        }
        for word in WORDS {
            assert!(word.first <= word.last);
            assert!(!word.name.starts_with("unknown") && !word.name.is_empty());
            assert!(word.explanation.ends_with('.'), "{:04X}", word.first);
            let category = Sw::new(word.first).category();
            for value in word.first..=word.last {
                assert_eq!(Sw::new(value).name(), word.name);
                assert_eq!(Sw::new(value).category(), category);
            }
        }
    }

    #[test]
    fn categories_are_those_of_the_standard() {
        // ISO/IEC 7816-4, structural scheme: the ranges, written out.
        let table = [
            (0x9000, 0x9000, Category::Normal),
            (0x6100, 0x61FF, Category::Normal),
            (0x6200, 0x63FF, Category::Warning),
            (0x6400, 0x66FF, Category::ExecutionError),
            (0x6700, 0x6B00, Category::CheckingError),
            (0x6B01, 0x6BFF, Category::Proprietary),
            (0x6C00, 0x6D00, Category::CheckingError),
            (0x6D01, 0x6DFF, Category::Proprietary),
            (0x6E00, 0x6E00, Category::CheckingError),
            (0x6E01, 0x6EFF, Category::Proprietary),
            (0x6F00, 0x6F00, Category::CheckingError),
            (0x6F01, 0x6FFF, Category::Proprietary),
            (0x9001, 0x9FFF, Category::Proprietary),
            (0x0000, 0x60FF, Category::Invalid),
            (0x7000, 0x8FFF, Category::Invalid),
            (0xA000, 0xFFFF, Category::Invalid),
        ];
        let mut seen = 0;
        for (first, last, category) in table {
            for value in first..=last {
                assert_eq!(Sw::new(value).category(), category, "{value:04X}");
                seen += 1;
            }
        }
        assert_eq!(seen, 65_536, "the table covers every value once");
    }

    #[test]
    fn counters_and_lengths_are_read_back() {
        for count in 0..=u8::MAX {
            assert_eq!(Sw::counter(count).tries_left(), Some(count.min(15)));
            assert_eq!(Sw::bytes_available(count).available(), Some(count));
            assert_eq!(Sw::correct_le(count).expected_le(), Some(count));
        }
        for sw in [0x63BF, 0x63D0, 0x62C0, 0x60FF, 0x6200, 0x6BFF, 0x6D00].map(Sw::new) {
            assert_eq!((sw.tries_left(), sw.available(), sw.expected_le()), (None, None, None));
        }
        assert!(Sw::OK.is_ok() && !Sw::bytes_available(1).is_ok() && !Sw::new(0x9001).is_ok());
    }

    #[test]
    fn display_is_hex_and_name() {
        assert_eq!(Sw::FILE_NOT_FOUND.to_string(), "6A82 file or application not found");
        assert_eq!(std::format!("{:?}", Sw::new(0x6FAB)), "6FAB unknown proprietary status");
    }
}

//! The keys of a basic phone.

use std::fmt;
use std::str::FromStr;

/// A key: the twelve, and those around the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[rustfmt::skip]
pub enum Key {
    /// `0`.
    Zero,
    /// `1`.
    One,
    /// `2`.
    Two,
    /// `3`.
    Three,
    /// `4`.
    Four,
    /// `5`.
    Five,
    /// `6`.
    Six,
    /// `7`.
    Seven,
    /// `8`.
    Eight,
    /// `9`.
    Nine,
    /// `*`.
    Star,
    /// `#`. While letters are keyed in, it changes between small and capital ones.
    Hash,
    /// `+`: the key `0`, held down.
    Plus,
    /// One item or line up.
    Up,
    /// One item or line down.
    Down,
    /// Chooses, confirms; in idle mode it opens the card's menu.
    Ok,
    /// One step back.
    Back,
    /// Erases the last character.
    Clear,
    /// Opens the card's menu in idle mode.
    Menu,
    /// Asks the card for help, where it offers some.
    Help,
    /// Ends what is going on.
    End,
}

const NAMES: [(Key, &str); 21] = [
    (Key::Zero, "0"),
    (Key::One, "1"),
    (Key::Two, "2"),
    (Key::Three, "3"),
    (Key::Four, "4"),
    (Key::Five, "5"),
    (Key::Six, "6"),
    (Key::Seven, "7"),
    (Key::Eight, "8"),
    (Key::Nine, "9"),
    (Key::Star, "*"),
    (Key::Hash, "#"),
    (Key::Plus, "+"),
    (Key::Up, "Up"),
    (Key::Down, "Down"),
    (Key::Ok, "OK"),
    (Key::Back, "Back"),
    (Key::Clear, "Clear"),
    (Key::Menu, "Menu"),
    (Key::Help, "Help"),
    (Key::End, "End"),
];

/// There is no key of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such key; the keys are 0 to 9, *, #, +, Up, Down, OK, Back, Clear, Menu, Help and End")]
pub struct UnknownKey;

impl Key {
    /// Every key.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(|(key, _)| key)
    }

    /// What is written on it.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(key, _)| *key == self).map_or("", |(_, name)| name)
    }

    /// The character that it is where digits are keyed in: `0` to `9`, `*`, `#` and `+`.
    #[must_use]
    pub fn digit(self) -> Option<char> {
        let mut name = self.name().chars();
        name.next().filter(|first| name.next().is_none() && !first.is_ascii_alphabetic())
    }

    /// The key of such a character.
    #[must_use]
    pub fn of_digit(digit: char) -> Option<Self> {
        Self::all().find(|key| key.digit() == Some(digit))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Key {
    type Err = UnknownKey;

    /// Reads a name, in small or capital letters.
    fn from_str(name: &str) -> Result<Self, UnknownKey> {
        NAMES.iter().find(|(_, other)| other.eq_ignore_ascii_case(name)).map(|(key, _)| *key).ok_or(UnknownKey)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_name_and_thirteen_are_digits() {
        for key in Key::all() {
            assert_eq!(key.to_string().parse(), Ok(key));
            assert_eq!(key.name().to_lowercase().parse(), Ok(key));
            assert!(key.digit().is_none_or(|digit| Key::of_digit(digit) == Some(key)));
        }
        let digits: String = Key::all().filter_map(Key::digit).collect();
        assert_eq!(digits, "0123456789*#+");
        assert_eq!("okay".parse::<Key>(), Err(UnknownKey));
    }
}

//! Why a key did nothing, in the sixteen characters that a line of the phone has.

use std::fmt;

use handset::Keyed;

/// Why a key did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The battery is not in.
    NoBattery,
    /// The phone is off.
    Off,
    /// The SIM is not in.
    NoSim,
    /// So many characters are missing.
    More(usize),
    /// No more fits.
    Full,
    /// The key has no meaning here.
    NotHere,
    /// It cannot be done to a card in a reader.
    Reader,
}

impl Hint {
    /// Why OK, or a key that writes, did nothing where so much was keyed in.
    pub(crate) fn of(keyed: Option<Keyed>, writes: bool) -> Self {
        match keyed {
            Some(keyed) if writes && keyed.count >= keyed.most => Self::Full,
            Some(keyed) if !writes && keyed.count < keyed.least => Self::More(keyed.least.saturating_sub(keyed.count)),
            _ => Self::NotHere,
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBattery => f.write_str("No battery"),
            Self::Off => f.write_str("Phone is off"),
            Self::NoSim => f.write_str("No SIM"),
            Self::More(count) => write!(f, "Type {count} more"),
            Self::Full => f.write_str("No more fits"),
            Self::NotHere => f.write_str("Not that key now"),
            Self::Reader => f.write_str("Card in a reader"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fits_into_a_line() {
        let all = [Hint::NoBattery, Hint::Off, Hint::NoSim, Hint::More(238), Hint::Full, Hint::NotHere, Hint::Reader];
        assert!(all.iter().all(|hint| hint.to_string().len() <= handset::screen::WIDTH));
    }
}

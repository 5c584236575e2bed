//! What lies beside the phones: the help about keys, or whatever a command puts there.

use ratatui::text::Line;

/// What lies beside the phones.
pub trait Beside {
    /// Its title.
    fn title(&self) -> String;

    /// Its text, for so many columns.
    fn lines(&self, columns: u16) -> Vec<Line<'static>>;

    /// Whether its end is shown, and not its beginning, where it is too long.
    fn follows(&self) -> bool {
        false
    }
}

/// How the phones are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHelp;

const TEXT: &str = "\
Under each key of a phone is the
key of the keyboard that presses
it. Clicks work, too.

Tab    the whole keyboard for the
       left phone, the right one,
       or half of it for each
Enter  left soft key
Bksp   right soft key
Up Dn  through lists

Begin with power, then Menu, then
Purse. The PIN is 1234 on fresh
cards. Letters: press a key again
until the letter is there.

batt   out, or in again
loose  falls out after the card's
       next write; again: later
SIM    pulled, or in again
?      this help
Esc    quit    Ctrl-C  at once";

impl Beside for KeyHelp {
    fn title(&self) -> String {
        "Keys".to_owned()
    }

    fn lines(&self, _: u16) -> Vec<Line<'static>> {
        TEXT.lines().map(Line::raw).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_fits_beside_two_phones() {
        assert!(TEXT.lines().all(|line| line.chars().count() <= 33) && TEXT.lines().count() <= 22, "{TEXT}");
    }
}

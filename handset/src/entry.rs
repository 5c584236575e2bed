//! What a person keys in: digits straight, letters by pressing a key several times.

use std::fmt;

use toolkit::command::Characters;
use toolkit::element::ResponseLength;
use zeroize::Zeroizing;

use crate::Key;

/// A line that is being keyed in.
pub(crate) struct Entry {
    pub(crate) characters: Characters,
    pub(crate) hidden: bool,
    pub(crate) length: ResponseLength,
    text: Zeroizing<String>,
    /// The key whose letters the last character goes through, and which letter it is.
    tapped: Option<(Key, usize)>,
    capitals: bool,
}

/// How much is keyed in, and how much is wanted, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyed {
    /// So much is there.
    pub count: usize,
    /// At least so much is wanted.
    pub least: usize,
    /// At most so much fits.
    pub most: usize,
}

/// The letters of a key, in their order. All are in the GSM default alphabet, one code each.
const fn letters(key: Key) -> &'static str {
    match key {
        Key::Zero => " 0",
        Key::One => ".,?!1-'\"()@/:;_&%",
        Key::Two => "abc2",
        Key::Three => "def3",
        Key::Four => "ghi4",
        Key::Five => "jkl5",
        Key::Six => "mno6",
        Key::Seven => "pqrs7",
        Key::Eight => "tuv8",
        Key::Nine => "wxyz9",
        Key::Star => "*+#=<>",
        _ => "",
    }
}

/// How a character is keyed in: a key, and how often it is pressed.
fn taps(character: char) -> Option<(Key, usize)> {
    Key::all().find_map(|key| {
        letters(key).chars().position(|letter| letter == character).map(|at| (key, at.saturating_add(1)))
    })
}

impl Entry {
    /// An empty line. `default` is keyed in already, as far as it may be.
    pub(crate) fn new(characters: Characters, hidden: bool, length: ResponseLength, default: &str) -> Self {
        // Wiped as a whole: it never has to move.
        let most = most(characters, length);
        let mut text = Zeroizing::new(String::with_capacity(most.saturating_mul(4)));
        let allowed = |character: &char| match characters {
            Characters::Digits => Key::of_digit(*character).is_some(),
            Characters::Gsm => toolkit::text::gsm::has(*character),
            Characters::Ucs2 => !character.is_control(),
        };
        text.extend(default.chars().take_while(allowed).take(most));
        Self { characters, hidden, length, text, tapped: None, capitals: false }
    }

    /// What was keyed in.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How much there is, and how much is wanted.
    pub(crate) fn keyed(&self) -> Keyed {
        Keyed {
            count: self.text.chars().count(),
            least: self.length.min.into(),
            most: most(self.characters, self.length),
        }
    }

    /// Whether there are as many characters as wanted.
    pub(crate) fn is_enough(&self) -> bool {
        self.length.allows(self.text.chars().count())
    }

    /// What is seen of it: a cursor stands where the next character goes.
    pub(crate) fn shown(&self) -> String {
        let count = self.text.chars().count();
        let cursor = (count < most(self.characters, self.length)).then_some('_');
        if self.hidden {
            std::iter::repeat_n('*', count).chain(cursor).collect()
        } else {
            self.text.chars().chain(cursor).collect()
        }
    }

    /// Presses a key that writes, and says whether anything happened.
    pub(crate) fn press(&mut self, key: Key) -> bool {
        if self.has_letters() { self.tap(key) } else { self.digit(key) }
    }

    /// Erases the last character, and says whether there was one.
    pub(crate) fn clear(&mut self) -> bool {
        self.tapped = None;
        self.text.pop().is_some()
    }

    /// Nothing is pressed for a while: the letter stays.
    pub(crate) const fn pause(&mut self) {
        self.tapped = None;
    }

    /// The keys for a character; `None` if it cannot be keyed in here. The flag: to wait first, since the last
    /// letter is on the same key.
    pub(crate) fn keys(&self, character: char) -> Option<(bool, Vec<Key>)> {
        if !self.has_letters() {
            return Key::of_digit(character).map(|key| (false, vec![key]));
        }
        let (key, count) = taps(character.to_ascii_lowercase())?;
        let shift = character.is_ascii_alphabetic() && character.is_ascii_uppercase() != self.capitals;
        let pause = !shift && self.tapped.is_some_and(|(last, _)| last == key);
        let shift = shift.then_some(Key::Hash);
        Some((pause, shift.into_iter().chain(std::iter::repeat_n(key, count)).collect()))
    }

    /// Hidden input is of digits only, whatever the card wants.
    ///
    /// Source: ETSI TS 102 223, GET INPUT.
    fn has_letters(&self) -> bool {
        !self.hidden && self.characters != Characters::Digits
    }

    fn is_full(&self) -> bool {
        self.text.chars().count() >= most(self.characters, self.length)
    }

    fn digit(&mut self, key: Key) -> bool {
        let wanted = |digit: &char| !self.hidden || *digit != '+';
        match key.digit().filter(wanted) {
            Some(digit) if !self.is_full() => {
                self.text.push(digit);
                true
            }
            _ => false,
        }
    }

    fn tap(&mut self, key: Key) -> bool {
        if key == Key::Hash {
            self.capitals = !self.capitals;
            self.tapped = None;
            return true;
        }
        let letters = letters(key);
        let next = match self.tapped {
            Some((last, at)) if last == key => {
                self.text.pop();
                at.saturating_add(1)
            }
            _ if self.is_full() => return false,
            _ => 0,
        };
        let Some(letter) = letters.chars().cycle().nth(next) else { return false };
        self.text.push(if self.capitals { letter.to_ascii_uppercase() } else { letter });
        self.tapped = Some((key, next.checked_rem(letters.chars().count()).unwrap_or(0)));
        true
    }
}

/// The most characters: as many as are wanted, and fit into a TERMINAL RESPONSE.
fn most(characters: Characters, length: ResponseLength) -> usize {
    let fit = if characters == Characters::Ucs2 { 119 } else { 239 };
    if length.max == 0xFF { fit } else { usize::from(length.max).min(fit) }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({} characters)", self.text.chars().count())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entry(characters: Characters, hidden: bool, min: u8, max: u8) -> Entry {
        Entry::new(characters, hidden, ResponseLength { min, max }, "")
    }

    fn typed(entry: &mut Entry, text: &str) -> bool {
        text.chars().all(|character| {
            let Some((pause, keys)) = entry.keys(character) else { return false };
            if pause {
                entry.pause();
            }
            keys.into_iter().all(|key| entry.press(key))
        })
    }

    #[test]
    fn digits_go_in_up_to_the_most() {
        let mut line = entry(Characters::Digits, false, 2, 4);
        assert!(typed(&mut line, "1") && !line.is_enough());
        assert_eq!(line.shown(), "1_");
        assert!(typed(&mut line, "*#+") && line.is_enough());
        assert!(!line.press(Key::One) && !line.press(Key::Up));
        assert_eq!((line.text(), line.shown()), ("1*#+", "1*#+".to_owned()));
        assert!(line.clear() && line.is_enough());
        assert_eq!(line.text(), "1*#");
    }

    #[test]
    fn hidden_input_shows_asterisks_and_has_no_letters() {
        let mut line = entry(Characters::Gsm, true, 4, 8);
        assert!(typed(&mut line, "2222") && !line.press(Key::Plus));
        assert_eq!(
            (line.text(), line.shown(), format!("{line:?}")),
            ("2222", "****_".into(), "Entry(4 characters)".into())
        );
    }

    #[test]
    fn letters_are_tapped() {
        let mut line = entry(Characters::Gsm, false, 0, 20);
        for key in [Key::Two, Key::Two, Key::Hash, Key::Two, Key::Two, Key::Two, Key::Two, Key::Two, Key::Two] {
            assert!(line.press(key));
        }
        assert_eq!(line.text(), "bB");
        let mut line = entry(Characters::Ucs2, false, 0, 40);
        let text = "Habari, bbC cC? Nipe 400 #*+ zaidi!";
        assert!(typed(&mut line, text));
        assert_eq!(line.text(), text);
        assert!(line.keys('é').is_none());
    }

    #[test]
    fn a_full_line_still_goes_through_the_letters_of_its_last_key() {
        let mut line = entry(Characters::Gsm, false, 0, 1);
        assert!(line.press(Key::Two) && line.press(Key::Two) && !line.press(Key::Three));
        assert_eq!(line.text(), "b");
    }

    #[test]
    fn all_letters_are_in_the_alphabet_of_gsm_one_code_each() {
        for key in Key::all() {
            assert!(letters(key).chars().all(|letter| toolkit::text::gsm::code(letter).is_some_and(|(wide, _)| !wide)));
        }
    }

    #[test]
    fn the_default_stands_in_the_line_as_far_as_it_may() {
        let line =
            |text| Entry::new(Characters::Digits, false, ResponseLength { min: 0, max: 3 }, text).text().to_owned();
        assert_eq!((line("12345"), line("1a2"), line("")), ("123".into(), "1".into(), String::new()));
    }
}

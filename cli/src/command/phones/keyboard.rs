//! The keyboard: which of its keys does what to which phone. A table, and nothing else knows it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use handset::Key;
use phones::{Side, Touch};

/// Who has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyboard {
    /// The left half is the left phone's, the right half the right one's.
    Halves,
    /// All of it is one phone's.
    Whole(Side),
}

/// What can be done with a key or a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Something done to a phone.
    Touch(Side, Grasp),
    /// Tab: the keyboard goes on to another one.
    Hand,
    /// Esc: whether to quit is asked.
    Quit,
    /// Ctrl-C: no question is asked.
    QuitNow,
    /// `?`: the help about keys comes, or goes.
    Help,
    /// Lines up or down in what lies beside the phones.
    Scroll(i16),
    /// Draw all of it anew.
    Redraw,
}

/// What is done to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grasp {
    /// This.
    Touch(Touch),
    /// Have the battery sit looser: it falls out one write of the card later than it would.
    Loosen,
}

/// One action of a phone: what it is called, and its keys: by the left half, by the right half, by the whole keyboard.
pub struct Row {
    /// What it does.
    pub grasp: Grasp,
    /// What is written there.
    pub name: &'static str,
    /// The key of the left half.
    pub left: Option<char>,
    /// The key of the right half.
    pub right: Option<char>,
    /// The key where one phone has the whole keyboard.
    pub whole: Option<char>,
}

const fn key(key: Key, name: &'static str, left: char, right: char, whole: char) -> Row {
    Row { grasp: Grasp::Touch(Touch::Key(key)), name, left: Some(left), right: Some(right), whole: Some(whole) }
}

const fn hand(touch: Touch, name: &'static str, left: char, right: char, whole: char) -> Row {
    Row { grasp: Grasp::Touch(touch), name, left: Some(left), right: Some(right), whole: Some(whole) }
}

/// The twelve keys, row by row.
pub static KEYPAD: [Row; 12] = [
    key(Key::One, "1 .,?", '1', '7', '1'),
    key(Key::Two, "2abc", '2', '8', '2'),
    key(Key::Three, "3def", '3', '9', '3'),
    key(Key::Four, "4ghi", 'q', 'u', '4'),
    key(Key::Five, "5jkl", 'w', 'i', '5'),
    key(Key::Six, "6mno", 'e', 'o', '6'),
    key(Key::Seven, "7pqrs", 'a', 'j', '7'),
    key(Key::Eight, "8tuv", 's', 'k', '8'),
    key(Key::Nine, "9wxyz", 'd', 'l', '9'),
    key(Key::Star, "*+=", 'z', 'm', '*'),
    key(Key::Zero, "0 _", 'x', ',', '0'),
    key(Key::Hash, "# aA", 'c', '.', '#'),
];

/// The soft keys, and those between them.
pub static AROUND: [Row; 4] = [
    hand(Touch::Left, "left soft key", 'r', 'y', 'r'),
    key(Key::Up, "up", 'f', 'h', 'f'),
    key(Key::Down, "down", 'v', 'n', 'v'),
    hand(Touch::Right, "right soft key", 't', 'p', 't'),
];

/// What is seldom done.
pub static SELDOM: [Row; 7] = [
    hand(Touch::Power, "power", '4', '0', 'p'),
    hand(Touch::Battery, "batt", '5', '-', 'b'),
    hand(Touch::Sim, "SIM", '6', '=', 's'),
    Row { grasp: Grasp::Loosen, name: "loose", left: Some('B'), right: Some('_'), whole: Some('l') },
    key(Key::Help, "help", 'b', '/', 'h'),
    key(Key::End, "end", 'g', ';', 'e'),
    Row { grasp: Grasp::Touch(Touch::Key(Key::Plus)), name: "+", left: None, right: None, whole: Some('+') },
];

/// Keys without a character: of the phone that has the whole keyboard, or of the right one.
const SPECIAL: [(KeyCode, Touch); 6] = [
    (KeyCode::Up, Touch::Key(Key::Up)),
    (KeyCode::Down, Touch::Key(Key::Down)),
    (KeyCode::Enter, Touch::Left),
    (KeyCode::Right, Touch::Left),
    (KeyCode::Backspace, Touch::Right),
    (KeyCode::Left, Touch::Right),
];

/// Every action of a phone.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    KEYPAD.iter().chain(&AROUND).chain(&SELDOM)
}

impl Row {
    /// The key for the phone on this side, for whom has the keyboard like this. `None`: it has none now.
    pub fn on(&self, side: Side, keyboard: Keyboard) -> Option<char> {
        match (keyboard, side) {
            (Keyboard::Halves, Side::Left) => self.left,
            (Keyboard::Halves, Side::Right) => self.right,
            (Keyboard::Whole(whose), side) => self.whole.filter(|_| whose == side),
        }
    }
}

impl Keyboard {
    /// The one at the beginning.
    pub const fn of(phones: usize) -> Self {
        if phones < 2 { Self::Whole(Side::Left) } else { Self::Halves }
    }

    /// Whose it is after Tab.
    pub const fn next(self, phones: usize) -> Self {
        match self {
            _ if phones < 2 => Self::Whole(Side::Left),
            Self::Halves => Self::Whole(Side::Left),
            Self::Whole(Side::Left) => Self::Whole(Side::Right),
            Self::Whole(Side::Right) => Self::Halves,
        }
    }

    /// What a key does.
    pub fn deed(self, event: KeyEvent) -> Option<Deed> {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        match event.code {
            KeyCode::Char('c' | 'd') if control => Some(Deed::QuitNow),
            KeyCode::Char('l') if control => Some(Deed::Redraw),
            KeyCode::Char(_) if control => None,
            KeyCode::Esc => Some(Deed::Quit),
            KeyCode::Tab => Some(Deed::Hand),
            KeyCode::PageUp => Some(Deed::Scroll(-10)),
            KeyCode::PageDown => Some(Deed::Scroll(10)),
            KeyCode::Char('?') => Some(Deed::Help),
            KeyCode::Char(typed) => {
                let find = |typed| {
                    Side::BOTH.into_iter().find_map(|side| {
                        let row = rows().find(|row| row.on(side, self) == Some(typed))?;
                        Some(Deed::Touch(side, row.grasp))
                    })
                };
                // With Caps Lock on, letters still are keys.
                find(typed).or_else(|| find(typed.to_ascii_lowercase()))
            }
            code => {
                let side = if let Self::Whole(side) = self { side } else { Side::Right };
                let touch = SPECIAL.into_iter().find(|(key, _)| *key == code)?.1;
                Some(Deed::Touch(side, Grasp::Touch(touch)))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn typed(keyboard: Keyboard, key: char) -> Option<Deed> {
        keyboard.deed(KeyEvent::from(KeyCode::Char(key)))
    }

    #[test]
    fn no_key_does_two_things_and_each_does_what_its_row_says() {
        for keyboard in [Keyboard::Halves, Keyboard::Whole(Side::Left), Keyboard::Whole(Side::Right)] {
            let mut seen = Vec::new();
            for (side, row) in Side::BOTH.into_iter().flat_map(|side| rows().map(move |row| (side, row))) {
                let Some(key) = row.on(side, keyboard) else { continue };
                assert!(!seen.contains(&key) && key != '?', "{key} twice on {keyboard:?}");
                seen.push(key);
                assert_eq!(typed(keyboard, key), Some(Deed::Touch(side, row.grasp)), "{key}");
            }
        }
    }

    #[test]
    fn digits_are_digits_on_a_whole_keyboard() {
        for key in Key::all().filter(|key| key.digit().is_some()) {
            let deed = Deed::Touch(Side::Right, Grasp::Touch(Touch::Key(key)));
            assert_eq!(typed(Keyboard::Whole(Side::Right), key.digit().unwrap()), Some(deed));
        }
    }

    #[test]
    fn tab_goes_around() {
        let mut keyboard = Keyboard::of(2);
        let seen: Vec<Keyboard> = (0..3)
            .map(|_| {
                keyboard = keyboard.next(2);
                keyboard
            })
            .collect();
        assert_eq!(seen, [Keyboard::Whole(Side::Left), Keyboard::Whole(Side::Right), Keyboard::Halves]);
        assert_eq!(Keyboard::of(1).next(1), Keyboard::Whole(Side::Left));
    }
}

//! Where everything lies: two phones or one on the left, what lies beside them on the right, a line below.

use phones::Side;
use ratatui::layout::{Position, Rect};

use super::keyboard::{AROUND, KEYPAD, Row, SELDOM};

/// Columns of a phone.
pub const PHONE: u16 = 22;
/// Lines of a phone.
const LINES: u16 = 23;
/// The least columns beside the phones.
const BESIDE: u16 = 33;

/// Where in a window everything lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The phones.
    pub phones: Vec<(Side, Rect)>,
    /// What lies beside them.
    pub beside: Rect,
    /// The line below.
    pub below: Rect,
}

/// How large a window has to be, in columns and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Columns.
    pub columns: u16,
    /// Lines.
    pub lines: u16,
}

impl Layout {
    /// In this window.
    ///
    /// # Errors
    /// How large it has to be.
    pub fn new(window: Rect, sides: impl Iterator<Item = Side>) -> Result<Self, Wanted> {
        let mut x = window.x;
        let mut phones = Vec::new();
        for side in sides {
            phones.push((side, Rect { x, y: window.y, width: PHONE, height: LINES }));
            x = x.saturating_add(PHONE).saturating_add(1);
        }
        x = x.saturating_add(1);
        let wanted =
            Wanted { columns: x.saturating_sub(window.x).saturating_add(BESIDE), lines: LINES.saturating_add(1) };
        if window.width < wanted.columns || window.height < wanted.lines {
            return Err(wanted);
        }
        let below = Rect { y: window.bottom().saturating_sub(1), height: 1, ..window };
        let beside =
            Rect { x, width: window.right().saturating_sub(x), height: window.height.saturating_sub(1), ..window };
        Ok(Self { phones, beside, below })
    }

    /// What a click does there.
    pub fn at(&self, column: u16, line: u16) -> Option<(Side, &'static Row)> {
        let position = Position { x: column, y: line };
        let (side, phone) = self.phones.iter().find(|(_, phone)| phone.contains(position))?;
        let (row, _) = keys(*phone).find(|(_, key)| key.contains(position))?;
        Some((*side, row))
    }
}

/// The first line of the screen, from the top of the phone.
pub const SCREEN: u16 = 1;
/// The line that says why a key did nothing.
pub const HINT: u16 = 9;
/// The names of the soft keys.
pub const SOFT: u16 = 10;
const KEYS: u16 = 11;
const PAD: u16 = 12;
const HANDS: u16 = 20;

/// The keys of a phone that lies there, and where each is.
pub fn keys(phone: Rect) -> impl Iterator<Item = (&'static Row, Rect)> {
    let lines = move |rows: &'static [Row], top: u16, height: u16, columns: &'static [(u16, u16)]| {
        (0_u16..).zip(rows.chunks(columns.len())).flat_map(move |(line, rows)| {
            rows.iter().zip(columns).map(move |(row, (x, width))| {
                let y = phone.y.saturating_add(top).saturating_add(line.saturating_mul(height));
                (row, Rect { x: phone.x.saturating_add(*x), y, width: *width, height })
            })
        })
    };
    lines(&AROUND, KEYS, 1, &[(0, 5), (5, 5), (10, 5), (15, 5)])
        .chain(lines(&KEYPAD, PAD, 2, &[(0, 7), (7, 7), (14, 7)]))
        .chain(lines(&SELDOM, HANDS, 1, &[(0, 7), (8, 6), (15, 6)]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn two_phones_fit_into_80_by_24_and_no_less() {
        let window = |width, height| Layout::new(Rect::new(0, 0, width, height), Side::BOTH.into_iter());
        let layout = window(80, 24).unwrap();
        assert_eq!((layout.beside, layout.below), (Rect::new(47, 0, 33, 23), Rect::new(0, 23, 80, 1)));
        assert_eq!(window(79, 24), Err(Wanted { columns: 80, lines: 24 }));
        assert_eq!(window(80, 23), Err(Wanted { columns: 80, lines: 24 }));
        assert_eq!(window(120, 40).unwrap().beside, Rect::new(47, 0, 73, 39));
    }

    #[test]
    fn each_key_can_be_clicked_and_no_two_overlap() {
        let layout = Layout::new(Rect::new(0, 0, 80, 24), Side::BOTH.into_iter()).unwrap();
        for (side, phone) in &layout.phones {
            for (row, key) in keys(*phone) {
                assert!(phone.union(key) == *phone, "{} at {key}", row.name);
                for position in key.positions() {
                    let (found, clicked) = layout.at(position.x, position.y).unwrap();
                    assert_eq!((found, clicked.name), (*side, row.name));
                }
            }
        }
        assert!(layout.at(79, 0).is_none() && layout.at(0, 0).is_none());
    }
}

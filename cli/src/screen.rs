//! The screen of a basic phone: six lines of sixteen characters, drawn as text.

/// Lines of a screen.
pub const LINES: usize = 6;
/// Characters of a line.
pub const COLUMNS: usize = 16;

/// What a phone shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen([String; LINES]);

impl Screen {
    /// A screen with these lines, cut and filled to its size.
    pub fn new<'t>(lines: impl IntoIterator<Item = &'t str>) -> Self {
        let mut lines = lines.into_iter();
        Self(std::array::from_fn(|_| {
            let line: String = lines.next().unwrap_or_default().chars().take(COLUMNS).collect();
            format!("{line:COLUMNS$}")
        }))
    }

    /// Its lines, without the blanks at their ends.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|line| line.trim_end())
    }

    /// Two screens side by side, each in its frame under its title.
    pub fn side_by_side(left: (&str, &Self), right: (&str, &Self)) -> String {
        let border = format!("+-{:-<COLUMNS$}-+", "");
        let row = |left: &str, right: &str| format!("    {left:20}     {right}\n");
        let mut text = row(left.0, right.0);
        text += &row(&border, &border);
        for (left, right) in left.1.0.iter().zip(&right.1.0) {
            text += &row(&format!("| {left} |"), &format!("| {right} |"));
        }
        text + &row(&border, &border)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_has_its_size_whatever_is_written() {
        let long = "x".repeat(40);
        for lines in [vec![], vec![long.as_str(); 9], vec!["Ksh 400", "", "paid"]] {
            let screen = Screen::new(lines);
            assert!(screen.0.iter().all(|line| line.chars().count() == COLUMNS));
            let drawn = Screen::side_by_side(("Alice", &screen), ("Bob", &screen));
            assert_eq!(drawn.lines().count(), LINES + 3);
            assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
        }
    }
}

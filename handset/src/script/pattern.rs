//! What is looked for on a screen: a text in which `?` stands for one character.

use crate::screen::{Screen, single_blanks};

/// A pattern. Blanks count once.
///
/// In `expect`, `?` is a letter, a digit or a question mark. In `keep` it is a digit, or a question mark, which is not
/// kept. Where a match begins or ends with a digit, the number on the screen does so too: `400` is not in `1400`, and
/// not in `4000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(single_blanks(text))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether there is anything to keep.
    pub(super) fn has_wildcard(&self) -> bool {
        self.0.contains('?')
    }

    /// Whether it is anywhere on the screen.
    pub(super) fn is_on(&self, screen: &Screen) -> bool {
        self.find(&screen.text_on_it(), char::is_alphanumeric).is_some()
    }

    /// Whether it is this line, from 1, as a whole.
    pub(super) fn is_line(&self, screen: &Screen, line: usize) -> bool {
        let line = single_blanks(&screen.lines().nth(line.saturating_sub(1)).unwrap_or_default());
        let same = line.chars().count() == self.0.chars().count();
        same && line.chars().zip(self.0.chars()).all(|(found, wanted)| fits(found, wanted, char::is_alphanumeric))
    }

    /// The digits for which `?` stands where it first is on the screen.
    pub(super) fn kept_from(&self, screen: &Screen) -> Option<String> {
        let found = self.find(&screen.text_on_it(), |character| character.is_ascii_digit())?;
        let wildcards = found.into_iter().zip(self.0.chars()).filter(|(_, wanted)| *wanted == '?');
        let digits: String = wildcards.map(|(found, _)| found).filter(char::is_ascii_digit).collect();
        Some(digits).filter(|digits| !digits.is_empty())
    }

    /// What is where it first is in a text.
    fn find(&self, text: &str, wildcard: fn(char) -> bool) -> Option<Vec<char>> {
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = text.chars().collect();
        let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(char::is_ascii_digit);
        let (_, found) = text.windows(pattern.len().max(1)).enumerate().find(|(at, window)| {
            let end = at.saturating_add(window.len());
            let splits = digit(at.checked_sub(1)) && digit(Some(*at)) || digit(end.checked_sub(1)) && digit(Some(end));
            !splits && window.iter().zip(&pattern).all(|(found, wanted)| fits(*found, *wanted, wildcard))
        })?;
        Some(found.to_vec())
    }
}

fn fits(found: char, wanted: char, wildcard: fn(char) -> bool) -> bool {
    found == wanted || wanted == '?' && wildcard(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).is_on(&Screen::text(text, 0))
    }

    #[test]
    fn a_pattern_is_found_wherever_lines_break() {
        let code = "Give 4761 0825 to Alice and wait for her";
        assert!(on("4761 ????", code) && on("Give  4761 0825", code) && on("to Alice and", code));
        assert!(on("01234567890123456789", "x 01234567890123456789"));
        assert!(!on("4761 ???", code) && !on("761 0825", code) && !on("give", code) && !on("4761-????", code));
        assert!(on("400", "1 400.00") && !on("400", "1400.00") && !on("400", "4000") && on("?", "a?"));
    }

    #[test]
    fn what_wildcards_stand_for_is_kept() {
        let kept = |pattern, text| Pattern::new(pattern).kept_from(&Screen::text(text, 0));
        assert_eq!(kept("???? ????", "Give 4761 0825 to Alice").as_deref(), Some("47610825"));
        assert_eq!(kept("Code? ????", "Code? 1234").as_deref(), Some("1234"));
        assert_eq!(kept("????", "Give 47610825"), None);
        assert_eq!(kept("Code?", "Code?"), None);
    }

    #[test]
    fn a_line_is_compared_as_a_whole() {
        let screen = Screen::entry("Code", "4761_", 0);
        assert!(Pattern::new("????_").is_line(&screen, 6) && Pattern::new("").is_line(&screen, 2));
        assert!(!Pattern::new("????").is_line(&screen, 6) && !Pattern::new("Code").is_line(&screen, 7));
    }
}

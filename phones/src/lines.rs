//! A text in lines as wide as there is room.

/// The text in lines of so many characters, broken at blanks where there are some.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for line in text.split('\n') {
        let indent: String = line.chars().take_while(|character| *character == ' ').take(width / 2).collect();
        let (mut current, mut used) = (indent.clone(), 0usize);
        for word in line.split_whitespace() {
            let mut rest: Vec<char> = word.chars().collect();
            loop {
                let taken = current.chars().count();
                let gap = usize::from(used > 0);
                let room = width.saturating_sub(taken).saturating_sub(gap);
                if rest.len() <= room {
                    current.extend(std::iter::repeat_n(' ', gap).chain(rest));
                    used = used.saturating_add(1);
                    break;
                }
                if used > 0 {
                    lines.push(std::mem::replace(&mut current, indent.clone()));
                    used = 0;
                    continue;
                }
                // Longer than a line.
                let tail = rest.split_off(room.clamp(1, rest.len()));
                current.extend(rest);
                lines.push(std::mem::replace(&mut current, indent.clone()));
                rest = tail;
            }
        }
        lines.push(current);
    }
    lines.remove(0);
    lines
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(text in "[a-z ]{0,80}(\n[a-z ]{0,80}){0,3}", width in 1usize..40) {
            let lines = wrapped(&text, width);
            proptest::prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }

    #[test]
    fn lines_are_broken_at_blanks_and_keep_their_indent() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("  one two", 6), ["  one", "  two"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("a\n\nb", 3), ["a", "", "b"]);
    }
}

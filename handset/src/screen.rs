//! The screen: six lines of sixteen characters, and how a text is laid out on them.

use std::borrow::Cow;
use std::fmt;

/// Characters in a line.
pub const WIDTH: usize = 16;
/// Lines.
pub const HEIGHT: usize = 6;

/// What is on the screen.
///
/// A text is broken at blanks where it can be; a word longer than a line is broken wherever the line ends. In a list each
/// item begins with a column that holds `>` before the selected one.
///
/// `Debug` shows nothing: there may be a code on the screen. `Display` draws it, in a frame; `^` and `v` in its right
/// side say that there is more above or below.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    rows: Vec<Row>,
    titled: bool,
    selected: Option<usize>,
    above: bool,
    below: bool,
}

/// One line.
#[derive(Clone, PartialEq, Eq)]
struct Row {
    /// The column before an item.
    mark: Option<char>,
    text: String,
    /// What was between this line and the next one when they were one text.
    gap: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// They are one word.
    None,
    /// A blank.
    Blank,
    /// They are two texts.
    Line,
}

/// The most lines of a title; what does not fit is cut.
const TITLE: usize = 2;
/// The most lines that what was keyed in has; of more, the end is shown.
const LINE: usize = 2;

impl Screen {
    /// With nothing on it.
    #[must_use]
    pub fn blank() -> Self {
        Self::of(Vec::new(), Vec::new(), 0)
    }

    /// These lines, the second ones from `top` on, as many as fit.
    fn of(head: Vec<Row>, body: Vec<Row>, top: usize) -> Self {
        let room = HEIGHT.saturating_sub(head.len());
        let top = top.min(body.len().saturating_sub(room));
        let below = body.len().saturating_sub(top) > room;
        let titled = !head.is_empty();
        let rows = head.into_iter().chain(body.into_iter().skip(top)).take(HEIGHT).collect();
        Self { rows, titled, selected: None, above: top > 0, below }
    }

    /// A text, from its line `top` on.
    #[must_use]
    pub fn text(text: &str, top: usize) -> Self {
        Self::of(Vec::new(), wrap(text, WIDTH, None), top)
    }

    /// How far a text can be scrolled: the last `top` that changes something.
    pub(crate) fn scrolls(text: &str, room: usize) -> usize {
        wrap(text, WIDTH, None).len().saturating_sub(room)
    }

    /// A title, and items of which one is selected.
    #[must_use]
    pub(crate) fn list<'i>(title: &str, items: impl Iterator<Item = &'i str>, selected: usize) -> Self {
        let head = if title.is_empty() { Vec::new() } else { cut(wrap(title, WIDTH, None), TITLE) };
        let room = HEIGHT.saturating_sub(head.len());
        let (mut body, mut chosen) = (Vec::new(), 0..0);
        for (at, item) in items.enumerate() {
            let mark = if at == selected { '>' } else { ' ' };
            let rows = cut(wrap(item, WIDTH.saturating_sub(1), Some(mark)), room);
            if at == selected {
                chosen = body.len()..body.len().saturating_add(rows.len());
            }
            body.extend(rows);
        }
        // So that the selected item is whole, and what is before it is seen if there is room.
        let top = chosen.end.saturating_sub(room);
        let selected = head.len().saturating_add(chosen.start.saturating_sub(top));
        Self { selected: Some(selected), ..Self::of(head, body, top) }
    }

    /// A question from its line `top` on, and under it what was keyed in so far.
    #[must_use]
    pub(crate) fn entry(question: &str, line: &str, top: usize) -> Self {
        let line = entered(line);
        let room = HEIGHT.saturating_sub(line.len());
        let mut screen = Self::of(Vec::new(), wrap(question, WIDTH, None), top);
        screen.below |= screen.rows.len() > room;
        screen.rows = cut_plain(screen.rows, room);
        if let Some(last) = screen.rows.last_mut() {
            last.gap = Gap::Line;
        }
        let rows = screen.rows.len();
        screen.rows.extend((rows..room).map(|_| Row { mark: None, text: String::new(), gap: Gap::Line }));
        screen.rows.extend(line);
        screen
    }

    /// How many lines a question has, over what was keyed in.
    pub(crate) fn question_room(line: &str) -> usize {
        HEIGHT.saturating_sub(entered(line).len())
    }

    /// Each of the six lines, without blanks at its end.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        (0..HEIGHT).map(|at| self.rows.get(at).map(Row::shown).unwrap_or_default())
    }

    /// All that is on it as one text: lines that were broken are whole again, and any blanks and line ends are one blank.
    #[must_use]
    pub fn text_on_it(&self) -> String {
        let mut all = String::new();
        let mut gap = Gap::Line;
        for row in &self.rows {
            if gap != Gap::None {
                all.push(' ');
                all.extend(row.mark);
            }
            all.push_str(&row.text);
            gap = row.gap;
        }
        single_blanks(&all)
    }

    /// The first line of a list, if it has a title.
    #[must_use]
    pub const fn has_title(&self) -> bool {
        self.titled
    }

    /// The line, from 0, on which the selected item begins.
    #[must_use]
    pub const fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// Whether there is more above.
    #[must_use]
    pub const fn is_more_above(&self) -> bool {
        self.above
    }

    /// Whether there is more below.
    #[must_use]
    pub const fn is_more_below(&self) -> bool {
        self.below
    }
}

impl Row {
    fn shown(&self) -> String {
        let line: String = self.mark.into_iter().chain(self.text.chars()).collect();
        line.trim_end().to_owned()
    }
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frame = format!("+{}+", "-".repeat(WIDTH));
        writeln!(f, "{frame}")?;
        for (at, line) in self.lines().enumerate() {
            let side = match at {
                0 if self.above => '^',
                _ if self.below && at.saturating_add(1) == HEIGHT => 'v',
                _ => '|',
            };
            writeln!(f, "|{line:WIDTH$}{side}")?;
        }
        f.write_str(&frame)
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Screen")
    }
}

/// A text with each run of blanks and line ends as one blank, and none around it.
pub(crate) fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a screen shows for a character: control characters, and those that change the order of others, are not drawn.
fn drawn(character: char) -> char {
    let reorders = matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    if reorders || character.is_control() { char::REPLACEMENT_CHARACTER } else { character }
}

/// A text in lines of this many characters. Carriage return and line feed each end one, both together one.
fn wrap(text: &str, width: usize, mark: Option<char>) -> Vec<Row> {
    let text = match text.contains('\r') {
        true => Cow::from(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::from(text),
    };
    // What fills a packed text is no line.
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut rows = Vec::new();
    for line in text.split('\n') {
        if line.chars().count() <= width {
            rows.push(Row { mark, text: line.chars().map(drawn).collect(), gap: Gap::Line });
            continue;
        }
        let characters: Vec<char> = line.chars().map(drawn).collect();
        let mut rest = characters.as_slice();
        while rest.len() > width {
            let within = rest.get(..width.saturating_add(1)).unwrap_or(rest);
            let (end, next, gap) = match within.iter().rposition(|character| *character == ' ') {
                Some(blank) if blank > 0 => (blank, blank.saturating_add(1), Gap::Blank),
                _ => (width, width, Gap::None),
            };
            rows.push(Row { mark, text: rest.iter().take(end).collect(), gap });
            rest = rest.get(next..).unwrap_or_default();
        }
        rows.push(Row { mark, text: rest.iter().collect(), gap: Gap::Line });
    }
    // An item is marked on its first line.
    rows.iter_mut().skip(1).for_each(|row| row.mark = mark.map(|_| ' '));
    rows
}

/// No more than these lines; an ellipsis ends what is cut.
fn cut(rows: Vec<Row>, most: usize) -> Vec<Row> {
    if rows.len() <= most {
        return rows;
    }
    let mut rows = cut_plain(rows, most);
    if let Some(last) = rows.last_mut() {
        let width = WIDTH.saturating_sub(usize::from(last.mark.is_some()));
        last.text = last.text.chars().take(width.saturating_sub(1)).chain(['…']).collect();
        last.gap = Gap::Line;
    }
    rows
}

fn cut_plain(mut rows: Vec<Row>, most: usize) -> Vec<Row> {
    rows.truncate(most);
    rows
}

/// The lines of what was keyed in.
fn entered(line: &str) -> Vec<Row> {
    const MOST: usize = WIDTH.saturating_mul(LINE);
    let count = line.chars().count();
    let shown: Vec<char> = if count > MOST {
        let end = line.chars().skip(count.saturating_sub(MOST.saturating_sub(1)));
        ['…'].into_iter().chain(end).map(drawn).collect()
    } else {
        line.chars().map(drawn).collect()
    };
    let mut rows: Vec<Row> =
        shown.chunks(WIDTH).map(|text| Row { mark: None, text: text.iter().collect(), gap: Gap::None }).collect();
    if rows.is_empty() {
        rows.push(Row { mark: None, text: String::new(), gap: Gap::Line });
    }
    rows
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_fits_is_read_as_it_was(text in "[a-z0-9 \n€é]{0,60}") {
            let screen = Screen::text(&text, 0);
            proptest::prop_assert!(screen.lines().all(|line| line.chars().count() <= WIDTH));
            if !screen.is_more_below() {
                proptest::prop_assert_eq!(screen.text_on_it(), single_blanks(&text));
            }
        }
    }

    fn lines(screen: &Screen) -> Vec<String> {
        screen.lines().collect()
    }

    #[test]
    fn a_text_is_broken_at_blanks_and_read_as_it_was() {
        let screen = Screen::text("Give 4761 0825 to Alice, then wait for her eight digits", 0);
        assert_eq!(lines(&screen), ["Give 4761 0825", "to Alice, then", "wait for her", "eight digits", "", ""]);
        assert_eq!(screen.text_on_it(), "Give 4761 0825 to Alice, then wait for her eight digits");
        assert!(!screen.is_more_below() && !screen.is_more_above());
    }

    #[test]
    fn a_long_word_is_broken_and_whole_again() {
        let screen = Screen::text("01234567890123456789 x\r\ny\rz\n", 0);
        assert_eq!(lines(&screen), ["0123456789012345", "6789 x", "y", "z", "", ""]);
        assert_eq!(screen.text_on_it(), "01234567890123456789 x y z");
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let screen = Screen::text(&"é€".repeat(8), 0);
        assert_eq!(lines(&screen)[0], "é€".repeat(8));
        assert_eq!(Screen::text("a\u{202E}b\u{7}", 0).text_on_it(), "a\u{FFFD}b\u{FFFD}");
    }

    #[test]
    fn a_long_text_scrolls() {
        let text = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight";
        assert_eq!(Screen::scrolls(text, HEIGHT), 2);
        let screen = Screen::text(text, 9);
        assert_eq!(
            (lines(&screen)[0].as_str(), screen.is_more_above(), screen.is_more_below()),
            ("three", true, false)
        );
        let drawn = Screen::text(text, 1).to_string();
        assert!(drawn.contains("|two             ^\n") && drawn.contains("|seven           v\n"), "{drawn}");
    }

    #[test]
    fn the_selected_item_is_always_whole() {
        let items: Vec<String> = (1..=9).map(|n| format!("Item {n}{}", " and more of it".repeat(n % 3))).collect();
        for selected in 0..items.len() {
            let screen = Screen::list(
                "A title that takes lines, more than two of them",
                items.iter().map(String::as_str),
                selected,
            );
            let row = lines(&screen)[screen.selected().unwrap()].clone();
            assert!(row.starts_with('>') && screen.has_title(), "{screen}");
            assert!(screen.text_on_it().contains(&format!(">{}", items[selected])), "{screen}");
            assert!(lines(&screen)[1].ends_with('…'), "{screen}");
        }
    }

    #[test]
    fn an_entry_stands_on_the_last_lines() {
        let screen = Screen::entry("Code", "47610825_", 0);
        assert_eq!(lines(&screen), ["Code", "", "", "", "", "47610825_"]);
        let screen = Screen::entry(
            "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p",
            "12345678901234567890",
            0,
        );
        assert_eq!(lines(&screen)[4..], ["1234567890123456", "7890"]);
        assert!(screen.is_more_below() && screen.text_on_it().ends_with("12345678901234567890"));
        assert!(Screen::entry("", &"7".repeat(99), 0).text_on_it().starts_with("…777"));
    }
}

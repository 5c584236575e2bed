//! The words of a line, and what is wrong with one.

use std::ops::Range;

/// A word: bare, or in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// What it says, without quotes.
    pub(super) text: String,
    pub(super) quoted: bool,
    /// Where it stands in the line, in bytes.
    pub(super) at: Range<usize>,
}

/// What is wrong in a line, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// The words of a line, up to its comment.
pub(super) fn split(line: &str) -> Result<Vec<Word>, Fault> {
    if let Some((at, character)) = line.char_indices().find(|(_, character)| is_forbidden(*character)) {
        let end = at.saturating_add(character.len_utf8());
        let message = format!("the control character U+{:04X} cannot stand in a script", u32::from(character));
        return Err(Fault::new(at..end, message));
    }
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let start = line.len().saturating_sub(rest.len());
        let (text, quoted, behind) = match rest.chars().next() {
            None | Some('#') => return Ok(words),
            Some('"') => {
                let inside = rest.strip_prefix('"').unwrap_or_default();
                let open = || Fault::new(start..line.trim_end().len(), "this quote does not end");
                let (text, behind) = quoted(inside).ok_or_else(open)?;
                (text, true, behind)
            }
            Some(_) => {
                let end = rest.find([' ', '\t', '"', '#']).unwrap_or(rest.len());
                let (text, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (text.to_owned(), false, behind)
            }
        };
        rest = behind;
        words.push(Word { text, quoted, at: start..line.len().saturating_sub(rest.len()) });
    }
}

/// What is up to the closing quote, and what is behind it; `\"` and `\\` stand for a quote and a backslash, and before
/// anything else a backslash is one.
fn quoted(inside: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = inside.chars();
    loop {
        match characters.next()? {
            '"' => return Some((text, characters.as_str())),
            '\\' if characters.as_str().starts_with(['"', '\\']) => text.extend(characters.next()),
            character => text.push(character),
        }
    }
}

/// Control characters, and those that make a line look like another one.
fn is_forbidden(character: char) -> bool {
    let reorders = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    reorders || (character.is_control() && character != '\t')
}

/// A text in quotes, that reads as the same again.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as one word: in quotes only where it has to be.
pub(super) fn as_word(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "+*-.,".contains(c));
    if plain { text.to_owned() } else { quote(text) }
}

/// A text in a message: not longer than a line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("`{}…`", text.get(..at).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// Whether this can be the name of a phone or of something kept.
pub(super) fn is_name(text: &str) -> bool {
    const LONGEST: usize = 32;
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
        && text.len() <= LONGEST
}

impl Word {
    /// Whether it is this word of the format.
    pub(super) fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }

    /// A fault at this word.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at.clone(), message)
    }

    /// The name that it is.
    pub(super) fn name(&self) -> Result<&str, Fault> {
        if !self.quoted && is_name(&self.text) {
            return Ok(&self.text);
        }
        let rule = "a name is a letter, and up to 31 more letters, digits, `-` and `_`";
        Err(self.fault(format!("{} is no name: {rule}", shown(&self.text))))
    }
}

/// The words of one line that are not read yet.
pub(super) struct Words<'w> {
    words: &'w [Word],
    end: usize,
}

impl<'w> Words<'w> {
    pub(super) fn new(words: &'w [Word]) -> Self {
        Self { words, end: words.last().map_or(0, |word| word.at.end) }
    }

    pub(super) fn peek(&self) -> Option<&'w Word> {
        self.words.first()
    }

    pub(super) fn take(&mut self) -> Option<&'w Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    /// Takes the next one if it is this word.
    pub(super) fn take_if(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.is(text));
        if found {
            self.take();
        }
        found
    }

    /// Takes the next one, which must be there.
    pub(super) fn want(&mut self, what: &str) -> Result<&'w Word, Fault> {
        self.take().ok_or_else(|| Fault::new(self.end..self.end, format!("the line ends where {what} is expected")))
    }

    /// Takes a text in quotes.
    pub(super) fn want_quoted(&mut self, what: &str) -> Result<&'w Word, Fault> {
        let word = self.want(what)?;
        if word.quoted {
            return Ok(word);
        }
        Err(word.fault(format!("expected {what} in quotes, found {}", shown(&word.text))))
    }

    /// Nothing more may come.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => {
                Err(Fault::new(first.at.start..last.at.end, "nothing more is expected on this line"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split(line).unwrap().into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_and_quotes_and_comments() {
        assert_eq!(texts("alice: press 1  OK\tBack # now"), ["alice:", "press", "1", "OK", "Back"]);
        assert_eq!(texts("expect \"Pay \\\"B\\\" #1 \\n\"#c"), ["expect", "Pay \"B\" #1 \\n"]);
        assert!(texts(" # all of it \"").is_empty() && texts("").is_empty());
        assert_eq!(split("a \"open").unwrap_err().at, 2..7);
        assert_eq!(split("é\u{7}").unwrap_err().at, 2..3);
        for text in ["47610825", "+254", "a b", "a\"b\\", "", "#", "$x", "Zoë", "\\\"", "\\\\"] {
            assert_eq!(texts(&as_word(text)), [text]);
            assert_eq!(texts(&quote(text)), [text]);
        }
    }
}

//! The words of a line: what stands between blanks, in quotes, or is a `>` or `<` of its own.

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while};
use nom::character::complete::{char, one_of};
use nom::combinator::{map, opt, recognize, value};
use nom::multi::{fold_many0, many0};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// What it says, without quotes.
    pub(crate) text: String,
    /// Whether it was quoted: then it is a text, and never a word of the format.
    pub(crate) quoted: bool,
    /// Its bytes in the line, quotes included.
    pub(crate) at: Range<usize>,
}

/// Something wrong in a line: where, and what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

fn blank(input: &str) -> IResult<&str, &str> {
    take_while(|character| matches!(character, ' ' | '\t' | '\r')).parse(input)
}

/// What is between quotes; `\"` and `\\` stand for a quote and a backslash.
fn quoted(input: &str) -> IResult<&str, String> {
    let part = alt((is_not("\"\\"), preceded(char('\\'), recognize(one_of("\"\\")))));
    let text = fold_many0(part, String::new, |text, part| text + part);
    delimited(char('"'), text, char('"')).parse(input)
}

fn bare(input: &str) -> IResult<&str, (String, bool)> {
    let sign = recognize(one_of("<>"));
    let word = alt((sign, is_not(" \t\r\"#<>")));
    alt((map(quoted, |text| (text, true)), map(word, |text: &str| (text.to_owned(), false)))).parse(input)
}

/// The words of a line, up to its comment.
pub(crate) fn split(line: &str) -> Result<Vec<Word>, Fault> {
    if let Some((at, character)) = line.char_indices().find(|(_, character)| is_forbidden(*character)) {
        let end = at.saturating_add(character.len_utf8());
        let message = format!("the control character U+{:04X} cannot stand in a script", u32::from(character));
        return Err(Fault::new(at..end, message));
    }
    let position = |rest: &str| line.len().saturating_sub(rest.len());
    let word = |input| {
        let (start, _) = blank(input)?;
        let (rest, (text, quoted)) = bare(start)?;
        Ok((rest, Word { text, quoted, at: position(start)..position(rest) }))
    };
    let comment = value((), (char('#'), take_while(|_| true)));
    // Neither can fail: both take nothing where nothing fits.
    let Ok((rest, (words, _, _))) = (many0(word), blank, opt(comment)).parse(line) else { return Ok(Vec::new()) };
    match rest {
        "" => Ok(words),
        open if tag::<_, _, nom::error::Error<&str>>("\"").parse(open).is_ok() => Err(Fault::new(
            position(open)..line.trim_end().len(),
            "this quote does not end; `\\\"` is a quote and `\\\\` a backslash inside one",
        )),
        rest => Err(Fault::new(position(rest)..line.trim_end().len(), "this cannot be read")),
    }
}

/// Control characters, and those that make a line look like another one.
pub(crate) fn is_forbidden(character: char) -> bool {
    let reorders = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    reorders || (character.is_control() && !matches!(character, '\t' | '\r'))
}

/// A text as a word that reads as the same again.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as one word: quoted only where it has to be. `as` behind a field is a word of the format.
pub(crate) fn as_word(text: &str) -> String {
    let plain =
        !text.is_empty() && !text.starts_with('$') && !text.chars().any(|c| c.is_whitespace() || "\"#<>\\".contains(c));
    if plain { text.to_owned() } else { quote(text) }
}

/// The words of one line that are not read yet.
#[derive(Clone, Debug)]
pub(crate) struct Words<'w> {
    words: &'w [Word],
    end: usize,
}

impl<'w> Words<'w> {
    /// All of them.
    pub(crate) fn new(words: &'w [Word]) -> Self {
        Self { words, end: words.last().map_or(0, |word| word.at.end) }
    }

    /// The next one.
    pub(crate) fn peek(&self) -> Option<&'w Word> {
        self.words.first()
    }

    /// Whether none is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Takes the next one.
    pub(crate) fn take(&mut self) -> Option<&'w Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    /// Takes the next one if it is this word.
    pub(crate) fn take_if(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.is(text));
        if found {
            self.take();
        }
        found
    }

    /// Takes the next one, which must be there.
    pub(crate) fn want(&mut self, what: &str) -> Result<&'w Word, Fault> {
        self.take().ok_or_else(|| Fault::new(self.end..self.end, format!("the line ends where {what} is expected")))
    }

    /// Takes this word.
    pub(crate) fn want_word(&mut self, text: &str) -> Result<(), Fault> {
        let word = self.want(&format!("`{text}`"))?;
        if word.is(text) { Ok(()) } else { Err(word.not(&format!("`{text}`"))) }
    }

    /// Nothing more may come.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => {
                Err(Fault::new(first.at.start..last.at.end, "nothing more is expected on this line"))
            }
            _ => Ok(()),
        }
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'w [Word] {
        std::mem::take(&mut self.words)
    }
}

impl Word {
    /// Whether it is this word of the format.
    pub(crate) fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }

    /// The fault of being something else.
    pub(crate) fn not(&self, what: &str) -> Fault {
        self.fault(format!("expected {what}, found {}", shown(&self.text)))
    }

    /// A fault at this word.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at.clone(), message)
    }
}

/// A text in a message: quoted, and not longer than a line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("`{}…`", text.get(..at).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// The name of a role or variable that this is, if it is one.
pub(crate) fn is_name(text: &str) -> bool {
    const LONGEST: usize = 32;
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
        && text.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split(line).unwrap().into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_and_quotes_and_comments() {
        assert_eq!(texts("alice> check 400 # now"), ["alice", ">", "check", "400"]);
        assert_eq!(texts("<9000\tname \"Bob \\\"B\\\" #1\"# c"), ["<", "9000", "name", "Bob \"B\" #1"]);
        assert!(texts("  # all of it \"").is_empty() && texts("").is_empty());
        assert_eq!(split("a \"open").unwrap_err().at, 2..7);
        assert_eq!(split("a\u{7}").unwrap_err().at, 1..2);
        for text in ["Bob", "as", "Bob Otieno", "a\"b\\", "", "#", "$x", "Zoë"] {
            assert_eq!(texts(&as_word(text)), [text]);
        }
    }
}

//! A fault in a line of a script, as an error shows it: never with a PIN or a code.

use std::ops::Range;

use super::{ErrorCode, Failure};

/// The place of a fault in a script.
#[derive(Clone, Debug)]
pub struct FaultyLine<'a> {
    /// The line, from 1 on.
    pub line: u32,
    /// The character in it, from 1 on.
    pub column: u32,
    /// The line itself.
    pub text: &'a str,
    /// The bytes of it that are at fault.
    pub span: Range<usize>,
    /// Whether digits in it may be a PIN or a code.
    pub may_hold_secret: bool,
}

/// A fault in a script, shown in its line. In a line that may hold a secret, digits are masked; if they are what is at fault,
/// the line is left out.
pub fn malformed_line(at: &FaultyLine<'_>, message: String, help: &str) -> Failure {
    let mask = |(place, c): (usize, char)| if c.is_ascii_digit() && !at.span.contains(&place) { '*' } else { c };
    let line: String = if at.may_hold_secret { at.text.char_indices().map(mask).collect() } else { at.text.to_owned() };
    let secret = at.text.get(at.span.clone()).filter(|text| at.may_hold_secret && has_digit(text));
    // Messages quote what they did not expect.
    let message = secret.map_or_else(|| message.clone(), |text| message.replace(&format!("`{text}`"), "digits"));
    let failure = Failure::new(ErrorCode::ScriptMalformed, message).help(help);
    if secret.is_some() {
        return failure;
    }
    let place = format!("line {}, column {}", at.line, at.column);
    failure.typed(&line, at.span.start, at.span.len(), place).in_line(at.line)
}

fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

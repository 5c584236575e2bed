//! A failure in words: its code, the message, the typed text with the wrong place underlined, and the help.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{Failure, Typed};

/// The report, 80 columns wide. Prose is wrapped; a command is left whole, so that it can be copied.
pub fn in_words(failure: &Failure, colours: bool) -> String {
    let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(80).with_break_words(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &Report(failure)) {
        Ok(()) => {
            text.replace(NO_BREAK_SPACE, " ").replace(NO_BREAK_HYPHEN, "-").replace(JOINER, "").trim_end().to_owned()
        }
        Err(_) => failure.to_string(),
    }
}

/// A failure as miette wants it.
#[derive(Debug)]
struct Report<'f>(&'f Failure);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&unbroken(&self.0.message))
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.code.name()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(unbroken(self.0.help.as_ref()?)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.0.typed.as_deref()?)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.0.typed.as_ref()?.label.clone())))
    }
}

impl SourceCode for Typed {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, lines_before, lines_after)?;
        let line = found.line().saturating_add(self.before);
        Ok(Box::new(MietteSpanContents::new(found.data(), *found.span(), line, found.column(), found.line_count())))
    }
}

const NO_BREAK_SPACE: char = '\u{A0}';
const NO_BREAK_HYPHEN: char = '\u{2011}';
/// Takes no room, and no line is broken beside it.
const JOINER: char = '\u{2060}';

/// Marks where no line may be broken: at hyphens and slashes, at the spaces of an indented line, between backticks.
fn unbroken(text: &str) -> String {
    let mut whole = String::new();
    for line in text.split_inclusive('\n') {
        let mut quoted = line.starts_with("  ");
        for character in line.chars() {
            quoted ^= character == '`';
            whole.push(match character {
                ' ' if quoted => NO_BREAK_SPACE,
                '-' => NO_BREAK_HYPHEN,
                _ => character,
            });
            if character == '/' {
                whole.push(JOINER);
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ErrorCode;

    #[test]
    fn prose_is_wrapped_and_commands_are_whole() {
        let command =
            "digitally pay confirm --card '/a-folder/of long/names/a-file.card' --request 12345 --code RESPONSE";
        let failure = Failure::new(ErrorCode::ResponseWrong, "this and that is the case, and ".repeat(5))
            .help(format!("{}`see --this`:\n  {command}", "look here, and there; ".repeat(4)));
        let text = in_words(&failure, false);
        assert!(text.contains(command) && text.contains("`see --this`"), "{text}");
        assert!(text.is_ascii() || text.contains('×'), "{text}");
        assert!(text.lines().filter(|line| !line.contains(command)).all(|line| line.chars().count() <= 80), "{text}");
        assert!(!in_words(&failure, false).contains('\x1b') && in_words(&failure, true).contains('\x1b'));
    }
}

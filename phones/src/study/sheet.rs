//! The record as CSV (RFC 4180): one session a file.
//!
//! | column | |
//! |---|---|
//! | `digitally-study-1` | the number of the row, from 1 on; the name of the column says the version |
//! | `payment` | which payment, from 1 on: each phone's part of one is one |
//! | `role` | `payee`, `payer` |
//! | `step` | [`Step`] |
//! | `at_ms` | when the question was shown, in milliseconds since the session began |
//! | `first_key_ms` | how long after that the first key was pressed; empty if none was |
//! | `time_ms` | how long it was shown |
//! | `keys` | how many keys were pressed |
//! | `cleared` | how many characters were erased |
//! | `outcome` | [`Outcome`] |
//! | `end` | [`End`], in the last row of a payment; else empty. One that was given up can go on |
//!
//! A row is written as a whole, when its step is over. What somebody has changed, or what broke off in a line, is not read:
//! the error names the line, the column and the rule.

use std::collections::BTreeMap;
use std::io::{self, Write};

use csv::{ByteRecord, ReaderBuilder, Terminator, WriterBuilder};

use super::row::{End, Outcome, Role, Row, Step};

/// The names of the columns, in their order.
pub const COLUMNS: [&str; 11] = [
    "digitally-study-1",
    "payment",
    "role",
    "step",
    "at_ms",
    "first_key_ms",
    "time_ms",
    "keys",
    "cleared",
    "outcome",
    "end",
];

/// What the name of the first column begins with, in any version.
const MARK: &str = "digitally-study-";

/// Writes a record, row by row.
pub struct Writer<W: Write> {
    csv: csv::Writer<W>,
    rows: u64,
}

impl<W: Write> Writer<W> {
    /// A record without rows: the first line is written.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        csv.write_record(COLUMNS)?;
        csv.flush()?;
        Ok(Self { csv, rows: 0 })
    }

    /// Adds a row. It is handed on whole.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, row: &Row) -> io::Result<()> {
        self.rows = self.rows.saturating_add(1);
        let fields: [&str; COLUMNS.len()] = [
            &self.rows.to_string(),
            &row.payment.to_string(),
            row.role.word(),
            row.step.word(),
            &row.at.to_string(),
            &row.first_key.map_or_else(String::new, |time| time.to_string()),
            &row.time.to_string(),
            &row.keys.to_string(),
            &row.cleared.to_string(),
            row.outcome.word(),
            row.end.map_or("", End::word),
        ];
        self.csv.write_record(fields)?;
        self.csv.flush()
    }

    /// Where it is written.
    pub fn get(&self) -> &W {
        self.csv.get_ref()
    }
}

/// Why something is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}{}: {rule}", if column.is_some() { ", " } else { "" }, column.unwrap_or_default())]
pub struct SheetError {
    /// The line, from 1 on.
    pub line: u64,
    /// The column, if it is about one.
    pub column: Option<&'static str>,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// A rule for a record. The messages show nothing of what stands there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Rule {
    #[error("it is no record of a study: the first column would be {}", COLUMNS.first().unwrap_or(&MARK))]
    NotAStudy,
    #[error("it is a record of another version; this program reads {}", COLUMNS.first().unwrap_or(&MARK))]
    Version,
    #[error("the columns have to be {}", COLUMNS.join(","))]
    Columns,
    #[error("it has {found} fields, and not {}", COLUMNS.len())]
    Fields { found: usize },
    #[error("it has no end: it was not written whole, or cut off")]
    Unfinished,
    #[error("rows are counted from 1 on, and this one is {expected}")]
    Order { expected: u64 },
    #[error("not a whole number from {least} to {most}")]
    Number { least: u64, most: u64 },
    #[error("none of {0}")]
    Word(String),
    #[error("this payment had the other role before")]
    RoleChanged,
    #[error("the {} has no such step", .0.word())]
    NotOfRole(Role),
    #[error("nothing is compared in this step")]
    NotCompared,
    #[error("it is there if keys were pressed, and only then")]
    FirstKey,
    #[error("more than {0}")]
    More(&'static str),
    #[error("the row of this payment before it ends later")]
    Earlier,
    #[error("the payment has ended")]
    Ended,
}

/// The greatest number in a record: of milliseconds that are thirty years.
const MOST: u64 = 999_999_999_999;

/// Reads a record: the rows of one session.
///
/// # Errors
/// [`SheetError`]: the first rule that is broken.
pub fn read(text: &[u8]) -> Result<Vec<Row>, SheetError> {
    let mut csv = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let (mut record, mut last) = (ByteRecord::new(), 0);
    let (mut rows, mut payments) = (Vec::new(), BTreeMap::new());
    let mut is_header = true;
    // There is nothing else to fail in memory.
    while csv.read_byte_record(&mut record).is_ok_and(|is_one| is_one) {
        last = record.position().map_or(last, csv::Position::byte);
        let fault = |(column, rule)| SheetError { line: line_of(text, last), column, rule };
        if std::mem::take(&mut is_header) {
            header(&record).map_err(|rule| fault((None, rule)))?;
            continue;
        }
        let expected = u64::try_from(rows.len()).unwrap_or(u64::MAX).saturating_add(1);
        let row = row(&Fields { record: &record }, expected).map_err(fault)?;
        follows(&row, payments.insert(row.payment, row)).map_err(fault)?;
        rows.push(row);
    }
    if is_header {
        return Err(SheetError { line: 1, column: None, rule: Rule::NotAStudy });
    }
    if !text.ends_with(b"\n") {
        return Err(SheetError { line: line_of(text, last), column: None, rule: Rule::Unfinished });
    }
    Ok(rows)
}

/// The line on which the record from this byte on stands. The reader has a line's CR behind it, and its LF before it.
fn line_of(text: &[u8], byte: u64) -> u64 {
    let at = usize::try_from(byte).unwrap_or(usize::MAX);
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, &[]));
    let ends = behind.iter().take_while(|byte| matches!(**byte, b'\r' | b'\n')).count();
    let before = text.get(..before.len().saturating_add(ends)).unwrap_or(text);
    let next = before.iter().skip(1).map(Some).chain([None]);
    let lines = before.iter().zip(next).filter(|pair| match pair {
        (b'\r', next) => *next != Some(&b'\n'),
        (byte, _) => **byte == b'\n',
    });
    u64::try_from(lines.count()).unwrap_or(u64::MAX).saturating_add(1)
}

fn header(record: &ByteRecord) -> Result<(), Rule> {
    if record.iter().eq(COLUMNS.iter().map(|name| name.as_bytes())) {
        return Ok(());
    }
    let first = record.get(0).unwrap_or_default();
    Err(match first.strip_prefix(MARK.as_bytes()) {
        None => Rule::NotAStudy,
        Some(_) if COLUMNS.first().is_some_and(|name| name.as_bytes() == first) => Rule::Columns,
        Some(_) => Rule::Version,
    })
}

/// A rule that is broken, and in which column.
type Broken = (Option<&'static str>, Rule);

/// The fields of a row.
struct Fields<'r> {
    record: &'r ByteRecord,
}

impl Fields<'_> {
    /// What stands in a column; nothing if it is not even text.
    fn text(&self, column: &'static str) -> &str {
        let place = COLUMNS.iter().position(|name| *name == column);
        let bytes = place.and_then(|place| self.record.get(place)).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or("\u{FFFD}")
    }

    /// A number as it is written here: digits, and no zeros before them.
    fn number(&self, column: &'static str, least: u64, most: u64) -> Result<u64, Broken> {
        let text = self.text(column);
        let number = text.parse().ok().filter(|number: &u64| (least..=most).contains(number));
        number.filter(|number| number.to_string() == text).ok_or((Some(column), Rule::Number { least, most }))
    }

    fn count(&self, column: &'static str, least: u64) -> Result<u32, Broken> {
        let number = self.number(column, least, u32::MAX.into())?;
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    }

    fn word<W: Copy>(
        &self,
        column: &'static str,
        of: fn(&str) -> Option<W>,
        all: &[W],
        word: fn(W) -> &'static str,
    ) -> Result<W, Broken> {
        let words = || Rule::Word(all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", "));
        of(self.text(column)).ok_or_else(|| (Some(column), words()))
    }
}

/// One row, by the rules for a row alone.
fn row(fields: &Fields<'_>, expected: u64) -> Result<Row, Broken> {
    let found = fields.record.len();
    if found != COLUMNS.len() {
        return Err((None, Rule::Fields { found }));
    }
    if fields.text("digitally-study-1") != expected.to_string() {
        return Err((Some("digitally-study-1"), Rule::Order { expected }));
    }
    let optional = |column: &'static str| Some(column).filter(|column| !fields.text(column).is_empty());
    let row = Row {
        payment: fields.count("payment", 1)?,
        role: fields.word("role", Role::of, Role::ALL, Role::word)?,
        step: fields.word("step", Step::of, Step::ALL, Step::word)?,
        at: fields.number("at_ms", 0, MOST)?,
        first_key: optional("first_key_ms").map(|column| fields.number(column, 0, MOST)).transpose()?,
        time: fields.number("time_ms", 0, MOST)?,
        keys: fields.count("keys", 0)?,
        cleared: fields.count("cleared", 0)?,
        outcome: fields.word("outcome", Outcome::of, Outcome::ALL, Outcome::word)?,
        end: optional("end").map(|column| fields.word(column, End::of, End::ALL, End::word)).transpose()?,
    };
    let broken = [
        (!row.role.has(row.step), "step", Rule::NotOfRole(row.role)),
        (row.first_key.is_some() != (row.keys > 0), "first_key_ms", Rule::FirstKey),
        (row.first_key.is_some_and(|first| first > row.time), "first_key_ms", Rule::More("time_ms")),
        (row.cleared > row.keys, "cleared", Rule::More("keys")),
        (row.outcome == Outcome::Wrong && !row.step.is_compared(), "outcome", Rule::NotCompared),
    ];
    match broken.into_iter().find(|(is_broken, ..)| *is_broken) {
        Some((_, column, rule)) => Err((Some(column), rule)),
        None => Ok(row),
    }
}

/// The rules for a row behind the one of its payment before it.
fn follows(row: &Row, before: Option<Row>) -> Result<(), Broken> {
    let Some(before) = before else { return Ok(()) };
    let broken = [
        (row.role != before.role, "role", Rule::RoleChanged),
        (row.at < before.at.saturating_add(before.time), "at_ms", Rule::Earlier),
        (before.end.is_some_and(|end| end != End::Aborted), "payment", Rule::Ended),
    ];
    match broken.into_iter().find(|(is_broken, ..)| *is_broken) {
        Some((_, column, rule)) => Err((Some(column), rule)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;

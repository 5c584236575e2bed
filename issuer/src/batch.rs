//! A batch: orders for cards, one a line, from CSV (RFC 4180) in UTF-8.
//!
//! | column | | without it, or empty |
//! |---|---|---|
//! | `number` | the holder's phone number, with + and country code | required |
//! | `pin` | 4 to 8 digits | derived: [`Issuer::pin`](crate::Issuer::pin) |
//! | `balance` | what is loaded at once, in units of the currency | 0 |
//! | `currency` | three letters (ISO 4217) | KES |
//! | `profile` | of the codes; never a broken one | digitally-8 |
//! | `algorithm` | `aes-cmac` or `hmac-sha-256` | aes-cmac |
//! | `capacity` | `consumer` or `merchant` | consumer |
//! | `max_payment`, `max_balance` | in units of the currency | 5000, 50000 |
//! | `max_requests`, `max_wrong_codes` | between issuer contacts | 200 and 100; merchant 2000 and 1000 |
//! | `replaces` | sequence number of the holder's card that this one replaces | it is their first |
//!
//! The first line names the columns, in any order; others are refused, and nothing is read then. A line that breaks a rule
//! is named with its column and the rule, and is no order; the other lines are. PINs are wiped, and stand in no error.

mod fields;

use std::collections::BTreeMap;
use std::fmt;

use applet_model::purse::Capacity;
use applet_model::runtime::{PinBlock, PinBlockError};
use csv_core::ReadRecordResult;
use digitally::profile::{self, Standing};
use digitally::{Algorithm, Amount, AmountError, Currency, Msisdn, MsisdnError};
use zeroize::Zeroizing;

use crate::order::{Order, limits};
use fields::Fields;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table of the module says what each is")]
pub enum Column {
    Number,
    Pin,
    Balance,
    Currency,
    Profile,
    Algorithm,
    Capacity,
    MaxPayment,
    MaxBalance,
    MaxRequests,
    MaxWrongCodes,
    Replaces,
}

/// One order of a batch.
#[derive(Debug)]
pub struct Line {
    /// The line of the file on which it begins, from 1 on.
    pub line: u64,
    /// What is ordered.
    pub order: Order,
}

/// All lines of a file.
#[derive(Debug, Default)]
pub struct Batch {
    /// Those that are orders.
    pub lines: Vec<Line>,
    /// Those that are not, and why.
    pub refused: Vec<LineError>,
}

/// A line that is no order. It shows no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {rule}", In(*column))]
pub struct LineError {
    /// The line, from 1 on.
    pub line: u64,
    /// The column, if it is about one.
    pub column: Option<Column>,
    /// The rule that it breaks.
    pub rule: Rule,
}

struct In(Option<Column>);

/// A rule for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Rule {
    #[error("it has {found} fields, the first line has {columns}")]
    Fields { found: usize, columns: usize },
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("nothing stands there")]
    Missing,
    #[error("{0}")]
    Number(#[from] MsisdnError),
    #[error("{0}")]
    Pin(#[from] PinBlockError),
    #[error("{0}")]
    Amount(#[from] AmountError),
    #[error("no currency of ISO 4217 with a minor unit")]
    Currency,
    #[error("no such profile; there are digitally-8 and fixed")]
    Profile,
    #[error("this profile must not carry money")]
    Broken,
    #[error("no such algorithm; there are aes-cmac and hmac-sha-256")]
    Algorithm,
    #[error("no such capacity; there are consumer and merchant")]
    Capacity,
    #[error("not a whole number from 0 to 65535")]
    Count,
    #[error("not a sequence number, 1 to 254")]
    Sequence,
    #[error("more than max_balance")]
    AboveBalance,
    #[error("the number stands on line {first} already")]
    Duplicate { first: u64 },
}

/// Why a file is no batch at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Not even a first line.
    #[error("the file is empty; its first line names the columns")]
    Empty,
    /// The first line names something else.
    #[error(
        "column {place} is none of: number, pin, balance, currency, profile, algorithm, capacity, max_payment, max_balance, max_requests, max_wrong_codes, replaces"
    )]
    UnknownColumn {
        /// Which one, from 1 on. What stands there is not shown: without a header it may be a PIN.
        place: usize,
    },
    /// A column stands twice.
    #[error("the column {0} stands twice")]
    ColumnTwice(Column),
    /// A column without which there is no order.
    #[error("the column {0} is missing")]
    ColumnMissing(Column),
    /// More bytes or fields than any order has.
    #[error("line {line} is too long: a line has at most {MAX_LINE} bytes and {MAX_FIELDS} fields")]
    TooLong {
        /// Which one.
        line: u64,
    },
    /// The last line ends within quotes.
    #[error("line {line} begins a quoted field that never ends")]
    OpenQuote {
        /// Where it begins.
        line: u64,
    },
}

/// The most bytes and fields that a line can have: any order has far fewer.
const MAX_LINE: usize = 1024;
const MAX_FIELDS: usize = 32;

impl Column {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Number,
        Self::Pin,
        Self::Balance,
        Self::Currency,
        Self::Profile,
        Self::Algorithm,
        Self::Capacity,
        Self::MaxPayment,
        Self::MaxBalance,
        Self::MaxRequests,
        Self::MaxWrongCodes,
        Self::Replaces,
    ];

    /// Its name in the first line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Pin => "pin",
            Self::Balance => "balance",
            Self::Currency => "currency",
            Self::Profile => "profile",
            Self::Algorithm => "algorithm",
            Self::Capacity => "capacity",
            Self::MaxPayment => "max_payment",
            Self::MaxBalance => "max_balance",
            Self::MaxRequests => "max_requests",
            Self::MaxWrongCodes => "max_wrong_codes",
            Self::Replaces => "replaces",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |column| write!(f, ", {column}"))
    }
}

impl Batch {
    /// Reads a file.
    ///
    /// # Errors
    /// [`BatchError`] if its first line does not name the columns; what is wrong with other lines is in `refused`.
    pub fn read(text: &[u8]) -> Result<Self, BatchError> {
        let mut records = Records::new(text);
        let (_, header) = records.next()?.ok_or(BatchError::Empty)?;
        let columns = columns(&header)?;
        let (mut batch, mut numbers) = (Self::default(), BTreeMap::new());
        while let Some((line, record)) = records.next()? {
            let order = Fields::new(&columns, &record).and_then(|fields| order(&fields));
            let order = order.and_then(|order| match numbers.insert(order.number, line) {
                None => Ok(order),
                Some(first) => {
                    numbers.insert(order.number, first);
                    Err((Some(Column::Number), Rule::Duplicate { first }))
                }
            });
            match order {
                Ok(order) => batch.lines.push(Line { line, order }),
                Err((column, rule)) => batch.refused.push(LineError { line, column, rule }),
            }
        }
        Ok(batch)
    }
}

/// One order, by the rules for a line of a batch.
///
/// # Errors
/// The rule that it breaks, and in which column.
pub fn one(fields: &[(Column, &str)]) -> Result<Order, (Option<Column>, Rule)> {
    let columns: Vec<Column> = fields.iter().map(|(column, _)| *column).collect();
    let record: Record = fields.iter().map(|(_, text)| Zeroizing::new(text.as_bytes().to_vec())).collect();
    order(&Fields::new(&columns, &record)?)
}

fn columns(header: &[Zeroizing<Vec<u8>>]) -> Result<Vec<Column>, BatchError> {
    let mut columns = Vec::new();
    for (place, name) in (1..).zip(header) {
        // Excel puts a byte order mark in front.
        let name = name.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(name);
        let column = Column::ALL.into_iter().find(|column| column.name().as_bytes() == name);
        let column = column.ok_or(BatchError::UnknownColumn { place })?;
        if columns.contains(&column) {
            return Err(BatchError::ColumnTwice(column));
        }
        columns.push(column);
    }
    if columns.contains(&Column::Number) { Ok(columns) } else { Err(BatchError::ColumnMissing(Column::Number)) }
}

type Broken = (Option<Column>, Rule);

fn order(fields: &Fields<'_>) -> Result<Order, Broken> {
    let number: Msisdn =
        fields.read(Column::Number, |text| Ok(text.parse()?))?.ok_or_else(|| missing(Column::Number))?;
    let money = fields.read(Column::Currency, |name| currency(name).ok_or(Rule::Currency))?;
    let (currency, decimals) = match money.or_else(|| currency("KES")) {
        Some(money) => money,
        None => return Err((Some(Column::Currency), Rule::Currency)),
    };
    let amount = |column, units| match fields.read(column, |text| Ok(Amount::parse(text, decimals)?))? {
        Some(amount) => Ok(amount),
        None => Amount::parse(units, decimals).map_err(|error| (Some(column), Rule::Amount(error))),
    };
    let capacity = fields.read(Column::Capacity, |name| match name {
        "consumer" => Ok(Capacity::CONSUMER),
        "merchant" => Ok(Capacity::MERCHANT),
        _ => Err(Rule::Capacity),
    })?;
    let capacity = capacity.unwrap_or(Capacity::CONSUMER);
    let mut limits = limits(capacity, amount(Column::MaxPayment, "5000")?, amount(Column::MaxBalance, "50000")?);
    let count = |column| fields.read(column, |text| whole(text).ok_or(Rule::Count));
    limits.opens = count(Column::MaxRequests)?.unwrap_or(limits.opens);
    limits.failures = count(Column::MaxWrongCodes)?.unwrap_or(limits.failures);
    let balance = amount(Column::Balance, "0")?;
    if balance > limits.balance {
        return Err((Some(Column::Balance), Rule::AboveBalance));
    }
    let profile = fields.read(Column::Profile, |name| {
        let found = PROFILES.iter().find(|profile| profile.name == name).ok_or(Rule::Profile)?;
        if matches!(found.standing, Standing::Broken(_)) { Err(Rule::Broken) } else { Ok(found) }
    })?;
    let algorithm = fields.read(Column::Algorithm, |name| {
        let all = [Algorithm::AesCmac, Algorithm::HmacSha256];
        all.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name)).ok_or(Rule::Algorithm)
    })?;
    let replaces = fields.read(Column::Replaces, |text| {
        whole(text)
            .and_then(|number| u8::try_from(number).ok())
            .filter(|number| matches!(number, 1..=254))
            .ok_or(Rule::Sequence)
    })?;
    Ok(Order {
        number,
        replaces,
        currency,
        decimals,
        profile: profile.unwrap_or(&profile::DIGITALLY_8),
        danger_accept_broken_profile: false,
        algorithm: algorithm.unwrap_or(Algorithm::AesCmac),
        capacity,
        limits,
        balance,
        pin: fields.read(Column::Pin, |text| Ok(PinBlock::parse(text)?))?,
        puk: None,
    })
}

static PROFILES: [digitally::Profile; 3] = profile::ALL;

fn missing(column: Column) -> Broken {
    (Some(column), Rule::Missing)
}

/// A number without sign or spaces.
fn whole(text: &str) -> Option<u16> {
    Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// A currency by its three letters, and its decimals.
fn currency(name: &str) -> Option<(Currency, u8)> {
    let iso = iso_currency::Currency::from_code(&name.to_ascii_uppercase())?;
    Some((Currency::new(iso.numeric()).ok()?, u8::try_from(iso.exponent()?).ok()?))
}

/// How many lines end in the bytes that were taken: by LF, CR, or both. If the two are torn apart, the LF counts.
fn line_ends(taken: &[u8], rest: &[u8]) -> u64 {
    let next = taken.iter().skip(1).chain(rest.first()).copied().map(Some).chain([None]);
    taken.iter().zip(next).fold(0, |ends, pair| match pair {
        (b'\r', Some(b'\n')) => ends,
        (b'\r' | b'\n', _) => ends.saturating_add(1),
        _ => ends,
    })
}

/// The records of a file, with the line on which each begins.
struct Records<'a> {
    reader: csv_core::Reader,
    rest: &'a [u8],
    line: u64,
}

type Record = Vec<Zeroizing<Vec<u8>>>;

impl<'a> Records<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { reader: csv_core::Reader::new(), rest: text, line: 1 }
    }

    fn next(&mut self) -> Result<Option<(u64, Record)>, BatchError> {
        // Lines with nothing on them are passed over, and counted.
        while let [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] = self.rest {
            (self.rest, self.line) = (rest, self.line.saturating_add(1));
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        let (mut fields, mut ends) = (Zeroizing::new([0; MAX_LINE]), [0; MAX_FIELDS]);
        let (mut written, mut ended) = (0_usize, 0_usize);
        self.reader.reset();
        loop {
            let out = fields.get_mut(written..).unwrap_or_default();
            let (result, read, wrote, more) =
                self.reader.read_record(self.rest, out, ends.get_mut(ended..).unwrap_or_default());
            let (taken, rest) = self.rest.split_at_checked(read).unwrap_or((self.rest, &[]));
            self.line = self.line.saturating_add(line_ends(taken, rest));
            self.rest = rest;
            written = written.saturating_add(wrote);
            ended = ended.saturating_add(more);
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(BatchError::TooLong { line });
                }
                // No input is left: the reader is told so by asking it again.
                ReadRecordResult::InputEmpty if !taken.is_empty() => {
                    let quotes = taken.iter().filter(|byte| **byte == b'"').count();
                    if quotes % 2 != 0 {
                        return Err(BatchError::OpenQuote { line });
                    }
                }
                ReadRecordResult::InputEmpty => break,
            }
        }
        let mut start = 0;
        let record = ends.iter().take(ended).map(|end| {
            let field = fields.get(start..*end).unwrap_or_default().to_vec();
            start = *end;
            Zeroizing::new(field)
        });
        Ok(Some((line, record.collect())))
    }
}

#[cfg(test)]
mod tests;

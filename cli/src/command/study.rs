//! `digitally study`: what the records of some sessions with two phones come to.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use phones::study::{Measures, Payments, Rate, Row, Spread, sheet};
use serde_json::{Value, json};

use super::lab::document;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;

/// A session of a day and a night has less than a hundredth of it.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Work out what sessions with phones come to: times, error rates, PIN attempts
///
/// Each file is the record of one session, written by `digitally phones --study FILE`; several are taken together. The measures
/// have the names of those of the Cambridge trial of DigiTally; docs/study.md says how each is worked out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally phones --study one.csv
  digitally study one.csv two.csv --svg study.svg
  digitally study sessions/*.csv --json")]
pub struct Args {
    /// The records, one session each
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Draw the times, too: this file is written, or replaced as a whole
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Args {
    /// Works it out.
    ///
    /// # Errors
    /// A file that is no record, or the picture cannot be written.
    pub fn run(&self) -> Result<Output, Failure> {
        let mut sessions: Vec<Vec<Row>> = Vec::new();
        for (place, path) in self.files.iter().enumerate() {
            if self.files.iter().take(place).any(|earlier| is_same(earlier, path)) {
                let message = format!("{} is named twice, and each session counts once", path.display());
                return Err(Failure::new(ErrorCode::Usage, message).help("name each file once"));
            }
            sessions.push(read(path)?);
        }
        let measures = Measures::of(&sessions);
        let mut text = table(&measures);
        if let Some(path) = &self.svg {
            if self.files.iter().any(|file| is_same(file, path)) {
                let message = format!("{} is a record, and the picture would be in its place", path.display());
                return Err(Failure::new(ErrorCode::Usage, message).help("give the picture another name"));
            }
            document::replace(path, measures.to_svg().as_bytes())?;
            let _ = writeln!(text, "\nmade {}", path.display());
        }
        let median = measures.request_to_received.quartiles.map_or("-".to_owned(), |found| seconds(found.median));
        Ok(Output::new(&in_json(&measures), text, median))
    }
}

/// Whether two names are of one file.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

fn read(path: &Path) -> Result<Vec<Row>, Failure> {
    let unreadable = |error| Failure::unreadable(path, &error);
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST.saturating_add(1)).read_to_end(&mut text).map_err(unreadable)?;
    if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST) {
        let message = format!("{} is over {LARGEST} bytes", path.display());
        return Err(
            Failure::new(ErrorCode::StudyMalformed, message).help("check the name: a session has some hundred rows")
        );
    }
    sheet::read(&text).map_err(|error| {
        let help = match error.rule {
            sheet::Rule::Unfinished => "a session was cut off here: without this line, the file is whole",
            sheet::Rule::Version => "take the version of digitally with which it was written",
            _ => {
                "nothing was worked out; records are written by `digitally phones --study FILE`, and docs/study.md has \
                  their columns"
            }
        };
        Failure::new(ErrorCode::StudyMalformed, format!("{}, {error}", path.display())).help(help)
    })
}

/// Milliseconds in seconds, with a tenth, rounded half up.
fn seconds(time: u64) -> String {
    let tenths = time.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What the trial's slides say, and what they do not.
const TRIAL: &str = "\
beside it, from another setting: a confirmation of M-Pesa came after about a minute; of these measures, the slides of the
Cambridge trial (Anderson and Baqer 2016: twelve students, three outlets in Nairobi) give no numbers
";

fn table(measures: &Measures) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}\n", measures.of_how_many());
    let _ = writeln!(
        text,
        "{:<30} {:>5} {:>8} {:>8} {:>8}",
        "number of transactions", "begun", "done", "refused", "aborted"
    );
    for (name, Payments { begun, done, refused, aborted }) in [("payees", measures.payees), ("payers", measures.payers)]
    {
        let _ = writeln!(text, "  {name:<28} {begun:>5} {done:>8} {refused:>8} {aborted:>8}");
    }
    for (place, (name, spread)) in measures.timed().iter().enumerate() {
        if let Some(title) = match place {
            0 => Some("transaction times, in seconds"),
            2 => Some("time per step, in seconds"),
            _ => None,
        } {
            let _ = writeln!(text, "\n{title:<30} {:>5} {:>8} {:>8} {:>8}", "n", "lower", "median", "upper");
        }
        let _ = writeln!(text, "  {name:<28} {}", times(spread));
    }
    let _ = writeln!(text, "\n{:<30} {:>5} {:>8}", "error rates", "", "of");
    for (name, rate) in rates(measures) {
        let _ = writeln!(text, "  {name:<28} {:>5} {:>8} {:>8}", rate.count, rate.of, per_cent(rate));
    }
    let _ = writeln!(
        text,
        "  {:<28} {:>5}\n  {:<28} {:>5}",
        "characters erased", measures.cleared, "steps back", measures.back
    );
    let _ = writeln!(text, "\n{:<30} {:>5}", "PIN attempts of a payment", "n");
    for (attempts, payments) in &measures.pin_attempts {
        let _ = writeln!(text, "  {attempts:<28} {payments:>5}");
    }
    let _ = write!(text, "\nlower, upper: quartiles (Hyndman and Fan 1996, type 7)\n{TRIAL}");
    text
}

fn times(spread: &Spread) -> String {
    let columns = match spread.quartiles {
        Some(found) => [found.lower, found.median, found.upper].map(seconds),
        None => ["-", "-", "-"].map(str::to_owned),
    };
    format!("{:>5} {:>8} {:>8} {:>8}", spread.count, columns[0], columns[1], columns[2])
}

/// What went wrong, and of how many.
fn rates(measures: &Measures) -> Vec<(String, Rate)> {
    let wrong = measures.wrong.iter().map(|(step, rate)| (format!("wrong at {}", step.word()), *rate));
    wrong.chain([("aborted payments".to_owned(), measures.aborted())]).collect()
}

fn per_cent(rate: Rate) -> String {
    rate.per_mille().map_or_else(|| "-".to_owned(), |found| format!("{}.{} %", found / 10, found % 10))
}

fn in_json(measures: &Measures) -> Value {
    let payments =
        |of: Payments| json!({"begun": of.begun, "done": of.done, "refused": of.refused, "aborted": of.aborted});
    let spread = |name: &str, of: &Spread| {
        let found = of.quartiles;
        json!({
            "name": name,
            "n": of.count,
            "least_ms": found.map(|found| found.least),
            "lower_ms": found.map(|found| found.lower),
            "median_ms": found.map(|found| found.median),
            "upper_ms": found.map(|found| found.upper),
            "greatest_ms": found.map(|found| found.greatest),
        })
    };
    let timed = measures.timed();
    let (transactions, steps) = timed.split_at_checked(2).unwrap_or_default();
    let all = |rows: &[(String, Spread)]| rows.iter().map(|(name, of)| spread(name, of)).collect::<Vec<_>>();
    let wrong =
        measures.wrong.iter().map(|(step, rate)| json!({"step": step.word(), "wrong": rate.count, "of": rate.of}));
    let attempts = measures.pin_attempts.iter().map(|(attempts, of)| json!({"attempts": attempts, "payments": of}));
    json!({
        "sessions": measures.sessions,
        "payees": payments(measures.payees),
        "payers": payments(measures.payers),
        "transactions": all(transactions),
        "steps": all(steps),
        "wrong": wrong.collect::<Vec<_>>(),
        "aborted": {"payments": measures.aborted().count, "of": measures.aborted().of},
        "cleared": measures.cleared,
        "back": measures.back,
        "pin_attempts": attempts.collect::<Vec<_>>(),
    })
}

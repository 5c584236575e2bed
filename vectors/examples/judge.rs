//! Runs the vectors of this crate against the library and against software cards, and prints a line for each test that
//! failed: its id, its flags, and what their notes say.
//!
//! It exits with 0 if nothing failed, 1 if something did, and 2 if it could not judge. `.ci/defects` has it judge
//! what it has planted defects in; `digitally vectors verify` is the one for people. The kind `accumulated` is left out:
//! a million payments take long without optimisation, and say no more than the others.

#![allow(clippy::arithmetic_side_effects, clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use vectors::{Failure, Filter, KINDS, Library, Observer, OnCards, Report, Subject, VectorError, Verdict};

#[path = "../tests/blank/mod.rs"]
mod blank;

const LEFT_OUT: &str = "accumulated";

fn main() -> ExitCode {
    match failures() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("cannot judge: {error}");
            ExitCode::from(2)
        }
    }
}

/// How many failed. A card that cannot even be personalised does not hide what the library has failed in.
fn failures() -> Result<u64, VectorError> {
    let (mut failed, mut unanswered) = (0, None);
    for kind in KINDS.into_iter().filter(|kind| *kind != LEFT_OUT) {
        failed += judge("library", &mut Library, kind)?;
        match judge("card", &mut OnCards(blank::Blank::default()), kind) {
            Ok(more) => failed += more,
            Err(error) => unanswered = Some(error),
        }
    }
    match unanswered {
        Some(error) if failed == 0 => Err(error),
        _ => Ok(failed),
    }
}

fn judge(name: &'static str, subject: &mut impl Subject, kind: &str) -> Result<u64, VectorError> {
    let filter = Filter { kind: Some(kind.into()), flag: None };
    let reports = vectors::verify(&vectors::embedded(), subject, &filter, &mut Printer(name))?;
    Ok(reports.iter().map(|report: &Report| report.failed).sum())
}

/// Prints each failure as soon as there is one: tab-separated, for a script.
struct Printer(&'static str);

impl Observer for Printer {
    fn done(&mut self, _: &str, id: &str, _: &Verdict, failure: Option<&Failure>) -> Result<(), VectorError> {
        if let Some(failure) = failure {
            let flags: Vec<&str> = failure.notes.iter().map(|note| note.flag.as_str()).collect();
            let notes: Vec<String> = failure.notes.iter().map(|note| format!("{}: {}", note.flag, note.note)).collect();
            println!("{}\t{id}\t{}\t{}", self.0, flags.join(" "), notes.join("\t"));
        }
        Ok(())
    }
}

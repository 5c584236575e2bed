//! `digitally vectors`: known answers.

use std::fmt::Write;
use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};
use vectors::{Report, Verdict};

use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;

/// Verify test vectors
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(VerifyArgs),
}

/// Verify this program against test vectors
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally vectors verify\n  digitally vectors verify mine.json")]
struct VerifyArgs {
    /// Vector files [default: those that come with this program]
    #[arg(value_name = "FILE")]
    files: Vec<String>,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// If a file cannot be read or is not a vector file.
    pub fn run(&self) -> Result<Output, Failure> {
        match &self.command {
            Command::Verify(args) => args.run(),
        }
    }
}

impl VerifyArgs {
    fn run(&self) -> Result<Output, Failure> {
        let files = if self.files.is_empty() {
            vectors::embedded().iter().map(|source| parse(source.name, source.text)).collect::<Result<Vec<_>, _>>()?
        } else {
            self.files.iter().map(|name| parse(name, &read(name)?)).collect::<Result<Vec<_>, _>>()?
        };
        vectors::distinct(&files).map_err(|error| failure(&error))?;
        let reports: Vec<Report> = files.iter().map(vectors::verify).collect();
        let passed: usize = reports.iter().map(Report::passed).sum();
        let failed: usize = reports.iter().map(Report::failed).sum();
        let mut text = String::new();
        for report in &reports {
            let _ = writeln!(text, "{}: {} passed, {} failed", report.name, report.passed(), report.failed());
            for outcome in report.failures() {
                if let Verdict::Failed { field, expected, got } = &outcome.result {
                    let (id, comment) = (&outcome.id, &outcome.comment);
                    let _ = writeln!(text, "  {id} ({comment}): {field}\n    expected {expected}\n    got      {got}");
                }
            }
        }
        let _ = writeln!(text, "{passed} passed, {failed} failed");
        let json = json!({
            "passed": passed,
            "failed": failed,
            "files": reports.iter().map(report_json).collect::<Vec<_>>(),
        });
        let success = reports.iter().all(Report::is_success);
        let output = Output::new(&json, text, format!("{passed} passed, {failed} failed"));
        Ok(if success { output } else { output.exiting(Exit::Refused) })
    }
}

fn read(name: &str) -> Result<String, Failure> {
    std::fs::read_to_string(name).map_err(|error| Failure::unreadable(Path::new(name), &error))
}

fn parse(name: &str, text: &str) -> Result<vectors::File, Failure> {
    vectors::parse(name, text).map_err(|error| failure(&error))
}

fn failure(error: &vectors::VectorError) -> Failure {
    let message = match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    Failure::new(ErrorCode::VectorFile, message)
        .help("nothing was verified; the README of the crate `vectors` has the format")
}

fn report_json(report: &Report) -> Value {
    let failures = report.failures().filter_map(|outcome| match &outcome.result {
        Verdict::Failed { field, expected, got } => Some(json!({
            "id": outcome.id, "comment": outcome.comment, "field": field, "expected": expected, "got": got,
        })),
        Verdict::Passed => None,
    });
    json!({
        "name": report.name,
        "passed": report.passed(),
        "failed": report.failed(),
        "failures": failures.collect::<Vec<_>>(),
    })
}

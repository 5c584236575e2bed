//! `digitally vectors explain`

use std::fmt::Write;

use super::{Files, failure, visible};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Show one test with every value on the way to its result
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally vectors explain digitally-8-aes-cmac")]
pub struct Args {
    /// The id of the test
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    files: Files,
}

impl Args {
    /// Shows it.
    ///
    /// # Errors
    /// If a file is not a vector file, or there is no such test.
    pub fn run(&self) -> Result<Output, Failure> {
        let explained = vectors::explain(&self.files.sources(), &self.id).map_err(failure)?;
        let test = &explained.test;
        let mut text = format!("{}  {}\n", test.id, visible(&test.comment));
        let _ = writeln!(text, "{}, kind {}: {}", test.file, test.kind, visible(&explained.group));
        if !test.statements.is_empty() {
            let _ = writeln!(text, "statements: {}", visible(&test.statements.join(", ")));
        }
        for (flag, note) in test.flags.iter().zip(&explained.notes) {
            let _ = writeln!(text, "if it fails, {}: {}", visible(flag), visible(note));
        }
        let _ = writeln!(text, "expects: {}", test.expect);
        let lines = || explained.fields.iter().chain(&explained.steps);
        let width = lines().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (title, part) in [("in the file", &explained.fields), ("on the way", &explained.steps)] {
            if !part.is_empty() {
                let _ = writeln!(text, "\n{title}:");
            }
            for (name, value) in part {
                let _ = writeln!(text, "  {:width$}  {}", visible(name), visible(value));
            }
        }
        let verdict = match explained.agrees {
            Some(true) => "this program computes the same",
            Some(false) => "THIS PROGRAM COMPUTES SOMETHING ELSE: digitally vectors verify says what",
            None => "a conversation: digitally vectors verify --card holds it",
        };
        let _ = writeln!(text, "\n{verdict}");
        let output = Output::new(&explained, text, &test.expect);
        Ok(if explained.agrees == Some(false) { output.exiting(Exit::Refused) } else { output })
    }
}

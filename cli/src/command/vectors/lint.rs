//! `digitally vectors lint`

use std::fmt::Write;

use serde_json::json;

use super::{Files, failure, visible};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Look for what is wrong or careless in vector files, without verifying anything
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally vectors lint mine.json")]
pub struct Args {
    #[command(flatten)]
    files: Files,
}

impl Args {
    /// Looks.
    ///
    /// # Errors
    /// If a file is not a vector file.
    pub fn run(&self) -> Result<Output, Failure> {
        let sources = self.files.sources();
        let complaints = vectors::lint(&sources).map_err(failure)?;
        let mut text = complaints.iter().fold(String::new(), |mut text, complaint| {
            let _ = writeln!(text, "{}", visible(complaint));
            text
        });
        let some = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let summary = format!("{}, {}", some(sources.len(), "file"), some(complaints.len(), "complaint"));
        let _ = writeln!(text, "{summary}");
        let output = Output::new(&json!({"files": sources.len(), "complaints": complaints}), text, summary);
        Ok(if complaints.is_empty() { output } else { output.exiting(Exit::Refused) })
    }
}

//! `digitally vectors list`

use std::fmt::Write;

use serde_json::json;

use super::{Files, Filter, failure, visible};
use crate::failure::Failure;
use crate::output::Output;

/// List tests: id, kind, flags, and what each is about
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally vectors list --kind live --flag replay")]
pub struct Args {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    filter: Filter,
}

impl Args {
    /// Lists.
    ///
    /// # Errors
    /// If a file is not a vector file.
    pub fn run(&self) -> Result<Output, Failure> {
        let tests = vectors::list(&self.files.sources(), &self.filter.filter()).map_err(failure)?;
        let (mut text, mut ids, mut file) = (String::new(), String::new(), "");
        for test in &tests {
            if test.file != file {
                file = &test.file;
                let _ = writeln!(text, "{file} ({})", test.kind);
            }
            let flags =
                if test.flags.is_empty() { String::new() } else { format!(" [{}]", visible(&test.flags.join(", "))) };
            let _ = writeln!(text, "  {}  {}: {}{flags}", test.id, test.expect, visible(&test.comment));
            let _ = writeln!(ids, "{}", test.id);
        }
        let _ = writeln!(text, "{} tests", tests.len());
        Ok(Output::new(&json!({"tests": tests}), text, ids))
    }
}

//! `digitally doctor`

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;

use crate::doctor::{Level, World, examine};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Find out why a card in a reader cannot be used, and what mends it
///
/// Looks for pcscd, its version, readers, cards and users, for vpcd and where it listens, and for what building this
/// program with PC/SC takes. Changes nothing. Ends with exit code 1 if cards in readers cannot be used.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally doctor")]
pub struct Args {
    /// Look at the file system in this folder instead
    #[arg(long, value_name = "FOLDER", default_value = "/", hide = true)]
    root: PathBuf,
}

impl Args {
    /// Examines the machine.
    ///
    /// # Errors
    /// None: what is missing is a finding.
    pub fn run(&self, _: &Session) -> Result<Output, Failure> {
        let findings = examine(&World::at(&self.root));
        let worst = findings.iter().map(|one| one.level).max().unwrap_or(Level::Ok);
        let (mut text, mut quiet) = (String::new(), String::new());
        for one in &findings {
            let line = format!("{:4}  {:8}  {}", one.level.name(), one.subject, one.text);
            let _ = writeln!(text, "{line}");
            if let Some(mend) = &one.mend {
                let _ = writeln!(text, "                mend: {mend}");
            }
            if one.level > Level::Ok {
                let _ = writeln!(quiet, "{line}");
            }
        }
        text.push_str(match worst {
            Level::Bad => "cards in readers cannot be used until what is bad is mended\n",
            Level::Warn => "cards in readers can be used\n",
            Level::Ok => "all is well\n",
        });
        let listed: Vec<_> = findings
            .iter()
            .map(|one| json!({"subject": one.subject, "level": one.level.name(), "text": one.text, "mend": one.mend}))
            .collect();
        let output = Output::new(&json!({"level": worst.name(), "findings": listed}), text, quiet);
        Ok(if worst == Level::Bad { output.exiting(Exit::Refused) } else { output })
    }
}

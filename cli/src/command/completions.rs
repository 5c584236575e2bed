//! `digitally completions`

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::args::Cli;
use crate::output::Output;

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally completions bash > ~/.local/share/bash-completion/completions/digitally")]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    /// Makes the script.
    pub fn run(&self) -> Output {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "digitally", &mut script);
        let script = String::from_utf8_lossy(&script);
        Output::new(&json!({"shell": self.shell.to_string(), "script": script}), &script, &script)
    }
}

//! `digitally man`

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;
use serde_json::json;

use crate::args::Cli;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;

/// Print the manual page, or write one page per command into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally man | man -l -\n  digitally man ~/.local/share/man/man1")]
pub struct Args {
    /// The folder to write to; made if there is none
    #[arg(value_name = "DIR")]
    folder: Option<String>,
}

impl Args {
    /// Makes the pages.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn run(&self) -> Result<Output, Failure> {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let Some(folder) = &self.folder else {
            let page = page(command)?;
            return Ok(Output::new(&json!({"page": page}), &page, &page));
        };
        let folder = Path::new(folder);
        std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
        let mut names = Vec::new();
        write(command, "digitally", folder, &mut names)?;
        let text = format!("wrote {} pages to {}\n", names.len(), folder.display());
        Ok(Output::new(&json!({"pages": names}), text, names.join("\n")))
    }
}

fn page(command: clap::Command) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    Man::new(command)
        .render(&mut bytes)
        .map_err(|error| Failure::new(ErrorCode::OutputFailed, format!("no page could be made: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(command: clap::Command, name: &str, folder: &Path, names: &mut Vec<String>) -> Result<(), Failure> {
    for sub in command.get_subcommands() {
        write(sub.clone(), &format!("{name}-{}", sub.get_name()), folder, names)?;
    }
    let file = format!("{name}.1");
    let path = folder.join(&file);
    std::fs::write(&path, page(command.display_name(name.to_owned()))?)
        .map_err(|error| Failure::unwritable(&path, &error))?;
    names.push(file);
    Ok(())
}

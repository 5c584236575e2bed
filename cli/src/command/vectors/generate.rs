//! `digitally vectors generate`

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::typed::shell_word;

/// Make the computed vector files: the same bytes every time
///
/// The files of kind mac are not made but copied from the documents that they name.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  digitally vectors generate vectors/data\n  digitally vectors generate --check vectors/data"
)]
pub struct Args {
    /// The folder to write to; files of these names are replaced
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Write nothing: compare with the files that are there
    #[arg(long)]
    check: bool,
}

impl Args {
    /// Makes the files, or compares them.
    ///
    /// # Errors
    /// If a file cannot be written or read.
    pub fn run(&self) -> Result<Output, Failure> {
        let folder = &self.folder;
        if !folder.is_dir() {
            let (what, help) = match folder.exists() {
                true => ("is a file, not a folder", "name a folder".into()),
                false => {
                    ("is no folder yet", format!("make it first: mkdir {}", shell_word(&folder.to_string_lossy())))
                }
            };
            return Err(Failure::new(ErrorCode::FileUnwritable, format!("{} {what}", folder.display())).help(help));
        }
        let files = vectors::generate();
        let (mut text, mut differing) = (String::new(), Vec::new());
        for file in &files {
            let path = self.folder.join(file.name);
            let done = if self.check {
                match fs::read(&path) {
                    Ok(found) if found == file.text.as_bytes() => "as generated",
                    Ok(_) => {
                        differing.push(file.name);
                        "DIFFERS from what is generated"
                    }
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        differing.push(file.name);
                        "MISSING"
                    }
                    Err(error) => return Err(Failure::unreadable(&path, &error)),
                }
            } else {
                write(&self.folder, &path, &file.text)?;
                "written"
            };
            let _ = writeln!(text, "{}: {done}", path.display());
        }
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        let quiet = if self.check { format!("{} differ", differing.len()) } else { names.join("\n") };
        let output = Output::new(&json!({"files": names, "differing": differing}), text, quiet);
        Ok(if differing.is_empty() { output } else { output.exiting(Exit::Refused) })
    }
}

/// Whole or not at all.
fn write(folder: &Path, path: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error: &std::io::Error| Failure::unwritable(path, error);
    let mut temporary = tempfile::Builder::new().tempfile_in(folder).map_err(|error| unwritable(&error))?;
    temporary.write_all(text.as_bytes()).map_err(|error| unwritable(&error))?;
    publish(&temporary).map_err(|error| unwritable(&error))?;
    temporary.persist(path).map(|_| ()).map_err(|error| unwritable(&error.error))
}

/// Vectors are for everybody; temporary files are for their maker.
fn publish(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()
}

//! The file into which the record of a study goes, row by row.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use phones::study::{Recorder, sheet};

use crate::failure::{ErrorCode, Failure};

/// The record of one session, and its file, which is new.
pub struct Study {
    /// Who watches the phones.
    pub recorder: Recorder,
    sheet: sheet::Writer<File>,
    path: PathBuf,
}

impl Study {
    /// Makes the file, with its first line.
    ///
    /// # Errors
    /// There is one of this name, or it cannot be written.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                let message = format!("{} exists, and a record of a study is never written over", path.display());
                Failure::new(ErrorCode::StudyFileExists, message)
                    .help("give each session a file of its own; `digitally study FILE…` takes all of them together")
            }
            _ => Failure::unwritable(path, &error),
        })?;
        let sheet = sheet::Writer::new(file).map_err(|error| Failure::unwritable(path, &error))?;
        Ok(Self { recorder: Recorder::new(), sheet, path: path.to_owned() })
    }

    /// Writes the rows that are ready.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self) -> Result<(), Failure> {
        let rows = self.recorder.take_rows();
        rows.iter().try_for_each(|row| self.sheet.add(row)).map_err(|error| Failure::unwritable(&self.path, &error))
    }

    /// The session is over: the last rows are written, and the file is on the disk.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub fn close(mut self, now: Duration) -> Result<(), Failure> {
        self.recorder.stop(now);
        self.write()?;
        self.sheet.get().sync_all().map_err(|error| Failure::unwritable(&self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.csv");
        Study::create(&path).unwrap().close(Duration::ZERO).unwrap();
        let text = std::fs::read(&path).unwrap();
        assert_eq!(sheet::read(&text), Ok(Vec::new()));
        assert_eq!(Study::create(&path).err().unwrap().code(), ErrorCode::StudyFileExists);
        assert_eq!(std::fs::read(&path).unwrap(), text);
        let nowhere = folder.path().join("nowhere").join("one.csv");
        assert_eq!(Study::create(&nowhere).err().unwrap().code(), ErrorCode::FileUnwritable);
    }
}

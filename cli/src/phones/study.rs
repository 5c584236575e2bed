//! The file into which the record of a study goes, row by row.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use phones::study::{Recorder, sheet};
use phones::{Observer, Phone, Seen, Side, Sim};

use crate::failure::{ErrorCode, Failure};

/// The record of one session, and its file, which is new. What goes wrong with it is told at the end: the phones go on.
pub struct Study {
    recorder: Recorder,
    sheet: sheet::Writer<File>,
    path: PathBuf,
    failed: Option<io::Error>,
}

impl Study {
    /// Makes the file, with its first line.
    ///
    /// # Errors
    /// If it is there already, or cannot be made.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                Failure::new(ErrorCode::StudyFileExists, format!("there is a file {} already", path.display())).help(
                    "nothing is ever overwritten: choose another name for --study; `digitally study FILE…` takes the \
                     sessions of many files together",
                )
            }
            _ => Failure::unwritable(path, &error),
        })?;
        let sheet = sheet::Writer::new(file).map_err(|error| Failure::unwritable(path, &error))?;
        Ok(Self { recorder: Recorder::new(), sheet, path: path.to_owned(), failed: None })
    }

    /// The session is over: the last rows are written, and the file is on the disk.
    ///
    /// # Errors
    /// If it could not be written, now or before.
    pub fn close(&mut self, now: Duration) -> Result<(), Failure> {
        self.recorder.stop(now);
        self.write();
        let synced = self.failed.take().map_or_else(|| self.sheet.get().sync_all(), Err);
        synced.map_err(|error| Failure::unwritable(&self.path, &error))
    }

    /// Writes the rows that are ready; none behind one that could not be written whole.
    fn write(&mut self) {
        for row in self.recorder.take_rows() {
            if self.failed.is_none() {
                self.failed = self.sheet.add(&row).err();
            }
        }
    }
}

impl<T: Sim> Observer<T> for Study {
    fn touched(&mut self, seen: &Seen<'_, T>) {
        self.recorder.touched(seen);
        self.write();
    }

    fn changed(&mut self, at: Duration, side: Side, phone: &Phone<T>) {
        self.recorder.changed(at, side, phone);
        self.write();
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

//! The short messages that phones have sent, in a file: one JSON object a line, `{"phone":"alice","tpdu":"01…"}`.
//!
//! `tpdu` is the SMS-SUBMIT as it goes to the network, in hexadecimal (3GPP TS 23.040). What there is in the file already
//! stays; new messages come behind.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::failure::Failure;

/// The file, open for more.
#[derive(Debug)]
pub struct Outbox {
    file: File,
    path: PathBuf,
}

/// A line of it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    phone: &'a str,
    tpdu: String,
}

impl Outbox {
    /// Opens it; makes it, for its owner alone, if it is not there: the messages tell who paid whom.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn open(path: &str) -> Result<Self, Failure> {
        let path = Path::new(path);
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
        file.map(|file| Self { file, path: path.to_owned() }).map_err(|error| Failure::unwritable(path, &error))
    }

    /// Adds a message that this phone has sent.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, phone: &str, tpdu: &[u8]) -> Result<(), Failure> {
        let line = serde_json::to_string(&Line { phone, tpdu: hex::encode_upper(tpdu) }).unwrap_or_default();
        // In one piece: two processes may write to one file.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(|error| Failure::unwritable(&self.path, &error))
    }

    /// Has it on the disk.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn sync(&self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| Failure::unwritable(&self.path, &error))
    }
}

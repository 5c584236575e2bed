//! What was shown, as an asciicast: a line with the size, then a line for each output with its time.
//!
//! Source: asciinema's "asciicast v2" file format.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use crate::failure::{ErrorCode, Failure};

/// The file. What goes wrong with it is told at the end: the phones go on.
#[derive(Debug)]
pub struct Recording {
    file: BufWriter<File>,
    path: PathBuf,
    now: Duration,
    output: Vec<u8>,
    failed: Option<io::Error>,
}

/// Where a terminal's output goes: to the terminal, to a recording, to both.
#[derive(Debug)]
pub struct Tee<W> {
    /// The terminal.
    pub terminal: Option<W>,
    /// The recording.
    pub recording: Option<Rc<RefCell<Recording>>>,
}

impl Recording {
    /// Makes the file, for its owner alone: codes are seen in it.
    ///
    /// # Errors
    /// If it is there already, or cannot be made.
    pub fn create(path: &str) -> Result<Self, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::new(ErrorCode::RecordFile, format!("there is a file {path} already"))
                .help("nothing is ever overwritten: choose another name for --record"),
            _ => Failure::unwritable(Path::new(path), &error),
        })?;
        let path = path.into();
        Ok(Self { file: BufWriter::new(file), path, now: Duration::ZERO, output: Vec::new(), failed: None })
    }

    /// Begins, in a window of this size.
    pub fn begin(&mut self, columns: u16, lines: u16) {
        self.line(&json!({"version": 2, "width": columns, "height": lines, "title": "digitally phones"}));
    }

    /// What comes now comes at this time from the beginning.
    pub const fn at(&mut self, now: Duration) {
        self.now = now;
    }

    /// The window has another size.
    pub fn resized(&mut self, columns: u16, lines: u16) {
        self.event("r", &format!("{columns}x{lines}"));
    }

    /// Whether all of it was written.
    ///
    /// # Errors
    /// If not.
    pub fn end(mut self) -> Result<(), Failure> {
        let flushed = self.file.flush();
        let failed = self.failed.take().map_or(flushed, Err);
        failed.map_err(|error| Failure::unwritable(&self.path, &error))
    }

    fn event(&mut self, kind: &str, data: &str) {
        self.line(&json!([self.now.as_secs_f64(), kind, data]));
    }

    fn line(&mut self, line: &serde_json::Value) {
        if self.failed.is_none() {
            // Line by line on the disk: nothing that was shown is lost with the program.
            self.failed = writeln!(self.file, "{line}").and_then(|()| self.file.flush()).err();
        }
    }

    fn written(&mut self) {
        let output = std::mem::take(&mut self.output);
        if !output.is_empty() {
            self.event("o", &String::from_utf8_lossy(&output));
        }
    }
}

impl<W: Write> Write for Tee<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.terminal.as_mut().map_or(Ok(bytes.len()), |terminal| terminal.write(bytes))?;
        if let Some(recording) = &self.recording {
            recording.borrow_mut().output.extend(bytes.iter().take(written));
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(recording) = &self.recording {
            recording.borrow_mut().written();
        }
        self.terminal.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// The recording alone again, when nothing writes into it any more.
///
/// # Errors
/// If not all of it was written.
pub fn end(recording: Option<Rc<RefCell<Recording>>>) -> Result<(), Failure> {
    match recording.and_then(Rc::into_inner) {
        Some(recording) => recording.into_inner().end(),
        None => Ok(()),
    }
}

//! The outcome of each test as JUnit XML, the form that build servers read.
//!
//! Tests are written to a temporary file as they come, so memory does not grow with their number; the file that was
//! asked for appears when all is done, whole or not at all.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::VectorError;
use crate::report::{Failure, Verdict};
use crate::verify::Observer;

/// Notes every test of a verification.
#[derive(Debug)]
pub struct Junit {
    path: PathBuf,
    /// Who is judged.
    subject: String,
    cases: BufWriter<File>,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tests: u64,
    failures: u64,
    skipped: u64,
}

impl Junit {
    /// Will write to this file, about `subject`.
    ///
    /// # Errors
    /// If there is no place for temporary files, or the folder of the file does not exist.
    pub fn new(path: &Path, subject: &str) -> io::Result<Self> {
        // Now rather than after an hour of verification.
        NamedTempFile::new_in(folder(path))?.close()?;
        let cases = BufWriter::new(tempfile::tempfile()?);
        Ok(Self { path: path.to_owned(), subject: subject.into(), cases, counts: Counts::default() })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If it cannot be written; nothing is there then, or what was there before.
    pub fn finish(self) -> io::Result<()> {
        let Counts { tests, failures, skipped } = self.counts;
        self.write(&format!(r#"tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}""#))
    }

    /// Writes that there is no result, and why: no test counts, and no older report stays to be taken for this one.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn abandon(mut self, why: &str) -> io::Result<()> {
        self.cases = BufWriter::new(tempfile::tempfile()?);
        let why = escape(why);
        writeln!(self.cases, r#"<testcase classname="vectors" name="verify"><error message="{why}"/></testcase>"#)?;
        self.write(r#"tests="1" failures="0" errors="1" skipped="0""#)
    }

    fn write(self, counts: &str) -> io::Result<()> {
        let mut cases = self.cases.into_inner().map_err(io::IntoInnerError::into_error)?;
        cases.rewind()?;
        let mut out = readable().tempfile_in(folder(&self.path))?;
        let subject = escape(&self.subject);
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<testsuites name="digitally vectors" {counts}>"#)?;
        writeln!(out, r#"<testsuite name="vectors: {subject}" {counts}>"#)?;
        io::copy(&mut BufReader::new(cases).by_ref(), &mut out)?;
        writeln!(out, "</testsuite>\n</testsuites>")?;
        out.persist(&self.path).map(|_| ()).map_err(|error| error.error)
    }

    fn case(&mut self, file: &str, id: &str, verdict: &Verdict, failure: Option<&Failure>) -> io::Result<()> {
        let Counts { tests, failures, skipped } = &mut self.counts;
        *tests = tests.saturating_add(1);
        let (file, name) = (escape(file), escape(id));
        write!(self.cases, r#"<testcase classname="{file}" name="{name}""#)?;
        match (verdict, failure) {
            (Verdict::Passed, _) => writeln!(self.cases, "/>"),
            (Verdict::NotAsked(why), _) => {
                *skipped = skipped.saturating_add(1);
                writeln!(self.cases, r#"><skipped message="{}"/></testcase>"#, escape(why))
            }
            (Verdict::Failed(differences), failure) => {
                *failures = failures.saturating_add(1);
                let first = differences.first();
                let headline = first.map(|one| format!("{}: expected {}, got {}", one.field, one.expected, one.got));
                let headline = escape(&headline.unwrap_or_default());
                writeln!(self.cases, r#"><failure type="difference" message="{headline}">"#)?;
                writeln!(
                    self.cases,
                    "{}",
                    escape(failure.map(|failure| failure.comment.as_str()).unwrap_or_default())
                )?;
                for note in failure.iter().flat_map(|failure| &failure.notes) {
                    writeln!(self.cases, "{}: {}", escape(&note.flag), escape(&note.note))?;
                }
                for difference in differences {
                    let [field, expected, got] =
                        [&difference.field, &difference.expected, &difference.got].map(|text| escape(text));
                    writeln!(self.cases, "{field}: expected {expected}, got {got}")?;
                }
                writeln!(self.cases, "</failure></testcase>")
            }
        }
    }
}

impl Observer for Junit {
    fn done(&mut self, file: &str, id: &str, verdict: &Verdict, failure: Option<&Failure>) -> Result<(), VectorError> {
        let noted = self.case(file, id, verdict, failure);
        noted.map_err(|source| VectorError::Machine { what: "a temporary file cannot be written", source })
    }
}

/// Build servers run as somebody else: the file is to be read by whom the umask lets, not by its maker alone.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "permissions are a matter of Unix"))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Text as XML 1.0 can carry it: what it cannot carry becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}

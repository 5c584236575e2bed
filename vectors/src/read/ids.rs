//! Whether any id is used twice, over any number of tests, in memory that does not grow with them.
//!
//! Ids are collected up to a bound; then they are sorted and set aside in a temporary file. At the end the sorted runs
//! are merged, and equal ids meet.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Seek, Write};

use crate::error::VectorError;

/// Bytes of ids in memory before they are set aside.
const BOUND: usize = 8 << 20;

/// The ids of some files.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    files: Vec<String>,
    held: Vec<Box<str>>,
    bytes: usize,
    aside: Vec<File>,
}

impl Ids {
    /// The ids that come from now on are those of this file.
    pub(crate) fn file(&mut self, name: String) {
        self.files.push(name);
    }

    /// One more id of the file.
    pub(crate) fn add(&mut self, id: &str) -> Result<(), VectorError> {
        // An id has no space in it, so what is before the space sorts first.
        let line = format!("{id} {}", self.files.len().saturating_sub(1)).into_boxed_str();
        self.bytes = self.bytes.saturating_add(line.len()).saturating_add(size_of::<Box<str>>());
        self.held.push(line);
        if self.bytes < BOUND { Ok(()) } else { self.set_aside().map_err(machine) }
    }

    fn set_aside(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut out = BufWriter::new(tempfile::tempfile()?);
        for line in self.held.drain(..) {
            writeln!(out, "{line}")?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.aside.push(file);
        self.bytes = 0;
        Ok(())
    }

    /// Says whether all were different.
    pub(crate) fn distinct(mut self) -> Result<(), VectorError> {
        self.held.sort_unstable();
        let held = std::mem::take(&mut self.held);
        let runs = self.aside.drain(..).map(|file| Run::Aside(BufReader::new(file).lines()));
        let mut runs: Vec<Run> = runs.chain([Run::Held(held.into_iter())]).collect();
        let mut heads = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            if let Some(line) = run.next().transpose().map_err(machine)? {
                heads.push(Reverse((line, index)));
            }
        }
        let mut last = Box::<str>::default();
        while let Some(Reverse((line, index))) = heads.pop() {
            let ((id, file), (last_id, last_file)) = (parts(&line), parts(&last));
            if id == last_id {
                let name = |index: &str| index.parse().ok().and_then(|index: usize| self.files.get(index).cloned());
                let [first, second] = [last_file, file].map(|index| name(index).unwrap_or_default());
                return Err(VectorError::DuplicateId { id: id.into(), first, second });
            }
            last = line;
            if let Some(line) = runs.get_mut(index).and_then(Iterator::next).transpose().map_err(machine)? {
                heads.push(Reverse((line, index)));
            }
        }
        Ok(())
    }
}

fn parts(line: &str) -> (&str, &str) {
    line.split_once(' ').unwrap_or((line, ""))
}

fn machine(source: io::Error) -> VectorError {
    VectorError::Machine { what: "ids cannot be kept in a temporary file", source }
}

/// Ids in order.
enum Run {
    Held(std::vec::IntoIter<Box<str>>),
    Aside(Lines<BufReader<File>>),
}

impl Iterator for Run {
    type Item = io::Result<Box<str>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Held(lines) => lines.next().map(Ok),
            Self::Aside(lines) => lines.next().map(|line| line.map(String::into_boxed_str)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` ids in two files, and one more at the end.
    fn duplicates(count: u32, last: &str) -> Result<(), VectorError> {
        let mut ids = Ids::default();
        ids.file("a.json".into());
        (0..count / 2).try_for_each(|i| ids.add(&format!("test-{i}")))?;
        ids.file("b.json".into());
        (count / 2..count).try_for_each(|i| ids.add(&format!("test-{i}")))?;
        ids.add(last)?;
        assert_eq!(ids.aside.is_empty(), count < 100_000, "the bound was reached, or not");
        ids.distinct()
    }

    #[test]
    fn found_in_memory_and_in_files() {
        for count in [10, 900_000] {
            assert!(duplicates(count, "test").is_ok());
            for last in ["test-3", &format!("test-{}", count - 1)] {
                let error = duplicates(count, last).unwrap_err().to_string();
                let first = if last == "test-3" { "a.json" } else { "b.json" };
                assert_eq!(error, format!("the id {last} is used twice: in {first} and in b.json"));
            }
        }
    }
}

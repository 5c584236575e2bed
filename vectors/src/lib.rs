#![doc = include_str!("../README.md")]

mod code;
mod derive;
mod error;
mod file;
mod hex_text;
mod mac;
mod report;

pub use error::{Place, VectorError};
pub use file::{File, distinct, parse};
pub use report::{Outcome, Report, Verdict};

/// The text of one vector file, with the name under which messages speak of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file name, without a folder.
    pub name: &'static str,
    /// What is in it: UTF-8, JSON.
    pub text: &'static str,
}

/// The files that come with this crate.
#[must_use]
pub fn embedded() -> &'static [Source] {
    &[
        Source { name: "rfc4493.json", text: include_str!("../data/rfc4493.json") },
        Source { name: "sp800-38b.json", text: include_str!("../data/sp800-38b.json") },
        Source { name: "rfc4231.json", text: include_str!("../data/rfc4231.json") },
        Source { name: "derive.json", text: include_str!("../data/derive.json") },
        Source { name: "protocol.json", text: include_str!("../data/protocol.json") },
    ]
}

/// Runs every test of a file against the library `digitally`.
///
/// Each value in a test is checked in the order in which it is computed; a test that fails reports the first that differs.
#[must_use]
pub fn verify(file: &File) -> Report {
    file.verify()
}

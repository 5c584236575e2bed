#![doc = include_str!("../README.md")]

mod catalogue;
mod error;
mod expect;
mod generate;
mod hex_text;
mod junit;
mod kind;
mod read;
mod report;
mod subject;
mod verify;

pub use catalogue::{Explained, Listed, explain, lint, list};
pub use error::VectorError;
pub use generate::{Generated, generate};
pub use junit::Junit;
pub use kind::KINDS;
pub use read::Source;
pub use report::{Difference, Failure, Note, Report, Verdict};
pub use subject::card::{CardError, Cards, OnCards};
pub use subject::program::{Program, ProgramError};
pub use subject::{Library, Subject, SubjectError};
pub use verify::{Filter, Observer, verify};

/// The files that come with this crate.
#[must_use]
pub fn embedded() -> Vec<Source> {
    macro_rules! files {
        ($($name:literal)*) => { vec![$(Source::Text { name: $name.into(), text: include_str!(concat!("../data/", $name)).into() }),*] };
    }
    files! {
        "rfc4493.json" "sp800-38b.json" "rfc4231.json" "derive.json" "protocol.json" "refusal.json" "accumulated.json"
        "apdu.json" "tlv.json" "live.json"
    }
}

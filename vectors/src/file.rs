//! A vector file: what all kinds have in common, read and checked before any test runs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::{Place, VectorError};
use crate::hex_text::Hex;
use crate::report::{Mismatch, Outcome, Report};
use crate::{code, derive, mac};

/// A vector file that was read without an error.
#[derive(Clone, Debug)]
pub struct File {
    file: String,
    title: String,
    source: String,
    groups: Groups,
}

/// The groups of a file: all of one kind.
#[derive(Clone, Debug)]
enum Groups {
    Mac(Vec<mac::Group>),
    Code(Vec<code::Group>),
    Derive(Vec<derive::Group>),
}

/// What a test of any kind has.
pub(crate) trait Test {
    fn id(&self) -> &str;
    fn comment(&self) -> &str;
    fn flags(&self) -> &[String];
    fn expect(&self) -> &str;
    /// All fields in hexadecimal, by name.
    fn hex(&self) -> Vec<(String, &Hex)>;
}

/// What a group of any kind has: keys that its tests share.
pub(crate) trait Group: DeserializeOwned {
    type Test: Test;

    fn comment(&self) -> &str;
    fn tests(&self) -> &[Self::Test];
    fn key(&self) -> &Hex;
    fn verify(&self, test: &Self::Test) -> Result<(), Mismatch>;
}

/// The three fields that say how to read the others.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
    kind: String,
}

/// The whole file; what [`Head`] has read is passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole<G> {
    #[serde(rename = "format")]
    _format: IgnoredAny,
    #[serde(rename = "version")]
    _version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    name: String,
    source: String,
    groups: Vec<G>,
}

/// Reads the text of a vector file; `name` is what errors and the report call it.
///
/// # Errors
/// [`VectorError`]: the text is not such a file, or one with fields, a kind, flags or expectations that are unknown here.
pub fn parse(name: &str, text: &str) -> Result<File, VectorError> {
    let Head { format, version, kind } = json(name, text)?;
    if format != "digitally-vectors" {
        return Err(VectorError::Format { file: name.into(), found: format });
    }
    if version != 1 {
        return Err(VectorError::Version { file: name.into(), found: version });
    }
    match kind.as_str() {
        "mac" => read(name, text, Groups::Mac),
        "code" => read(name, text, Groups::Code),
        "derive" => read(name, text, Groups::Derive),
        _ => Err(VectorError::Kind { file: name.into(), found: kind }),
    }
}

/// Checks that no id stands in two of these files.
///
/// # Errors
/// [`VectorError::DuplicateId`] with the second file.
pub fn distinct<'f>(files: impl IntoIterator<Item = &'f File>) -> Result<(), VectorError> {
    let mut taken = BTreeMap::new();
    for file in files {
        for id in file.ids() {
            if let Some(first) = taken.insert(id, &file.file) {
                let (file, first) = (file.file.clone(), first.clone());
                return Err(VectorError::DuplicateId { file, place: Place::Test(id.into()), first });
            }
        }
    }
    Ok(())
}

impl File {
    /// The name under which it was read.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file
    }

    /// Its `name`: what the vectors are.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its `source`: the document and section that the vectors come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The ids of all tests, in the order of the file.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        match &self.groups {
            Groups::Mac(groups) => ids(groups),
            Groups::Code(groups) => ids(groups),
            Groups::Derive(groups) => ids(groups),
        }
    }

    pub(crate) fn verify(&self) -> Report {
        let outcomes = match &self.groups {
            Groups::Mac(groups) => outcomes(groups),
            Groups::Code(groups) => outcomes(groups),
            Groups::Derive(groups) => outcomes(groups),
        };
        Report { name: self.file.clone(), outcomes }
    }
}

fn json<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, VectorError> {
    serde_json::from_str(text).map_err(|source| VectorError::Json {
        file: file.into(),
        line: source.line(),
        column: source.column(),
        source,
    })
}

fn read<G: Group>(file: &str, text: &str, into: fn(Vec<G>) -> Groups) -> Result<File, VectorError> {
    let whole: Whole<G> = json(file, text)?;
    check(file, &whole.groups)?;
    let file = File { file: file.into(), title: whole.name, source: whole.source, groups: into(whole.groups) };
    distinct([&file])?;
    Ok(file)
}

/// Everything that JSON cannot say: not empty, hexadecimal, known flags and expectations.
fn check<G: Group>(file: &str, groups: &[G]) -> Result<(), VectorError> {
    let file = || file.to_owned();
    if groups.is_empty() {
        return Err(VectorError::Empty { file: file(), place: None });
    }
    for (number, group) in (1..).zip(groups) {
        let place = Place::Group { number, comment: group.comment().into() };
        if let Some(source) = group.key().fault() {
            return Err(VectorError::Hex { file: file(), place, field: "key".into(), source });
        }
        if group.tests().is_empty() {
            return Err(VectorError::Empty { file: file(), place: Some(place) });
        }
        for test in group.tests() {
            let place = Place::Test(test.id().into());
            for (field, hex) in test.hex() {
                if let Some(source) = hex.fault() {
                    return Err(VectorError::Hex { file: file(), place, field, source });
                }
            }
            if test.expect() != "accept" {
                return Err(VectorError::Expectation { file: file(), place, found: test.expect().into() });
            }
            if let Some(found) = test.flags().iter().find(|flag| *flag != "worked-example") {
                return Err(VectorError::Flag { file: file(), place, found: found.clone() });
            }
        }
    }
    Ok(())
}

fn ids<G: Group>(groups: &[G]) -> Vec<&str> {
    groups.iter().flat_map(Group::tests).map(Test::id).collect()
}

fn outcomes<G: Group>(groups: &[G]) -> Vec<Outcome> {
    let outcome = |group: &G, test: &G::Test| Outcome {
        id: test.id().into(),
        comment: test.comment().into(),
        result: group.verify(test).into(),
    };
    groups.iter().flat_map(|group| group.tests().iter().map(move |test| outcome(group, test))).collect()
}

/// Implements [`Test`] for a struct with the four common fields; its method `hex` lists the others in hexadecimal.
macro_rules! test_fields {
    ($test:ty) => {
        impl $crate::file::Test for $test {
            fn id(&self) -> &str {
                &self.id
            }
            fn comment(&self) -> &str {
                &self.comment
            }
            fn flags(&self) -> &[String] {
                &self.flags
            }
            fn expect(&self) -> &str {
                &self.expect
            }
            fn hex(&self) -> Vec<(String, &$crate::hex_text::Hex)> {
                self.hex_fields()
            }
        }
    };
}
pub(crate) use test_fields;

/// Reads the name of a MAC algorithm, as the library spells it.
pub(crate) fn algorithm<'de, D: serde::Deserializer<'de>>(from: D) -> Result<digitally::Algorithm, D::Error> {
    let name = String::deserialize(from)?;
    let found = digitally::Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
    found.ok_or_else(|| serde::de::Error::custom(format_args!("unknown algorithm `{name}`")))
}

//! Reading a vector file as a stream: test after test, in memory that does not grow with the file.
//!
//! A file is read twice. The first time only for its [`Head`], which stops at the groups if the head stands before
//! them, as it does in our files. The second time for its tests. If that finds a breach of the schema, a third time,
//! with the bookkeeping that names the place; who does not err does not pay for it.

pub(crate) mod ids;
mod piece;
pub(crate) mod strict;
mod visitors;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use serde::de::DeserializeSeed;
use serde_json::error::Category;

use crate::error::VectorError;
use crate::kind::{Group, Kind, Test, with_kind};
use piece::{Piece, Pieces};
use visitors::{FileSeed, HeadSeed};

/// Where the text of a vector file comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// In memory.
    Text {
        /// What errors and reports call it.
        name: Cow<'static, str>,
        /// JSON.
        text: Cow<'static, str>,
    },
    /// A file on disk.
    File(PathBuf),
}

impl Source {
    /// What errors and reports call it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Text { name, .. } => name.to_string(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The buffer is the outermost layer: the parser takes byte after byte.
    fn open(&self, piece: &Piece) -> Result<Input<'_>, VectorError> {
        let bytes: Box<dyn Read + '_> = match self {
            Self::Text { text, .. } => Box::new(text.as_bytes()),
            Self::File(path) => {
                let unreadable = |source| VectorError::Unreadable { file: self.name(), source };
                let file = File::open(path).map_err(unreadable)?;
                if file.metadata().map_err(unreadable)?.is_dir() {
                    return Err(unreadable(io::ErrorKind::IsADirectory.into()));
                }
                Box::new(file)
            }
        };
        Ok(BufReader::with_capacity(1 << 16, Pieces(bytes, piece.clone())))
    }
}

/// What a file says about all of its tests.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) file: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) source: String,
    /// What each flag means.
    pub(crate) notes: BTreeMap<String, String>,
}

type Input<'s> = BufReader<Pieces<Box<dyn Read + 's>>>;
type Json<'s> = serde_json::Deserializer<serde_json::de::IoRead<Input<'s>>>;

/// Who wants to see the tests of a file.
pub(crate) trait Visit {
    /// One test, which is sound in itself. The group has no tests in it.
    fn test<K: Kind>(&mut self, head: &Head, group: &Group<K>, test: Test<K>) -> Result<(), VectorError>;
}

/// Shows every test of a file to `visit`, in the order of the file, and returns its head.
pub(crate) fn read(source: &Source, visit: &mut impl Visit) -> Result<Head, VectorError> {
    let head = head(source)?;
    with_kind!(head.kind.as_str(), K => read_tests::<K>(source, &head, visit)?, {
        return Err(VectorError::Kind { file: head.file, found: head.kind });
    });
    Ok(head)
}

/// The head of a file alone.
pub(crate) fn head(source: &Source) -> Result<Head, VectorError> {
    let (mut fields, piece) = (visitors::HeadFields::default(), Piece::new());
    let mut json = serde_json::Deserializer::from_reader(source.open(&piece)?);
    let read = HeadSeed { fields: &mut fields, piece: &piece }.deserialize(&mut json);
    match read {
        // The groups were reached, and all that is wanted stands before them.
        Err(_) if fields.stopped => {}
        Err(error) => return Err(json_error(source, &error).unwrap_or_else(|| head_path(source, &error))),
        Ok(()) => end(source, &mut json)?,
    }
    fields.into_head(source.name())
}

fn read_tests<K: Kind>(source: &Source, head: &Head, visit: &mut impl Visit) -> Result<(), VectorError> {
    let (mut stopped, piece) = (None, Piece::new());
    let mut json = serde_json::Deserializer::from_reader(source.open(&piece)?);
    let read = FileSeed::<K, _>::new(head, visit, &mut stopped, &piece).deserialize(&mut json);
    match (read, stopped) {
        (_, Some(error)) => Err(error),
        (Ok(()), None) => end(source, &mut json),
        (Err(error), None) => Err(match json_error(source, &error) {
            Some(error) => error,
            None => path_of::<K>(source, head)?.unwrap_or_else(|| schema_error(source, &error, String::new())),
        }),
    }
}

/// Nothing but white space may follow.
fn end(source: &Source, json: &mut Json<'_>) -> Result<(), VectorError> {
    json.end()
        .map_err(|error| json_error(source, &error).unwrap_or_else(|| schema_error(source, &error, String::new())))
}

/// Reads the tests once more, without looking at them, to name the place of the breach.
fn path_of<K: Kind>(source: &Source, head: &Head) -> Result<Option<VectorError>, VectorError> {
    struct Blind;
    impl Visit for Blind {
        fn test<K: Kind>(&mut self, _: &Head, _: &Group<K>, _: Test<K>) -> Result<(), VectorError> {
            Ok(())
        }
    }
    let (mut blind, mut stopped, piece) = (Blind, None, Piece::new());
    tracked(source, FileSeed::<K, _>::new(head, &mut blind, &mut stopped, &piece), &piece)
}

fn head_path(source: &Source, error: &serde_json::Error) -> VectorError {
    let (mut fields, piece) = (visitors::HeadFields::default(), Piece::new());
    let found = tracked(source, HeadSeed { fields: &mut fields, piece: &piece }, &piece);
    found.ok().flatten().unwrap_or_else(|| schema_error(source, error, String::new()))
}

fn tracked<'de, S: DeserializeSeed<'de>>(
    source: &Source,
    seed: S,
    piece: &Piece,
) -> Result<Option<VectorError>, VectorError> {
    let mut json = serde_json::Deserializer::from_reader(source.open(piece)?);
    let mut track = serde_path_to_error::Track::new();
    let outcome = seed.deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    Ok(outcome.err().map(|error| schema_error(source, &error, track.path().to_string())))
}

/// An error that is not about the schema; nothing if it is.
fn json_error(source: &Source, error: &serde_json::Error) -> Option<VectorError> {
    let file = source.name();
    match error.classify() {
        Category::Data => None,
        Category::Io => Some(VectorError::Unreadable { file, source: io::Error::other(error.to_string()) }),
        Category::Syntax | Category::Eof => {
            let (line, column) = (error.line(), error.column());
            Some(VectorError::Json { file, line, column, message: without_place(error) })
        }
    }
}

fn schema_error(source: &Source, error: &serde_json::Error, path: String) -> VectorError {
    let path = if path.is_empty() || path == "." { "the file".into() } else { path };
    let (line, column) = (error.line(), error.column());
    VectorError::Schema { file: source.name(), line, column, path, message: without_place(error) }
}

/// What the parser says, without the place that stands before it anyway.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).map_or(text.clone(), str::to_owned)
}

//! Vector files as text, for tests.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use vectors::{Filter, Library, Report, Source, VectorError};

/// Name and text of the files that come with the crate.
pub fn embedded() -> Vec<(String, String)> {
    let text = |source: Source| match source {
        Source::Text { name, text } => (name.into_owned(), text.into_owned()),
        other => panic!("{other:?}"),
    };
    vectors::embedded().into_iter().map(text).collect()
}

/// The library against the text of one file.
pub fn verify(text: &str) -> Result<Report, VectorError> {
    verify_all(&[text]).map(|mut reports| reports.pop().unwrap())
}

/// The library against several files, called `0.json` and so on.
pub fn verify_all(texts: &[&str]) -> Result<Vec<Report>, VectorError> {
    let source =
        |(i, text): (usize, &&str)| Source::Text { name: format!("{i}.json").into(), text: (*text).to_owned().into() };
    let sources: Vec<Source> = texts.iter().enumerate().map(source).collect();
    vectors::verify(&sources, &mut Library, &Filter::default(), &mut ())
}

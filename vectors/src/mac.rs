//! Kind `mac`: a MAC algorithm alone.

use digitally::Algorithm;
use serde::Deserialize;

use crate::file::{self, test_fields};
use crate::hex_text::Hex;
use crate::report::{Mismatch, refused, same};

/// Tests with one key and one length of tag.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    comment: String,
    #[serde(deserialize_with = "file::algorithm")]
    algorithm: Algorithm,
    key: Hex,
    tag_bits: usize,
    tests: Vec<Test>,
}

/// The tag of `input` starts with `tag`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    id: String,
    comment: String,
    #[serde(default)]
    flags: Vec<String>,
    input: Hex,
    tag: Hex,
    expect: String,
}

test_fields!(Test);

impl Test {
    fn hex_fields(&self) -> Vec<(String, &Hex)> {
        vec![("input".into(), &self.input), ("tag".into(), &self.tag)]
    }
}

impl file::Group for Group {
    type Test = Test;

    fn comment(&self) -> &str {
        &self.comment
    }

    fn tests(&self) -> &[Test] {
        &self.tests
    }

    fn key(&self) -> &Hex {
        &self.key
    }

    fn verify(&self, test: &Test) -> Result<(), Mismatch> {
        let len = test.tag.bytes().len();
        same("tag_bits", self.tag_bits, len.saturating_mul(8))?;
        let tag = digitally::mac::tag(self.algorithm, self.key.bytes(), test.input.bytes())
            .map_err(|error| refused("key", error))?;
        let start = tag.expose().get(..len).unwrap_or(tag.expose());
        same("tag", &test.tag, hex::encode(start))?;
        // What a card calls is not the comparison above but this one, in constant time.
        if tag.starts_with(test.tag.bytes()) { Ok(()) } else { Err(refused("tag", "an empty tag matches nothing")) }
    }
}

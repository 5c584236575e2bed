//! Kind `mac`: a MAC algorithm alone.

use digitally::Algorithm;
use serde::{Deserialize, Serialize};

use super::{Answer, Kind, suite};
use crate::expect::Expect;
use crate::hex_text::Hex;

/// The kind.
pub(crate) struct Mac;

/// One key, and how much of the tag is looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    #[serde(with = "suite::algorithm_name")]
    pub(crate) algorithm: Algorithm,
    pub(crate) key: Hex,
    pub(crate) tag_bits: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) message: Hex,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) tag: Hex,
}

impl Kind for Mac {
    const NAME: &'static str = "mac";
    type Shared = Shared;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["tag"];

    fn answer(shared: &Shared, input: &Input) -> Option<Answer<Output>> {
        let tag = digitally::mac::tag(shared.algorithm, shared.key.bytes(), input.message.bytes());
        Some(tag.map_err(|_| Expect::malformed("P-ALG-2")).and_then(|tag| {
            let whole = shared.tag_bits.checked_div(8).filter(|_| shared.tag_bits.is_multiple_of(8));
            let len = whole.and_then(|len| usize::try_from(len).ok());
            let start = len.and_then(|len| tag.expose().get(..len)).filter(|start| tag.starts_with(start));
            // What a card calls is `starts_with`, in constant time: it has to agree.
            start.map(|start| Output { tag: start.into() }).ok_or_else(|| Expect::malformed("tag-bits"))
        }))
    }
}

//! Kind `derive`: key derivation, SP 800-108r1 in counter mode with AES-CMAC.

use digitally::{Algorithm, Key, Master};
use serde::{Deserialize, Serialize};

use super::{Answer, Kind};
use crate::expect::Expect;
use crate::hex_text::Hex;

/// The kind.
pub(crate) struct Derive;

/// The key that is derived from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    pub(crate) key: Hex,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) label: Hex,
    pub(crate) context: Hex,
    /// L, the length of the output in bits.
    pub(crate) bits: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    /// What each block is the CMAC of.
    pub(crate) inputs: Vec<Hex>,
    /// K(1), K(2), …
    pub(crate) blocks: Vec<Hex>,
    pub(crate) output: Hex,
}

/// A block of AES-CMAC.
const BLOCK: u32 = 16;

/// The most that P-DER-1 allows: a file cannot ask for half a gigabyte.
const MOST_BITS: u32 = 65_536;

impl Kind for Derive {
    const NAME: &'static str = "derive";
    type Shared = Shared;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["output"];

    fn answer(shared: &Shared, input: &Input) -> Option<Answer<Output>> {
        Some(derive(shared, input))
    }
}

fn derive(shared: &Shared, input: &Input) -> Answer<Output> {
    let malformed = |_| Expect::malformed("P-DER-2");
    let key = Key::<Master>::new(Algorithm::AesCmac, shared.key.bytes()).map_err(malformed)?;
    if !input.bits.is_multiple_of(8) || input.bits == 0 || input.bits > MOST_BITS {
        return Err(Expect::malformed("P-DER-1"));
    }
    let len = input.bits / 8;
    let inputs: Vec<Hex> = (1..=len.div_ceil(BLOCK)).map(|i| input.block(i).into()).collect();
    let blocks = inputs.iter().map(|block| key.tag(block.bytes()).expose().into()).collect();
    let mut output = vec![0; usize::try_from(len).unwrap_or(0)];
    digitally::derive::bytes(&key, input.label.bytes(), input.context.bytes(), &mut output)
        .map_err(|_| Expect::malformed("P-DER-2"))?;
    Ok(Output { inputs, blocks, output: output.into() })
}

impl Input {
    /// `[i]₃₂ ‖ label ‖ 00 ‖ context ‖ [L]₃₂`.
    fn block(&self, i: u32) -> Vec<u8> {
        let (i, bits) = (i.to_be_bytes(), self.bits.to_be_bytes());
        [&i[..], self.label.bytes(), &[0], self.context.bytes(), &bits].concat()
    }
}

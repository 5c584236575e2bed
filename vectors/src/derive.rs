//! Kind `derive`: key derivation, SP 800-108r1 in counter mode with AES-CMAC.

use digitally::{Algorithm, Key, Master};
use serde::Deserialize;

use crate::file::{self, test_fields};
use crate::hex_text::Hex;
use crate::report::{Mismatch, refused, same};

/// Tests with one key to derive from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    comment: String,
    key: Hex,
    tests: Vec<Test>,
}

/// `bits` of output for a label and a context, with the input and the tag of each block.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    id: String,
    comment: String,
    #[serde(default)]
    flags: Vec<String>,
    label: Hex,
    context: Hex,
    bits: u32,
    inputs: Vec<Hex>,
    blocks: Vec<Hex>,
    output: Hex,
    expect: String,
}

test_fields!(Test);

impl Test {
    fn hex_fields(&self) -> Vec<(String, &Hex)> {
        let mut all = vec![("label".into(), &self.label), ("context".into(), &self.context)];
        all.extend(self.inputs.iter().enumerate().map(|(i, hex)| (format!("inputs[{i}]"), hex)));
        all.extend(self.blocks.iter().enumerate().map(|(i, hex)| (format!("blocks[{i}]"), hex)));
        all.push(("output".into(), &self.output));
        all
    }

    /// `[i]₃₂ ‖ label ‖ 00 ‖ context ‖ [L]₃₂`.
    fn block_input(&self, i: u32) -> Vec<u8> {
        let (i, bits) = (i.to_be_bytes(), self.bits.to_be_bytes());
        [&i[..], self.label.bytes(), &[0], self.context.bytes(), &bits].concat()
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
        let key = Key::<Master>::new(Algorithm::AesCmac, self.key.bytes()).map_err(|error| refused("key", error))?;
        let len = test.output.bytes().len();
        let blocks = len.div_ceil(16);
        same("bits", test.bits, len.saturating_mul(8))?;
        same("inputs", format!("{} of them", test.inputs.len()), format!("{blocks} of them"))?;
        same("blocks", format!("{} of them", test.blocks.len()), format!("{blocks} of them"))?;
        for ((number, i), (input, block)) in (1..).zip(0..blocks).zip(test.inputs.iter().zip(&test.blocks)) {
            let computed = test.block_input(number);
            same(format!("inputs[{i}]"), input, hex::encode(&computed))?;
            same(format!("blocks[{i}]"), block, hex::encode(key.tag(&computed).expose()))?;
        }
        let mut output = vec![0; len];
        digitally::derive::bytes(&key, test.label.bytes(), test.context.bytes(), &mut output)
            .map_err(|error| refused("label", error))?;
        same("output", &test.output, hex::encode(output))
    }
}

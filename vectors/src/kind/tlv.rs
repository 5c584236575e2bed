//! Kind `tlv`: data objects in BER-TLV as ISO/IEC 7816-4 restricts it.

use apdu::TlvErrorKind;
use serde::{Deserialize, Serialize};

use super::{Answer, Kind};
use crate::expect::Expect;
use crate::hex_text::Hex;

/// The kind.
pub(crate) struct Tlv;

/// Nothing is shared.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) bytes: Hex,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    objects: Vec<Object>,
    /// The same objects with the shortest lengths and nothing between them.
    encoded: Hex,
}

/// One data object: a constructed one has objects, a primitive one a value.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    tag: Hex,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Hex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    objects: Option<Vec<Object>>,
}

/// So many levels of objects are read. Deeper ones are not read: a card has a small stack.
const DEEPEST: u8 = 8;

impl Kind for Tlv {
    const NAME: &'static str = "tlv";
    type Shared = Shared;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["objects"];

    fn answer(_: &Shared, input: &Input) -> Option<Answer<Output>> {
        Some(objects(input.bytes.bytes(), DEEPEST).map(|objects| {
            let encoded = encode(&objects).into();
            Output { objects, encoded }
        }))
    }
}

fn objects(bytes: &[u8], deepest: u8) -> Result<Vec<Object>, Expect> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(Vec::new());
    }
    let deeper = deepest.checked_sub(1).ok_or_else(|| Expect::malformed("nesting"))?;
    apdu::tlv::iter(bytes)
        .map(|found| {
            let found = found.map_err(|error| match error.kind {
                TlvErrorKind::TagTruncated | TlvErrorKind::TagInvalid => Expect::malformed("tag"),
                TlvErrorKind::ValueTruncated { .. } => Expect::malformed("value"),
                _ => Expect::malformed("length"),
            })?;
            let tag = Hex(tag_bytes(found.tag));
            if found.tag.is_constructed() {
                Ok(Object { tag, value: None, objects: Some(objects(found.value, deeper)?) })
            } else {
                Ok(Object { tag, value: Some(found.value.into()), objects: None })
            }
        })
        .collect()
}

fn tag_bytes(tag: apdu::Tag) -> Vec<u8> {
    let bytes = tag.value().to_be_bytes();
    let start = bytes.len().saturating_sub(tag.encoded_len());
    bytes.get(start..).unwrap_or_default().to_vec()
}

/// Through the writer of the library.
fn encode(objects: &[Object]) -> Vec<u8> {
    let mut all = Vec::new();
    for object in objects {
        let value = match &object.objects {
            Some(inner) => encode(inner),
            None => object.value.as_ref().map(|value| value.bytes().to_vec()).unwrap_or_default(),
        };
        let Ok((tag, _)) = apdu::Tag::parse(object.tag.bytes()) else { continue };
        let mut buffer = vec![0; value.len().saturating_add(8)];
        let mut writer = apdu::tlv::Writer::new(&mut buffer);
        if writer.put(tag, &value).is_ok() {
            all.extend_from_slice(writer.finish());
        }
    }
    all
}

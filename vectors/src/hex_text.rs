//! Bytes as a vector file writes them.

use std::fmt;

use serde::Deserialize;

/// Bytes in hexadecimal.
///
/// Reading keeps a fault instead of reporting it: the file reports it later, together with the id of the test.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Hex {
    bytes: Vec<u8>,
    fault: Option<hex::FromHexError>,
}

impl Hex {
    /// The bytes; none if the text was faulty, which no file that was read without an error has.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Why the text is not hexadecimal, if it is not.
    pub(crate) fn fault(&self) -> Option<hex::FromHexError> {
        self.fault
    }
}

impl From<String> for Hex {
    fn from(text: String) -> Self {
        match hex::decode(text) {
            Ok(bytes) => Self { bytes, fault: None },
            Err(fault) => Self { bytes: Vec::new(), fault: Some(fault) },
        }
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.bytes))
    }
}

//! The name of an application.

use apdu::Aid;

/// What is taken as an AID is kept as it is.
pub fn aid(bytes: &[u8]) {
    match Aid::new(bytes) {
        Ok(aid) => assert_eq!(aid.as_bytes(), bytes),
        Err(error) => assert_eq!(error.length, bytes.len()),
    }
}

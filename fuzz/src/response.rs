//! A response APDU.

use apdu::Response;

/// What reads as a response is written as the same bytes, and its status can be explained.
pub fn response(bytes: &[u8]) {
    let Ok(response) = Response::decode(bytes) else { return };
    let mut out = vec![0; bytes.len()];
    assert_eq!(response.encode(&mut out), Ok(bytes.len()));
    assert!(out == bytes, "{response:?}");
    assert!(!response.sw.name().is_empty() && !response.sw.explanation().is_empty());
}

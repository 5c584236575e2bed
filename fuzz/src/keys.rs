//! Files of keys: the issuer's, and transport keys.

use issuer::Issuer;
use issuer::personalise::TransportKeys;

/// The bytes are either file. What is read is written as it was read; what is not is named without any of it.
pub fn keys(bytes: &[u8]) {
    if let Err(why) = TransportKeys::read(bytes) {
        tells_no_key(&why);
    }
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    match Issuer::read(text) {
        Ok(issuer) => {
            let written = issuer.text(true).expect("it can be written");
            let again = Issuer::read(&written).expect("it has just been written");
            assert_eq!(*again.text(true).expect("it can be written"), *written);
        }
        Err(why) => tells_no_key(&why),
    }
}

/// The shortest key has 32 digits; a third of them is too much already.
fn tells_no_key(why: &str) {
    let longest = why.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max().unwrap_or(0);
    assert!(longest < 10, "{why}");
}

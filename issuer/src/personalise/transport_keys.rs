//! The keys that blank cards have from their manufacturer, and the file in which an issuer keeps them.
//!
//! ```json
//! {
//!   "format": "digitally-transport-keys",
//!   "key_version": "FF",
//!   "enc": "404142434445464748494A4B4C4D4E4F",
//!   "mac": "404142434445464748494A4B4C4D4E4F",
//!   "dek": "404142434445464748494A4B4C4D4E4F",
//!   "check_values": {"enc": "504A77", "mac": "504A77", "dek": "504A77"}
//! }
//! ```
//!
//! All in hexadecimal; `key_version` is 01 to FF. The check values (AES over 16 bytes `01`, as in PUT KEY) may be left out;
//! where they stand they are checked, before a card is asked anything: a mistyped key costs one of its few tries.

use std::path::{Path, PathBuf};

use globalplatform::{Key, KeySet};
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

const FORMAT: &str = "digitally-transport-keys";

/// The keys that blank cards have from their manufacturer, in transport.
#[derive(Debug)]
pub struct TransportKeys {
    /// Their version.
    pub version: u8,
    /// The keys themselves.
    pub keys: KeySet,
}

/// Why there are no transport keys to work with. No key stands in any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportKeysError {
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// It is another file, or a damaged one.
    #[error("{} is not a file of transport keys: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any of it.
        why: String,
    },
    /// Others than its owner may read the file.
    #[error("{} holds keys, and others may read it", .0.display())]
    OpenToOthers(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    key_version: String,
    enc: String,
    mac: String,
    dek: String,
    check_values: Option<CheckValues>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckValues {
    enc: String,
    mac: String,
    dek: String,
}

impl Drop for File {
    fn drop(&mut self) {
        for key in [&mut self.enc, &mut self.mac, &mut self.dek] {
            key.zeroize();
        }
    }
}

impl TransportKeys {
    /// Reads a file of transport keys, which only its owner may read.
    ///
    /// # Errors
    /// [`TransportKeysError`].
    pub fn open(path: &Path) -> Result<Self, TransportKeysError> {
        let unreadable = |error| TransportKeysError::Unreadable { path: path.to_owned(), error };
        let text = std::fs::read(path).map(Zeroizing::new).map_err(unreadable)?;
        let keys = Self::read(&text).map_err(|why| TransportKeysError::Malformed { path: path.to_owned(), why })?;
        if crate::keys::file::open_to_others(path).map_err(unreadable)? {
            return Err(TransportKeysError::OpenToOthers(path.to_owned()));
        }
        Ok(keys)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// What is wrong with it, without any of it.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(text).map_err(|error| crate::keys::file::place(&error))?;
        if file.format != FORMAT {
            return Err(format!("its format is not `{FORMAT}`"));
        }
        let mut version = [0];
        hex::decode_to_slice(&file.key_version, &mut version)
            .ok()
            .filter(|()| version != [0])
            .ok_or("its key_version is not 01 to FF")?;
        let key = |name: &str, text: &str, check: Option<&String>| {
            let bytes =
                hex::decode(text).map(Zeroizing::new).map_err(|_| format!("the key `{name}` is not in hexadecimal"))?;
            let key = Key::new(&bytes).map_err(|_| format!("the key `{name}` has not 16, 24 or 32 bytes"))?;
            match check {
                Some(check) if !check.eq_ignore_ascii_case(&key.check_value().to_string()) => {
                    Err(format!("the key `{name}` has not its check value"))
                }
                _ => Ok(key),
            }
        };
        let checks = file.check_values.as_ref();
        let enc = key("enc", &file.enc, checks.map(|checks| &checks.enc))?;
        let mac = key("mac", &file.mac, checks.map(|checks| &checks.mac))?;
        let dek = key("dek", &file.dek, checks.map(|checks| &checks.dek))?;
        let [version] = version;
        let keys = KeySet::new(enc, mac, dek).map_err(|error| error.to_string())?;
        Ok(Self { version, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"format": "digitally-transport-keys", "key_version": "fE",
        "enc": "404142434445464748494A4B4C4D4E4F", "mac": "505152535455565758595a5b5c5d5e5f",
        "dek": "404142434445464748494A4B4C4D4E4F", "check_values": {"enc": "504a77", "mac": "MAC", "dek": "504A77"}}"#;

    fn good() -> String {
        let mac = Key::new(&hex::decode("505152535455565758595a5b5c5d5e5f").unwrap()).unwrap().check_value();
        GOOD.replace("MAC", &mac.to_string())
    }

    #[test]
    fn a_file_reads_back() {
        let read = TransportKeys::read(good().as_bytes()).unwrap();
        assert_eq!(read.version, 0xFE);
        assert!(read.keys.enc().same(read.keys.dek()) && !read.keys.enc().same(read.keys.mac()));
        let without = good().split_once(", \"check_values\"").unwrap().0.to_owned() + "}";
        assert!(TransportKeys::read(without.as_bytes()).unwrap().keys.mac().same(read.keys.mac()));
    }

    #[test]
    fn what_is_no_such_file_is_refused_without_showing_keys() {
        let check = |text: String, what: &str| {
            let why = TransportKeys::read(text.as_bytes()).unwrap_err();
            assert!(why.contains(what) && !why.contains("4041") && !why.contains("5051"), "{why}");
        };
        check(good().replace("transport-keys", "issuer"), "its format");
        check(good().replace("\"fE\"", "\"00\""), "key_version");
        check(good().replace("\"fE\"", "\"0030\""), "key_version");
        check(good().replace("\"fE\"", "48"), "another type");
        check(good().replacen("404142", "40414x", 1), "`enc` is not in hexadecimal");
        check(good().replacen("404142", "4041", 1), "`enc` has not 16, 24 or 32 bytes");
        check(good().replace("505152", "505153"), "`mac` has not its check value");
        check(good().replace("\"dek\": \"40", "\"key\": \"40"), "a field");
        check(good().replace("\"fE\",", "\"fE\", \"more\": 1,"), "a field");
        check(String::new(), "too early");
        check("404142434445464748494A4B4C4D4E4F".to_owned(), "");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("transport.json");
        assert!(matches!(TransportKeys::open(&path), Err(TransportKeysError::Unreadable { .. })));
        std::fs::write(&path, good()).unwrap();
        for (mode, open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            match TransportKeys::open(&path) {
                Ok(_) => assert!(!open, "{mode:o}"),
                Err(error) => {
                    assert!(open && matches!(error, TransportKeysError::OpenToOthers(_)), "{mode:o}: {error}")
                }
            }
        }
    }
}

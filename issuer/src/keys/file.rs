//! The issuer file: JSON, for its owner only, never overwritten, locked while a register is in use with it.
//!
//! Version 2 has a list of keys, each with its name, what it is for, its algorithm, its bytes and its check value; the
//! scheme and version of domain keys; and whether there is a register. Version 1 had one key, and counted cards itself:
//! it is read as it is, and becomes version 2 when it is first opened with its register ([`Opened`]).

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use applet_model::runtime::{Fault, Random};
use digitally::derive::{self, DeriveError};
use digitally::{Algorithm, Key, Msisdn};
use globalplatform::KeySet;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{Choice, Domain, Issuer};
use crate::register::{self, Earlier, Register, RegisterError};

const FORMAT: &str = "digitally-issuer";
const VERSION: u64 = 2;
const NOTE: &str = "Whoever has these keys can make money: keep this file secret, and keep a copy, with the register \
                    beside it. An old copy of the register would make the same card twice.";

/// How long a file that another process works with is waited for.
const WAIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Why there is no issuer file to work with, or no key in it. No key stands in any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The random source has nothing to give.
    #[error("no key could be drawn: {0}")]
    Random(Fault),
    /// No such keys can be made.
    #[error("{0}")]
    Choice(&'static str),
    /// There is no such file.
    #[error("there is no issuer file {}", .0.display())]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// The file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// It is another file, or a damaged one.
    #[error("{} is not an issuer file: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any of it.
        why: String,
    },
    /// Others than its owner may read the file.
    #[error("{} holds keys, and others may read it", .0.display())]
    OpenToOthers(PathBuf),
    /// Another process works with it.
    #[error("{} is in use by another process; waited {wait:?}", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// How long was waited.
        wait: Duration,
    },
    /// No key can be derived.
    #[error("no key can be derived: {0}")]
    Underivable(#[from] DeriveError),
    /// Its register cannot be worked with.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Second {
    format: String,
    version: u64,
    note: String,
    keys: Vec<NamedKey>,
    domain: DomainFields,
    /// Whether there is a register. Without one no card has been made.
    register: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedKey {
    name: String,
    purpose: String,
    algorithm: String,
    bytes: String,
    check_value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainFields {
    diversification: String,
    key_version: u8,
}

/// As it was written until there was a register.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    format: String,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(rename = "note")]
    _note: String,
    diversification: String,
    keys: OneKey,
    #[serde(default)]
    cards: BTreeMap<String, Earlier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneKey {
    master: String,
}

#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

impl Drop for NamedKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Drop for OneKey {
    fn drop(&mut self) {
        self.master.zeroize();
    }
}

/// The keys of a file, by name, and what each is for.
const KEYS: [(&str, &str); 4] = [
    ("purse", "payment keys, and each purse's issuer key, PUK and first PIN, by sp800-108-counter-cmac"),
    ("domain-enc", "Key-ENC of each card's issuer domain"),
    ("domain-mac", "Key-MAC of each card's issuer domain"),
    ("domain-dek", "Key-DEK of each card's issuer domain"),
];

/// What stands in a file.
struct Contents {
    issuer: Issuer,
    register: bool,
    cards: BTreeMap<Msisdn, Earlier>,
}

impl Issuer {
    /// Writes a new issuer file, which only its owner can read, unless somebody else has just made one: nothing is ever
    /// overwritten. Returns whether it did.
    ///
    /// # Errors
    /// [`KeysError::Unwritable`].
    pub fn create(&self, path: &Path) -> Result<bool, KeysError> {
        self.write(path, false, |temporary| match temporary.persist_noclobber(path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        })
    }

    /// Reads an issuer file.
    ///
    /// # Errors
    /// If it is not there, is not such a file, or others can read it.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        Ok(read(path)?.issuer)
    }

    /// Reads the text of an issuer file, of either version.
    ///
    /// # Errors
    /// What is wrong with it, without any of it.
    pub fn read(text: &str) -> Result<Self, String> {
        Ok(parse(text)?.issuer)
    }

    /// The text of an issuer file with these keys, which says whether there is a register.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn text(&self, register: bool) -> std::io::Result<Zeroizing<String>> {
        let [enc, mac, dek] = self.domain.masters.all().map(globalplatform::Key::expose);
        let named = |((name, purpose), bytes): ((&str, &str), &[u8])| NamedKey {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            algorithm: algorithm(bytes.len()),
            bytes: hex::encode(bytes),
            check_value: aes(bytes).map(|key| key.check_value().to_string()).unwrap_or_default(),
        };
        let file = Second {
            format: FORMAT.to_owned(),
            version: VERSION,
            note: NOTE.to_owned(),
            keys: KEYS.into_iter().zip([self.purse.expose(), enc, mac, dek]).map(named).collect(),
            domain: DomainFields {
                diversification: self.domain.scheme.name().to_owned(),
                key_version: self.domain.version,
            },
            register,
        };
        let mut text = Zeroizing::new(serde_json::to_string_pretty(&file).map_err(std::io::Error::from)?);
        text.push('\n');
        Ok(text)
    }

    fn write<T>(
        &self,
        path: &Path,
        register: bool,
        persist: impl FnOnce(tempfile::NamedTempFile) -> std::io::Result<T>,
    ) -> Result<T, KeysError> {
        let write = || {
            let text = self.text(register)?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // Temporary files are made with mode 0600.
            let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
            temporary.write_all(text.as_bytes())?;
            temporary.as_file().sync_all()?;
            let outcome = persist(temporary)?;
            std::fs::File::open(folder)?.sync_all()?;
            Ok(outcome)
        };
        write().map_err(|error: std::io::Error| KeysError::Unwritable { path: path.to_owned(), error })
    }
}

fn algorithm(bytes: usize) -> String {
    format!("AES-{}", bytes.saturating_mul(8))
}

fn aes(bytes: &[u8]) -> Option<globalplatform::Key> {
    globalplatform::Key::new(bytes).ok()
}

fn read(path: &Path) -> Result<Contents, KeysError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => KeysError::Missing(path.to_owned()),
        _ => unreadable(path, error),
    })?;
    let contents = parse(&text);
    let contents = contents.map_err(|why| KeysError::Malformed { path: path.to_owned(), why })?;
    private(path)?;
    Ok(contents)
}

/// The contents of a file, or what is wrong with it, without any of it.
fn parse(text: &str) -> Result<Contents, String> {
    let header: Header = serde_json::from_str(text).map_err(|error| place(&error))?;
    if header.format != FORMAT {
        return Err(format!("its format is not `{FORMAT}`"));
    }
    match header.version {
        1 => first(text),
        VERSION => second(text),
        // What stands there is not shown: in another file it may be anything.
        _ => Err(format!("its version is none that this program knows: 1 and {VERSION}")),
    }
}

fn first(text: &str) -> Result<Contents, String> {
    let file: First = serde_json::from_str(text).map_err(|error| place(&error))?;
    if file.format != FORMAT || file.diversification != derive::NAME {
        return Err(format!("its diversification is not `{}`", derive::NAME));
    }
    let master = hex::decode(&file.keys.master).map(Zeroizing::new);
    let master = master.ok().filter(|bytes| matches!(bytes.len(), 16 | 32));
    let master = master.ok_or("the master key is not 16 or 32 bytes in hexadecimal")?;
    let master = Key::new(Algorithm::AesCmac, &master).map_err(|_| "the master key is no AES key")?;
    let issuer = Issuer::of_one_key(master).map_err(|error| error.to_string())?;
    let cards = file.cards.iter().map(|(number, made)| Ok((number.parse()?, *made)));
    let cards = cards.collect::<Result<_, digitally::MsisdnError>>().map_err(|_| "a card's number is none")?;
    Ok(Contents { issuer, register: false, cards })
}

fn second(text: &str) -> Result<Contents, String> {
    let file: Second = serde_json::from_str(text).map_err(|error| place(&error))?;
    let mut names: Vec<&str> = file.keys.iter().map(|key| key.name.as_str()).collect();
    names.sort_unstable();
    if names != ["domain-dek", "domain-enc", "domain-mac", "purse"] {
        return Err("its keys are not purse, domain-enc, domain-mac and domain-dek, each once".to_owned());
    }
    let bytes = |name: &str| {
        let named = file.keys.iter().find(|key| key.name == name).ok_or("a key is missing")?;
        let wrong = |what| format!("the key `{name}` {what}");
        let bytes = hex::decode(&named.bytes).map(Zeroizing::new).map_err(|_| wrong("is not in hexadecimal"))?;
        let key = aes(&bytes).ok_or_else(|| wrong("has not 16, 24 or 32 bytes"))?;
        if named.algorithm != algorithm(bytes.len()) {
            return Err(wrong("has not the length of its algorithm"));
        }
        if !named.check_value.eq_ignore_ascii_case(&key.check_value().to_string()) {
            return Err(wrong("has not its check value"));
        }
        Ok(bytes)
    };
    let purse = Key::new(Algorithm::AesCmac, &bytes("purse")?).map_err(|_| "the key `purse` has not 16 or 32 bytes")?;
    let key = |name| aes(&bytes(name)?).ok_or_else(|| "a key has a wrong length".to_owned());
    let masters = KeySet::new(key("domain-enc")?, key("domain-mac")?, key("domain-dek")?);
    let masters = masters.map_err(|error| error.to_string())?;
    let scheme = file
        .domain
        .diversification
        .parse()
        .map_err(|error: globalplatform::diversify::UnknownScheme| error.to_string())?;
    let version = Some(file.domain.key_version).filter(|version| matches!(version, 0x01..=0x7F));
    let version = version.ok_or("its key version is not 1 to 127")?;
    let issuer = Issuer::new(purse, Domain { scheme, version, masters });
    Ok(Contents { issuer, register: file.register, cards: BTreeMap::new() })
}

/// Only its owner may read a file of keys.
fn private(path: &Path) -> Result<(), KeysError> {
    match open_to_others(path).map_err(|error| unreadable(path, error))? {
        true => Err(KeysError::OpenToOthers(path.to_owned())),
        false => Ok(()),
    }
}

/// Whether others than its owner may read or write a file.
pub(crate) fn open_to_others(path: &Path) -> std::io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    Ok(false)
}

/// Where JSON went wrong, without quoting any of it: it may be the key.
pub(crate) fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data => "a field is unknown, missing, twice or of another type",
        _ => "it is not JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

fn unreadable(path: &Path, error: std::io::Error) -> KeysError {
    KeysError::Unreadable { path: path.to_owned(), error }
}

/// An issuer file with its register, which no other process works with.
#[derive(Debug)]
pub struct Opened {
    /// The keys.
    pub issuer: Issuer,
    /// The cards.
    pub register: Register,
    /// Where the file is, without links.
    pub path: PathBuf,
    /// Whether it was made just now.
    pub created: bool,
    #[expect(dead_code, reason = "held, not read: closing it lets the next process go on")]
    lock: std::fs::File,
}

impl Opened {
    /// Opens an issuer file and its register. One of version 1 becomes version 2, and what it knew of cards goes to the
    /// register, which is made for it.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        // What a link leads to is locked and replaced, not the link: else there would soon be two files.
        let target = path.canonicalize().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => KeysError::Missing(path.to_owned()),
            _ => unreadable(path, error),
        })?;
        let mut lock = lock(&target)?;
        let Contents { issuer, register, cards } = read(path)?;
        let (place, id) = (Self::register_of(&target), issuer.register_id()?);
        let register = if register {
            Register::open(&place, &id, register::WAIT)?
        } else {
            let mut register = Register::open_or_create(&place, &id, register::WAIT)?;
            register.import(&cards)?;
            // The register is complete: only now does the file say that there is one. The lock moves along.
            lock = issuer.write(&target, true, |temporary| {
                temporary.as_file().lock()?;
                temporary.persist(&target).map_err(|error| error.error)
            })?;
            register
        };
        Ok(Self { issuer, register, path: target, created: false, lock })
    }

    /// The issuer file at this path: opened, or made where there is none. Says whether it was made.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn open_or_create(path: &Path, random: &mut dyn Random, choice: Choice) -> Result<Self, KeysError> {
        let created = !path.exists() && Issuer::random(random, choice)?.create(path)?;
        Ok(Self { created, ..Self::open(path)? })
    }

    /// Where the register of an issuer file is: beside it, `.register` instead of its last extension.
    #[must_use]
    pub fn register_of(path: &Path) -> PathBuf {
        path.with_extension("register")
    }
}

/// Waits until nobody else holds the file, and holds it. The file may be replaced while we wait: then again.
fn lock(path: &Path) -> Result<std::fs::File, KeysError> {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt;
    let mut waited = Duration::ZERO;
    loop {
        let file = std::fs::File::open(path).map_err(|error| unreadable(path, error))?;
        match file.try_lock() {
            Ok(()) => {
                let inodes = file.metadata().and_then(|held| Ok((held.ino(), std::fs::metadata(path)?.ino())));
                let (held, there) = inodes.map_err(|error| unreadable(path, error))?;
                if held == there {
                    return Ok(file);
                }
            }
            Err(TryLockError::WouldBlock) if waited < WAIT => {
                std::thread::sleep(PAUSE);
                waited = waited.saturating_add(PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Err(KeysError::Locked { path: path.to_owned(), wait: WAIT }),
            Err(TryLockError::Error(error)) => return Err(unreadable(path, error)),
        }
    }
}

#[cfg(test)]
mod tests;

//! The issuer file: one master key, from which every key of every card is derived, and which cards have been made.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use applet_model::runtime::{Fault, PinBlock, Random};
use digitally::derive::{self, DeriveError};
use digitally::{Algorithm, Issuer as IssuerPurpose, Key, Master, Msisdn, Payment, Scheme};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// Why there is no issuer file to work with, or no key in it. No key stands in any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The random source has nothing to give.
    #[error("no key could be drawn: {0}")]
    Random(Fault),
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
    /// No key can be derived.
    #[error("no key can be derived: {0}")]
    Underivable(#[from] DeriveError),
    /// The number has had so many cards that nobody new could pay another one.
    #[error("{number} has had {cards} cards, and their serials are used up")]
    SerialsUsedUp {
        /// Whose cards.
        number: Msisdn,
        /// How many.
        cards: u8,
    },
}

const FORMAT: &str = "digitally-issuer";
const VERSION: u64 = 1;
const NOTE: &str = "The master key derives the payment key of all cards, and the issuer key and PUK of each card. \
                    Whoever has it can make money: keep it secret, and keep a copy. \
                    `cards` counts the cards of each number: an old copy would make the same card twice.";

/// An issuer: its master key, and the cards made so far.
#[derive(Debug)]
pub struct Issuer {
    master: Key<Master>,
    cards: BTreeMap<String, Made>,
}

/// What has been made for one phone number.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    /// How many cards.
    cards: u8,
    /// No serial above this can have been used by them.
    serials: u32,
}

/// Which card of its holder a card is. Another one has other keys, and serials above all that this one can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Card sequence number, from 1 on.
    pub sequence: u8,
    /// The card's serials are above this number.
    pub serials_above: u32,
}

impl Place {
    /// The holder's first card.
    pub const FIRST: Self = Self { sequence: 1, serials_above: 0 };
}

/// A payer who never paid this payee finds serials up to 16 ranges of a thousand; further ones, nobody new can pay.
const REACH: u32 = 15_000;

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    version: u64,
    note: String,
    diversification: String,
    keys: Keys,
    /// By phone number.
    #[serde(default)]
    cards: BTreeMap<String, Made>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    master: String,
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.master.zeroize();
    }
}

impl Issuer {
    /// A new issuer with a master key of 256 bits from this source.
    ///
    /// # Errors
    /// If the source has no bytes to give.
    pub fn random(random: &mut dyn Random) -> Result<Self, KeysError> {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes).map_err(KeysError::Random)?;
        Self::from_master(&*bytes).ok_or(KeysError::Random(Fault))
    }

    fn from_master(bytes: &[u8]) -> Option<Self> {
        Key::new(Algorithm::AesCmac, bytes).ok().map(|master| Self { master, cards: BTreeMap::new() })
    }

    /// Writes a new issuer file, which only its owner can read, unless somebody else has just made one: nothing is ever
    /// overwritten. Returns whether it did.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(&self, path: &Path) -> Result<bool, KeysError> {
        self.write(path, |temporary| match temporary.persist_noclobber(path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        })
    }

    /// The place of the next card for this number.
    ///
    /// # Errors
    /// If there have been so many cards that nobody new could pay another one.
    pub fn next_place(&self, number: Msisdn) -> Result<Place, KeysError> {
        let made = self.cards.get(&number.to_string()).copied().unwrap_or_default();
        match made.cards.checked_add(1) {
            Some(sequence) if made.serials <= REACH => Ok(Place { sequence, serials_above: made.serials }),
            _ => Err(KeysError::SerialsUsedUp { number, cards: made.cards }),
        }
    }

    /// Records a card before it is handed out: with its cap on requests, it can use so many serials.
    ///
    /// # Errors
    /// If the file cannot be written; it is then as before.
    pub fn record(&mut self, path: &Path, number: Msisdn, place: Place, requests: u16) -> Result<(), KeysError> {
        let serials = place.serials_above.saturating_add(requests.into());
        self.cards.insert(number.to_string(), Made { cards: place.sequence, serials });
        self.write(path, |temporary| temporary.persist(path).map(drop).map_err(|error| error.error))
    }

    /// Whether this issuer has made that card, as far as its file knows.
    pub fn has_made(&self, number: Msisdn, sequence: u8) -> bool {
        self.cards.get(&number.to_string()).is_some_and(|made| made.cards >= sequence)
    }

    fn write<T>(
        &self,
        path: &Path,
        persist: impl FnOnce(tempfile::NamedTempFile) -> std::io::Result<T>,
    ) -> Result<T, KeysError> {
        let file = File {
            format: FORMAT.to_owned(),
            version: VERSION,
            note: NOTE.to_owned(),
            diversification: derive::NAME.to_owned(),
            keys: Keys { master: hex::encode(self.master.expose()) },
            cards: self.cards.clone(),
        };
        let write = || {
            let text = Zeroizing::new(serde_json::to_string_pretty(&file).map_err(std::io::Error::from)?);
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // Temporary files are made with mode 0600.
            let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
            temporary.write_all(text.as_bytes())?;
            temporary.write_all(b"\n")?;
            temporary.as_file().sync_all()?;
            let outcome = persist(temporary)?;
            std::fs::File::open(folder)?.sync_all()?;
            Ok(outcome)
        };
        write().map_err(|error: std::io::Error| KeysError::Unwritable { path: path.to_owned(), error })
    }

    /// Reads an issuer file.
    ///
    /// # Errors
    /// If it is not there, is not such a file, or others can read it.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => KeysError::Missing(path.to_owned()),
            _ => unreadable(path, error),
        })?;
        let malformed = |why: String| KeysError::Malformed { path: path.to_owned(), why };
        let file: File = serde_json::from_str(&text).map_err(|error| malformed(place(&error)))?;
        if file.format != FORMAT {
            return Err(malformed(format!("its format is not `{FORMAT}`")));
        }
        if file.version != VERSION {
            return Err(malformed(format!("its version is {}, this program knows {VERSION}", file.version)));
        }
        if file.diversification != derive::NAME {
            return Err(malformed(format!("its diversification is not `{}`", derive::NAME)));
        }
        let master = hex::decode(&file.keys.master).map(Zeroizing::new);
        let master = master.ok().filter(|bytes| matches!(bytes.len(), 16 | 32));
        let master =
            master.ok_or_else(|| malformed("the master key is not 16 or 32 bytes in hexadecimal".to_owned()))?;
        private(path)?;
        let issuer = Self::from_master(&master).ok_or_else(|| malformed("the master key is no AES key".to_owned()))?;
        Ok(Self { cards: file.cards, ..issuer })
    }

    /// The payment key of this scheme and epoch, the same for all cards: 16 bytes for AES, 32 for HMAC.
    ///
    /// # Errors
    /// None for the two algorithms there are.
    pub fn payment_key(&self, scheme: Scheme, epoch: u8, algorithm: Algorithm) -> Result<Key<Payment>, KeysError> {
        let context = [scheme.number(), epoch, algorithm.number()];
        let len = match algorithm {
            Algorithm::AesCmac => 16,
            Algorithm::HmacSha256 => 32,
        };
        Ok(derive::key(&self.master, b"digitally payment", &context, algorithm, len)?)
    }

    /// The issuer key of one card, by its holder's number and its sequence number.
    ///
    /// # Errors
    /// None.
    pub fn card_key(&self, card: Msisdn, sequence: u8) -> Result<Key<IssuerPurpose>, KeysError> {
        Ok(derive::key(&self.master, b"digitally issuer", &context(card, sequence), Algorithm::AesCmac, 16)?)
    }

    /// The unblocking key of one card: 64 derived bits modulo 10^8, eight digits.
    ///
    /// # Errors
    /// None.
    pub fn puk(&self, card: Msisdn, sequence: u8) -> Result<PinBlock, KeysError> {
        let mut bits = Zeroizing::new([0; 8]);
        derive::bytes(&self.master, b"digitally puk", &context(card, sequence), &mut *bits)?;
        let digits = Zeroizing::new(format!("{:08}", u64::from_be_bytes(*bits) % 100_000_000));
        PinBlock::parse(&digits).map_err(|_| KeysError::Underivable(DeriveError::OutputLength))
    }
}

/// What tells one card's keys from another's: number, BCD, and card sequence number.
fn context(card: Msisdn, sequence: u8) -> [u8; Msisdn::LEN + 1] {
    let mut context = [sequence; Msisdn::LEN + 1];
    context.iter_mut().zip(card.bcd()).for_each(|(to, from)| *to = *from);
    context
}

/// The key check value: the first 3 bytes of the key's own MAC over 16 zero bytes, in hexadecimal.
pub fn check_value<P: digitally::Purpose>(key: &Key<P>) -> String {
    hex::encode_upper(key.tag(&[0; 16]).expose().first_chunk::<3>().copied().unwrap_or_default())
}

/// Only its owner may read a file of keys.
fn private(path: &Path) -> Result<(), KeysError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(|error| unreadable(path, error))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeysError::OpenToOthers(path.to_owned()));
        }
    }
    Ok(())
}

/// Where JSON went wrong, without quoting any of it: it may be the key.
fn place(error: &serde_json::Error) -> String {
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

/// The issuer file at this path: read, or made where there is none. Says whether it was made.
///
/// # Errors
/// As [`Issuer::open`] and [`Issuer::create`].
pub fn open_or_create(path: &str, random: &mut dyn Random) -> Result<Opened, KeysError> {
    let path = PathBuf::from(path);
    let created = !path.exists() && Issuer::random(random)?.create(&path)?;
    // What a link leads to is locked and replaced, not the link: else there would soon be two files.
    let target = path.canonicalize().map_err(|error| unreadable(&path, error))?;
    let lock = lock(&target)?;
    Ok(Opened { issuer: Issuer::open(&path)?, path: target, created, lock })
}

/// An issuer file that no other process records a card in.
#[derive(Debug)]
pub struct Opened {
    /// What is in it.
    pub issuer: Issuer,
    /// Where it is, without links.
    pub path: PathBuf,
    /// Whether it was made just now.
    pub created: bool,
    #[expect(dead_code, reason = "held, not read: closing it lets the next process go on")]
    lock: std::fs::File,
}

/// Waits until nobody else holds the file, and holds it. The file may be replaced while we wait: then again.
fn lock(path: &Path) -> Result<std::fs::File, KeysError> {
    use std::os::unix::fs::MetadataExt;
    let attempt = || {
        loop {
            let file = std::fs::File::open(path)?;
            file.lock()?;
            if file.metadata()?.ino() == std::fs::metadata(path)?.ino() {
                return Ok(file);
            }
        }
    };
    attempt().map_err(|error: std::io::Error| unreadable(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        Issuer::from_master(&[7; 32]).unwrap()
    }

    #[test]
    fn cards_and_algorithms_have_their_own_keys() {
        let (alice, bob) = ("+254700000001".parse().unwrap(), "+254700000002".parse().unwrap());
        let aes = issuer().payment_key(Scheme::Universal, 1, Algorithm::AesCmac).unwrap();
        let hmac = issuer().payment_key(Scheme::Universal, 1, Algorithm::HmacSha256).unwrap();
        assert_ne!(aes.expose(), &hmac.expose()[..16]);
        assert_ne!(issuer().card_key(alice, 1).unwrap().expose(), issuer().card_key(bob, 1).unwrap().expose());
        assert_ne!(issuer().card_key(alice, 1).unwrap().expose(), issuer().card_key(alice, 2).unwrap().expose());
        assert_ne!(issuer().puk(alice, 1).unwrap().expose(), issuer().puk(bob, 1).unwrap().expose());
        assert_ne!(issuer().puk(alice, 1).unwrap().expose(), issuer().puk(alice, 2).unwrap().expose());
        assert_eq!(check_value(&aes).len(), 6);
    }

    /// P-DER-3: the keys of `derive-9` to `derive-12` in `vectors/data/derive.json`.
    #[test]
    fn keys_are_those_of_the_document() {
        let master: Vec<u8> = (0..32).collect();
        let issuer = Issuer::from_master(&master).unwrap();
        let alice = "+254700000001".parse().unwrap();
        let payment = |algorithm| hex::encode(issuer.payment_key(Scheme::Universal, 1, algorithm).unwrap().expose());
        assert_eq!(payment(Algorithm::AesCmac), "1b766b810c9995d787391017f37be01b");
        assert_eq!(payment(Algorithm::HmacSha256), "0b28f5fd0642215fa36860b6ca3feb9f0bf9e8bccc3993e3adc1457920b8d7dc");
        assert_eq!(hex::encode(issuer.card_key(alice, 1).unwrap().expose()), "10d0744699137386d909472457e408cd");
        let puk = format!("{:08}", 0x0935_015a_b923_ee68_u64 % 100_000_000);
        assert_eq!(issuer.puk(alice, 1).unwrap().expose(), puk.as_bytes());
    }

    #[test]
    fn a_file_reads_back_and_is_private_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.json");
        issuer().create(&path).unwrap();
        private(&path).unwrap();
        let key = |issuer: &Issuer| issuer.payment_key(Scheme::Universal, 1, Algorithm::AesCmac).unwrap();
        assert_eq!(key(&Issuer::open(&path).unwrap()).expose(), key(&issuer()).expose());
        assert!(!issuer().create(&path).unwrap(), "there is one");
    }

    /// P-ISS-3: without a contact, a card starts where the one before it started, plus its cap.
    #[test]
    fn the_next_card_of_a_number_has_the_next_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.json");
        let (alice, bob) = ("+254700000001".parse().unwrap(), "+254700000002".parse().unwrap());
        issuer().create(&path).unwrap();
        let mut opened = Issuer::open(&path).unwrap();
        assert_eq!(opened.next_place(alice).unwrap(), Place::FIRST);
        opened.record(&path, alice, Place::FIRST, 200).unwrap();
        private(&path).unwrap();
        let mut again = Issuer::open(&path).unwrap();
        assert_eq!(again.next_place(alice).unwrap(), Place { sequence: 2, serials_above: 200 });
        assert_eq!(again.next_place(bob).unwrap(), Place::FIRST);
        assert!(again.has_made(alice, 1) && !again.has_made(alice, 2) && !again.has_made(bob, 1));
        again.record(&path, alice, Place { sequence: 2, serials_above: 200 }, u16::MAX).unwrap();
        assert!(matches!(again.next_place(alice), Err(KeysError::SerialsUsedUp { cards: 2, .. })));
    }

    #[test]
    fn what_is_no_issuer_file_is_refused_without_showing_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.json");
        issuer().create(&path).unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        let check = |text: String| {
            std::fs::write(&path, text).unwrap();
            let error = Issuer::open(&path).unwrap_err();
            assert!(matches!(error, KeysError::Malformed { .. }), "{error}");
            assert!(!format!("{error:?}").contains("0707"), "{error:?}");
        };
        check(good.replace("\"version\": 1", "\"version\": 2"));
        check(good.replace("digitally-issuer", "other"));
        check(good.replace("sp800-108-counter-cmac", "none"));
        check(good.replace("\"note\"", "\"notes\""));
        check(good.replacen("0707", "07", 1));
        check(good.replace("070707", "07070x"));
        check(good.replace("\"master\"", "\"0707\""));
        check(good.chars().take(good.len() / 2).collect());
        check("{}".to_owned());
    }
}

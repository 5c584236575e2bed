//! The issuer's keys: the masters, what each is for, and what is derived from them.
//!
//! | name | bytes | what is made of it |
//! |---|---|---|
//! | `purse` | 16 or 32 | the payment key of all purses, each purse's issuer key, PUK and first PIN; seals of the register |
//! | `domain-enc`, `domain-mac`, `domain-dek` | 16, 24 or 32 | the SCP03 keys of each card's domain, by the named scheme |
//!
//! `docs/protocol.md` (P-DER-3) has the labels. The file is [`mod@file`]'s.

pub mod file;

use applet_model::runtime::{Fault, PinBlock, Random};
use digitally::derive::{self, DeriveError};
use digitally::{Algorithm, Issuer as IssuerPurpose, Key, Master, Msisdn, Payment};
use globalplatform::diversify::{DiversifyError, Scheme};
use globalplatform::{CheckValue, KeySet};
use zeroize::Zeroizing;

pub use file::{KeysError, Opened};

use crate::order::{Order, Seal};
use crate::register::{Chip, DomainKeys, RegisterId};

/// The version of the keys that our cards get, unless the issuer chose another.
pub const KEY_VERSION: u8 = 0x30;

/// Bytes of the domain masters that are drawn or derived unless others are asked for: every SCP03 card takes AES-128.
pub const DOMAIN_KEY: usize = 16;

/// How many digits a derived PIN has.
pub const PIN_DIGITS: usize = 4;

/// An issuer's keys.
#[derive(Debug)]
pub struct Issuer {
    purse: Key<Master>,
    domain: Domain,
}

/// Where the keys of cards' domains come from.
#[derive(Debug)]
pub struct Domain {
    /// How they are made.
    pub scheme: Scheme,
    /// Which version they have on the card, 01 to 7F.
    pub version: u8,
    /// Of what.
    pub masters: KeySet,
}

/// What a new issuer may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The scheme for the keys of cards' domains.
    pub scheme: Scheme,
    /// Their version.
    pub version: u8,
    /// Their length in bytes: 16, 24 or 32.
    pub length: usize,
}

impl Default for Choice {
    fn default() -> Self {
        Self { scheme: Scheme::Sp800108, version: KEY_VERSION, length: DOMAIN_KEY }
    }
}

impl Issuer {
    /// A new issuer with keys from this source, each drawn on its own: whoever has one knows nothing of the others.
    ///
    /// # Errors
    /// [`KeysError::Random`] if the source has no bytes to give; [`KeysError::Choice`].
    pub fn random(random: &mut dyn Random, choice: Choice) -> Result<Self, KeysError> {
        let Choice { scheme, version, length } = choice;
        if !matches!(version, 0x01..=0x7F) {
            return Err(KeysError::Choice("a key version is 01 to 7F"));
        }
        let mut purse = Zeroizing::new([0; 32]);
        random.fill(&mut *purse).map_err(KeysError::Random)?;
        let mut masters = Zeroizing::new([0; 96]);
        let room = length.checked_mul(3).and_then(|length| masters.get_mut(..length));
        let room =
            room.filter(|_| matches!(length, 16 | 24 | 32)).ok_or(KeysError::Choice("a key has 16, 24 or 32 bytes"))?;
        random.fill(room).map_err(KeysError::Random)?;
        let masters = KeySet::from_bytes(room).map_err(|_| KeysError::Choice("a key has 16, 24 or 32 bytes"))?;
        let purse = Key::new(Algorithm::AesCmac, &*purse).map_err(|_| KeysError::Random(Fault))?;
        Ok(Self { purse, domain: Domain { scheme, version, masters } })
    }

    /// An issuer with these keys.
    #[must_use]
    pub const fn new(purse: Key<Master>, domain: Domain) -> Self {
        Self { purse, domain }
    }

    /// The issuer of a file of version 1, which had one key. The masters for domains are derived from that one, so that an
    /// old copy of the file is still a copy of everything.
    ///
    /// # Errors
    /// [`KeysError::Underivable`]: none for an AES-CMAC key.
    pub fn of_one_key(purse: Key<Master>) -> Result<Self, KeysError> {
        let mut masters = Zeroizing::new([0; 3 * DOMAIN_KEY]);
        let labels: [&[u8]; 3] = [b"digitally domain enc", b"digitally domain mac", b"digitally domain dek"];
        for (label, room) in labels.into_iter().zip(masters.chunks_exact_mut(DOMAIN_KEY)) {
            derive::bytes(&purse, label, &[], room)?;
        }
        let masters = KeySet::from_bytes(&*masters).map_err(|_| DeriveError::OutputLength)?;
        Ok(Self { purse, domain: Domain { scheme: Scheme::Sp800108, version: KEY_VERSION, masters } })
    }

    /// Where the keys of cards' domains come from.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The keys of the domain of this card.
    ///
    /// # Errors
    /// [`DiversifyError`]: the scheme does not go with these masters.
    pub fn domain_keys(&self, chip: &Chip) -> Result<KeySet, DiversifyError> {
        self.domain.scheme.keys(&self.domain.masters, chip)
    }

    /// What these keys are called in the register.
    #[must_use]
    pub fn domain_key_names(&self, keys: &KeySet) -> DomainKeys {
        let checks = keys.all().map(globalplatform::Key::check_value);
        DomainKeys { scheme: self.domain.scheme, version: self.domain.version, checks }
    }

    /// Names this issuer: eight derived bytes.
    ///
    /// # Errors
    /// [`KeysError::Underivable`]: none for an AES-CMAC key.
    pub fn register_id(&self) -> Result<RegisterId, KeysError> {
        let mut id = RegisterId::default();
        derive::bytes(&self.purse, b"digitally register", &[], &mut id)?;
        Ok(id)
    }

    /// The seal of an order.
    ///
    /// # Errors
    /// [`KeysError::Underivable`]: none for an AES-CMAC key.
    pub fn seal(&self, order: &Order) -> Result<Seal, KeysError> {
        let mut seal = Seal::default();
        derive::bytes(&self.purse, b"digitally order", &*order.digest(), &mut seal)?;
        Ok(seal)
    }

    /// The payment key of this scheme and epoch, the same for all cards: 16 bytes for AES, 32 for HMAC.
    ///
    /// # Errors
    /// None for the two algorithms there are.
    pub fn payment_key(
        &self,
        scheme: digitally::Scheme,
        epoch: u8,
        algorithm: Algorithm,
    ) -> Result<Key<Payment>, KeysError> {
        let context = [scheme.number(), epoch, algorithm.number()];
        let len = match algorithm {
            Algorithm::AesCmac => 16,
            Algorithm::HmacSha256 => 32,
        };
        Ok(derive::key(&self.purse, b"digitally payment", &context, algorithm, len)?)
    }

    /// The issuer key of one card, by its holder's number and its sequence number.
    ///
    /// # Errors
    /// None.
    pub fn card_key(&self, card: Msisdn, sequence: u8) -> Result<Key<IssuerPurpose>, KeysError> {
        Ok(derive::key(&self.purse, b"digitally issuer", &context(card, sequence), Algorithm::AesCmac, 16)?)
    }

    /// The unblocking key of one card: 64 derived bits modulo 10^8, eight digits.
    ///
    /// # Errors
    /// None.
    pub fn puk(&self, card: Msisdn, sequence: u8) -> Result<PinBlock, KeysError> {
        self.digits(b"digitally puk", card, sequence, 8)
    }

    /// The first PIN of a card whose order has none: 64 derived bits modulo 10^4, four digits. Derived, so that a card
    /// whose personalisation was cut off gets the same one again, and its letter can be printed again.
    ///
    /// # Errors
    /// None.
    pub fn pin(&self, card: Msisdn, sequence: u8) -> Result<PinBlock, KeysError> {
        self.digits(b"digitally pin", card, sequence, PIN_DIGITS)
    }

    fn digits(&self, label: &[u8], card: Msisdn, sequence: u8, count: usize) -> Result<PinBlock, KeysError> {
        let mut bits = Zeroizing::new([0; 8]);
        derive::bytes(&self.purse, label, &context(card, sequence), &mut *bits)?;
        let digits = Zeroizing::new(format!("{:08}", u64::from_be_bytes(*bits) % 100_000_000));
        let digits = digits.get(digits.len().saturating_sub(count)..).unwrap_or_default();
        PinBlock::parse(digits).map_err(|_| KeysError::Underivable(DeriveError::OutputLength))
    }
}

/// What tells one card's keys from another's: number, BCD, and card sequence number.
fn context(card: Msisdn, sequence: u8) -> [u8; Msisdn::LEN + 1] {
    let mut context = [sequence; Msisdn::LEN + 1];
    context.iter_mut().zip(card.bcd()).for_each(|(to, from)| *to = *from);
    context
}

/// The key check value of a key of purses: the first 3 bytes of the key's own MAC over 16 zero bytes.
#[must_use]
pub fn check_value<P: digitally::Purpose>(key: &Key<P>) -> CheckValue {
    CheckValue(key.tag(&[0; 16]).expose().first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use digitally::Scheme as KeyScheme;

    fn issuer(master: &[u8]) -> Issuer {
        Issuer::of_one_key(Key::new(Algorithm::AesCmac, master).unwrap()).unwrap()
    }

    #[test]
    fn cards_and_algorithms_have_their_own_keys() {
        let issuer = issuer(&[7; 32]);
        let (alice, bob) = ("+254700000001".parse().unwrap(), "+254700000002".parse().unwrap());
        let aes = issuer.payment_key(KeyScheme::Universal, 1, Algorithm::AesCmac).unwrap();
        let hmac = issuer.payment_key(KeyScheme::Universal, 1, Algorithm::HmacSha256).unwrap();
        assert_ne!(aes.expose(), &hmac.expose()[..16]);
        assert_ne!(issuer.card_key(alice, 1).unwrap().expose(), issuer.card_key(bob, 1).unwrap().expose());
        assert_ne!(issuer.card_key(alice, 1).unwrap().expose(), issuer.card_key(alice, 2).unwrap().expose());
        assert_ne!(issuer.puk(alice, 1).unwrap().expose(), issuer.puk(bob, 1).unwrap().expose());
        assert_ne!(issuer.puk(alice, 1).unwrap().expose(), issuer.puk(alice, 2).unwrap().expose());
        assert_ne!(issuer.pin(alice, 1).unwrap().expose(), &issuer.puk(alice, 1).unwrap().expose()[..]);
        let (one, other) = (issuer.domain_keys(&[1; 10]).unwrap(), issuer.domain_keys(&[2; 10]).unwrap());
        assert!(!one.enc().same(other.enc()) && !one.enc().same(one.mac()) && !one.mac().same(one.dek()));
    }

    /// P-DER-3: the keys of `derive-9` to `derive-12` in `vectors/data/derive.json`; the others computed with Python's
    /// `cryptography` from the formula.
    #[test]
    fn keys_are_those_of_the_document() {
        let issuer = issuer(&(0..32).collect::<Vec<u8>>());
        let alice = "+254700000001".parse().unwrap();
        let payment = |algorithm| hex::encode(issuer.payment_key(KeyScheme::Universal, 1, algorithm).unwrap().expose());
        assert_eq!(payment(Algorithm::AesCmac), "1b766b810c9995d787391017f37be01b");
        assert_eq!(payment(Algorithm::HmacSha256), "0b28f5fd0642215fa36860b6ca3feb9f0bf9e8bccc3993e3adc1457920b8d7dc");
        assert_eq!(hex::encode(issuer.card_key(alice, 1).unwrap().expose()), "10d0744699137386d909472457e408cd");
        let puk = format!("{:08}", 0x0935_015a_b923_ee68_u64 % 100_000_000);
        assert_eq!(issuer.puk(alice, 1).unwrap().expose(), puk.as_bytes());
        assert_eq!(issuer.pin(alice, 1).unwrap().expose(), b"6374\xFF\xFF\xFF\xFF");
        assert_eq!(hex::encode(issuer.register_id().unwrap()), "52f24f6a03fa1c4c");
        let masters = issuer.domain().masters.all().map(|key| hex::encode(key.expose()));
        assert_eq!(
            masters,
            [
                "eda0a7246f2a9eae4b0091616a950c7f",
                "c6944f0e78142fc0a9a3f6b0a7e68162",
                "c98810d3b7106b4d9270946970470dff"
            ]
        );
        // By the scheme's own formula, for the chip 00 01 … 09.
        let keys = issuer.domain_keys(&core::array::from_fn(|i| u8::try_from(i).unwrap())).unwrap();
        assert_eq!(
            keys.all().map(|key| hex::encode(key.expose())),
            [
                "504b06acfbd76c1e271132f3cbb0ac44",
                "251a87e69113871fa2384bbb7912f1b6",
                "74fa5b6b9feb352a0909b58d64587c0f"
            ]
        );
        assert_eq!(keys.enc().check_value().to_string(), "E22E0E");
    }
}

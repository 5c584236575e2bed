//! The data groups of personalisation, in the manner of EMV CPS: identifier 2 bytes, length 1 byte, data.
//!
//! | DGI | bytes | contents |
//! |---|---|---|
//! | 0101 | 16 | holder: number 8 (BCD), currency 2 (BCD), decimals 1, card sequence number 1, serials above 4 |
//! | 0102 | 1 | profile |
//! | 0103 | 16 | limits, as GET DATA DF22 shows them |
//! | 0104 | 12 | what the menu needs, see [`MenuData`]; may be missing |
//! | 01D0 | 6 | danger: ASCII `BROKEN`, without which no broken profile is taken |
//! | 8001 | 3 + n | payment key: scheme 1, epoch 1, algorithm 1, key 16 to 32 |
//! | 8002 | 16 | this card's issuer key, AES-128 |
//! | 8010 | 9 | PIN: limit of tries 1 (1 to 15), PIN 8 |
//! | 8011 | 9 | PUK: the same |
//!
//! They come through the secure channel of the issuer's domain.

use apdu::Sw;
use digitally::{Algorithm, Issuer, Key, Payment, Profile, Scheme};

use super::Purse;
use super::frame::{Frame, whole};
use super::layout::Places;
use super::menu::MenuData;
use super::records::{Identity, KeySlot, Limits};
use crate::runtime::{Fields, Fixed, Pin, PinBlock, Transaction};

/// One data group, on its way into the card.
#[derive(Clone, Copy)]
pub struct DataGroup<'a> {
    pub(super) id: u16,
    pub(super) data: &'a [u8],
}

/// Shows how much there is, not what: it may be secret.
impl core::fmt::Debug for DataGroup<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DataGroup({} bytes)", self.data.len())
    }
}

/// Everything that makes a blank purse somebody's.
#[derive(Debug)]
pub struct Personalisation<'a> {
    /// Whose it is, in which currency.
    pub identity: Identity,
    /// The protocol.
    pub profile: &'a Profile,
    /// Says that a broken profile is wanted, knowing the danger.
    pub danger_accept_broken_profile: bool,
    /// What it allows.
    pub limits: Limits,
    /// What its menu needs to know.
    pub menu: Option<MenuData>,
    /// How the payment key came to be shared.
    pub scheme: Scheme,
    /// Which generation of it.
    pub epoch: u8,
    /// The payment key.
    pub payment_key: &'a Key<Payment>,
    /// This card's issuer key: AES-CMAC, 16 bytes.
    pub issuer_key: &'a Key<Issuer>,
    /// The PIN, and how many wrong tries block it.
    pub pin: (u8, &'a PinBlock),
    /// The unblocking key, and how many wrong tries block the purse.
    pub puk: (u8, &'a PinBlock),
}

const IDENTITY: u16 = 0x0101;
const PROFILE: u16 = 0x0102;
pub(super) const LIMITS: u16 = 0x0103;
pub(super) const MENU: u16 = 0x0104;
const DANGER: u16 = 0x01D0;
pub(super) const PAYMENT_KEY: u16 = 0x8001;
const ISSUER_KEY: u16 = 0x8002;
const PIN: u16 = 0x8010;
const PUK: u16 = 0x8011;

/// Groups of an issuer contact: see [`super::contact_order`].
pub(super) const CONTACT: u16 = 0x0201;
pub(super) const KEY_IN_USE: u16 = 0x0202;
pub(super) const SUSPENSION: u16 = 0x0203;
pub(super) const SETTLED: u16 = 0x0204;

const DANGER_WORD: &[u8] = b"BROKEN";

/// The groups without which no purse is complete, and the bit of each in the card's mask.
const REQUIRED: [(u16, u8); 7] = [
    (IDENTITY, 0x01),
    (PROFILE, 0x02),
    (LIMITS, 0x04),
    (PAYMENT_KEY, 0x08),
    (ISSUER_KEY, 0x10),
    (PIN, 0x20),
    (PUK, 0x40),
];

/// The mask of a complete purse.
pub(super) const COMPLETE: u8 = 0x7F;

impl Personalisation<'_> {
    /// Adds all data groups to two frames: what is public and what is secret.
    #[must_use]
    pub fn fill(&self, public: Frame, secret: Frame) -> [Frame; 2] {
        let public = group(public, IDENTITY, Identity::LEN).with_value(&self.identity);
        let public = group(public, PROFILE, 1).with(&[self.profile.number]);
        let mut public = group(public, LIMITS, Limits::LEN).with_value(&self.limits);
        if let Some(menu) = &self.menu {
            public = group(public, MENU, MenuData::LEN).with_value(menu);
        }
        if self.danger_accept_broken_profile {
            public = group(public, DANGER, DANGER_WORD.len()).with(DANGER_WORD);
        }
        let key = self.payment_key.expose();
        let named = [self.scheme.number(), self.epoch, self.payment_key.algorithm().number()];
        let secret = group(secret, PAYMENT_KEY, key.len().saturating_add(3)).with(&named).with(key);
        let secret = group(secret, ISSUER_KEY, 16).with(self.issuer_key.expose());
        let secret = group(secret, PIN, 9).with(&[self.pin.0]).with(self.pin.1.expose());
        let secret = group(secret, PUK, 9).with(&[self.puk.0]).with(self.puk.1.expose());
        [public, secret]
    }
}

pub(super) fn group(frame: Frame, id: u16, len: usize) -> Frame {
    frame.with_value(&id).with(&[u8::try_from(len).unwrap_or(u8::MAX)])
}

/// The groups in a data field, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataGroups<'a>(pub(super) Fields<'a>);

impl<'a> Iterator for DataGroups<'a> {
    type Item = Result<DataGroup<'a>, Sw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.rest().is_empty() {
            return None;
        }
        let mut read = || {
            let id = self.0.take()?;
            let len: u8 = self.0.take()?;
            Some(DataGroup { id, data: self.0.slice(len.into())? })
        };
        let group = read().ok_or(Sw::NC_INCONSISTENT_WITH_TLV);
        if group.is_err() {
            self.0 = Fields::new(&[]);
        }
        Some(group)
    }
}

impl DataGroup<'_> {
    /// Writes the group into a blank purse and returns its bit in the mask.
    ///
    /// # Errors
    /// `6A88` for a group that the purse does not know, `6A80` for contents that break a rule of theirs.
    pub(super) fn store(&self, purse: &Purse, transaction: &mut Transaction<'_>) -> Result<u8, Sw> {
        let places = &purse.places;
        match self.id {
            IDENTITY => store_identity(self.value()?, places, transaction)?,
            PROFILE => {
                let number = self.value()?;
                purse.profile(number).ok_or(Sw::WRONG_DATA)?;
                let slot = transaction.read(places.key);
                transaction.write(places.key, &KeySlot { profile: number, key: slot.key, ..slot })?;
            }
            LIMITS => store_limits(self.value()?, places, transaction)?,
            MENU => store_menu(self, places, transaction)?,
            DANGER if self.data == DANGER_WORD => {
                let slot = transaction.read(places.key);
                transaction.write(places.key, &KeySlot { danger: 1, key: slot.key, ..slot })?;
            }
            DANGER => return Err(Sw::WRONG_DATA),
            PAYMENT_KEY => {
                let slot = key_slot(Fields::new(self.data), &transaction.read(places.key))?;
                transaction.write(places.key, &slot)?;
            }
            ISSUER_KEY => transaction.write(places.issuer_key, &*zeroize::Zeroizing::new(self.value::<[u8; 16]>()?))?,
            PIN => self.store_pin(places.pin, transaction)?,
            PUK => self.store_pin(places.puk, transaction)?,
            _ => return Err(Sw::REFERENCED_DATA_NOT_FOUND),
        }
        Ok(REQUIRED.iter().find(|(id, _)| *id == self.id).map_or(0, |(_, bit)| *bit))
    }

    pub(super) fn value<T: Fixed>(&self) -> Result<T, Sw> {
        whole(self.data).ok_or(Sw::WRONG_DATA)
    }

    fn store_pin(&self, pin: Pin, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
        let mut fields = Fields::new(self.data);
        let limit = fields.take().filter(|limit| (1..=15).contains(limit)).ok_or(Sw::WRONG_DATA)?;
        let block = fields.take().and_then(|bytes| PinBlock::from_bytes(bytes).ok()).ok_or(Sw::WRONG_DATA)?;
        fields.end().ok_or(Sw::WRONG_DATA)?;
        Ok(pin.set(transaction, limit, &block)?)
    }
}

fn store_identity(identity: Identity, places: &Places, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
    let valid =
        identity.number.is_some() && digitally::Currency::from_bcd(identity.currency).is_ok() && identity.decimals <= 4;
    if !valid {
        return Err(Sw::WRONG_DATA);
    }
    Ok(transaction.write(places.identity, &identity)?)
}

/// No limit may promise what the memory cannot hold.
pub(super) fn store_limits(limits: Limits, places: &Places, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
    let valid = (1..=15).contains(&limits.tries) && limits.unacknowledged <= places.capacity.payments;
    if !valid {
        return Err(Sw::WRONG_DATA);
    }
    Ok(transaction.write(places.limits, &limits)?)
}

/// Every byte must say something: what is no number is not taken for none.
pub(super) fn store_menu(group: &DataGroup<'_>, places: &Places, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
    let menu: MenuData = group.value()?;
    let mut read = [0; MenuData::LEN];
    menu.store(&mut read);
    if !menu.is_valid() || read != group.data {
        return Err(Sw::WRONG_DATA);
    }
    Ok(transaction.write(places.menu, &menu)?)
}

/// A payment key with its name, for the profile of the key that is there.
pub(super) fn key_slot(mut fields: Fields<'_>, old: &KeySlot) -> Result<KeySlot, Sw> {
    let [scheme, epoch, algorithm]: [u8; 3] = fields.take().ok_or(Sw::WRONG_DATA)?;
    let key = fields.rest();
    let known = Scheme::from_number(scheme).and(Algorithm::from_number(algorithm)).ok_or(Sw::WRONG_DATA)?;
    Key::<Payment>::new(known, key).map_err(|_| Sw::WRONG_DATA)?;
    let mut slot = KeySlot {
        profile: old.profile,
        danger: old.danger,
        scheme,
        epoch,
        algorithm,
        len: u8::try_from(key.len()).map_err(|_| Sw::WRONG_DATA)?,
        key: [0; 32],
    };
    slot.key.get_mut(..key.len()).ok_or(Sw::WRONG_DATA)?.copy_from_slice(key);
    Ok(slot)
}

//! STORE DATA — `80 E2 88 n Lc groups`, to a purse that is somebody's: what its issuer orders at a contact.
//!
//! It comes from the issuer's domain alone, as at personalisation ([`Applet::personalise`](crate::runtime::Applet::personalise)),
//! in one block, and is one transaction: all of it, or nothing.
//!
//! | DGI | bytes | contents |
//! |---|---|---|
//! | 0201 | 8 | first, and once: number of this contact 4, payments acknowledged 4 |
//! | 0103 | 16 | limits, as GET DATA DF22 shows them |
//! | 0104 | 12 | what the menu needs, see [`MenuData`] |
//! | 8001 | 3 + n | a payment key beside the one in use: scheme 1, epoch 1, algorithm 1, key 16 to 32 |
//! | 0202 | 2 | the payment key to use from now on: scheme 1, epoch 1 |
//! | 0203 | 1 | 01 suspends the purse, 00 resumes it |
//! | 0204 | 12 | a request that the issuer settles itself: payer 8, serial 4; at most 4 of these |
//!
//! The number is above that of every contact before. Whatever else is in an order, it lets the debits go that it
//! acknowledges and starts the caps between contacts again (P-ISS-2); a request that is settled leaves, and its serial is used
//! (P-ISS-1).
//!
//! `9402` a number that is not above the last one; `6985` no contact group at the start; `6A80` contents that break a
//! rule: fewer payments acknowledged than before or more than there are, the name of the key in use with another key, a key
//! that is not there, a key in the place of one under which there are debits not acknowledged; `6A85` a group that is cut off; `6A88` an unknown group.

use apdu::{Command, Sw};
use digitally::{Key, Msisdn, Payment, Scheme};

use super::data_groups::{
    CONTACT, DataGroup, DataGroups, KEY_IN_USE, LIMITS, MENU, PAYMENT_KEY, SETTLED, SUSPENSION, group, key_slot,
    store_limits, store_menu,
};
use super::frame::Frame;
use super::menu::MenuData;
use super::records::{Counts, KeySlot, Limits, OpenRequest};
use super::store_data::StoreData;
use super::{Life, Purse, status};
use crate::runtime::{Context, Fields, Fixed, Transaction, record};

record! {
    /// Which contact it is, and what it acknowledges.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct ContactGroup {
        number: u32,
        acknowledged: u32,
    }
}

record! {
    /// A request that the issuer settles without a response: from now on, none is taken for it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Settled {
        /// Who was to pay.
        pub payer: Option<Msisdn>,
        /// Its serial.
        pub serial: u32,
    }
}

/// The name of a payment key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName {
    /// How it came to be shared.
    pub scheme: Scheme,
    /// Which generation.
    pub epoch: u8,
}

/// What the issuer orders at one contact.
#[derive(Clone, Copy, Debug)]
pub struct ContactOrder<'a> {
    /// Number of this contact with this card, above all before.
    pub number: u32,
    /// How many of the payments made the issuer has taken over; they need not be shown again.
    pub acknowledged: u32,
    /// New limits.
    pub limits: Option<Limits>,
    /// What the menu needs to know.
    pub menu: Option<MenuData>,
    /// A payment key to hold beside the one in use.
    pub key: Option<(KeyName, &'a Key<Payment>)>,
    /// The payment key to use from now on.
    pub use_key: Option<KeyName>,
    /// Whether the purse is suspended.
    pub suspended: Option<bool>,
    /// Requests that the issuer settles itself, at most [`ContactOrder::MOST_SETTLED`].
    pub settled: &'a [Settled],
}

impl ContactOrder<'_> {
    /// As many settled requests fit in one order, and in one transaction.
    pub const MOST_SETTLED: usize = 4;

    /// The command, for the secure channel.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let contact = ContactGroup { number: self.number, acknowledged: self.acknowledged };
        let frame = Frame::new(0x80, StoreData::INS, StoreData::LAST, 0x00);
        let mut frame = group(frame, CONTACT, ContactGroup::LEN).with_value(&contact);
        if let Some(limits) = &self.limits {
            frame = group(frame, LIMITS, Limits::LEN).with_value(limits);
        }
        if let Some(menu) = &self.menu {
            frame = group(frame, MENU, MenuData::LEN).with_value(menu);
        }
        if let Some((name, key)) = self.key {
            let (bytes, algorithm) = (key.expose(), key.algorithm().number());
            frame = group(frame, PAYMENT_KEY, bytes.len().saturating_add(3));
            frame = frame.with(&[name.scheme.number(), name.epoch, algorithm]).with(bytes);
        }
        if let Some(name) = self.use_key {
            frame = group(frame, KEY_IN_USE, 2).with(&[name.scheme.number(), name.epoch]);
        }
        if let Some(suspended) = self.suspended {
            frame = group(frame, SUSPENSION, 1).with(&[u8::from(suspended)]);
        }
        for settled in self.settled.iter().take(Self::MOST_SETTLED) {
            frame = group(frame, SETTLED, Settled::LEN).with_value(settled);
        }
        frame
    }
}

impl Purse {
    /// Carries an order out.
    pub(super) fn contact_order(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        let mut groups = DataGroups(Fields::new(command.data()));
        let first = groups.next().ok_or(Sw::CONDITIONS_NOT_SATISFIED)??;
        if first.id != CONTACT {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        if command.p1() != StoreData::LAST {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let contact: ContactGroup = first.value()?;
        let places = &self.places;
        context.memory.atomically(|transaction| {
            if contact.number <= transaction.read(places.contact) {
                return Err(status::COUNTER);
            }
            transaction.write(places.contact, &contact.number)?;
            let taken_over = transaction.read(places.acknowledged)..=transaction.read(places.payments.count);
            if !taken_over.contains(&contact.acknowledged) {
                return Err(Sw::WRONG_DATA);
            }
            transaction.write(places.acknowledged, &contact.acknowledged)?;
            for counts in [places.opened, places.failed] {
                let ever = transaction.read(counts);
                transaction.write(counts, &Counts { since_contact: 0, ..ever })?;
            }
            let mut settled = 0;
            for group in groups {
                let group = group?;
                settled = usize::from(group.id == SETTLED).saturating_add(settled);
                if settled > ContactOrder::MOST_SETTLED {
                    return Err(Sw::WRONG_DATA);
                }
                self.carry_out_group(&group, transaction)?;
            }
            Ok(())
        })
    }

    fn carry_out_group(&self, group: &DataGroup<'_>, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
        match group.id {
            LIMITS => store_limits(group.value()?, &self.places, transaction),
            MENU => store_menu(group, &self.places, transaction),
            PAYMENT_KEY => self.keep_key(Fields::new(group.data), transaction),
            KEY_IN_USE => self.use_key(group.value()?, transaction),
            SUSPENSION => self.suspend(group.value()?, transaction),
            SETTLED => self.settle(group.value()?, transaction),
            _ => Err(Sw::REFERENCED_DATA_NOT_FOUND),
        }
    }

    /// A key beside the one in use; the one that was there is gone.
    fn keep_key(&self, fields: Fields<'_>, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
        let [in_use, other] = self.key_places(transaction.read(self.places.key_in_use));
        let in_use = transaction.read(in_use);
        let slot = key_slot(fields, &in_use)?;
        if (slot.scheme, slot.epoch) == (in_use.scheme, in_use.epoch) {
            // It has that one; a key of the same name with other bytes would make requests unreadable.
            let same = (slot.algorithm, slot.len) == (in_use.algorithm, in_use.len)
                && subtle::ConstantTimeEq::ct_eq(slot.key.as_slice(), in_use.key.as_slice()).into();
            return if same { Ok(()) } else { Err(Sw::WRONG_DATA) };
        }
        let gone = transaction.read(other);
        if (gone.scheme, gone.epoch) != (slot.scheme, slot.epoch) && self.is_needed(&gone, transaction) {
            return Err(Sw::WRONG_DATA);
        }
        Ok(transaction.write(other, &slot)?)
    }

    /// Whether a debit that nobody acknowledged was made under this key: its response has to stay showable.
    fn is_needed(&self, key: &KeySlot, transaction: &Transaction<'_>) -> bool {
        let payments = &self.places.payments;
        let (made, acknowledged) = (transaction.read(payments.count), transaction.read(self.places.acknowledged));
        let kept = (acknowledged..made).rev().take(payments.entries.count());
        let mut debits = kept.filter_map(|index| payments.place(index));
        debits.any(|place| {
            let entry = transaction.read(place);
            (entry.scheme, entry.epoch) == (key.scheme, key.epoch)
        })
    }

    fn use_key(&self, [scheme, epoch]: [u8; 2], transaction: &mut Transaction<'_>) -> Result<(), Sw> {
        let is = |slot: &KeySlot| slot.len > 0 && (slot.scheme, slot.epoch) == (scheme, epoch);
        let first = is(&transaction.read(self.places.key));
        if !first && !is(&transaction.read(self.places.second_key)) {
            return Err(Sw::WRONG_DATA);
        }
        Ok(transaction.write(self.places.key_in_use, &u8::from(!first))?)
    }

    /// A blocked purse stays blocked.
    fn suspend(&self, suspended: u8, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
        let next = match suspended {
            0 => Life::Personalised,
            1 => Life::Suspended,
            _ => return Err(Sw::WRONG_DATA),
        };
        match Life::from_number(transaction.read(self.places.life)) {
            Life::Personalised | Life::Suspended => Ok(transaction.write(self.places.life, &next.number())?),
            Life::Blank | Life::Blocked => Ok(()),
        }
    }

    /// The request leaves, and no later one for this payer has its serial.
    fn settle(&self, settled: Settled, transaction: &mut Transaction<'_>) -> Result<(), Sw> {
        let payer = settled.payer.ok_or(Sw::WRONG_DATA)?;
        let counter = self.serial_counter(payer).ok_or(Sw::UNKNOWN)?;
        let used = transaction.read(counter).max(settled.serial);
        transaction.write(counter, &used)?;
        for cell in self.places.requests.cells() {
            let open = transaction.read(cell);
            if open.id > 0 && (open.payer, open.nonce) == (settled.payer, settled.serial) {
                transaction.write(cell, &OpenRequest::load(&[0; OpenRequest::LEN]))?;
            }
        }
        Ok(())
    }
}

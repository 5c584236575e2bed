//! What the issuer and one card authenticate to each other: LOAD and UNLOAD, the log, a statement.
//!
//! `MAC = the first 8 bytes of CMAC(issuer key, message)`, the issuer key being this card's own. The message:
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 1 | kind: 61 load, 62 load receipt, 63 unload, 64 unload receipt |
//! | 1 | 1 | version of this layout: 01 |
//! | 2 | 2 | currency, ISO 4217 number, BCD |
//! | 4 | 8 | the holder's number, BCD |
//! | 12 | 4 | amount in minor units |
//! | 16 | 4 | the issuer's counter: one more than the card's |
//! | 20 | 4 | receipts only: the balance afterwards |
//!
//! A log entry, as the files 05 and 06 have it:
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 1 | kind: 65 |
//! | 1 | 1 | version of this layout: 01 |
//! | 2 | 2 | currency |
//! | 4 | 8 | the holder's number |
//! | 12 | 1 | card sequence number |
//! | 13 | 32 | the entry |
//!
//! A statement: kind 66, version 01, the issuer's challenge (8), and the statement (125).

use apdu::Sw;
use digitally::{Amount, Issuer, Key, Msisdn, Tag};

use super::internal_authenticate::Statement;
use super::records::{Entry, Identity};
use super::{Purse, status};
use crate::runtime::{Context, Fixed, record};

pub(super) const LOAD: u8 = 0x61;
pub(super) const LOAD_RECEIPT: u8 = 0x62;
pub(super) const UNLOAD: u8 = 0x63;
pub(super) const UNLOAD_RECEIPT: u8 = 0x64;
const ENTRY: u8 = 0x65;
const STATEMENT: u8 = 0x66;

record! {
    /// An issuer's order to one card: LOAD or UNLOAD so much.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct IssuerOrder {
        /// How much.
        pub amount: Amount,
        /// The card's issuer counter plus one: no order is carried out twice.
        pub counter: u32,
        /// Authenticates both for this card.
        pub mac: [u8; 8],
    }
}

record! {
    /// The card's receipt for an order carried out.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct IssuerReceipt {
        /// The balance now.
        pub balance: Amount,
        /// Authenticates it to the issuer.
        pub mac: [u8; 8],
    }
}

record! {
    struct OrderMessage {
        kind: u8,
        version: u8,
        currency: [u8; 2],
        number: Option<Msisdn>,
        amount: Amount,
        counter: u32,
    }
}

record! {
    struct ReceiptMessage {
        order: OrderMessage,
        balance: Amount,
    }
}

record! {
    struct EntryMessage {
        kind: u8,
        version: u8,
        currency: [u8; 2],
        number: Option<Msisdn>,
        sequence: u8,
        entry: Entry,
    }
}

record! {
    struct StatementMessage {
        kind: u8,
        version: u8,
        challenge: [u8; 8],
        statement: Statement,
    }
}

record! {
    /// A log entry with its MAC: evidence for whoever has the card's key.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AttestedEntry {
        /// The entry.
        pub entry: Entry,
        /// See [`AttestedEntry::is_of`].
        pub mac: [u8; 8],
    }
}

impl AttestedEntry {
    pub(super) fn new(entry: Entry, key: &Key<Issuer>, identity: &Identity) -> Self {
        Self { entry, mac: entry_tag(&entry, key, identity).first_8() }
    }

    /// Whether this is an entry of the card with this identity and this key.
    #[must_use]
    pub fn is_of(&self, key: &Key<Issuer>, identity: &Identity) -> bool {
        entry_tag(&self.entry, key, identity).starts_with(&self.mac)
    }
}

fn entry_tag(entry: &Entry, key: &Key<Issuer>, identity: &Identity) -> Tag {
    let Identity { number, currency, sequence, .. } = *identity;
    let mut message = [0; EntryMessage::LEN];
    EntryMessage { kind: ENTRY, version: VERSION, currency, number, sequence, entry: *entry }.store(&mut message);
    key.tag(&message)
}

/// The MAC of a statement, in full.
pub(super) fn statement(key: &Key<Issuer>, challenge: [u8; 8], statement: &Statement) -> Tag {
    let mut message = [0; StatementMessage::LEN];
    let statement = *statement;
    StatementMessage { kind: STATEMENT, version: VERSION, challenge, statement }.store(&mut message);
    key.tag(&message)
}

const VERSION: u8 = 0x01;

fn order_message(kind: u8, identity: &Identity, amount: Amount, counter: u32) -> OrderMessage {
    OrderMessage { kind, version: VERSION, currency: identity.currency, number: identity.number, amount, counter }
}

impl IssuerOrder {
    pub(super) fn new(kind: u8, key: &Key<Issuer>, identity: &Identity, amount: Amount, counter: u32) -> Self {
        let mut message = [0; OrderMessage::LEN];
        order_message(kind, identity, amount, counter).store(&mut message);
        Self { amount, counter, mac: key.tag(&message).first_8() }
    }
}

impl IssuerReceipt {
    fn message(kind: u8, identity: &Identity, order: &IssuerOrder, balance: Amount) -> [u8; ReceiptMessage::LEN] {
        let mut message = [0; ReceiptMessage::LEN];
        let order = order_message(kind, identity, order.amount, order.counter);
        ReceiptMessage { order, balance }.store(&mut message);
        message
    }

    pub(super) fn verify(&self, kind: u8, key: &Key<Issuer>, identity: &Identity, order: &IssuerOrder) -> bool {
        key.tag(&Self::message(kind, identity, order, self.balance)).starts_with(&self.mac)
    }
}

impl Purse {
    /// Carries an issuer's order out, once: MAC, counter, then one transaction.
    pub(super) fn carry_out(
        &self,
        context: &mut Context<'_>,
        kind: u8,
        order: &IssuerOrder,
        key: &Key<Issuer>,
    ) -> Result<(), Sw> {
        let identity = context.memory.read(self.places.identity);
        let mut message = [0; OrderMessage::LEN];
        order_message(kind, &identity, order.amount, order.counter).store(&mut message);
        if !key.tag(&message).starts_with(&order.mac) {
            return Err(status::MAC_WRONG);
        }
        if context.memory.read(self.places.issuer_counter).checked_add(1) != Some(order.counter) {
            return Err(status::COUNTER);
        }
        if order.amount == Amount::ZERO {
            return Err(Sw::WRONG_DATA);
        }
        let (load, receipt_kind) = (kind == LOAD, if kind == LOAD { LOAD_RECEIPT } else { UNLOAD_RECEIPT });
        if load {
            self.balance_with(context, order.amount)?;
        }
        let entry = Entry {
            number: 0,
            kind: if load { Entry::LOADED } else { Entry::UNLOADED },
            scheme: 0,
            epoch: 0,
            flags: 0,
            peer: None,
            amount: order.amount,
            nonce: order.counter,
            payer_nonce: 0,
            balance: Amount::ZERO,
        };
        let entry = context.memory.atomically(|transaction| {
            transaction.write(self.places.issuer_counter, &order.counter)?;
            if load { self.credit(transaction, key, entry) } else { self.take_off(transaction, key, entry) }
        })?;
        let message = IssuerReceipt::message(receipt_kind, &identity, order, entry.balance);
        context.reply.value(&IssuerReceipt { balance: entry.balance, mac: key.tag(&message).first_8() })
    }
}

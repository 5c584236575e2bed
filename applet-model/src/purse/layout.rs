//! Where everything lies in the purse's memory.

use super::menu::{Conversation, MenuData};
use super::records::{
    Contact, Counts, Entry, Folded, Identity, KeySlot, Limits, OpenRequest, PaidMark, Pending, Refused,
};
use crate::runtime::{Cell, Demand, Fixed, Layout, Pin, Table, Verification};
use digitally::Amount;

/// How many of each a purse can hold: fixed when it is installed. Requests, payments, history and contacts are files
/// of at most 254 records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Serial counters; a payer's number modulo this picks one. Prime, so that neighbouring numbers spread.
    pub counters: u16,
    /// Open requests.
    pub requests: u16,
    /// Payees whose highest paid serial is remembered.
    pub payees: u16,
    /// Payments made that are kept.
    pub payments: u16,
    /// Other entries of the log that are kept.
    pub history: u16,
    /// Contacts.
    pub contacts: u16,
}

impl Capacity {
    /// For people: some 7 KiB, and 2 KiB in reserve.
    pub const CONSUMER: Self = Self { counters: 61, requests: 8, payees: 32, payments: 64, history: 64, contacts: 60 };

    /// For shops: some 22 KiB, and 2 KiB in reserve.
    pub const MERCHANT: Self =
        Self { counters: 509, requests: 64, payees: 64, payments: 128, history: 224, contacts: 254 };

    /// Length of the form that INSTALL carries.
    pub const LEN: usize = 12;

    /// The form that INSTALL carries: six 2-byte numbers in the order of the fields.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let fields = [self.counters, self.requests, self.payees, self.payments, self.history, self.contacts];
        for (room, field) in bytes.chunks_exact_mut(2).zip(fields) {
            room.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    /// Reads that form; nothing if it has another length, a number is zero, or there would be more records in a file
    /// than READ RECORD and LAST can name.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let fields: &[u8; Self::LEN] = bytes.try_into().ok()?;
        let mut fields = fields.chunks_exact(2).map(u16::load);
        let mut next = |most| fields.next().filter(|field| (1..=most).contains(field));
        Some(Self {
            counters: next(u16::MAX)?,
            requests: next(RECORDS)?,
            payees: next(u16::MAX)?,
            payments: next(RECORDS)?,
            history: next(RECORDS)?,
            contacts: next(RECORDS)?,
        })
    }
}

/// The most records of one file that have a number of their own: 01 to FE (ISO/IEC 7816-4).
const RECORDS: u16 = 254;

/// A log: how many entries there have ever been, and a ring of the newest.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) count: Cell<u32>,
    pub(super) entries: Table<Entry>,
}

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) capacity: Capacity,
    pub(super) life: Cell<u8>,
    /// Bit mask of the data groups that personalisation has brought so far.
    pub(super) groups: Cell<u8>,
    pub(super) identity: Cell<Identity>,
    pub(super) key: Cell<KeySlot>,
    pub(super) issuer_key: Cell<[u8; 16]>,
    pub(super) issuer_counter: Cell<u32>,
    pub(super) limits: Cell<Limits>,
    pub(super) pin: Pin,
    pub(super) puk: Pin,
    pub(super) balance: Cell<Amount>,
    pub(super) opened: Cell<Counts>,
    pub(super) failed: Cell<Counts>,
    pub(super) refused_ever: Cell<u32>,
    pub(super) received_ever: Cell<u32>,
    pub(super) entries_ever: Cell<u32>,
    pub(super) acknowledged: Cell<u32>,
    pub(super) counters: Table<u32>,
    pub(super) requests: Table<OpenRequest>,
    pub(super) payees: Table<PaidMark>,
    pub(super) payments: Log,
    pub(super) history: Log,
    pub(super) folded: Cell<Folded>,
    pub(super) contacts: Table<Contact>,
    /// Number of the last contact with the issuer.
    pub(super) contact: Cell<u32>,
    pub(super) second_key: Cell<KeySlot>,
    /// Which of the two keys new requests are opened under: 0 the first.
    pub(super) key_in_use: Cell<u8>,
    pub(super) menu: Cell<MenuData>,
    /// Which language the holder chose: 0 none, or its number plus one.
    pub(super) language: Cell<u8>,
    /// Number of the newest log entry that the network took on its way to the issuer.
    pub(super) uploaded: Cell<u32>,

    pub(super) verified: Verification,
    /// Whether a checked request waits for its PIN: 1 if so.
    pub(super) waits: Cell<u8>,
    pub(super) pending: Cell<Pending>,
    pub(super) refused: Cell<Refused>,
    /// Where the menu's conversation stands.
    pub(super) conversation: Cell<Conversation>,
    /// Whether the menu has made a payment, and nobody has seen its code so far: 1 if so.
    pub(super) unseen: Cell<u8>,

    demand: Demand,
}

impl Places {
    pub(super) fn new(capacity: Capacity) -> Self {
        let (mut persistent, mut session, mut power) = (Layout::default(), Layout::default(), Layout::default());
        let mut places = Self {
            capacity,
            life: persistent.cell(),
            groups: persistent.cell(),
            identity: persistent.cell(),
            key: persistent.cell(),
            issuer_key: persistent.cell(),
            issuer_counter: persistent.cell(),
            limits: persistent.cell(),
            pin: Pin::new(&mut persistent),
            puk: Pin::new(&mut persistent),
            balance: persistent.cell(),
            opened: persistent.cell(),
            failed: persistent.cell(),
            refused_ever: persistent.cell(),
            received_ever: persistent.cell(),
            entries_ever: persistent.cell(),
            acknowledged: persistent.cell(),
            counters: persistent.table(capacity.counters.into()),
            requests: persistent.table(capacity.requests.into()),
            payees: persistent.table(capacity.payees.into()),
            payments: Log { count: persistent.cell(), entries: persistent.table(capacity.payments.into()) },
            history: Log { count: persistent.cell(), entries: persistent.table(capacity.history.into()) },
            folded: persistent.cell(),
            contacts: persistent.table(capacity.contacts.into()),
            // From here on: what cards of the first release do not have.
            contact: persistent.cell(),
            second_key: persistent.cell(),
            key_in_use: persistent.cell(),
            menu: persistent.cell(),
            language: persistent.cell(),
            uploaded: persistent.cell(),
            verified: Verification::new(&mut session),
            waits: session.cell(),
            pending: session.cell(),
            refused: power.cell(),
            conversation: session.cell(),
            unseen: power.cell(),
            demand: Demand { persistent: 0, until_deselect: 0, until_reset: 0 },
        };
        places.demand =
            Demand { persistent: persistent.len(), until_deselect: session.len(), until_reset: power.len() };
        places
    }

    pub(super) const fn demand(&self) -> Demand {
        self.demand
    }
}

/// Room kept for what comes later, in bytes: a share of 128 coefficients of 16 bytes for pairwise keys.
pub const RESERVED: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    /// An overlay SIM gives 32 KiB of persistent and 2 KiB of transient memory to all its applets.
    #[test]
    fn within_the_budget_of_an_overlay_sim() {
        for capacity in [Capacity::CONSUMER, Capacity::MERCHANT] {
            let demand = Places::new(capacity).demand();
            assert!(demand.persistent + RESERVED <= 32 * 1024, "{capacity:?}: {demand:?}");
            assert!(demand.until_deselect + demand.until_reset <= 2 * 1024, "{demand:?}");
        }
    }

    #[test]
    fn capacities_round_trip() {
        for capacity in [Capacity::CONSUMER, Capacity::MERCHANT] {
            assert_eq!(Capacity::from_bytes(&capacity.to_bytes()), Some(capacity));
        }
        assert_eq!(Capacity::from_bytes(&[0; 12]), None);
        assert_eq!(Capacity::from_bytes(&[1; 11]), None);
    }
}

//! What lies where in the purse's memory, byte by byte, for those who look at a card from outside.

use super::layout::{Capacity, Places};
use super::records::KeySlot;
use crate::runtime::{Cell, Fixed, Table};

/// One field of the purse's memory, or one row of equal records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is. These names stay.
    pub name: &'static str,
    /// Where it begins, in bytes from the start of the memory.
    pub at: usize,
    /// How many bytes it has.
    pub len: usize,
    /// How many bytes each record has; all of them, if it is no row of records.
    pub each: usize,
    /// Whether it is a key, a PIN or a PUK: never to be shown.
    pub secret: bool,
    part: Part,
}

impl Field {
    /// The memory of an applet that is no purse, as one field of which nothing is known: it may hold keys.
    #[must_use]
    pub const fn opaque(name: &'static str, len: usize) -> Self {
        Self { name, at: 0, len, each: len, secret: true, part: Part::Fixed }
    }
}

/// The rows of the byte table, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Fixed,
    Keys,
    Pins,
    Counters,
    Requests,
    Payees,
    Payments,
    History,
    Folded,
    Contacts,
    Menu,
}

/// How many fields there are.
const FIELDS: usize = 35;

/// All fields of a purse of this capacity, in the order of its memory, without a gap.
#[must_use]
pub fn map(capacity: Capacity) -> [Field; FIELDS] {
    use Part::{Contacts, Counters, Fixed as Other, History, Keys, Menu, Payees, Payments, Pins, Requests};
    let places = Places::new(capacity);
    // The slot holds the key last, behind what it is called.
    let slot = one("payment key", Keys, places.key);
    let name = slot.len.saturating_sub(KeySlot::KEY);
    let key_name = Field { name: "payment key's name", len: name, each: name, ..slot };
    let key_at = slot.at.saturating_add(name);
    let key = Field { at: key_at, len: KeySlot::KEY, each: KeySlot::KEY, secret: true, ..slot };
    let second_at = places.second_key.at();
    let second_name = Field { name: "second key's name", at: second_at, ..key_name };
    let second = Field { name: "second key", at: second_at.saturating_add(name), ..key };
    let ((pin_tries, pin), (puk_tries, puk)) = (places.pin.cells(), places.puk.cells());
    [
        one("life cycle", Other, places.life),
        one("data groups", Other, places.groups),
        one("identity", Other, places.identity),
        key_name,
        key,
        Field { secret: true, ..one("issuer key", Keys, places.issuer_key) },
        one("issuer's orders", Other, places.issuer_counter),
        one("limits", Other, places.limits),
        one("PIN counters", Pins, pin_tries),
        Field { secret: true, ..one("PIN", Pins, pin) },
        one("PUK counters", Pins, puk_tries),
        Field { secret: true, ..one("PUK", Pins, puk) },
        one("balance", Other, places.balance),
        one("requests opened", Other, places.opened),
        one("wrong responses", Other, places.failed),
        one("wrong requests", Other, places.refused_ever),
        one("payments received", Other, places.received_ever),
        one("log entries", Other, places.entries_ever),
        one("payments acknowledged", Other, places.acknowledged),
        row("serial counters", Counters, &places.counters),
        row("open requests", Requests, &places.requests),
        row("highest serials paid", Payees, &places.payees),
        one("count of payments made", Other, places.payments.count),
        row("payments made", Payments, &places.payments.entries),
        one("count of history", Other, places.history.count),
        row("history", History, &places.history.entries),
        one("folded history", Part::Folded, places.folded),
        row("contacts", Contacts, &places.contacts),
        one("contacts with the issuer", Other, places.contact),
        second_name,
        second,
        one("key in use", Keys, places.key_in_use),
        one("menu", Menu, places.menu),
        one("language", Menu, places.language),
        one("entries uploaded", Menu, places.uploaded),
    ]
}

/// One row of the byte table: what it is, and how many bytes it takes.
pub type Row = (&'static str, usize);

/// The byte table of a purse of this capacity. The rows add up to what it demands.
#[must_use]
pub fn byte_table(capacity: Capacity) -> [Row; 11] {
    let map = map(capacity);
    let row = |what, part| {
        (what, map.iter().filter(|field| field.part == part).fold(0, |sum: usize, field| sum.saturating_add(field.len)))
    };
    [
        row("life cycle, identity, limits, balance, counters", Part::Fixed),
        row("payment keys and issuer key", Part::Keys),
        row("PIN and PUK with their counters", Part::Pins),
        row("serial counters, 4 a bucket", Part::Counters),
        row("open requests, 24 each", Part::Requests),
        row("highest serial paid, 16 a payee", Part::Payees),
        row("payments made, 32 each", Part::Payments),
        row("history, 32 each", Part::History),
        row("folded history", Part::Folded),
        row("contacts, 24 each", Part::Contacts),
        row("country, languages and upload of the menu", Part::Menu),
    ]
}

const fn one<T: Fixed>(name: &'static str, part: Part, cell: Cell<T>) -> Field {
    Field { name, at: cell.at(), len: T::LEN, each: T::LEN, secret: false, part }
}

const fn row<T: Fixed>(name: &'static str, part: Part, table: &Table<T>) -> Field {
    Field { name, at: table.at(), len: table.len(), each: T::LEN, secret: false, part }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purse::Purse;
    use crate::purse::records::{Contact, Entry, OpenRequest, PaidMark};
    use crate::runtime::Applet;

    const SMALL: Capacity = Capacity { counters: 1, requests: 1, payees: 1, payments: 1, history: 1, contacts: 1 };

    #[test]
    fn every_byte_belongs_to_one_field() {
        for capacity in [Capacity::CONSUMER, Capacity::MERCHANT, SMALL] {
            let map = map(capacity);
            let end = map.iter().fold(0, |at, field| {
                assert_eq!(field.at, at, "{}", field.name);
                assert_eq!(field.len % field.each, 0, "{}", field.name);
                at + field.len
            });
            assert_eq!(end, Purse::new(capacity).demand().persistent);
            for (i, field) in map.iter().enumerate() {
                assert!(map[i + 1..].iter().all(|other| other.name != field.name), "{} twice", field.name);
            }
        }
    }

    #[test]
    fn keys_pins_and_puks_are_secret_and_nothing_else_is() {
        let map = map(Capacity::CONSUMER);
        let secret: std::vec::Vec<_> =
            map.iter().filter(|field| field.secret).map(|field| (field.name, field.len)).collect();
        assert_eq!(secret, [("payment key", 32), ("issuer key", 16), ("PIN", 8), ("PUK", 8), ("second key", 32)]);
    }

    #[test]
    fn the_byte_table_adds_up() {
        for capacity in [Capacity::CONSUMER, Capacity::MERCHANT] {
            let sum: usize = byte_table(capacity).iter().map(|(_, bytes)| bytes).sum();
            assert_eq!(sum, Purse::new(capacity).demand().persistent);
        }
        assert_eq!((OpenRequest::LEN, PaidMark::LEN, Entry::LEN, Contact::LEN), (24, 16, 32, 24));
    }
}

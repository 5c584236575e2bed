//! What the purse keeps in records: requests, contacts, and the history that has to leave.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod world;

use apdu::Sw;
use applet_model::purse::{Capacity, Contact, Entry, File, Folded, status};
use world::{Person, Setup, amount, issuer_key, number, raw, refused, sw, two};

/// P-OPEN-4: in a ring of three; and the serials go on.
#[test]
fn a_full_ring_lets_the_oldest_cancelled_request_go_first() {
    let capacity = Capacity { requests: 3, ..Capacity::CONSUMER };
    let (alice, mut bob) = two(&Setup { capacity, ..Setup::default() });
    let ids: Vec<u32> = (0..3).map(|_| bob.request(alice.number, 100).unwrap().id).collect();
    bob.purse.cancel(ids[1]).unwrap();
    let listed = |bob: &mut Person| -> Vec<u32> {
        (1..=9).map_while(|n| bob.purse.open_request(n).unwrap()).map(|one| one.open.id).collect()
    };
    bob.request(alice.number, 100).unwrap();
    assert_eq!(listed(&mut bob), [4, 3, 1]);
    bob.request(alice.number, 100).unwrap();
    assert_eq!(listed(&mut bob), [5, 4, 3]);
    let shown = bob.purse.open_request(1).unwrap().unwrap();
    assert_eq!(shown.open.nonce, 5, "serials go on");
}

/// P-SER-2, P-CHK-1, P-CONF-8: a contact deleted and stored again.
#[test]
fn a_deleted_contact_leaves_its_replay_state() {
    let (mut alice, mut bob) = two(&Setup::default());
    let contact = |number, name| Contact::new(number, name).unwrap();
    alice.purse.store_contact(contact(bob.number, "Bob")).unwrap();
    bob.purse.store_contact(contact(alice.number, "Alice")).unwrap();
    let opened = bob.request(alice.number, 400).unwrap();
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    bob.confirm(opened.id, paid.code).unwrap();
    for person in [&mut alice, &mut bob] {
        person.purse.erase_contact(1).unwrap();
        assert_eq!(refused(person.purse.erase_contact(1)), Some(Sw::RECORD_NOT_FOUND));
        assert_eq!(person.purse.contact(1).unwrap(), None);
    }
    alice.purse.store_contact(contact(bob.number, "Bob")).unwrap();
    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::ALREADY_PAID));
    assert_eq!(bob.confirm(opened.id, paid.code), Err(status::ALREADY_RECEIVED));
    let next = bob.request(alice.number, 400).unwrap();
    assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, 2);
    let pending = alice.purse.check(bob.number, amount(400), next.code).unwrap();
    assert_eq!(&pending.checked.name[..4], b"Bob\0");
}

#[test]
fn contacts() {
    let capacity = Capacity { contacts: 2, ..Capacity::CONSUMER };
    let mut alice = Person::new(1, &Setup { capacity, ..Setup::default() });
    let contact = |i, name| Contact::new(number(i), name).unwrap();
    for (i, name) in [(2, "Bob"), (3, "Carol Mwangi Oti"), (2, "Robert")] {
        alice.purse.store_contact(contact(i, name)).unwrap();
    }
    assert_eq!(refused(alice.purse.store_contact(contact(4, "Dan"))), Some(Sw::NOT_ENOUGH_MEMORY));
    assert_eq!(alice.purse.contact(1).unwrap().unwrap().text(), Some("Robert"));
    assert_eq!(alice.purse.contact(2).unwrap().unwrap().text(), Some("Carol Mwangi Oti"));
    alice.purse.erase_contact(1).unwrap();
    assert_eq!(alice.purse.contact(1).unwrap().unwrap().number, Some(number(3)));
    for name in ["", "Seventeen letters", "new\nline", "Ünïcödé-wéé-ïs"] {
        assert_eq!(Contact::new(number(5), name), None, "{name}");
    }
    for (what, command) in [
        ("no name", "00 E2 00 18 18 FFFF254700000005 00000000000000000000000000000000"),
        ("bytes after the end", "00 E2 00 18 18 FFFF254700000005 42004200000000000000000000000000"),
        ("not UTF-8", "00 E2 00 18 18 FFFF254700000005 FF000000000000000000000000000000"),
        ("no number", "00 E2 00 18 18 0000000000000000 42000000000000000000000000000000"),
    ] {
        assert_eq!(sw(&mut alice, command), 0x6A80, "{what}");
    }
    assert_eq!(sw(&mut alice, "00 E2 00 08 18 FFFF254700000005 42000000000000000000000000000000"), 0x6A82);
    assert_eq!(sw(&mut alice, "00 0C 01 0C"), 0x6982, "nobody erases the log");
    assert_eq!(sw(&mut alice, "00 0C 00 1C"), 0x6A86);
}

#[test]
fn history_that_leaves_is_folded_into_a_chain() {
    let capacity = Capacity { history: 2, ..Capacity::CONSUMER };
    let setup = Setup { capacity, balance: 0, ..Setup::default() };
    let (mut alice, mut bob) = two(&setup);
    alice.load(1, 1000).unwrap();
    let mut entries = Vec::new();
    for minor in [100, 200, 300, 50] {
        let opened = bob.request(alice.number, minor).unwrap();
        let paid = alice.pay(bob.number, minor, opened.code).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
        entries.push(raw(&mut bob, "00 B2 01 14 00")[..32].to_vec());
    }
    let chain = entries[..2]
        .iter()
        .fold(vec![0; 16], |chain, entry| issuer_key(2).tag(&[chain, entry.clone()].concat()).expose().to_vec());
    let folded: Folded = bob.purse.data().unwrap();
    assert_eq!((folded.count, folded.received, folded.chain.to_vec()), (2, 300, chain));
    let kept: Vec<u32> = bob.log(File::History).iter().map(|entry| entry.amount.minor_units()).collect();
    assert_eq!(kept, [50, 300]);
    assert!(bob.log(File::History).iter().all(|entry| entry.kind == Entry::RECEIVED));
}

#[test]
fn more_records_than_have_a_number_are_refused() {
    for capacity in [
        Capacity { payments: 255, ..Capacity::CONSUMER },
        Capacity { history: 255, ..Capacity::CONSUMER },
        Capacity { contacts: 255, ..Capacity::CONSUMER },
        Capacity { requests: 255, ..Capacity::CONSUMER },
    ] {
        assert_eq!(Capacity::from_bytes(&capacity.to_bytes()), None);
    }
}

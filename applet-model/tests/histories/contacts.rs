//! The list of contacts is for people: nothing about money hangs on it.

use apdu::Sw;
use applet_model::purse::{Contact, File, status};

use crate::account::history;
use crate::world::{Person, Setup, number, refused};

fn store(person: &mut Person, i: u32) -> Option<Sw> {
    refused(person.purse.store_contact(Contact::new(number(i), "Somebody").unwrap()))
}

/// S3; P-SER-2, P-CHK-1, P-CONF-8: both delete each other between payments and store each other again: serials go on,
/// what was paid is paid, what was received is received.
#[test]
fn deleted_contacts_come_back_to_the_same_state() {
    history(&Setup::default(), |[alice, bob]| {
        for round in 1..=3 {
            assert_eq!((store(alice, 2), store(bob, 1)), (None, None));
            let opened = bob.request(alice.number, 400).unwrap();
            assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, round);
            alice.purse.erase_contact(1).unwrap();
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            bob.purse.erase_contact(1).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
            assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::ALREADY_PAID));
            assert_eq!(bob.confirm(opened.id, paid.code), Err(status::ALREADY_RECEIVED));
            assert_eq!(alice.log(File::Payments).len() as u32, round);
        }
        0
    });
}

/// S3, S8; P-SER-2, P-AUTH-3: sixty other contacts fill Alice's list, and she deletes them all. Bob, who is not among
/// them, is paid before and after; the request that she left behind stays refused, and every response can be shown.
#[test]
fn a_full_list_of_contacts_changes_nothing() {
    history(&Setup::default(), |[alice, bob]| {
        let [early, late] = [0, 1].map(|_| bob.request(alice.number, 400).unwrap());
        let paid = alice.pay(bob.number, 400, late.code).unwrap();
        for i in 10..70 {
            assert_eq!(store(alice, i), None);
        }
        assert_eq!(store(alice, 2), Some(Sw::NOT_ENOUGH_MEMORY));
        for _ in 0..2 {
            assert_eq!(alice.check(bob.number, 400, early.code), Err(status::MAC_WRONG));
            assert_eq!(alice.check(bob.number, 400, late.code), Err(status::ALREADY_PAID));
            assert_eq!(alice.purse.last(0).unwrap().code.value(), paid.code.value());
            while alice.purse.contact(1).unwrap().is_some() {
                alice.purse.erase_contact(1).unwrap();
            }
        }
        let next = bob.request(alice.number, 300).unwrap();
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, 3);
        let second = alice.pay(bob.number, 300, next.code).unwrap();
        bob.confirm(late.id, paid.code).unwrap();
        bob.confirm(next.id, second.code).unwrap();
        0
    });
}

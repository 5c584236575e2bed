//! S4, agreement, where two people owe each other.

use apdu::Sw;
use applet_model::purse::status;

use crate::account::history;
use crate::world::{Setup, code};

/// S4; P-NUM-3, P-CONF-1: Alice and Bob owe each other 400. Both open a request, both with serial 1; both pay; and the
/// responses cross. What one of them showed never credits the one who showed it, nor the wrong request.
#[test]
fn crossing_payments_credit_each_direction_once() {
    history(&Setup::default(), |[alice, bob]| {
        let to_bob = bob.request(alice.number, 400).unwrap();
        let to_alice = alice.request(bob.number, 400).unwrap();
        let by_alice = alice.pay(bob.number, 400, to_bob.code).unwrap();
        let by_bob = bob.pay(alice.number, 400, to_alice.code).unwrap();
        assert_ne!(by_alice.code.value(), by_bob.code.value());
        assert_eq!(alice.confirm(to_alice.id, by_alice.code), Err(Sw::counter(4)), "her own response");
        assert_eq!(bob.confirm(to_bob.id, by_bob.code), Err(Sw::counter(4)), "his own response");
        assert_eq!(alice.confirm(to_alice.id, by_bob.code), Ok(2000_00));
        assert_eq!(bob.confirm(to_bob.id, by_alice.code), Ok(2000_00));
        for (person, one, other) in [(alice, by_alice.code, by_bob.code), (bob, by_bob.code, by_alice.code)] {
            assert_eq!(person.confirm(1, one), Err(Sw::REFERENCED_DATA_NOT_FOUND));
            assert_eq!(person.confirm(1, other), Err(status::ALREADY_RECEIVED));
        }
        0
    });
}

/// S4; P-CHK-3: a request is shown back to the one who opened it, as if the other had, with the same amount and serial:
/// the two directions have different digits.
#[test]
fn a_request_shown_back_is_refused() {
    history(&Setup::default(), |[alice, bob]| {
        let to_bob = bob.request(alice.number, 400).unwrap();
        let to_alice = alice.request(bob.number, 400).unwrap();
        assert_ne!(to_bob.code.value(), to_alice.code.value());
        assert_eq!(bob.check(alice.number, 400, to_bob.code), Err(status::MAC_WRONG));
        assert_eq!(alice.check(bob.number, 400, to_alice.code), Err(status::MAC_WRONG));
        0
    });
}

/// S4; P-NUM-3, P-OPEN-2: nobody pays himself.
#[test]
fn nobody_owes_himself() {
    history(&Setup::default(), |[alice]| {
        assert_eq!(alice.request(alice.number, 400).unwrap_err(), Sw::WRONG_DATA);
        assert_eq!(alice.check(alice.number, 400, code(14_3503, 8)), Err(Sw::WRONG_DATA));
        assert_eq!(alice.counters().opened, 0);
        0
    });
}

/// S1, S3, S4: twenty rounds of debts to and fro, all requests opened before any is paid and all paid before any
/// response is typed, each response first at the older one of the two requests that are open.
#[test]
fn twenty_rounds_to_and_fro() {
    history(&Setup::default(), |[alice, bob]| {
        for round in 1..=20 {
            let asked = [0, 1].map(|_| bob.request(alice.number, round).unwrap());
            let owed = [0, 1].map(|_| alice.request(bob.number, round).unwrap());
            let paid = asked.map(|opened| alice.pay(bob.number, round, opened.code).unwrap());
            let back = owed.map(|opened| bob.pay(alice.number, round, opened.code).unwrap());
            assert_eq!(bob.confirm(asked[0].id, paid[1].code), Err(Sw::counter(4)));
            assert_eq!(alice.confirm(owed[0].id, back[1].code), Err(Sw::counter(4)));
            for i in [1, 0] {
                bob.confirm(asked[i].id, paid[i].code).unwrap();
                alice.confirm(owed[i].id, back[i].code).unwrap();
            }
            assert_eq!((alice.balance(), bob.balance()), (2000_00, 2000_00));
        }
        0
    });
}

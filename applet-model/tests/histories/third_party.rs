//! S2 and S4 where three people meet.

use apdu::Sw;
use applet_model::purse::status;

use crate::account::history;
use crate::world::Setup;

/// S2, S4; P-CONF-1: Alice pays Bob, and Carol types the response. Her own request to Alice has the same amount and the
/// same serial, but the response names Bob.
#[test]
fn a_response_for_bob_is_typed_at_carol() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let at_bob = bob.request(alice.number, 400).unwrap();
        let at_carol = carol.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, at_bob.code).unwrap();
        assert_eq!(carol.confirm(at_carol.id, paid.code), Err(Sw::counter(4)));
        bob.confirm(at_bob.id, paid.code).unwrap();
        assert_eq!(carol.confirm(at_carol.id, paid.code), Err(Sw::counter(3)), "nor once Bob has been credited");
        assert_eq!(carol.balance(), 2000_00);
        0
    });
}

/// S4; P-CHK-3: Carol shows Bob's request as hers; Dan types one that is meant for Alice; Alice types it with an amount
/// that Bob did not ask for. All get the same answer, which does not say what differs.
#[test]
fn a_request_shown_by_another_or_to_another_is_refused() {
    history(&Setup::default(), |[alice, bob, carol, dan]| {
        let at_bob = bob.request(alice.number, 400).unwrap();
        assert_eq!(alice.check(carol.number, 400, at_bob.code), Err(status::MAC_WRONG));
        assert_eq!(dan.check(bob.number, 400, at_bob.code), Err(status::MAC_WRONG));
        assert_eq!(alice.check(bob.number, 401, at_bob.code), Err(status::MAC_WRONG));
        alice.check(bob.number, 400, at_bob.code).unwrap();
        0
    });
}

/// S2, S4; P-CONF-1: Alice and Carol owe Bob the same amount, both requests with the same serial. Each response credits
/// the request that it is for, and Bob's log says who paid.
#[test]
fn two_payers_of_the_same_amount_are_not_mixed_up() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let asked = [alice.number, carol.number].map(|payer| bob.request(payer, 400).unwrap());
        let by_alice = alice.pay(bob.number, 400, asked[0].code).unwrap();
        let by_carol = carol.pay(bob.number, 400, asked[1].code).unwrap();
        assert_eq!(bob.confirm(asked[0].id, by_carol.code), Err(Sw::counter(4)));
        assert_eq!(bob.confirm(asked[1].id, by_alice.code), Err(Sw::counter(4)));
        let one = bob.purse.confirm(asked[0].id, by_alice.code).unwrap();
        let other = bob.purse.confirm(asked[1].id, by_carol.code).unwrap();
        assert_eq!((one.payer, other.payer), (Some(alice.number), Some(carol.number)));
        0
    });
}

//! A payee whose purse is nearly full.

use applet_model::purse::{Limits, status};

use crate::account::history;
use crate::world::{LIMITS, Setup, amount, code};

/// S1; P-CONF-7, P-OPEN-2: two payments of 400 are on their way to Bob, and his purse has room for one. The second
/// response is neither taken nor counted, and neither is a wrong one typed at that request. Bob spends 400, his phone is
/// off for the night, and the same response brings the money.
#[test]
fn a_response_waits_until_there_is_room() {
    let limits = Limits { balance: amount(2000_00 + 600), ..LIMITS };
    history(&Setup { limits, ..Setup::default() }, |[alice, bob, carol]| {
        let asked = [0, 1].map(|_| bob.request(alice.number, 400).unwrap());
        assert_eq!(bob.request(alice.number, 601).unwrap_err(), status::BALANCE_LIMIT);
        assert_eq!(bob.counters().opened, 2);
        let paid = asked.map(|opened| alice.pay(bob.number, 400, opened.code).unwrap());
        bob.confirm(asked[0].id, paid[0].code).unwrap();
        for _ in 0..6 {
            assert_eq!(bob.confirm(asked[1].id, paid[1].code), Err(status::BALANCE_LIMIT));
            assert_eq!(bob.confirm(asked[1].id, code(7, 8)), Err(status::BALANCE_LIMIT));
        }
        assert_eq!(bob.counters().wrong_responses, 0);
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.tries, 5);

        let owed = carol.request(bob.number, 200).unwrap();
        let response = bob.pay(carol.number, 200, owed.code).unwrap();
        carol.confirm(owed.id, response.code).unwrap();
        bob.reset();
        assert_eq!(bob.confirm(asked[1].id, paid[1].code), Ok(2000_00 + 600), "exactly at the limit");
        0
    });
}

//! More payees than a payer's card remembers.

use applet_model::purse::{Capacity, status};

use crate::account::history;
use crate::world::Setup;

/// S3; P-AUTH-4, P-AUTH-3, P-CHK-1, P-CHK-2: thirty-three shops have each opened two requests, and Alice pays the second
/// of each, so the first is left behind. The 33rd payee makes her card forget the one whom she paid least recently: not
/// the first shop, which she paid again, but the second. The requests left behind by it alone can be paid again, once;
/// what is in the log is "already paid" for all of them.
#[test]
fn the_thirty_third_payee_makes_the_least_recently_paid_one_unknown() {
    history(&Setup::default(), |[alice, mut shops @ ..]: [_; 34]| {
        let alice_number = alice.number;
        let asked: Vec<_> =
            shops.iter_mut().map(|shop| [0, 1].map(|_| shop.request(alice_number, 100).unwrap())).collect();
        let mut pay = |at: usize, nth: usize| alice.pay(shops[at].number, 100, asked[at][nth].code).unwrap();
        let paid: Vec<_> = (0..32).map(|at| pay(at, 1)).collect();
        let again = shops[0].request(alice_number, 100).unwrap();
        let paid_again = alice.pay(shops[0].number, 100, again.code).unwrap();
        assert_eq!(alice.check(shops[1].number, 100, asked[1][0].code), Err(status::MAC_WRONG), "still remembered");
        let thirty_third = alice.pay(shops[32].number, 100, asked[32][1].code).unwrap();

        for at in [0, 2, 31, 32] {
            assert_eq!(alice.check(shops[at].number, 100, asked[at][0].code), Err(status::MAC_WRONG), "shop {at}");
        }
        for at in 0..33 {
            assert_eq!(alice.check(shops[at].number, 100, asked[at][1].code), Err(status::ALREADY_PAID), "shop {at}");
        }
        // Of the forgotten shop t is 0 again: its first request is found, debited once and credited once.
        let late = alice.pay(shops[1].number, 100, asked[1][0].code).unwrap();
        assert_eq!(alice.check(shops[1].number, 100, asked[1][0].code), Err(status::ALREADY_PAID));
        shops[1].confirm(asked[1][0].id, late.code).unwrap();
        assert_eq!(shops[1].confirm(asked[1][0].id, late.code), Err(status::ALREADY_RECEIVED));

        for (at, paid) in paid.iter().enumerate() {
            shops[at].confirm(asked[at][1].id, paid.code).unwrap();
        }
        shops[0].confirm(again.id, paid_again.code).unwrap();
        shops[32].confirm(asked[32][1].id, thirty_third.code).unwrap();
        0
    });
}

/// S3; P-AUTH-4, P-CHK-1: a card that remembers a single payee forgets Bob with every payment to Carol. While the debit
/// is in the log, no request is paid twice.
#[test]
fn a_payee_forgotten_at_every_payment_is_paid_once_a_request() {
    let capacity = Capacity { payees: 1, ..Capacity::CONSUMER };
    history(&Setup { capacity, ..Setup::default() }, |[alice, bob, carol]| {
        let mut shown = Vec::new();
        for _ in 0..10 {
            for payee in [&mut *bob, &mut *carol] {
                let opened = payee.request(alice.number, 100).unwrap();
                let paid = alice.pay(payee.number, 100, opened.code).unwrap();
                payee.confirm(opened.id, paid.code).unwrap();
                shown.push((payee.number, opened.code));
            }
            for (payee, code) in &shown {
                alice.reset();
                assert_eq!(alice.check(*payee, 100, *code), Err(status::ALREADY_PAID));
            }
        }
        0
    });
}

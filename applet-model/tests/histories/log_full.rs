//! S8 where the log is full.

use applet_model::purse::{File, status};

use crate::account::history;
use crate::world::Setup;

/// S8; P-LAST-1, P-LAST-2, P-CAP-5: Alice pays eight requests of each of eight people, and nobody types a response in.
/// The 65th payment is refused rather than one of the 64 forgotten, also after the phone was off. She can still be
/// paid. Then all 64 responses are shown again, and every one of them brings its money.
#[test]
fn sixty_four_payments_stay_showable_and_the_next_is_refused() {
    history(&Setup::default(), |[alice, mut shops @ ..]: [_; 9]| {
        let mut owed = Vec::new();
        for (at, shop) in shops.iter_mut().enumerate() {
            let asked: Vec<_> = (0..8).map(|i| (100 + i, shop.request(alice.number, 100 + i).unwrap())).collect();
            for (minor, opened) in asked {
                let paid = alice.pay(shop.number, minor, opened.code).unwrap();
                owed.push((at, opened.id, paid.code));
            }
        }
        assert_eq!((owed.len(), alice.counters().unacknowledged), (64, 64));
        let before = alice.balance();
        for _ in 0..2 {
            let one_more = shops[0].request(alice.number, 500).unwrap();
            assert_eq!(alice.check(shops[0].number, 500, one_more.code), Err(status::LOG_FULL));
            alice.reset();
        }
        assert_eq!((alice.balance(), alice.log(File::Payments).len()), (before, 64));

        let asked = alice.request(shops[7].number, 50).unwrap();
        let paid = shops[7].pay(alice.number, 50, asked.code).unwrap();
        assert_eq!(alice.confirm(asked.id, paid.code), Ok(before + 50));

        for (back, (_, _, code)) in owed.iter().rev().enumerate() {
            assert_eq!(alice.purse.last(back as u8).unwrap().code.value(), code.value());
        }
        // The two refused requests took the places of the first shop's two oldest; the others are all there.
        for (at, id, code) in &owed[2..] {
            shops[*at].confirm(*id, *code).unwrap();
        }
        100 + 101
    });
}

/// S8; P-LAST-2, P-CAP-5: a smaller cap than the log holds works the same: at the cap less one the payment is made, at
/// the cap it is refused.
#[test]
fn a_cap_below_the_room_of_the_log_is_exact() {
    let limits = applet_model::purse::Limits { unacknowledged: 3, ..crate::world::LIMITS };
    history(&Setup { limits, ..Setup::default() }, |[alice, bob]| {
        for _ in 0..3 {
            let opened = bob.request(alice.number, 100).unwrap();
            let paid = alice.pay(bob.number, 100, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
        }
        let opened = bob.request(alice.number, 100).unwrap();
        assert_eq!(alice.check(bob.number, 100, opened.code), Err(status::LOG_FULL), "confirmed or not");
        0
    });
}

//! Random nonces, where a profile has them.

use applet_model::purse::{Capacity, Limits};
use digitally::profile;

use crate::account::history;
use crate::world::{LIMITS, Setup};

/// P-NON-2, P-REQ-1, P-RSP-1: two thousand N_B of `fixed` and two hundred N_A are drawn: all within their digits, none
/// counted up, shown as the first digits of the code, and spread evenly over their leading digit (chi-squared with 9
/// degrees of freedom, limit 40: one in 10^5).
#[test]
fn random_nonces_are_fresh_and_even() {
    let limits = Limits { opens: u16::MAX, unacknowledged: 200, ..LIMITS };
    let capacity = Capacity { payments: 254, ..Capacity::CONSUMER };
    history(&Setup { profile: &profile::FIXED, limits, capacity, ..Setup::default() }, |[alice, bob]| {
        let (mut payee, mut payer) = (Vec::new(), Vec::new());
        for i in 0..2_000 {
            let opened = bob.request(alice.number, 1).unwrap();
            let nonce = bob.purse.open_request(1).unwrap().unwrap().open.nonce;
            assert_eq!(opened.code.split(3).0.value(), u128::from(nonce));
            payee.push(nonce);
            if i < 200 {
                let paid = alice.pay(bob.number, 1, opened.code).unwrap();
                let nonce = alice.purse.last(0).unwrap().entry.payer_nonce;
                assert_eq!(paid.code.split(4).0.value(), u128::from(nonce));
                payer.push(nonce);
                bob.confirm(opened.id, paid.code).unwrap();
            }
        }
        for (nonces, range) in [(&payee, 1_000), (&payer, 10_000)] {
            let mut leading = [0f64; 10];
            for nonce in nonces {
                assert!(*nonce < range);
                leading[(*nonce * 10 / range) as usize] += 1.0;
            }
            let expected = nonces.len() as f64 / 10.0;
            let chi: f64 = leading.iter().map(|count| (count - expected).powi(2) / expected).sum();
            assert!(chi < 40.0, "chi-squared {chi} below {range}");
            let steps = nonces.windows(2).filter(|pair| pair[1] == pair[0] + 1).count();
            assert!(steps < nonces.len() / 50, "{steps} steps of one");
        }
        0
    });
}

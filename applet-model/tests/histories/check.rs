//! The payer's side: what CHECK and AUTHORISE refuse, and what they leave as it was.

use apdu::Sw;
use applet_model::purse::{Authorise, Check, File, Limits, RequestPayment, Verify, status};
use applet_model::runtime::PinBlock;
use digitally::{Amount, profile};

use crate::account::history;
use crate::world::bare::{ALICE, BOB, Bare, X, msisdn};
use crate::world::{LIMITS, Setup, amount};

/// P-CHK-1, S3: a paid request is typed again, at once, after later payments, and after the phone was off: already paid,
/// nothing is debited, no PIN is asked for, nothing counts as wrong, and LAST has the response. Another amount, or the
/// same request of somebody else, is simply wrong.
#[test]
fn a_paid_request_is_already_paid() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let opened = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        for later in 1..=3 {
            assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::ALREADY_PAID));
            assert_eq!(alice.purse.last(later - 1).unwrap().code.value(), paid.code.value());
            let next = bob.request(alice.number, 400).unwrap();
            let next_paid = alice.pay(bob.number, 400, next.code).unwrap();
            bob.confirm(next.id, next_paid.code).unwrap();
            alice.reset();
        }
        assert_eq!((alice.balance(), alice.counters().wrong_requests), (2000_00 - 4 * 400, 0));
        assert_eq!(alice.check(bob.number, 401, opened.code), Err(status::MAC_WRONG));
        assert_eq!(alice.check(carol.number, 400, opened.code), Err(status::MAC_WRONG));
        400
    });
}

/// P-AUTH-3, P-CHK-2, S3: of three requests Alice pays the second: the first is left behind for good, also when typed
/// twice, the third is paid. For the first, Bob opens a new one.
#[test]
fn a_request_left_behind_is_opened_anew() {
    history(&Setup::default(), |[alice, bob]| {
        let asked = [0, 1, 2].map(|_| bob.request(alice.number, 400).unwrap());
        for opened in [asked[1], asked[2]] {
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
            for _ in 0..2 {
                assert_eq!(alice.check(bob.number, 400, asked[0].code), Err(status::MAC_WRONG));
            }
        }
        let anew = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, anew.code).unwrap();
        bob.confirm(anew.id, paid.code).unwrap();
        0
    });
}

/// P-CHK-7: in `fixed` the log cannot tell a new request from an old one: the same request is paid twice, and credited
/// once. The second payment stays in flight.
#[test]
fn fixed_pays_the_same_request_twice() {
    history(&Setup { profile: &profile::FIXED, ..Setup::default() }, |[alice, bob]| {
        let opened = bob.request(alice.number, 400).unwrap();
        let nonce = bob.purse.open_request(1).unwrap().unwrap().open.nonce;
        let paid = [0, 1].map(|_| alice.pay(bob.number, 400, opened.code).unwrap());
        assert_eq!(alice.log(File::Payments).iter().map(|entry| entry.nonce).collect::<Vec<_>>(), [nonce, nonce]);
        bob.confirm(opened.id, paid[1].code).unwrap();
        assert_eq!(bob.confirm(opened.id, paid[0].code), Err(Sw::REFERENCED_DATA_NOT_FOUND));
        400
    });
}

/// A payer with a payee's request.
fn alice_and_request() -> (Bare, Check) {
    let (alice, mut bob) = (Bare::new(ALICE), Bare::new(BOB));
    let opened = bob.send(&RequestPayment { payer: Some(msisdn(ALICE)), amount: X }).unwrap();
    (alice, Check { payee: msisdn(BOB), amount: X, code: opened.code })
}

/// P-CHK-8, P-CHK-3: a right CHECK changes no byte of the memory; a wrong one changes the count of wrong requests and
/// nothing else. What it answers is the name and what would be left, or that something differs.
#[test]
fn check_writes_nothing_but_a_wrong_request() {
    let (mut alice, check) = alice_and_request();
    let before = alice.store.bytes.clone();
    let checked = alice.send(&check).unwrap();
    assert_eq!((checked.name, checked.balance.minor_units()), ([0; 16], 10_000 - 400));
    assert_eq!(alice.store.bytes, before);

    let counters = alice.counters();
    let writes = alice.store.writes;
    let wrong = Check { amount: Amount::new(401), ..check };
    assert_eq!(alice.send(&wrong).map(|_| ()), Err(status::MAC_WRONG));
    assert_eq!(alice.store.writes, writes + 1);
    let after = alice.counters();
    assert_eq!(after, applet_model::purse::Counters { wrong_requests: 1, ..counters });
    let changed = alice.store.bytes.iter().zip(&before).filter(|(now, then)| now != then).count();
    assert_eq!(changed, 1, "one count went from 0 to 1");
}

/// P-AUTH-1, S7: what CHECK found good, AUTHORISE looks at again: limit, balance, and room in the log. Alice has checked
/// and given her PIN; then her memory is exchanged for one that allows less. AUTHORISE is refused, and no byte changes.
#[test]
fn authorise_looks_again() {
    let (rich, check) = alice_and_request();
    let pin = PinBlock::parse("1234").unwrap();
    let limits = crate::world::bare::LIMITS;
    let cases = [
        (Limits { payment: Amount::new(399), ..limits }, 10_000, Err(status::AMOUNT_LIMIT)),
        (Limits { payment: Amount::new(400), ..limits }, 10_000, Ok(9_600)),
        (limits, 399, Err(status::INSUFFICIENT_BALANCE)),
        (limits, 400, Ok(0)),
        (Limits { unacknowledged: 0, ..limits }, 10_000, Err(status::LOG_FULL)),
        (Limits { unacknowledged: 1, ..limits }, 10_000, Ok(9_600)),
    ];
    for (limits, balance, expected) in cases {
        let mut alice = rich.clone();
        alice.send(&check).unwrap();
        alice.send(&Verify { pin: Some(pin.clone()) }).unwrap();
        alice.store = Bare::with(ALICE, limits, balance).store;
        let before = alice.store.bytes.clone();
        let paid = alice.send(&Authorise).map(|paid| paid.balance.minor_units());
        assert_eq!(paid, expected, "{limits:?} {balance}");
        assert_eq!(alice.store.bytes == before, expected.is_err());
        assert_eq!(alice.send(&Authorise).map(|_| ()), Err(Sw::CONDITIONS_NOT_SATISFIED), "all used up");
    }
}

/// P-AUTH-1: the same refusals come at CHECK already, before any PIN, at exactly their bounds.
#[test]
fn limit_balance_and_log_are_exact_at_check() {
    let limits = Limits { payment: amount(2000_00), unacknowledged: 1, ..LIMITS };
    history(&Setup { limits, ..Setup::default() }, |[alice, bob]| {
        assert_eq!(bob.request(alice.number, 2000_01).unwrap_err(), status::AMOUNT_LIMIT);
        let all = bob.request(alice.number, 2000_00).unwrap();
        alice.check(bob.number, 2000_00, all.code).unwrap();
        assert_eq!(alice.load(1, 1), Ok(amount(2000_01)));
        let paid = alice.pay(bob.number, 2000_00, all.code).unwrap();
        bob.confirm(all.id, paid.code).unwrap();
        let two = bob.request(alice.number, 2).unwrap();
        assert_eq!(alice.check(bob.number, 2, two.code), Err(status::INSUFFICIENT_BALANCE));
        let one = bob.request(alice.number, 1).unwrap();
        assert_eq!(alice.check(bob.number, 1, one.code), Err(status::LOG_FULL));
        bob.purse.verify(&crate::world::pin(crate::world::PIN)).unwrap();
        bob.unload(2, 1).unwrap();
        0
    });
}

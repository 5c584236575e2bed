//! S8, nothing lost: responses are shown again.

use apdu::Sw;
use applet_model::purse::{Authorise, Check, Confirm, Last, RequestPayment, Verify, status};
use applet_model::runtime::PinBlock;
use digitally::{Amount, profile};

use crate::account::history;
use crate::world::bare::{ALICE, BOB, Bare, at_every_write, msisdn};
use crate::world::{PUK, Setup, WRONG_PIN, pin, raw};

const X: Amount = Amount::new(10);

/// CHECK and VERIFY at Alice of a new request of Bob's. Returns its number.
fn ready(alice: &mut Bare, bob: &mut Bare) -> u32 {
    let opened = bob.send(&RequestPayment { payer: Some(msisdn(ALICE)), amount: X }).unwrap();
    alice.send(&Check { payee: msisdn(BOB), amount: X, code: opened.code }).unwrap();
    alice.send(&Verify { pin: Some(PinBlock::parse("1234").unwrap()) }).unwrap();
    opened.id
}

fn shown(alice: &mut Bare) -> Vec<u128> {
    (0..=255).map_while(|back| Some(alice.send(&Last { back }).ok()?.code.value())).collect()
}

/// S8; P-AUTH-2, P-LAST-1, P-LAST-2: the log has room for one more payment, and the power fails at every write of it.
/// Afterwards all earlier responses are shown in their order, newest first; the new one stands before them if it was
/// debited, and then credits its request; if it was not, there is still room for it.
#[test]
fn the_power_fails_while_the_last_payment_that_fits_is_logged() {
    let (mut alice, mut bob) = (Bare::new(ALICE), Bare::new(BOB));
    let mut earlier = Vec::new();
    for _ in 0..63 {
        let id = ready(&mut alice, &mut bob);
        let paid = alice.send(&Authorise).unwrap();
        bob.send(&Confirm { id, code: paid.code }).unwrap();
        earlier.insert(0, paid.code.value());
    }
    let (before, at_bob) = (alice.balance(), bob.balance());
    let id = ready(&mut alice, &mut bob);
    let cuts = at_every_write(
        &alice,
        |alice| alice.send(&Authorise),
        |alice, answered| {
            let responses = shown(alice);
            if alice.balance() == before {
                assert!(!answered);
                assert_eq!(responses, earlier);
                ready(alice, &mut bob.clone());
                alice.send(&Authorise).unwrap();
            } else {
                assert_eq!((alice.balance(), &responses[1..]), (before - 10, &earlier[..]));
                let code = alice.send(&Last { back: 0 }).unwrap().code;
                let received = bob.clone().send(&Confirm { id, code }).unwrap();
                assert_eq!(received.balance.minor_units(), at_bob + 10);
            }
            let full = bob.clone().send(&RequestPayment { payer: Some(msisdn(ALICE)), amount: X }).unwrap();
            let refused = alice.send(&Check { payee: msisdn(BOB), amount: X, code: full.code }).map(|_| ());
            assert!(matches!(refused, Err(status::LOG_FULL | status::ALREADY_PAID)), "{refused:?}");
            assert_eq!(shown(alice).len(), 64);
        },
    );
    assert!(cuts >= 5, "{cuts} writes in a debit");
}

/// S8; P-LAST-1: LAST writes nothing at all: not a byte of the memory changes, and it answers where every write fails.
#[test]
fn last_changes_nothing() {
    let (mut alice, mut bob) = (Bare::new(ALICE), Bare::new(BOB));
    ready(&mut alice, &mut bob);
    let paid = alice.send(&Authorise).unwrap();
    let before = alice.store.bytes.clone();
    alice.store.left = Some(0);
    for back in [0, 1, 255] {
        let answer = alice.send(&Last { back }).map(|last| last.code.value());
        assert_eq!(answer, if back == 0 { Ok(paid.code.value()) } else { Err(Sw::RECORD_NOT_FOUND) });
    }
    assert_eq!(alice.store.bytes, before);
}

/// S8; P-LAST-1: five payments to two payees, shown again newest first: at once, after the applet was left and selected
/// again, after the phone was off, with the PIN blocked, and with the whole purse blocked. No PIN is asked for.
#[test]
fn five_responses_are_shown_again_whatever_happened_to_the_phone() {
    history(&Setup::default(), |[alice, bob, carol]| {
        let mut paid = Vec::new();
        for minor in 1..=5 {
            let payee = if minor % 2 == 0 { &mut *bob } else { &mut *carol };
            let opened = payee.request(alice.number, minor).unwrap();
            let code = alice.pay(payee.number, minor, opened.code).unwrap().code;
            paid.insert(0, (minor, payee.number, code.value()));
        }
        for after in 0..5 {
            match after {
                0 => {}
                1 => alice.select(),
                2 => alice.reset(),
                3 => (0..3).for_each(|_| alice.purse.verify(&pin(WRONG_PIN)).unwrap_err().sw().map(|_| ()).unwrap()),
                _ => (0..10).for_each(|_| assert!(alice.purse.unblock_pin(&pin("00000000"), &pin(PUK)).is_err())),
            }
            for (back, (minor, payee, code)) in paid.iter().enumerate() {
                let last = alice.purse.last(back as u8).unwrap();
                assert_eq!((last.entry.amount.minor_units(), last.entry.peer), (*minor, Some(*payee)));
                assert_eq!(last.code.value(), *code);
            }
            assert_eq!(raw(alice, "80 5A 05 00 00"), [0x6A, 0x83]);
        }
        15
    });
}

/// S8; P-LAST-1, P-AUTH-2: `fixed` gives every response an N_A of its own; it is logged, and each response is shown with
/// the same eight digits again.
#[test]
fn a_random_payer_nonce_is_remembered() {
    history(&Setup { profile: &profile::FIXED, ..Setup::default() }, |[alice, bob]| {
        let mut paid = Vec::new();
        for _ in 0..6 {
            let opened = bob.request(alice.number, 400).unwrap();
            paid.insert(0, alice.pay(bob.number, 400, opened.code).unwrap().code);
        }
        alice.reset();
        for (back, code) in paid.iter().enumerate() {
            let last = alice.purse.last(back as u8).unwrap();
            assert_eq!(last.code.value(), code.value());
            assert_eq!(u128::from(last.entry.payer_nonce), code.split(4).0.value());
        }
        let different: std::collections::BTreeSet<_> = paid.iter().map(|code| code.split(4).0.value()).collect();
        assert!(different.len() > 3, "six draws out of ten thousand");
        6 * 400
    });
}

//! The power fails at every write of a payment: the old state or the new one, and no try given back.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unreachable)]

mod world;

use apdu::Sw;
use applet_model::purse::{Authorise, Check, Confirm, Last, Paid, RequestPayment, ResetRetryCounter, Verify};
use applet_model::runtime::PinBlock;
use digitally::Code;
use world::bare::{ALICE, BOB, Bare, X, at_every_write, msisdn};

/// Alice has checked Bob's request, and her PIN is verified.
fn ready_to_pay() -> (Bare, Bare, u32) {
    let (mut alice, mut bob) = (Bare::new(ALICE), Bare::new(BOB));
    let opened = bob.send(&RequestPayment { payer: Some(msisdn(ALICE)), amount: X }).unwrap();
    alice.send(&Check { payee: msisdn(BOB), amount: X, code: opened.code }).unwrap();
    alice.send(&Verify { pin: Some(PinBlock::parse("1234").unwrap()) }).unwrap();
    (alice, bob, opened.id)
}

/// S8; P-AUTH-2, P-LAST-1: balance, mark and log change together.
#[test]
fn a_debit_happened_and_its_response_can_be_shown_or_it_did_not_happen() {
    let (alice, bob, id) = ready_to_pay();
    let cuts = at_every_write(
        &alice,
        |alice| alice.send(&Authorise),
        |alice, answered| {
            let paid = alice.balance() == 9_600;
            assert!(paid || alice.balance() == 10_000, "the old state or the new one");
            assert!(paid || !answered, "what was answered has happened");
            assert_eq!(alice.counters().payments, u32::from(paid));
            match alice.send(&Last { back: 0 }) {
                Ok(last) => assert_eq!(
                    bob.clone().send(&Confirm { id, code: last.code }).unwrap().balance.minor_units(),
                    10_400
                ),
                Err(sw) => assert_eq!((sw, paid), (Sw::RECORD_NOT_FOUND, false)),
            }
        },
    );
    assert!(cuts >= 5, "{cuts} writes in a debit");
}

/// S3, S8; P-CONF-6, P-CONF-9: balance, log and request change together, and one response credits once.
#[test]
fn a_credit_happened_or_the_same_response_still_brings_it() {
    let (mut alice, bob, id) = ready_to_pay();
    let Paid { code, .. } = alice.send(&Authorise).unwrap();
    let confirm = |bob: &mut Bare| bob.send(&Confirm { id, code });
    let cuts = at_every_write(&bob, confirm, |bob, answered| {
        let received = bob.balance() == 10_400;
        assert!(received || bob.balance() == 10_000);
        assert!(received || !answered);
        if !received {
            assert_eq!(confirm(bob).unwrap().balance.minor_units(), 10_400);
        }
        assert!(confirm(bob).is_err(), "and never twice");
        assert_eq!(bob.balance(), 10_400);
    });
    assert!(cuts >= 7, "{cuts} writes in a credit");
}

/// S5; P-CONF-5, P-CAP-6: A guesser who cuts the power whenever he likes gets no more guesses than one who does not.
#[test]
fn no_cut_gives_a_try_back() {
    let (_, bob, id) = ready_to_pay();
    let guess = |bob: &mut Bare| bob.send(&Confirm { id, code: Code::new(7, 8).unwrap() });
    let mut counted = bob.clone();
    assert_eq!(guess(&mut counted).err(), Some(Sw::counter(4)));
    for left in 0..4 {
        let mut cut = bob.clone();
        cut.store.left = Some(left);
        let answer = guess(&mut cut).err();
        cut.power_cycle();
        let failed = cut.counters().wrong_responses_since_contact;
        // Compared at all only once both counters were written.
        assert!(answer != Some(Sw::counter(4)) || failed == 1, "{left}: {answer:?}");
        assert!(left == 0 || failed == 1, "the first write counts");
    }

    let pin = |text| Verify { pin: Some(PinBlock::parse(text).unwrap()) };
    for left in 0..3 {
        let mut cut = bob.clone();
        cut.store.left = Some(left);
        let answer = cut.send(&pin("9999")).err();
        cut.power_cycle();
        let tries = cut.counters().pin_tries;
        assert!(tries == 2 || (left == 0 && answer == Some(Sw::MEMORY_FAILURE)), "{left}: {tries} {answer:?}");
    }
    // The right PIN whose success could not be written is a spent try, too, and nothing is verified.
    let mut cut = bob.clone();
    cut.store.left = Some(1);
    assert_eq!(cut.send(&pin("1234")).err(), Some(Sw::MEMORY_FAILURE));
    assert_eq!(cut.send(&Authorise).err(), Some(Sw::CONDITIONS_NOT_SATISFIED));
    cut.power_cycle();
    assert_eq!(cut.counters().pin_tries, 2);
}

/// P-OPEN-1, P-CAP-6: serial, request and count change together, before the code is shown.
#[test]
fn a_serial_is_used_up_before_its_code_is_shown() {
    let bob = Bare::new(BOB);
    let request = |bob: &mut Bare| bob.send(&RequestPayment { payer: Some(msisdn(ALICE)), amount: X });
    at_every_write(&bob, request, |bob, answered| {
        let opened = bob.counters().opened;
        assert!(opened == u32::from(answered) || (!answered && opened == 1));
        assert_eq!(request(bob).unwrap().id, opened + 1);
    });
}

/// S5; P-CONF-5, P-CAP-6: The right response whose credit could not be written is a spent try, too: what is compared
/// has been counted.
#[test]
fn a_right_response_is_counted_before_it_is_compared() {
    let (mut alice, bob, id) = ready_to_pay();
    let Paid { code, .. } = alice.send(&Authorise).unwrap();
    let mut cut = bob.clone();
    cut.store.left = Some(2);
    assert_eq!(cut.send(&Confirm { id, code }).map(|_| ()), Err(Sw::MEMORY_FAILURE));
    cut.power_cycle();
    assert_eq!(cut.counters().wrong_responses_since_contact, 1);
    assert_eq!(cut.send(&Confirm { id, code }).unwrap().balance.minor_units(), 10_400);
}

#[test]
fn the_last_wrong_puk_blocks_the_purse_wherever_the_power_fails() {
    let mut alice = Bare::new(ALICE);
    let wrong = ResetRetryCounter { puk: PinBlock::parse("9999").unwrap(), new: PinBlock::parse("1234").unwrap() };
    for left in [2, 1] {
        assert_eq!(alice.send(&wrong).err(), Some(Sw::counter(left)));
    }
    for left in 0..3 {
        let mut cut = alice.clone();
        cut.store.left = Some(left);
        cut.send(&wrong).unwrap_err();
        cut.power_cycle();
        cut.select();
        let request = cut.send(&RequestPayment { payer: Some(msisdn(BOB)), amount: X });
        assert_eq!(request.is_ok(), cut.counters().puk_tries > 0, "{left}: the old state or the new one");
    }
}

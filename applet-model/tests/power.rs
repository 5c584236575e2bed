//! The power fails at every write of a payment: the old state or the new one, and no try given back.
//!
//! Here the applet runs on a store of the test's own, without a card, and a write happens whole or not at all.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unreachable)]

use apdu::{Command, Sw};
use applet_model::purse::{
    Answer, Authorise, Capacity, Check, Confirm, Counters, Frame, GetBalance, Identity, Instruction, Last, Limits,
    Load, PURSE_AID, Paid, Personalisation, Purse, RequestPayment, ResetRetryCounter, StoreData, Verify,
};
use applet_model::runtime::{Applet, Context, Fault, Memory, PinBlock, Random, Reply, Store, Transient};
use digitally::{Algorithm, Amount, Code, Currency, Issuer, Key, Msisdn, Scheme, profile};

/// Memory that stops working after so many writes. A commit counts as a write.
#[derive(Clone)]
struct Cuttable {
    bytes: Vec<u8>,
    before: Option<Vec<u8>>,
    left: Option<usize>,
    writes: usize,
}

impl Cuttable {
    fn spend(&mut self) -> Result<(), Fault> {
        self.writes += 1;
        match &mut self.left {
            Some(0) => Err(Fault),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Power comes back: what was not committed is gone.
    fn power_up(&mut self) {
        self.left = None;
        if let Some(before) = self.before.take() {
            self.bytes = before;
        }
    }
}

impl Store for Cuttable {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.spend()?;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
    fn begin(&mut self) -> Result<(), Fault> {
        assert!(self.before.is_none(), "a transaction inside a transaction");
        self.before = Some(self.bytes.clone());
        Ok(())
    }
    fn commit(&mut self) -> Result<(), Fault> {
        self.spend()?;
        self.before = None;
        Ok(())
    }
    fn abort(&mut self) {
        if let Some(before) = self.before.take() {
            self.bytes = before;
        }
    }
}

struct NoRandom;

impl Random for NoRandom {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), Fault> {
        Err(Fault)
    }
}

/// A purse without a card.
#[derive(Clone)]
struct Bare {
    store: Cuttable,
    session: Vec<u8>,
    power: Vec<u8>,
}

impl Bare {
    fn new(own: &str) -> Self {
        let demand = purse().demand();
        let store = Cuttable { bytes: vec![0; demand.persistent], before: None, left: None, writes: 0 };
        let mut bare = Self { store, session: vec![0; demand.until_deselect], power: vec![0; demand.until_reset] };
        let identity = identity(own);
        let block = PinBlock::parse("1234").unwrap();
        let personalisation = Personalisation {
            identity,
            profile: &profile::DIGITALLY_8,
            danger_accept_broken_profile: false,
            limits: Limits {
                payment: Amount::new(5000),
                balance: Amount::new(50_000),
                opens: 200,
                failures: 100,
                tries: 5,
                refusals: 20,
                unacknowledged: 64,
            },
            scheme: Scheme::Universal,
            epoch: 1,
            payment_key: &Key::new(Algorithm::AesCmac, &[7; 16]).unwrap(),
            issuer_key: &issuer_key(),
            pin: (3, &block),
            puk: (3, &block),
        };
        for frame in StoreData::frames(&personalisation) {
            bare.send_frame(&frame).unwrap();
        }
        bare.send(&Load::new(&issuer_key(), &identity, Amount::new(10_000), 1)).unwrap();
        bare
    }

    fn send_frame(&mut self, frame: &Frame) -> Result<Vec<u8>, Sw> {
        self.process(&frame.command().unwrap())
    }

    fn process(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Sw> {
        self.call(|purse, context| purse.process(command, context))
    }

    /// What every session begins with.
    fn select(&mut self) {
        self.call(|purse, context| purse.select(context)).unwrap();
    }

    fn call(&mut self, call: impl FnOnce(&Purse, &mut Context<'_>) -> Result<(), Sw>) -> Result<Vec<u8>, Sw> {
        let (mut room, mut len) = ([0; 256], 0);
        let mut context = Context {
            aid: PURSE_AID,
            memory: Memory::new(&mut self.store),
            until_deselect: Transient::new(&mut self.session),
            until_reset: Transient::new(&mut self.power),
            random: &mut NoRandom,
            reply: Reply::new(&mut room, &mut len),
        };
        call(&purse(), &mut context)?;
        Ok(room[..len].to_vec())
    }

    fn send<I: Instruction>(&mut self, instruction: &I) -> Result<I::Answer, Sw> {
        self.send_frame(&instruction.frame()).map(|data| I::Answer::read(&data).unwrap())
    }

    fn power_cycle(&mut self) {
        self.store.power_up();
        self.session.fill(0);
        self.power.fill(0);
    }

    fn balance(&mut self) -> u32 {
        self.send(&GetBalance).unwrap().minor_units()
    }

    fn counters(&mut self) -> Counters {
        let command = [0x00, 0xCA, 0xDF, 0x23, 0x00];
        let data = self.process(&Command::decode(&command).unwrap()).unwrap();
        Counters::read(&data[3..]).unwrap()
    }
}

fn purse() -> Purse {
    Purse::new(Capacity::CONSUMER)
}

fn issuer_key() -> Key<Issuer> {
    Key::new(Algorithm::AesCmac, &[9; 16]).unwrap()
}

fn msisdn(text: &str) -> Msisdn {
    text.parse().unwrap()
}

fn identity(own: &str) -> Identity {
    Identity {
        number: Some(msisdn(own)),
        currency: Currency::new(404).unwrap().bcd(),
        decimals: 2,
        sequence: 1,
        serials_above: 0,
    }
}

const ALICE: &str = "+254700000001";
const BOB: &str = "+254700000002";
const X: Amount = Amount::new(400);

/// Runs `action` with the power failing at its first write, at its second, and so on until it survives. After each cut
/// the state is handed to `check`, with whether the action had answered. Returns the number of cuts.
fn at_every_write<A>(
    start: &Bare,
    action: impl Fn(&mut Bare) -> Result<A, Sw>,
    check: impl Fn(&mut Bare, bool),
) -> usize {
    for left in 0.. {
        let mut bare = start.clone();
        bare.store.left = Some(left);
        let answered = action(&mut bare).is_ok();
        bare.power_cycle();
        check(&mut bare, answered);
        if answered {
            return left;
        }
    }
    unreachable!("an action has finitely many writes")
}

/// Alice has checked Bob's request, and her PIN is verified.
fn ready_to_pay() -> (Bare, Bare, u32) {
    let (mut alice, mut bob) = (Bare::new(ALICE), Bare::new(BOB));
    let opened = bob.send(&RequestPayment { payer: Some(msisdn(ALICE)), amount: X }).unwrap();
    alice.send(&Check { payee: msisdn(BOB), amount: X, code: opened.code }).unwrap();
    alice.send(&Verify { pin: Some(PinBlock::parse("1234").unwrap()) }).unwrap();
    (alice, bob, opened.id)
}

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

/// A guesser who cuts the power whenever he likes gets no more guesses than one who does not.
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

/// The right response whose credit could not be written is a spent try, too: what is compared has been counted.
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

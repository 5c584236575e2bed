//! What a payment writes is what the budget says: measured on cards, in the states that write most.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unreachable)]

mod world;

use std::collections::BTreeMap;

use applet_model::purse::{
    Authorise, Capacity, Check, Confirm, Instruction, Limits, PAYEE, PAYER, RequestPayment, Verify,
};
use applet_model::purse::{Work, writes};
use card_sim::Card;
use digitally::{Code, Profile, profile};
use world::{LIMITS, PIN, Person, Setup, WRONG_PIN, amount, pin};

/// The most that each command has written so far.
type Most = BTreeMap<&'static str, u64>;

/// Sends a command, which succeeds, and counts the non-volatile writes that it makes.
fn counted<I: Instruction>(most: &mut Most, name: &'static str, person: &mut Person, command: &I) -> I::Answer {
    let before = person.purse.transport().writes();
    let answer = person.purse.send(command).unwrap();
    let made = person.purse.transport().writes() - before;
    let entry = most.entry(name).or_default();
    *entry = made.max(*entry);
    answer
}

/// One payment from Alice to Bob, command by command; before each what can go wrong has gone wrong, if there are to be
/// `mistakes`.
fn payment(most: &mut Most, alice: &mut Person, bob: &mut Person, minor: u32, mistakes: bool) {
    let request = RequestPayment { payer: Some(alice.number), amount: amount(minor) };
    let opened = counted(most, "REQUEST", bob, &request);
    let check = Check { payee: bob.number, amount: amount(minor), code: opened.code };
    if mistakes {
        let wrong = Code::new(opened.code.value() ^ 1, opened.code.digits()).unwrap();
        alice.purse.send(&Check { code: wrong, ..check }).unwrap_err();
    }
    counted(most, "CHECK", alice, &check);
    if mistakes {
        alice.purse.send(&Verify { pin: Some(pin(WRONG_PIN)) }).unwrap_err();
    }
    counted(most, "VERIFY", alice, &Verify { pin: Some(pin(PIN)) });
    let paid = counted(most, "AUTHORISE", alice, &Authorise);
    if mistakes {
        let wrong = Code::new(paid.code.value() ^ 1, paid.code.digits()).unwrap();
        for _ in 0..4 {
            bob.purse.send(&Confirm { id: opened.id, code: wrong }).unwrap_err();
        }
    }
    counted(most, "CONFIRM", bob, &Confirm { id: opened.id, code: paid.code });
}

/// The most that payments write between two cards of this capacity: fresh ones, and such as are as full as they get.
fn measured(capacity: Capacity, profile: &'static Profile) -> Most {
    let limits = Limits { opens: 2000, failures: 2000, unacknowledged: capacity.payments, ..LIMITS };
    let setup = Setup { capacity, profile, limits, ..Setup::default() };
    let (mut alice, mut bob) = (Person::new(1, &setup), Person::new(2, &setup));
    let mut most = Most::new();
    payment(&mut most, &mut alice, &mut bob, 100, false);
    payment(&mut most, &mut alice, &mut bob, 100, true);

    // Alice's table of payees is full of others, and her log but for one entry.
    let made = 2 + u32::from(capacity.payees);
    for i in 0..u32::from(capacity.payees) {
        let mut shop = Person::new(3 + i, &Setup { profile, ..Setup::default() });
        let opened = shop.request(alice.number, 100 + i).unwrap();
        alice.pay(shop.number, 100 + i, opened.code).unwrap();
    }
    let mut minor = 200;
    for _ in made..u32::from(capacity.payments) - 3 {
        minor += 1;
        payment(&mut most, &mut alice, &mut bob, minor, false);
    }
    // Bob's history is full, and begins to fold; so is the ring of his requests. A consumer's 61 serial counters are
    // shared by now.
    for _ in 0..=capacity.history {
        bob.load(2, 1).unwrap();
    }
    for payer in 0..70 {
        bob.request(world::number(20 + payer), 77).unwrap();
    }
    payment(&mut most, &mut alice, &mut bob, 1000, false);
    payment(&mut most, &mut alice, &mut bob, 1001, true);
    assert_eq!(alice.counters().unacknowledged, capacity.payments - 1);
    payment(&mut most, &mut alice, &mut bob, 1002, true);
    assert_eq!(alice.counters().unacknowledged, capacity.payments, "her log is full");
    most
}

/// The bound holds in every state that was tried, and is reached: it says no more than is so.
#[test]
fn a_payment_writes_no_more_than_the_budget_says() {
    for capacity in [Capacity::CONSUMER, Capacity::MERCHANT] {
        let most = measured(capacity, &profile::DIGITALLY_8);
        for work in PAYER.iter().chain(&PAYEE) {
            assert_eq!(most[work.command], u64::from(work.writes(Card::WRITE_COST)), "{capacity:?}: {}", work.command);
        }
    }
}

/// With random nonces there is no serial to keep: less is written.
#[test]
fn other_profiles_write_less() {
    let most = measured(Capacity::CONSUMER, &profile::FIXED);
    let bound = |work: &Work| u64::from(work.writes(Card::WRITE_COST));
    assert!(PAYER.iter().chain(&PAYEE).all(|work| most[work.command] <= bound(work)), "{most:?}");
    assert!(most["AUTHORISE"] < bound(&PAYER[2]) && most["REQUEST"] < bound(&PAYEE[0]), "{most:?}");
}

#[test]
fn the_sums() {
    assert_eq!((writes(&PAYER, Card::WRITE_COST), writes(&PAYEE, Card::WRITE_COST)), (20, 34));
}

/// What a mistake costs, as docs/applet.md has it.
#[test]
fn mistakes() {
    let (mut alice, mut bob) = world::two(&Setup::default());
    let opened = bob.request(alice.number, 100).unwrap();
    let wrong = |code: Code| Code::new(code.value() ^ 1, code.digits()).unwrap();
    let cost = |person: &mut Person, act: &dyn Fn(&mut Person)| {
        let before = person.purse.transport().writes();
        act(person);
        person.purse.transport().writes() - before
    };
    let payee = bob.number;
    assert_eq!(cost(&mut alice, &|alice| assert!(alice.check(payee, 100, wrong(opened.code)).is_err())), 4);
    assert_eq!(cost(&mut alice, &|alice| assert!(alice.purse.send(&Verify { pin: Some(pin(WRONG_PIN)) }).is_err())), 4);
    assert_eq!(cost(&mut bob, &|bob| assert!(bob.confirm(opened.id, Code::new(7, 8).unwrap()).is_err())), 8);
}

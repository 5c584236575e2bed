//! Cards meet their issuer: once, a hundred times, and cut off anywhere.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::inconsistent_digit_grouping)]

#[path = "../cards/mod.rs"]
mod cards;

mod cut;
mod menu;
mod receive;
mod rollback;
mod upload;
mod value;
mod world;

use apdu::Sw;
use applet_model::purse::{Life, Settled, status};
use digitally::Amount;
use issuer::contact::{ContactError, NewLimits, Wishes};
use issuer::register::{Absent, Epochs};
use world::World;

/// P-ISS-1, P-ISS-2: the log comes up once, debits are acknowledged, caps start again; the second time there is nothing to do.
#[test]
fn a_contact_does_what_is_to_be_done_and_a_second_one_nothing() {
    let mut world = World::new();
    for _ in 0..3 {
        world.pay(4_00);
    }
    world.bob.request(&world.alice, 1).unwrap();
    let alice = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((alice.payments, alice.history, alice.unseen), (3, 1, 0), "three payments, and the load");
    assert_eq!((alice.before.counters.unacknowledged, alice.after.counters.unacknowledged), (3, 0));
    assert_eq!((alice.orders.as_slice(), alice.after.contact), ([1].as_slice(), 1));
    let bob = world.meet_bob(&Wishes::default()).unwrap();
    assert_eq!((bob.payments, bob.history), (0, 4));
    assert_eq!((bob.before.counters.opened_since_contact, bob.after.counters.opened_since_contact), (4, 0));

    let (cards, register) = (world.images(), world.register.entries(1).unwrap());
    for _ in 0..3 {
        let again = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!((again.payments, again.history, again.orders.len()), (0, 0, 0));
        world.meet_bob(&Wishes::default()).unwrap();
    }
    assert_eq!(world.images(), cards, "not one byte is written");
    assert_eq!(world.register.entries(1).unwrap(), register);
}

/// Must show: caps exhausted, contact, payments go on.
#[test]
fn payments_go_on_when_caps_were_used_up() {
    let mut world = World::new();
    let limits = NewLimits { opens: Some(2), failures: Some(1), ..NewLimits::default() };
    world.meet_bob(&Wishes { limits, ..Wishes::default() }).unwrap();
    for _ in 0..3 {
        let opened = world.bob.request(&world.alice, 4_00).unwrap();
        assert_eq!(world.bob.confirm(opened.id, "12345678"), Err(Sw::counter(4)));
        let paid = world.alice.pay(&world.bob, 4_00, opened.code).unwrap();
        assert_eq!(world.bob.confirm(opened.id, &paid), Err(status::RESPONSE_CAP));
        world.bob.request(&world.alice, 4_00).unwrap();
        assert_eq!(world.bob.request(&world.alice, 4_00).map(drop), Err(status::OPEN_CAP));
        world.meet_bob(&Wishes::default()).unwrap();
        world.bob.confirm(opened.id, &paid).unwrap();
    }
    // The payer's log fills up.
    let mut world = World::new();
    for _ in 0..64 {
        world.pay(1);
    }
    world.meet_bob(&Wishes::default()).unwrap();
    let opened = world.bob.request(&world.alice, 1).unwrap();
    assert_eq!(world.alice.pay(&world.bob, 1, opened.code), Err(status::LOG_FULL));
    let report = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((report.payments, report.unseen), (64, 0));
    for _ in 0..64 {
        world.pay(1);
    }
    // Bob's history has sixty-four places, and lets what came first go: it came up before.
    let bob = world.meet_bob(&Wishes::default()).unwrap();
    assert_eq!((bob.history, bob.unseen), (64, 1), "only the load was gone when he came first");
}

/// What left the history before it came up is said, not guessed; the balance still adds up as far as it can be seen.
#[test]
fn entries_that_left_before_they_came_up_are_counted() {
    let mut world = World::new();
    for _ in 0..70 {
        world.pay(1);
        if world.alice.statement().counters.unacknowledged == 64 {
            world.meet_alice(&Wishes::default()).unwrap();
        }
    }
    let bob = world.meet_bob(&Wishes::default()).unwrap();
    assert_eq!((bob.history, bob.unseen, bob.after.folded.count), (64, 7, 7), "the load, and six of the seventy");
    assert!(bob.findings.is_empty());
    world.pay(1);
    let bob = world.meet_bob(&Wishes::default()).unwrap();
    assert_eq!((bob.history, bob.unseen, bob.after.folded.count), (1, 7, 8));
}

#[test]
fn limits_suspension_and_settlement_are_as_wished() {
    let mut world = World::new();
    let opened = world.bob.request(&world.alice, 4_00).unwrap();
    let paid = world.alice.pay(&world.bob, 4_00, opened.code).unwrap();
    let settled = Settled { payer: Some(world.alice.number), serial: 1 };
    let wishes = Wishes {
        limits: NewLimits { payment: Some(Amount::new(7)), ..NewLimits::default() },
        suspended: Some(true),
        settled: vec![settled],
        value: None,
    };
    assert!(!world.register.is_settled(2, &settled).unwrap());
    let report = world.meet_bob(&wishes).unwrap();
    assert_eq!(report.after.limits.payment, Amount::new(7));
    assert_eq!(report.after.limits.balance, report.before.limits.balance);
    assert_eq!(report.after.holder.life(), Life::Suspended);
    assert!(world.register.is_settled(2, &settled).unwrap(), "the card has confirmed");
    assert_eq!(world.meet_bob(&wishes).unwrap().orders.len(), 0, "all of it is so already");
    let resumed = world.meet_bob(&Wishes { suspended: Some(false), ..Wishes::default() }).unwrap();
    assert_eq!(resumed.after.holder.life(), Life::Personalised);
    assert_eq!(world.bob.confirm(opened.id, &paid), Err(Sw::REFERENCED_DATA_NOT_FOUND));
}

/// P-CHK-6: cards change their keys one by one, each at its own time, and all pay all the while.
#[test]
fn a_fleet_changes_its_payment_key() {
    let mut world = World::new();
    let keys = |report: &issuer::contact::Report| (report.after.keys.epoch, report.after.keys.other_epoch);
    world.register.set_epochs(Epochs { in_use: 1, beside: Some(2) }).unwrap();
    assert_eq!(keys(&world.meet_alice(&Wishes::default()).unwrap()), (1, 2));
    world.pay(1);
    assert_eq!(keys(&world.meet_bob(&Wishes::default()).unwrap()), (1, 2));
    world.register.set_epochs(Epochs { in_use: 2, beside: Some(1) }).unwrap();
    assert_eq!(keys(&world.meet_bob(&Wishes::default()).unwrap()), (2, 1));
    world.pay(1);
    assert_eq!(keys(&world.meet_alice(&Wishes::default()).unwrap()), (2, 1));
    world.pay(1);
    // One who was not met for two generations.
    world.register.set_epochs(Epochs { in_use: 4, beside: Some(3) }).unwrap();
    let report = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((keys(&report), report.orders.len()), ((4, 3), 2));
    world.meet_bob(&Wishes::default()).unwrap();
    world.pay(1);
    assert!(world.register.set_epochs(Epochs { in_use: 4, beside: Some(4) }).is_err());
}

#[test]
fn cards_that_are_not_ours_or_not_done() {
    let mut world = World::new();
    let mut stranger = World::of_issuer(9);
    // Same number, another issuer's keys.
    std::mem::swap(&mut world.alice.card, &mut stranger.alice.card);
    assert!(matches!(world.meet_alice(&Wishes::default()), Err(ContactError::NotAuthentic)));
    // A number that nobody has.
    let mut third = World::with_numbers(7, 5, 6);
    std::mem::swap(&mut world.alice.card, &mut third.alice.card);
    assert!(matches!(
        world.meet_alice(&Wishes::default()),
        Err(ContactError::Absent(Absent::Unknown { sequence: 1, .. }))
    ));
    // A card without a purse.
    world.alice.card = cards::blank(3);
    assert!(matches!(world.meet_alice(&Wishes::default()), Err(ContactError::Purse(_))));
}

/// A card that is made while the fleet changes its key is made with the one in use, and pays everybody.
#[test]
fn new_cards_have_the_key_in_use() {
    let mut world = World::new();
    world.register.set_epochs(Epochs { in_use: 2, beside: Some(1) }).unwrap();
    world.meet_alice(&Wishes::default()).unwrap();
    world.bob = world::Person { number: cards::number(3), card: world::issue(&world.issuer, &mut world.register, 3) };
    assert_eq!(world.bob.statement().keys.epoch, 2);
    world.pay(1);
}

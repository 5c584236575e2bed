//! No command of the purse takes memory from the heap, once the card is warm.

#![allow(clippy::unwrap_used)]

mod world;

use allocation_counter::measure;
use applet_model::purse::File;
use world::{PIN, Person, Setup, pin};

#[test]
fn a_warm_card_allocates_nothing() {
    let (mut alice, mut bob) = (Person::new(1, &Setup::default()), Person::new(2, &Setup::default()));
    let number = bob.number;
    let mut round = || {
        let opened = bob.request(alice.number, 100).unwrap();
        let paid = alice.pay(number, 100, opened.code).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
        alice.purse.last(0).unwrap();
        alice.purse.entry(File::Payments, 1).unwrap().unwrap();
        alice.load(1, 100).unwrap();
        alice.balance();
        alice.counters();
        bob.purse.verify(&pin(PIN)).unwrap();
        bob.unload(2, 100).unwrap();
    };
    round();
    let allocations = measure(|| (0..20).for_each(|_| round()));
    assert_eq!(allocations.count_total, 0, "{allocations:?}");
}

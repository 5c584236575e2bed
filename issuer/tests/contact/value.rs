//! Topping up and cashing out.

use apdu::Sw;
use applet_model::purse::status;
use applet_model::runtime::PinBlock;
use digitally::Amount;
use issuer::contact::{ContactError, Value, ValueDone, Wishes};
use issuer::register::ValueKind;

use crate::world::{LOADED, World, pin};

fn value(kind: ValueKind, minor: u32, reference: &str) -> Wishes {
    let value = Value { kind, amount: Amount::new(minor), reference: reference.to_owned(), pin: Some(pin()) };
    Wishes { value: Some(value), ..Wishes::default() }
}

#[test]
fn one_reference_is_one_order() {
    let mut world = World::new();
    for done in [ValueDone::Now, ValueDone::Before, ValueDone::Before] {
        let report = world.meet_alice(&value(ValueKind::Load, 10_00, "a")).unwrap();
        assert_eq!((report.value, report.after.balance.minor_units()), (Some(done), LOADED + 10_00));
    }
    world.meet_alice(&value(ValueKind::Load, 10_00, "b")).unwrap();
    world.meet_alice(&value(ValueKind::Unload, 5_00, "c")).unwrap();
    world.meet_alice(&value(ValueKind::Unload, 5_00, "c")).unwrap();
    assert_eq!(world.alice.balance(), LOADED + 15_00);
    // Another card may use the same name.
    world.meet_bob(&value(ValueKind::Load, 1_00, "a")).unwrap();
    for other in [value(ValueKind::Load, 11_00, "a"), value(ValueKind::Unload, 10_00, "a")] {
        assert!(matches!(world.meet_alice(&other), Err(ContactError::ReferenceTaken(order)) if order.reference == "a"));
    }
    assert!(matches!(world.meet_alice(&value(ValueKind::Load, 0, "d")), Err(ContactError::NoAmount)));
}

/// S7: value leaves the card by its holder's PIN alone; a wrong one is counted by the card, and nothing stays open.
#[test]
fn cashing_out_needs_the_pin() {
    let mut world = World::new();
    let with_pin = |pin| {
        let mut wishes = value(ValueKind::Unload, 5_00, "a");
        wishes.value.as_mut().unwrap().pin = pin;
        wishes
    };
    assert!(matches!(world.meet_alice(&with_pin(None)), Err(ContactError::NoPin)));
    let wrong = PinBlock::parse("9999").unwrap();
    let refused = world.meet_alice(&with_pin(Some(wrong)));
    assert!(matches!(refused, Err(ContactError::Pin(error)) if error.sw() == Some(Sw::counter(2))));
    assert_eq!(world.register.open_value_order(1).unwrap(), None);
    world.meet_alice(&with_pin(Some(pin()))).unwrap();
    assert_eq!(world.alice.balance(), LOADED - 5_00);
}

/// What the card refuses was not carried out: the order is taken back, and the next one has its counter.
#[test]
fn a_refused_order_is_taken_back() {
    let mut world = World::new();
    for (wishes, word) in [
        (value(ValueKind::Load, 50_000_00, "a"), status::BALANCE_LIMIT),
        (value(ValueKind::Unload, LOADED + 1, "a"), status::INSUFFICIENT_BALANCE),
    ] {
        let refused = world.meet_alice(&wishes);
        assert!(matches!(refused, Err(ContactError::Value { error, .. }) if error.sw() == Some(word)));
        assert_eq!(world.register.value_order(1, "a").unwrap(), None);
    }
    world.meet_alice(&value(ValueKind::Load, 1_00, "a")).unwrap();
    assert_eq!(world.alice.balance(), LOADED + 1_00);
}

/// An order that was begun under one name is finished before another one is begun, and every contact says that it is open.
#[test]
fn an_open_order_is_finished_first() {
    let mut world = World::new();
    let first = value(ValueKind::Load, 10_00, "first");
    // Statement, order, statement, and the order of value; then nothing any more.
    for transactions in 1.. {
        world.register.cut_at(Some(transactions));
        world.meet_alice(&first).unwrap_err();
        world.register.cut_at(None);
        if world.register.open_value_order(1).unwrap().is_some() {
            break;
        }
    }
    // The card has carried it out, though nobody heard: the next contact finds that out by itself.
    let report = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((report.open, report.after.balance.minor_units()), (None, LOADED + 10_00));
    assert_eq!(world.meet_alice(&first).unwrap().value, Some(ValueDone::Before));
}

//! A contact is cut off: on the card at every write, in the register at every transaction, and between the two at every
//! message. Run again, the effect is once.

use apdu::{Cut, PowerCut, Transport};
use applet_model::purse::{Counters, KeyNames, Limits, Settled, Statement};
use digitally::Amount;
use issuer::contact::{NewLimits, Value, ValueDone, Wishes};
use issuer::register::{Epochs, ValueKind};

use crate::world::{LOADED, World, meet, pin};

/// A card that has something of everything behind it, and wishes for everything.
fn world(kind: ValueKind) -> (World, Wishes) {
    let mut world = World::new();
    world.pay(4_00);
    world.pay(5_00);
    let opened = world.alice.request(&world.bob, 1_00).unwrap();
    assert!(world.alice.confirm(opened.id, "00000000").is_err());
    world.register.set_epochs(Epochs { in_use: 2, beside: Some(3) }).unwrap();
    let wishes = Wishes {
        limits: NewLimits { payment: Some(Amount::new(77_00)), ..NewLimits::default() },
        suspended: Some(kind == ValueKind::Unload),
        settled: vec![Settled { payer: Some(world.bob.number), serial: 1 }],
        value: Some(Value { kind, amount: Amount::new(10_00), reference: "till 3".to_owned(), pin: Some(pin()) }),
    };
    (world, wishes)
}

/// What has to be the same however it came about: all but the number of the last contact, and of PINs presented.
type Effect = (u32, u32, u32, u32, Limits, KeyNames, Counters, u8, usize, u64, bool);

fn effect(world: &mut World) -> Effect {
    let Statement { holder, balance, acknowledged, entries, limits, keys, counters, .. } = world.alice.statement();
    let settled = Settled { payer: Some(world.bob.number), serial: 1 };
    let requests = u32::from(world.alice.purse().open_request(1).unwrap().is_some());
    (
        balance.minor_units(),
        acknowledged,
        entries,
        requests,
        limits,
        keys,
        Counters { pin_attempts: 0, wrong_pins: 0, ..counters },
        holder.life().number(),
        world.register.entries(1).unwrap().len(),
        world.register.loaded_in_all().unwrap(),
        world.register.is_settled(1, &settled).unwrap(),
    )
}

fn expected(kind: ValueKind) -> Effect {
    let (mut world, wishes) = world(kind);
    let report = world.meet_alice(&wishes).unwrap();
    assert_eq!(report.value, Some(ValueDone::Now));
    let moved = if kind == ValueKind::Load { LOADED - 9_00 + 10_00 } else { LOADED - 9_00 - 10_00 };
    let effect = effect(&mut world);
    assert_eq!(effect.0, moved);
    assert!(effect.10 && effect.3 == 0);
    effect
}

/// Meets the card once more, and once more: nothing is missing, nothing was done twice.
fn again(world: &mut World, wishes: &Wishes, expected: &Effect, cut: &str) {
    world.register.cut_at(None);
    for _ in 0..2 {
        let report = world.meet_alice(wishes).unwrap_or_else(|error| panic!("after a cut {cut}: {error}"));
        assert!(report.findings.is_empty(), "after a cut {cut}: {:?}", report.findings);
        assert!(report.value.is_some() && report.open.is_none());
        assert_eq!(effect(world), *expected, "after a cut {cut}");
    }
    assert_eq!(world.meet_alice(wishes).unwrap().value, Some(ValueDone::Before));
    let order = world.register.value_order(1, "till 3").unwrap().unwrap();
    assert!(order.done);
    world.alice.purse();
    world.register.check().unwrap();
}

/// Must show: cut at every write on the card.
#[test]
fn at_every_write_on_the_card() {
    for kind in [ValueKind::Load, ValueKind::Unload] {
        let expected = expected(kind);
        let mut writes = 0;
        for write in 1.. {
            let mut done = true;
            for (bytes, unstable) in [(0, false), (1, false), (1, true)] {
                let (mut world, wishes) = world(kind);
                world.alice.card.arm(Some(Cut { write, bytes, unstable }));
                done &= world.meet_alice(&wishes).is_ok();
                world.alice.card.arm(None);
                world.alice.card.reset().unwrap();
                again(&mut world, &wishes, &expected, &format!("at write {write}, byte {bytes}"));
            }
            if done {
                break;
            }
            writes += 1;
        }
        assert!(writes > 40, "{writes} writes in a contact");
    }
}

/// Must show: cut after every statement in the register.
#[test]
fn after_every_transaction_of_the_register() {
    for kind in [ValueKind::Load, ValueKind::Unload] {
        let expected = expected(kind);
        let mut cuts = 0;
        for transaction in 0.. {
            let (mut world, wishes) = world(kind);
            world.register.cut_at(Some(transaction));
            let done = world.meet_alice(&wishes).is_ok();
            again(&mut world, &wishes, &expected, &format!("before transaction {transaction}"));
            if done {
                break;
            }
            cuts += 1;
        }
        assert!(cuts >= 7, "{cuts} transactions in a contact");
    }
}

/// A reader that dies: of the message with this number, counted from 0, the command does not reach the card, or its answer
/// does not reach the issuer.
struct Dying<'c> {
    card: &'c mut card_sim::Card,
    left: usize,
    reached: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("dead")]
struct Dead;

impl Transport for Dying<'_> {
    type Error = Dead;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Dead> {
        let last = self.left == 0;
        if last && !self.reached {
            return Err(Dead);
        }
        let Ok(length) = self.card.transmit(command, response);
        self.left = self.left.checked_sub(1).ok_or(Dead)?;
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), Dead> {
        let Ok(()) = self.card.reset();
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}

/// Both the card and the issuer go on, and one of them does not know what the other one did.
#[test]
fn at_every_message_between_them() {
    let expected = expected(ValueKind::Load);
    let mut cuts = 0;
    for message in 0.. {
        let mut done = true;
        for reached in [false, true] {
            let (mut world, wishes) = world(ValueKind::Load);
            let mut dying = Dying { card: &mut world.alice.card, left: message, reached };
            done &= meet(&world.issuer, &mut world.register, &mut dying, &wishes, 99).is_ok();
            world.alice.card.reset().unwrap();
            again(&mut world, &wishes, &expected, &format!("at message {message}"));
        }
        if done {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 30, "{cuts} messages in a contact");
}

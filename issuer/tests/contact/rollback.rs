//! Cards that are not what they were, and readers that do not tell all.

use apdu::{Sw, Transport};
use applet_model::purse::Life;
use card_sim::Card;
use digitally::Amount;
use issuer::contact::{ContactError, Value, Wishes};
use issuer::register::{Known, ValueKind};

use crate::world::{LOADED, World, meet};

/// Must show: rollback found. The card is suspended, at once and for good; what it has to say still comes up.
#[test]
fn an_older_image_is_found_and_suspended() {
    let mut world = World::new();
    world.pay(1_00);
    let [old, _] = world.images();
    world.meet_alice(&Wishes::default()).unwrap();
    world.pay(2_00);
    world.meet_alice(&Wishes::default()).unwrap();
    world.alice.card.restore(&old).unwrap();
    world.pay(3_00);

    let value = Value { kind: ValueKind::Load, amount: Amount::new(1), reference: "x".to_owned(), pin: None };
    let report = world.meet_alice(&Wishes { value: Some(value), ..Wishes::default() }).unwrap();
    let expected =
        ["doubled: log entry 3 was another one before", "rolled back: the number of its last contact was 2, and is 0"];
    assert_eq!(report.findings, expected);
    assert_eq!(report.after.holder.life(), Life::Suspended);
    assert_eq!(report.payments, 1, "the payment that stands where another one stood");
    assert_eq!((report.value, report.after.balance), (None, report.before.balance), "nothing is loaded");
    assert_eq!(report.after.acknowledged, report.before.acknowledged, "nor acknowledged");
    assert!(world.alice.request(&world.bob, 1).is_err());
    assert_eq!(world.register.entry_macs(1, 3).unwrap().len(), 2, "both bodies of the entry are kept");

    let again = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((again.orders.len(), again.findings.len()), (0, 2));
    let resumed = world.meet_alice(&Wishes { suspended: Some(false), ..Wishes::default() });
    assert!(matches!(resumed, Err(ContactError::NotToBeResumed(why)) if why == again.findings));
    // The image from before its suspension does not help either.
    world.alice.card.restore(&old).unwrap();
    assert_eq!(world.meet_alice(&Wishes::default()).unwrap().after.holder.life(), Life::Suspended);
    let resumed = world.meet_alice(&Wishes { suspended: Some(false), ..Wishes::default() });
    assert!(matches!(resumed, Err(ContactError::NotToBeResumed(_))));
}

/// Resuming is not forgotten over the finding: a rolled-back card that was to be resumed is suspended first.
#[test]
fn a_rolled_back_card_is_suspended_before_resuming_is_refused() {
    let mut world = World::new();
    let [old, _] = world.images();
    world.pay(1_00);
    world.meet_alice(&Wishes::default()).unwrap();
    world.alice.card.restore(&old).unwrap();
    let resumed = world.meet_alice(&Wishes { suspended: Some(false), ..Wishes::default() });
    assert!(matches!(resumed, Err(ContactError::NotToBeResumed(_))));
    assert_eq!(world.alice.statement().holder.life(), Life::Suspended);
}

/// P-ISS-4: where every counter fits, the log still tells: one number, two entries.
#[test]
fn a_copied_card_is_found_by_its_log() {
    let mut world = World::new();
    let [old, _] = world.images();
    world.pay(1_00);
    // The log comes up, and the power fails before the card is ordered anything.
    world.register.cut_at(Some(1));
    world.meet_alice(&Wishes::default()).unwrap_err();
    world.register.cut_at(None);
    world.alice.card.restore(&old).unwrap();
    world.pay(2_00);
    let report = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!(report.findings, ["doubled: log entry 2 was another one before"]);
    assert_eq!(report.after.holder.life(), Life::Suspended);
}

/// A register that was put back to an older copy blames no card for it.
#[test]
fn an_older_register_is_told_from_an_older_card() {
    let mut world = World::new();
    world.pay(1_00);
    world.meet_alice(&Wishes::default()).unwrap();
    let mut older = World::new();
    std::mem::swap(&mut world.alice.card, &mut older.alice.card);
    let refused = older.meet_alice(&Wishes::default());
    assert!(matches!(refused, Err(ContactError::RegisterBehind { card: 1, register: 0 })));
    assert_eq!(older.alice.statement().holder.life(), Life::Personalised);
}

/// A reader that changes or withholds what the card says.
struct Lying<'c, F> {
    card: &'c mut Card,
    lie: F,
}

impl<F: FnMut(&[u8], &mut Vec<u8>)> Transport for Lying<'_, F> {
    type Error = core::convert::Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        let Ok(length) = self.card.transmit(command, response);
        let mut answer = response[..length].to_vec();
        (self.lie)(command, &mut answer);
        response[..answer.len()].copy_from_slice(&answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.card.reset()
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}

fn meet_lying(world: &mut World, lie: impl FnMut(&[u8], &mut Vec<u8>)) -> crate::world::Outcome {
    let mut card = Lying { card: &mut world.alice.card, lie };
    meet(&world.issuer, &mut world.register, &mut card, &Wishes::default(), 5)
}

/// Every bit of a statement and of a log entry counts; and what is not told is missed.
#[test]
fn a_lying_reader_is_found_out() {
    let mut world = World::new();
    world.pay(1_00);
    world.pay(2_00);
    let flip = |ins: u8, p2: u8, bit: usize| {
        move |command: &[u8], answer: &mut Vec<u8>| {
            if command[1] == ins && command[3] == p2 && answer.len() > 2 {
                answer[bit / 8] ^= 1 << (bit % 8);
            }
        }
    };
    for bit in 0..133 * 8 {
        let outcome = meet_lying(&mut world, flip(0x88, 0x00, bit));
        let refused = matches!(outcome, Err(ContactError::NotAuthentic | ContactError::Purse(_)));
        assert!(refused, "bit {bit} of the statement");
    }
    for bit in 0..40 * 8 {
        for file in [0x2C, 0x34] {
            let outcome = meet_lying(&mut world, flip(0xB2, file, bit));
            let refused = matches!(outcome, Err(ContactError::EntryNotAuthentic { .. } | ContactError::Purse(_)));
            assert!(refused, "bit {bit} of an entry");
        }
    }
    // The statement of another day, and of another card.
    let old = world.alice.purse().attest([0; 8]).unwrap();
    let other = world.bob.purse().attest([0; 8]).unwrap();
    for attested in [old, other] {
        let mut bytes = [0; 133];
        applet_model::runtime::Fixed::store(&attested, &mut bytes);
        let outcome = meet_lying(&mut world, |command, answer| {
            if command[1] == 0x88 {
                answer[..133].copy_from_slice(&bytes);
            }
        });
        assert!(matches!(outcome, Err(ContactError::NotAuthentic)));
    }
    // Files that end too early.
    for (file, last) in [(0x2C, 0), (0x2C, 1), (0x34, 0)] {
        let outcome = meet_lying(&mut world, |command, answer| {
            if command[1] == 0xB2 && command[3] == file && command[2] > last {
                *answer = Sw::RECORD_NOT_FOUND.value().to_be_bytes().to_vec();
            }
        });
        assert!(matches!(outcome, Err(ContactError::Incomplete { payments: 2, history: 1 })), "{file:02X} {last}");
    }
    assert_eq!(world.register.known(1).unwrap().map(|Known { statement, .. }| statement.contact), None);
    assert_eq!(world.register.entries(1).unwrap(), [], "nothing of it was believed");
    let report = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((report.payments, report.after.balance.minor_units()), (2, LOADED - 3_00));
}

/// A reader that passes over the second newest history entry.
struct Skipping<'c>(&'c mut Card);

impl Transport for Skipping<'_> {
    type Error = core::convert::Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        let mut command = command.to_vec();
        if command[1] == 0xB2 && command[3] == 0x34 && command[2] >= 2 {
            command[2] += 1;
        }
        self.0.transmit(&command, response)
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.0.reset()
    }

    fn atr(&self) -> &[u8] {
        self.0.atr()
    }
}

/// That much history has left the card, all of it known, does not hide that some of what is left is withheld.
#[test]
fn withheld_history_is_missed_after_some_was_folded() {
    let mut world = World::new();
    for round in 0..2 {
        for _ in 0..32 {
            world.pay(1);
        }
        world.meet_alice(&Wishes::default()).unwrap();
        world.meet_bob(&Wishes::default()).unwrap();
        assert_eq!(world.bob.statement().folded.count, round);
    }
    for _ in 0..10 {
        world.pay(1);
    }
    let mut card = Skipping(&mut world.bob.card);
    let outcome = meet(&world.issuer, &mut world.register, &mut card, &Wishes::default(), 5);
    assert!(matches!(outcome, Err(ContactError::Incomplete { payments: 0, history: 75 })), "{outcome:?}");
    let met = world.meet_bob(&Wishes::default()).unwrap();
    assert_eq!((met.history, met.unseen, met.before.folded.count), (10, 0, 11));
}

//! Snapshots: whatever a card does after one, it can be taken back, and does the same again.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use apdu::Transport;
use card_sim::{Card, OtherCard};
use proptest::prelude::*;
use support::{MODULES, NOTEBOOK, card, select, selected, send, tell};

const NAMES: [&[u8]; 3] = [b"\xF0one\x00", b"\xF0two\x00", b"\xF1three"];

#[derive(Clone, Debug)]
enum Step {
    Select(usize),
    Tell(u8, u8, u8, Vec<u8>),
    Raw(Vec<u8>),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_usize).prop_map(Step::Select),
        // All but random bytes, which a snapshot does not hold.
        (0x10..0x22_u8, 0..40_u8, 0..40_u8, proptest::collection::vec(any::<u8>(), 0..20))
            .prop_map(|(ins, p1, p2, data)| Step::Tell(ins, p1, p2, data)),
        // Long answers, of which a part stays behind.
        (0..3_u8, any::<u8>(), any::<u8>()).prop_map(|(p1, p2, le)| Step::Raw(vec![0x80, 0x20, p1, p2, le])),
        any::<u8>().prop_map(|le| Step::Raw(vec![0x00, 0xC0, 0x00, 0x00, le])),
        Just(Step::Reset),
    ]
}

fn run(card: &mut Card, steps: &[Step]) -> Vec<(Vec<u8>, u16)> {
    let one = |step: &Step| match step {
        Step::Select(index) => (vec![], select(card, NAMES.get(*index).copied().unwrap_or(b"\xF5"))),
        Step::Tell(ins, p1, p2, data) => tell(card, *ins, *p1, *p2, data),
        Step::Raw(command) => send(card, command),
        Step::Reset => {
            card.reset().unwrap();
            (vec![], 0)
        }
    };
    steps.iter().map(one).collect()
}

proptest! {
    #[test]
    fn a_card_that_goes_back_does_the_same_again(
        before in proptest::collection::vec(step(), 0..20),
        after in proptest::collection::vec(step(), 0..20),
    ) {
        let mut card = card(&NAMES);
        run(&mut card, &before);
        let snapshot = card.snapshot();
        let first = run(&mut card, &after);
        let end = card.snapshot();
        card.restore(&snapshot).unwrap();
        prop_assert_eq!(&card.snapshot(), &snapshot);
        prop_assert_eq!(run(&mut card, &after), first.clone());
        prop_assert_eq!(&card.snapshot(), &end);
        // Another card with the same applets goes on from there too.
        let mut twin = support::card(&NAMES);
        twin.restore(&snapshot).unwrap();
        prop_assert_eq!(run(&mut twin, &after), first);
        prop_assert_eq!(&twin.snapshot(), &end);
    }
}

#[test]
fn a_snapshot_is_of_one_set_of_applets() {
    let mut card = card(&NAMES);
    let snapshot = card.snapshot();
    assert_eq!(support::card(&NAMES[..2]).restore(&snapshot), Err(OtherCard));
    assert_eq!(support::card(&[NAMES[0], NAMES[2], NAMES[1]]).restore(&snapshot), Err(OtherCard));
    card.install(MODULES, NOTEBOOK, NOTEBOOK, &[]).unwrap();
    let now = card.snapshot();
    assert_eq!(card.restore(&snapshot), Err(OtherCard));
    assert_eq!(card.snapshot(), now, "and the card is as before");
}

#[test]
fn restoring_is_noticed_if_it_changes_what_lasts() {
    let mut card = selected();
    let empty = card.snapshot();
    card.take_dirty();
    tell(&mut card, 0x12, 0, 0, &[1]);
    card.restore(&empty).unwrap();
    assert!(!card.take_dirty());
    tell(&mut card, 0x10, 0, 0, &[1]);
    assert!(card.take_dirty());
    let writes = card.writes();
    card.restore(&empty).unwrap();
    assert!(card.take_dirty());
    assert_eq!(card.writes(), writes, "no write of the card's");
}

#[test]
fn nothing_is_shown_in_debug() {
    let mut card = selected();
    tell(&mut card, 0x10, 0, 0, b"secret");
    assert_eq!(format!("{:?}", card.snapshot()), "Snapshot(32 bytes persistent, 64 transient)");
    let shown = format!("{card:?}");
    assert_eq!(
        shown,
        "Card { instances: [F06E6F7465626F6F6B of F06E6F7465626F6F6B], selected: Some(F06E6F7465626F6F6B), .. }"
    );
}

//! Uploads: in order, out of order, with messages missing, doubled, forged, cut off, and between contacts.

use std::sync::OnceLock;

use applet_model::purse::upload::UploadError;
use applet_model::purse::{AttestedEntry, Entry};
use issuer::contact::Wishes;
use issuer::receive::{Content, ReceiveError, Received, Refusal, Standing, receive};
use issuer::register::{Absent, Arrival, Place, Register, Trouble};
use proptest::prelude::*;

use crate::cards::{self, NOW};
use crate::upload::{entries, log, statement, submit, upload};
use crate::world::{Person, World};

fn take(world: &mut World, tpdu: &[u8]) -> Result<Received, Refusal> {
    match receive(&mut world.register, &world.issuer, tpdu, NOW) {
        Ok(received) => Ok(received),
        Err(ReceiveError::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

fn take_all<'m>(world: &mut World, messages: impl IntoIterator<Item = &'m Vec<u8>>) {
    for message in messages {
        take(world, message).unwrap();
    }
}

/// Numbers of the entries that a message brought, and whether they were new.
fn arrivals(received: &Received) -> Vec<(u32, Arrival)> {
    match &received.content {
        Content::Entries(entries) => entries.clone(),
        Content::Statement(number, arrival) => vec![(*number, *arrival)],
    }
}

type Ranges = Vec<(u32, u32)>;

/// How many entries are known, what is missing, and what cannot come any more.
fn standing(world: &World, card: i64) -> (u32, Ranges, Ranges) {
    let Standing { known, missing, gone, .. } =
        Standing::of(&world.register, world.register.card(card).unwrap()).unwrap();
    let ranges = |numbers: Vec<issuer::receive::Numbers>| numbers.iter().map(|one| (one.first, one.last)).collect();
    (known, ranges(missing), ranges(gone))
}

/// All that uploads change in the register.
fn state(register: &Register) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut statements: Vec<String> =
        register.uploaded(1).unwrap().iter().map(|statement| format!("{statement:?}")).collect();
    statements.sort();
    let mut findings = register.findings(1).unwrap();
    findings.sort();
    (register.entries(1).unwrap(), statements, findings)
}

/// Alice's card with both logs full: 64 payments, and 64 other entries, one of which is the load.
fn full() -> World {
    let mut world = World::new();
    for _ in 0..63 {
        world.pay(2);
        let opened = world.alice.request(&world.bob, 1).unwrap();
        let paid = world.bob.pay(&world.alice, 1, opened.code).unwrap();
        world.alice.confirm(opened.id, &paid).unwrap();
    }
    world.pay(2);
    world
}

/// Its upload, and what it is an upload of.
fn full_upload() -> &'static (Vec<Vec<u8>>, Vec<AttestedEntry>) {
    static UPLOAD: OnceLock<(Vec<Vec<u8>>, Vec<AttestedEntry>)> = OnceLock::new();
    UPLOAD.get_or_init(|| {
        let mut alice = full().alice;
        let log = log(&mut alice.purse());
        let paid = log.iter().filter(|attested| attested.entry.kind == Entry::PAID).count();
        assert_eq!((paid, log.len()), (64, 128));
        let messages = upload(&mut alice);
        assert_eq!(messages.len(), 43 + 1);
        (messages, log)
    })
}

/// The same cards, and an issuer who has heard nothing of them.
fn deaf() -> World {
    World::new()
}

/// Must show: an upload of a full log, in order, out of order, with a message missing, and doubled.
#[test]
fn a_full_log() {
    let (messages, log) = full_upload();
    let mut world = deaf();
    for message in messages {
        assert!(arrivals(&take(&mut world, message).unwrap()).iter().all(|(_, arrival)| *arrival == Arrival::New));
    }
    assert_eq!(world.register.entries(1).unwrap(), *log);
    assert_eq!(standing(&world, 1), (128, vec![], vec![]));
    let in_order = state(&world.register);

    // Doubled, at once and later.
    for message in messages {
        assert!(arrivals(&take(&mut world, message).unwrap()).iter().all(|(_, arrival)| *arrival == Arrival::Known));
    }
    assert_eq!(state(&world.register), in_order);

    // Newest first, each twice.
    let mut world = deaf();
    take_all(&mut world, messages.iter().rev().flat_map(|message| [message, message]));
    assert_eq!(state(&world.register), in_order);

    // One is missing, whichever: it is named, and comes later.
    for missing in 0..messages.len() {
        let mut world = deaf();
        let rest = messages.iter().enumerate().filter(|(index, _)| *index != missing);
        take_all(&mut world, rest.map(|(_, message)| message));
        let first = u32::try_from(missing).unwrap() * 3 + 1;
        let named = match missing {
            43 => vec![],
            42 => vec![(127, 128)],
            _ => vec![(first, first + 2)],
        };
        assert_eq!(standing(&world, 1).1, named);
        take_all(&mut world, [&messages[missing]]);
        assert_eq!(state(&world.register), in_order);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// In whatever order, however often, with noise between: the same register in the end.
    #[test]
    fn in_whatever_order(
        order in Just((0..44_usize).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec((0..44_usize, 0..44_usize), 0..40),
        noise in prop::collection::vec((0..44_usize, prop::collection::vec(any::<u8>(), 0..180)), 0..8),
    ) {
        let (messages, log) = full_upload();
        let mut world = deaf();
        for (at, message) in order.iter().enumerate() {
            take(&mut world, &messages[*message]).unwrap();
            for (_, message) in again.iter().filter(|(after, _)| *after == at) {
                take(&mut world, &messages[*message]).unwrap();
            }
            for (_, bytes) in noise.iter().filter(|(after, _)| *after == at) {
                prop_assert!(take(&mut world, bytes).is_err());
            }
        }
        prop_assert_eq!(&world.register.entries(1).unwrap(), log);
        prop_assert_eq!(world.register.uploaded(1).unwrap().len(), 1);
        prop_assert!(world.register.findings(1).unwrap().is_empty());
        prop_assert_eq!(standing(&world, 1), (128, vec![], vec![]));
    }
}

/// Every bit of a message of entries, and of a statement: of the user data none may change, and of the rest none says anything.
#[test]
fn every_bit() {
    let (messages, _) = full_upload();
    for (message, user_data) in [(&messages[0], 130), (&messages[43], 134)] {
        let mut world = deaf();
        let empty = state(&world.register);
        let head = message.len() - user_data;
        let (mut refused, mut bits) = (0, 0);
        for bit in head * 8..message.len() * 8 {
            let mut flipped = message.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let refusal = take(&mut world, &flipped).expect_err("a bit of the user data was flipped");
            let known = matches!(
                refusal,
                Refusal::Upload(_)
                    | Refusal::Form
                    | Refusal::Absent(_)
                    | Refusal::Blank
                    | Refusal::Entry { .. }
                    | Refusal::Statement(_)
            );
            assert!(known, "bit {bit}: {refusal}");
        }
        assert_eq!(state(&world.register), empty, "nothing of it was believed");
        let content = take(&mut deaf(), message).unwrap();
        for bit in 0..head * 8 {
            let mut flipped = message.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            bits += 1;
            let mut world = deaf();
            match take(&mut world, &flipped) {
                Ok(taken) => assert_eq!(taken, content, "bit {bit}"),
                Err(refusal) => {
                    refused += 1;
                    assert!(matches!(refusal, Refusal::Submit(_) | Refusal::Coding | Refusal::Upload(_)), "{refusal}");
                    assert_eq!(state(&world.register), empty);
                }
            }
        }
        assert!(refused > 20 && refused < bits, "{refused} of {bits}");
    }
}

#[test]
fn messages_of_nobodys() {
    let mut world = World::new();
    let mine = upload(&mut world.alice);
    // Another issuer's card with the same number; a number that nobody has; another card of hers.
    let mut foreign = World::of_issuer(9);
    for message in upload(&mut foreign.alice) {
        let refusal = take(&mut world, &message).unwrap_err();
        assert!(matches!(refusal, Refusal::Entry { entry: 1, .. } | Refusal::Statement(_)), "{refusal}");
    }
    let mut third = World::with_numbers(7, 5, 6);
    for message in upload(&mut third.alice) {
        let refusal = take(&mut world, &message).unwrap_err();
        assert!(
            matches!(refusal, Refusal::Absent(Absent::Unknown { number, sequence: 1 }) if number == cards::number(5))
        );
    }
    let mut second = mine[0].clone();
    let at = second.len() - 41;
    second[at] = 2;
    assert!(matches!(take(&mut world, &second), Err(Refusal::Absent(Absent::Unknown { sequence: 2, .. }))));
    // Alice's entry as Bob's.
    let mut stolen = mine[0].clone();
    stolen[at - 1] = 2;
    assert!(matches!(take(&mut world, &stolen), Err(Refusal::Entry { card, .. }) if card.id == 2));
    // A statement for another challenge; a blank card's.
    let attested = world.alice.purse().attest([1; 8]).unwrap();
    let other = crate::upload::tpdu(&applet_model::purse::upload::UploadMessage::Statement(attested));
    assert!(matches!(take(&mut world, &other), Err(Refusal::Statement(_))));
    let mut blank = attested;
    blank.statement.holder.number = None;
    let blank = crate::upload::tpdu(&applet_model::purse::upload::UploadMessage::Statement(blank));
    assert!(matches!(take(&mut world, &blank), Err(Refusal::Blank)));
    // What is no upload.
    assert!(matches!(take(&mut world, &submit(b"hello")), Err(Refusal::Upload(UploadError::Kind(Some(b'h'))))));
    assert!(matches!(take(&mut world, &[]), Err(Refusal::Submit(_))));
    // A card that is not done.
    let planned = cards::order(8, 0);
    let (seal, key_check) = (world.issuer.seal(&planned).unwrap(), globalplatform::CheckValue([0; 3]));
    let plan = issuer::register::Plan { order: &planned, seal, key_check, epoch: 1, line: None };
    world.register.plan(None, &[plan], NOW).unwrap().remove(0).unwrap();
    let early = upload(&mut World::with_numbers(7, 8, 6).alice);
    assert!(matches!(take(&mut world, &early[0]), Err(Refusal::Absent(Absent::NotIssued(_)))));
    let entries = (1..=3).map(|card| world.register.entries(card).unwrap().len()).sum::<usize>();
    assert_eq!(entries, 0, "nothing of it was believed");
    take_all(&mut world, &mine);
}

/// The register is cut off at every transaction; what is sent again then comes once.
#[test]
fn cut_off_at_every_transaction() {
    let (messages, log) = full_upload();
    let mut cuts = 0;
    for transaction in 0.. {
        let mut world = deaf();
        world.register.cut_at(Some(transaction));
        let taken = messages.iter().take_while(|message| {
            let outcome = receive(&mut world.register, &world.issuer, message, NOW);
            match outcome {
                Ok(_) => true,
                Err(ReceiveError::Register(error)) if matches!(error.trouble, Trouble::Cut) => false,
                Err(error) => panic!("{error}"),
            }
        });
        let taken = taken.count();
        world.register.cut_at(None);
        assert_eq!(world.register.entries(1).unwrap().len(), (taken * 3).min(128), "whole messages");
        take_all(&mut world, messages);
        assert_eq!(world.register.entries(1).unwrap(), *log);
        assert_eq!(standing(&world, 1), (128, vec![], vec![]));
        world.register.check().unwrap();
        if taken == messages.len() {
            break;
        }
        cuts += 1;
    }
    assert_eq!(cuts, 44, "a transaction for each message");
}

/// An entry of an upload does not stand for those before it: the contact takes up exactly what is missing.
#[test]
fn a_contact_after_part_of_an_upload() {
    let (messages, log) = full_upload();
    for lost in [vec![0], vec![1, 2], vec![20], vec![42], vec![0, 13, 42, 43], (0..43).collect()] {
        let mut world = full();
        let came = messages.iter().enumerate().filter(|(index, _)| !lost.contains(index));
        take_all(&mut world, came.map(|(_, message)| message));
        let there = world.register.entries(1).unwrap();
        let missing: Vec<&AttestedEntry> = log.iter().filter(|attested| !there.contains(attested)).collect();
        let payments = missing.iter().filter(|attested| attested.entry.kind == Entry::PAID).count();
        let met = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!((met.payments, met.history), (payments, missing.len() - payments), "{lost:?}");
        assert_eq!((met.unseen, met.findings, met.after.acknowledged), (0, vec![], 64));
        assert_eq!(world.register.entries(1).unwrap(), *log);
        // All of it came at a contact now: the next one asks for nothing twice, and what was lost may still come.
        let met = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!((met.payments, met.history, met.orders.len()), (0, 0, 0));
        take_all(&mut world, messages);
        world.pay(1);
        let met = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!((met.payments, met.history, met.unseen, met.findings), (1, 0, 0, vec![]));
    }
}

/// Entries of uploads between contacts: newer ones are there already, and older ones are read all the same.
#[test]
fn contacts_and_uploads_in_turn() {
    let mut world = World::new();
    for turn in 0..4 {
        world.pay(1);
        world.pay(1);
        let all = upload(&mut world.alice);
        world.pay(1);
        let last = world.alice.statement().entries;
        let newest = entries(&mut world.alice, last - 1);
        take_all(&mut world, &newest);
        let met = world.meet_alice(&Wishes::default()).unwrap();
        let load = usize::from(turn == 0);
        assert_eq!((met.payments, met.history, met.unseen, met.findings), (2, load, 0, vec![]));
        // What was sent before the contact arrives after it, an old statement too.
        take_all(&mut world, &all);
        let met = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!((met.payments, met.history, met.findings), (0, 0, vec![]));
    }
}

/// What came up by an upload was so: a card that has less behind it later was copied back.
#[test]
fn a_card_that_was_copied_back_after_an_upload() {
    for with in [false, true] {
        let mut world = World::new();
        world.pay(1);
        world.meet_alice(&Wishes::default()).unwrap();
        let old = world.alice.card.snapshot();
        world.pay(1);
        let messages = if with { vec![statement(&mut world.alice)] } else { entries(&mut world.alice, 0) };
        world.alice.card.restore(&old).unwrap();
        // It is met before the message has arrived: nothing shows.
        let met = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!(met.findings, [""; 0]);
        take_all(&mut world, &messages);
        let met = world.meet_alice(&Wishes::default()).unwrap();
        assert_eq!(met.findings, ["rolled back: the number of its newest log entry was 3, and is 2"]);
        assert_eq!(met.after.holder.life(), applet_model::purse::Life::Suspended);
    }
}

/// P-ISS-4: one number with two bodies.
#[test]
fn two_of_one_card() {
    let twins = || {
        let mut world = World::new();
        world.pay(1);
        let old = world.alice.card.snapshot();
        world.pay(2);
        let one = upload(&mut world.alice);
        world.alice.card.restore(&old).unwrap();
        let opened = world.bob.request(&world.alice, 5).unwrap();
        world.alice.pay(&world.bob, 5, opened.code).unwrap();
        let other = upload(&mut world.alice);
        (world, one, other)
    };
    let doubled = "doubled: log entry 3 was another one before";
    let (mut world, one, other) = twins();
    take_all(&mut world, &one);
    assert_eq!(world.register.findings(1).unwrap(), [""; 0]);
    let received = take(&mut world, &other[0]).unwrap();
    assert_eq!(arrivals(&received), [(1, Arrival::Known), (2, Arrival::Known), (3, Arrival::Doubled)]);
    assert_eq!(world.register.findings(1).unwrap(), [doubled]);
    assert_eq!(world.register.entries(1).unwrap().len(), 4, "both bodies are kept");
    assert_eq!(standing(&world, 1), (3, vec![], vec![]), "and counted once");
    let state_then = state(&world.register);
    let (mut world, one, other) = twins();
    take_all(&mut world, other[..1].iter().chain(&one).chain(&other[..1]));
    assert_eq!(state(&world.register), state_then, "in whatever order");
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.after.holder.life(), met.after.acknowledged), (applet_model::purse::Life::Suspended, 0));

    // Their statements alone: one has opened a request, the other has paid.
    let mut world = World::new();
    let old = world.alice.card.snapshot();
    world.pay(2);
    let one = statement(&mut world.alice);
    world.alice.card.restore(&old).unwrap();
    world.alice.request(&world.bob, 1).unwrap();
    let other = statement(&mut world.alice);
    assert_eq!(arrivals(&take(&mut world, &other).unwrap()), [(1, Arrival::New)]);
    assert_eq!(arrivals(&take(&mut world, &one).unwrap()), [(2, Arrival::Doubled)]);
    assert!(world.register.findings(1).unwrap()[0].contains("two of its statements"));
}

/// What left the history before it came is said to be gone, and what was only lost on the way is not.
#[test]
fn history_that_left_the_card() {
    let mut world = World::new();
    for _ in 0..70 {
        world.pay(1);
        if world.alice.statement().counters.unacknowledged == 64 {
            world.meet_alice(&Wishes::default()).unwrap();
        }
    }
    let messages = upload(&mut world.bob);
    take_all(&mut world, messages.iter().skip(2));
    assert_eq!(standing(&world, 2), (58, vec![(8, 13)], vec![(1, 7)]), "64 are on the card; six of them were lost");
    let met = world.meet_bob(&Wishes::default()).unwrap();
    assert_eq!((met.history, met.unseen, met.findings), (6, 7, vec![]));
    assert_eq!(standing(&world, 2), (64, vec![], vec![(1, 7)]));
    // Without the statement nobody knows.
    let mut fresh = World::new();
    take_all(&mut fresh, messages.iter().take(messages.len() - 1).skip(2));
    assert_eq!(standing(&fresh, 2), (58, vec![(1, 13)], vec![]));
}

/// A register was lost, and payments with it that their card has forgotten: what of them comes by an old upload counts.
#[test]
fn payments_that_come_after_all() {
    let mut world = World::new();
    world.pay(1);
    let old = upload(&mut world.alice);
    world.pay(1);
    world.meet_alice(&Wishes::default()).unwrap();
    for _ in 0..64 {
        world.pay(1);
    }
    let number = world.alice.number;
    world.register = Register::in_memory(&world.issuer.register_id().unwrap()).unwrap();
    world.register.record(number, Place::FIRST, 200).unwrap();
    // Its currency stands nowhere; a statement says it.
    assert!(matches!(take(&mut world, &old[0]), Err(Refusal::Currency(_))));
    // As if it had been met once, under the number that it states.
    let order = issuer::register::Ordered {
        number: 1,
        acknowledged: 0,
        limits: None,
        key_epoch: None,
        use_epoch: None,
        suspended: None,
        settled: &[],
        menu: None,
    };
    world.register.order_contact(1, &order, NOW).unwrap();
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.payments, met.history, met.unseen), (64, 1, 2));
    assert_eq!(world.register.known(1).unwrap().unwrap().payments_before, 2);
    assert_eq!(standing(&world, 1), (65, vec![], vec![(2, 3)]));
    take_all(&mut world, &old);
    assert_eq!(world.register.known(1).unwrap().unwrap().payments_before, 1);
    assert_eq!(standing(&world, 1), (66, vec![], vec![(3, 3)]));
    world.pay(1);
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.payments, met.unseen, met.findings), (1, 1, vec![]));
}

/// Not everybody's messages are looked at by everybody's key.
#[test]
fn two_people() {
    let mut world = World::new();
    for _ in 0..5 {
        world.pay(1);
    }
    let both = [upload(&mut world.alice), upload(&mut world.bob)].concat();
    take_all(&mut world, &both);
    let Person { number, .. } = world.bob;
    assert_eq!(take(&mut world, &both[3]).unwrap().card.number, number);
    assert_eq!((standing(&world, 1).0, standing(&world, 2).0), (6, 6));
    assert_eq!(world.meet_alice(&Wishes::default()).unwrap().payments, 0);
    assert_eq!(world.meet_bob(&Wishes::default()).unwrap().history, 0);
}

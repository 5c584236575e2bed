//! Sessions of the issuer domain: who gets one, what ends it, and what does not get through.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "domain/host.rs"]
mod host;

use apdu::{Cla, Command, Response, Sw, Transport};
use card_sim::{Card, DomainSetup, ISSUER_DOMAIN, PUBLISHED_KEY_VERSION, Protocol, SeededRandom, image};
use globalplatform::command::{GetData, GetStatus, Instruction, PutKey, Scope, SetStatus};
use globalplatform::scp03::host::Host;
use globalplatform::scp03::{Level, Parameter};
use globalplatform::{CardState, KeySet};
use host::*;
use proptest::prelude::*;

const REFUSED: Sw = Sw::SECURITY_STATUS_NOT_SATISFIED;

fn list() -> GetStatus<'static> {
    GetStatus::all(Scope::IssuerDomain)
}

/// INITIALIZE UPDATE and an EXTERNAL AUTHENTICATE that is changed on its way.
fn attempt(card: &mut Card, version: u8, change: impl FnOnce(&mut Vec<u8>)) -> Sw {
    assert_eq!(select(card, ISSUER_DOMAIN), Sw::OK);
    let keys = published();
    let host = Host::new(&keys, version, *b"8 random");
    let (data, sw) = send_on(card, 0, &host.initialize_update().command().unwrap());
    if !sw.is_ok() {
        return sw;
    }
    let mut room = [0; 16];
    let verified = host.receive(&Response { data: &data, sw }).unwrap();
    let (_, command) = verified.external_authenticate(Level::Full, &mut room).unwrap();
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).unwrap();
    change(&mut bytes);
    raw(card, &bytes).1
}

#[test]
fn wrong_cryptograms_are_counted_up_to_the_cap() {
    let mut card = blank();
    let fail = |card: &mut Card, version| attempt(card, version, |bytes| bytes[7] ^= 0x10);
    let cap = DomainSetup::FAILURE_CAP;
    // A right one begins anew; so does no reset, and no image.
    for _ in 1..cap {
        assert_eq!(fail(&mut card, 0), Sw::WARNING_MEMORY_CHANGED);
    }
    Issuer::blank(&mut card);
    for _ in 0..cap {
        assert_eq!(fail(&mut card, 0), Sw::WARNING_MEMORY_CHANGED);
        let Ok(()) = card.reset();
        card = image::decode(&image::encode(&card), MODULES, Box::new(SeededRandom::new(3))).unwrap();
    }
    for _ in 0..3 {
        assert_eq!(attempt(&mut card, 0, |_| {}), Sw::AUTHENTICATION_METHOD_BLOCKED, "the right one is too late");
        let Ok(()) = card.reset();
    }
}

/// Another key set still gets in, and a new key set has a new count.
#[test]
fn a_blocked_set_is_replaced_by_means_of_another() {
    let mut card = blank();
    let keys = published();
    let mut issuer = Issuer::blank(&mut card);
    let mut room = [0; PutKey::MAX_LENGTH];
    for version in [1, 2] {
        let put = PutKey::key_set(0, version, &keys, keys.dek(), &mut room).unwrap();
        assert_eq!(issuer.tell(&mut card, &put), Sw::OK);
    }
    for _ in 0..DomainSetup::FAILURE_CAP {
        assert_eq!(attempt(&mut card, 1, |bytes| bytes[20] ^= 1), Sw::WARNING_MEMORY_CHANGED);
    }
    assert_eq!(attempt(&mut card, 1, |_| {}), Sw::AUTHENTICATION_METHOD_BLOCKED);
    let mut issuer = Issuer::open(&mut card, &keys, 2, Level::CMac).unwrap();
    let put = PutKey::key_set(1, 1, &keys, keys.dek(), &mut room).unwrap();
    assert_eq!(issuer.tell(&mut card, &put), Sw::OK);
    assert_eq!(attempt(&mut card, 1, |_| {}), Sw::OK);
}

/// What is refused for its form was compared with nothing.
#[test]
fn a_wrong_form_is_no_failure() {
    let mut card = blank();
    for _ in 0..=DomainSetup::FAILURE_CAP {
        assert_eq!(attempt(&mut card, 0, |bytes| bytes[2] = 0x02), Sw::INCORRECT_P1_P2);
        assert_eq!(attempt(&mut card, 0, |bytes| bytes[3] = 0x01), Sw::INCORRECT_P1_P2);
        let short = |bytes: &mut Vec<u8>| {
            bytes[4] -= 1;
            bytes.pop();
        };
        assert_eq!(attempt(&mut card, 0, short), Sw::WRONG_LENGTH);
    }
    Issuer::blank(&mut card);
}

/// No second try: whatever comes behind INITIALIZE UPDATE ends what it began.
#[test]
fn one_external_authenticate_for_each_initialize_update() {
    for between in [&[0x80, 0xCA, 0, 0x66, 0][..], &[0x80, 0xF2, 0x80, 2, 2, 0x4F, 0], &[0x84, 0x82, 1, 0]] {
        let mut card = blank();
        let sw = attempt(&mut card, 0, |bytes| {
            bytes.splice(.., between.iter().copied());
        });
        assert_ne!(sw.value(), 0);
        let (_, sw) = raw(&mut card, &[&[0x84, 0x82, 0x33, 0, 16][..], &[0; 16]].concat());
        assert_eq!(sw, REFUSED);
    }
    let mut card = blank();
    let mut again = Vec::new();
    assert_eq!(attempt(&mut card, 0, |bytes| again.clone_from(bytes)), Sw::OK);
    assert_eq!(raw(&mut card, &again).1, REFUSED);
}

#[test]
fn every_bit_of_external_authenticate() {
    for bit in 0..21 * 8 {
        let mut card = blank();
        let sw = attempt(&mut card, 0, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        assert_ne!(sw, Sw::OK, "bit {bit}");
        assert_eq!(raw(&mut card, &[0x80, 0xF2, 0x80, 2, 2, 0x4F, 0]).1, REFUSED, "bit {bit}");
    }
}

/// One bit changed anywhere in a command: it is refused, and nothing has happened. Neither the channel, which the card does
/// not have open, nor `Le` is protected.
#[test]
fn every_bit_of_a_command() {
    for level in [Level::CMac, Level::CDecryption, Level::Full] {
        let secured = SetStatus::card(CardState::Secured);
        let mut card = blank();
        let mut issuer = Issuer::open(&mut card, &published(), 0, level).unwrap();
        let mut room = [0; 64];
        let bytes = issuer.wrapped(&secured.encode(&mut room).unwrap());
        let start = card.snapshot();
        for bit in 0..bytes.len() * 8 {
            card.restore(&start).unwrap();
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let (_, sw) = raw(&mut card, &changed);
            assert_eq!(sw.value() & 0xF000, 0x6000, "bit {bit}: {sw}");
            assert_ne!(sw.value() & 0xFF00, 0x6100, "bit {bit}: {sw}");
            assert!(card.remembers(&start), "bit {bit}");
        }
        card.restore(&start).unwrap();
        assert!(matches!(raw(&mut card, &bytes).1, sw if sw.is_ok() || sw.available().is_some()));
        assert!(!card.remembers(&start));
    }
}

#[test]
fn repeated_and_reordered_commands_end_the_session() {
    for level in [Level::CMac, Level::CDecryption, Level::CMacRMac, Level::CDecryptionRMac, Level::Full] {
        let orders: [&[usize]; 6] = [&[1], &[0, 0], &[0, 2], &[0, 1, 1], &[0, 1, 0], &[2]];
        for order in orders {
            let mut card = blank();
            let mut issuer = Issuer::open(&mut card, &published(), 0, level).unwrap();
            let mut room = [0; 64];
            let plain = list().encode(&mut room).unwrap();
            // The host does not wait: what it would answer is of no matter here.
            let commands: Vec<_> = {
                let mut all = Vec::new();
                for _ in 0..3 {
                    let mut a = [0; 300];
                    let (sent, protected) = issuer.session.wrap(&plain, &mut a).unwrap();
                    let mut bytes = vec![0; protected.encoded_len()];
                    protected.encode(&mut bytes).unwrap();
                    all.push(bytes);
                    // An error without data keeps the host's session open.
                    sent.unwrap(&Response { data: &[], sw: Sw::WRONG_DATA }, &mut [0; 8]).unwrap();
                }
                all
            };
            let (last, right) = order.split_last().unwrap();
            for index in right {
                assert_eq!(raw(&mut card, &commands[*index]).1, Sw::OK);
            }
            assert_eq!(raw(&mut card, &commands[*last]).1, REFUSED, "{level}: {order:?}");
            for command in &commands {
                assert_eq!(raw(&mut card, command).1, REFUSED, "{level}: nothing goes on");
            }
        }
    }
}

/// Without a session, on a level without C-MAC, and after a session, nobody manages the card.
#[test]
fn who_may_not() {
    let commands: [(u8, u8, u8); 6] =
        [(0xE6, 0x0C, 0), (0xE4, 0, 0), (0xD8, 0, 0x81), (0xE2, 0x80, 0), (0xF0, 0x80, 0x0F), (0xF2, 0x80, 2)];
    let refused = |card: &mut Card| {
        for (ins, p1, p2) in commands {
            assert_eq!(raw(card, &[0x80, ins, p1, p2, 2, 0x4F, 0]).1, REFUSED, "{ins:02X}");
        }
        assert_eq!(raw(card, &[0x80, 0xCA, 0, 0x66, 0]).1, Sw::OK, "GET DATA is free");
        assert_eq!(raw(card, &[0x80, 0x77, 0, 0]).1, Sw::INS_NOT_SUPPORTED);
        assert_eq!(raw(card, &[0xA0, 0x77, 0, 0]).1, Sw::CLA_NOT_SUPPORTED);
    };
    let mut card = blank();
    assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
    refused(&mut card);
    assert_eq!(raw(&mut card, &[0x84, 0xF2, 0x80, 2, 2, 0x4F, 0]).1, REFUSED);

    let mut issuer = Issuer::open(&mut card, &published(), 0, Level::AuthenticatedOnly).unwrap();
    assert_eq!(issuer.tell(&mut card, &list()), REFUSED);
    refused(&mut card);

    // An unprotected command ends a session, GET DATA too.
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &list()), Sw::OK);
    assert_eq!(raw(&mut card, &[0x80, 0xCA, 0, 0x66, 0]).1, REFUSED);
    refused(&mut card);
}

#[test]
fn what_ends_a_session() {
    type End = fn(&mut Card);
    let ends: [(&str, End); 5] = [
        ("reset", |card| {
            let Ok(()) = card.reset();
            select(card, ISSUER_DOMAIN);
        }),
        ("the domain is selected again", |card| assert_eq!(select(card, ISSUER_DOMAIN), Sw::OK)),
        ("another is selected", |card| {
            assert_eq!(select(card, FIRST), Sw::OK);
            assert_eq!(select(card, ISSUER_DOMAIN), Sw::OK);
        }),
        ("INITIALIZE UPDATE", |card| {
            assert_eq!(raw(card, b"\x80\x50\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00").1, Sw::OK);
        }),
        ("INITIALIZE UPDATE on another channel", |card| {
            assert_eq!(raw(card, &[0, 0x70, 0, 1]).1, Sw::OK);
            assert_eq!(select_on(card, 1, ISSUER_DOMAIN), Sw::OK);
            assert_eq!(raw(card, b"\x81\x50\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00").1, Sw::OK);
        }),
    ];
    for (what, end) in ends {
        let mut card = blank();
        let mut issuer = Issuer::blank(&mut card);
        assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
        end(&mut card);
        let mut room = [0; 64];
        let bytes = issuer.wrapped(&list().encode(&mut room).unwrap());
        assert_eq!(raw(&mut card, &bytes).1, REFUSED, "{what}");
    }
    // What does not: a SELECT that finds nothing, another channel's business, a chain that is refused.
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
    assert_eq!(select(&mut card, SECOND), Sw::FILE_NOT_FOUND);
    assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1, Sw::OK);
    assert_eq!(select_on(&mut card, 1, FIRST), Sw::OK);
    assert_eq!(raw(&mut card, &[0x85, 0x01, 0, 0]).1, Sw::SECURE_MESSAGING_NOT_SUPPORTED);
    assert_eq!(raw(&mut card, &[0x94, 0xE2, 0, 0, 1, 0]).1, Sw::CHAINING_NOT_SUPPORTED);
    assert_eq!(
        raw(&mut card, &[0, 0xC0, 0, 0, 0]).1,
        Sw::CONDITIONS_NOT_SATISFIED,
        "GET RESPONSE is not the session's"
    );
    assert_eq!(issuer.tell(&mut card, &list()), Sw::OK);
}

/// The domain on a channel of its own, while an applet works on the basic one; closing the channel ends the session.
#[test]
fn on_another_channel() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
    assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1, Sw::OK);
    assert_eq!(select_on(&mut card, 1, ISSUER_DOMAIN), Sw::OK);
    let mut issuer = Issuer::open_on(&mut card, 1, &published(), 0, Level::Full).unwrap();
    assert_eq!(card.selected_on(channel(1)), Some(ISSUER_DOMAIN));
    assert_eq!(pages(&mut card, FIRST).unwrap(), b"  blank \0\0\0\0\0\0\0\0");
    assert_eq!(issuer.tell(&mut card, &diary_named(SECOND)), Sw::OK);
    let mut room = [0; 64];
    let mut bytes = issuer.wrapped(&list().encode(&mut room).unwrap());
    bytes[0] = 0x84;
    assert_eq!(raw(&mut card, &bytes).1, Sw::SECURE_MESSAGING_NOT_SUPPORTED, "an applet is selected on channel 0");
    bytes[0] = 0x85;
    assert_eq!(raw(&mut card, &bytes).1, Sw::OK);
    assert_eq!(raw(&mut card, &[0, 0x70, 0x80, 1]).1, Sw::OK);
    assert_eq!(raw(&mut card, &bytes).1, Sw::CHANNEL_NOT_SUPPORTED);
    assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1, Sw::OK);
    assert_eq!(select_on(&mut card, 1, ISSUER_DOMAIN), Sw::OK);
    assert_eq!(raw(&mut card, &bytes).1, REFUSED);
}

/// T=0: a protected response is fetched by GET RESPONSE, which is not protected itself.
#[test]
fn over_t0() {
    let mut card = blank();
    card.speak(Protocol::T0);
    let mut terminal = apdu::T0::new(card);
    let mut exchange = |command: &Command<'_>| {
        let mut room = [0; 600];
        let response = apdu::exchange(&mut terminal, command, &mut [0; 600], &mut room).unwrap();
        (response.data.to_vec(), response.sw)
    };
    let select = Command::new(Cla::INTERINDUSTRY, 0xA4, 4, 0, ISSUER_DOMAIN.as_bytes(), 256).unwrap();
    assert_eq!(exchange(&select).1, Sw::OK);
    let keys = published();
    let host = Host::new(&keys, PUBLISHED_KEY_VERSION, *b"8 random");
    let (data, sw) = exchange(&host.initialize_update().command().unwrap());
    let mut room = [0; 16];
    let verified = host.receive(&Response { data: &data, sw }).unwrap();
    let (authenticating, command) = verified.external_authenticate(Level::Full, &mut room).unwrap();
    let (data, sw) = exchange(&command);
    let mut session = authenticating.accepted(&Response { data: &data, sw }).unwrap();
    let mut answers = Vec::new();
    for instruction in [list(), GetStatus::all(Scope::LoadFiles), GetStatus::all(Scope::Applications)] {
        let (mut a, mut b, mut c) = ([0; 64], [0; 300], [0; 300]);
        let (sent, protected) = session.wrap(&instruction.encode(&mut a).unwrap(), &mut b).unwrap();
        let (data, sw) = exchange(&protected);
        let response = sent.unwrap(&Response { data: &data, sw }, &mut c).unwrap();
        answers.push((response.data.len(), response.sw));
    }
    assert_eq!(answers, [(31, Sw::OK), (48, Sw::OK), (0, Sw::REFERENCED_DATA_NOT_FOUND)]);
}

/// A card goes back to the middle of a session, before and after it is open; two moments of it are not equal.
#[test]
fn a_snapshot_has_the_session() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    let open = card.snapshot();
    let mut room = [0; 64];
    let bytes = issuer.wrapped(&list().encode(&mut room).unwrap());
    let once = raw(&mut card, &bytes);
    assert_eq!(once.1, Sw::OK);
    let later = card.snapshot();
    assert!(open != later && open == open.clone());
    assert_eq!(raw(&mut card, &bytes).1, REFUSED);
    assert!(card.snapshot() != later);
    card.restore(&open).unwrap();
    assert_eq!(card.snapshot(), open);
    assert_eq!(raw(&mut card, &bytes), once);
    assert_eq!(card.snapshot(), later);

    // Between INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
    let mut card = blank();
    let mut right = Vec::new();
    let mut copy = blank();
    let sw = attempt(&mut card, 0, |bytes| {
        right.clone_from(bytes);
        bytes[10] ^= 1;
    });
    assert_eq!(sw, Sw::WARNING_MEMORY_CHANGED);
    assert_eq!(raw(&mut copy, &[0, 0xA4, 4, 0, 0]).1, Sw::OK);
    let initialize = [&[0x80, 0x50, 0, 0, 8][..], b"8 random", &[0]].concat();
    assert_eq!(raw(&mut copy, &initialize).1, Sw::OK);
    let asked = copy.snapshot();
    for _ in 0..2 {
        copy.restore(&asked).unwrap();
        assert_eq!(raw(&mut copy, &right).1, Sw::OK);
    }
}

/// A random challenge is new each time; a pseudo-random one too, and follows from a counter that is durable.
#[test]
fn challenges_never_come_twice() {
    for parameter in Parameter::ALL {
        let mut card = with(&published(), parameter.byte());
        let mut seen = std::collections::BTreeSet::new();
        for round in 1..20_u8 {
            assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
            let (data, sw) = raw(&mut card, &[&[0x80, 0x50, 0, 0, 8][..], b"8 random", &[0]].concat());
            assert_eq!(sw, Sw::OK);
            assert!(seen.insert(data[13..21].to_vec()));
            let counter = raw(&mut card, &[0x80, 0xCA, 0, 0xC1, 0]);
            if parameter.pseudo_random {
                assert_eq!(data[29..], [0, 0, round]);
                assert_eq!(counter, (vec![0xC1, 3, 0, 0, round], Sw::OK));
            } else {
                assert_eq!((data.len(), counter.1), (29, Sw::REFERENCED_DATA_NOT_FOUND));
            }
            card = image::decode(&image::encode(&card), MODULES, Box::new(SeededRandom::new(100 + u64::from(round))))
                .unwrap();
        }
    }
}

#[test]
fn initialize_update_that_is_none() {
    let mut card = blank();
    assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
    let initialize = |card: &mut Card, p1, p2, data: &[u8]| {
        let command = Command::new(Cla::PROPRIETARY, 0x50, p1, p2, data, 256).unwrap();
        send_on(card, 0, &command).1
    };
    assert_eq!(initialize(&mut card, 0x30, 0, &[0; 8]), Sw::REFERENCED_DATA_NOT_FOUND);
    assert_eq!(initialize(&mut card, 0, 1, &[0; 8]), Sw::INCORRECT_P1_P2);
    for length in [0, 7, 9, 16] {
        assert_eq!(initialize(&mut card, 0, 0, &vec![0; length]), Sw::WRONG_LENGTH);
    }
    // Somebody with other keys sees that the card has not got them, and asks no further.
    let others = KeySet::from_bytes(&[0x11; 48]).unwrap();
    let host = Host::new(&others, 0, *b"8 random");
    let (data, sw) = send_on(&mut card, 0, &host.initialize_update().command().unwrap());
    assert!(host.receive(&Response { data: &data, sw }).is_err());
    assert_eq!(raw(&mut card, &[0x80, 0xCA, 0, 0x66, 0]).1, Sw::OK);
    assert_eq!(GetData::CARD_DATA.encode(&mut []).unwrap().p2(), 0x66);
}

proptest! {
    /// Whatever comes in a session, protected or not: the card answers, and a session that has ended stays so.
    #[test]
    fn anything_in_a_session(
        commands in prop::collection::vec((any::<bool>(), 0_u8..4, any::<u8>(), any::<u8>(),
            prop::sample::select(vec![0xE6, 0xE4, 0xD8, 0xE2, 0xF0, 0xF2, 0xCA, 0x50, 0x82, 0xA4, 0x70]),
            prop::collection::vec(any::<u8>(), 0..60)), 1..12),
        level in prop::sample::select(Level::ALL.to_vec()),
    ) {
        let mut card = blank();
        let mut issuer = Issuer::open(&mut card, &published(), 0, level).unwrap();
        let mut open = true;
        for (protected, cla, p1, p2, ins, data) in commands {
            let command = Command::new(Cla::new([0x80, 0x80, 0x00, 0x84][usize::from(cla)]), ins, p1, p2, &data, 256).unwrap();
            if protected && open && cla != 3 {
                let (mut a, mut b) = ([0; 600], [0; 600]);
                let (sent, wrapped) = issuer.session.wrap(&command, &mut a).unwrap();
                let (data, sw) = send_on(&mut card, 0, &wrapped);
                open = sent.unwrap(&Response { data: &data, sw }, &mut b).is_ok();
                // On a level without protection these are commands of the card's like any others.
                open &= level.command_mac();
            } else {
                let (_, sw) = send_on(&mut card, 0, &command);
                prop_assert_ne!(sw.value(), 0);
                open = false;
            }
        }
    }
}

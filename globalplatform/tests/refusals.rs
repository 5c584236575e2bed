//! One bit wrong in any message, for each option and key size; messages again, out of order, and of another level.
//!
//! Not every bit is under a cryptogram or MAC. Those that are not are named where they are let through.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

mod session;

use apdu::{Case, Cla, Command, Response, Sw};
use globalplatform::scp03::host::{HostError, UnwrapError, WrapError};
use globalplatform::scp03::{InitializeUpdate, Level, Parameter, ParameterError, ResponseError};
use globalplatform::{ISSUER_DOMAIN, KeySet};
use session::{VERSION, authenticate, bytes_of, initialize, keys, offer, ok, open};

const LENGTHS: [usize; 3] = [16, 24, 32];

/// All bits of a message, one wrong at a time.
fn flips(message: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..message.len() * 8).map(|bit| {
        let mut flipped = message.to_vec();
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        (bit / 8, flipped)
    })
}

/// Every option with every level that it permits, at every key size.
fn every(mut check: impl FnMut(usize, Parameter, Level)) {
    let mut sessions = 0;
    for length in LENGTHS {
        for i in Parameter::ALL {
            for level in Level::ALL.into_iter().filter(|level| level.permitted_by(i)) {
                check(length, i, level);
                sessions += 1;
            }
        }
    }
    assert_eq!(sessions, 3 * 2 * (3 + 5 + 6));
}

#[test]
fn initialize_update_command() {
    for length in LENGTHS {
        let keys = keys(length);
        for i in Parameter::ALL {
            let (host, ..) = initialize(&keys, VERSION, i, None);
            let command = bytes_of(&host.initialize_update().command().unwrap());
            for (at, flipped) in flips(&command) {
                // What the card hears: the command is refused, or the host refuses its answer.
                let heard = Command::decode(&flipped)
                    .map_err(|_| ())
                    .and_then(|c| InitializeUpdate::decode(&c).map_err(|_| ()));
                match heard {
                    Err(()) => {}
                    // The channel and Le are not under anything; nothing else is let through.
                    Ok(heard) if heard == *host.initialize_update() => assert!([0, 13].contains(&at), "{at}"),
                    // The key version: the card looks for those keys, and the host sees which it takes.
                    Ok(heard) if heard.key_version != VERSION => assert_eq!(at, 2),
                    Ok(heard) => {
                        let (host, _, _) = initialize(&keys, VERSION, i, None);
                        let answer = answer_to(&keys, i, &heard);
                        assert_eq!(host.receive(&ok(&answer)).err(), Some(HostError::Cryptogram));
                    }
                }
            }
        }
    }
}

fn answer_to(keys: &KeySet, i: Parameter, request: &InitializeUpdate) -> Vec<u8> {
    offer(keys, i).answer(request).1.encode(&mut [0; 32]).to_vec()
}

#[test]
fn initialize_update_response() {
    for length in LENGTHS {
        let keys = keys(length);
        for i in Parameter::ALL {
            let (_, _, answer) = initialize(&keys, VERSION, i, None);
            for (at, flipped) in flips(&answer) {
                let (host, ..) = initialize(&keys, VERSION, i, Some(ISSUER_DOMAIN));
                let received = host.receive(&ok(&flipped)).map(|verified| *verified.response());
                match (at, received) {
                    // Not under the cryptogram: diversification data, which chooses the keys where keys are
                    // diversified; and which responses the card can protect, without which the host's level is
                    // refused, by it or by the card.
                    (0..10, Ok(_)) => {}
                    (12, Ok(read)) => assert!(read.parameter.responses != i.responses),
                    (10, refused) => assert!(matches!(refused, Err(HostError::KeyVersion { .. }))),
                    (11 | 12, refused) => assert!(matches!(refused, Err(HostError::Response(_))), "{refused:?}"),
                    // The counter, where the host knows the application.
                    (29..32, refused) => assert_eq!(refused, Err(HostError::Challenge)),
                    (13..21, refused) if i.pseudo_random => assert_eq!(refused, Err(HostError::Challenge)),
                    (_, refused) => assert_eq!(refused, Err(HostError::Cryptogram), "{at}"),
                }
                // The host does not know the application: then the counter too is not under the cryptogram.
                let (host, ..) = initialize(&keys, VERSION, i, None);
                let let_through = host.receive(&ok(&flipped)).is_ok();
                assert!(!let_through || matches!(at, 0..10 | 12 | 29..32), "{at}");
            }
            for end in 0..answer.len() {
                let (host, ..) = initialize(&keys, VERSION, i, None);
                let found = HostError::Response(ResponseError::Length { found: end });
                assert_eq!(host.receive(&ok(&answer[..end])).err(), Some(found));
            }
        }
    }
}

#[test]
fn external_authenticate() {
    every(|length, i, level| {
        let keys = keys(length);
        let (_, _, command) = authenticate(&keys, i, level).unwrap();
        for (at, flipped) in flips(&command) {
            let (_, pending, _) = authenticate(&keys, i, level).unwrap();
            let Ok(heard) = Command::decode(&flipped) else { continue };
            match pending.external_authenticate(&heard) {
                Err(_) => {}
                // The logical channel goes into the C-MAC as 0.
                Ok(_) => {
                    assert!(at == 0 && heard.cla().base() == 0x80 && heard.cla().byte() & !0x43 == 0x84, "{heard:?}")
                }
            }
        }
    });
}

#[test]
fn the_host_cannot_ask_for_a_level_that_the_card_does_not_have() {
    let keys = keys(16);
    for i in Parameter::ALL {
        for level in Level::ALL {
            let opened = authenticate(&keys, i, level).err();
            let expected = (!level.permitted_by(i)).then_some(HostError::Level { level, i });
            assert_eq!(opened, expected);
        }
    }
}

#[test]
fn other_keys_are_refused_by_both_ends() {
    let (ours, theirs) = (keys(16), keys(24));
    for i in Parameter::ALL {
        let (_, _, answer) = initialize(&theirs, VERSION, i, None);
        let (host, ..) = initialize(&ours, VERSION, i, None);
        assert_eq!(host.receive(&ok(&answer)).err(), Some(HostError::Cryptogram));
        let (_, _, command) = authenticate(&ours, i, Level::CMac).unwrap();
        let (_, pending, _) = initialize(&theirs, VERSION, i, None);
        let refused = pending.external_authenticate(&Command::decode(&command).unwrap()).err();
        assert_eq!(refused, Some(Sw::SECURITY_STATUS_NOT_SATISFIED));
    }
}

const PLAIN: [u8; 11] = [0x80, 0xE2, 0x91, 0x00, 0x05, 1, 2, 3, 4, 5, 0x00];

#[test]
fn wrapped_command() {
    every(|length, i, level| {
        if !level.command_mac() {
            return;
        }
        let keys = keys(length);
        let plain = Command::decode(&PLAIN).unwrap();
        let wrapped = {
            let (mut host, _) = open(&keys, i, level).unwrap();
            let mut room = [0; 32];
            bytes_of(&host.wrap(&plain, &mut room).unwrap().1)
        };
        for (at, flipped) in flips(&wrapped) {
            let Ok(heard) = Command::decode(&flipped) else { continue };
            let (_, mut card) = open(&keys, i, level).unwrap();
            let mut room = [0; 64];
            match card.unwrap(&heard, &mut room).map(|(_, command)| command) {
                Err(sw) => {
                    assert_eq!(sw, Sw::SECURITY_STATUS_NOT_SATISFIED);
                    // And nothing comes after it.
                    assert!(!card.is_open());
                    let again = Command::decode(&wrapped).unwrap();
                    assert_eq!(card.unwrap(&again, &mut room).err(), Some(Sw::CONDITIONS_NOT_SATISFIED));
                }
                // Le is not under the C-MAC, and the logical channel goes in as 0.
                Ok(heard) => {
                    assert!(at == 0 || at == wrapped.len() - 1, "{at}");
                    assert_eq!((heard.data(), heard.ins(), heard.p1(), heard.p2()), (plain.data(), 0xE2, 0x91, 0));
                    assert_eq!((heard.cla().base(), heard.cla().chaining()), (0x80, false));
                }
            }
        }
    });
}

#[test]
fn wrapped_response() {
    every(|length, i, level| {
        let keys = keys(length);
        let plain = Command::decode(&PLAIN).unwrap();
        for sw in [Sw::OK, Sw::new(0x6310), Sw::new(0x6200)] {
            let exchange = |change: &dyn Fn(&mut Vec<u8>)| {
                let (mut host, mut card) = open(&keys, i, level).unwrap();
                let (mut room, mut opened, mut answer, mut read) = ([0; 32], [0; 32], [0; 64], [0; 64]);
                let (sent, command) = host.wrap(&plain, &mut room).unwrap();
                let (received, _) = card.unwrap(&command, &mut opened).unwrap();
                let response = received.wrap(&Response { data: b"answer", sw }, &mut answer).unwrap();
                let mut bytes = [response.data, &response.sw.bytes()].concat();
                change(&mut bytes);
                let result =
                    sent.unwrap(&Response::decode(&bytes).unwrap(), &mut read).map(|r| (r.data.to_vec(), r.sw));
                (result, host.is_open(), bytes)
            };
            let (result, is_open, bytes) = exchange(&|_| {});
            assert_eq!((result, is_open), (Ok((b"answer".to_vec(), sw)), true));
            if !level.response_mac() {
                continue;
            }
            for bit in 0..bytes.len() * 8 {
                let (result, is_open, _) = exchange(&|bytes| bytes[bit / 8] ^= 0x80 >> (bit % 8));
                assert!(matches!(result, Err(UnwrapError::Mac | UnwrapError::DataWithError(_))), "{bit} {result:?}");
                assert!(!is_open);
            }
            // Nothing but the status word: an R-MAC is missing.
            let (result, ..) = exchange(&|bytes| drop(bytes.drain(..bytes.len() - 2)));
            assert_eq!(result, Err(UnwrapError::Mac));
        }
    });
}

#[test]
fn again_out_of_order_and_unprotected() {
    every(|length, i, level| {
        if !level.command_mac() {
            return;
        }
        let keys = keys(length);
        let first = Command::decode(&PLAIN).unwrap();
        let second = Command::new(Cla::PROPRIETARY, 0xE2, 0x91, 1, &[1, 2, 3, 4, 5], 256).unwrap();
        let wrapped = |count: usize| {
            let (mut host, _) = open(&keys, i, level).unwrap();
            let error = Response { data: &[], sw: Sw::WRONG_DATA };
            let mut all = Vec::new();
            for command in [&first, &second].into_iter().take(count) {
                let (mut room, mut read) = ([0; 32], [0; 8]);
                let (sent, wrapped) = host.wrap(command, &mut room).unwrap();
                all.push(bytes_of(&wrapped));
                sent.unwrap(&error, &mut read).unwrap();
            }
            all
        };
        let both = wrapped(2);
        let hears = |order: &[&[u8]]| -> Vec<Result<(), Sw>> {
            let (_, mut card) = open(&keys, i, level).unwrap();
            order
                .iter()
                .map(|bytes| {
                    let (mut room, mut answer) = ([0; 64], [0; 64]);
                    let (received, _) = card.unwrap(&Command::decode(bytes).unwrap(), &mut room)?;
                    received.wrap(&ok(&[]), &mut answer).unwrap();
                    Ok(())
                })
                .collect()
        };
        let refused = Err(Sw::SECURITY_STATUS_NOT_SATISFIED);
        let closed = Err(Sw::CONDITIONS_NOT_SATISFIED);
        assert_eq!(hears(&[&both[0], &both[1]]), [Ok(()), Ok(())]);
        assert_eq!(hears(&[&both[0], &both[0], &both[1]]), [Ok(()), refused, closed]);
        assert_eq!(hears(&[&both[1], &both[0]]), [refused, closed]);
        assert_eq!(hears(&[&PLAIN, &both[0]]), [refused, closed]);
        // A command of a session at another level.
        for other in Level::ALL.into_iter().filter(|other| *other != level && other.permitted_by(i)) {
            let (mut host, _) = open(&keys, i, other).unwrap();
            let mut room = [0; 32];
            let foreign = bytes_of(&host.wrap(&first, &mut room).unwrap().1);
            assert_eq!(hears(&[&foreign, &both[0]]), [refused, closed]);
        }
    });
}

#[test]
fn a_command_that_nobody_answered_ends_the_session_of_both() {
    let keys = keys(16);
    let i = Parameter::ALL[5];
    let (mut host, mut card) = open(&keys, i, Level::Full).unwrap();
    let plain = Command::decode(&PLAIN).unwrap();
    let (mut room, mut other) = ([0; 32], [0; 32]);
    let (sent, command) = host.wrap(&plain, &mut room).unwrap();
    drop(sent);
    drop(card.unwrap(&command, &mut other).unwrap().0);
    assert_eq!(card.unwrap(&command, &mut other).err(), Some(Sw::CONDITIONS_NOT_SATISFIED));
    let mut room = [0; 32];
    assert_eq!(host.wrap(&plain, &mut room).err(), Some(WrapError::Unanswered));
    assert!(!host.is_open() && !card.is_open());
}

#[test]
fn our_own_mistakes_do_not_end_a_session() {
    let keys = keys(16);
    let (mut host, _) = open(&keys, Parameter::ALL[5], Level::Full).unwrap();
    let mut room = [0; 512];
    for (cla, case, data) in [(0x84, Case::ThreeShort, 5), (0xA0, Case::ThreeShort, 5), (0x80, Case::ThreeShort, 240)] {
        let data = vec![0; data];
        let command = Command::with_case(case, Cla::new(cla), 0xE2, 0, 0, &data, 0).unwrap();
        let refused = host.wrap(&command, &mut room).err().unwrap();
        assert!(matches!(refused, WrapError::Class(_) | WrapError::TooLong { length: 240, max: 239 }), "{refused:?}");
    }
    let plain = Command::decode(&PLAIN).unwrap();
    assert!(matches!(host.wrap(&plain, &mut room[..23]).err(), Some(WrapError::Buffer(_))));
    assert!(host.is_open());
    assert!(host.wrap(&plain, &mut room).is_ok());
}

#[test]
fn parameters() {
    let taken: Vec<u8> = (0..=u8::MAX).filter(|i| Parameter::try_from(*i).is_ok()).collect();
    assert_eq!(taken, [0x00, 0x10, 0x20, 0x30, 0x60, 0x70]);
    for i in Parameter::ALL {
        assert_eq!(Parameter::try_from(i.byte()), Ok(i));
        assert_eq!(Parameter::try_from(i.byte() | 1), Err(ParameterError::S16(i.byte() | 1)));
    }
    assert_eq!(Parameter::try_from(0x50), Err(ParameterError::EncryptionWithoutMac(0x50)));
    let message = ParameterError::S16(0x71).to_string();
    assert!(message.contains("S16"), "{message}");
    let levels: Vec<u8> = (0..=u8::MAX).filter(|p1| Level::from_byte(*p1).is_some()).collect();
    assert_eq!(levels, [0x00, 0x01, 0x03, 0x11, 0x13, 0x33]);
}

//! Logical channels: opened and closed, each with its own selection and security state.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod support;

use apdu::{Aid, Channel, Transport};
use card_sim::Card;
use hex_literal::hex;
use support::{MODULES, PUBLIC, calls, card, select, send, tell};

const A: &[u8] = b"\xF0one\x00a";
const B: &[u8] = b"\xF0one\x00b";

fn sw(card: &mut Card, command: &[u8]) -> u16 {
    send(card, command).1
}

/// SELECT by name on a channel below 4; the status word.
fn select_on(card: &mut Card, channel: u8, name: &[u8]) -> u16 {
    sw(card, &[&[channel, 0xA4, 4, 0x0C, u8::try_from(name.len()).unwrap()], name].concat())
}

fn on(card: &Card, channel: u8) -> Option<Aid> {
    card.selected_on(Channel::new(channel).unwrap())
}

fn aid(bytes: &[u8]) -> Option<Aid> {
    Some(Aid::new(bytes).unwrap())
}

#[test]
fn channels_are_opened_until_there_is_none_left() {
    let mut card = card(&[A, B]);
    for number in 1..=3 {
        assert_eq!(send(&mut card, &hex!("00700000 01")), (vec![number], 0x9000));
    }
    let before = card.snapshot();
    for refused in [&hex!("00700000 01")[..], &hex!("00700004"), &hex!("00700013"), &hex!("007000FF")] {
        assert_eq!(send(&mut card, refused), (vec![], 0x6A81), "{refused:02X?}");
    }
    assert_eq!(sw(&mut card, &hex!("00700002")), 0x6A86, "it is open");
    assert!(card.snapshot() == before);
    assert_eq!(sw(&mut card, &hex!("00708002")), 0x9000);
    assert_eq!(sw(&mut card, &hex!("00708002")), 0x6200, "it is closed");
    assert_eq!(send(&mut card, &hex!("00700000 00")), (vec![2], 0x9000), "the lowest that is free");
    assert_eq!(sw(&mut card, &hex!("01708000")), 0x9000, "a channel closes itself");
    assert_eq!(sw(&mut card, &hex!("03708002")), 0x9000, "or another one");
    assert_eq!(sw(&mut card, &hex!("01700001")), 0x6881, "which then is no more");
    assert_eq!(sw(&mut card, &hex!("00708000")), 0x6A81, "the basic one is always open");
    assert_eq!(send(&mut card, &hex!("00700002")), (vec![], 0x9000));
}

#[test]
fn every_p1_and_p2_of_manage_channel() {
    for p1 in 0..=0xFF_u8 {
        for p2 in 0..=0xFF_u8 {
            let mut card = card(&[A]);
            let expected = match (p1, p2) {
                (0, 0..=3) => 0x9000,
                (0, _) | (0x80, 4..) | (0x80, 0) => 0x6A81,
                (0x80, _) => 0x6200,
                _ => 0x6A86,
            };
            assert_eq!(sw(&mut card, &[0, 0x70, p1, p2, 1]), expected, "{p1:02X}{p2:02X}");
        }
    }
    let mut card = card(&[A]);
    assert_eq!(sw(&mut card, &hex!("00700000 02")), 0x6C01);
    assert_eq!(sw(&mut card, &hex!("00700000 01 00")), 0x6700);
    // Without Le the number waits for GET RESPONSE.
    assert_eq!(send(&mut card, &hex!("00700000")), (vec![], 0x6101));
    assert_eq!(send(&mut card, &hex!("00C0000001")), (vec![1], 0x9000));
}

#[test]
fn a_command_on_a_closed_channel_changes_nothing() {
    let mut card = card(&[A]);
    select(&mut card, A);
    tell(&mut card, 0x20, 0, 3, &[]);
    send(&mut card, &hex!("80200005 02"));
    let before = card.snapshot();
    for class in (0..=0xFF_u8).filter(|class| !matches!(class, 0x20..=0x3F | 0xFF)) {
        let channel = if class & 0x40 == 0 { class & 3 } else { (class & 0x0F) + 4 };
        if channel != 0 {
            for command in [vec![class, 0x10, 0, 0, 1, 9], vec![class, 0xA4, 4, 0, 1, 0xF0], vec![class, 0x70, 0, 0, 1]]
            {
                card.restore(&before).unwrap();
                assert_eq!(sw(&mut card, &command), 0x6881, "{command:02X?}");
                send(&mut card, &hex!("80200005 02"));
                assert!(card.snapshot() == before, "{command:02X?}");
            }
        }
    }
}

#[test]
fn each_channel_has_its_own_selection() {
    let mut card = card(&[A, B]);
    select(&mut card, A);
    sw(&mut card, &hex!("00700001"));
    assert_eq!((on(&card, 0), on(&card, 1), on(&card, 2)), (aid(A), None, None));
    assert_eq!(sw(&mut card, &hex!("81200001 01")), 0x6D00, "nothing is selected there");
    assert_eq!(select_on(&mut card, 1, B), 0x9000);
    calls();
    assert_eq!((on(&card, 0), on(&card, 1)), (aid(A), aid(B)));
    for (class, value) in [(0x80, 0x11), (0x81, 0x22)] {
        for ins in [0x10, 0x12, 0x14] {
            assert_eq!(sw(&mut card, &[class, ins, 0, 0, 1, value]), 0x9000);
        }
    }
    for (class, value) in [(0x80, 0x11), (0x81, 0x22)] {
        for ins in [0x11, 0x13, 0x15] {
            assert_eq!(send(&mut card, &[class, ins, 0, 1, 1]), (vec![value], 0x9000), "{class:02X} {ins:02X}");
        }
    }
    // Next occurrence is looked for from each channel's own.
    assert_eq!(sw(&mut card, &hex!("01A4040E 04 F06F6E65")), 0x6A82, "B is the last one");
    assert_eq!(sw(&mut card, &hex!("00A4040E 04 F06F6E65")), 0x6985, "and is busy on channel 1");
    assert_eq!(calls(), [""; 0], "nobody was told anything");
    // Closing clears what lasted until then, and tells the applet of that channel.
    sw(&mut card, &hex!("00708001"));
    assert_eq!(
        calls(),
        [format!("deselect {} on channel 1", aid(B).unwrap()), format!("kept 22 {} on channel 1", aid(B).unwrap())]
    );
    assert_eq!((on(&card, 0), on(&card, 1)), (aid(A), None));
    sw(&mut card, &hex!("00700001"));
    select_on(&mut card, 1, B);
    let read = |card: &mut Card, class: u8| [0x11, 0x13, 0x15].map(|ins| send(card, &[class, ins, 0, 1, 1]).0[0]);
    assert_eq!(read(&mut card, 0x81), [0x22, 0, 0x22]);
    assert_eq!(read(&mut card, 0x80), [0x11, 0x11, 0x11], "the other channel did not notice");
    card.reset().unwrap();
    assert_eq!(sw(&mut card, &hex!("81110001 01")), 0x6881, "a reset closes it");
    assert_eq!((on(&card, 0), on(&card, 1)), (None, None));
}

#[test]
fn one_applet_on_two_channels_only_if_it_says_so() {
    let mut card = card(&[A]);
    card.install(MODULES, PUBLIC, PUBLIC, &[]).unwrap();
    sw(&mut card, &hex!("00700001"));
    sw(&mut card, &hex!("00700002"));
    select(&mut card, A);
    calls();
    let before = card.snapshot();
    assert_eq!(select_on(&mut card, 1, A), 0x6985);
    assert!(card.snapshot() == before);
    assert_eq!(calls(), [""; 0]);
    assert_eq!(select_on(&mut card, 0, A), 0x9000, "again on its own channel");

    for channel in 0..=2 {
        assert_eq!(select_on(&mut card, channel, PUBLIC.as_bytes()), 0x9000);
        let class = 0x80 | channel;
        assert_eq!(sw(&mut card, &[class, 0x12, 0, 0, 1, channel + 7]), 0x9000);
    }
    let demand = card.demands().find(|(aid, _)| *aid == PUBLIC).unwrap().1;
    assert_eq!((demand.until_deselect, demand.until_reset), (4 * 16, 16), "for each channel");
    // Each has its own memory until deselection; the memory until reset and the persistent one are the instance's.
    for channel in 0..=2 {
        assert_eq!(send(&mut card, &[0x80 | channel, 0x13, 0, 1, 1]).0, [channel + 7]);
    }
    sw(&mut card, &hex!("81140000 01 55"));
    assert_eq!(send(&mut card, &hex!("82150001 01")).0, [0x55]);
    select_on(&mut card, 1, A);
    assert_eq!(send(&mut card, &hex!("80130001 01")).0, [7]);
    assert_eq!(send(&mut card, &hex!("82130001 01")).0, [9]);
    select_on(&mut card, 1, PUBLIC.as_bytes());
    assert_eq!(send(&mut card, &hex!("81130001 01")).0, [0], "and only its own was cleared");
}

#[test]
fn a_channel_opened_from_another_has_selected_what_that_has() {
    let mut card = card(&[A]);
    card.install(MODULES, PUBLIC, PUBLIC, &[]).unwrap();
    sw(&mut card, &hex!("00700001"));
    // From the basic channel: nothing.
    select(&mut card, PUBLIC.as_bytes());
    sw(&mut card, &hex!("00700002"));
    assert_eq!(on(&card, 2), None);
    sw(&mut card, &hex!("00708002"));
    // From one with nothing selected: nothing.
    assert_eq!(send(&mut card, &hex!("01700000 01")), (vec![2], 0x9000));
    assert_eq!(on(&card, 2), None);
    sw(&mut card, &hex!("00708002"));
    select_on(&mut card, 1, PUBLIC.as_bytes());
    calls();
    assert_eq!(send(&mut card, &hex!("01700000 01")), (vec![2], 0x9000), "the number, not the applet's answer");
    assert_eq!(on(&card, 2), Some(PUBLIC));
    assert_eq!(calls(), [format!("select {PUBLIC} on channel 2")]);
    sw(&mut card, &hex!("00708002"));
    select_on(&mut card, 1, A);
    calls();
    assert_eq!(sw(&mut card, &hex!("01700000 01")), 0x6985, "that one cannot");
    assert_eq!(sw(&mut card, &hex!("81200001 01")), 0x9000);
    assert_eq!(sw(&mut card, &hex!("82200001 01")), 0x6881, "and the channel stays closed");
    assert_eq!(calls(), [""; 0]);
}

#[test]
fn an_answer_waits_on_its_channel() {
    let mut card = card(&[A, B]);
    sw(&mut card, &hex!("00700001"));
    select(&mut card, A);
    select_on(&mut card, 1, B);
    assert_eq!(send(&mut card, &hex!("81200005 02")), (vec![0, 1], 0x6103));
    assert_eq!(send(&mut card, &hex!("01C0000003")), (vec![2, 3, 4], 0x9000));
    assert_eq!(send(&mut card, &hex!("81200005 02")), (vec![0, 1], 0x6103));
    assert_eq!(send(&mut card, &hex!("00C0000003")), (vec![], 0x6985), "a command on another channel");
    assert_eq!(send(&mut card, &hex!("01C0000003")), (vec![], 0x6985), "gives it up");
}

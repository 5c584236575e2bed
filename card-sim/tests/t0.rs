//! The T=0 front: headers of five bytes, `61xx`, `6Cxx`, GET RESPONSE.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod support;

use apdu::{Response, Transport};
use card_sim::{Card, Protocol};
use hex_literal::hex;
use proptest::prelude::*;
use support::{NOTEBOOK, calls, card, selected, send};

fn t0() -> Card {
    let mut card = selected();
    card.speak(Protocol::T0);
    card
}

/// The bytes that the notebook answers.
fn counting(from: usize, to: usize) -> Vec<u8> {
    (from..to).map(|byte| u8::try_from(byte % 256).unwrap()).collect()
}

#[test]
fn lengths_that_are_none() {
    let mut card = t0();
    for bytes in [
        &[][..],
        &hex!("80"),
        &hex!("802000"),
        &hex!("80100000 02 01"),
        &hex!("80100000 01 01 02 03"),
        &hex!("80100000 00 01"),
        &hex!("80100000 000001 01"),
    ] {
        assert_eq!(send(&mut card, bytes), (vec![], 0x6700), "{bytes:02X?}");
    }
    assert_eq!(send(&mut card, &hex!("80100000 01 01")).1, 0x9000);
    assert_eq!(send(&mut card, &hex!("80100000 01 02 00")).1, 0x9000, "a Le that T=0 does not have");
}

/// Every length of an answer, asked for with every P3.
#[test]
fn an_answer_of_the_length_asked_for_or_6cxx() {
    for total in [0_usize, 1, 2, 127, 128, 254, 255, 256, 257, 300, 511, 512] {
        for p3 in 0..=255_u8 {
            let ne = if p3 == 0 { 256 } else { usize::from(p3) };
            let [p1, p2] = u16::try_from(total).unwrap().to_be_bytes();
            let mut card = t0();
            let (data, sw) = send(&mut card, &[0x80, 0x20, p1, p2, p3]);
            let low = |count: usize| u16::try_from(count.min(256) % 256).unwrap();
            let expected = match total {
                0 => (0, 0x9000),
                _ if total == ne => (total, 0x9000),
                257.. if ne == 256 => (256, 0x6100 | low(total - 256)),
                _ => (0, 0x6C00 | low(total)),
            };
            assert_eq!((data.len(), sw), expected, "{total} {p3:02X}");
            assert_eq!(data, counting(0, data.len()));
        }
    }
}

/// What `6Cxx` keeps back comes without carrying the command out again.
#[test]
fn the_repeated_command_is_not_carried_out_again() {
    let mut card = t0();
    // Counts itself.
    let counting = |p3: u8| [0x80, 0x26, 0, 0, p3];
    assert_eq!(send(&mut card, &counting(0)), (vec![], 0x6C01));
    assert_eq!(send(&mut card, &counting(9)), (vec![], 0x6C01), "wrong again");
    assert_eq!(send(&mut card, &counting(1)), (vec![1], 0x9000));
    assert_eq!(send(&mut card, &counting(1)), (vec![2], 0x9000), "a new command");
    // Any other command gives it up.
    assert_eq!(send(&mut card, &counting(0)), (vec![], 0x6C01));
    assert_eq!(send(&mut card, &hex!("80110001 01")).0, [3]);
    assert_eq!(send(&mut card, &counting(1)), (vec![4], 0x9000));
    assert_eq!(send(&mut card, &counting(0)), (vec![], 0x6C01));
    assert_eq!(send(&mut card, &hex!("8026000001 AA")), (vec![], 0x6101), "with data it is another one");
    assert_eq!(send(&mut card, &hex!("00C0000001")), (vec![6], 0x9000));
    // So does a reset.
    assert_eq!(send(&mut card, &counting(0)), (vec![], 0x6C01));
    card.reset().unwrap();
    assert_eq!(send(&mut card, &counting(1)), (vec![], 0x6D00));
}

/// Who knows by now how much there is may also ask for less.
#[test]
fn a_part_of_what_is_kept_back() {
    let mut card = card(&[NOTEBOOK.as_bytes()]);
    card.speak(Protocol::T0);
    assert_eq!(send(&mut card, &hex!("00A4020C 02 2F01")).1, 0x9000);
    assert_eq!(send(&mut card, &hex!("00B0000000")), (vec![], 0x6C0B));
    assert_eq!(send(&mut card, &hex!("00B0000003")), (hex!("7F6608").to_vec(), 0x6108));
    assert_eq!(send(&mut card, &hex!("00C0000008")), (hex!("0202020902020202").to_vec(), 0x9000));
    assert_eq!(
        send(&mut card, &hex!("00B0000003")),
        (hex!("7F6608").to_vec(), 0x9000),
        "as a command of its own it is right"
    );
}

#[test]
fn after_data_the_answer_is_fetched() {
    let ask = [0x80, 0x20, 0x01, 0x2C, 0x01, 0xAA];
    let mut card = t0();
    assert_eq!(send(&mut card, &ask), (vec![], 0x6100), "300 bytes are 256 or more");
    assert_eq!(send(&mut card, &hex!("00C0000010")), (counting(0, 16), 0x6100));
    assert_eq!(send(&mut card, &hex!("00C0000000")), (counting(16, 272), 0x611C));
    assert_eq!(send(&mut card, &hex!("00C0000000")), (vec![], 0x6C1C), "more than there is");
    assert_eq!(send(&mut card, &hex!("00C000001D")), (vec![], 0x6C1C));
    assert_eq!(send(&mut card, &hex!("00C000001C")), (counting(272, 300), 0x9000));
    assert_eq!(send(&mut card, &hex!("00C000001C")), (vec![], 0x6985));
    // Without a fifth byte, too.
    assert_eq!(send(&mut card, &hex!("80200003")), (vec![], 0x6103));
    assert_eq!(send(&mut card, &hex!("00C0000003")), (counting(0, 3), 0x9000));
}

#[test]
fn what_waits_is_dropped_by_any_other_command() {
    for between in
        [&hex!("80240000 00")[..], &hex!("80110001 01"), &hex!("00A40400 01 F5"), &hex!("A0C0000003"), &hex!("FF")]
    {
        let mut card = t0();
        assert_eq!(send(&mut card, &hex!("8020000501 AA")), (vec![], 0x6105));
        send(&mut card, between);
        assert_eq!(send(&mut card, &hex!("00C0000005")), (vec![], 0x6985), "{between:02X?}");
    }
    for (kept, sw) in [(&hex!("00C0010005")[..], 0x6A86), (&hex!("00C0000001 AA"), 0x6700), (&hex!("00C00000"), 0x6700)]
    {
        let mut card = t0();
        assert_eq!(send(&mut card, &hex!("8020000501 AA")), (vec![], 0x6105));
        assert_eq!(send(&mut card, kept), (vec![], sw));
        assert_eq!(send(&mut card, &hex!("00C0000005")), (counting(0, 5), 0x9000), "{kept:02X?}");
    }
}

#[test]
fn selection_and_errors_as_in_t1() {
    let mut card = card(&[NOTEBOOK.as_bytes()]);
    card.speak(Protocol::T0);
    assert_eq!(send(&mut card, &hex!("00A40400 05 F06E6F7465")), (vec![], 0x610A));
    assert_eq!(send(&mut card, &hex!("00C000000A")).1, 0x9000);
    assert_eq!(calls().len(), 1);
    assert_eq!(send(&mut card, &hex!("00A40400 01 F5")).1, 0x6A82);
    assert_eq!(send(&mut card, &hex!("80FF0000 00")).1, 0x6D00);
    assert_eq!(send(&mut card, &hex!("20FF0000 00")).1, 0x6E00);
    assert_eq!(send(&mut card, &hex!("00700000 01")), (vec![1], 0x9000));
    assert_eq!(send(&mut card, &hex!("00700000 00")), (vec![], 0x6C01));
    assert_eq!(card.selected_on(apdu::Channel::new(2).unwrap()), None);
    assert_eq!(send(&mut card, &hex!("82110001 01")).1, 0x6881, "nothing was opened for that");
    assert_eq!(send(&mut card, &hex!("00700000 01")), (vec![2], 0x9000));
    // A command longer than T=0 can carry comes in pieces.
    for class in [0x90, 0x90, 0x80] {
        assert_eq!(send(&mut card, &[&[class, 0x10, 0, 0, 10], &[3; 10][..]].concat()).1, 0x9000);
    }
    assert_eq!(send(&mut card, &hex!("8011001E 1E")).0, [3; 30]);
}

proptest! {
    /// Headers that mean something, and noise behind them.
    #[test]
    fn no_bytes_upset_it(commands in proptest::collection::vec(
        (prop::sample::select(vec![0x00_u8, 0x80, 0x81, 0x90, 0x10, 0x01]), prop::sample::select(vec![0x20_u8, 0x26, 0x10, 0xA4, 0xC0, 0x70]),
         0..4_u8, 0..4_u8, proptest::collection::vec(any::<u8>(), 0..8), any::<bool>()), 1..40))
    {
        let mut card = t0();
        for (cla, ins, p1, p2, data, right) in commands {
            let mut bytes = vec![cla, ins, p1, p2];
            if right {
                bytes.push(u8::try_from(data.len()).unwrap());
            }
            bytes.extend(data);
            let mut response = [0; 600];
            let Ok(length) = card.transmit(&bytes, &mut response);
            let sw = Response::decode(&response[..length]).unwrap().sw;
            prop_assert!(matches!(sw.value(), 0x6100..=0x6FFF | 0x9000), "{sw:?} to {bytes:02X?}");
            prop_assert!(length <= 258);
        }
    }
}

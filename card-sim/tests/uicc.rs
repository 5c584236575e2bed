//! The simulated UICC, as a phone that starts reads it.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "support/phone.rs"]
mod phone;

use apdu::Transport;
use card_sim::uicc::{Setup, USIM, Uicc, bcd, toolkit::MENU};
use hex_literal::hex;
use phone::{boot, choose, fetch, key, respond, send, tell, words};
use toolkit::Answer;

fn uicc() -> Uicc {
    Uicc::new(&Setup::default())
}

/// Sends each command, and expects these words.
fn table(card: &mut Uicc, rows: &[(&[u8], u16)]) {
    for (command, sw) in rows {
        let (_, found) = send(card, command);
        assert_eq!(found, *sw, "{command:02X?}");
    }
}

const PIN: &[u8] = &hex!("00200001 08 31323334FFFFFFFF");
const WRONG_PIN: &[u8] = &hex!("00200001 08 31323335FFFFFFFF");

#[test]
fn a_phone_starts() {
    let mut card = uicc();
    assert!(card_sim::Atr::parse(card.atr()).is_ok());
    let (mf, sw) = send(&mut card, &hex!("00A40004 02 3F00 00"));
    assert_eq!(
        (mf.as_slice(), sw),
        (hex!("62 18 82027821 83023F00 A503800171 8A0105 C606900180830101").as_slice(), 0x9000)
    );
    let (iccid, _) = send(&mut card, &hex!("00A40004 02 2FE2 00"));
    assert_eq!(iccid, hex!("62 16 82024121 83022FE2 8A0105 8C020100 8002000A 880110"));
    assert_eq!(send(&mut card, &hex!("00B00000 0A")), (hex!("98881201 0000000010F7").to_vec(), 0x9000));
    let (dir, _) = send(&mut card, &hex!("00A40004 02 2F00 00"));
    assert_eq!(dir, hex!("62 19 82054221002002 83022F00 8A0105 8C020100 80020040 8801F0"));
    let (record, sw) = send(&mut card, &hex!("00B20104 20"));
    assert_eq!((&record[..4], &record[4..20], sw), (hex!("61184F10").as_slice(), USIM.as_slice(), 0x9000));
    table(&mut card, &[(&hex!("00B20204 20"), 0x9000), (&hex!("00B20304 20"), 0x6A83), (&hex!("00B20104 10"), 0x6C20)]);

    let select = [hex!("00A40404 10").as_slice(), &USIM, &[0]].concat();
    let (usim, sw) = send(&mut card, &select);
    assert_eq!((&usim[..12], sw), (hex!("62 25 82027821 83027FFF 8410").as_slice(), 0x9000));
    assert_eq!(send(&mut card, PIN).1, 0x9000);
    table(&mut card, &[(&hex!("00A4000C 02 6F07"), 0x9000)]);
    assert_eq!(send(&mut card, &hex!("00B00000 09")), (hex!("08 09 10 10 00 00 00 00 71").to_vec(), 0x9000));
    assert_eq!(send(&mut card, &hex!("00B08300 00")).0, hex!("00000002"), "EF.AD by its short identifier");
    assert_eq!(boot(&mut card), [MENU]);
}

#[test]
fn the_pin() {
    let mut card = uicc();
    let imsi = hex!("00A4080C 04 7FFF 6F07");
    let read = hex!("00B00000 09");
    let select = [hex!("00A4040C 07").as_slice(), &USIM[..7]].concat();
    table(&mut card, &[(&imsi, 0x6A82), (&select, 0x9000), (&imsi, 0x9000), (&read, 0x6982)]);
    let counters: [(&[u8], u16); 8] = [
        (&hex!("00200001"), 0x63C3),
        (WRONG_PIN, 0x63C2),
        (PIN, 0x9000),
        (&read, 0x9000),
        (WRONG_PIN, 0x63C2),
        (&read, 0x6982),
        (WRONG_PIN, 0x63C1),
        (&hex!("00200002"), 0x6A88),
    ];
    table(&mut card, &counters);
    card.reset().unwrap();
    table(&mut card, &[(&hex!("00200001"), 0x63C1), (WRONG_PIN, 0x6983), (PIN, 0x6983), (&hex!("00200001"), 0x6983)]);
    let mut open = Uicc::new(&Setup { pin: None, ..Setup::default() });
    table(&mut open, &[(PIN, 0x6984), (&select, 0x9000), (&imsi, 0x9000), (&read, 0x9000)]);
}

#[test]
fn selections_and_status_words() {
    let mut card = uicc();
    let rows: [(&[u8], u16); 33] = [
        (&hex!("00A40000 02 3F00"), 0x6A86),
        (&hex!("00A40400 05 F000000001"), 0x6A82),
        (&hex!("00A40A04 02 3F00"), 0x6A86),
        (&hex!("00A40004 01 3F"), 0x6700),
        (&hex!("00A40004 02 6F07 00"), 0x6A82),
        (&hex!("00A4080C 02 2FE2"), 0x9000),
        (&hex!("00A4080C 04 2FE2 2FE2"), 0x6A82),
        (&hex!("00A4090C 02 2F00"), 0x9000),
        (&hex!("00A4030C"), 0x6A82),
        (&hex!("00A4040C 05 A000000151"), 0x6A82),
        (&hex!("00A40004 02 3F00"), 0x611A),
        (&hex!("00C00000 1B"), 0x6C1A),
        (&hex!("00C00000 1A"), 0x9000),
        (&hex!("00C00000 1A"), 0x6985),
        (&hex!("00A40004 02 3F00 10"), 0x6C1A),
        (&hex!("00B00000 01"), 0x6986),
        (&hex!("00B0A000 01"), 0x6A86),
        (&hex!("00B08200 0B"), 0x6C0A),
        (&hex!("00B00009 00"), 0x9000),
        (&hex!("00B0000A 00"), 0x6B00),
        (&hex!("00B20104 20"), 0x6981),
        (&hex!("00B201F4 20"), 0x9000),
        (&hex!("00B00000 01"), 0x6981),
        (&hex!("80F20000 1A"), 0x9000),
        (&hex!("80F20001 12"), 0x6985),
        (&hex!("80F2000C"), 0x9000),
        (&hex!("80F20300 00"), 0x6A86),
        (&hex!("00880000"), 0x6D00),
        (&hex!("A0A40000 02 3F00"), 0x6E00),
        (&hex!("10A40004 02 3F00"), 0x6E00),
        (&hex!("01A40004 02 3F00"), 0x6881),
        (&hex!("00"), 0x6700),
        (&hex!("00A40004 03 3F00"), 0x6700),
    ];
    table(&mut card, &rows);
    assert_eq!(bcd("123"), hex!("21F3"));
}

#[test]
fn channels() {
    let mut card = uicc();
    let usim = [hex!("01A4040C 10").as_slice(), &USIM].concat();
    assert_eq!(send(&mut card, &hex!("00700000 01")), (vec![1], 0x9000));
    let rows: [(&[u8], u16); 12] = [
        (&usim, 0x9000),
        (&hex!("00A4000C 02 7FFF"), 0x6A82),
        (&hex!("01A4000C 02 7FFF"), 0x9000),
        (&hex!("00700003"), 0x9000),
        (&hex!("01700002"), 0x9000),
        (&hex!("02A4000C 02 6FAD"), 0x9000),
        (&hex!("00700000 01"), 0x6A81),
        (&hex!("00708001"), 0x9000),
        (&hex!("00708001"), 0x6200),
        (&hex!("00708000"), 0x6A81),
        (&hex!("00700004"), 0x6A81),
        (&hex!("01A4000C 02 3F00"), 0x6881),
    ];
    table(&mut card, &rows);
}

#[test]
fn the_four_items() {
    let mut card = uicc();
    boot(&mut card);
    let sw = choose(&mut card, 1);
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "text Item 1");
    assert_eq!(respond(&mut card, &command, 0, Answer::None), 0x9000);
    let sw = choose(&mut card, 2);
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "input Enter 22222");
    let sw = key(&mut card, &command, "22222");
    assert_eq!(words(&fetch(&mut card, sw)), "text It is 22222");
    let sw = choose(&mut card, 3);
    let command = fetch(&mut card, sw);
    let sw = respond(&mut card, &command, 0, Answer::Item(2));
    assert_eq!(words(&fetch(&mut card, sw)), "text It is 2");
    let sw = choose(&mut card, 4);
    let command = fetch(&mut card, sw);
    let sw = respond(&mut card, &command, 0, Answer::None);
    assert_eq!(words(&fetch(&mut card, sw)), "text That was all");
    let sw = phone::ask_help(&mut card, 4);
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "text This is help");
    assert_eq!(respond(&mut card, &command, 0x10, Answer::None), 0x9000);
    assert_eq!(choose(&mut card, 5), 0x9000);
    card.set_menu(&hex!("D009 8103012500 82028182"));
    let (_, sw) = send(&mut card, &hex!("80F2000C"));
    assert_eq!(sw, 0x910B);
    let mut silent = Uicc::new(&Setup { menu: None, ..Setup::default() });
    assert_eq!(tell(&mut silent, 0x10, &[0xFF]), 0x6D00);
}

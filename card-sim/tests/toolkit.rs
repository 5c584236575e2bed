//! A card with an applet that talks, before a terminal, without any overlay.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "support/phone.rs"]
mod phone;
#[path = "support/talker.rs"]
mod talker;

use apdu::{Cut, PowerCut, Transport};
use card_sim::Card;
use hex_literal::hex;
use phone::{PROFILE, ask_help, boot, choose, fetch, idle, key, profile, respond, send, tell, words};
use toolkit::{Answer, Facility, TerminalProfile};

const FIRST: u8 = 0x80;

fn booted() -> Card {
    let mut card = talker::card(&[b""]);
    let set_up: Vec<String> = boot(&mut card).iter().map(|command| words(command)).collect();
    assert_eq!(set_up, ["menu Talker: 80 Talker", "events [05]"]);
    card
}

/// Goes from the menu to the choice.
fn chosen(card: &mut Card) -> Vec<u8> {
    let sw = choose(card, FIRST);
    let command = fetch(card, sw);
    assert_eq!(words(&command), "choice Talker: 1 Count, 2 Ask, 3 Rename");
    command
}

/// The count, the state and the verification of the talker, if it is selected on the basic channel.
fn look(card: &mut Card) -> Vec<u8> {
    send(card, &hex!("80300000 00")).0
}

#[test]
fn a_conversation_to_its_end() {
    let mut card = booted();
    let command = chosen(&mut card);
    let sw = respond(&mut card, &command, 0, Answer::Item(1));
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "text Count 1");
    let sw = respond(&mut card, &command, 0x11, Answer::None);
    let command = fetch(&mut card, sw);
    let sw = respond(&mut card, &command, 0x13, Answer::Item(1));
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "text It is a choice");
    assert_eq!(respond(&mut card, &command, 0, Answer::None), 0x9000);
    assert_eq!(send(&mut card, &hex!("80120000 10")).1, 0x6985, "nothing waits");
    let sw = ask_help(&mut card, FIRST);
    assert_eq!(words(&fetch(&mut card, sw)), "text It talks");
}

#[test]
fn every_result_leads_on_or_to_the_end() {
    for code in 0..=u8::MAX {
        let mut card = booted();
        let mut command = chosen(&mut card);
        // Busy is answered by the same command, three times, at the terminal's next one.
        for _ in 0..3 {
            if code == 0x20 {
                assert_eq!(respond(&mut card, &command, code, Answer::None), 0x9000);
                let (_, sw) = send(&mut card, &hex!("00A4040C 01 EE"));
                assert_eq!(sw, 0x6A82, "errors announce nothing");
                let (_, sw) = send(&mut card, b"\x00\xA4\x04\x0C\x07\xF0talker");
                let again = fetch(&mut card, sw);
                assert_eq!(again, command);
                command = again;
            }
        }
        let sw = respond(&mut card, &command, code, Answer::None);
        match code {
            0x13 => assert_eq!(words(&fetch(&mut card, sw)), "text It is a choice"),
            0x30.. => assert_eq!(words(&fetch(&mut card, sw)), "text No choice here"),
            _ => assert_eq!(sw, 0x9000, "{code:02X}"),
        }
        chosen(&mut card);
    }
}

#[test]
fn a_pin_given_to_one_is_not_given_to_the_other() {
    let mut card = booted();
    send(&mut card, b"\x00\xA4\x04\x0C\x07\xF0talker");
    let command = chosen(&mut card);
    let sw = respond(&mut card, &command, 0, Answer::Item(2));
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "input PIN");
    let sw = key(&mut card, &command, "0000");
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "input PIN");
    let sw = key(&mut card, &command, "1234");
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "text Right");
    assert_eq!(look(&mut card), [0, 0, 0], "the selection knows nothing of it");
    assert_eq!(send(&mut card, &hex!("80320000")).1, 0x9000);
    assert_eq!(look(&mut card), [0, 0, 1]);
    assert_eq!(respond(&mut card, &command, 0, Answer::None), 0x9000);
    // The talker looks that there is nothing at the start.
    chosen(&mut card);
    assert_eq!(look(&mut card), [0, 0, 1], "nor does the end of a conversation end the selection");
}

#[test]
fn what_is_no_answer_changes_nothing() {
    let mut card = talker::card(&[b""]);
    for early in [hex!("80120000 10").as_slice(), &hex!("80140000 01 00"), &hex!("80C20000 01 D3")] {
        assert_eq!(send(&mut card, early).1, 0x6985, "before any profile");
    }
    let mut card = booted();
    assert_eq!(tell(&mut card, 0x14, &[0x81]), 0x6985, "nothing was asked");
    let sw = choose(&mut card, FIRST);
    let length = sw.to_be_bytes()[1];
    assert_eq!(tell(&mut card, 0x14, &phone::response(&hex!("D009 8103012400 82028182"), 0, Answer::None)), 0x6985);
    for le in (1..=255).filter(|le| *le != length) {
        assert_eq!(send(&mut card, &[0x80, 0x12, 0, 0, le]).1, u16::from_be_bytes([0x6C, length]));
    }
    assert_eq!(send(&mut card, &[0x80, 0x12, 0, 1, length]).1, 0x6A86);
    let command = fetch(&mut card, sw);
    assert_eq!(fetch(&mut card, sw), command, "it can be fetched again");
    let before = card.snapshot();
    let good = phone::response(&command, 0, Answer::Item(1));
    for (at, with) in [(2, good[2] + 1), (3, 0x21), (0, 0x99), (1, 0xFF)] {
        let mut bad = good.clone();
        bad[at] = with;
        assert_eq!(tell(&mut card, 0x14, &bad), 0x6A80);
    }
    for end in 0..good.len() - 3 {
        let sw = tell(&mut card, 0x14, &good[..end]);
        assert!(matches!(sw, 0x6A80 | 0x6700), "{end}: {sw:04X}");
    }
    assert!(card.snapshot() == before);
    let sw = tell(&mut card, 0x14, &good);
    assert_eq!(words(&fetch(&mut card, sw)), "text Count 1");
}

#[test]
fn an_item_that_is_gone_brings_the_menu_again() {
    let mut card = booted();
    for item in (0..=255).filter(|item| *item != FIRST) {
        let sw = choose(&mut card, item);
        let set_up = phone::settle(&mut card, sw);
        assert_eq!(set_up.iter().map(|command| words(command)).collect::<Vec<_>>(), ["menu Talker: 80 Talker"]);
    }
    chosen(&mut card);
}

#[test]
fn a_new_text_is_shown_after_the_conversation() {
    let mut card = booted();
    for text in ["menu Talker!: 80 Talker!", "menu Talker: 80 Talker"] {
        let sw = choose(&mut card, FIRST);
        let command = fetch(&mut card, sw);
        let sw = respond(&mut card, &command, 0, Answer::Item(3));
        let command = fetch(&mut card, sw);
        assert_eq!(words(&command), text);
        // Whatever becomes of it.
        assert_eq!(respond(&mut card, &command, 0x30, Answer::None), 0x9000);
    }
}

#[test]
fn several_entries_and_no_room() {
    let mut card = talker::card(&[b"One", b"Two", &[b'x'; 64], &[b'y'; 64], &[b'z'; 64], &[b'w'; 64]]);
    let set_up = boot(&mut card);
    let menu = words(&set_up[0]);
    assert!(menu.starts_with("menu SIM: 80 One, 81 Two, 82 x") && !menu.contains("85 w"), "{menu}");
    let sw = choose(&mut card, 0x81);
    assert!(words(&fetch(&mut card, sw)).starts_with("choice Two"));
}

#[test]
fn a_terminal_that_lacks_a_command() {
    let mut room = [0; 10];
    let without = |lacking: &[Facility], room: &mut [u8; 10]| {
        let all: Vec<Facility> = Facility::all().filter(|facility| !lacking.contains(facility)).collect();
        TerminalProfile::of(&all, room).bytes().to_vec()
    };
    let mut card = talker::card(&[b""]);
    let no_choice = without(&[Facility::SelectItem], &mut room);
    let sw = profile(&mut card, &no_choice);
    phone::settle(&mut card, sw);
    let sw = choose(&mut card, FIRST);
    assert_eq!(words(&fetch(&mut card, sw)), "text No choice here", "it falls back");

    for lacking in [Facility::SetUpMenu, Facility::MenuSelection, Facility::DisplayText] {
        let bytes = without(&[lacking, Facility::SetUpEventList], &mut room);
        assert_eq!(profile(&mut card, &bytes), 0x9000, "{lacking:?}: no entry");
    }
    assert_eq!(profile(&mut card, &[]), 0x9000);
    assert_eq!(profile(&mut card, &[0xFF; 255]) >> 8, 0x91, "longer than any");
}

#[test]
fn events_reach_those_who_want_them() {
    let mut card = booted();
    assert_eq!(tell(&mut card, 0xC2, &hex!("D6 07 9901 04 82028281")), 0x9000, "nobody wants this one");
    let sw = idle(&mut card);
    let command = fetch(&mut card, sw);
    assert_eq!(words(&command), "text Idle");
    assert_eq!(idle(&mut card), 0x9300, "not in a conversation");
    assert_eq!(respond(&mut card, &command, 0, Answer::None), 0x9000);
    for other in [hex!("D7 0A 82028281 A40101 A503000000").as_slice(), &hex!("D1 00"), &hex!("FF 00"), &[]] {
        assert!(matches!(tell(&mut card, 0xC2, other), 0x6985 | 0x6A80 | 0x6700), "{other:02X?}");
    }
}

#[test]
fn a_reset_and_a_new_profile_end_it() {
    let mut card = booted();
    let command = chosen(&mut card);
    card.reset().unwrap();
    assert_eq!(respond(&mut card, &command, 0, Answer::Item(1)), 0x6985);
    assert_eq!(boot(&mut card).len(), 2, "the menu is back");
    let command = chosen(&mut card);
    assert_eq!(boot(&mut card).len(), 2);
    assert_eq!(respond(&mut card, &command, 0, Answer::Item(1)), 0x6985);
    chosen(&mut card);
    // Chosen again without an answer: the person is at the menu.
    chosen(&mut card);
}

#[test]
fn the_power_fails_in_a_conversation() {
    for write in 1..10 {
        let mut card = booted();
        send(&mut card, b"\x00\xA4\x04\x0C\x07\xF0talker");
        let command = chosen(&mut card);
        card.arm(Some(Cut { write, bytes: 0, unstable: true }));
        let bytes = phone::response(&command, 0, Answer::Item(1));
        let Ok(length) =
            card.transmit(&[&[0x80, 0x14, 0, 0, bytes.len().try_into().unwrap()], &bytes[..]].concat(), &mut [0; 300]);
        if card.is_on() {
            assert!(write > 2, "the count is written");
            return;
        }
        assert_eq!(length, 0);
        card.reset().unwrap();
        assert_eq!(boot(&mut card).len(), 2);
        send(&mut card, b"\x00\xA4\x04\x0C\x07\xF0talker");
        assert_eq!(look(&mut card)[1..], [0, 0]);
        chosen(&mut card);
    }
    panic!("more writes than thought");
}

#[test]
fn a_snapshot_holds_the_conversation() {
    let mut card = booted();
    let command = chosen(&mut card);
    let here = card.snapshot();
    let sw = respond(&mut card, &command, 0, Answer::Item(1));
    let shown = fetch(&mut card, sw);
    assert!(card.snapshot() != here);
    card.restore(&here).unwrap();
    assert!(card.snapshot() == here);
    let sw = respond(&mut card, &command, 0, Answer::Item(1));
    assert_eq!(fetch(&mut card, sw), shown);
    assert_eq!(Card::toolkit_demand().until_reset, 560);
    assert_eq!(card.demands().next().unwrap().1.until_deselect, 4, "one for a channel, one for conversations");
}

#[test]
fn in_t0_too() {
    let mut card = talker::card(&[b""]);
    card.speak(card_sim::Protocol::T0);
    assert_eq!(boot(&mut card).len(), 2);
    let sw = choose(&mut card, FIRST);
    let (_, wrong) = send(&mut card, &hex!("80120000 01"));
    assert_eq!(wrong & 0xFF, sw & 0xFF);
    assert_eq!(wrong >> 8, 0x6C);
    assert!(words(&fetch(&mut card, sw)).starts_with("choice"));
}

#[test]
fn without_such_an_applet_the_commands_are_the_applets() {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(card_sim::SeededRandom::new(1))).unwrap();
    assert_eq!(profile(&mut card, &PROFILE), 0x6D00);
}

//! The overlay SIM: what is its own, whose turn it is, and what becomes of it when the terminal or the power fails.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod below;
#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../domain/host.rs"]
mod host;
#[path = "../support/phone.rs"]
mod phone;
#[path = "../support/talker.rs"]
mod talker;

use apdu::{Cut, PowerCut, Transport};
use card_sim::uicc::{Setup, Uicc, toolkit::MENU};
use card_sim::{Card, Overlay};
use faulty::Faulty;
use globalplatform::ApplicationState;
use globalplatform::command::{Delete, Instruction, SetStatus};
use hex_literal::hex;
use host::Issuer;
use phone::{PROFILE, boot, choose, fetch, idle, key, profile, respond, send, settle, words};
use toolkit::Answer;

/// The entry of the talker.
const OURS: u8 = 0x80;
const STATUS: &[u8] = &hex!("80F2000C");
const SELECT_TALKER: &[u8] = b"\x00\xA4\x04\x0C\x07\xF0talker";
const READ_ICCID: &[u8] = &hex!("00B08200 0A");

type Laid = Overlay<Card, Faulty>;

fn over(setup: &Setup) -> Laid {
    Overlay::new(talker::card(&[b""]), Faulty::new(setup))
}

fn said(commands: &[Vec<u8>]) -> Vec<String> {
    commands.iter().map(|command| words(command)).collect()
}

const MERGED: &str = "menu Toolkit Menu: 01 Item 1, 02 Item 2, 03 Item 3, 04 Item 4, 80 Talker";

fn booted() -> Laid {
    let mut overlay = over(&Setup::default());
    assert_eq!(said(&boot(&mut overlay)), [MERGED, "events [05]"]);
    assert!(overlay.is_in_menu());
    overlay
}

/// Chooses our entry.
fn chosen(overlay: &mut Laid) -> Vec<u8> {
    let sw = choose(overlay, OURS);
    let command = fetch(overlay, sw);
    assert_eq!(words(&command), "choice Talker: 1 Count, 2 Ask, 3 Rename");
    command
}

#[test]
fn both_menus_work() {
    let mut overlay = booted();
    let atr = Uicc::new(&Setup::default()).atr().to_vec();
    assert_eq!(overlay.atr(), atr);
    let command = chosen(&mut overlay);
    let sw = respond(&mut overlay, &command, 0, Answer::Item(2));
    let command = fetch(&mut overlay, sw);
    let sw = key(&mut overlay, &command, "1234");
    let command = fetch(&mut overlay, sw);
    assert_eq!(words(&command), "text Right");
    let reached = overlay.lower().reached.len();
    assert_eq!(respond(&mut overlay, &command, 0, Answer::None), 0x9000);
    assert_eq!(overlay.lower().reached.len(), reached, "the SIM below hears nothing of it");

    let sw = choose(&mut overlay, 2);
    let command = fetch(&mut overlay, sw);
    assert_eq!(words(&command), "input Enter 22222");
    let sw = key(&mut overlay, &command, "22222");
    let command = fetch(&mut overlay, sw);
    assert_eq!(words(&command), "text It is 22222");
    assert_eq!(respond(&mut overlay, &command, 0, Answer::None), 0x9000);
    chosen(&mut overlay);
}

#[test]
fn the_merged_menu_has_its_own_length_and_comes_again() {
    let mut overlay = over(&Setup::default());
    let sw = profile(&mut overlay, &PROFILE);
    let length = u8::try_from(MENU.len() + 9).unwrap();
    assert_eq!(sw, u16::from_be_bytes([0x91, length]));
    let wrong = u8::try_from(MENU.len()).unwrap();
    assert_eq!(send(&mut overlay, &[0x80, 0x12, 0, 0, wrong]).1, u16::from_be_bytes([0x6C, length]));
    let menu = fetch(&mut overlay, sw);
    assert_eq!(fetch(&mut overlay, sw), menu);
    assert_eq!(send(&mut overlay, &[0x80, 0x12, 0, 0, 0]), (menu.clone(), 0x9000), "256 will do");
    assert_eq!(send(&mut overlay, STATUS).1, 0x9000, "it is fetched");
    let sw = respond(&mut overlay, &menu, 0, Answer::None);
    assert_eq!(overlay.lower().reached.last().unwrap()[1], 0x14, "the response is for the SIM below");
    assert_eq!(words(&fetch(&mut overlay, sw)), "events [05]");
}

#[test]
fn one_at_a_time() {
    let mut overlay = booted();
    let command = chosen(&mut overlay);
    // The menu below changes in our conversation: that is told afterwards.
    let mut menu = MENU.to_vec();
    let at = menu.iter().position(|byte| *byte == b'1').unwrap();
    menu[at] = b'9';
    overlay.lower_mut().card.set_menu(&menu);
    assert_eq!(send(&mut overlay, STATUS).1, 0x9000, "not now");
    let sw = respond(&mut overlay, &command, 0, Answer::Item(1));
    let command = fetch(&mut overlay, sw);
    assert_eq!(words(&command), "text Count 1", "ours goes on");
    let sw = respond(&mut overlay, &command, 0, Answer::None);
    let changed = said(&settle(&mut overlay, sw));
    assert_eq!(changed, [MERGED.replace("Item 1", "Item 9")]);

    // Ours waits while the SIM below is being answered.
    let sw = choose(&mut overlay, 4);
    let command = fetch(&mut overlay, sw);
    assert_eq!(idle(&mut overlay), 0x9000, "our answer to the event waits");
    let sw = respond(&mut overlay, &command, 0, Answer::None);
    let command = fetch(&mut overlay, sw);
    assert_eq!(words(&command), "text That was all", "the one below goes on");
    let sw = respond(&mut overlay, &command, 0, Answer::None);
    let command = fetch(&mut overlay, sw);
    assert_eq!(words(&command), "text Idle");
    assert_eq!(respond(&mut overlay, &command, 0, Answer::None), 0x9000);
}

#[test]
fn events_and_profiles_reach_both() {
    let mut overlay = booted();
    overlay.lower_mut().reached.clear();
    let sw = idle(&mut overlay);
    assert_eq!(words(&fetch(&mut overlay, sw)), "text Idle");
    assert_eq!(overlay.lower().reached[0][1], 0xC2);
    boot(&mut overlay);
    let profile = [&hex!("80100000 0A")[..], &PROFILE].concat();
    assert!(overlay.lower().reached.contains(&profile));
}

#[test]
fn our_text_changes_and_so_does_the_menu() {
    let mut overlay = booted();
    for text in ["Talker!", "Talker"] {
        let command = chosen_any(&mut overlay);
        let sw = respond(&mut overlay, &command, 0, Answer::Item(3));
        let reached = overlay.lower().reached.len();
        assert_eq!(said(&settle(&mut overlay, sw)), [MERGED.replace("Talker", text)]);
        assert_eq!(overlay.lower().reached.len(), reached, "that is ours to hear");
    }
}

fn chosen_any(overlay: &mut Laid) -> Vec<u8> {
    let sw = choose(overlay, OURS);
    fetch(overlay, sw)
}

#[test]
fn identifiers_that_clash_are_ours_to_change() {
    let below = hex!("D0 14 8103012500 82028182 850154 8F0280 41 8F0281 42").to_vec();
    let mut overlay = over(&Setup { menu: Some(below), ..Setup::default() });
    assert_eq!(said(&boot(&mut overlay))[0], "menu T: 80 A, 81 B, 82 Talker");
    let sw = choose(&mut overlay, 0x82);
    assert!(words(&fetch(&mut overlay, sw)).starts_with("choice Talker"));
    overlay.lower_mut().reached.clear();
    assert_eq!(choose(&mut overlay, 0x80), 0x9000, "not an item of the UICC's applet, but its own");
    assert_eq!(overlay.lower().reached.len(), 1);
    // The menu below takes ours: it moves.
    let sw = {
        overlay.lower_mut().card.set_menu(&hex!("D0 10 8103012500 82028182 850154 8F0282 43"));
        send(&mut overlay, STATUS).1
    };
    assert_eq!(said(&settle(&mut overlay, sw)), ["menu T: 82 C, 80 Talker"]);
}

#[test]
fn no_room_in_the_menu() {
    let title = vec![b'T'; 230];
    let mut menu = vec![0xD0, 0x81, 0];
    menu.extend(hex!("8103012500 82028182"));
    menu.extend([&[0x85, 0x81, 230][..], &title, &hex!("8F0201 41")].concat());
    menu[2] = u8::try_from(menu.len() - 3).unwrap();
    let mut overlay = over(&Setup { menu: Some(menu.clone()), ..Setup::default() });
    assert_eq!(boot(&mut overlay)[0], menu, "it goes up as it came");
    assert!(!overlay.is_in_menu());
    overlay.lower_mut().card.set_menu(&MENU);
    let sw = send(&mut overlay, STATUS).1;
    assert_eq!(said(&settle(&mut overlay, sw)), [MERGED], "there is room now");
}

#[test]
fn terminals_that_answer_as_they_should_not() {
    for item in [OURS, 1, 2, 3, 4] {
        for code in 0..=u8::MAX {
            let mut overlay = booted();
            let sw = choose(&mut overlay, item);
            let command = fetch(&mut overlay, sw);
            let good = phone::response(&command, code, Answer::None);
            for (at, with) in [(2, good[2] ^ 0x40), (3, 0x26), (0, 0x99), (1, 0x7F)] {
                let mut bad = good.clone();
                bad[at] = with;
                assert_eq!(phone::tell(&mut overlay, 0x14, &bad), 0x6A80, "{item} {code:02X}");
            }
            assert_eq!(phone::tell(&mut overlay, 0x14, &[]), 0x6A80);
            let _ = phone::tell(&mut overlay, 0x14, &good);
            // Whatever became of it, a choice begins anew, and after it the other's.
            let sw = choose(&mut overlay, 1);
            assert_eq!(words(&fetch(&mut overlay, sw)), "text Item 1");
            chosen(&mut overlay);
            let sw = choose(&mut overlay, 1);
            let command = fetch(&mut overlay, sw);
            assert_eq!(respond(&mut overlay, &command, 0, Answer::None), 0x9000);
            overlay.reset().unwrap();
            assert_eq!(said(&boot(&mut overlay)), [MERGED, "events [05]"]);
        }
    }
}

#[test]
fn channels() {
    let mut overlay = booted();
    assert_eq!(send(&mut overlay, SELECT_TALKER).1, 0x9000);
    assert_eq!(send(&mut overlay, &hex!("80300000 00")), (vec![0, 0, 0], 0x9000));
    assert_eq!(send(&mut overlay, READ_ICCID).1, 0x6D00, "the channel is ours");
    // On another channel, the SIM below.
    assert_eq!(send(&mut overlay, &hex!("00700000 01")), (vec![1], 0x9000));
    assert_eq!(send(&mut overlay, &hex!("01B08200 0A")).1, 0x9000);
    // A SELECT that finds nothing leaves all as it was; one that does gives the channel back.
    assert_eq!(send(&mut overlay, &hex!("00A4000C 02 EEEE")).1, 0x6A82);
    assert_eq!(send(&mut overlay, &hex!("80300000 00")).1, 0x9000);
    assert_eq!(send(&mut overlay, &hex!("00A40004 02 3F00")).1, 0x611A);
    assert_eq!(send(&mut overlay, &hex!("00C00000 1A")).1, 0x9000, "and so is what waits there");
    assert_eq!(send(&mut overlay, &hex!("80300000 00")).1, 0x6D00);
    assert_eq!(overlay.card().selected(), None);
    // In part, the name is for the SIM below.
    assert_eq!(send(&mut overlay, b"\x00\xA4\x04\x0C\x06\xF0talke").1, 0x6A82);
    assert_eq!(send(&mut overlay, b"\x01\xA4\x04\x0C\x07\xF0talker").1, 0x9000);
    assert_eq!(send(&mut overlay, &hex!("81300000 00")).1, 0x9000);
    assert_eq!(send(&mut overlay, READ_ICCID).1, 0x9000, "the basic channel is not");
    assert_eq!(send(&mut overlay, b"\x02\xA4\x04\x0C\x07\xF0talker").1, 0x6881, "it is closed");
    assert_eq!(send(&mut overlay, &hex!("00708001")).1, 0x9000);
    assert_eq!(send(&mut overlay, &hex!("81300000 00")).1, 0x6881);
    assert_eq!(send(&mut overlay, &hex!("00700000 01")), (vec![1], 0x9000));
    assert_eq!(send(&mut overlay, &hex!("81300000 00")).1, 0x6D00, "closed and opened, it is the SIM's below");
    // Our conversations do not care what is selected.
    assert_eq!(send(&mut overlay, SELECT_TALKER).1, 0x9000);
    let sw = choose(&mut overlay, 1);
    assert_eq!(send(&mut overlay, &hex!("80300000 00")), (vec![0, 0, 0], sw), "announced there, too");
    assert_eq!(words(&fetch(&mut overlay, sw)), "text Item 1");
    overlay.reset().unwrap();
    assert_eq!(send(&mut overlay, READ_ICCID).1, 0x9000);
}

#[test]
fn whose_domain() {
    let keys = globalplatform::KeySet::from_bytes(&card_sim::PUBLISHED_KEYS).unwrap();
    let select = hex!("00A4040C 08 A000000151000000");
    for ours in [false, true] {
        let mut card = talker::card(&[b""]);
        card.install_domain(&card_sim::DomainSetup::blank(&keys)).unwrap();
        let mut overlay = Overlay::new(card, Uicc::new(&Setup::default())).with_domain(ours);
        assert_eq!(send(&mut overlay, &select).1, if ours { 0x9000 } else { 0x6A82 });
        assert_eq!(send(&mut overlay, &hex!("00A4040C")).1, 0x6A82, "nobody's name");
    }
}

/// Has the issuer do this to the talker.
fn manage<'a>(card: &mut Card, command: &impl Instruction<'a>) {
    let mut issuer = Issuer::blank(card);
    assert_eq!(issuer.tell(card, command), apdu::Sw::OK);
}

#[test]
fn an_entry_that_is_gone() {
    let aid = talker::TALKER;
    let lock = SetStatus::application(aid, ApplicationState::Locked { before: 0 });
    let unlock = SetStatus::application(aid, ApplicationState::SELECTABLE);
    let managed = || {
        let mut card = host::blank();
        card.install(talker::TALKERS, aid, aid, &[]).unwrap();
        card
    };
    let mut overlay = Overlay::new(managed(), Faulty::new(&Setup::default()));
    assert_eq!(said(&boot(&mut overlay))[0], MERGED);
    let command = chosen(&mut overlay);
    manage(overlay.card_mut(), &lock);
    // Of the menu, one item less; of the events, one.
    let bare = MERGED.replace(", 80 Talker", "");
    let sw = respond(&mut overlay, &command, 0, Answer::Item(1));
    assert_eq!(said(&settle(&mut overlay, sw)), [bare.as_str(), "events []"], "its conversation is over");
    assert!(!overlay.is_in_menu());
    assert_eq!(choose(&mut overlay, OURS), 0x9000, "it is for the SIM below");
    manage(overlay.card_mut(), &unlock);
    let sw = choose(&mut overlay, 1);
    let command = fetch(&mut overlay, sw);
    let sw = respond(&mut overlay, &command, 0, Answer::None);
    assert_eq!(said(&settle(&mut overlay, sw)), [MERGED, "events [05]"]);
    // Chosen from the old menu.
    manage(overlay.card_mut(), &lock);
    let sw = choose(&mut overlay, OURS);
    assert_eq!(said(&settle(&mut overlay, sw)), [bare.as_str(), "events []"]);

    let mut alone = managed();
    boot(&mut alone);
    for command in [&lock, &unlock, &lock] {
        manage(&mut alone, command);
        let sw = choose(&mut alone, OURS);
        let told = said(&settle(&mut alone, sw));
        let menu = if std::ptr::eq(command, &lock) { "menu SIM: " } else { "menu Talker: 80 Talker" };
        assert_eq!(told[0], menu);
    }
    manage(&mut alone, &unlock);
    let sw = choose(&mut alone, OURS);
    settle(&mut alone, sw);
    let sw = choose(&mut alone, OURS);
    let command = fetch(&mut alone, sw);
    manage(&mut alone, &Delete::Object { aid, related: false });
    assert_eq!(respond(&mut alone, &command, 0, Answer::Item(1)), 0x6982, "no applet is left that speaks");
}

#[test]
fn what_is_no_command_of_the_toolkit_is_for_the_sim_below() {
    let mut overlay = booted();
    let command = chosen(&mut overlay);
    for odd in [hex!("80140000 05 81").as_slice(), &hex!("80140001 01 00"), &hex!("80120100 10"), &hex!("80140000")] {
        let (_, sw) = send(&mut overlay, odd);
        assert!(matches!(sw, 0x6700 | 0x6A86 | 0x6A80), "{odd:02X?}: {sw:04X}");
    }
    let sw = respond(&mut overlay, &command, 0, Answer::Item(1));
    assert_eq!(words(&fetch(&mut overlay, sw)), "text Count 1", "it waited");
}

#[test]
fn the_power_fails() {
    let mut cuts = 0;
    for write in 1..10 {
        let mut overlay = booted();
        let command = chosen(&mut overlay);
        overlay.arm(Some(Cut { write, bytes: 0, unstable: true }));
        let response = phone::response(&command, 0, Answer::Item(1));
        let response = [&[0x80, 0x14, 0, 0, u8::try_from(response.len()).unwrap()], &response[..]].concat();
        let length = overlay.transmit(&response, &mut [0; 300]).unwrap();
        if overlay.card().is_on() {
            break;
        }
        cuts += 1;
        assert_eq!(length, 0);
        assert_eq!(overlay.transmit(READ_ICCID, &mut [0; 300]), Ok(0), "all of it is without power");
        overlay.reset().unwrap();
        assert_eq!(said(&boot(&mut overlay)), [MERGED, "events [05]"]);
        send(&mut overlay, SELECT_TALKER);
        let (count, _) = send(&mut overlay, &hex!("80300000 00"));
        assert!(count[0] <= 1 && count[1..] == [0, 0]);
    }
    assert!(cuts > 1, "{cuts}");
}

#[test]
fn a_card_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("overlay.card");
    let file = card_sim::CardFile::create(&path, talker::card(&[b""])).unwrap();
    let mut overlay = Overlay::new(file, Uicc::new(&Setup::default()));
    boot(&mut overlay);
    let sw = choose(&mut overlay, OURS);
    let command = fetch(&mut overlay, sw);
    respond(&mut overlay, &command, 0, Answer::Item(1));
    drop(overlay);
    let file = card_sim::CardFile::open(&path, talker::TALKERS, Box::new(card_sim::OsRandom)).unwrap();
    let mut overlay = Overlay::new(file, Uicc::new(&Setup::default()));
    send(&mut overlay, SELECT_TALKER);
    assert_eq!(send(&mut overlay, &hex!("80300000 00")).0, [1, 0, 0], "it was saved");
}

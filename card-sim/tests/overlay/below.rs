//! What lies below an overlay: a SIM without toolkit, late, mute, pulled, of 2G, or one that says garbage.

use apdu::Transport;
use card_sim::uicc::{Setup, Uicc};
use card_sim::{Card, Overlay, OverlayError};
use hex_literal::hex;
use toolkit::Answer;

use super::faulty::{Fault, Faulty, NoCard};
use super::phone::{self, PROFILE, boot, choose, fetch, idle, profile, respond, send, settle, words};
use super::{Laid, MERGED, READ_ICCID, SELECT_TALKER, STATUS, booted, chosen, chosen_any, over, said, talker};

#[test]
fn an_empty_menu_below_is_ours_alone() {
    let empty = hex!("D0 0D 8103012500 82028182 8500 8F00").to_vec();
    let mut overlay = over(&Setup { menu: Some(empty), ..Setup::default() });
    assert_eq!(said(&boot(&mut overlay))[0], "menu Talker: 80 Talker");
}

#[test]
fn a_sim_below_without_toolkit() {
    for unknown in [hex!("6D00"), hex!("6E00"), hex!("9000")] {
        let mut overlay = over(&Setup { menu: None, ..Setup::default() });
        if unknown != hex!("6D00") {
            overlay.lower_mut().fault = Fault::Always(unknown.to_vec());
        }
        assert_eq!(said(&boot(&mut overlay)), ["menu Talker: 80 Talker", "events [05]"]);
        let sw = idle(&mut overlay);
        let command = fetch(&mut overlay, sw);
        assert_eq!(respond(&mut overlay, &command, 0, Answer::None), 0x9000);
        chosen(&mut overlay);
        // An item that is nobody's.
        let sw = choose(&mut overlay, 7);
        assert_eq!(said(&settle(&mut overlay, sw)), ["menu Talker: 80 Talker"]);
        overlay.lower_mut().fault = Fault::None;
        assert_eq!(send(&mut overlay, READ_ICCID).1, 0x9000);
    }
    let mut plain = Overlay::new(
        Card::new(Card::DEFAULT_ATR, Box::new(card_sim::SeededRandom::new(1))).unwrap(),
        Faulty::new(&Setup { menu: None, ..Setup::default() }),
    );
    assert_eq!(profile(&mut plain, &PROFILE), 0x6D00, "with nothing to say, it is that of the SIM below");
}

#[test]
fn a_sim_below_that_comes_late_with_its_menu() {
    let mut overlay = over(&Setup::default());
    overlay.lower_mut().fault = Fault::Always(hex!("9000").to_vec());
    assert_eq!(said(&boot(&mut overlay)), ["menu Talker: 80 Talker", "events [05]"]);
    overlay.lower_mut().fault = Fault::None;
    let Ok(_) = overlay.lower_mut().card.transmit(&hex!("80100000 01 FF"), &mut [0; 2]);
    let sw = send(&mut overlay, STATUS).1;
    assert_eq!(said(&settle(&mut overlay, sw)), [MERGED]);
}

#[test]
fn a_mute_or_pulled_sim_below() {
    let mut mute = [0xEE; 300];
    for fault in [Fault::Mute(0), Fault::Mute(1), Fault::Mute(500), Fault::Pulled] {
        let gone = fault == Fault::Pulled;
        let mut overlay = booted();
        let command = {
            let sw = choose(&mut overlay, 2);
            fetch(&mut overlay, sw)
        };
        overlay.lower_mut().fault = fault.clone();
        // What the phone asks of it, it hears of.
        for asked in [READ_ICCID, STATUS, &hex!("80120000 10")] {
            match overlay.transmit(asked, &mut mute) {
                Ok(length) => assert!(length < 2 && !gone),
                Err(error) => assert!(gone && error == OverlayError::Below(NoCard)),
            }
        }
        let response = phone::response(&command, 0x12, Answer::None);
        let response = [&[0x80, 0x14, 0, 0, u8::try_from(response.len()).unwrap()], &response[..]].concat();
        assert_eq!(overlay.transmit(&response, &mut mute).is_err(), gone);
        // Our menu goes on.
        let command = chosen(&mut overlay);
        let sw = respond(&mut overlay, &command, 0, Answer::Item(1));
        let command = fetch(&mut overlay, sw);
        assert_eq!(respond(&mut overlay, &command, 0, Answer::None), 0x9000);
        assert_eq!(overlay.reset().is_err(), gone);
        // At the start, too: the profile is for both.
        let told = overlay.transmit(&[&hex!("80100000 0A")[..], &PROFILE].concat(), &mut mute);
        assert_eq!(told.is_err(), gone);
        let (_, sw) = send(&mut overlay, SELECT_TALKER);
        assert_eq!(said(&settle(&mut overlay, sw)), ["menu Talker: 80 Talker", "events [05]"]);
        overlay.lower_mut().fault = Fault::None;
        overlay.reset().unwrap();
        assert_eq!(said(&boot(&mut overlay)), [MERGED, "events [05]"]);
    }
}

#[test]
fn garbage_for_fetch() {
    let garbage = hex!("D009 81FF 9000");
    let cases: [(&[u8], &[u8]); 5] = [
        (&garbage, &garbage[..4]),
        (&hex!("9000"), &[]),
        (&hex!("6F00"), &[]),
        (&hex!("90"), &[]),
        (&hex!("D0FF 00 9000"), &hex!("D0FF00")),
    ];
    for (bytes, data) in cases {
        let mut overlay = over(&Setup::default());
        overlay.lower_mut().fault = Fault::Fetch(bytes.to_vec());
        let sw = profile(&mut overlay, &PROFILE);
        assert_eq!(sw >> 8, 0x91);
        let fetch = [0x80, 0x12, 0, 0, sw.to_be_bytes()[1]];
        let mut response = [0; 300];
        let length = overlay.transmit(&fetch, &mut response).unwrap();
        assert_eq!(response[..length.saturating_sub(2)], *data, "what came goes up");
        // The phone says that it has not understood, or nothing.
        for said in [Some(hex!("81030125008202828183 01 32")), None] {
            let mut overlay = overlay.snapshot_of();
            if let Some(said) = said {
                phone::tell(&mut overlay, 0x14, &said);
            }
            overlay.lower_mut().fault = Fault::None;
            chosen_any(&mut overlay);
        }
    }
}

/// A second overlay in the same state.
trait SnapshotOf {
    fn snapshot_of(&self) -> Self;
}

impl SnapshotOf for Laid {
    fn snapshot_of(&self) -> Self {
        let mut other = over(&Setup::default());
        other.restore(&self.snapshot()).unwrap();
        other
    }
}

/// A SIM of 2G: a UICC that is asked in class `A0`.
struct Gsm(Uicc);

impl Transport for Gsm {
    type Error = std::convert::Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        let mut command = command.to_vec();
        command[0] = if command[0] == 0xA0 { 0x80 } else { 0xFF };
        self.0.transmit(&command, response)
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.0.reset()
    }

    fn atr(&self) -> &[u8] {
        self.0.atr()
    }
}

#[test]
fn a_sim_of_2g_below() {
    let mut overlay = Overlay::new(talker::card(&[b""]), Gsm(Uicc::new(&Setup::default())));
    let (_, sw) = send(&mut overlay, &hex!("A0100000 04 FFFFFFFF"));
    let (menu, _) = send(&mut overlay, &[0xA0, 0x12, 0, 0, sw.to_be_bytes()[1]]);
    assert_eq!(words(&menu), MERGED);
    // And a UICC that is taken for one.
    let mut overlay = over(&Setup::default());
    assert_eq!(send(&mut overlay, &hex!("A0100000 04 FFFFFFFF")).1, 0x6E00);
    assert_eq!(said(&boot(&mut overlay)), [MERGED, "events [05]"]);
}

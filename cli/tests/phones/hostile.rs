//! Terminals, people and SIMs below that do as they should not, with the whole stack between them and the money.

use std::cell::RefCell;
use std::rc::Rc;

use apdu::Transport;
use applet_model::purse::PURSE_AID;
use applet_model::purse::client::Client;
use card_sim::uicc::Setup;
use card_sim::{Card, Overlay, Uicc};
use handset::script::Script;
use handset::{Handset, HandsetError, Key, Settings};
use toolkit::{Answer, ProactiveCommand};

use crate::faulty::{Fault, Faulty, NoCard};
use crate::people::{BALANCE, card, overlay, payment, phones};
use crate::terminal::{boot, choose, fetch, key, respond, response, send, settle, tell, words};

type Laid = Overlay<Card, Uicc>;

/// What is in the purse, asked on a channel of one's own.
fn balance<L: Transport>(overlay: &Overlay<Card, L>) -> u32 {
    let mut copy = card(1);
    copy.restore(&overlay.card().snapshot()).unwrap();
    copy.reset().unwrap();
    Client::select(copy, &PURSE_AID).unwrap().balance().unwrap().minor_units()
}

/// Answers what was announced: chooses the item with this text, or keys this in, or clears a text.
fn answer(card: &mut Laid, sw: u16, with: &str) -> u16 {
    let command = fetch(card, sw);
    match ProactiveCommand::decode(&command).unwrap().action {
        toolkit::Action::SelectItem(list) => {
            let item = list.items.iter().find(|item| item.text.to_string() == with).unwrap().id;
            respond(card, &command, 0, Answer::Item(item))
        }
        toolkit::Action::GetInput(_) => key(card, &command, with),
        _ => respond(card, &command, 0, Answer::None),
    }
}

/// Alice has typed all but her PIN, which the terminal has fetched: `PIN`.
fn at_the_pin(code: &str) -> (Laid, Vec<u8>) {
    let mut alice = overlay(card(1));
    boot(&mut alice);
    let mut sw = choose(&mut alice, 0x80);
    for with in ["Pay", "Type number", "0700000002", "250", code, ""] {
        sw = answer(&mut alice, sw, with);
    }
    let asked = fetch(&mut alice, sw);
    assert_eq!(words(&asked), "input PIN");
    (alice, asked)
}

/// Bob's request code.
fn requested() -> String {
    let mut bob = overlay(card(2));
    boot(&mut bob);
    let mut sw = choose(&mut bob, 0x80);
    for with in ["Request", "Type number", "0700000001", "250"] {
        sw = answer(&mut bob, sw, with);
    }
    let shown = words(&fetch(&mut bob, sw));
    shown.chars().filter(char::is_ascii_digit).take(8).collect()
}

/// A terminal that answers with a wrong length, a wrong number, a result that nobody knows, or nothing: nothing is debited, and
/// after a restart all goes on.
#[test]
fn terminals_that_answer_wrongly() {
    let code = requested();
    let right = |asked: &[u8]| {
        let (mut room, pin) = ([0; 64], "1234");
        let text = toolkit::Text::encode(pin, toolkit::Alphabet::Octets, &mut room).unwrap();
        response(asked, 0, Answer::Text(text))
    };
    let mut wrong: Vec<(&str, Vec<u8>)> = Vec::new();
    let (_, asked) = at_the_pin(&code);
    let good = right(&asked);
    for len in 0..good.len() {
        wrong.push(("a part of the response", good[..len].to_vec()));
    }
    wrong.push(("too much", [&good[..], &[0xFF; 3]].concat()));
    for number in 0..=255 {
        let mut bytes = good.clone();
        if bytes[2] != number {
            bytes[2] = number;
            wrong.push(("another command's number", bytes));
        }
    }
    let mut other = good.clone();
    other[3] = 0x21;
    wrong.push(("another command's type", other));
    for result in 0x01..=0xFF_u8 {
        // These are done, in part or with a remark: they are answers.
        if !(0x01..=0x0F).contains(&result) {
            wrong.push(("a result that is not done", response(&asked, result, Answer::None)));
        }
    }
    let mut silent = 0;
    for (what, bytes) in wrong {
        let (mut alice, asked) = at_the_pin(&code);
        let sw = tell(&mut alice, 0x14, &bytes);
        assert_eq!(balance(&alice), BALANCE, "{what} {bytes:02X?}");
        if sw >> 8 == 0x91 || sw == 0x9000 {
            // It was an answer, though not one that pays: the person is asked again, or the conversation is over.
            let next = if sw == 0x9000 { String::new() } else { words(&fetch(&mut alice, sw)) };
            assert!(!next.contains("payment code"), "{what}: {next}");
        } else {
            // It was none: the card still waits for one, and takes it.
            silent += 1;
            let sw = tell(&mut alice, 0x14, &right(&asked));
            assert!(words(&fetch(&mut alice, sw)).contains("payment code"), "{what} {bytes:02X?}");
            assert_eq!(balance(&alice), BALANCE - 250_00, "{what}");
        }
        alice.reset().unwrap();
        assert!(words(boot(&mut alice).last().unwrap()).contains("80 Purse"), "{what}");
    }
    assert!(silent > 250, "{silent}");

    // Nothing at all: it goes on to other things, and the card waits.
    let (mut alice, asked) = at_the_pin(&code);
    for _ in 0..300 {
        assert_eq!(send(&mut alice, &[0x80, 0xF2, 0x00, 0x0C]).1, 0x9000);
    }
    assert_eq!(balance(&alice), BALANCE);
    let sw = tell(&mut alice, 0x14, &right(&asked));
    assert!(words(&fetch(&mut alice, sw)).contains("payment code"));
}

/// A choice of what is not there: an entry of ours that is gone, and items that nobody has.
#[test]
fn an_item_that_is_gone() {
    let mut alice = overlay(card(1));
    boot(&mut alice);
    for item in [0x00, 0x05, 0x7F, 0x81, 0xFF] {
        let sw = choose(&mut alice, item);
        if sw >> 8 == 0x91 {
            assert!(settle(&mut alice, sw).iter().all(|command| words(command).contains("80 Purse")), "{item:02X}");
        }
        assert_eq!(balance(&alice), BALANCE);
    }
    // In the purse's own lists, too: whoever chooses what is gone sees what there is.
    let sw = choose(&mut alice, 0x80);
    let list = fetch(&mut alice, sw);
    let sw = respond(&mut alice, &list, 0, Answer::Item(99));
    assert!(words(&fetch(&mut alice, sw)).starts_with("text No longer there"));
}

/// Codes that were good on another day.
#[test]
fn codes_from_another_day() {
    let script = Script::parse("another-day.phones", include_str!("another-day.phones")).unwrap();
    let mut phones = phones(overlay(card(1)), overlay(card(2)));
    script.play(&mut phones, &mut |_| ()).unwrap_or_else(|error| panic!("{error}"));
}

/// A SIM that begins to fail when somebody says so.
struct Struck {
    sim: Faulty,
    fault: Rc<RefCell<Fault>>,
}

impl Transport for Struck {
    type Error = NoCard;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, NoCard> {
        self.sim.fault = self.fault.borrow().clone();
        self.sim.transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), NoCard> {
        self.sim.fault = self.fault.borrow().clone();
        self.sim.reset()
    }

    fn atr(&self) -> &[u8] {
        self.sim.atr()
    }
}

/// This card over a SIM that fails as this says.
fn over(card: Card, fault: &Rc<RefCell<Fault>>) -> Overlay<Card, Struck> {
    let sim = Faulty::new(&Setup { pin: None, ..Setup::default() });
    Overlay::new(card, Struck { sim, fault: Rc::clone(fault) })
}

/// The SIM below says nonsense, or nothing, or is pulled in the middle of a payment: the payment goes on to its end. The operator's
/// entry fails where it is used, and works again with the SIM.
#[test]
fn a_sim_below_that_fails_in_a_session() {
    let faults = [
        Fault::Pulled,
        Fault::Mute(0),
        Fault::Mute(1),
        Fault::Mute(5_000_000),
        Fault::Always(vec![0x6F, 0x00]),
        Fault::Always(vec![0x91, 0x20]),
        Fault::Always(vec![0xD0, 0x81, 0xFF, 0x91, 0x03]),
        Fault::Always(vec![0x6C, 0x00]),
        Fault::Always([&[0xFF; 256][..], &[0x90, 0x00]].concat()),
        Fault::Fetch(vec![0x6F, 0x00]),
    ];
    for bad in faults {
        let fault = Rc::new(RefCell::new(Fault::None));
        let mut phones = phones(over(card(1), &fault), over(card(2), &fault));
        let mut struck = false;
        let played = payment().play(&mut phones, &mut |step| {
            // Bob looks at his request code; Alice has not begun.
            if step.kept.is_some() && !struck {
                struck = true;
                *fault.borrow_mut() = bad.clone();
            }
        });
        played.unwrap_or_else(|error| panic!("{bad:?}: {error}"));
        assert!(struck);
        let sums: Vec<u32> = phones.values_mut().map(|phone| balance(phone.card_mut())).collect();
        assert_eq!(sums, [750_00, 1250_00], "{bad:?}");

        let bob = phones.get_mut("bob").unwrap();
        assert!(bob.is_idle(), "{bad:?}: {}", bob.screen());
        let failed = bob.select("Item 1").is_err();
        let shown = bob.screen().text_on_it();
        assert!(failed == shown.starts_with("Card error"), "{bad:?}: {shown}");
        bob.press(Key::Ok).unwrap();
        bob.select("Purse").unwrap();
        bob.press(Key::End).unwrap();
        // With the SIM in its place again, all is as it was.
        *fault.borrow_mut() = Fault::None;
        bob.boot().unwrap();
        bob.select("Item 1").unwrap();
        assert!(!bob.is_idle());
        bob.press(Key::Ok).unwrap();
        bob.select("Purse").unwrap();
        assert_eq!(balance(bob.card()), 1250_00);
    }
}

/// A phone that starts while the SIM below is gone or says nonsense: it says so, and nothing is lost.
#[test]
fn a_phone_that_starts_without_its_sim() {
    let fault = Rc::new(RefCell::new(Fault::Pulled));
    let mut alice = Handset::new(over(card(1), &fault), Settings::default());
    assert!(matches!(alice.boot(), Err(HandsetError::Reset(card_sim::OverlayError::Below(NoCard)))));
    for bad in [Fault::Mute(0), Fault::Always(vec![0x6F, 0x00]), Fault::Always(vec![0xFF; 40])] {
        *fault.borrow_mut() = bad.clone();
        assert!(alice.boot().is_err() || alice.identity().iccid.is_none(), "{bad:?}");
        assert_eq!(balance(alice.card()), BALANCE);
    }
    *fault.borrow_mut() = Fault::None;
    alice.boot().unwrap();
    alice.select("Purse").unwrap();
}

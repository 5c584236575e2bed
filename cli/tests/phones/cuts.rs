//! The power fails everywhere in a payment by the menus: at every non-volatile write of either card, before and after every
//! command of either phone. The phone starts again, the menu is there, and the payment is finished by the menus alone.

use std::collections::BTreeMap;

use apdu::{Cut, PowerCut, Transport};
use card_sim::{Card, Overlay, Uicc};
use handset::script::{Played, Script};
use handset::{Handset, Key};

use crate::people::{card, overlay, payment, phones};

/// The way from a phone to its overlay, on which the power can fail before a command or behind it. Then nothing answers until
/// a reset.
struct Line<'c> {
    overlay: Overlay<&'c mut Card, Uicc>,
    /// After so many commands, and whether the last one still reaches the card.
    fails: Option<(u32, bool)>,
    commands: u32,
    dark: bool,
}

type Phone<'c> = Handset<Line<'c>>;

impl Transport for Line<'_> {
    type Error = <Overlay<&'static mut Card, Uicc> as Transport>::Error;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        self.commands += 1;
        match self.fails {
            _ if self.dark => Ok(0),
            Some((at, reaches)) if at == self.commands => {
                self.dark = true;
                if reaches {
                    self.overlay.transmit(command, response)?;
                }
                Ok(0)
            }
            _ => self.overlay.transmit(command, response),
        }
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.dark = false;
        self.overlay.reset()
    }

    fn atr(&self) -> &[u8] {
        self.overlay.atr()
    }
}

/// Where the power fails.
#[derive(Clone, Copy, Debug)]
enum Fails {
    /// In a write, and whether unstable cells read as new afterwards.
    Write(Cut, bool),
    /// With this command, which reaches the card or not.
    Command(u32, bool),
}

/// What people have seen when it failed.
#[derive(Debug, Default)]
struct Seen {
    steps: usize,
    kept: Vec<String>,
    pin_typed: bool,
}

/// Both cards, and how they were before.
struct Table {
    cards: [Card; 2],
    before: [card_sim::Snapshot; 2],
    script: Script,
}

const NAMES: [&str; 2] = ["alice", "bob"];
const BOB: &str = "+254700000002";
const ALICE: &str = "+254700000001";

impl Table {
    fn new() -> Self {
        let cards = [card(1), card(2)];
        let before = [cards[0].snapshot(), cards[1].snapshot()];
        Self { cards, before, script: payment() }
    }

    /// Plays the payment with this failure on this side, and afterwards brings it to its end. Whether it failed at all, and how
    /// many bytes the last write had.
    fn trial(&mut self, victim: usize, fails: Fails) -> (bool, usize) {
        for (card, before) in self.cards.iter_mut().zip(&self.before) {
            card.arm(None);
            card.restore(before).unwrap();
        }
        let [alice, bob] = &mut self.cards;
        let lines = [alice, bob].map(|card| Line { overlay: overlay(card), fails: None, commands: 0, dark: false });
        let [alice, bob] = lines;
        let mut phones = phones(alice, bob);
        let line = phones.get_mut(NAMES[victim]).unwrap().card_mut();
        match fails {
            Fails::Write(cut, _) => line.overlay.arm(Some(cut)),
            Fails::Command(at, reaches) => line.fails = Some((at, reaches)),
        }
        let mut seen = Seen::default();
        let played = self.script.play(&mut phones, &mut |step: &Played| {
            seen.steps += 1;
            seen.kept.extend(step.kept.clone());
            seen.pin_typed |= step.said == "alice: type ****";
        });
        let line = phones.get_mut(NAMES[victim]).unwrap().card_mut();
        let failed = line.dark || !line.overlay.card().is_on();
        let len = line.overlay.card().last_write();
        if !failed {
            played.unwrap();
            return (false, len);
        }
        // The last answer may have been the one that nobody needed.
        line.overlay.arm(None);
        line.fails = None;
        if let Fails::Write(_, true) = fails {
            line.overlay.card_mut().toss(u64::MAX);
        }
        let place = format!("{} at {fails:?}, after {seen:?}", NAMES[victim]);
        settle(&mut phones, NAMES[victim], &seen, &place);
        (true, len)
    }
}

/// The victim's phone starts again, and the payment is finished by the menus.
fn settle(phones: &mut BTreeMap<String, Phone<'_>>, victim: &str, seen: &Seen, place: &str) {
    phones.get_mut(victim).unwrap().boot().unwrap_or_else(|error| panic!("{place}: {error}"));
    for phone in phones.values_mut() {
        // Its turn to be switched on may not have come yet.
        if phone.press(Key::End).is_err() {
            phone.boot().unwrap();
        }
        assert!(phone.is_idle(), "{place}: {}", phone.screen());
        open(phone, place);
    }
    let [mut alice, mut bob] = NAMES.map(|name| phones.remove(name).unwrap());
    // S7. Before anybody typed the PIN, nothing was debited; and no wrong PIN was counted, ever.
    if !seen.pin_typed {
        assert_eq!(balance(&mut alice), "1000.00", "{place}: debited without the PIN");
    }
    let paid = last_code(&mut alice);
    // S8. What was debited can be shown, and it is what was shown before.
    let shown = seen.kept.get(1);
    assert_eq!(balance(&mut alice), if paid.is_some() { "750.00" } else { "1000.00" }, "{place}");
    assert!(shown.is_none() || shown == paid.as_ref(), "{place}: {shown:?} was shown, {paid:?} is there");
    let code = paid.unwrap_or_else(|| {
        let request = seen.kept.first().cloned().unwrap_or_else(|| request(&mut bob));
        pay(&mut alice, &request, place)
    });
    if balance(&mut bob) == "1000.00" {
        enter_code(&mut bob, &code);
        assert!(said(&bob).starts_with("Received 250.00"), "{place}: {}", bob.screen());
        bob.press(Key::Ok).unwrap();
    }
    // S1 and S3: nothing was made or lost, and the same code credits nothing more.
    enter_code(&mut bob, &code);
    assert!(!said(&bob).starts_with("Received"), "{place}: credited twice");
    home(&mut bob);
    assert_eq!((balance(&mut alice), balance(&mut bob)), ("750.00".into(), "1250.00".into()), "{place}");
    // S4: both logs tell of this one payment, and of nothing else.
    assert_eq!(history(&mut alice), [format!("-250.00 {BOB}"), "+1000.00".to_owned()], "{place}");
    assert_eq!(history(&mut bob), [format!("+250.00 {ALICE}"), "+1000.00".to_owned()], "{place}");
    assert_eq!(last_code(&mut alice), Some(code), "{place}");
}

/// Opens the purse's menu: its entry is in the phone's.
fn open(phone: &mut Phone<'_>, place: &str) {
    phone.select("Purse").unwrap_or_else(|error| panic!("{place}: {error}"));
    if said(phone).starts_with("Your last payment") {
        phone.press(Key::Ok).unwrap();
    }
    assert_eq!(items(phone)[0], "Pay", "{place}: {}", phone.screen());
}

/// Back at the first screen of the purse's menu.
fn home(phone: &mut Phone<'_>) {
    phone.press(Key::End).unwrap();
    open(phone, "at home");
}

/// All that is on the screen, as it was before lines were broken.
fn said(phone: &Phone<'_>) -> String {
    phone.screen().text_on_it()
}

fn items(phone: &Phone<'_>) -> Vec<String> {
    phone.items().map(|(items, _)| items.into_iter().map(str::to_owned).collect()).unwrap_or_default()
}

fn balance(phone: &mut Phone<'_>) -> String {
    phone.select("Balance").unwrap();
    let shown = said(phone).split_whitespace().last().unwrap().to_owned();
    phone.press(Key::Ok).unwrap();
    shown
}

/// The digits in the first line.
fn code(phone: &Phone<'_>) -> String {
    let line = phone.screen().lines().next().unwrap();
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 8, "{}", phone.screen());
    digits
}

/// What Last code shows, if anything was paid.
fn last_code(phone: &mut Phone<'_>) -> Option<String> {
    phone.select("Last code").unwrap();
    let paid = !items(phone).is_empty();
    let code = paid.then(|| {
        assert_eq!(items(phone), [format!("250.00 {BOB}")]);
        phone.press(Key::Ok).unwrap();
        code(phone)
    });
    home(phone);
    code
}

fn history(phone: &mut Phone<'_>) -> Vec<String> {
    phone.select("History").unwrap();
    let items = items(phone);
    home(phone);
    items
}

/// Bob asks once more, where nobody has seen what he asked before.
fn request(bob: &mut Phone<'_>) -> String {
    bob.select("Request").unwrap();
    type_number_and_amount(bob, ALICE);
    let code = code(bob);
    home(bob);
    code
}

fn pay(alice: &mut Phone<'_>, request: &str, place: &str) -> String {
    alice.select("Pay").unwrap();
    type_number_and_amount(alice, BOB);
    alice.enter(request).unwrap();
    alice.press(Key::Ok).unwrap();
    assert!(said(alice).starts_with("Pay 250.00 to"), "{place}: {}", alice.screen());
    alice.press(Key::Ok).unwrap();
    alice.enter("1234").unwrap();
    alice.press(Key::Ok).unwrap();
    let code = code(alice);
    home(alice);
    code
}

fn type_number_and_amount(phone: &mut Phone<'_>, number: &str) {
    phone.select("Type number").unwrap();
    for line in [number, "250"] {
        phone.enter(line).unwrap();
        phone.press(Key::Ok).unwrap();
    }
}

/// Types a code in for the newest request that is open, if there is one.
fn enter_code(bob: &mut Phone<'_>, code: &str) {
    bob.select("Enter code").unwrap();
    if said(bob).starts_with("No open request") {
        return;
    }
    if !items(bob).is_empty() {
        bob.press(Key::Ok).unwrap();
    }
    bob.enter(code).unwrap();
    bob.press(Key::Ok).unwrap();
}

/// Byte counts at which a write is cut; the last one is behind any.
const BYTES: [u16; 10] = [0, 1, 2, 4, 8, 16, 32, 64, 128, u16::MAX];

#[test]
fn at_every_write() {
    let mut table = Table::new();
    for victim in [0, 1] {
        let (mut writes, mut cuts) = (0, 0);
        'writes: for write in 1.. {
            let mut len = usize::MAX;
            for bytes in BYTES {
                // Behind its last byte once is enough.
                if usize::from(bytes) >= len && bytes != u16::MAX {
                    continue;
                }
                for (unstable, new) in [(false, false), (true, false), (true, true)] {
                    if unstable && usize::from(bytes) >= len {
                        continue;
                    }
                    let (failed, last) = table.trial(victim, Fails::Write(Cut { write, bytes, unstable }, new));
                    if !failed {
                        assert!(bytes == 0 && !unstable, "write {write} is there, and was not cut at {bytes}");
                        break 'writes;
                    }
                    cuts += 1;
                    // Only then the card was not on any more, and wrote nothing behind it.
                    if bytes == 0 && !unstable {
                        len = last;
                    }
                }
            }
            writes += 1;
        }
        println!("{}: {writes} writes, {cuts} cuts", NAMES[victim]);
        assert!(writes >= 10 && cuts >= 100, "{writes} {cuts}");
    }
}

#[test]
fn before_and_after_every_command() {
    let mut table = Table::new();
    for victim in [0, 1] {
        let mut commands = 0;
        for at in 1.. {
            let before = table.trial(victim, Fails::Command(at, false)).0;
            let after = table.trial(victim, Fails::Command(at, true)).0;
            assert_eq!(before, after);
            if !before {
                break;
            }
            commands = at;
        }
        println!("{}: {commands} commands", NAMES[victim]);
        assert!(commands >= 25, "{commands}");
    }
}

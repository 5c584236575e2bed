//! What passes, explained: every MAC input as `docs/protocol.md` has it, and no PIN anywhere.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "all of this is test code"
)]

mod room;

use apdu::{Cut, Transport};
use card_sim::Card;
use digitally::Key as MacKey;
use handset::Key;
use phones::explain::{Explain, Kind, Line, Passing, Veil};
use phones::{Side, Sim, fresh};
use room::{Held, LANGUAGES, Room};

/// A card, and what hears all that passes.
struct Heard {
    held: Held,
    passing: Passing,
}

impl Transport for Heard {
    type Error = <Held as Transport>::Error;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        let answered = self.held.transmit(command, response);
        let answer = answered.as_ref().map(|length| &response[..*length]).map_err(ToString::to_string);
        self.passing.put(command, answer);
        answered
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.held.reset()
    }

    fn atr(&self) -> &[u8] {
        self.held.atr()
    }
}

impl Sim for Heard {
    fn is_on(&self) -> bool {
        self.held.is_on()
    }

    fn loosen(&mut self, cut: Option<Cut>) -> bool {
        self.held.loosen(cut)
    }

    fn software(&self) -> Option<&Card> {
        self.held.software()
    }
}

struct Desk {
    room: Room<Heard>,
    explain: Explain,
}

impl Desk {
    fn new(veil: Veil, key: bool) -> Self {
        let (left, right) = (Passing::default(), Passing::default());
        let room = Room::with(LANGUAGES[0], |side, held| {
            let passing = if side == Side::Left { left.clone() } else { right.clone() };
            Heard { held, passing }
        });
        let key = key.then(|| fresh::payment_key().unwrap());
        let mut desk = Self { room, explain: Explain::new(left, right, veil, key) };
        for side in Side::BOTH {
            desk.look(side);
            desk.room.touch(side, phones::Touch::Power);
            desk.look(side);
            desk.select(side, "Purse");
        }
        desk
    }

    fn look(&mut self, side: Side) {
        self.explain.look(side, self.room.phone(side));
    }

    fn select(&mut self, side: Side, item: &str) {
        self.room.select(side, item);
        self.look(side);
    }

    /// Keys this in, and what follows is OK.
    fn enter(&mut self, side: Side, text: &str) {
        self.room.type_rest(side, text);
        self.ok(side);
    }

    fn ok(&mut self, side: Side) {
        self.room.key(side, Key::Ok);
        self.look(side);
    }

    /// The code on this screen.
    fn code(&mut self, side: Side) -> String {
        self.room.text(side).chars().take(9).filter(|digit| *digit != ' ').collect()
    }

    /// Bob asks for so much, and Alice keys that in as far as the request code.
    fn ask(&mut self, amount: &str) -> String {
        self.select(Side::Right, "Request");
        self.select(Side::Right, "Alice");
        self.enter(Side::Right, amount);
        let request = self.code(Side::Right);
        self.select(Side::Left, "Pay");
        self.select(Side::Left, "Bob");
        self.enter(Side::Left, amount);
        request
    }

    /// All of a payment; the codes.
    fn pay(&mut self, amount: &str, pin: &str) -> [String; 2] {
        let request = self.ask(amount);
        self.enter(Side::Left, &request);
        self.ok(Side::Left);
        self.enter(Side::Left, pin);
        let payment = self.code(Side::Left);
        self.ok(Side::Left);
        self.ok(Side::Right);
        self.enter(Side::Right, &payment);
        self.ok(Side::Right);
        [request, payment]
    }

    fn lines(&self) -> Vec<Line> {
        self.explain.lines().cloned().collect()
    }

    fn text(&self) -> String {
        self.lines().iter().map(|line| format!("{line}\n")).collect()
    }

    /// The MACs: whose, the title, and the parts.
    fn macs(&self) -> Vec<(Side, String, Vec<String>)> {
        let mut macs: Vec<(Side, String, Vec<String>)> = Vec::new();
        for line in self.lines() {
            match line.kind {
                Kind::Mac => macs.push((line.side, line.text, Vec::new())),
                Kind::Part => macs.last_mut().unwrap().2.push(line.text),
                _ => {}
            }
        }
        macs
    }
}

/// The bytes of a MAC input, put together here as section 3 of `docs/protocol.md` has them: header, A, B, X, n.
fn input(kind: u8, amount: u32, serial: u32) -> Vec<u8> {
    let mut bytes = vec![kind, 0x03, 0x00, 0x01, 0x04, 0x04, 0x00, 0x01];
    bytes.extend([0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x01]);
    bytes.extend([0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x02]);
    bytes.extend(amount.to_be_bytes());
    bytes.extend(serial.to_be_bytes());
    bytes
}

/// The first eleven parts are the input, each with its bytes first.
fn shown_input(parts: &[String]) -> Vec<u8> {
    let hex: String = parts[..11].iter().map(|part| part.split(' ').next().unwrap()).collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn each_mac_has_the_input_that_the_protocol_says() {
    let mut desk = Desk::new(Veil::Pins, true);
    let codes = [desk.pay("250", "1234"), desk.pay("12*50", "1234")];
    let macs = desk.macs();
    assert_eq!(macs.len(), 8, "{macs:?}");
    let whose = [Side::Right, Side::Left, Side::Left, Side::Right];
    for (at, (side, title, parts)) in macs.iter().enumerate() {
        let ([request, payment], step) = (&codes[at / 4], at % 4);
        let (amount, serial) = if at < 4 { (250_00, 1) } else { (12_50, 2) };
        assert_eq!(*side, whose[step], "{title}");
        let kind = if step < 2 { 0x51 } else { 0x52 };
        let wanted = input(kind, amount, serial);
        assert_eq!(shown_input(parts), wanted, "{title}: {parts:?}");
        // The digits, from the key and these bytes alone.
        let key = MacKey::<digitally::Payment>::new(digitally::Algorithm::AesCmac, &[0x4B; 16]).unwrap();
        let number = u64::from_be_bytes(key.tag(&wanted).first_8());
        let code = if step < 2 {
            format!("{serial:03}{:05}", number % 100_000)
        } else {
            format!("{:08}", number % 100_000_000)
        };
        assert_eq!(&code, if step < 2 { request } else { payment });
        assert!(parts.contains(&format!("= {number}")), "{parts:?}");
        assert_eq!(parts.last().unwrap(), &format!("code: {} {}", &code[..4], &code[4..]));
    }
}

#[test]
fn a_mac_is_told_before_what_comes_of_it_is_shown() {
    let mut desk = Desk::new(Veil::Pins, true);
    desk.pay("250", "1234");
    let lines = desk.lines();
    let at = |words: &str| {
        lines
            .iter()
            .position(|line| line.to_string().contains(words))
            .unwrap_or_else(|| panic!("{words}: {}", desk.text()))
    };
    assert!(at("GET INPUT, ") < at("opens a request") && at("opens a request") < at("request code / 250.00"));
    assert!(at("checks a request") < at("\"Pay 250.00 to"));
    assert!(at("has paid") < at("payment code / Paid"));
    assert!(at("compared, and credited") < at("\"Received 250.00"));
    assert!(at("SELECT ITEM \"Purse\", 1 Pay, 2 Request") > at("ENVELOPE: menu selection, item"));
}

#[test]
fn what_is_refused_is_told_too() {
    let mut desk = Desk::new(Veil::Pins, true);
    let request = desk.ask("250");
    let wrong = format!("{}{}", &request[..7], if request.ends_with('1') { '2' } else { '1' });
    desk.enter(Side::Left, &wrong);
    desk.ok(Side::Left);
    let (side, title, parts) = desk.macs().pop().unwrap();
    assert_eq!((side, shown_input(&parts)), (Side::Left, input(0x51, 250_00, 1)), "{title}");
    assert_eq!(parts.last().unwrap(), &format!("typed: {} {}, which is another", &wrong[..4], &wrong[4..]));
    desk.enter(Side::Left, &request);
    desk.ok(Side::Left);
    desk.enter(Side::Left, "1234");
    let payment = desk.code(Side::Left);
    let wrong = format!("{}{}", &payment[..7], if payment.ends_with('1') { '2' } else { '1' });
    desk.ok(Side::Right);
    desk.enter(Side::Right, &wrong);
    let (side, title, parts) = desk.macs().pop().unwrap();
    assert_eq!((side, shown_input(&parts)), (Side::Right, input(0x52, 250_00, 1)), "{title}");
    assert!(parts.last().unwrap().starts_with("typed: "), "{parts:?}");
}

/// For cards with money on them: what goes into a MAC, and no digit of a code.
#[test]
fn without_the_key_the_input_is_told_and_no_code() {
    let mut desk = Desk::new(Veil::Codes, false);
    let [request, payment] = desk.pay("250", "1234");
    let macs = desk.macs();
    assert_eq!(macs.len(), 4);
    for (_, _, parts) in &macs {
        assert_eq!(parts.len(), 12, "{parts:?}");
        assert_eq!(parts[9], "000061a8 X 250.00");
        assert!(parts[10].starts_with("••••••••"), "{parts:?}");
    }
    let text = desk.text();
    for code in [request, payment] {
        let digits: String = text.chars().filter(|character| *character != ' ').collect();
        assert!(!digits.contains(&code) && !digits.contains(&code[3..]), "{text}");
    }
    assert!(text.contains("DISPLAY TEXT ••") && text.contains("SELECT ITEM ••, "), "{text}");
}

/// The same with a PIN whose digits occur nowhere else.
#[test]
fn no_line_has_a_pin_in_it() {
    for veil in [Veil::Pins, Veil::Codes] {
        let mut desk = Desk::new(veil, veil == Veil::Pins);
        desk.select(Side::Left, "Change PIN");
        for pin in ["1234", "77007700", "77007700"] {
            desk.enter(Side::Left, pin);
        }
        desk.ok(Side::Left);
        desk.ask("5");
        desk.room.key(Side::Left, Key::Back);
        desk.room.key(Side::Left, Key::Back);
        desk.room.key(Side::Left, Key::Back);
        desk.look(Side::Left);
        desk.ok(Side::Right);
        desk.room.key(Side::Right, Key::Back);
        desk.room.key(Side::Right, Key::Back);
        desk.look(Side::Right);
        desk.pay("5", "77007700");
        let text = desk.text();
        assert!(text.contains("GET INPUT") && text.contains("hidden") && !text.contains("7700"), "{text}");
        let typed = text.lines().filter(|line| line.contains("GET INPUT, ") && line.ends_with("••")).count();
        assert!(typed >= 4, "{text}");
    }
}

#[test]
fn the_real_card_hears_nothing_of_it() {
    let mut watched = Desk::new(Veil::Pins, true);
    let codes = watched.pay("250", "1234");
    let mut alone = Room::new(LANGUAGES[0]);
    for side in Side::BOTH {
        alone.touch(side, phones::Touch::Power);
        alone.select(side, "Purse");
    }
    let writes = |room: &mut Room, side| -> u64 { room.phone(side).handset().card().card().card().writes() };
    alone.select(Side::Right, "Request");
    alone.select(Side::Right, "Alice");
    alone.type_rest(Side::Right, "250");
    alone.key(Side::Right, Key::Ok);
    assert_eq!(alone.text(Side::Right)[..9].replace(' ', ""), codes[0]);
    let before = writes(&mut alone, Side::Right);
    let _ = alone.glimpse(Side::Right);
    assert_eq!(writes(&mut alone, Side::Right), before);
}

proptest::proptest! {
    /// Whatever passes, it is told in lines, or not at all.
    #[test]
    fn anything_may_pass(
        passed in proptest::collection::vec((proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40), proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)), 1..6),
        toolkit in 0u8..3,
    ) {
        let passing = Passing::default();
        for (command, answer) in &passed {
            // Likelier to be one of the toolkit's.
            let head: &[u8] = match toolkit {
                0 => &[],
                1 => &[0x80, 0x14, 0x00, 0x00],
                _ => &[0x80, 0x12, 0x00, 0x00],
            };
            let command: Vec<u8> = head.iter().chain(command).copied().collect();
            passing.put(&command, Ok(answer));
        }
        let mut room = Room::new(LANGUAGES[0]);
        let mut explain = Explain::new(passing, Passing::default(), Veil::Pins, None);
        explain.look(Side::Left, room.phone(Side::Left));
        let lines = explain.count();
        proptest::prop_assert!(lines >= passed.len() && lines <= 2 * passed.len());
        proptest::prop_assert_eq!(explain.behind(lines).count(), 0);
    }
}

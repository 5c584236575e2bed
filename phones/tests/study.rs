//! What is recorded of payments that people make, give up and get wrong.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use applet_model::purse::Language;
use card_sim::uicc::Uicc;
use card_sim::{Card, Overlay, SeededRandom};
use handset::{Key, Settings};
use phones::study::{End, Measures, Outcome, Rate, Recorder, Role, Row, Step, sheet};
use phones::{Phone, Placed, Play, Side, Table, Touch, fresh};

const ALICE: Side = Side::Left;
const BOB: Side = Side::Right;

/// A table with two phones that are on, and somebody who watches.
struct Room {
    play: Play<Overlay<Card, Uicc>>,
    recorder: Rc<RefCell<Recorder>>,
    rows: Vec<Row>,
    typed: Vec<String>,
}

impl Room {
    fn new(language: Language) -> Self {
        let [alice, bob] = fresh::pair(language, || Box::new(SeededRandom::new(1))).unwrap();
        let placed = |person: fresh::Person, at| Placed {
            name: person.name.to_owned(),
            phone: Phone::new(Overlay::new(person.card, fresh::sim(at)), Settings::default()),
        };
        let table = Table::new(placed(alice, 1), Some(placed(bob, 2)));
        let recorder = Rc::new(RefCell::new(Recorder::new()));
        let mut play = Play::new(table);
        play.watch(Box::new(Rc::clone(&recorder)));
        let mut room = Self { play, recorder, rows: Vec::new(), typed: Vec::new() };
        for side in Side::BOTH {
            room.does(side, Touch::Power);
            room.opens(side);
        }
        room
    }

    fn does(&mut self, side: Side, touch: Touch) {
        self.play.touch(side, touch).unwrap();
        self.rows.extend(self.recorder.borrow_mut().take_rows());
    }

    fn presses(&mut self, side: Side, key: Key) {
        self.does(side, Touch::Key(key));
    }

    /// Presses OK so long after the question came, having pressed something at once.
    fn ok(&mut self, side: Side, seconds: u64) {
        self.waits(seconds);
        self.presses(side, Key::Ok);
    }

    fn waits(&mut self, seconds: u64) {
        assert!(self.play.pass(Duration::from_secs(seconds)).is_empty());
        self.rows.extend(self.recorder.borrow_mut().take_rows());
    }

    /// Opens the purse, which is the last entry of the phone's menu.
    fn opens(&mut self, side: Side) {
        self.presses(side, Key::Menu);
        let last = self.play.table().at(side).unwrap().phone.handset().items().unwrap().0.len() - 1;
        self.chooses(side, last);
    }

    /// Chooses the item at this place, from 0.
    fn chooses(&mut self, side: Side, place: usize) {
        for _ in 0..place {
            self.presses(side, Key::Down);
        }
        self.does(side, Touch::Left);
    }

    fn types(&mut self, side: Side, digits: &str) {
        for digit in digits.chars() {
            self.presses(side, Key::of_digit(digit).unwrap());
        }
        self.typed.push(digits.to_owned());
    }

    /// The code on a screen.
    fn code(&mut self, side: Side) -> String {
        let text = self.play.table().at(side).unwrap().phone.screen().text_on_it();
        text.chars().filter(char::is_ascii_digit).take(8).collect()
    }

    /// Bob asks for 250: the request code is on his phone.
    fn requests(&mut self) -> String {
        self.chooses(BOB, 1);
        self.waits(2);
        self.chooses(BOB, 0);
        self.types(BOB, "250");
        self.ok(BOB, 3);
        self.code(BOB)
    }

    /// Alice chooses Pay, and goes as far as the request code.
    fn pays(&mut self) {
        self.chooses(ALICE, 0);
        self.chooses(ALICE, 0);
        self.types(ALICE, "250");
        self.ok(ALICE, 4);
    }

    /// Alice keys in the request, confirms, and is asked for her PIN.
    fn agrees(&mut self, request: &str) {
        self.pays();
        self.waits(1);
        self.types(ALICE, request);
        self.ok(ALICE, 5);
        self.ok(ALICE, 2);
    }

    fn seen(&self) -> Vec<(u32, Role, Step, Outcome, Option<End>)> {
        self.rows.iter().map(|row| (row.payment, row.role, row.step, row.outcome, row.end)).collect()
    }
}

use Outcome::{Answered, Back, Ended, Help, Off, Refused, Stopped, Unanswered, Wrong};
use Role::{Payee, Payer};

fn wrong(code: &str) -> String {
    let last = code.chars().last().unwrap();
    format!("{}{}", &code[..7], if last == '0' { '1' } else { '0' })
}

#[test]
fn a_payment_is_its_questions_in_any_language() {
    for language in Language::ALL {
        let mut room = Room::new(language);
        let request = room.requests();
        room.agrees(&request);
        room.types(ALICE, fresh::PIN);
        room.ok(ALICE, 6);
        let payment = room.code(ALICE);
        room.ok(BOB, 1);
        room.types(BOB, &payment);
        room.ok(BOB, 7);
        room.ok(BOB, 1);
        room.ok(ALICE, 0);
        // Its code again is no payment.
        room.chooses(ALICE, 4);
        room.chooses(ALICE, 0);
        assert_eq!(room.code(ALICE), payment);
        room.ok(ALICE, 3);
        assert_eq!(
            room.seen(),
            [
                (1, Payee, Step::Choose, Answered, None),
                (1, Payee, Step::Amount, Answered, None),
                (2, Payer, Step::Choose, Answered, None),
                (2, Payer, Step::Amount, Answered, None),
                (2, Payer, Step::RequestCode, Answered, None),
                (2, Payer, Step::Confirm, Answered, None),
                (2, Payer, Step::Pin, Answered, None),
                (1, Payee, Step::ShowRequest, Answered, None),
                (1, Payee, Step::PaymentCode, Answered, None),
                (1, Payee, Step::ShowReceived, Answered, Some(End::Done)),
                (2, Payer, Step::ShowPayment, Answered, Some(End::Done)),
            ]
        );
        let code = room.rows[4];
        let expected = Row { at: 9_000, first_key: Some(1_000), time: 6_000, keys: 9, ..code };
        assert_eq!((code, code.cleared), (expected, 0));
        let measures = Measures::of(&[room.rows]);
        assert_eq!(measures.request_to_received.quartiles.unwrap().median, 31_000);
        assert_eq!(measures.pay_to_code.quartiles.unwrap().median, 18_000);
        assert_eq!((measures.payees.done, measures.payers.done, measures.aborted().count), (1, 1, 0));
    }
}

#[test]
fn mistakes_are_counted() {
    let mut room = Room::new(Language::English);
    let request = room.requests();
    room.pays();
    // One digit too many is erased; help is read; the code is wrong once.
    room.types(ALICE, "12");
    room.does(ALICE, Touch::Right);
    room.presses(ALICE, Key::Clear);
    room.presses(ALICE, Key::Clear);
    room.presses(ALICE, Key::Help);
    room.ok(ALICE, 1);
    room.types(ALICE, &wrong(&request));
    room.ok(ALICE, 1);
    room.ok(ALICE, 1);
    room.types(ALICE, &request);
    room.ok(ALICE, 1);
    // Back behind the confirmation, and once more.
    room.does(ALICE, Touch::Right);
    room.types(ALICE, &request);
    room.ok(ALICE, 1);
    room.ok(ALICE, 1);
    for pin in ["9876", "*111", fresh::PIN] {
        room.types(ALICE, pin);
        room.ok(ALICE, 1);
        if pin != fresh::PIN {
            room.ok(ALICE, 1);
        }
    }
    let payment = room.code(ALICE);
    room.ok(BOB, 1);
    room.types(BOB, &wrong(&payment));
    room.ok(BOB, 1);
    room.presses(BOB, Key::End);
    let payer: Vec<_> = room.seen().into_iter().filter(|row| row.1 == Payer).map(|row| (row.2, row.3)).collect();
    assert_eq!(
        payer,
        [
            (Step::Choose, Answered),
            (Step::Amount, Answered),
            (Step::RequestCode, Help),
            (Step::Notice, Answered),
            (Step::RequestCode, Wrong),
            (Step::Notice, Answered),
            (Step::RequestCode, Answered),
            (Step::Confirm, Back),
            (Step::RequestCode, Answered),
            (Step::Confirm, Answered),
            (Step::Pin, Wrong),
            (Step::Notice, Answered),
            (Step::Pin, Refused),
            (Step::Notice, Answered),
            (Step::Pin, Answered),
        ]
    );
    let measures = Measures::of(&[room.rows]);
    assert_eq!(
        measures.wrong,
        [
            (Step::RequestCode, Rate { count: 1, of: 3 }),
            (Step::Pin, Rate { count: 1, of: 2 }),
            (Step::PaymentCode, Rate { count: 1, of: 1 }),
        ]
    );
    assert_eq!((measures.cleared, measures.back), (2, 1));
    assert_eq!(measures.pin_attempts.into_iter().collect::<Vec<_>>(), [(2, 1)]);
}

#[test]
fn a_payment_that_was_given_up_can_go_on() {
    let mut room = Room::new(Language::English);
    let request = room.requests();
    room.presses(BOB, Key::End);
    room.agrees(&request);
    room.types(ALICE, fresh::PIN);
    room.ok(ALICE, 1);
    let payment = room.code(ALICE);
    room.opens(BOB);
    room.chooses(BOB, 2);
    room.types(BOB, &payment);
    room.ok(BOB, 1);
    room.recorder.borrow_mut().stop(room.play.table().now());
    room.rows.extend(room.recorder.borrow_mut().take_rows());
    let payee: Vec<_> = room.seen().into_iter().filter(|row| row.1 == Payee).collect();
    assert_eq!(
        payee[2..],
        [
            (1, Payee, Step::ShowRequest, Ended, Some(End::Aborted)),
            (1, Payee, Step::PaymentCode, Answered, None),
            (1, Payee, Step::ShowReceived, Stopped, Some(End::Done)),
        ]
    );
    let measures = Measures::of(&[room.rows]);
    assert_eq!((measures.payees.done, measures.payees.aborted, measures.request_to_received.count), (1, 0, 1));
}

#[test]
fn payments_end_in_many_ways() {
    let mut room = Room::new(Language::Swahili);
    // The battery, nobody, Back from the first question, End, and a PIN that is blocked.
    room.chooses(BOB, 1);
    room.does(BOB, Touch::Battery);
    room.does(BOB, Touch::Battery);
    room.does(BOB, Touch::Power);
    room.opens(BOB);
    room.chooses(BOB, 1);
    room.presses(ALICE, Key::End);
    room.waits(60);
    room.opens(ALICE);
    room.chooses(ALICE, 0);
    room.presses(ALICE, Key::Back);
    room.opens(BOB);
    let request = room.requests();
    room.agrees(&request);
    for _ in 0..3 {
        room.types(ALICE, "9876");
        room.ok(ALICE, 1);
        room.ok(ALICE, 1);
    }
    // It is not even begun with a blocked PIN, and that is a refusal, too.
    room.chooses(ALICE, 0);
    room.ok(ALICE, 1);
    let ends: Vec<_> = room.seen().into_iter().filter(|row| row.4.is_some()).collect();
    assert_eq!(
        ends,
        [
            (1, Payee, Step::Choose, Off, Some(End::Aborted)),
            (2, Payee, Step::Choose, Unanswered, Some(End::Aborted)),
            (3, Payer, Step::Choose, Back, Some(End::Aborted)),
            (5, Payer, Step::Notice, Answered, Some(End::Refused)),
            (6, Payer, Step::Notice, Answered, Some(End::Refused)),
        ]
    );
    let measures = Measures::of(&[room.rows]);
    assert_eq!(measures.pin_attempts.into_iter().collect::<Vec<_>>(), [(3, 1)]);
    assert_eq!((measures.payers.refused, measures.payers.aborted, measures.payees.aborted), (2, 1, 3));
}

/// The rest of the menu is no payment: balance, people, history, another PIN, another language.
#[test]
fn what_is_no_payment_is_not_recorded() {
    let mut room = Room::new(Language::English);
    for entry in 2..10 {
        room.presses(ALICE, Key::End);
        room.opens(ALICE);
        room.chooses(ALICE, entry);
        room.presses(ALICE, Key::Help);
        room.presses(ALICE, Key::Up);
    }
    room.presses(ALICE, Key::End);
    assert_eq!(room.seen(), []);
}

/// Nothing that was keyed in, and nothing that was shown, is in the record.
#[test]
fn nothing_personal_is_recorded() {
    let mut room = Room::new(Language::English);
    let request = room.requests();
    room.agrees(&request);
    room.types(ALICE, fresh::PIN);
    room.ok(ALICE, 6);
    let payment = room.code(ALICE);
    room.ok(BOB, 1);
    room.types(BOB, &payment);
    room.ok(BOB, 7);
    room.ok(BOB, 1);
    let mut sheet = sheet::Writer::new(Vec::new()).unwrap();
    room.rows.iter().for_each(|row| sheet.add(row).unwrap());
    let text = String::from_utf8(sheet.get().clone()).unwrap();
    let shown = ["Alice", "Bob", "25000", "700000001", "254700000002", "1250", "750.00"].map(str::to_owned);
    assert_eq!(room.typed.len(), 5);
    for secret in room.typed.iter().chain(&shown) {
        assert!(!text.contains(secret.as_str()), "{secret} in\n{text}");
    }
    assert_eq!(sheet::read(text.as_bytes()).unwrap(), room.rows);
}

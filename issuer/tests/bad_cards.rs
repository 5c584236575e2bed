//! Cards that are not what they should be, and lines that change what goes over them: nothing is made of it, and with an
//! honest card the order is one card in the end.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::inconsistent_digit_grouping)]

mod cards;

use std::convert::Infallible;

use apdu::{Sw, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{Counters, Holder, PURSE_AID};
use card_sim::{Card, SeededRandom};
use cards::*;
use digitally::{Algorithm, Amount, Key};
use globalplatform::CheckValue;
use globalplatform::scp03::Level;
use globalplatform::scp03::host::HostError;
use issuer::personalise::{Done, PersonaliseError, Step, Terms, personalise};
use issuer::register::{Plan, State};
use issuer::{Issuer, Order, Register};

type Outcome = Result<Done, PersonaliseError<Infallible>>;

fn plan(register: &mut Register, order: &Order) -> issuer::register::Card {
    let plan = Plan { order, seal: issuer().seal(order).unwrap(), key_check: CheckValue([0; 3]), epoch: 1, line: None };
    register.plan(None, &[plan], NOW).unwrap().remove(0).unwrap()
}

fn make_by<T: Transport<Error = Infallible>>(
    card: &mut T,
    issuer: &Issuer,
    register: &mut Register,
    order: &Order,
    change: for<'t> fn(Terms<'t>) -> Terms<'t>,
) -> Outcome {
    let (planned, transport) = (plan(register, order), transport_keys());
    let terms = change(Terms::new(issuer, Some(&transport), NOW));
    personalise(card, &terms, register, &planned, order, &mut SeededRandom::new(1), &mut |_| {})
}

fn make<T: Transport<Error = Infallible>>(card: &mut T, register: &mut Register, order: &Order) -> Outcome {
    make_by(card, &issuer(), register, order, |terms| Terms { again: true, ..terms })
}

/// A line on which something happens to what is said.
struct Line<'a, F> {
    card: &'a mut Card,
    /// Changes a command, or a response with what it answers, in place.
    change: F,
}

impl<F: FnMut(Option<&[u8]>, &mut [u8])> Transport for Line<'_, F> {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let mut sent = command.to_vec();
        (self.change)(None, &mut sent);
        let length = self.card.transmit(&sent, response)?;
        (self.change)(Some(command), &mut response[..length]);
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        Transport::reset(self.card)
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}

#[test]
fn a_card_that_protects_less_than_is_asked_for() {
    let (mut register, mut card, order) = (register(), blank_with(1, 0x00), order(1, 100));
    let outcome = make_by(&mut card, &issuer(), &mut register, &order, |terms| Terms { least: Level::Full, ..terms });
    assert!(matches!(outcome, Err(PersonaliseError::Host(HostError::Level { .. }))), "{outcome:?}");
    assert_eq!(register.count(Some(State::Planned)).unwrap(), 1, "nothing is bound");
    assert_eq!(make(&mut card, &mut register, &order).unwrap().level, Level::CDecryption);
}

#[test]
fn the_card_of_another_issuer() {
    let other = Issuer::of_one_key(Key::new(Algorithm::AesCmac, &[8; 32]).unwrap()).unwrap();
    let mut others = Register::in_memory(&other.register_id().unwrap()).unwrap();
    let (mut register, mut card, order) = (register(), blank(1), order(1, 100));
    make_by(&mut card, &other, &mut others, &order, |terms| terms).unwrap();
    let outcome = make(&mut card, &mut register, &order);
    // Its challenges are pseudo-random: that they are not those of our keys is found before the cryptogram is.
    assert!(matches!(outcome, Err(PersonaliseError::Host(HostError::Challenge))), "{outcome:?}");
    assert_eq!(register.count(Some(State::Planned)).unwrap(), 1, "nothing is bound");
    let chip = *b"CHIP\0\0\0\0\0\x01";
    assert_eq!(register.refusals(&chip, other.domain().version).unwrap(), 1, "and it is kept in mind");
    let outcome = make_by(&mut card, &issuer(), &mut register, &order, |terms| terms);
    assert!(matches!(outcome, Err(PersonaliseError::SecondTry { .. })), "{outcome:?}");
}

#[test]
fn a_card_without_the_module_of_a_purse() {
    let (mut register, order) = (register(), order(1, 100));
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(1))).unwrap();
    let (keys, diversification) = (transport_keys().keys, *b"CHIP\0\0\0\0\0\x01");
    card.install_domain(&card_sim::DomainSetup { diversification, ..card_sim::DomainSetup::blank(&keys) }).unwrap();
    for _ in 0..2 {
        let outcome = make(&mut card, &mut register, &order);
        let Err(PersonaliseError::Refused { step: Step::Install, sw }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(sw, Sw::REFERENCED_DATA_NOT_FOUND);
    }
    let [entry] = register.cards().unwrap()[..] else { panic!("one card") };
    assert_eq!(entry.state, State::Keyed);
    // It will never have one: another piece of plastic, at the next place.
    register.give_up(entry.id).unwrap();
    assert_eq!(make(&mut blank(2), &mut register, &order).unwrap().card.place.sequence, 2);
}

/// A card without R-MAC, and somebody on the line who says that other keys were put on it.
#[test]
fn put_key_is_confirmed_with_a_wrong_check_value() {
    let (mut register, mut card, order) = (register(), blank_with(1, 0x00), order(1, 100));
    let change = |command: Option<&[u8]>, response: &mut [u8]| {
        if command.is_some_and(|command| command[1] == 0xD8) {
            response[1] ^= 1;
        }
    };
    let outcome = make(&mut Line { card: &mut card, change }, &mut register, &order);
    assert!(matches!(outcome, Err(PersonaliseError::CheckValues)), "{outcome:?}");
    assert_eq!(register.count(Some(State::Keying)).unwrap(), 1);
    make(&mut card, &mut register, &order).unwrap();
}

/// One bit changed, in each byte of each command and response in turn. Whatever was made of it, the purse is loaded once,
/// and an honest line finishes the card. Only what the plastic is called is authenticated by nothing: keys for a card of
/// another name cannot be found again, so such a card is given up.
#[test]
fn one_bit_is_changed_anywhere() {
    let order = order(1, 2_000_00);
    let (mut finished, mut failed, mut lost) = (0, 0, 0);
    for place in 0.. {
        let (mut register, mut card, mut at) = (register(), blank(1), 0);
        let mut changed = None;
        let change = |command: Option<&[u8]>, bytes: &mut [u8]| {
            if let Some(byte) = usize::checked_sub(place, at).and_then(|offset| bytes.get_mut(offset)) {
                *byte ^= 1 << (place % 8);
                changed = Some((command.map(<[u8]>::to_vec), place - at));
            }
            at += bytes.len();
        };
        let first = make(&mut Line { card: &mut card, change }, &mut register, &order);
        let Some((command, offset)) = changed else {
            first.unwrap();
            assert!(place > 1_000, "{place} bytes");
            break;
        };
        card.reset().unwrap();
        if first.is_ok() {
            finished += 1
        } else {
            failed += 1
        }
        if first.is_err()
            && let Err(error) = make(&mut card, &mut register, &order)
        {
            let named = command.is_some_and(|command| command[1] == 0x50 && offset < 10);
            assert!(named, "byte {place}: {first:?}, then {error}");
            let entry = register.cards().unwrap()[0];
            register.give_up(entry.id).unwrap();
            card = blank(2);
            make(&mut card, &mut register, &order).unwrap();
            lost += 1;
        }
        card.reset().unwrap();
        let mut purse = Client::select(&mut card, &PURSE_AID).unwrap();
        let (holder, counters): (Holder, Counters) = (purse.data().unwrap(), purse.data().unwrap());
        assert_eq!((holder.number, counters.issuer), (Some(order.number), 1), "byte {place}");
        assert_eq!(purse.balance().unwrap(), Amount::new(2_000_00), "byte {place}");
        assert_eq!(register.loaded_in_all().unwrap(), 2_000_00, "byte {place}");
        assert_eq!(register.count(Some(State::Issued)).unwrap(), 1, "byte {place}");
    }
    assert!(failed > 500 && lost <= 10, "{failed} failed, {finished} did no harm, {lost} cost the card");
}

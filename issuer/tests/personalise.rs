//! One card at a time, whole and cut off.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::inconsistent_digit_grouping)]

mod cards;

use std::convert::Infallible;

use apdu::{Cut, PowerCut, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{Counters, Holder, Life, PURSE_AID};
use applet_model::runtime::PinBlock;
use card_sim::{Card, SeededRandom};
use cards::*;
use digitally::Amount;
use globalplatform::scp03::Parameter;
use issuer::personalise::{Done, PersonaliseError, Terms, personalise};
use issuer::register::{Plan, State};
use issuer::{Issuer, Order, Register};

type Outcome = Result<Done, PersonaliseError<Infallible>>;

fn plan(register: &mut Register, order: &Order) -> issuer::register::Card {
    let issuer = issuer();
    let seal = issuer.seal(order).unwrap();
    let plan = Plan { order, seal, key_check: globalplatform::CheckValue([0; 3]), epoch: 1, line: None };
    register.plan(None, &[plan], NOW).unwrap().remove(0).unwrap()
}

fn make(card: &mut Card, issuer: &Issuer, register: &mut Register, order: &Order) -> Outcome {
    let planned = plan(register, order);
    let transport = transport_keys();
    let terms = Terms::new(issuer, Some(&transport), NOW);
    personalise(card, &terms, register, &planned, order, &mut SeededRandom::new(1), &mut |_| {})
}

/// The purse pays with its holder's number, PIN and balance, and has been loaded once.
fn check_purse(card: &mut Card, order: &Order) {
    card.reset().unwrap();
    let mut purse = Client::select(card, &PURSE_AID).unwrap();
    let holder: Holder = purse.data().unwrap();
    assert_eq!((holder.number, holder.life()), (Some(order.number), Life::Personalised));
    let counters: Counters = purse.data().unwrap();
    assert_eq!(counters.issuer, u32::from(order.balance > Amount::ZERO));
    assert_eq!(purse.balance().unwrap(), order.balance);
    let pin = order.pin.clone().unwrap_or_else(|| issuer().pin(order.number, holder.sequence).unwrap());
    purse.verify(&pin).unwrap();
}

#[test]
fn every_option_of_scp03_and_every_balance() {
    for i in Parameter::ALL.map(Parameter::byte) {
        for (n, balance) in [(1, 0), (2, 2_000_00)] {
            let (mut register, mut card, issuer) = (register(), blank_with(n, i), issuer());
            let order = Order { pin: (n == 1).then(|| PinBlock::parse("4321").unwrap()), ..order(n, balance) };
            let done = make(&mut card, &issuer, &mut register, &order).unwrap();
            assert_eq!(done.card.state, State::Issued);
            assert_eq!(done.keys.checks[0], issuer.domain_keys(&done.chip).unwrap().enc().check_value());
            check_purse(&mut card, &order);
            assert_eq!(register.count(Some(State::Issued)).unwrap(), 1);
            assert_eq!(register.loaded_in_all().unwrap(), u64::from(balance));
            assert!(matches!(make(&mut card, &issuer, &mut register, &order), Err(PersonaliseError::NotToBeMade(_))));
        }
    }
}

/// The power of the card goes at every write of it, before and inside: the next attempt makes the one card of the order.
#[test]
fn cut_at_every_write_and_gone_on_with() {
    let (order, issuer) = (order(1, 2_000_00), issuer());
    let mut finished = 0;
    for write in 1.. {
        for bytes in [0, 1] {
            let (mut register, mut card) = (register(), blank(1));
            card.arm(Some(Cut { write, bytes, unstable: false }));
            let first = make(&mut card, &issuer, &mut register, &order);
            card.arm(None);
            card.reset().unwrap();
            finished += usize::from(first.is_ok());
            if first.is_err() {
                let done = make(&mut card, &issuer, &mut register, &order).unwrap_or_else(|error| {
                    panic!("cut at write {write}, byte {bytes}, by {first:?}: {error}");
                });
                assert_eq!(done.card.state, State::Issued);
            }
            check_purse(&mut card, &order);
            assert_eq!(register.count(None).unwrap(), 1, "one card for the order");
            assert_eq!(register.loaded_in_all().unwrap(), 2_000_00);
        }
        if finished > 0 {
            assert!(write > 20, "{write}");
            break;
        }
    }
}

/// The run dies at every step, what it has recorded stays, and so does the card.
#[test]
fn the_power_of_the_issuer_fails_before_every_exchange() {
    struct Dying<'c>(&'c mut Card, usize);
    #[derive(Debug, thiserror::Error)]
    #[error("dead")]
    struct Dead;
    impl Transport for Dying<'_> {
        type Error = Dead;
        fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Dead> {
            // Even: the command does not reach the card. Odd: the answer does not reach the issuer.
            let (before, left) = (self.1 < 2, self.1 % 2);
            self.1 = self.1.wrapping_sub(2);
            if before && left == 0 {
                return Err(Dead);
            }
            let Ok(length) = self.0.transmit(command, response);
            if before { Err(Dead) } else { Ok(length) }
        }
        fn reset(&mut self) -> Result<(), Dead> {
            let Ok(()) = self.0.reset();
            Ok(())
        }
        fn atr(&self) -> &[u8] {
            self.0.atr()
        }
    }
    let (order, issuer, transport) = (order(1, 2_000_00), issuer(), transport_keys());
    for lives in 0.. {
        let (mut register, mut card) = (register(), blank(1));
        let planned = plan(&mut register, &order);
        let terms = Terms::new(&issuer, Some(&transport), NOW);
        let first = personalise(
            &mut Dying(&mut card, lives),
            &terms,
            &mut register,
            &planned,
            &order,
            &mut SeededRandom::new(1),
            &mut |_| {},
        );
        if first.is_ok() {
            assert!(lives > 20, "{lives}");
            break;
        }
        card.reset().unwrap();
        let done = make(&mut card, &issuer, &mut register, &order);
        done.unwrap_or_else(|error| panic!("dead after {lives} halves of an exchange: {error}"));
        check_purse(&mut card, &order);
        assert_eq!((register.count(None).unwrap(), register.loaded_in_all().unwrap()), (1, 2_000_00));
    }
}

#[test]
fn what_is_not_the_card_it_should_be_is_refused() {
    let (issuer, transport) = (issuer(), transport_keys());
    let mut register = register();
    let (one, two) = (order(1, 100), order(2, 100));
    let mut first = blank(1);
    make(&mut first, &issuer, &mut register, &one).unwrap();
    // A card that is done, for another order.
    assert!(matches!(make(&mut first, &issuer, &mut register, &two), Err(PersonaliseError::AnotherCard(_))));
    // The same chip, blank again.
    let mut again = blank(1);
    assert!(matches!(make(&mut again, &issuer, &mut register, &two), Err(PersonaliseError::AnotherCard(_))));
    // A card that says nothing of itself.
    let mut nameless = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(5))).unwrap();
    nameless.install_domain(&card_sim::DomainSetup::blank(&transport.keys)).unwrap();
    assert!(matches!(make(&mut nameless, &issuer, &mut register, &two), Err(PersonaliseError::Nameless { .. })));
    // A card with our keys that the register does not know.
    let mut empty = cards::register();
    let planned = plan(&mut empty, &two);
    let terms = Terms::new(&issuer, Some(&transport), NOW);
    let outcome = personalise(&mut first, &terms, &mut empty, &planned, &two, &mut SeededRandom::new(1), &mut |_| {});
    assert!(matches!(outcome, Err(PersonaliseError::NotInRegister { .. })), "{outcome:?}");
    assert_eq!(register.count(Some(State::Planned)).unwrap(), 1, "the second order has still no card");
}

/// A second try that was asked for and goes wrong again counts once more; one that goes well is asked for once, also if the
/// card is cut off behind it.
#[test]
fn a_second_try_is_asked_for_once() {
    let (issuer, order, right) = (issuer(), order(1, 0), transport_keys());
    let wrong = issuer::personalise::TransportKeys {
        version: right.version,
        keys: globalplatform::KeySet::from_bytes(&[9; 48]).unwrap(),
    };
    let (mut register, mut card, chip) = (register(), blank(1), *b"CHIP\0\0\0\0\0\x01");
    let planned = plan(&mut register, &order);
    for (keys, again, refusals) in [(&wrong, false, 1), (&wrong, true, 2), (&right, false, 2)] {
        let terms = Terms { again, ..Terms::new(&issuer, Some(keys), NOW) };
        personalise(&mut card, &terms, &mut register, &planned, &order, &mut SeededRandom::new(1), &mut |_| {})
            .unwrap_err();
        assert_eq!(register.refusals(&chip, right.version).unwrap(), refusals);
    }
    card.arm(Some(Cut { write: 20, bytes: 0, unstable: false }));
    let terms = Terms { again: true, ..Terms::new(&issuer, Some(&right), NOW) };
    personalise(&mut card, &terms, &mut register, &planned, &order, &mut SeededRandom::new(1), &mut |_| {})
        .unwrap_err();
    assert_eq!(register.refusals(&chip, right.version).unwrap(), 0);
    card.arm(None);
    card.reset().unwrap();
    make(&mut card, &issuer, &mut register, &order).unwrap();
}

/// A wrong cryptogram: no second try, neither in this run nor in the next, unless it is asked for.
#[test]
fn there_is_no_second_try_after_a_wrong_cryptogram() {
    let issuer = issuer();
    let mut wrong = transport_keys();
    wrong.keys = globalplatform::KeySet::from_bytes(&[9; 48]).unwrap();
    let right = transport_keys();
    let (mut register, mut card, order) = (register(), blank(1), order(1, 0));
    let planned = plan(&mut register, &order);
    let attempt = |card: &mut Card, register: &mut Register, keys, again| {
        let terms = Terms { again, ..Terms::new(&issuer, Some(keys), NOW) };
        personalise(card, &terms, register, &planned, &order, &mut SeededRandom::new(1), &mut |_| {})
    };
    assert!(matches!(attempt(&mut card, &mut register, &wrong, false), Err(PersonaliseError::Host(_))));
    assert!(matches!(attempt(&mut card, &mut register, &right, false), Err(PersonaliseError::SecondTry { .. })));
    assert_eq!(register.count(Some(State::Planned)).unwrap(), 1, "nothing is bound");
    let chip = *b"CHIP\0\0\0\0\0\x01";
    assert_eq!(register.refusals(&chip, right.version).unwrap(), 1);
    // Asked for once, and the keys were right: nothing is held against the card any more.
    attempt(&mut card, &mut register, &right, true).unwrap();
    assert_eq!(register.refusals(&chip, right.version).unwrap(), 0);
    // No transport keys, or others: not guessed.
    let mut other = blank(2);
    let order = cards::order(2, 0);
    let planned = plan(&mut register, &order);
    let terms = Terms::new(&issuer, None, NOW);
    let outcome =
        personalise(&mut other, &terms, &mut register, &planned, &order, &mut SeededRandom::new(1), &mut |_| {});
    assert!(matches!(outcome, Err(PersonaliseError::ForeignKeys { versions }) if versions == [0xFF]));
}

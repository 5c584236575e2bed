//! What personalising a card costs beside the bare secure-channel work of the same bytes, as a ratio within one run.
//!
//! `cargo bench -p issuer` personalises 1,000 software cards in process, with a register in memory, from `run` on: seals
//! and plans, key diversification, both sessions, all commands at both ends, the card's memory and its journal, the
//! register's transactions, the purse's MACs. Blank cards are made before, and no image or register is synced.
//!
//! The bare part is the secure channel of precisely these exchanges, at both ends, and nothing else, as the crate
//! `globalplatform` does it: what that costs beside bare AES is told by `cargo bench -p globalplatform`. For each card:
//!
//! - two sessions, with the transport keys and with its own, AES-128: the card challenge, session keys and cryptograms at
//!   both ends, INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with its C-MAC;
//! - for each protected command, with as many bytes of data: C-MAC and C-ENC, made and undone; for its response R-MAC and
//!   R-ENC, made and undone, unless it is an error, which has none;
//! - not the keys' own encryption in PUT KEY, nor the derivation of the card's keys from the masters, nor its check values.
//!
//! The second row leaves the register out: what the same plans and states take in a register in memory alone, with no card,
//! is taken off each round. Nothing fails here; what is above its limit is flagged.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::inconsistent_digit_grouping)]

#[path = "../tests/cards/mod.rs"]
mod cards;

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

use apdu::{Cla, Command, Response, Sw, Transport};
use card_sim::{Card as Software, SeededRandom};
use cards::*;
use digitally::Amount;
use globalplatform::scp03::card::{self, Challenge, Offer};
use globalplatform::scp03::host::{self, Host};
use globalplatform::scp03::{Level, ResponseProtection};
use globalplatform::{CheckValue, ISSUER_DOMAIN, KeySet};
use issuer::personalise::{Done, Terms};
use issuer::register::{Card, Plan, Register, State, ValueOrder, ValueReceipt};
use issuer::run::{CardSource, Tally, run};
use issuer::{Issuer, Order};

const CARDS: u32 = 1_000;
const ROUNDS: usize = 9;
const LIMIT: f64 = 3.0;

fn main() {
    let exchanges = exchanges();
    let bytes: usize = exchanges.iter().map(|(sent, got)| sent.len() + got.len()).sum();
    // Each session with the commands that are sent in it.
    let sessions: Vec<Vec<Protected>> = exchanges
        .split(|(sent, _)| sent[..2] == [0x80, 0x50])
        .skip(1)
        .map(|session| session.iter().filter_map(|(sent, got)| Protected::of(sent, got)).collect())
        .collect();
    let commands: Vec<usize> = sessions.iter().map(Vec::len).collect();
    println!("one card: {} exchanges, {bytes} bytes; sessions of {commands:?} protected commands\n", exchanges.len());
    assert_eq!(commands.len(), 2, "what is counted");

    println!("{:<58} {:>10} {:>10} {:>7} {:>7}", "work, and its bare part", "ns", "bare ns", "ratio", "at most");
    // The first round warms caches.
    let rounds: Vec<[f64; 3]> = (0..=ROUNDS).map(|_| [work(), bare(&sessions), kept()]).skip(1).collect();
    let name = format!("personalising {CARDS} cards / their secure channel, a card");
    tell(&name, rounds.iter().map(|[work, bare, _]| (*work, *bare)));
    tell("the same, the register apart", rounds.iter().map(|[work, bare, kept]| (work - kept, *bare)));
}

/// Prints the medians: of each side, and of their ratio round by round.
fn tell(name: &str, rounds: impl Iterator<Item = (f64, f64)> + Clone) {
    let work = median(rounds.clone().map(|(work, _)| work).collect());
    let bare = median(rounds.clone().map(|(_, bare)| bare).collect());
    let ratio = median(rounds.map(|(work, bare)| work / bare).collect());
    let verdict = if ratio <= LIMIT { "" } else { "  ABOVE" };
    println!("{name:<58} {work:>10.0} {bare:>10.0} {ratio:>7.2} {LIMIT:>7.2}{verdict}   {:>10.0} a second", 1e9 / work);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Blank cards, one after the other.
struct Blanks<T>(std::vec::IntoIter<T>);

impl<T: Transport<Error = Infallible>> CardSource for Blanks<T> {
    type Card = T;
    type Error = Infallible;

    fn card(&mut self, _: &Card) -> Result<Option<T>, Infallible> {
        Ok(self.0.next())
    }

    fn done(&mut self, _: T, _: &Done) -> Result<(), Infallible> {
        Ok(())
    }
}

fn personalise<T: Transport<Error = Infallible>>(
    issuer: &Issuer,
    register: &mut Register,
    orders: &[Order],
    blanks: Vec<T>,
) -> Tally {
    let transport = transport_keys();
    let terms = Terms::new(issuer, Some(&transport), NOW);
    let orders: Vec<_> = (1..).zip(orders).map(|(line, order)| (Some(line), order)).collect();
    let mut random = SeededRandom::new(1);
    run(Some("bench"), &orders, &mut Blanks(blanks.into_iter()), &terms, register, &mut random, &mut |_| {}).unwrap()
}

/// Nanoseconds for one of 1,000 cards.
fn work() -> f64 {
    let (issuer, mut register) = (issuer(), register());
    let orders: Vec<Order> = (1..=CARDS).map(|n| order(n, 2_000_00)).collect();
    let blanks: Vec<Software> = (1..=CARDS).map(blank).collect();
    let start = Instant::now();
    let tally = personalise(&issuer, &mut register, &orders, blanks);
    let taken = start.elapsed();
    assert_eq!(tally.made, orders.len());
    taken.as_secs_f64() * 1e9 / f64::from(CARDS)
}

/// Nanoseconds for what the register does for one of 1,000 cards.
fn kept() -> f64 {
    let (issuer, mut register) = (issuer(), register());
    let orders: Vec<Order> = (1..=CARDS).map(|n| order(n, 2_000_00)).collect();
    let names = issuer.domain_key_names(&KeySet::published());
    let (seal, key_check) = ([0; 16], CheckValue([0; 3]));
    let start = Instant::now();
    let plans: Vec<Plan<'_>> =
        (1..).zip(&orders).map(|(line, order)| Plan { order, seal, key_check, epoch: 1, line: Some(line) }).collect();
    for planned in register.plan(Some("bench"), &plans, NOW).unwrap() {
        let Card { id, .. } = register.card(planned.unwrap().id).unwrap();
        let mut chip = [0; 10];
        chip[2..].copy_from_slice(&id.to_be_bytes());
        assert_eq!(register.refusals(&chip, 0xFF).unwrap(), 0);
        register.bind(id, &chip, &names).unwrap();
        register.card(id).unwrap();
        register.advance(id, State::Keyed, NOW).unwrap();
        assert_eq!(register.refusals(&chip, 0x30).unwrap(), 0);
        let load = ValueOrder { card: id, counter: 1, amount: Amount::new(2_000_00), mac: [1; 8] };
        register.personalised(&load).unwrap();
        let receipt = ValueReceipt::Receipt { balance: load.amount, mac: [2; 8] };
        register.loaded(&load, &receipt, NOW).unwrap();
    }
    let taken = start.elapsed();
    assert_eq!(register.count(Some(State::Issued)).unwrap(), u64::from(CARDS));
    taken.as_secs_f64() * 1e9 / f64::from(CARDS)
}

type Exchange = (Vec<u8>, Vec<u8>);

/// All that goes to one card and comes back.
fn exchanges() -> Vec<Exchange> {
    struct Heard<'a>(Software, &'a mut Vec<Exchange>);
    impl Transport for Heard<'_> {
        type Error = Infallible;
        fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
            let length = self.0.transmit(command, response)?;
            self.1.push((command.to_vec(), response[..length].to_vec()));
            Ok(length)
        }
        fn reset(&mut self) -> Result<(), Infallible> {
            Transport::reset(&mut self.0)
        }
        fn atr(&self) -> &[u8] {
            self.0.atr()
        }
    }
    let mut heard = Vec::new();
    personalise(&issuer(), &mut register(), &[order(1, 2_000_00)], vec![Heard(blank(1), &mut heard)]);
    heard
}

/// A command with secure messaging, and its response: how many bytes of data each had before they were padded.
struct Protected {
    command: usize,
    /// None if it says an error.
    response: Option<usize>,
}

impl Protected {
    /// None for what is not protected, and for EXTERNAL AUTHENTICATE, which the session counts.
    fn of(sent: &[u8], got: &[u8]) -> Option<Self> {
        let protected = sent[0] & 0x84 == 0x84 && sent[1] != 0x82;
        // Without the MAC; the longest data that is padded so.
        let plain = |enciphered: usize| enciphered.saturating_sub(1);
        protected.then(|| Self {
            command: plain(Command::decode(sent).unwrap().data().len() - 8),
            response: got.len().checked_sub(2 + 8).map(plain),
        })
    }
}

/// Nanoseconds for the secure channel of one card.
fn bare(sessions: &[Vec<Protected>]) -> f64 {
    let keys = KeySet::published();
    let data = [0x5A; 256];
    let start = Instant::now();
    for _ in 0..CARDS {
        for commands in sessions {
            let (mut host, mut card) = session(black_box(&keys));
            for command in commands {
                protect(&mut host, &mut card, command, &data);
            }
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(CARDS)
}

fn session(keys: &KeySet) -> (host::Session, card::Session) {
    let host = Host::new(keys, 0, [1; 8]).for_application(ISSUER_DOMAIN);
    let responses = ResponseProtection::MacAndEncryption;
    let challenge = Challenge::Sequence { counter: [0, 0, 1], aid: ISSUER_DOMAIN };
    let offer = Offer { keys, key_version: 1, diversification: [0; 10], responses, challenge };
    let (pending, answer) = offer.answer(host.initialize_update());
    let verified = host.receive(&Response { data: answer.encode(&mut [0; 32]), sw: Sw::OK }).unwrap();
    let mut room = [0; 16];
    let (authenticating, command) = verified.external_authenticate(Level::Full, &mut room).unwrap();
    let card = pending.external_authenticate(&command).unwrap();
    (authenticating.accepted(&Response { data: &[], sw: Sw::OK }).unwrap(), card)
}

fn protect(host: &mut host::Session, card: &mut card::Session, command: &Protected, data: &[u8; 256]) {
    let plain = Command::new(Cla::PROPRIETARY, 0xE2, 0, 0, &data[..command.command], 256).unwrap();
    let [mut wrapped, mut opened, mut answer, mut read] = [[0; 300]; 4];
    let (sent, secure) = host.wrap(black_box(&plain), &mut wrapped).unwrap();
    let (received, _) = card.unwrap(black_box(&secure), &mut opened).unwrap();
    let (data, sw) = match command.response {
        Some(length) => (&data[..length], Sw::OK),
        None => (&data[..0], Sw::REFERENCED_DATA_NOT_FOUND),
    };
    let response = received.wrap(black_box(&Response { data, sw }), &mut answer).unwrap();
    black_box(sent.unwrap(black_box(&response), &mut read).unwrap());
}

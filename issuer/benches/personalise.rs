//! What personalising a card costs beside the bare secure-channel work of the same bytes, as a ratio within one run.
//!
//! `cargo bench -p issuer` personalises 1,000 software cards in process, with a register in memory, from `run` on: seals
//! and plans, key diversification, both sessions, all commands at both ends, the card's memory and its journal, the
//! register's transactions, the purse's MACs. Blank cards are made before, and no image or register is synced.
//!
//! The bare part is what Amendment D prescribes for precisely the bytes that went to and fro, at both ends, and nothing
//! else, with the AES and CMAC of the same crates:
//!
//! | | at each end |
//! |---|---|
//! | each session | key schedules of Key-ENC and Key-MAC; the card challenge (§6.2.2.1), 3 session keys, 2 cryptograms, each one derivation over 32 bytes; 3 key schedules |
//! | EXTERNAL AUTHENTICATE | a C-MAC over 16 + 5 + 8 bytes |
//! | each protected command | a C-MAC over 16 + 5 bytes and its data; for data, one block for the chaining value and CBC over it |
//! | its response, unless it is an error | an R-MAC over 16 bytes, its data and 2; for data, one block and CBC over it |
//! | PUT KEY | the key schedule of Key-DEK; for each of three keys one block under it, and its schedule and one block for its check value |
//!
//! It ends with exit code 1 if the median of the ratios is above 3.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::inconsistent_digit_grouping)]

#[path = "../tests/cards/mod.rs"]
mod cards;

use std::convert::Infallible;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use aes::Aes128;
use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use apdu::{Command, Transport};
use card_sim::{Card, SeededRandom};
use cards::*;
use cmac::{Cmac, Mac};
use issuer::personalise::{Done, Terms};
use issuer::register::{Card as Entry, Register};
use issuer::run::{CardSource, Tally, run};
use issuer::{Issuer, Order};

const CARDS: u32 = 1_000;
const ROUNDS: usize = 9;
const LIMIT: f64 = 3.0;

fn main() -> ExitCode {
    let exchanges = exchanges();
    let commands: Vec<Protected> = exchanges.iter().filter_map(|(sent, got)| Protected::of(sent, got)).collect();
    let sessions = exchanges.iter().filter(|(sent, _)| sent[..2] == [0x80, 0x50]).count();
    let bytes: usize = exchanges.iter().map(|(sent, got)| sent.len() + got.len()).sum();
    println!(
        "one card: {} exchanges of {bytes} bytes; {sessions} sessions, {} protected commands\n",
        exchanges.len(),
        commands.len()
    );
    assert!(sessions == 2 && commands.iter().filter(|command| command.put_key).count() == 1, "what is counted");

    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (work, bare) = (work(), bare(sessions, &commands));
        // The first warms caches.
        if round > 0 {
            works.push(work);
            bares.push(bare);
            ratios.push(work / bare);
        }
    }
    let [work, bare, ratio] = [works, bares, ratios].map(median);
    let verdict = if ratio <= LIMIT { "" } else { "  ABOVE" };
    println!("{:<58} {:>10} {:>10} {:>7} {:>7}", "work, and its bare part", "ns", "bare ns", "ratio", "at most");
    let name = format!("personalising {CARDS} cards / their secure channel, a card");
    println!("{name:<58} {work:>10.0} {bare:>10.0} {ratio:>7.2} {LIMIT:>7.2}{verdict}   {:>10.0} a second", 1e9 / work);
    ExitCode::from(u8::from(ratio > LIMIT))
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

    fn card(&mut self, _: &Entry) -> Result<Option<T>, Infallible> {
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
    let blanks: Vec<Card> = (1..=CARDS).map(blank).collect();
    let start = Instant::now();
    let tally = personalise(&issuer, &mut register, &orders, blanks);
    let taken = start.elapsed();
    assert_eq!(tally.made, orders.len());
    taken.as_secs_f64() * 1e9 / f64::from(CARDS)
}

type Exchange = (Vec<u8>, Vec<u8>);

/// All that goes to one card and comes back.
fn exchanges() -> Vec<Exchange> {
    struct Heard<'a>(Card, &'a mut Vec<Exchange>);
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

/// How many bytes of a command and its response are protected.
struct Protected {
    /// Enciphered data, padded.
    command: usize,
    /// The same; a response that says an error has no MAC.
    response: Option<usize>,
    put_key: bool,
}

impl Protected {
    /// What is sent with secure messaging, but for EXTERNAL AUTHENTICATE.
    fn of(sent: &[u8], got: &[u8]) -> Option<Self> {
        let command = Command::decode(sent).unwrap();
        let (class, ins) = (sent[0], sent[1]);
        let own = class & 0x84 == 0x84 && ins != 0x82;
        own.then(|| Self {
            command: command.data().len() - 8,
            response: got.len().checked_sub(2 + 8),
            put_key: ins == 0xD8,
        })
    }
}

/// Nanoseconds for the secure channel of one card.
fn bare(sessions: usize, commands: &[Protected]) -> f64 {
    let start = Instant::now();
    for _ in 0..CARDS {
        // Both ends do all of it.
        for end in [End::Host, End::Card] {
            let mut keys = None;
            for _ in 0..sessions {
                keys = Some(session());
            }
            let (enc, mut mac, mut rmac) = keys.unwrap();
            for command in commands {
                protect(end, &enc, &mut mac, &mut rmac, command);
            }
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(CARDS)
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Host,
    Card,
}

const KEY: [u8; 16] = [0x4B; 16];

fn cmac(key: &[u8; 16]) -> Cmac<Aes128> {
    <Cmac<Aes128> as KeyInit>::new_from_slice(black_box(key)).unwrap()
}

/// One derivation: 12 bytes of label, length and counter, then two challenges.
fn derive(mac: &mut Cmac<Aes128>) -> [u8; 16] {
    mac.update(black_box(&[0; 16]));
    mac.update(black_box(&[0; 16]));
    mac.finalize_reset().into_bytes().into()
}

/// The keys of a session, and EXTERNAL AUTHENTICATE.
fn session() -> (Aes128, Cmac<Aes128>, Cmac<Aes128>) {
    let (mut enc, mut mac) = (cmac(&KEY), cmac(&KEY));
    black_box(derive(&mut enc));
    let s_enc = Aes128::new_from_slice(&derive(&mut enc)).unwrap();
    let mut s_mac = cmac(&derive(&mut mac));
    let s_rmac = cmac(&derive(&mut mac));
    black_box((derive(&mut s_mac), derive(&mut s_mac)));
    tag(&mut s_mac, &[&[0; 16], &[0; 5], &[0; 8]]);
    (s_enc, s_mac, s_rmac)
}

fn tag(mac: &mut Cmac<Aes128>, parts: &[&[u8]]) {
    for part in parts {
        mac.update(black_box(part));
    }
    black_box(mac.finalize_reset().into_bytes());
}

fn protect(end: End, enc: &Aes128, mac: &mut Cmac<Aes128>, rmac: &mut Cmac<Aes128>, command: &Protected) {
    let mut data = [0; 256];
    let whole = command.command;
    tag(mac, &[&[0; 16], &[0; 5], &data[..whole]]);
    cipher(end == End::Host, enc, &mut data[..whole]);
    if let Some(whole) = command.response {
        tag(rmac, &[&[0; 16], &data[..whole], &[0; 2]]);
        cipher(end == End::Card, enc, &mut data[..whole]);
    }
    if command.put_key {
        let mut block = Array::default();
        let dek = Aes128::new_from_slice(black_box(&KEY)).unwrap();
        for _ in 0..3 {
            dek.encrypt_block(&mut block);
            Aes128::new_from_slice(black_box(&KEY)).unwrap().encrypt_block(&mut block);
        }
        black_box(block);
    }
}

fn cipher(encrypt: bool, enc: &Aes128, data: &mut [u8]) {
    if data.is_empty() {
        return;
    }
    let mut iv = Array::default();
    enc.encrypt_block(black_box(&mut iv));
    let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(data);
    if encrypt {
        cbc::Encryptor::inner_iv_init(enc, &iv).encrypt_blocks(blocks);
    } else {
        cbc::Decryptor::inner_iv_init(enc, &iv).decrypt_blocks(blocks);
    }
    black_box(data);
}

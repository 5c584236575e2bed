//! What an overlay adds to a conversation with the SIM below, as ratios within one run.
//!
//! `cargo bench -p card-sim` prints each conversation under the overlay beside the same one with the SIM alone, the ratio,
//! and the ratio that we promise. Nothing fails here.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

#[path = "../tests/support/phone.rs"]
mod phone;
#[path = "../tests/support/talker.rs"]
mod talker;

use std::hint::black_box;
use std::time::Instant;

use apdu::Transport;
use card_sim::Overlay;
use card_sim::uicc::{Setup, USIM, Uicc};
use hex_literal::hex;

const ROUNDS: usize = 41;
/// Pass-through: at most so many times what the SIM alone takes.
const LIMIT: f64 = 1.5;

fn main() {
    println!("{:<44} {:>10} {:>10} {:>7} {:>7}", "conversation", "overlay ns", "alone ns", "ratio", "at most");
    let usim = [hex!("00A40404 10").as_slice(), &USIM, &[0]].concat();
    let files: [&[u8]; 12] = [
        &hex!("00A40004 02 3F00 00"),
        &hex!("00A4000C 02 2FE2"),
        &hex!("00B00000 0A"),
        &hex!("00A4080C 02 2F00"),
        &hex!("00B20104 20"),
        &usim,
        &hex!("00200001 08 31323334FFFFFFFF"),
        &hex!("00A4000C 02 6F07"),
        &hex!("00B00000 09"),
        &hex!("00B08300 04"),
        &hex!("80F2000C"),
        &hex!("00FF0000"),
    ];
    // Item 2: the input, and what was keyed in.
    let choice = hex!("80C20000 09 D307 82020181 900102");
    let session: [&[u8]; 6] = [
        &choice,
        &hex!("80120000 00"),
        &hex!("80140000 14 8103022300 82028281 830100 8D06043232323232"),
        &hex!("80120000 00"),
        &hex!("80140000 0C 8103032180 82028281 830100"),
        &hex!("80F2000C"),
    ];
    compare("files, PIN and STATUS: 12 commands", 2_000, &files);
    compare("STATUS, as a phone polls", 20_000, &[&hex!("80F2000C")]);
    compare("READ BINARY of 10 bytes", 20_000, &[&hex!("00B08200 0A")]);
    compare("a choice from the SIM's menu: 6 commands", 2_000, &session);
}

/// Sends the commands; in TERMINAL RESPONSE, with the number of the command that was fetched before.
fn play<T: Transport>(card: &mut T, commands: &[&[u8]]) {
    let (mut response, mut room) = ([0; 258], [0; 64]);
    for command in commands {
        let mut command: &[u8] = command;
        if let [0x80, 0x14, ..] = command {
            room[..command.len()].copy_from_slice(command);
            room[7] = response[4];
            command = &room[..command.len()];
        }
        let length = black_box(card.transmit(black_box(command), &mut response).unwrap());
        assert!(length >= 2 && response[length - 2] != 0x6A, "{command:02X?}");
    }
}

/// Times both sides in turn and prints the medians: of each, and of their ratio round by round.
fn compare(name: &str, times: u32, commands: &[&[u8]]) {
    let mut alone = Uicc::new(&Setup::default());
    let mut with = Overlay::new(talker::card(&[b""]), Uicc::new(&Setup::default()));
    phone::boot(&mut alone);
    phone::boot(&mut with);
    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let start = Instant::now();
        (0..times).for_each(|_| play(&mut with, commands));
        let work = start.elapsed().as_secs_f64() * 1e9 / f64::from(times);
        let start = Instant::now();
        (0..times).for_each(|_| play(&mut alone, commands));
        let bare = start.elapsed().as_secs_f64() * 1e9 / f64::from(times);
        // The first warms up.
        if round > 0 {
            works.push(work);
            bares.push(bare);
            ratios.push(work / bare);
        }
    }
    let [work, bare, ratio] = [works, bares, ratios].map(median);
    let verdict = if ratio <= LIMIT { "" } else { "  ABOVE" };
    println!("{name:<44} {work:>10.0} {bare:>10.0} {ratio:>7.2} {LIMIT:>7.2}{verdict}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

//! What SCP03 costs beside the bare AES and CMAC work of the same bytes, as ratios within one run.
//!
//! `cargo bench -p globalplatform` prints each work beside its bare part, the ratio, and the ratio that we promise.
//! The bare part has its keys ready, and does what Amendment D prescribes: one block for each initial chaining value,
//! the CBC blocks, and CMACs over as many bytes. Nothing fails here.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::hint::black_box;
use std::time::Instant;

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use apdu::{Cla, Command, Response, Sw};
use cmac::{Cmac, Mac};
use globalplatform::KeySet;
use globalplatform::scp03::card::{self, Challenge, Offer};
use globalplatform::scp03::host::{self, Host};
use globalplatform::scp03::{Level, ResponseProtection};

const ROUNDS: usize = 41;

fn main() {
    println!("{:<58} {:>10} {:>10} {:>7} {:>7}", "work, and its bare part", "ns", "bare ns", "ratio", "at most");
    for length in [0, 8, 32, 128, 223, 4096] {
        exchange::<Aes128>(16, length);
    }
    exchange::<Aes192>(24, 223);
    exchange::<Aes256>(32, 223);
}

/// Times both sides in turn and prints the medians: of each, and of their ratio round by round.
fn compare(name: &str, limit: f64, times: u32, mut work: impl FnMut(), mut bare: impl FnMut()) {
    let run = |side: &mut dyn FnMut()| {
        let start = Instant::now();
        for _ in 0..times {
            side();
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
    };
    run(&mut work);
    run(&mut bare);
    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (work, bare) = (run(&mut work), run(&mut bare));
        works.push(work);
        bares.push(bare);
        ratios.push(work / bare);
    }
    let [work, bare, ratio] = [works, bares, ratios].map(median);
    let verdict = if ratio <= limit { "" } else { "  ABOVE" };
    println!("{name:<58} {work:>10.0} {bare:>10.0} {ratio:>7.2} {limit:>7.2}{verdict}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn sessions(keys: &KeySet) -> (host::Session, card::Session) {
    let host = Host::new(keys, 0, [1; 8]);
    let responses = ResponseProtection::MacAndEncryption;
    let challenge = Challenge::Random([2; 8]);
    let offer = Offer { keys, key_version: 1, diversification: [0; 10], responses, challenge };
    let (pending, answer) = offer.answer(host.initialize_update());
    let verified = host.receive(&Response { data: answer.encode(&mut [0; 32]), sw: Sw::OK }).unwrap();
    let mut room = [0; 16];
    let (authenticating, command) = verified.external_authenticate(Level::Full, &mut room).unwrap();
    let card = pending.external_authenticate(&command).unwrap();
    (authenticating.accepted(&Response { data: &[], sw: Sw::OK }).unwrap(), card)
}

/// A command and a response with as much data, both at full level and at both ends.
fn exchange<A>(key_length: usize, length: usize)
where
    A: BlockCipherEncrypt<BlockSize = U16> + aes::cipher::BlockCipherDecrypt + KeyInit + Clone,
    A: aes::cipher::BlockSizeUser<BlockSize = U16>,
    Cmac<A>: Mac + KeyInit + aes::cipher::common::Reset + cmac::digest::FixedOutputReset,
{
    let keys = KeySet::from_bytes(&vec![0x4B; key_length * 3]).unwrap();
    let (mut host, mut card) = sessions(&keys);
    let data = vec![0x5A; length];
    let plain = Command::new(Cla::PROPRIETARY, 0xE2, 0, 0, &data, 256).unwrap();
    let (mut wrapped, mut opened, mut answer, mut read) =
        (vec![0; length + 32], vec![0; length + 32], vec![0; length + 32], vec![0; length + 32]);
    let work = || {
        let (sent, command) = host.wrap(black_box(&plain), &mut wrapped).unwrap();
        let (received, command) = card.unwrap(black_box(&command), &mut opened).unwrap();
        let response = Response { data: command.data(), sw: Sw::OK };
        let response = received.wrap(black_box(&response), &mut answer).unwrap();
        black_box(sent.unwrap(black_box(&response), &mut read).unwrap());
    };

    let padded = if length == 0 { 0 } else { length / 16 * 16 + 16 };
    let key = vec![0x4B; key_length];
    let aes = A::new_from_slice(&key).unwrap();
    let mut mac = <Cmac<A> as KeyInit>::new_from_slice(&key).unwrap();
    let mut buffer = vec![0; padded];
    let (head, sw) = ([0; 16 + 5], [0; 16 + 2]);
    let bare = || {
        // Twice: a command, a response; at each both ends.
        for front in [&head[..], &head[..], &sw[..], &sw[..]] {
            mac.update(black_box(front));
            mac.update(black_box(&buffer));
            black_box(mac.finalize_reset().into_bytes());
        }
        if padded != 0 {
            for _ in 0..2 {
                let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(&mut buffer);
                let mut iv = Array::default();
                aes.encrypt_block(black_box(&mut iv));
                cbc::Encryptor::inner_iv_init(&aes, &iv).encrypt_blocks(blocks);
                aes.encrypt_block(black_box(&mut iv));
                cbc::Decryptor::inner_iv_init(&aes, &iv).decrypt_blocks(blocks);
            }
        }
        black_box(&buffer);
    };
    let name = format!("SCP03 level 33, both ends, {length} bytes each way, AES-{}", key_length * 8);
    compare(&name, 3.0, if length > 1000 { 500 } else { 5_000 }, work, bare);
}

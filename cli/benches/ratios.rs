//! How much the layers cost, as ratios within one run: machines are noisy, but they are noisy to both sides alike.
//!
//! `cargo bench` prints each work beside its bare part, the ratio, and the ratio that we promise. Nothing fails here.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::as_conversions, clippy::cast_precision_loss, clippy::cast_possible_truncation)]

use std::hint::black_box;
use std::process::{Command as Process, Stdio};
use std::time::Instant;

use apdu::{Command, Response, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{
    Capacity, Frame, GetBalance, Identity, Instruction, Limits, Load, PURSE_AID, Personalisation, Purse, Unload, Verify,
};
use applet_model::runtime::PinBlock;
use card_sim::{Card, CardFile, DomainSetup, Module, SeededRandom};
use digitally::mac;
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Nonce, Payment, Request, Scheme, Suite, Terms, profile};
use globalplatform::{Access, KeySet};

const ROUNDS: usize = 41;

fn main() {
    println!("{:<58} {:>10} {:>10} {:>7} {:>7}", "work, and its bare part", "ns", "bare ns", "ratio", "at most");
    for algorithm in Algorithm::ALL {
        codes(algorithm);
    }
    get_balance();
    // Before this process grows: on Linux a child's peak memory begins with its parent's.
    process();
    mix();
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
    println!("{name:<58} {work:>10.0} {bare:>10.0} {ratio:>7.2} {limit:>7.2}{verdict}   {:>10.0} a second", 1e9 / work);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A payment's four code operations against four MACs over the same bytes.
fn codes(algorithm: Algorithm) {
    let key: Key<Payment> = Key::new(algorithm, &[0x4B; 16]).unwrap();
    let currency = Currency::new(404).unwrap();
    let suite = Suite { profile: &profile::DIGITALLY_8, scheme: Scheme::Universal, epoch: 1, currency, key: &key };
    let (alice, bob) = ("+254700000001".parse().unwrap(), "+254700000002".parse().unwrap());
    let terms = Terms::new(alice, bob, Amount::new(400_00)).unwrap();
    let mut serial = 0;
    let work = || {
        serial += 1;
        let request = Request::open(black_box(terms), Nonce::serial(serial));
        let shown = request.code(&suite);
        assert!(request.matches(&suite, &shown.split(3).1));
        let response = request.response(&suite, Nonce::none());
        assert!(request.answered_by(&suite, &response));
    };
    let inputs =
        [Request::recall(terms, 1).request_message(&suite), Request::recall(terms, 1).response_message(&suite, 0)];
    let bare = || {
        for input in [&inputs[0], &inputs[0], &inputs[1], &inputs[1]] {
            black_box(mac::tag(algorithm, key.expose(), black_box(input.bytes())).unwrap());
        }
    };
    let name = format!("library: 4 code operations / 4 MACs, {algorithm}");
    compare(&name, 1.5, 20_000, work, bare);
}

/// A personalised card with its purse selected.
fn card(balance: u32) -> Card {
    let modules =
        [Module { aid: PURSE_AID, make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))) }];
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(1))).unwrap();
    card.install_domain(&DomainSetup::blank(&KeySet::published())).unwrap();
    card.install(&modules, PURSE_AID, PURSE_AID, &Capacity::CONSUMER.to_bytes()).unwrap();
    let mut purse = Client::select(card, &PURSE_AID).unwrap();
    let pin = PinBlock::parse("1234").unwrap();
    let personalisation = Personalisation {
        identity: identity(),
        profile: &profile::DIGITALLY_8,
        danger_accept_broken_profile: false,
        menu: None,
        limits: Limits {
            payment: Amount::new(500_000),
            balance: Amount::new(u32::MAX),
            opens: 200,
            failures: 100,
            tries: 5,
            refusals: 20,
            unacknowledged: 64,
        },
        scheme: Scheme::Universal,
        epoch: 1,
        payment_key: &Key::new(Algorithm::AesCmac, &[7; 16]).unwrap(),
        issuer_key: &issuer_key(),
        pin: (3, &pin),
        puk: (10, &pin),
    };
    purse.personalise(Access::published(&KeySet::published()), &personalisation).unwrap();
    purse.send(&Load::new(&issuer_key(), &identity(), Amount::new(balance), 1)).unwrap();
    purse.into_transport()
}

fn identity() -> Identity {
    let number = Some("+254700000001".parse().unwrap());
    Identity { number, currency: Currency::new(404).unwrap().bcd(), decimals: 2, sequence: 1, serials_above: 0 }
}

fn issuer_key() -> Key<Issuer> {
    Key::new(Algorithm::AesCmac, &[9; 16]).unwrap()
}

/// One exchange as a program does it: encode, send, decode.
fn exchange(card: &mut Card, command: &Command<'_>) {
    let (mut sent, mut received) = ([0; 64], [0; 64]);
    let len = black_box(command).encode(&mut sent).unwrap();
    let len = card.transmit(&sent[..len], &mut received).unwrap();
    assert!(black_box(Response::decode(&received[..len]).unwrap()).sw.is_ok());
}

/// The codec work of one exchange, both ends, and nothing else.
fn codec(command: &Command<'_>, data: &[u8]) {
    let (mut sent, mut received) = ([0; 64], [0; 64]);
    let len = black_box(command).encode(&mut sent).unwrap();
    black_box(Command::decode(&sent[..len]).unwrap());
    let len = Response { data: black_box(data), sw: apdu::Sw::OK }.encode(&mut received).unwrap();
    black_box(Response::decode(&received[..len]).unwrap());
}

fn get_balance() {
    let mut card = card(1000);
    let frame = GetBalance.frame();
    let command = frame.command().unwrap();
    let work = || exchange(&mut card, &command);
    compare("card: GET BALANCE / its codec", 3.0, 50_000, work, || codec(&command, &[0; 4]));
}

/// VERIFY, LOAD, GET BALANCE, UNLOAD against their codec and their MACs: two checked, two made, two for the history
/// that each order pushes out of the log.
fn mix() {
    const TIMES: u32 = 1_000;
    let mut card = card(1000);
    let orders = TIMES * (ROUNDS as u32 + 1);
    let verify = Verify { pin: Some(PinBlock::parse("1234").unwrap()) }.frame();
    let balance = GetBalance.frame();
    let (key, identity, amount) = (issuer_key(), identity(), Amount::new(100));
    // The issuer's side is not the card's work: all orders are made before.
    let frames: Vec<[Frame; 2]> = (0..orders)
        .map(|i| {
            let counter = 2 + 2 * i;
            [
                Load::new(&key, &identity, amount, counter).frame(),
                Unload::new(&key, &identity, amount, counter + 1).frame(),
            ]
        })
        .collect();
    let mut next = frames.iter();
    let work = || {
        let [load, unload] = next.next().unwrap();
        for frame in [&verify, load, &balance, unload] {
            exchange(&mut card, &frame.command().unwrap());
        }
    };
    let [load, unload] = &frames[0];
    let bare = || {
        for (frame, answer) in [(&verify, 0), (load, 12), (&balance, 4), (unload, 12)] {
            codec(&frame.command().unwrap(), &[0; 12][..answer]);
        }
        for len in [20, 24, 48, 20, 24, 48] {
            black_box(mac::tag(Algorithm::AesCmac, key.expose(), black_box(&[0; 48][..len])).unwrap());
        }
    };
    compare("card: VERIFY, LOAD, GET BALANCE, UNLOAD / codec and MACs", 2.5, TIMES, work, bare);
}

/// The command from start to exit, on an image file.
fn process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice.card");
    drop(CardFile::create(&path, card(2000_00)).unwrap());
    let run = |arguments: &[&str]| {
        let start = Instant::now();
        let status =
            Process::new(env!("CARGO_BIN_EXE_digitally")).args(arguments).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "digitally {arguments:?}");
        start.elapsed().as_secs_f64() * 1e3
    };
    let balance = ["card", "balance", "--card", path.to_str().unwrap()];
    let times: Vec<f64> = (0..ROUNDS).map(|_| run(&balance)).collect();
    let (time, memory) = (median(times), peak_memory().map_or("not known here".into(), |mib| format!("{mib:.1} MiB")));
    println!("process: digitally card balance: {time:.1} ms from start to exit (at most 10), {memory} (at most 20)");
}

/// The most memory that any process started here has held, in MiB: all of them were this command.
fn peak_memory() -> Option<f64> {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).ok()?;
    Some(usage.max_rss() as f64 / 1024.0)
}

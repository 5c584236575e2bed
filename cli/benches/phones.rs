//! What phones, menus and overlays cost: a payment by a script beside the same payment by bare purse commands, in one run.
//!
//! `cargo bench -p cli --bench phones` prints both, the ratio, and the ratio that we promise. Nothing fails here.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::inconsistent_digit_grouping, clippy::unreachable)]

#[path = "../tests/phones/people.rs"]
#[allow(unreachable_pub)]
mod people;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use apdu::Transport;
use applet_model::purse::PURSE_AID;
use applet_model::purse::client::Client;
use applet_model::runtime::PinBlock;
use card_sim::overlay::Host;
use card_sim::uicc::Uicc;
use card_sim::{Card, CardFile, Overlay, Snapshot};
use digitally::Amount;
use handset::Handset;
use handset::script::Script;

const ROUNDS: usize = 201;
const FILE_ROUNDS: usize = 21;
/// At most so many times the bare commands.
const LIMIT: f64 = 5.0;

fn main() {
    println!(
        "{:<58} {:>10} {:>10} {:>7} {:>7}",
        "payments by script, through overlays", "us", "bare us", "ratio", "at most"
    );
    compare("a payment, from phones that are off", &people::payment(), 1);
    compare("10 payments, one after the other", &several(10), 10);
    compare_files("a payment, from phones that are off, cards in image files");
}

/// The same with cards in image files, which are on the disk before each answer that depends on it.
fn compare_files(name: &str) {
    let script = people::payment();
    let cards = |folder: &tempfile::TempDir| {
        [1, 2].map(|i| CardFile::create(folder.path().join(format!("{i}.card")), people::card(i)).unwrap())
    };
    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..FILE_ROUNDS {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [alice, bob] = cards(&folder);
        let (time, _) = play(alice, bob, &script);
        let work = time.as_secs_f64() * 1e6;
        let [mut payer, mut payee] = cards(&other);
        let bare = pay(&mut payer, &mut payee, 1).as_secs_f64() * 1e6;
        works.push(work);
        bares.push(bare);
        ratios.push(work / bare);
    }
    show(name, [works, bares, ratios]);
}

fn show(name: &str, columns: [Vec<f64>; 3]) {
    let [work, bare, ratio] = columns.map(median);
    let verdict = if ratio <= LIMIT { "" } else { "  ABOVE" };
    println!("{name:<58} {work:>10.1} {bare:>10.1} {ratio:>7.2} {LIMIT:>7.2}{verdict}");
}

/// The payment so many times, with phones that are switched on once.
fn several(count: usize) -> Script {
    let once = people::payment().to_string();
    let (boots, steps): (Vec<&str>, Vec<&str>) =
        once.lines().partition(|line| line.starts_with("phone ") || line.ends_with(": boot"));
    let mut text = boots.join("\n");
    for i in 0..count {
        for step in steps.iter().filter(|step| !step.contains("Balance")) {
            let step = step
                .replace("request \"????", &format!("request{i} \"????"))
                .replace("$request", &format!("$request{i}"));
            let step = step
                .replace("payment \"????", &format!("payment{i} \"????"))
                .replace("$payment", &format!("$payment{i}"));
            text += &format!("\n{step}");
        }
        // The code was seen, and its screen is left.
        text += "\nalice: ok\nalice: end";
    }
    // Ten times 250.00 is more than she has.
    Script::parse("several.phones", &text.replace("type 250", "type 25").replace("250.00", "25.00")).unwrap()
}

/// Times both sides in turn and prints the medians: of each, and of their ratio round by round.
fn compare(name: &str, script: &Script, count: usize) {
    let mut cards = [people::card(1), people::card(2)];
    let before = [cards[0].snapshot(), cards[1].snapshot()];
    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let work = by_script(&mut cards, &before, script).as_secs_f64() * 1e6;
        let after = [cards[0].snapshot(), cards[1].snapshot()];
        let bare = by_commands(&mut cards, &before, count).as_secs_f64() * 1e6;
        if round == 0 {
            // The first warms up; and both did the same.
            let bare = [cards[0].snapshot(), cards[1].snapshot()];
            assert_eq!(balances(&mut cards, &after), balances(&mut cards, &bare));
            continue;
        }
        works.push(work);
        bares.push(bare);
        ratios.push(work / bare);
    }
    show(name, [works, bares, ratios]);
}

fn restore(cards: &mut [Card; 2], states: &[Snapshot; 2]) {
    for (card, state) in cards.iter_mut().zip(states) {
        card.restore(state).unwrap();
        card.reset().unwrap();
    }
}

fn balances(cards: &mut [Card; 2], states: &[Snapshot; 2]) -> [u32; 2] {
    restore(cards, states);
    cards.each_mut().map(|card| Client::select(card, &PURSE_AID).unwrap().balance().unwrap().minor_units())
}

fn by_script(cards: &mut [Card; 2], before: &[Snapshot; 2], script: &Script) -> Duration {
    restore(cards, before);
    let [alice, bob] = cards;
    let (time, phones) = play(alice, bob, script);
    // As their holders would: the cards are the overlays' no more.
    for phone in phones.into_values() {
        drop(phone.into_card().into_parts());
    }
    time
}

type Phones<H> = BTreeMap<String, Handset<Overlay<H, Uicc>>>;

/// The script with these cards, and the phones afterwards.
fn play<H: Host>(alice: H, bob: H, script: &Script) -> (Duration, Phones<H>) {
    let mut phones = people::phones(people::overlay(alice), people::overlay(bob));
    let start = Instant::now();
    script.play(&mut phones, &mut |_| ()).unwrap_or_else(|error| unreachable!("{error}"));
    (start.elapsed(), phones)
}

fn by_commands(cards: &mut [Card; 2], before: &[Snapshot; 2], count: usize) -> Duration {
    restore(cards, before);
    let [payer, payee] = cards;
    pay(payer, payee, count)
}

/// So many payments by bare commands, from cards that are off.
fn pay<T: Transport>(payer: &mut T, payee: &mut T, count: usize) -> Duration {
    let (alice, bob) = (people::number(1), people::number(2));
    let amount = Amount::new(if count == 1 { 250_00 } else { 25_00 });
    let pin = PinBlock::parse("1234").unwrap();
    let start = Instant::now();
    payer.reset().unwrap();
    payee.reset().unwrap();
    let mut payer = Client::select(payer, &PURSE_AID).unwrap();
    let mut payee = Client::select(payee, &PURSE_AID).unwrap();
    for _ in 0..count {
        let request = payee.request(alice, amount).unwrap();
        let mut pending = payer.check(bob, amount, request.code).unwrap();
        pending.verify(&pin).unwrap();
        let paid = pending.authorise().unwrap();
        payee.confirm(request.id, paid.code).unwrap();
    }
    start.elapsed()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

//! What an attack's trials cost beside the bare MACs that they need, on all cores: both sides in one run, since machines
//! are noisy, but noisy to both alike.
//!
//! `cargo bench -p lab` prints each attack beside its bare part, the ratio, and the ratio that we promise. Nothing fails
//! here.
//!
//! The MACs of a trial are those that the purses compute to find out what they are asked: one for C of a request that is
//! opened or typed; one for R of a response that is shown or typed, two where R covers C. In `digitally-8` a payee's
//! purse computes R of its last 8 credits, too, before it compares.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use digitally::profile::{Field, NonceRule};
use digitally::{Algorithm, Profile, mac};
use lab::attack::{Attack, Row, Settings, profiles, run};

const ROUNDS: usize = 11;
const PROMISED: f64 = 4.0;

fn main() {
    println!(
        "{:<60} {:>10} {:>10} {:>7} {:>7}",
        "attack, and its bare MACs", "ns a trial", "bare ns", "ratio", "at most"
    );
    for profile in profiles() {
        row(profile, Attack::Guess, "5 made-up responses to one request", 20_000, (1, 5));
        row(profile, Attack::Guess, "20 made-up requests in one session", 5_000, (20, 0));
        // All but one hunt in a hundred go on to the end.
        row(profile, Attack::Collision, "same digits within 200 requests", 500, (200, 0));
        // A payment is two C and two R. Of the history, nine credits are kept, and each further one pushes one out into
        // the MAC chain. In `digitally-8` the payments are made once for many trials, and each response that is typed
        // is compared with the last 8 credits first.
        match profile.payee_nonce {
            NonceRule::Random => {
                row(profile, Attack::Replay, "a new request, 20 recorded", 500, (20 * 2 + 1, 20 * 2 + 20 - 9));
            }
            NonceRule::Serial { .. } => {
                row(profile, Attack::Replay, "a new request, 20 recorded, 5 typed", 10_000, (1, 5 * (8 + 1)));
            }
        }
        row(profile, Attack::Typing, "request: wrong amount", 20_000, (2, 0));
    }
}

/// One row of an attack beside the C and the R that each of its trials needs.
fn row(profile: &'static Profile, attack: Attack, name: &str, trials: u32, macs: (u32, u32)) {
    let mut rows: Vec<Row> = attack.rows(profile);
    rows.retain(|row| row.profile == profile && row.name == name);
    assert_eq!(rows.len(), 1, "{name}");
    let settings = Settings { trials: Some(trials), ..Settings::default() };
    let work = || drop(black_box(run(&rows, &settings, &|_| ()).unwrap()));

    let (checks, responses) = macs;
    let covers_check = profile.response_covers.contains(&Field::RequestCheck);
    let checks = checks + if covers_check { responses } else { 0 };
    let inputs = [(message(profile.request_covers), checks), (message(profile.response_covers), responses)];
    let bare = || bare_macs(&inputs, trials, settings.threads);
    compare(&format!("{}: {name}", profile.name), trials, work, bare);
}

/// The length of a MAC input: the header and its fields.
fn message(covers: &[Field]) -> usize {
    let widths = covers.iter().map(|field| if matches!(field, Field::Payer | Field::Payee) { 8 } else { 4 });
    8 + widths.sum::<usize>()
}

/// So many MACs over inputs of these lengths a trial, split over the threads.
fn bare_macs(inputs: &[(usize, u32)], trials: u32, threads: usize) {
    let key = [0x4B; 16];
    let share = trials / u32::try_from(threads).unwrap();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut input = [0; 64];
                for trial in 0..share {
                    input[0..4].copy_from_slice(&trial.to_be_bytes());
                    for (len, count) in inputs {
                        for _ in 0..*count {
                            black_box(
                                mac::tag(Algorithm::AesCmac, black_box(&key), black_box(&input[..*len])).unwrap(),
                            );
                        }
                    }
                }
            });
        }
    });
}

/// Times both sides in turn and prints the medians: of each, and of their ratio round by round.
fn compare(name: &str, trials: u32, mut work: impl FnMut(), mut bare: impl FnMut()) {
    let time = |side: &mut dyn FnMut()| {
        let start = Instant::now();
        side();
        start.elapsed().as_secs_f64() * 1e9 / f64::from(trials)
    };
    time(&mut work);
    time(&mut bare);
    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (work, bare) = (time(&mut work), time(&mut bare));
        works.push(work);
        bares.push(bare);
        ratios.push(work / bare);
    }
    let [work, bare, ratio] = [works, bares, ratios].map(median);
    let verdict = if ratio <= PROMISED { "" } else { "  ABOVE" };
    println!("{name:<60} {work:>10.0} {bare:>10.0} {ratio:>7.2} {PROMISED:>7.2}{verdict}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

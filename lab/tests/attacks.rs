//! Attacks of a size that tests can bear: who is robbed, who is not, and that a run repeats itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::sync::Mutex;

use digitally::Profile;
use lab::attack::{Attack, AttackError, Measured, Progress, Row, Settings, fewer_digits, profiles, run};

const FIRST_PROTOCOL: usize = 0;
const FIXED: usize = 1;
const DIGITALLY_8: usize = 2;

fn settings(trials: u32) -> Settings {
    Settings { trials: Some(trials), threads: 2, ..Settings::default() }
}

fn quietly(rows: &[Row], settings: &Settings) -> Vec<Measured> {
    run(rows, settings, &|_| ()).unwrap()
}

/// One row of an attack, run so many times.
#[track_caller]
fn hits(attack: Attack, profile: &'static Profile, name: &str, trials: u32) -> u32 {
    // A scaled profile's rows stand beside those of its original.
    let original = profiles().iter().find(|of| *of == profile || fewer_digits(of) == profile);
    let mut rows = attack.rows(original.unwrap());
    rows.retain(|row| row.profile == profile && row.name == name);
    assert_eq!(rows.len(), 1, "{name}, {}", profile.name);
    let measured = quietly(&rows, &settings(trials))[0];
    assert!(measured.as_predicted && measured.trials == trials, "{name}, {}: {measured:?}", profile.name);
    measured.hits
}

#[test]
fn two_requests_with_the_same_digits_rob_the_first_protocol_only() {
    let credited = "same digits found: credited";
    assert_eq!(hits(Attack::Collision, &profiles()[FIRST_PROTOCOL], credited, 20), 20);
    assert_eq!(hits(Attack::Collision, fewer_digits(&profiles()[FIRST_PROTOCOL]), credited, 1_000), 1_000);
    assert_eq!(hits(Attack::Collision, &profiles()[FIXED], credited, 20), 0);
    // Luck, one in a hundred and one in a thousand.
    assert!((1..30).contains(&hits(Attack::Collision, fewer_digits(&profiles()[FIXED]), credited, 1_000)));
    assert!(hits(Attack::Collision, fewer_digits(&profiles()[DIGITALLY_8]), credited, 1_000) < 10);
    assert_eq!(hits(Attack::Collision, &profiles()[DIGITALLY_8], "same digits within 200 requests", 200), 0);
    let theft = "same digits within 2000, and credited";
    assert!(hits(Attack::Collision, &profiles()[FIRST_PROTOCOL], theft, 40) > 5);
    assert_eq!(hits(Attack::Collision, &profiles()[FIXED], theft, 40), 0);
    assert_eq!(hits(Attack::Collision, &profiles()[DIGITALLY_8], theft, 40), 0);
}

#[test]
fn two_requests_with_the_same_check_and_other_nonces_rob_nobody() {
    for profile in profiles() {
        assert!(hits(Attack::Collision, profile, "same C, other N_B within 20 requests", 1_000) < 200);
        assert_eq!(hits(Attack::Collision, profile, "same C, other N_B found: credited", 40), 0);
    }
}

#[test]
fn recorded_responses_rob_where_nonces_repeat() {
    for profile in [&profiles()[FIRST_PROTOCOL], &profiles()[FIXED]] {
        assert_eq!(hits(Attack::Replay, profile, "a new request, all 1000 N_B recorded", 500), 500);
        assert!(hits(Attack::Replay, profile, "a new request, 20 recorded", 1_000) > 5);
    }
    let profile = &profiles()[DIGITALLY_8];
    assert_eq!(hits(Attack::Replay, profile, "a new request, 254 recorded, 5 typed", 2_000), 0);
    assert!(hits(Attack::Replay, fewer_digits(profile), "a new request, 254 recorded, 5 typed", 2_000) < 30);
}

#[test]
fn caps_end_all_guessing() {
    for profile in profiles() {
        for (name, trials) in [
            ("the right response, all tries spent", 200),
            ("the right response, F_max spent", 20),
            ("the right request, 20 wrong before it", 200),
        ] {
            assert_eq!(hits(Attack::Guess, profile, name, trials), 0, "{name}, {}", profile.name);
        }
    }
}

/// Every row there is, a few times. (The full run is `digitally lab attack all`.)
#[test]
fn every_row_is_as_predicted() {
    let rows: Vec<Row> =
        profiles().iter().flat_map(|profile| Attack::ALL.iter().flat_map(|attack| attack.rows(profile))).collect();
    for (row, measured) in rows.iter().zip(quietly(&rows, &settings(30))) {
        assert!(measured.as_predicted, "{row:?} predicted {}: {measured:?}", row.predicted);
        assert!((0.0..=1.0).contains(&row.predicted) && row.trials > 0, "{row:?}");
    }
}

#[test]
fn a_wrong_prediction_is_noticed() {
    let mut rows = Attack::Guess.rows(&profiles()[FIXED]);
    rows.retain(|row| row.profile == fewer_digits(&profiles()[FIXED]));
    let right = quietly(&rows, &settings(1_000));
    assert!(right.iter().all(|measured| measured.as_predicted));
    for row in &mut rows {
        row.predicted = if row.predicted == 1.0 { 0.9 } else { row.predicted * 2.0 };
    }
    let wrong = quietly(&rows, &settings(1_000));
    assert!(wrong.iter().all(|measured| !measured.as_predicted), "{wrong:?}");
}

#[test]
fn a_seed_repeats_itself_on_any_number_of_threads() {
    let rows: Vec<Row> = Attack::ALL.iter().flat_map(|attack| attack.rows(&profiles()[FIXED])).collect();
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.profile == fewer_digits(&profiles()[FIXED])).collect();
    // More than a block of each row.
    let settings = settings(2_100);
    let once = quietly(&rows, &settings);
    for threads in [1, 5] {
        assert_eq!(quietly(&rows, &Settings { threads, ..settings }), once, "{threads} threads");
    }
    assert_ne!(quietly(&rows, &Settings { seed: 1, ..settings }), once);
    // Nor do other rows beside it change a row's trials.
    let last = rows.len() - 1;
    assert_eq!(quietly(&rows[last..], &settings)[0].hits, once[last].hits);
}

#[test]
fn progress_goes_to_the_end() {
    let rows = Attack::Typing.rows(&profiles()[DIGITALLY_8]);
    let seen = Mutex::new(Vec::new());
    run(&rows, &settings(100), &|progress| seen.lock().unwrap().push(progress)).unwrap();
    let all = 100 * u64::try_from(rows.len()).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort_by_key(|progress| progress.done);
    assert_eq!(seen.last(), Some(&Progress { done: all, all }));
    assert!(seen.len() >= rows.len() && seen.iter().all(|progress| progress.all == all));
}

#[test]
fn nothing_to_do_is_an_error() {
    let rows = Attack::Guess.rows(&profiles()[DIGITALLY_8]);
    assert!(matches!(run(&rows, &settings(0), &|_| ()), Err(AttackError::NoTrials)));
    assert!(matches!(run(&rows, &Settings { threads: 0, ..settings(1) }, &|_| ()), Err(AttackError::NoThreads)));
}

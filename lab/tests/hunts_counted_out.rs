//! The formulae for hunts against the same counted out: draw by draw, with all that repeats.
//!
//! After a draw out of b values, of which j were hit before, j + 1 are hit with probability `1 - j/b`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::float_cmp)]

use digitally::entropy;
use digitally::profile::NonceRule;
use lab::attack::{fewer_digits, profiles};

/// The probability of each number of different values, from 0 on, after `draws` uniform draws out of `values`.
fn distinct(draws: u32, values: f64) -> Vec<f64> {
    further_distinct(&[1.0], draws, values)
}

/// The same where each of `counts` is a number of draws and the probability of it: draws of draws.
fn distinct_of(counts: &[f64], values: f64) -> Vec<f64> {
    let mut reached = vec![1.0];
    let mut sum = vec![0.0; counts.len()];
    for probability in counts {
        sum.iter_mut().zip(&reached).for_each(|(sum, reached)| *sum += probability * reached);
        reached = further_distinct(&reached, 1, values);
    }
    sum
}

fn further_distinct(before: &[f64], draws: u32, values: f64) -> Vec<f64> {
    let mut reached = before.to_vec();
    for _ in 0..draws {
        let grown = [&[0.0], &*reached].concat();
        let stay = reached.iter().chain(&[0.0]).zip(0u32..).map(|(p, hit)| p * (f64::from(hit) / values).min(1.0));
        let grow = grown.iter().zip(0u32..).map(|(p, hit)| match hit.checked_sub(1) {
            Some(hit) => p * (1.0 - f64::from(hit) / values).max(0.0),
            None => 0.0,
        });
        reached = stay.zip(grow).map(|(stay, grow)| stay + grow).collect();
    }
    reached
}

/// The chance that at least one of `tries` hits, each with the chance `share` times a number whose probabilities are
/// `counts`: `1 - E[(1 - D·share)^tries]`.
fn any_hits(counts: &[f64], share: f64, tries: u32) -> f64 {
    let chances = counts.iter().zip(0u32..).map(|(p, count)| p * any(f64::from(count) * share, tries));
    chances.sum()
}

/// `1 - (1 - p)^tries`, exact for small p too.
fn any(p: f64, tries: u32) -> f64 {
    match (p, tries) {
        (_, 0) => 0.0,
        (p, _) if p >= 1.0 => 1.0,
        (p, tries) => -libm::expm1(f64::from(tries) * libm::log1p(-p)),
    }
}

fn mean(counts: &[f64]) -> f64 {
    counts.iter().zip(0u32..).map(|(p, count)| p * f64::from(count)).sum()
}

#[test]
fn small_cases_counted_out() {
    // Two draws out of two values: the same or not. Three out of two: one value in 2 of 8 cases.
    assert_eq!(distinct(0, 2.0), [1.0]);
    assert_eq!(distinct(2, 2.0), [0.0, 0.5, 0.5]);
    assert_eq!(distinct(3, 2.0), [0.0, 0.25, 0.75, 0.0]);
    assert_eq!(distinct_of(&[0.0, 0.0, 1.0], 2.0), distinct(2, 2.0));
    assert!((mean(&distinct(100, 1000.0)) - 1000.0 * any(0.001, 100)).abs() < 1e-9);
    assert!((any_hits(&[0.0, 0.5, 0.5], 0.25, 1) - 0.375).abs() < 1e-15);
}

#[track_caller]
fn check(what: &str, formula: f64, exact: f64, most: f64) {
    let error = formula / exact - 1.0;
    assert!(error.abs() < most, "{what}: formula {formula:e}, exact {exact:e}, {error:+.1e}");
}

#[test]
fn hunts_are_as_likely_as_counted_out() {
    for published in profiles().iter().filter(|profile| profile.payee_nonce == NonceRule::Random) {
        // With ten nonces and ten checks the formula's shape is a little too wide.
        for (profile, most) in [(published, 1e-5), (fewer_digits(published), 5e-3)] {
            let [nonces, checks] = [profile.request.nonce, profile.request.check].map(|d| 10f64.powi(d.into()));
            for requests in [2, 10, 20, 200, 1000] {
                let (low, high) = (requests / 2, requests / 2);
                let shown = distinct(low, nonces);
                let name = format!("{}, {requests} requests", profile.name);
                check(
                    &name,
                    entropy::collision(profile, requests),
                    any_hits(&shown, 1.0 / nonces / checks, high),
                    most,
                );
                let shown = distinct_of(&shown, checks);
                check(&name, entropy::check_collision(profile, requests), any_hits(&shown, 1.0 / checks, high), most);
            }
        }
    }
}

#[test]
fn serials_meet_as_often_as_counted_out() {
    let published = &profiles()[2];
    for profile in [published, fewer_digits(published)] {
        let checks = 10f64.powi(profile.request.check.into());
        for requests in [10u32, 20, 200, 2000] {
            // High serials that share their tail with a low one, pair by pair.
            let low = requests / 2;
            let pairs = (low + 1..=requests)
                .map(|n| (1..=low).filter(|l| n % profile.nonce_range() == l % profile.nonce_range()).count());
            let pairs = u32::try_from(pairs.sum::<usize>()).unwrap();
            let formula = entropy::collision(profile, requests);
            if pairs == 0 {
                assert_eq!(formula, 0.0)
            } else {
                check(profile.name, formula, any(1.0 / checks, pairs), 1e-12)
            }
        }
    }
}

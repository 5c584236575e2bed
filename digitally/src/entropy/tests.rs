//! Published numbers, numbers worked out by hand, and a count over all cases where the space is small enough.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::profile::{ALL, DIGITALLY_8, FIRST_PROTOCOL, FIXED, Split};

/// Equal to a relative error.
fn close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs(), "got {got:e}, expected {expected:e}");
}

/// The same profile at other digits.
fn with_request(profile: Profile, nonce: u8, check: u8) -> Profile {
    Profile { request: Split { nonce, check }, ..profile }
}

#[test]
fn tries_add_up() {
    close(at_least_once(1e-8, 100), 1e-6, 1e-6);
    close(at_least_once(1e-8, 1000), 1e-5, 1e-5);
    close(at_least_once(1e-8, 5), 5e-8, 1e-7);
    close(at_least_once(0.5, 2), 0.75, 1e-12);
    for n in [0, 1, u32::MAX] {
        assert!(at_least_once(0.0, n) == 0.0);
        assert!(at_least_once(1.0, n) == f64::from(n.min(1)));
    }
}

#[test]
fn guesses_are_powers_of_ten() {
    for (profile, response, request) in [(FIRST_PROTOCOL, 1e-4, 1e-3), (FIXED, 1e-4, 1e-3), (DIGITALLY_8, 1e-8, 1e-5)] {
        close(guess_response(&profile), response, 1e-12);
        close(guess_request(&profile), request, 1e-12);
        close(wrong_terms(&profile), request, 1e-12);
    }
}

#[test]
fn recorded_responses_fit_one_in_a_thousand() {
    for profile in [FIRST_PROTOCOL, FIXED] {
        close(replay(&profile, 1, 5), 1e-3, 1e-9);
        close(replay(&profile, 20, 5), 0.019_811, 1e-4);
        close(replay(&profile, 1000, 5), 0.632_3, 1e-4);
        assert!(replay(&profile, 20, 0) == 0.0);
        // 1 − 0.980189^200, and a little less for the spread.
        close(replay_again(&profile, 20, 200, 100), 0.981_7, 1e-3);
        assert!(wrapped(&profile) == 1.0);
    }
    close(replay(&DIGITALLY_8, 20, 5), 5e-8, 1e-6);
    close(replay(&DIGITALLY_8, 3, 5), 3e-8, 1e-6);
    close(replay_again(&DIGITALLY_8, 20, 200, 100), 1e-6, 1e-6);
    close(wrapped(&DIGITALLY_8), 1e-8, 1e-12);
}

#[test]
fn the_hunt_has_the_published_size() {
    for profile in [FIRST_PROTOCOL, FIXED] {
        close(collision(&profile, 200), 0.009_47, 1e-3);
        close(collision(&profile, 20), 9.95e-5, 1e-3);
        // One low request, one high: the same six digits.
        close(collision(&profile, 2), 1e-6, 1e-9);
        assert!(collision(&profile, 1) == 0.0 && collision(&profile, 0) == 0.0);
    }
    assert!(collision_credited(&FIRST_PROTOCOL) == 1.0);
    close(collision_credited(&FIXED), 1e-4, 1e-12);
    close(collision_credited(&DIGITALLY_8), 1e-8, 1e-12);
}

#[test]
fn serials_share_no_tail_before_they_wrap() {
    for k in [0, 1, 200, 1000] {
        assert!(collision(&DIGITALLY_8, k) == 0.0, "{k}");
    }
    close(collision(&DIGITALLY_8, 1001), 1e-5, 1e-9);
    // 1000 low, 1000 high: each high one has the tail of one low one.
    close(collision(&DIGITALLY_8, 2000), 0.009_95, 1e-3);
}

#[test]
fn pairs_of_serials_are_counted_right() {
    for range in [1, 2, 3, 7, 10, 100] {
        for k in 0..60_u32 {
            let low = k / 2;
            let counted = (1..=low).flat_map(|i| (low + 1..=k).map(move |j| j - i)).filter(|gap| gap % range == 0);
            assert!(pairs_with_one_tail(range, k) == f64::from(u32::try_from(counted.count()).unwrap()), "{range} {k}");
        }
    }
    assert!(pairs_with_one_tail(1, u32::MAX).is_finite());
}

#[test]
fn two_different_nonces_are_a_guess() {
    // 100 of 1000 nonces with replacement are 95.2 different ones; they fill 9.09 % of the checks.
    close(1.0 - check_collision(&FIRST_PROTOCOL, 200), (1.0_f64 - 0.090_87).powi(100), 0.05);
    close(check_collision(&FIRST_PROTOCOL, 20), 0.094_8, 2e-3);
    close(check_collision(&DIGITALLY_8, 200), 0.095_1, 1e-3);
    close(check_collision_credited(&FIRST_PROTOCOL), 1e-4, 1e-12);
    close(check_collision_credited(&FIXED), 1e-4, 1e-12);
    close(check_collision_credited(&DIGITALLY_8), 1e-8, 1e-12);
}

/// Every hunt of 2 + 2 requests at one digit of N_B and one of C: 10^4 draws of nonces, and each C of its own.
#[test]
fn a_small_hunt_agrees_with_a_count_of_all_cases() {
    let small = with_request(FIRST_PROTOCOL, 1, 1);
    let mut missed = 0.0;
    for case in 0..10_000_u32 {
        let [a, b, c, d] = [case % 10, case / 10 % 10, case / 100 % 10, case / 1000];
        let mut miss: f64 = 1.0;
        for high in [c, d] {
            // The low check at that nonce is one number; the high one equals it once in ten.
            miss *= if high == a || high == b { 0.9 } else { 1.0 };
        }
        missed += miss;
    }
    close(collision(&small, 4), 1.0 - missed / 10_000.0, 1e-9);
}

/// Chances of each number of different values among l draws from N, one draw after the other.
fn occupancy(space: u32, draws: u32) -> Vec<f64> {
    let n = f64::from(space);
    let mut chances = vec![1.0];
    for _ in 0..draws {
        let mut next = vec![0.0; chances.len() + 1];
        for (i, chance) in (0_u32..).zip(&chances) {
            next[i as usize] += chance * f64::from(i) / n;
            next[i as usize + 1] += chance * (n - f64::from(i)) / n;
        }
        chances = next;
    }
    chances
}

#[test]
fn the_mean_over_what_is_filled_agrees_with_the_whole_distribution() {
    let check = |digits: u8, draws: u32, p: f64, tries: u32, most: f64| {
        let space = 10_u32.pow(digits.into());
        let miss = |(i, chance): (u32, &f64)| {
            chance * (1.0 - p * f64::from(i) / f64::from(space)).powi(i32::try_from(tries).unwrap())
        };
        let exact = 1.0 - (0..).zip(&occupancy(space, draws)).map(miss).sum::<f64>();
        let got = Filled::new(f64::from(space), f64::from(draws)).hit(p, tries);
        assert!((got - exact).abs() < most, "{digits} digits, {draws} draws, {p}, {tries} tries: {got}, exact {exact}");
    };
    for draws in [1, 2, 3, 5, 10, 20, 50, 100] {
        for tries in [1, 2, 5, 10, 30, 100] {
            for p in [1.0, 0.1, 0.01, 0.001] {
                check(1, draws, p, tries, 4e-3);
                check(2, draws, p, tries, 5e-4);
                check(3, draws, p, tries, 1e-5);
            }
        }
    }
}

#[test]
fn typing_errors_have_the_measured_sizes() {
    close(mistyped_request(&FIRST_PROTOCOL), 5e-4, 1e-12);
    close(mistyped_request(&DIGITALLY_8), 3.75e-6, 1e-12);
    close(mistyped_request(&with_request(DIGITALLY_8, 4, 4)), 5e-5, 1e-12);
    close(transposed_request(&FIRST_PROTOCOL), 6e-4, 1e-12);
    close(transposed_request(&DIGITALLY_8), 3.0 / 7.0 * 1e-5, 1e-12);
    close(transposed_request(&with_request(DIGITALLY_8, 4, 4)), 4.0 / 7.0 * 1e-4, 1e-12);
    assert!(mistyped_request(&with_request(DIGITALLY_8, 0, 8)) == 0.0);
    close(mistyped_response(&FIRST_PROTOCOL), 5e-5, 1e-12);
    assert!(mistyped_response(&DIGITALLY_8) == 0.0);
    assert!(wrong_amount_credited(&FIRST_PROTOCOL) == 1.0);
    close(wrong_amount_credited(&FIXED), 1e-4, 1e-12);
    close(wrong_amount_credited(&DIGITALLY_8), 1e-8, 1e-12);
}

#[test]
fn the_window_is_the_payers() {
    close(resynchronised(&DIGITALLY_8), 1.6e-4, 1e-3);
    close(resynchronised(&FIRST_PROTOCOL), 1e-3, 1e-12);
    assert_eq!((candidates(&DIGITALLY_8, false), candidates(&DIGITALLY_8, true)), (1, 16));
    assert_eq!((candidates(&FIXED, false), candidates(&FIXED, true)), (1, 1));
    assert_eq!((abandonable(&DIGITALLY_8, false), abandonable(&DIGITALLY_8, true)), (Some(999), Some(15_999)));
    assert_eq!(abandonable(&FIRST_PROTOCOL, true), None);
    assert!(paid_again(&FIXED) == 1.0 && paid_again(&DIGITALLY_8) == 0.0);
}

proptest! {
    /// Whatever the digits and counts: a probability, and never less for more requests.
    #[test]
    fn every_formula_is_a_probability(
        which in 0..ALL.len(), digits in prop::array::uniform4(0_u8..=16), n in any::<u32>(), k in any::<u32>(),
    ) {
        let [nonce, check, payer, response] = digits;
        let profile = Profile {
            request: Split { nonce: nonce.min(9), check },
            response: Split { nonce: payer, check: response },
            ..ALL[which]
        };
        for p in [
            guess_response(&profile), guess_request(&profile), replay(&profile, n, k), replay_again(&profile, n, k, k),
            collision(&profile, k), collision_credited(&profile), check_collision(&profile, k),
            check_collision_credited(&profile), mistyped_request(&profile), transposed_request(&profile),
            wrong_amount_credited(&profile), mistyped_response(&profile), resynchronised(&profile), wrapped(&profile),
        ] {
            prop_assert!((0.0..=1.0).contains(&p), "{p}");
        }
        let small = k % 3000;
        prop_assert!(collision(&profile, small) <= collision(&profile, small + 2) + 1e-9);
    }
}

//! What a profile's digits are worth: the chance of each guess, replay, collision and typing error, as pure formulae.
//!
//! Notation: a request shows s digits of N_B and c digits of C, a response m digits of N_A and d digits of R. Every result
//! is a probability, 0 to 1, without a unit. Codes are taken as uniform: 64 bits modulo 10^d are, within 5·10⁻¹²
//! (P-TAG-1). Slides: Anderson and Baqer, "Is it practical to build a truly distributed payment system?", 2016.
//! Identifiers such as P-CHK-4 are those of `docs/protocol.md`.

use crate::Profile;
use crate::profile::{Field, NonceRule};

/// At least one success in n independent tries of chance p each: 1 − (1 − p)ⁿ. Exact for small p, too.
#[must_use]
pub fn at_least_once(p: f64, n: u32) -> f64 {
    at_least(p, f64::from(n))
}

/// A payee's purse credits a code that somebody made up: 10⁻ᵈ a try. Tries times 10⁻ᵈ is also what RFC 4226
/// reckons with.
#[must_use]
pub fn guess_response(profile: &Profile) -> f64 {
    share(profile.response.check)
}

/// A payer's purse accepts a code that somebody without the key made up: 10⁻ᶜ a try. (Twice that for the days in which
/// two keys are alive, P-CHK-6. Typed twice in a row, the pair of tries is worth [`resynchronised`].)
#[must_use]
pub fn guess_request(profile: &Profile) -> f64 {
    share(profile.request.check)
}

/// One newly opened request for the same payer and amount is answered by one of n recorded responses, of which at most
/// `tries` are typed.
///
/// Random N_B: it equals a recorded one, and that response is typed: 1 − (1 − 10⁻ˢ)ⁿ, about n·10⁻³ on the slides.
/// Serials: n is never used twice (P-SER-2) and R covers all of it, so a recorded response is a guess like any other:
/// 1 − (1 − 10⁻ᵈ)^min(n, tries).
#[must_use]
pub fn replay(profile: &Profile, recorded: u32, tries: u32) -> f64 {
    match profile.payee_nonce {
        NonceRule::Random if tries == 0 => 0.0,
        NonceRule::Random => at_least_once(share(profile.request.nonce), recorded),
        NonceRule::Serial { .. } => at_least_once(guess_response(profile), recorded.min(tries)),
    }
}

/// At least one of `requests` opened requests is answered by one of n recorded responses, each typed only where it
/// fits: the reach of [`replay`] between two contacts with the issuer (P-CAP-3).
///
/// Random N_B: 1 − E(1 − u)^requests, u the share of all N_B that is recorded. Serials: 1 − (1 − 10⁻ᵈ)^guesses, as many
/// guesses as the caps leave.
#[must_use]
pub fn replay_again(profile: &Profile, recorded: u32, requests: u32, guesses: u32) -> f64 {
    match profile.payee_nonce {
        NonceRule::Random => Filled::new(space(profile.request.nonce), f64::from(recorded)).hit(1.0, requests),
        NonceRule::Serial { .. } => at_least_once(guess_response(profile), guesses),
    }
}

/// A hunt by k = `requests` re-drawn requests finds one for a high amount with the same shown digits as one for the low
/// amount: k/2 are opened for the low amount and abandoned, the others each for another high amount.
///
/// Random N_B: 1 − E(1 − u·10⁻ᶜ)^(k/2), u the share of all N_B that the low ones fill, on average 1 − (1 − 10⁻ˢ)^(k/2).
/// Serials: k serials in a row share a tail only if they are a multiple of 10ˢ apart, which makes Σ min(j·10ˢ, k/2,
/// k − j·10ˢ) pairs over j ≥ 1, each with C equal by 10⁻ᶜ; so 0 as long as k ≤ 10ˢ.
#[must_use]
pub fn collision(profile: &Profile, requests: u32) -> f64 {
    let low = requests / 2;
    let high = requests.saturating_sub(low);
    let equal = share(profile.request.check);
    match profile.payee_nonce {
        NonceRule::Random => Filled::new(space(profile.request.nonce), f64::from(low)).hit(equal, high),
        NonceRule::Serial { .. } => at_least(equal, pairs_with_one_tail(profile.nonce_range(), requests)),
    }
}

/// Given two requests with the same shown digits for two amounts: the response for the low one is credited for the high
/// one.
///
/// 1 where R covers C in the place of X and N_B is shown in full: every byte under R is the same. 10⁻ᵈ elsewhere.
#[must_use]
pub fn collision_credited(profile: &Profile) -> f64 {
    let same_nonce = matches!(profile.payee_nonce, NonceRule::Random) || !covers(profile, Field::PayeeNonce);
    if covers(profile, Field::Amount) || !same_nonce { guess_response(profile) } else { 1.0 }
}

/// The other reading of the published bug, two different N_B and the same C: the same hunt finds such a pair.
///
/// 1 − E(1 − v)^(k/2), v the share of all C that the low requests fill. Random N_B that repeat bring no new C, serials
/// always do. (A pair with the same random N_B, a share of 10⁻ˢ of all, is not taken out.)
#[must_use]
pub fn check_collision(profile: &Profile, requests: u32) -> f64 {
    let low = requests / 2;
    let high = requests.saturating_sub(low);
    let checks = space(profile.request.check);
    let filled = match profile.payee_nonce {
        NonceRule::Serial { .. } => Filled::new(checks, f64::from(low)),
        NonceRule::Random => {
            let nonces = space(profile.request.nonce);
            let distinct = Filled::new(nonces, f64::from(low));
            let draws = distinct.mean * nonces;
            let filled = Filled::new(checks, draws);
            // Var v = E Var(v | draws) + Var E(v | draws); one draw more fills (1 − v) / 10^c more.
            let slope = (1.0 - filled.mean) * nonces / checks;
            Filled { variance: filled.variance + slope * slope * distinct.variance, ..filled }
        }
    };
    filled.hit(1.0, high)
}

/// Given such a pair: the response is credited. 10⁻ᵈ, since R covers N_B.
#[must_use]
pub fn check_collision_credited(profile: &Profile) -> f64 {
    let differs = covers(profile, Field::PayeeNonce) || covers(profile, Field::Amount);
    if differs { guess_response(profile) } else { 1.0 }
}

/// A request with one wrong digit, at any place, passes at the payer.
///
/// s/(s + c)·10⁻ᶜ: only a wrong digit of N_B asks for another C; an error inside C always shows.
#[must_use]
pub fn mistyped_request(profile: &Profile) -> f64 {
    let split = profile.request;
    quotient(split.nonce, split.digits()) * guess_request(profile)
}

/// A request with two unequal neighbouring digits swapped, at any place, passes at the payer.
///
/// s/(s + c − 1)·10⁻ᶜ: of the s + c − 1 pairs, s − 1 lie in N_B and one on the boundary, which changes N_B as well. A
/// swap inside C always shows.
#[must_use]
pub fn transposed_request(profile: &Profile) -> f64 {
    let split = profile.request;
    if split.check == 0 {
        return 1.0;
    }
    quotient(split.nonce, split.digits().saturating_sub(1)) * guess_request(profile)
}

/// A request passes at the payer although she agreed to another amount or to another person: 10⁻ᶜ.
#[must_use]
pub fn wrong_terms(profile: &Profile) -> f64 {
    guess_request(profile)
}

/// Given that a wrong *amount* passed: the payer's response for it is credited for the amount of the request.
///
/// 1 where R covers C in the place of X: both purses computed the same C. Else 10⁻ᵈ.
#[must_use]
pub fn wrong_amount_credited(profile: &Profile) -> f64 {
    if covers(profile, Field::Amount) { guess_response(profile) } else { 1.0 }
}

/// A response with one wrong digit, at any place, is credited all the same: m/(m + d)·10⁻ᵈ. It credits a payment that was
/// made, so nobody loses by it.
#[must_use]
pub fn mistyped_response(profile: &Profile) -> f64 {
    let split = profile.response;
    quotient(split.nonce, split.digits()) * guess_response(profile)
}

/// A code for other terms, refused and typed a second time in a row, passes at one of the two times: p = 10⁻ᶜ and f
/// further candidates, p + (1 − p)·f·p·(1 − p)^(f − 1) (P-CHK-4: exactly one must fit).
#[must_use]
pub fn resynchronised(profile: &Profile) -> f64 {
    let p = guess_request(profile);
    let further = f64::from(further(profile));
    if further == 0.0 {
        return p;
    }
    p + (1.0 - p) * further * p * libm::pow(1.0 - p, further - 1.0)
}

/// How many N_B the payer tries for one typed code: 1, and more when it is the same as just before (P-CHK-2, P-CHK-4).
/// The payee always compares with one (P-CONF-2).
#[must_use]
pub fn candidates(profile: &Profile, typed_before: bool) -> u32 {
    if typed_before { further(profile).saturating_add(1) } else { 1 }
}

/// How many requests in a row may be abandoned, so that the payer still reads the next one: candidates·10ˢ − 1. None if
/// there is no end to it, since N_B is shown in full.
#[must_use]
pub fn abandonable(profile: &Profile, typed_before: bool) -> Option<u32> {
    match profile.payee_nonce {
        NonceRule::Random => None,
        NonceRule::Serial { .. } => {
            Some(profile.nonce_range().saturating_mul(candidates(profile, typed_before)).saturating_sub(1))
        }
    }
}

/// A request that was paid can be paid again: 1 where N_B repeats, so that the log cannot tell (P-CHK-7), else 0 as long
/// as debit or payee is remembered (P-CHK-1, P-AUTH-3).
#[must_use]
pub const fn paid_again(profile: &Profile) -> f64 {
    match profile.payee_nonce {
        NonceRule::Random => 1.0,
        NonceRule::Serial { .. } => 0.0,
    }
}

/// The shown digits of N_B have come round: the response recorded for the earlier request with the same digits and
/// amount is credited again. 1 where they are all of N_B, 10⁻ᵈ where R covers more than is shown.
#[must_use]
pub fn wrapped(profile: &Profile) -> f64 {
    match profile.payee_nonce {
        NonceRule::Random => 1.0,
        NonceRule::Serial { .. } => guess_response(profile),
    }
}

/// A share of a space that random draws have filled: its mean and its variance.
struct Filled {
    mean: f64,
    variance: f64,
}

impl Filled {
    /// n draws, with replacement, from N values. Mean 1 − (1 − 1/N)ⁿ; variance, a = (1 − 1/N)ⁿ and b = (1 − 2/N)ⁿ:
    /// (a − b)/N + b − a², and b − a² = a²·((1 − 1/(N − 1)²)ⁿ − 1).
    fn new(space: f64, draws: f64) -> Self {
        let mean = at_least(1.0 / space, draws);
        if space < 3.0 {
            return Self { mean, variance: 0.0 };
        }
        let power = |x: f64| libm::exp(draws * libm::log1p(x));
        let (a, b) = (power(-1.0 / space), power(-2.0 / space));
        let neighbour = space - 1.0;
        let covariance = a * a * libm::expm1(draws * libm::log1p(-1.0 / (neighbour * neighbour)));
        Self { mean, variance: ((a - b) / space + covariance).max(0.0) }
    }

    /// At least one of n further draws falls on the filled share u and has a luck of p as well: 1 − E(1 − p·u)ⁿ, to the
    /// second order in the spread of u: off by at most 4·10⁻³ at one digit of
    /// space, 5·10⁻⁴ at two, 10⁻⁵ at three.
    fn hit(&self, p: f64, n: u32) -> f64 {
        let n = f64::from(n);
        let miss = 1.0 - p * self.mean;
        let spread = if miss > 0.0 && n > 1.0 {
            0.5 * n * (n - 1.0) * p * p * self.variance * libm::pow(miss, n - 2.0)
        } else {
            0.0
        };
        (at_least(p * self.mean, n) - spread).clamp(0.0, 1.0)
    }
}

fn at_least(p: f64, n: f64) -> f64 {
    if p <= 0.0 || n <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    -libm::expm1(n * libm::log1p(-p))
}

/// Pairs of one low and one high request with the same tail, among k serials in a row of which the first half is low:
/// with N = 10ˢ, the sum over j ≥ 1 and j·N < k of min(j·N, k/2, k − j·N), as two arithmetic series.
fn pairs_with_one_tail(range: u32, requests: u32) -> f64 {
    let series = |n: u32| f64::from(n) * (f64::from(n) + 1.0) / 2.0;
    let (step, k) = (f64::from(range), f64::from(requests));
    let rising = (requests / 2).checked_div(range).unwrap_or(0);
    let all = requests.saturating_sub(1).checked_div(range).unwrap_or(0);
    let falling = f64::from(all.saturating_sub(rising));
    step * series(rising) + falling * k - step * (series(all) - series(rising))
}

fn further(profile: &Profile) -> u32 {
    match profile.payee_nonce {
        NonceRule::Random => 0,
        NonceRule::Serial { further } => further,
    }
}

fn covers(profile: &Profile, field: Field) -> bool {
    profile.response_covers.contains(&field)
}

fn space(digits: u8) -> f64 {
    libm::pow(10.0, f64::from(digits))
}

fn share(digits: u8) -> f64 {
    1.0 / space(digits)
}

fn quotient(part: u8, whole: u8) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

#[cfg(test)]
mod tests;

//! What a count of hits says about a probability: the exact interval of Clopper and Pearson.
//!
//! Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
//! binomial", Biometrika 26 (1934). `Σ_{i≥k} C(n,i) p^i (1-p)^{n-i} = α/2` gives the lower end, `Σ_{i≤k} … = α/2` the
//! upper one. It covers the true probability at least so often as it says, whatever that probability is.

/// Where a probability lies, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end: 0 if nothing was hit.
    pub low: f64,
    /// The upper end: 1 if everything was.
    pub high: f64,
}

impl Interval {
    /// The interval for `hits` of `trials`, wrong with a probability of at most `risk`.
    #[must_use]
    pub fn new(hits: u32, trials: u32, risk: f64) -> Self {
        let half = risk / 2.0;
        let low = if hits == 0 { 0.0 } else { root(|p| at_least(hits, trials, p) - half) };
        let high =
            if hits >= trials { 1.0 } else { root(|p| at_least(hits.saturating_add(1), trials, p) - 1.0 + half) };
        Self { low, high }
    }

    /// Whether a probability lies in it.
    #[must_use]
    pub fn contains(&self, probability: f64) -> bool {
        (self.low..=self.high).contains(&probability)
    }
}

/// Where a function of p that rises from below zero to above it is zero, by halving: as near as a double comes.
fn root(rising: impl Fn(f64) -> f64) -> f64 {
    let (mut below, mut above) = (0.0, 1.0);
    for _ in 0..1100 {
        let middle = f64::midpoint(below, above);
        if middle <= below || middle >= above {
            break;
        }
        if rising(middle) < 0.0 { below = middle } else { above = middle }
    }
    f64::midpoint(below, above)
}

/// The probability of at least `hits` (not 0) hits. The sum runs away from the mean, where its terms shrink.
fn at_least(hits: u32, trials: u32, p: f64) -> f64 {
    let (k, n) = (f64::from(hits), f64::from(trials));
    let odds = p / (1.0 - p);
    if k > n * p {
        sum(k, term(k, n, p), |i| (n - i) / (i + 1.0) * odds, 1.0)
    } else {
        1.0 - sum(k - 1.0, term(k - 1.0, n, p), |i| i / (n - i + 1.0) / odds, -1.0)
    }
}

/// `first + first·ratio(i) + …` until nothing changes any more, i going by `step`.
fn sum(mut i: f64, first: f64, ratio: impl Fn(f64) -> f64, step: f64) -> f64 {
    let (mut term, mut sum) = (first, 0.0);
    while term > sum * f64::EPSILON / 16.0 {
        sum += term;
        term *= ratio(i);
        i += step;
    }
    sum
}

/// `C(n,k) p^k (1-p)^{n-k}`.
fn term(k: f64, n: f64, p: f64) -> f64 {
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    libm::exp(ways + k * libm::log(p) + (n - k) * libm::log1p(-p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hits: u32, trials: u32, risk: f64, low: f64, high: f64) {
        let found = Interval::new(hits, trials, risk);
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs().max(1e-9);
        assert!(near(found.low, low) && near(found.high, high), "{hits} of {trials}: {found:?}");
    }

    /// Computed elsewhere with exact fractions; those at 95 % stand in printed tables too.
    #[test]
    fn known_values() {
        check(1, 10, 0.05, 0.002_528_578_545, 0.445_016_117_0);
        check(5, 10, 0.05, 0.187_086_028_4, 0.812_913_971_6);
        check(9, 10, 0.05, 0.554_983_883_0, 0.997_471_421_5);
        check(3, 100, 0.001, 0.001_511_070_639, 0.131_941_944_0);
        check(40, 100, 0.01, 0.276_257_658_4, 0.533_527_004_3);
    }

    #[test]
    fn nothing_and_everything() {
        // (1-p)^n = α/2 and p^n = α/2.
        check(0, 1000, 0.05, 0.0, 1.0 - libm::pow(0.025, 1.0 / 1000.0));
        check(1000, 1000, 0.05, libm::pow(0.025, 1.0 / 1000.0), 1.0);
        check(0, 1, 0.001, 0.0, 0.9995);
        assert_eq!(Interval::new(0, 0, 0.05), Interval { low: 0.0, high: 1.0 });
    }

    /// The promise itself, for one small case counted out: over all outcomes, the interval misses p at most so often.
    #[test]
    fn it_covers() {
        for (trials, p, risk) in [(30, 0.1, 0.05), (200, 0.01, 0.001), (50, 0.5, 0.01)] {
            let missed: f64 = (0..=trials)
                .filter(|hits| !Interval::new(*hits, trials, risk).contains(p))
                .map(|hits| term(hits.into(), trials.into(), p))
                .sum();
            assert!(missed <= risk && missed > 0.0, "{trials} {p}: {missed}");
        }
    }

    #[test]
    fn large_counts() {
        for (hits, trials) in [(1, 4_000_000_000), (10_000, 1_000_000), (999_999, 1_000_000), (u32::MAX, u32::MAX)] {
            let found = Interval::new(hits, trials, 1e-5);
            let measured = f64::from(hits) / f64::from(trials);
            assert!(found.contains(measured) && found.low > 0.0 && found.high - found.low < 20.0 * measured);
        }
    }
}

//! Median and quartiles of times.
//!
//! The quantile Q(p) of n values in their order, x₁ … xₙ, is xⱼ + γ·(xⱼ₊₁ − xⱼ), with j = ⌊(n−1)·p⌋ + 1 and
//! γ = (n−1)·p − ⌊(n−1)·p⌋: definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
//! Statistician 50 (1996), which is the default of R, NumPy and spreadsheets. Rounded to a millisecond, half up.

/// The least, the quartiles and the greatest of some values, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quartiles {
    /// The least.
    pub least: u64,
    /// A quarter of the values is below.
    pub lower: u64,
    /// Half of them is.
    pub median: u64,
    /// Three quarters are.
    pub upper: u64,
    /// The greatest.
    pub greatest: u64,
}

/// How many values there are, and how they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// How they lie, if there are any.
    pub quartiles: Option<Quartiles>,
}

impl Spread {
    /// Of these values, in any order.
    #[must_use]
    pub fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let quartiles = values.first().zip(values.last()).map(|(least, greatest)| Quartiles {
            least: *least,
            lower: quantile(&values, 1),
            median: quantile(&values, 2),
            upper: quantile(&values, 3),
            greatest: *greatest,
        });
        Self { count: values.len(), quartiles }
    }
}

/// Q(`quarters`/4) of values in their order.
fn quantile(values: &[u64], quarters: usize) -> u64 {
    let place = values.len().saturating_sub(1).saturating_mul(quarters);
    let (j, gamma) = (place / 4, u128::try_from(place % 4).unwrap_or_default());
    let value = |at: usize| values.get(at).copied().map_or(0, u128::from);
    let (low, high) = (value(j), value(j.saturating_add(1)));
    let between = high.saturating_sub(low).saturating_mul(gamma).saturating_add(2) / 4;
    u64::try_from(low.saturating_add(between)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_r_has_them() {
        // quantile(x, c(0, .25, .5, .75, 1)), worked out by hand from the formula of type 7.
        let check = |values: &[u64], expected: [u64; 5]| {
            let found = Spread::of(values.to_vec());
            let Quartiles { least, lower, median, upper, greatest } = found.quartiles.unwrap();
            assert_eq!(([least, lower, median, upper, greatest], found.count), (expected, values.len()));
        };
        check(&[1000], [1000; 5]);
        check(&[2000, 1000], [1000, 1250, 1500, 1750, 2000]);
        check(&[3, 1, 2], [1, 2, 2, 3, 3]);
        check(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map(|value| value * 100), [100, 325, 550, 775, 1000]);
        check(&[u64::MAX, u64::MAX], [u64::MAX; 5]);
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}

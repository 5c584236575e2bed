//! What makes one request differ from every other: serials and random numbers.

/// A number that is used for one payment and never again.
///
/// It cannot be copied: opening a request uses it up.
#[derive(Debug, PartialEq, Eq)]
pub struct Nonce(u32);

impl Nonce {
    /// The nonce of a serial that the caller's card has just counted up to.
    #[must_use]
    pub const fn serial(number: u32) -> Self {
        Self(number)
    }

    /// A nonce of so many decimal digits out of random bits.
    ///
    /// 64 bits are reduced, so that no nonce is noticeably likelier than another.
    #[must_use]
    pub fn random(bits: [u8; 8], digits: u8) -> Self {
        let range = 10u64.checked_pow(u32::from(digits)).unwrap_or(u64::MAX).min(1 << 32);
        let number = u64::from_be_bytes(bits).checked_rem(range).unwrap_or(0);
        Self(u32::try_from(number).unwrap_or(0))
    }

    /// No nonce, where a profile gives it no digits.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// The number itself.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.0
    }
}

/// A counter that goes up and never back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter(u32);

impl Counter {
    /// A counter at this value.
    #[must_use]
    pub const fn at(value: u32) -> Self {
        Self(value)
    }

    /// The value now.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }

    /// One further, or nothing at the end: a counter never wraps.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The smallest number above this one that ends in `tail` when taken modulo `range`, and then each
    /// further one, `range` apart. Nothing for a tail that is not below the range.
    pub fn following(self, tail: u32, range: u32) -> impl Iterator<Item = u32> {
        let first = self.next().filter(|_| tail < range).and_then(|next| {
            let ahead = tail.checked_add(range)?.checked_sub(next.0.checked_rem(range)?)?.checked_rem(range)?;
            next.0.checked_add(ahead)
        });
        core::iter::successors(first, move |number| number.checked_add(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// P-SER-3: a counter ends at 2³² − 1.
    #[test]
    fn counters_end() {
        assert_eq!(Counter::at(0).next(), Some(Counter::at(1)));
        assert_eq!(Counter::at(u32::MAX).next(), None);
    }

    /// P-NON-2: 64 bits modulo 10^d.
    #[test]
    fn random_nonces_have_their_digits() {
        assert_eq!(Nonce::random([0xFF; 8], 3).number(), 615);
        assert_eq!(Nonce::random([0xFF; 8], 0).number(), 0);
        assert!(Nonce::random([0xFF; 8], 20).number() > 0);
    }

    proptest! {
        /// P-CHK-2, P-CHK-5: the candidate is the smallest number above t with this tail, by counting up to it.
        #[test]
        fn following_is_the_smallest_above(value: u32, tail in 0u32..1000) {
            let found = Counter::at(value).following(tail, 1000).next();
            let expected = (u64::from(value) + 1..=u64::from(u32::MAX)).take(1000).find(|n| n % 1000 == u64::from(tail));
            prop_assert_eq!(found.map(u64::from), expected);
        }

        /// P-CHK-4: the further candidates are a range apart.
        #[test]
        fn following_steps_by_the_range(value in 0u32..1_000_000, tail in 0u32..1000) {
            let found: std::vec::Vec<u32> = Counter::at(value).following(tail, 1000).take(3).collect();
            prop_assert_eq!(found[1] - found[0], 1000);
            prop_assert_eq!(found[2] - found[1], 1000);
        }
    }
}

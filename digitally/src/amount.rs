//! An amount of money in minor units: cents, not shillings.

use core::fmt;

use thiserror::Error;

/// An amount in minor units of its currency, 0 to 4,294,967,295. Sums are checked, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u32);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Nothing, or nothing before or after the point.
    #[error("an amount has digits before the point, and after it if there is one")]
    Empty,
    /// A minus sign.
    #[error("an amount is never negative")]
    Negative,
    /// A character that is neither a digit nor the decimal point, at this byte offset.
    #[error("an amount is written in digits with at most one decimal point")]
    NotADigit {
        /// Byte offset in the text.
        at: usize,
    },
    /// More decimals than the currency has.
    #[error("this currency has {decimals} decimals")]
    TooManyDecimals {
        /// How many the currency has.
        decimals: u8,
        /// Byte offset of the first one too many.
        at: usize,
    },
    /// Above what 32 bits of minor units hold.
    #[error("the amount is larger than any purse can hold")]
    TooLarge,
}

impl Amount {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);

    /// An amount of minor units.
    #[must_use]
    pub const fn new(minor_units: u32) -> Self {
        Self(minor_units)
    }

    /// The number of minor units.
    #[inline]
    #[must_use]
    pub const fn minor_units(self) -> u32 {
        self.0
    }

    /// The sum, or nothing if it does not fit.
    #[inline]
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing if it would be negative.
    #[inline]
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads an amount in currency units, such as `400`, `0.5` or `12.50`, for a currency with this many decimals.
    ///
    /// # Errors
    /// The rule that the text breaks, with its place.
    pub fn parse(text: &str, decimals: u8) -> Result<Self, AmountError> {
        if text.starts_with('-') {
            return Err(AmountError::Negative);
        }
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(AmountError::Empty),
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        if whole.is_empty() {
            return Err(AmountError::Empty);
        }
        let first_decimal = whole.len().saturating_add(1);
        for (at, byte) in whole.bytes().enumerate().chain((first_decimal..).zip(fraction.bytes())) {
            if !byte.is_ascii_digit() {
                return Err(AmountError::NotADigit { at });
            }
        }
        if fraction.len() > usize::from(decimals) {
            return Err(AmountError::TooManyDecimals {
                decimals,
                at: first_decimal.saturating_add(usize::from(decimals)),
            });
        }
        let padding = core::iter::repeat_n(b'0', usize::from(decimals).saturating_sub(fraction.len()));
        whole
            .bytes()
            .chain(fraction.bytes())
            .chain(padding)
            .try_fold(0u32, |sum, byte| sum.checked_mul(10)?.checked_add(u32::from(byte.wrapping_sub(b'0'))))
            .map(Self)
            .ok_or(AmountError::TooLarge)
    }

    /// Shows the amount in currency units with all its decimals: `400.00`.
    #[must_use]
    pub const fn in_units(self, decimals: u8) -> InUnits {
        InUnits { amount: self, decimals }
    }
}

/// Displays an [`Amount`] in currency units.
#[derive(Clone, Copy, Debug)]
pub struct InUnits {
    amount: Amount,
    decimals: u8,
}

impl fmt::Display for InUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minor = u64::from(self.amount.0);
        let Some(scale) = 10u64.checked_pow(u32::from(self.decimals)).filter(|scale| *scale > 1) else {
            return write!(f, "{minor}");
        };
        let (whole, rest) = (minor.checked_div(scale).unwrap_or(0), minor.checked_rem(scale).unwrap_or(0));
        write!(f, "{whole}.{rest:0width$}", width = usize::from(self.decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;

    #[test]
    fn texts() {
        let check = |text, decimals, expected: Result<u32, AmountError>| {
            assert_eq!(Amount::parse(text, decimals), expected.map(Amount::new), "{text} with {decimals} decimals");
        };
        check("400", 2, Ok(40_000));
        check("400.5", 2, Ok(40_050));
        check("0.01", 2, Ok(1));
        check("00400.00", 2, Ok(40_000));
        check("7", 0, Ok(7));
        check("1.234", 3, Ok(1_234));
        check("0", 2, Ok(0));
        check("42949672.95", 2, Ok(u32::MAX));
        check("42949672.96", 2, Err(AmountError::TooLarge));
        check("99999999999999999999", 0, Err(AmountError::TooLarge));
        check("-5", 2, Err(AmountError::Negative));
        check("", 2, Err(AmountError::Empty));
        check(".5", 2, Err(AmountError::Empty));
        check("5.", 2, Err(AmountError::Empty));
        check("4O0", 2, Err(AmountError::NotADigit { at: 1 }));
        check("1,000", 2, Err(AmountError::NotADigit { at: 1 }));
        check("1.2.3", 2, Err(AmountError::NotADigit { at: 3 }));
        check("+1", 2, Err(AmountError::NotADigit { at: 0 }));
        check("1.005", 2, Err(AmountError::TooManyDecimals { decimals: 2, at: 4 }));
        check("1.5", 0, Err(AmountError::TooManyDecimals { decimals: 0, at: 2 }));
    }

    proptest! {
        #[test]
        fn shown_and_read_back(minor: u32, decimals in 0u8..=4) {
            let amount = Amount::new(minor);
            prop_assert_eq!(Amount::parse(&amount.in_units(decimals).to_string(), decimals), Ok(amount));
        }

        #[test]
        fn any_text(text: std::string::String, decimals: u8) {
            let _ = Amount::parse(&text, decimals);
        }
    }
}

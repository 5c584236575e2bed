//! A currency by its ISO 4217 number.

use thiserror::Error;

/// An ISO 4217 numeric currency code, 0 to 999 (KES is 404).
///
/// Only the number is authenticated. How many decimals a currency has is known at the edge,
/// where amounts are typed and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(u16);

/// Not a numeric currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an ISO 4217 currency number has three decimal digits")]
pub struct CurrencyError;

impl Currency {
    /// A currency by number.
    ///
    /// # Errors
    /// [`CurrencyError`] above 999.
    pub const fn new(number: u16) -> Result<Self, CurrencyError> {
        if number <= 999 { Ok(Self(number)) } else { Err(CurrencyError) }
    }

    /// The ISO 4217 number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Two bytes of BCD, `04 04` for KES: the form of EMV tag 5F2A, stored and authenticated.
    #[inline]
    #[must_use]
    pub fn bcd(self) -> [u8; 2] {
        let [hundreds, tens, ones] = [self.0 / 100, self.0 / 10 % 10, self.0 % 10];
        ((hundreds << 8) | (tens << 4) | ones).to_be_bytes()
    }

    /// Reads the BCD form.
    ///
    /// # Errors
    /// [`CurrencyError`] for a nibble that is no digit or a number above 999.
    pub fn from_bcd([high, low]: [u8; 2]) -> Result<Self, CurrencyError> {
        let digits = [high >> 4, high & 0xF, low >> 4, low & 0xF];
        if digits.iter().any(|digit| *digit > 9) {
            return Err(CurrencyError);
        }
        let number = digits.iter().fold(0u16, |number, digit| number.wrapping_mul(10).wrapping_add(u16::from(*digit)));
        Self::new(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P-CUR-1: a thousand of all two-byte values are a currency, each its own number in BCD.
    #[test]
    fn all_numbers_round_trip_and_all_other_bytes_are_refused() {
        let valid = (0..=u16::MAX).filter(|raw| Currency::from_bcd(raw.to_be_bytes()).is_ok()).count();
        assert_eq!(valid, 1000);
        for number in 0..=999 {
            let currency = Currency::new(number).unwrap();
            assert_eq!(Currency::from_bcd(currency.bcd()), Ok(currency));
        }
        assert_eq!(Currency::new(404).unwrap().bcd(), [0x04, 0x04]);
        assert_eq!(Currency::new(1000), Err(CurrencyError));
    }
}

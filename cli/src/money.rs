//! A currency with its name and decimals, and amounts in it.

use digitally::{Amount, Currency};
use iso_currency::Currency as Iso;

use crate::failure::{ErrorCode, Failure};

/// The currency of a purse.
#[derive(Clone, Debug)]
pub struct Money {
    /// ISO 4217 number.
    pub currency: Currency,
    /// Three letters, or the number where it has none.
    pub name: String,
    /// How many decimals amounts are typed and shown with.
    pub decimals: u8,
}

impl Money {
    /// A currency by its three letters.
    ///
    /// # Errors
    /// If ISO 4217 has no such currency, or it cannot be counted in minor units.
    pub fn named(name: &str) -> Result<Self, Failure> {
        let unknown = |why: &str| {
            Failure::new(ErrorCode::CurrencyUnknown, format!("{why} in ISO 4217"))
                .typed(name, 0, name.len(), "this currency")
                .help("three letters, for instance --currency KES")
        };
        let iso = Iso::from_code(&name.to_ascii_uppercase()).ok_or_else(|| unknown("there is no such currency"))?;
        let decimals = iso.exponent().and_then(|exponent| u8::try_from(exponent).ok());
        let decimals = decimals.ok_or_else(|| unknown("this currency has no minor unit"))?;
        let currency = Currency::new(iso.numeric()).map_err(|_| unknown("there is no such currency"))?;
        Ok(Self { currency, name: iso.code().to_owned(), decimals })
    }

    /// The currency of a card: its number and decimals as the card tells them.
    pub fn of_card(currency: Currency, decimals: u8) -> Self {
        let name = Iso::from_numeric(currency.number()).map(|iso| iso.code().to_owned());
        Self { currency, name: name.unwrap_or_else(|| format!("{:03}", currency.number())), decimals }
    }

    /// The amount with its currency: `400.00 KES`.
    pub fn show(&self, amount: Amount) -> String {
        format!("{} {}", amount.in_units(self.decimals), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_decimals() {
        let check = |name, number, decimals| {
            let money = Money::named(name).unwrap();
            assert_eq!((money.currency.number(), money.decimals), (number, decimals), "{name}");
            assert_eq!(Money::of_card(money.currency, decimals).name, name.to_ascii_uppercase());
        };
        check("KES", 404, 2);
        check("kes", 404, 2);
        check("JPY", 392, 0);
        check("TND", 788, 3);
        for unknown in ["XYZ", "", "Ksh", "404"] {
            assert_eq!(Money::named(unknown).unwrap_err().code(), ErrorCode::CurrencyUnknown, "{unknown}");
        }
    }

    #[test]
    fn a_number_without_letters_shows_as_itself() {
        assert_eq!(Money::of_card(Currency::new(7).unwrap(), 2).show(Amount::new(150)), "1.50 007");
    }
}

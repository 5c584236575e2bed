//! What was typed becomes what it means: amounts, phone numbers, codes. Nothing here asks a card.

mod bytes;

pub use bytes::{bytes, not_a_command, place_of, shown};

use digitally::{Amount, AmountError, Code as Digits, CodeError, Msisdn, MsisdnError};

use crate::failure::{ErrorCode, Failure};
use crate::money::Money;

/// How a phone number is written, for help lines.
pub const NUMBER_FORM: &str = "write the number with + and the country code, for instance +254700000001";

/// An amount of at least one minor unit, in currency units.
///
/// # Errors
/// The rule that it breaks, shown under what was typed.
pub fn amount(text: &str, money: &Money) -> Result<Amount, Failure> {
    match amount_or_zero(text, money)? {
        Amount::ZERO => Err(Failure::new(ErrorCode::AmountZero, "the amount is zero")
            .typed(text, 0, text.len(), "nothing would be paid")
            .help(amount_form(money))),
        amount => Ok(amount),
    }
}

/// An amount that may be zero, in currency units.
///
/// # Errors
/// The rule that it breaks, shown under what was typed.
pub fn amount_or_zero(text: &str, money: &Money) -> Result<Amount, Failure> {
    let error = match Amount::parse(text, money.decimals) {
        Ok(amount) => return Ok(amount),
        Err(error) => error,
    };
    let rest = |at: usize| text.len().saturating_sub(at);
    let (code, message, at, len, label) = match error {
        AmountError::Negative => (ErrorCode::AmountNegative, error.to_string(), 0, 1, "no minus sign"),
        AmountError::NotADigit { at } => (ErrorCode::AmountMalformed, error.to_string(), at, 1, "not a digit"),
        AmountError::TooManyDecimals { decimals, at } => {
            let message = format!("{} has {decimals} decimals, this amount has more", money.name);
            (ErrorCode::AmountTooPrecise, message, at, rest(at), "too many decimals")
        }
        AmountError::TooLarge => (ErrorCode::AmountTooLarge, error.to_string(), 0, text.len(), "too large"),
        _ => (ErrorCode::AmountMalformed, error.to_string(), 0, text.len(), "digits are missing"),
    };
    let len = text.get(at..).and_then(|tail| tail.chars().next()).map_or(len, |first| len.max(first.len_utf8()));
    Err(Failure::new(code, message).typed(text, at, len, label).help(amount_form(money)))
}

fn amount_form(money: &Money) -> String {
    match money.decimals {
        0 => format!("amounts are in {}, without decimals, for instance 400", money.name),
        decimals => {
            let example = Amount::new(40_050).in_units(decimals);
            format!("amounts are in {}, with at most {decimals} decimals, for instance {example}", money.name)
        }
    }
}

/// A phone number with its country code.
///
/// # Errors
/// The rule that it breaks, shown under what was typed.
pub fn number(text: &str) -> Result<Msisdn, Failure> {
    text.parse().map_err(|error: MsisdnError| {
        let (at, len, label) = match error {
            MsisdnError::NoCountryCode => (0, text.len(), "no + and country code"),
            MsisdnError::NotADigit { at } => {
                let tail = text.get(at..).and_then(|tail| tail.chars().next());
                (at, tail.map_or(1, char::len_utf8), "not a digit")
            }
            MsisdnError::LeadingZero => (1, 1, "no country code starts with 0"),
            MsisdnError::TooLong { .. } => (0, text.len(), "too many digits"),
            MsisdnError::TooShort { .. } => (0, text.len(), "too few digits"),
            _ => (0, text.len(), "not a phone number"),
        };
        Failure::new(ErrorCode::MsisdnMalformed, error.to_string()).typed(text, at, len, label).help(NUMBER_FORM)
    })
}

/// Whether a text is meant as a phone number, well-formed or not: no contact is called `0700 000 001`.
pub fn looks_like_number(text: &str) -> bool {
    let mut digits = text.trim_start_matches('+').chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).peekable();
    text.starts_with('+') || (digits.peek().is_some() && digits.all(|c| c.is_ascii_digit()))
}

/// A request or response code of so many digits. The error does not show it.
///
/// # Errors
/// Which character is no digit, or how many digits there are.
pub fn code(parts: &[String], digits: u8, what: &str) -> Result<Digits, Failure> {
    let text = parts.join(" ");
    let malformed = |message: String| {
        Failure::new(ErrorCode::CodeMalformed, message).help(format!(
            "a {what} has {digits} digits; spaces and dashes between them do no harm; read it again from the other phone"
        ))
    };
    Digits::parse(&text, digits).map_err(|error| match error {
        CodeError::NotADigit { at } => {
            let place = text.char_indices().take_while(|(offset, _)| *offset <= at).count();
            malformed(format!("character {place} of the {what} is not a digit"))
        }
        CodeError::WrongLength { expected, found } => {
            malformed(format!("the {what} has {found} digits instead of {expected}"))
        }
        other => malformed(other.to_string()),
    })
}

/// A word as a shell takes it back: quoted if it has to be.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+:,@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kes() -> Money {
        Money::named("KES").unwrap()
    }

    #[test]
    fn amounts() {
        let check = |text, expected: Result<u32, ErrorCode>| {
            let amount = amount(text, &kes()).map(Amount::minor_units).map_err(|failure| failure.code());
            assert_eq!(amount, expected, "{text}");
        };
        check("400", Ok(400_00));
        check("0.01", Ok(1));
        check("0", Err(ErrorCode::AmountZero));
        check("0.00", Err(ErrorCode::AmountZero));
        check("-5", Err(ErrorCode::AmountNegative));
        check("1.005", Err(ErrorCode::AmountTooPrecise));
        check("4O0", Err(ErrorCode::AmountMalformed));
        check("4€", Err(ErrorCode::AmountMalformed));
        check("", Err(ErrorCode::AmountMalformed));
        check("99999999999", Err(ErrorCode::AmountTooLarge));
    }

    #[test]
    fn what_looks_like_a_number() {
        for number in ["+254700000001", "0700000001", "0700 000 001", "(0)700-1", "+x"] {
            assert!(looks_like_number(number), "{number}");
        }
        for name in ["Bob", "Bob 2", "2nd shop", "", " ", "-"] {
            assert!(!looks_like_number(name), "{name}");
        }
    }

    #[test]
    fn errors_never_show_the_code() {
        for bad in ["4761082x", "4761082", "476108259", "", "４７６１０８２５"] {
            let failure = code(&[bad.to_owned()], 8, "request").unwrap_err();
            assert_eq!(failure.code(), ErrorCode::CodeMalformed);
            let shown = format!("{failure} {:?}", failure);
            assert!(bad.is_empty() || !shown.contains(bad), "{shown}");
        }
    }

    #[test]
    fn words_for_the_shell() {
        assert_eq!(shell_word("alice.card"), "alice.card");
        assert_eq!(shell_word("my card"), "'my card'");
        assert_eq!(shell_word("it's"), "'it'\\''s'");
    }
}

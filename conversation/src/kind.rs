//! What a field of a command or of an answer is: how it is written in a script, and its bytes.

use applet_model::runtime::PinBlock;
use digitally::{Amount, Code, Currency, Msisdn};
use zeroize::Zeroizing;

use crate::word;

/// A byte, and the word for it.
pub(crate) type Names = &'static [(u8, &'static str)];

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Money in units of the currency, 4 bytes of minor units.
    Amount,
    /// A phone number, 8 bytes of BCD.
    Number,
    /// A number of so many bytes, at most 8.
    Count(usize),
    /// A code, BCD, up to the end.
    Code,
    /// A PIN or PUK, 8 bytes.
    Pin,
    /// A name, UTF-8 in 16 bytes, padded with zeros.
    Name,
    /// So many bytes.
    Bytes(usize),
    /// The name of an application or the beginning of one: 1 to 16 bytes.
    Aid,
    /// A text, up to the end.
    Text,
    /// One byte that has names.
    Named(Names),
    /// ISO 4217 number, 2 bytes of BCD.
    Currency,
}

/// The bytes of a field: wiped on drop, since some are PINs.
pub(crate) type Bytes = Zeroizing<Vec<u8>>;

const NAME: usize = 16;
/// What is written for a phone number of zeros.
const NOBODY: &str = "none";

impl Kind {
    /// What it is, with an example.
    pub(crate) fn what(self) -> String {
        match self {
            Self::Amount => "an amount such as 400.00".into(),
            Self::Number => "a phone number such as +254700000001".into(),
            Self::Count(_) => "a number such as 1".into(),
            Self::Code => "a code such as 4761 0825".into(),
            Self::Pin => "a PIN such as 1234".into(),
            Self::Name => "a name such as Bob or \"Bob Otieno\"".into(),
            Self::Bytes(len) => format!("{len} bytes in hex digits"),
            Self::Aid => "an application's name of 1 to 16 bytes in hex digits".into(),
            Self::Text => "a text".into(),
            Self::Named(names) => {
                let names: Vec<String> = names.iter().map(|(_, name)| format!("`{name}`")).collect();
                format!("one of {}", names.join(", "))
            }
            Self::Currency => "a currency's number such as 404".into(),
        }
    }

    /// Its length in bytes, if that is always the same.
    pub(crate) const fn len(self) -> Option<usize> {
        match self {
            Self::Amount => Some(4),
            Self::Number | Self::Pin => Some(8),
            Self::Count(len) | Self::Bytes(len) => Some(len),
            Self::Name => Some(NAME),
            Self::Named(_) => Some(1),
            Self::Currency => Some(2),
            Self::Code | Self::Aid | Self::Text => None,
        }
    }

    /// Whether it goes on over several words.
    pub(crate) const fn has_blanks(self) -> bool {
        matches!(self, Self::Code | Self::Aid | Self::Bytes(_))
    }

    /// Whether it must not be shown.
    pub(crate) const fn is_secret(self) -> bool {
        matches!(self, Self::Pin)
    }

    /// Its bytes, from what is written.
    ///
    /// # Errors
    /// Why that is none.
    pub(crate) fn encode(self, text: &str, decimals: u8) -> Result<Bytes, String> {
        let bytes = match self {
            Self::Amount => {
                let amount = Amount::parse(text, decimals).map_err(|error| error.to_string())?;
                amount.minor_units().to_be_bytes().to_vec()
            }
            Self::Number if text == NOBODY => vec![0; Msisdn::LEN],
            Self::Number => {
                let number: Msisdn = text.parse().map_err(|error: digitally::MsisdnError| error.to_string())?;
                number.bcd().to_vec()
            }
            Self::Count(len) => count(text, len)?,
            Self::Named(names) => match names.iter().find(|(_, name)| *name == text) {
                Some((byte, _)) => vec![*byte],
                None => count(text, 1).map_err(|_| "it has no such value".to_owned())?,
            },
            Self::Code => {
                let digits = text.chars().filter(char::is_ascii_digit).count();
                let digits = u8::try_from(digits).ok().filter(|digits| (1..=Code::MAX_DIGITS).contains(digits));
                let digits = digits.ok_or_else(|| format!("a code has 1 to {} digits", Code::MAX_DIGITS))?;
                let code = Code::parse(text, digits).map_err(|error| error.to_string())?;
                let mut bcd = [0; Code::MAX_BCD];
                let len = code.write_bcd(&mut bcd).unwrap_or_default();
                bcd.get(..len).unwrap_or_default().to_vec()
            }
            Self::Pin => PinBlock::parse(text).map_err(|error| error.to_string())?.expose().to_vec(),
            Self::Name => {
                let mut name = text.as_bytes().to_vec();
                if name.len() > NAME {
                    return Err(format!("a name has at most {NAME} bytes of UTF-8, this one has {}", name.len()));
                }
                name.resize(NAME, 0);
                name
            }
            Self::Bytes(len) => {
                let bytes = hex_bytes(text)?;
                match bytes.len() {
                    found if found == len => bytes.to_vec(),
                    found => return Err(format!("it has {len} bytes, not {found}")),
                }
            }
            Self::Aid => {
                let bytes = hex_bytes(text)?;
                match bytes.len() {
                    1..=16 => bytes.to_vec(),
                    found => return Err(format!("the name of an application has 1 to 16 bytes, not {found}")),
                }
            }
            Self::Text => text.as_bytes().to_vec(),
            Self::Currency => {
                let number = text.parse().map_err(|_| "a currency's number has at most 3 digits".to_owned())?;
                Currency::new(number).map_err(|error| error.to_string())?.bcd().to_vec()
            }
        };
        Ok(Zeroizing::new(bytes))
    }

    /// What is written for these bytes; hex digits if they are none of this kind.
    pub(crate) fn show(self, bytes: &[u8], decimals: u8) -> String {
        self.text(bytes, decimals).unwrap_or_else(|| spaced(bytes))
    }

    fn text(self, bytes: &[u8], decimals: u8) -> Option<String> {
        let right_length = self.len().is_none_or(|len| len == bytes.len());
        if !right_length {
            return None;
        }
        match self {
            Self::Amount => {
                let minor = u32::try_from(number_of(bytes)?).ok()?;
                Some(Amount::new(minor).in_units(decimals).to_string())
            }
            Self::Number if bytes.iter().all(|byte| *byte == 0) => Some(NOBODY.into()),
            Self::Number => Some(Msisdn::from_bcd(bytes.first_chunk()?).ok()?.to_string()),
            Self::Count(_) => Some(number_of(bytes)?.to_string()),
            Self::Named(names) => {
                let found = names.iter().find(|(byte, _)| bytes == [*byte]);
                found.map(|(_, name)| (*name).to_owned()).or_else(|| Some(number_of(bytes)?.to_string()))
            }
            Self::Code => {
                Some(Code::from_padded_bcd(bytes).ok()?.ungrouped().to_string()).filter(|code| !code.is_empty())
            }
            Self::Pin => {
                PinBlock::from_bytes(*bytes.first_chunk()?).ok()?;
                let digits: Vec<u8> = bytes.iter().copied().take_while(u8::is_ascii_digit).collect();
                String::from_utf8(digits).ok()
            }
            Self::Name => {
                let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
                let name = std::str::from_utf8(bytes.get(..len)?).ok()?;
                readable(name)
            }
            Self::Text => readable(std::str::from_utf8(bytes).ok()?),
            Self::Currency => Some(Currency::from_bcd(*bytes.first_chunk()?).ok()?.number().to_string()),
            Self::Bytes(_) | Self::Aid => Some(hex::encode_upper(bytes)),
        }
    }

    /// These bytes, which a card answered as `from` (or which nobody said what they are), as a field of this kind.
    pub(crate) fn convert(self, bytes: &[u8], from: Option<Self>) -> Option<Bytes> {
        let converted = match self {
            Self::Count(len) => {
                let all = number_of(bytes)?.to_be_bytes();
                let (front, back) = all.split_at_checked(all.len().checked_sub(len)?)?;
                front.iter().all(|byte| *byte == 0).then(|| back.to_vec())?
            }
            Self::Aid => Some(bytes).filter(|bytes| (1..=16).contains(&bytes.len()))?.to_vec(),
            Self::Bytes(_) | Self::Text => {
                Some(bytes).filter(|_| self.len().is_none_or(|len| len == bytes.len()))?.to_vec()
            }
            _ if from == Some(self) => bytes.to_vec(),
            _ => self.text(bytes, 0).map(|_| bytes.to_vec())?,
        };
        Some(Zeroizing::new(converted))
    }

    /// Whether what a card answered as `other` can be a field of this kind.
    pub(crate) const fn takes(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Amount, Self::Amount)
                | (Self::Number, Self::Number)
                | (Self::Count(_), Self::Count(_) | Self::Named(_))
                | (Self::Code, Self::Code)
                | (Self::Pin, Self::Pin)
                | (Self::Name, Self::Name)
                | (Self::Named(_), Self::Named(_))
                | (Self::Currency, Self::Currency)
                | (Self::Text, Self::Text)
                | (Self::Aid | Self::Bytes(_), _)
        )
    }
}

/// A text of a card's as one word, if nothing in it makes a line look like another one.
fn readable(text: &str) -> Option<String> {
    let harmless = !text.chars().any(|character| character.is_control() || word::is_forbidden(character));
    harmless.then(|| word::as_word(text))
}

fn count(text: &str, len: usize) -> Result<Vec<u8>, String> {
    let most = u64::MAX.checked_shr(u32::try_from(len.saturating_mul(8)).map_or(0, |bits| 64_u32.saturating_sub(bits)));
    let most = most.unwrap_or(u64::MAX);
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = text.parse().ok().filter(|_| digits).ok_or_else(|| "a number has digits only".to_owned())?;
    if number > most {
        return Err(format!("it is at most {most}"));
    }
    let bytes = number.to_be_bytes();
    Ok(bytes.get(bytes.len().saturating_sub(len)..).unwrap_or_default().to_vec())
}

fn number_of(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0_u64, |number, byte| number.checked_mul(256)?.checked_add(u64::from(*byte)))
}

/// The bytes of pairs of hex digits, with or without blanks between them.
///
/// # Errors
/// What else there is.
pub(crate) fn hex_bytes(text: &str) -> Result<Bytes, String> {
    let digits: String = text.split_whitespace().collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("bytes are written in pairs of hex digits".into());
    }
    if digits.len() % 2 == 1 {
        return Err(format!("bytes are pairs of hex digits, and {} is an odd number of them", digits.len()));
    }
    hex::decode(digits).map(Zeroizing::new).map_err(|error| error.to_string())
}

/// Bytes in pairs of hex digits: `90 00`.
pub(crate) fn spaced(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_bytes() {
        let check = |kind: Kind, text: &str, bytes: &[u8], again: &str| {
            let encoded = kind.encode(text, 2).unwrap();
            assert_eq!((&**encoded, kind.show(&encoded, 2).as_str()), (bytes, again), "{text}");
            assert_eq!(kind.convert(&encoded, None).unwrap(), encoded);
        };
        check(Kind::Amount, "400", &[0, 0, 0x9C, 0x40], "400.00");
        check(Kind::Number, "+254700000001", b"\xFF\xFF\x25\x47\0\0\0\x01", "+254700000001");
        check(Kind::Number, "none", &[0; 8], "none");
        check(Kind::Count(2), "0258", &[1, 2], "258");
        check(Kind::Count(8), "18446744073709551615", &[0xFF; 8], "18446744073709551615");
        check(Kind::Code, "4761 0825", &[0x47, 0x61, 0x08, 0x25], "47610825");
        check(Kind::Code, "7", &[0xF7], "7");
        check(Kind::Pin, "1234", b"1234\xFF\xFF\xFF\xFF", "1234");
        check(Kind::Name, "Bob O", b"Bob O\0\0\0\0\0\0\0\0\0\0\0", "\"Bob O\"");
        check(Kind::Named(&[(1, "paid")]), "paid", &[1], "paid");
        check(Kind::Named(&[(1, "paid")]), "7", &[7], "7");
        check(Kind::Currency, "404", &[4, 4], "404");
        // A name that would turn a line around, or be two, is shown in bytes.
        for name in ["\u{202E}eciLA\0\0\0\0\0\0\0\0", "Al\nice\0\0\0\0\0\0\0\0\0"] {
            assert!(Kind::Name.show(name.as_bytes(), 2).chars().all(|c| c.is_ascii_hexdigit() || c == ' '), "{name:?}");
        }
        assert_eq!(Kind::Count(1).encode("256", 0).unwrap_err(), "it is at most 255");
        assert_eq!(Kind::Count(1).convert(&[0, 0, 0, 7], Some(Kind::Count(4))).unwrap()[..], [7]);
        assert!(Kind::Count(1).convert(&[0, 0, 1, 7], None).is_none() && Kind::Amount.convert(&[1], None).is_none());
    }
}

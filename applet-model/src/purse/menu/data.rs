//! What a menu needs to know of the country and the issuer: data group `0104`.
//!
//! | bytes | contents |
//! |---|---|
//! | 2 | country calling code, BCD, zeros before it: `0254`; `0000` none |
//! | 1 | trunk prefix, BCD, `F` before it: `F0` for 0, `06`, `FF` none |
//! | 1 | language: 00 English, 01 Swahili |
//! | 8 | the issuer's number for uploads, BCD, `F` before it; zeros: none |
//!
//! Cards of releases that had no menu come back with zeros here: numbers are then typed with +, and nothing is uploaded.

use digitally::Msisdn;

use super::text::Language;
use crate::runtime::{Fixed, record};

record! {
    /// What the purse's menu needs to know.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MenuData {
        /// Country calling code; 0 if numbers must be typed in the international form.
        pub country: Country,
        /// What people dial before a number of the same country; without a country it says nothing.
        pub trunk: TrunkPrefix,
        /// The language of texts, until the holder chooses another.
        pub language: Language,
        /// The issuer's number for uploads; without it there are none.
        pub upload: Option<Msisdn>,
    }
}

/// A country calling code, 1 to 999; 0 stands for none (ITU-T E.164).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Country(u16);

/// What is dialled before a national number within its country: none, one digit or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrunkPrefix(u8);

impl MenuData {
    /// Numbers with +, English, no upload: what a purse without this group has.
    pub const NONE: Self =
        Self { country: Country(0), trunk: TrunkPrefix::NONE, language: Language::English, upload: None };

    /// Whether every byte says something.
    pub(in crate::purse) const fn is_valid(&self) -> bool {
        self.country.0 <= 999 && self.trunk.is_valid() && !matches!(self.language, Language::Other(_))
    }
}

impl Country {
    /// No country.
    pub const NONE: Self = Self(0);

    /// This calling code; nothing for 0 and above 999.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1..=999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The calling code; 0 for none.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }
}

impl TrunkPrefix {
    /// No prefix: numbers are dialled as they are.
    pub const NONE: Self = Self(0xFF);

    /// These one or two digits.
    #[must_use]
    pub fn new(digits: &str) -> Option<Self> {
        let digit = |byte: &u8| byte.checked_sub(b'0').filter(|digit| *digit <= 9);
        match digits.as_bytes() {
            [one] => Some(Self(0xF0 | digit(one)?)),
            [first, second] => Some(Self(digit(first)? << 4 | digit(second)?)),
            _ => None,
        }
    }

    /// The digits.
    pub fn digits(self) -> impl Iterator<Item = char> {
        [self.0 >> 4, self.0 & 0x0F].into_iter().filter_map(|nibble| char::from_digit(nibble.into(), 10))
    }

    const fn is_valid(self) -> bool {
        matches!((self.0 >> 4, self.0 & 0x0F), (0xF, 0xF) | (0..=9 | 0xF, 0..=9))
    }
}

/// Zeros before it: no calling code begins with one. What is no BCD is none that is valid.
impl Fixed for Country {
    const LEN: usize = 2;
    fn load(bytes: &[u8]) -> Self {
        let mut nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
        let code = nibbles
            .try_fold(0u16, |code, nibble| code.checked_mul(10)?.checked_add(nibble.into()).filter(|_| nibble <= 9));
        Self(code.unwrap_or(u16::MAX))
    }
    fn store(&self, out: &mut [u8]) {
        let digit = |power: u16| self.0.checked_div(power).unwrap_or(0) % 10;
        let bcd = digit(1000) << 12 | digit(100) << 8 | digit(10) << 4 | digit(1);
        out.copy_from_slice(&bcd.to_be_bytes());
    }
}

impl Fixed for TrunkPrefix {
    const LEN: usize = 1;
    fn load(bytes: &[u8]) -> Self {
        Self(u8::load(bytes))
    }
    fn store(&self, out: &mut [u8]) {
        self.0.store(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn kenya() {
        let data = MenuData {
            country: Country::new(254).unwrap(),
            trunk: TrunkPrefix::new("0").unwrap(),
            language: Language::Swahili,
            upload: Some("+254700000099".parse().unwrap()),
        };
        let mut bytes = [0; MenuData::LEN];
        data.store(&mut bytes);
        assert_eq!(bytes, hex!("0254 F0 01 FFFF254700000099"));
        assert_eq!(MenuData::load(&bytes), data);
        assert!(data.is_valid() && MenuData::NONE.is_valid());
    }

    #[test]
    fn zeros_are_no_country_and_no_upload() {
        let zeros = MenuData::load(&[0; MenuData::LEN]);
        assert_eq!((zeros.country, zeros.language, zeros.upload), (Country::NONE, Language::English, None));
    }

    #[test]
    fn each_byte_is_looked_at() {
        let mut bytes = [0; MenuData::LEN];
        MenuData::NONE.store(&mut bytes);
        for (at, value, valid) in [
            (0, 0x10, false),
            (0, 0x0A, false),
            (1, 0x1A, false),
            (0, 0x09, true),
            (2, 0xF7, true),
            (2, 0x06, true),
            (2, 0x6F, false),
            (2, 0xA0, false),
            (3, 0x01, true),
            (3, 0x02, false),
        ] {
            let mut changed = bytes;
            changed[at] = value;
            assert_eq!(MenuData::load(&changed).is_valid(), valid, "{at}: {value:02X}");
        }
        assert!(TrunkPrefix::new("06").unwrap().digits().eq("06".chars()));
        assert!(TrunkPrefix::new("0").unwrap().digits().eq("0".chars()));
        assert_eq!(TrunkPrefix::NONE.digits().count(), 0);
        assert!(["", "123", "a", "1b"].iter().all(|digits| TrunkPrefix::new(digits).is_none()));
        assert!(Country::new(0).is_none() && Country::new(1000).is_none());
    }
}

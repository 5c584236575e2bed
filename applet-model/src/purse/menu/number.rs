//! A telephone number as a person types it, made international.
//!
//! 1. `+` and digits is the international number, always.
//! 2. With a country that has a trunk prefix: what begins with the prefix is national; what begins with the country
//!    calling code is international, since nobody dials a national number without the prefix; all else is refused. Behind
//!    the prefix, no national number begins with the prefix again.
//! 3. With a country that has none: what begins with the calling code could be either, and is refused; all else is
//!    national.
//! 4. Without a country, only rule 1.
//!
//! What comes of it is shown in the international form before any money hangs on it.

use core::fmt::Write;

use digitally::Msisdn;

use super::data::{Country, MenuData};
use super::line::Line;
use super::text::Text;

/// Why something typed is no number: as the text that says so.
pub(super) fn international(typed: &str, menu: &MenuData) -> Result<Msisdn, Text> {
    if typed.starts_with('+') {
        return typed.parse().map_err(|_| Text::NotANumber);
    }
    if menu.country == Country::NONE {
        return Err(Text::StartWithPlus);
    }
    let mut country = Line::<8>::new();
    let mut prefix = Line::<8>::new();
    let written = write!(country, "{}", menu.country.code());
    written
        .and_then(|()| menu.trunk.digits().try_for_each(|digit| prefix.write_char(digit)))
        .map_err(|_| Text::Failed)?;
    let (country, prefix) = (country.as_str(), prefix.as_str());
    let (code, rest) = match (prefix, typed.strip_prefix(prefix)) {
        ("", _) if typed.starts_with(country) => return Err(Text::StartWithPlus),
        ("", _) => (country, typed),
        (_, Some(national)) if national.starts_with(prefix) => return Err(Text::NotANumber),
        (_, Some(national)) => (country, national),
        (_, None) if typed.starts_with(country) => ("", typed),
        (_, None) => return Err(Text::StartWithTrunk),
    };
    let mut number = Line::<32>::new();
    write!(number, "+{code}{rest}").map_err(|_| Text::NotANumber)?;
    number.as_str().parse().map_err(|_| Text::NotANumber)
}

#[cfg(test)]
mod tests {
    use super::super::data::TrunkPrefix;
    use super::*;
    use proptest::prelude::*;
    use std::string::{String, ToString};

    fn menu(country: u16, trunk: &str) -> MenuData {
        let trunk = TrunkPrefix::new(trunk).unwrap_or(TrunkPrefix::NONE);
        MenuData { country: Country::new(country).unwrap_or(Country::NONE), trunk, ..MenuData::NONE }
    }

    #[track_caller]
    fn check(menu: &MenuData, typed: &str, expected: Result<&str, Text>) {
        let found = international(typed, menu).map(|number| number.to_string());
        assert_eq!(found, expected.map(String::from), "{typed}");
    }

    #[test]
    fn with_a_trunk_prefix() {
        let kenya = menu(254, "0");
        check(&kenya, "0712345678", Ok("+254712345678"));
        check(&kenya, "+254712345678", Ok("+254712345678"));
        check(&kenya, "254712345678", Ok("+254712345678"));
        check(&kenya, "+255712345678", Ok("+255712345678"));
        check(&kenya, "712345678", Err(Text::StartWithTrunk));
        check(&kenya, "255712345678", Err(Text::StartWithTrunk));
        check(&kenya, "00254712345678", Err(Text::NotANumber));
        check(&kenya, "0071234567", Err(Text::NotANumber));
        check(&kenya, "0254712345678", Ok("+254254712345678"));
        for wrong in ["0", "+", "", "071", "07123456789012", "0712*45678", "0712345678#", "07+12345678", "+0712345678"]
        {
            let refused = international(wrong, &kenya).unwrap_err();
            assert!(matches!(refused, Text::NotANumber | Text::StartWithTrunk), "{wrong}");
        }
        check(&menu(36, "06"), "06201234567", Ok("+36201234567"));
        check(&menu(36, "06"), "0201234567", Err(Text::StartWithTrunk));
        check(&menu(1, "1"), "12125550123", Ok("+12125550123"));
    }

    #[test]
    fn without_one() {
        let denmark = menu(45, "");
        check(&denmark, "20123456", Ok("+4520123456"));
        check(&denmark, "45123456", Err(Text::StartWithPlus));
        check(&denmark, "+4545123456", Ok("+4545123456"));
    }

    #[test]
    fn without_a_country() {
        check(&MenuData::NONE, "0712345678", Err(Text::StartWithPlus));
        check(&MenuData::NONE, "+254712345678", Ok("+254712345678"));
    }

    proptest! {
        /// Whatever is typed: a number comes of it that was typed, but for what stands before it.
        #[test]
        fn nothing_is_made_up(typed in "[+0-9*#]{0,17}", country in 0u16..1100, trunk in "[0-9]{0,2}") {
            if let Ok(number) = international(&typed, &menu(country, &trunk)) {
                let digits = typed.trim_start_matches('+');
                let digits = digits.strip_prefix(trunk.as_str()).unwrap_or(digits);
                prop_assert!(number.to_string().ends_with(digits));
            }
        }
    }
}

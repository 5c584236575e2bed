//! What the menu says: each text a name, and for each language a table of them.
//!
//! In braces stands what is filled in: `{who}`, `{amount}`, `{balance}`, `{code}`, `{count}`. A screen has sixteen columns
//! and six lines, so titles and items have at most sixteen characters, and codes come first.

mod english;
mod swahili;

use core::fmt::{self, Write};

use crate::runtime::Fixed;

/// A language that the menu speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// English.
    English,
    /// Swahili, as in East Africa.
    Swahili,
    /// A number that no language here has: English is spoken.
    Other(u8),
}

impl Language {
    /// Those that there are texts for.
    pub const ALL: [Self; 2] = [Self::English, Self::Swahili];

    /// What it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English | Self::Other(_) => "English",
            Self::Swahili => "Kiswahili",
        }
    }

    /// Its number in data group `0104`.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::English => 0,
            Self::Swahili => 1,
            Self::Other(number) => number,
        }
    }

    /// The language of this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::English,
            1 => Self::Swahili,
            other => Self::Other(other),
        }
    }

    const fn table(self) -> &'static Table {
        match self {
            Self::English | Self::Other(_) => &english::TEXTS,
            Self::Swahili => &swahili::TEXTS,
        }
    }
}

impl Fixed for Language {
    const LEN: usize = 1;
    fn load(bytes: &[u8]) -> Self {
        Self::from_number(u8::load(bytes))
    }
    fn store(&self, out: &mut [u8]) {
        self.number().store(out);
    }
}

/// A language's texts, each with its name.
type Table = [(Text, &'static str); Text::ALL.len()];

macro_rules! texts {
    ($($name:ident),* $(,)?) => {
        /// The name of a text of the menu: what is asked or said, in whatever language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Text { $(#[doc = concat!("What the tables have under `", stringify!($name), "`.")] $name,)* }

        impl Text {
            pub(super) const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];
        }
    };
}

texts! {
    // Titles and items: at most sixteen characters.
    Purse, Pay, Request, EnterCode, Balance, LastCode, People, History, ChangePin, Upload, Language,
    WhoToPay, WhoPays, WhichRequest, TypeNumber, AddPerson, More, Delete, PhoneNumber, Amount, Name,
    RequestCode, PaymentCode, Pin, OldPin, NewPin, NewPinAgain,
    // What is filled in.
    ConfirmPayment, Paid, Requested, PaymentCodeFor, Received, BalanceIs, ConfirmDelete, PaidEntry, ReceivedEntry,
    LoadedEntry, UnloadedEntry, ConfirmUpload, ConfirmUploadAgain, WrongPin, WrongCode, CodeDigits,
    // Why not, and what came of it.
    PinBlocked, NotAPin, PinsDiffer, PinChanged, NotANumber, StartWithPlus, StartWithTrunk, OwnNumber, NotAnAmount,
    AmountZero, NotAName, Differs, TooManyWrong, AlreadyPaid, Ambiguous, AmountLimit, NotEnough, LogFull, BalanceLimit,
    TooManyRequests, TooManyWrongCodes, AlreadyReceived, NoTriesLeft, Gone, KeyGone, NotNow, Failed, NoRoom, NoRequests,
    NoPayments, NoHistory, Nobody, CodeWaits, Saved, Deleted, Uploaded, NotUploaded,
    // Explanations.
    HelpMenu, HelpList, HelpNumber, HelpAmount, HelpRequestCode, HelpPaymentCode, HelpPin, HelpName,
}

impl Text {
    /// Which text this is, in whichever language, with anything filled in: what a phone is asked to show or to ask, or
    /// the first line of it. Of several that fit, the one of which the most stands there.
    #[must_use]
    pub fn of(words: &str) -> Option<Self> {
        let first_line = words.split('\n').next().unwrap_or_default();
        let rows = || Language::ALL.into_iter().flat_map(|language| language.table());
        let whole = rows().filter(|(_, template)| fits(template, words));
        let whole = whole.max_by_key(|(_, template)| fixed(template));
        whole.or_else(|| rows().find(|(_, template)| *template == first_line)).map(|(text, _)| *text)
    }

    /// The text in this language, as its table has it.
    pub(super) fn template(self, language: Language) -> &'static str {
        language.table().iter().find(|(text, _)| *text == self).map_or("", |(_, words)| words)
    }

    /// Its number, from 1 on.
    pub(super) fn number(self) -> u8 {
        let place = Self::ALL.iter().position(|text| *text == self).unwrap_or_default();
        u8::try_from(place.saturating_add(1)).unwrap_or_default()
    }

    /// The text of this number; 0 is none.
    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Writes the text with these things in the place of their names.
    pub(super) fn write(
        self,
        language: Language,
        things: &[(&str, &dyn fmt::Display)],
        out: &mut impl Write,
    ) -> fmt::Result {
        let mut rest = self.template(language);
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
        {
            out.write_str(before)?;
            if let Some((_, thing)) = things.iter().find(|(other, _)| *other == name) {
                write!(out, "{thing}")?;
            }
            rest = after;
        }
        out.write_str(rest)
    }
}

/// Whether this is the template with anything in the place of what stands in braces.
fn fits(template: &str, words: &str) -> bool {
    let Some((start, mut template)) = template.split_once('{') else { return template == words };
    let Some(mut words) = words.strip_prefix(start) else { return false };
    while let Some((_, behind)) = template.split_once('}') {
        let Some((between, next)) = behind.split_once('{') else { return words.ends_with(behind) };
        let Some((_, rest)) = words.split_once(between) else { return false };
        (template, words) = (next, rest);
    }
    false
}

/// How many bytes of a template stand in every text that is made of it.
fn fixed(template: &str) -> usize {
    template.split('{').map(|part| part.rsplit('}').next().unwrap_or_default().len()).fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;
    use toolkit::Alphabet;

    /// Longest text that is shown with nothing filled in, in characters.
    const LONGEST: usize = 120;

    fn markers(words: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_language_has_every_text_once() {
        for language in Language::ALL {
            for text in Text::ALL {
                let rows = language.table().iter().filter(|(other, _)| *other == text).count();
                assert_eq!(rows, 1, "{text:?} in {language:?}");
                assert!(!text.template(language).is_empty(), "{text:?} in {language:?}");
            }
        }
    }

    #[test]
    fn every_text_is_in_the_gsm_alphabet_and_short() {
        let titles = Text::ALL.iter().position(|text| *text == Text::ConfirmPayment).unwrap();
        for language in Language::ALL {
            for (at, text) in Text::ALL.into_iter().enumerate() {
                let words = text.template(language);
                let len = Alphabet::Octets.encoded_len(words).unwrap();
                let most = if at < titles { 16 } else { LONGEST };
                assert!(len <= most, "{text:?} in {language:?}: {len}");
                assert!(words.lines().all(|line| line.trim() == line), "{text:?} in {language:?}");
            }
        }
    }

    #[test]
    fn every_language_fills_in_the_same() {
        for text in Text::ALL {
            let english = markers(text.template(Language::English));
            for language in Language::ALL {
                assert_eq!(markers(text.template(language)), english, "{text:?} in {language:?}");
            }
            assert!(
                english.iter().all(|name| ["who", "amount", "balance", "code", "count"].contains(name)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn numbers_and_languages_come_back() {
        for text in Text::ALL {
            assert_eq!(Text::from_number(text.number()), Some(text));
        }
        assert_eq!((Text::from_number(0), Text::from_number(0xFF)), (None, None));
        for number in 0..=u8::MAX {
            assert_eq!(Language::from_number(number).number(), number);
        }
    }

    #[test]
    fn what_is_filled_in() {
        let mut out = String::new();
        Text::WrongPin.write(Language::English, &[("count", &2)], &mut out).unwrap();
        assert_eq!(out, "Wrong PIN.\nTries left: 2");
    }

    #[test]
    fn a_text_is_recognised_whatever_is_filled_in() {
        // Names that are texts themselves: what is fixed decides.
        for name in ["Bob", "PIN", "Pay", "Payment code", "from", "Salio", "kwa", ""] {
            let who = std::format!("{name}\n+254712345678");
            let things: [(&str, &dyn fmt::Display); 5] =
                [("who", &who), ("amount", &"50.00"), ("balance", &"7"), ("code", &"4761 0825"), ("count", &3)];
            for (text, language) in Text::ALL.into_iter().flat_map(|text| Language::ALL.map(|other| (text, other))) {
                let mut words = String::new();
                text.write(language, &things, &mut words).unwrap();
                // Some are the same words: the one language's PIN is the other's, and Request has no other Pay.
                let same = Text::of(&words).unwrap();
                let is_same = Language::ALL.into_iter().any(|other| same.template(other) == text.template(language));
                assert!(same == text || is_same, "{text:?} in {language:?} is taken for {same:?}: {words}");
            }
        }
        assert_eq!(Text::of("Amount\nBob\n+254712345678"), Some(Text::Amount));
        assert_eq!(Text::of("Kiasi\n+254712345678"), Some(Text::Amount));
        for other in ["", "Bob", "Amount ", "pay", "Pay 50.00 to\nBob", "{who}"] {
            assert_eq!(Text::of(other), None, "{other}");
        }
    }
}

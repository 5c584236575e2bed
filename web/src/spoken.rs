//! What a screen reader says of a phone: what is on the screen, in the order in which a listener wants it, and digits one by one.

use phones::{Phone, Sim, Standing};

/// What is said of a phone. The two parts may be in different languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// What the card says, in its language.
    pub card: String,
    /// What is said of it, in English.
    pub page: String,
}

/// So many digits together are a code or a number of a phone, and no amount of money.
const CODE: usize = 4;

impl Spoken {
    /// What is said of this phone now. Hidden digits are counted only.
    #[must_use]
    pub fn of<T: Sim>(phone: &Phone<T>) -> Self {
        match phone.standing() {
            Standing::Off => return Self::page("The phone is off"),
            Standing::NoBattery => return Self::page("The battery is out"),
            Standing::On if !phone.has_sim() => return Self::page("The SIM is out"),
            Standing::On => {}
        }
        let (handset, screen) = (phone.handset(), phone.screen());
        if let Some((items, at)) = handset.items() {
            let title: Vec<String> =
                screen.lines().take_while(|line| !line.is_empty() && !line.starts_with([' ', '>'])).collect();
            let item = items.get(at).copied().unwrap_or_default();
            let card = format!("{}. {}", one_by_one(item), one_by_one(&title.join(" ")));
            return Self { card, page: format!("{} of {}", at.saturating_add(1), items.len()) };
        }
        let text = screen.text_on_it();
        if let Some(keyed) = handset.keyed() {
            let cursor = if keyed.count < keyed.most { "_" } else { "" };
            let text = text.strip_suffix(cursor).unwrap_or(&text);
            let before = text.chars().count().saturating_sub(keyed.count);
            let question = one_by_one(text.chars().take(before).collect::<String>().trim());
            let typed: String = text.chars().skip(before).collect();
            return match keyed.count {
                0 => Self { card: question, page: "nothing typed".into() },
                count if handset.is_hidden() => Self { card: question, page: format!("{count} typed") },
                _ => Self { card: format!("{}. {question}", one_by_one(&typed)), page: String::new() },
            };
        }
        let page = if screen.is_more_below() { "more below".into() } else { String::new() };
        Self { card: one_by_one(&text), page }
    }

    fn page(text: &str) -> Self {
        Self { card: String::new(), page: text.to_owned() }
    }
}

/// The text with blanks between the digits of codes and of phones' numbers, so that nobody hears "four thousand" in them, and a
/// comma between two groups of a code.
fn one_by_one(text: &str) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| c.is_ascii_digit() != first.is_ascii_digit()).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        let is_amount = behind.starts_with('.') && behind.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if !first.is_ascii_digit() || run.len() < CODE || is_amount {
            said.push_str(run);
        } else {
            let digits: Vec<String> = run.chars().map(String::from).collect();
            said.push_str(&digits.join(" "));
            if behind.starts_with(' ') && behind.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
                said.push(',');
            }
        }
        rest = behind;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_codes_are_said_one_by_one_and_amounts_are_not() {
        for (text, said) in [
            ("0018 1698 request code", "0 0 1 8, 1 6 9 8 request code"),
            ("Paid 1250.00 to +254700000002", "Paid 1250.00 to +2 5 4 7 0 0 0 0 0 0 0 2"),
            ("No. 7", "No. 7"),
            ("0018.", "0 0 1 8."),
            ("", ""),
        ] {
            assert_eq!(one_by_one(text), said);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_only_blanks_and_commas_come(text in "[0-9a-z .+é€]{0,40}") {
            let bare = |text: &str| text.replace([' ', ','], "");
            proptest::prop_assert_eq!(bare(&one_by_one(&text)), bare(&text));
        }
    }
}

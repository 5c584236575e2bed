//! What a chance is in words.

use digitally::{Profile, entropy};

/// A chance as `1 in 100,000`.
#[must_use]
pub fn one_in(chance: f64) -> String {
    if chance <= 0.0 {
        return "never".to_owned();
    }
    let digits = format!("{:.0}", 1.0 / chance);
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("1 in {grouped}")
}

/// A request that somebody made up, at the payer's purse.
pub(super) fn request(profile: &Profile) -> String {
    one_in(entropy::guess_request(profile))
}

/// A payment code that somebody made up, at the payee's purse: in this many tries.
pub(super) fn response(profile: &Profile, tries: u16) -> String {
    one_in(entropy::at_least_once(entropy::guess_response(profile), tries.into()))
}

/// A PIN of this many digits that somebody made up, in this many tries.
pub(super) fn pin(digits: u8, tries: u8) -> String {
    let one = (0..digits).fold(1.0, |chance: f64, _| chance / 10.0);
    one_in(one * f64::from(tries))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use digitally::profile::{DIGITALLY_8, FIRST_PROTOCOL};

    #[test]
    fn chances_in_words() {
        let chances =
            [(0.0, "never"), (1.0, "1 in 1"), (0.1, "1 in 10"), (0.001, "1 in 1,000"), (1.5e-4, "1 in 6,667")];
        for (chance, words) in chances {
            assert_eq!(one_in(chance), words);
        }
        assert_eq!((request(&DIGITALLY_8), request(&FIRST_PROTOCOL)), ("1 in 100,000".into(), "1 in 1,000".into()));
        assert_eq!(
            (response(&DIGITALLY_8, 1), response(&DIGITALLY_8, 5)),
            ("1 in 100,000,000".into(), "1 in 20,000,000".into())
        );
        assert_eq!(pin(4, 3), "1 in 3,333");
    }
}

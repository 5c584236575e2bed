//! Which reader is meant by a part of its name.

use crate::ReaderError;

/// The reader of this name; or else the only one that has this in its name, upper and lower case being the same only if
/// none has it as it was typed.
///
/// # Errors
/// If there is none, or more than one.
#[cfg_attr(not(any(feature = "pcsc", test)), allow(dead_code, reason = "without the service nothing is picked"))]
pub(crate) fn pick(names: Vec<String>, typed: &str) -> Result<String, ReaderError> {
    if names.is_empty() {
        return Err(ReaderError::NoReaders);
    }
    if names.iter().any(|name| name == typed) {
        return Ok(typed.to_owned());
    }
    let having = |has: &dyn Fn(&str) -> bool| -> Vec<String> {
        // An empty text is part of every name, but it is what a script with a mistake says.
        names.iter().filter(|name| !typed.trim().is_empty() && has(name)).cloned().collect()
    };
    let mut matching = having(&|name| name.contains(typed));
    if matching.is_empty() {
        let lower = typed.to_lowercase();
        matching = having(&|name| name.to_lowercase().contains(&lower));
    }
    match matching.len() {
        0 => Err(ReaderError::NoMatch { typed: typed.to_owned(), readers: names }),
        1 => matching.pop().ok_or(ReaderError::NoReaders),
        _ => Err(ReaderError::Ambiguous { typed: typed.to_owned(), matching }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] =
        ["Virtual PCD 00 00", "Virtual PCD 00 01", "ACS ACR 38U-CCID 02 00", "ACS ACR 38U-CCID 02 00 (2)"];

    fn check(typed: &str) -> Result<String, ReaderError> {
        pick(NAMES.map(str::to_owned).into(), typed)
    }

    #[test]
    fn a_unique_part_is_enough() {
        assert_eq!(check("00 01").unwrap(), NAMES[1]);
        assert_eq!(check("Virtual PCD 00 00").unwrap(), NAMES[0]);
        assert_eq!(check("(2)").unwrap(), NAMES[3]);
        assert_eq!(check("pcd 00 01").unwrap(), NAMES[1]);
    }

    #[test]
    fn a_whole_name_wins_over_a_part_of_a_longer_one() {
        assert_eq!(check("ACS ACR 38U-CCID 02 00").unwrap(), NAMES[2]);
    }

    #[test]
    fn several_are_listed_and_none_is_guessed() {
        let Err(ReaderError::Ambiguous { matching, .. }) = check("virtual") else { panic!("not ambiguous") };
        assert_eq!(matching, NAMES[..2]);
        let Err(ReaderError::NoMatch { readers, .. }) = check("Gemalto") else { panic!("matched") };
        assert_eq!(readers, NAMES);
        for nothing in ["", " "] {
            assert!(matches!(pick(vec!["one".to_owned()], nothing), Err(ReaderError::NoMatch { .. })));
        }
        assert!(matches!(pick(Vec::new(), "x"), Err(ReaderError::NoReaders)));
    }

    #[test]
    fn case_counts_if_that_makes_it_unique() {
        let names = || vec!["Reader A".to_owned(), "reader a".to_owned()];
        assert_eq!(pick(names(), "der a").unwrap(), "reader a");
        assert_eq!(pick(names(), "der A").unwrap(), "Reader A");
        assert!(matches!(pick(names(), "DER A"), Err(ReaderError::Ambiguous { .. })));
    }
}

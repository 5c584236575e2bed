//! Who plays which role of a script: `NAME=CARD`, or the card alone where the script has but one role.

use std::collections::BTreeMap;

use reader::Reader;

use crate::failure::reader::reader_failure;
use crate::failure::{ErrorCode, Failure};
use crate::medium::Place;

/// The role and the card of one option. `form` is how the option is written, `what` what a role of the script is.
///
/// # Errors
/// If the script has no such role.
pub fn role_of<'r, 't>(
    typed: &'t str,
    roles: &[&'r str],
    form: &str,
    what: &str,
) -> Result<(&'r str, &'t str), Failure> {
    let role = |name: &str| roles.iter().find(|role| **role == name).copied();
    let named = typed.split_once('=').and_then(|(name, card)| Some((role(name)?, card)));
    match (named, roles) {
        (Some(named), _) => Ok(named),
        (None, [only]) => Ok((only, typed)),
        (None, _) => {
            let help = match roles {
                [] => format!("the script has no {what}: leave --card and --reader out"),
                roles => format!("write {form}; the names are {}", roles.join(", ")),
            };
            let name = typed.split_once('=').map_or(typed.len(), |(name, _)| name.len());
            Err(Failure::new(ErrorCode::ScriptCard, format!("the script has no such {what}"))
                .typed(typed, 0, name, format!("whose {what}?"))
                .help(help))
        }
    }
}

/// Two cards for one role.
pub fn named_twice(role: &str, typed: &str) -> Failure {
    Failure::new(ErrorCode::ScriptCard, format!("two cards are named for `{role}`"))
        .typed(typed, 0, typed.len(), "the second one")
        .help(ONE_EACH)
}

/// That no two cards are in one reader: the second one would wait for the first for ever.
///
/// # Errors
/// If two are, or a reader is not found.
pub fn one_reader_each(places: &BTreeMap<String, Place<'_>>) -> Result<(), Failure> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (role, place) in places {
        let Place::Reader(typed, _) = place else { continue };
        let name = Reader::find(typed).map_err(|error| reader_failure(&error, &place.option(), None))?;
        if let Some(other) = taken.insert(name.clone(), role) {
            let message = format!("`{other}` and `{role}` are both in the reader {name}");
            return Err(Failure::new(ErrorCode::ScriptCard, message).help(ONE_EACH));
        }
    }
    Ok(())
}

const ONE_EACH: &str = "each card of a script is one card";

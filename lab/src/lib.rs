#![doc = include_str!("../README.md")]

pub mod attack;

use digitally::Profile;

/// One of the published profiles, by its name.
#[must_use]
pub fn published(name: &str) -> Option<Profile> {
    digitally::profile::ALL.into_iter().find(|profile| profile.name == name)
}

//! The published profiles with fewer digits: what happens once in a hundred million payments can be watched at once in
//! a hundred.
//!
//! A scaled profile has the fields, the nonce rule and the standing of the one that it is scaled from; only its digits
//! and its number differ. No card outside of the lab knows it.

use applet_model::purse::{Capacity, PURSE_AID, Purse};
use applet_model::runtime::Applet;
use card_sim::Module;
use digitally::Profile;
use digitally::profile::{DIGITALLY_8, FIRST_PROTOCOL, FIXED, Split};

/// Every profile that the purses of the lab know: the published ones, then each of them scaled down.
pub(super) static PROFILES: [Profile; 6] = [
    FIRST_PROTOCOL,
    FIXED,
    DIGITALLY_8,
    scaled(FIRST_PROTOCOL, 0x81, "first-protocol-small", [1, 1, 1, 2]),
    scaled(FIXED, 0x82, "fixed-small", [1, 1, 1, 2]),
    scaled(DIGITALLY_8, 0x83, "digitally-8-small", [1, 2, 0, 3]),
];

/// The number of a scaled profile is that of its original and this.
const SCALED: u8 = 0x80;

const fn scaled(of: Profile, number: u8, name: &'static str, digits: [u8; 4]) -> Profile {
    let [payee_nonce, request_check, payer_nonce, response_check] = digits;
    Profile {
        number,
        name,
        request: Split { nonce: payee_nonce, check: request_check },
        response: Split { nonce: payer_nonce, check: response_check },
        ..of
    }
}

/// The published profiles.
#[must_use]
pub fn profiles() -> &'static [Profile] {
    PROFILES.split_at(3).0
}

/// A published profile with fewer digits; a scaled one is its own.
#[must_use]
pub fn fewer_digits(of: &'static Profile) -> &'static Profile {
    PROFILES.iter().find(|profile| profile.number == of.number | SCALED).unwrap_or(of)
}

/// The purse of the lab, for its cards.
pub(super) const MODULES: [Module; 1] = [Module { aid: PURSE_AID, make }];

fn make(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &PROFILES)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_profiles_differ_in_their_digits_only() {
        for of in profiles() {
            let small = fewer_digits(of);
            assert_eq!(small.number, of.number | 0x80);
            assert!(small.name.starts_with(of.name));
            assert!(small.request.digits() < of.request.digits() && small.response.digits() < of.response.digits());
            let Profile { number, name, request, response, .. } = *of;
            assert_eq!(Profile { number, name, request, response, ..*small }, *of);
        }
    }
}

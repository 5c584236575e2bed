//! The power fails everywhere: the old state or the new one, and no money and no try made.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use lab::tear::{Torn, scenes};

/// S1, S3, S5, S8: every command that writes, every write of it, every byte, and a second time in the recovery.
#[test]
fn wherever_the_power_fails_the_old_state_or_the_new() {
    let (mut cuts, mut second) = (0, 0);
    for scene in scenes() {
        let torn: Torn = scene.tear(&|_| ()).unwrap_or_else(|error| panic!("{}: {}", scene.name, error.in_words()));
        println!("{:40} {torn:?}", scene.name);
        // Before each byte, stable or not and then read in two ways, and behind the last one.
        let expected = u64::from(torn.bytes) * 3 + u64::from(torn.writes);
        assert_eq!(torn.cuts, expected, "{}: none is left out", scene.name);
        assert_eq!(torn.writes == 0, scene.name == "CHECK", "{}: {torn:?}", scene.name);
        assert!(torn.writes == 0 || torn.states >= 2, "{}", scene.name);
        cuts += torn.cuts;
        second += torn.second_cuts;
    }
    println!("{cuts} cuts, {second} second cuts");
    assert!(cuts > 10_000 && second > 100_000, "{cuts} {second}");
}

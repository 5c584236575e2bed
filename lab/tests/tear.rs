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
        // As many states as the purse's rules want: a count of a try is one, a payment is one.
        let expected = match scene.name {
            "CHECK" => 1,
            "VERIFY" | "VERIFY, right after a wrong one" | "CONFIRM, wrong code" => 3,
            "RESET RETRY COUNTER, the last wrong PUK" => 3,
            "CONFIRM" | "CONFIRM, right after wrong ones" | "CONFIRM, folding the history" => 4,
            // The purse is somebody's, and then its domain says so.
            "STORE DATA, last block" => 3,
            "CHANGE REFERENCE DATA" | "RESET RETRY COUNTER" => 4,
            _ => 2,
        };
        assert_eq!(torn.states, expected, "{}: {torn:?}", scene.name);
        assert_eq!(torn.writes == 0, expected == 1, "{}: {torn:?}", scene.name);
        cuts += torn.cuts;
        second += torn.second_cuts;
    }
    println!("{cuts} cuts, {second} second cuts");
    assert!(cuts > 10_000 && second > 100_000, "{cuts} {second}");
}

/// Every command of `docs/applet.md` has its scene, or is known to write nothing.
#[test]
fn no_command_is_forgotten() {
    const READS: [&str; 5] = ["GET BALANCE", "GET DATA", "READ RECORD", "LAST", "INTERNAL AUTHENTICATE"];
    let document = include_str!("../../docs/applet.md");
    let table = document.split("| command | CLA INS P1 P2 |").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = table.lines().skip(2).map(|row| row.split('|').nth(1).unwrap().trim()).collect();
    assert!(commands.len() >= 16, "{commands:?}");
    for command in commands {
        let torn = scenes().iter().any(|scene| scene.name.split(',').next() == Some(command));
        assert!(torn != READS.contains(&command), "{command}");
    }
}

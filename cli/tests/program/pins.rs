//! PINs: wrong, blocked, unblocked, changed; by file, standard input and prompt.

use crate::world::{PIN, World, authorise, confirm};

const WRONG: &str = "wrong-pin.txt";

fn with_pin<'w>(mut words: Vec<&'w str>, file: &'w str) -> Vec<&'w str> {
    *words.last_mut().unwrap() = file;
    words
}

#[test]
fn a_wrong_pin_says_how_many_tries_are_left_and_a_blocked_one_how_to_unblock() {
    let world = World::new();
    let request = world.request("400");
    let before = world.state("alice.card");
    for left in ["2 tries left", "1 try left"] {
        let said = world.fails(&with_pin(authorise("400", &request), WRONG), 1, "pin-wrong");
        assert!(said.contains(left), "{said}");
    }
    let said = world.fails(&with_pin(authorise("400", &request), WRONG), 1, "pin-blocked");
    let unblock = "digitally card pin unblock --card alice.card --issuer issuer.json";
    assert!(said.contains(unblock), "{said}");
    world.fails(&authorise("400", &request), 1, "pin-blocked");
    assert_eq!(world.state("alice.card"), before);
    assert_eq!(world.done(&["card", "pin", "status", "--card", "alice.card"])["pin_tries"], 0);

    world.write("new-pin.txt", "1470");
    let words: Vec<&str> = unblock.split(' ').skip(1).chain(["--new-pin-file", "new-pin.txt"]).collect();
    world.done(&words);
    let paid = world.done(&with_pin(authorise("400", &request), "new-pin.txt"));
    world.done(&confirm(paid["code"].as_str().unwrap()));
    assert_eq!(world.balance("bob.card"), 40_000);
}

#[test]
fn the_pin_is_changed_with_the_old_one() {
    let world = World::new();
    world.write("new-pin.txt", "12345678\n");
    let change =
        |old| ["card", "pin", "change", "--card", "alice.card", "--pin-file", old, "--new-pin-file", "new-pin.txt"];
    let said = world.fails(&change(WRONG), 1, "pin-wrong");
    assert!(said.contains("2 tries left"), "{said}");
    world.done(&change("pin.txt"));
    world.fails(&change("pin.txt"), 1, "pin-wrong");
    world.done(&change("new-pin.txt"));
    // Both on standard input, a line each.
    let words = ["card", "pin", "change", "--card", "alice.card", "--pin-file", "-", "--new-pin-file", "-"];
    let ran = world.run_with(&words, "12345678\n2580\n");
    assert_eq!(ran.exit, 0, "{ran:?}");
    world.done(&change("pin.txt"));
}

#[test]
fn a_puk_of_ones_own_and_a_wrong_one() {
    let world = World::empty();
    world.write("puk.txt", "87654321");
    let new = ["card", "new", "carol.card", "--issuer", "issuer.json", "--msisdn", "+254700000003"];
    world.done(&[&new[..], &["--pin-file", "pin.txt", "--puk-file", "puk.txt", "--balance", "5"]].concat());
    let unblock = ["card", "pin", "unblock", "--card", "carol.card", "--new-pin-file", "pin.txt"];
    let said = world.fails(&[&unblock[..], &["--issuer", "issuer.json"]].concat(), 1, "puk-wrong");
    assert!(said.contains("9 tries left"), "{said}");
    world.done(&[&unblock[..], &["--puk-file", "puk.txt"]].concat());
    for _ in 0..9 {
        world.fails(&[&unblock[..], &["--puk-file", WRONG]].concat(), 1, "puk-wrong");
    }
    let said = world.fails(&[&unblock[..], &["--puk-file", WRONG]].concat(), 1, "purse-blocked");
    assert!(said.contains("digitally card balance --card carol.card"), "{said}");
    world.fails(
        &["pay", "request", "--card", "carol.card", "--from", "+254700000001", "--amount", "1"],
        1,
        "purse-blocked",
    );
    world.fails(&[&unblock[..], &["--puk-file", "puk.txt"]].concat(), 1, "purse-blocked");
    assert_eq!(world.balance("carol.card"), 500);
    assert_eq!(world.done(&["card", "log", "--card", "carol.card"])["entries"][0]["kind"], "loaded");
    world.fails(
        &["card", "pin", "unblock", "--card", "carol.card", "--issuer", "nowhere.json"],
        2,
        "issuer-file-missing",
    );
}

#[test]
fn malformed_pins_count_no_try_and_are_not_shown() {
    let world = World::new();
    let request = world.request("400");
    for (text, shown) in [("123", "123"), ("123456789", "123456789"), ("12a4", "12a4"), ("", "nothing to show")] {
        world.write("bad.txt", text);
        let said = world.fails(&with_pin(authorise("400", &request), "bad.txt"), 2, "pin-malformed");
        assert!(!said.contains(shown), "{said}");
    }
    world.fails(&with_pin(authorise("400", &request), "nowhere.txt"), 2, "file-unreadable");
    let said = world.fails(&with_pin(authorise("400", &request), "2580"), 2, "pin-on-command-line");
    assert!(!said.contains("2580"), "{said}");
    let status = world.done(&["card", "pin", "status", "--card", "alice.card"]);
    assert_eq!((&status["pin_tries"], &status["wrong_pins"]), (&3.into(), &0.into()));
}

#[test]
fn the_pin_may_come_on_standard_input() {
    let world = World::new();
    let request = world.request("400");
    let ran = world.run_with(&with_pin(authorise("400", &request), "-"), "");
    assert!(ran.exit == 2 && ran.stderr.contains("pin-missing"), "{ran:?}");
    let ran = world.run_with(&with_pin(authorise("400", &request), "-"), &format!("{PIN}\r\n"));
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.stderr.contains("400.00 KES to Bob (+254700000002); balance afterwards 1600.00 KES"), "{ran:?}");
}

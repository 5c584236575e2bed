//! An issuer at work: one card or many, transport keys, letters, cards that are spoilt.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use card_sim::{Card, CardFile, DomainSetup, SeededRandom};
use globalplatform::KeySet;
use serde_json::Value;

use crate::world::{ALICE, BOB, MODULES, World, alone};

const KEYS: [u8; 48] = [0x5C; 48];

fn world() -> World {
    let world = World::empty();
    world.done(&["issuer", "init", "--issuer", "issuer.json"]);
    world
}

fn mode(world: &World, name: &str) -> u32 {
    fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777
}

fn personalise(more: &[&'static str]) -> Vec<&'static str> {
    [&["issuer", "personalise", "--issuer", "issuer.json"], more].concat()
}

fn cards(world: &World) -> Vec<Value> {
    world.done(&["issuer", "cards", "--issuer", "issuer.json"])["cards"].as_array().unwrap().clone()
}

/// A file of transport keys, for its owner only.
fn keys_file(world: &World, name: &str, key: u8) {
    let key = hex::encode([key; 16]);
    let text = format!(
        r#"{{"format": "digitally-transport-keys", "key_version": "FF", "enc": "{key}", "mac": "{key}", "dek": "{key}"}}"#
    );
    world.write(name, &text);
    fs::set_permissions(world.path(name), fs::Permissions::from_mode(0o600)).unwrap();
}

/// A blank card of a vendor whose keys nobody else knows.
fn vendors_card(world: &World, name: &str, purse: bool) {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(8))).unwrap();
    card.know(&MODULES);
    let keys = KeySet::from_bytes(&KEYS).unwrap();
    let diversification = *b"VENDOR\0\0\0\x01";
    card.install_domain(&DomainSetup { diversification, ..DomainSetup::blank(&keys) }).unwrap();
    if purse {
        let capacity = applet_model::purse::Capacity::CONSUMER.to_bytes();
        card.install(&MODULES, MODULES[0].aid, MODULES[0].aid, &capacity).unwrap();
    }
    alone(|| drop(CardFile::create(world.path(name), card).unwrap()));
}

#[test]
fn one_card_is_made_once_with_its_letter_and_the_letter_is_true() {
    let world = world();
    let words = personalise(&["--number", ALICE, "--balance", "500", "--card", "alice.card", "--letters", "letters"]);
    let made = world.done(&words);
    assert_eq!((made["made"].as_u64(), made["letters"].as_u64()), (Some(1), Some(1)));
    assert_eq!(world.balance("alice.card"), 500_00);
    assert_eq!((mode(&world, "letters"), mode(&world, "letters/+254700000001.txt")), (0o700, 0o600));
    let letter = fs::read_to_string(world.path("letters/+254700000001.txt")).unwrap();
    let field = |name| letter.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    world.write("first.txt", &field("PIN"));
    world.write("puk.txt", &field("PUK"));
    world.done(&[
        "card",
        "pin",
        "change",
        "--card",
        "alice.card",
        "--pin-file",
        "first.txt",
        "--new-pin-file",
        "pin.txt",
    ]);
    let unblock =
        ["card", "pin", "unblock", "--card", "alice.card", "--puk-file", "puk.txt", "--new-pin-file", "pin.txt"];
    world.done(&unblock);
    // The PIN stands in the letter and nowhere else.
    let ran = world.run(&words);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(!ran.stdout.contains(&field("PIN ")) && !ran.stdout.contains(&field("PUK")), "{ran:?}");
    // A letter that is there stays; one that was taken away, or that a run did not come to, is written again.
    world.write("letters/+254700000001.txt", "mine");
    assert_eq!(world.done(&words)["letters"], 0);
    fs::remove_file(world.path("letters/+254700000001.txt")).unwrap();
    let again = world.done(&words);
    assert_eq!(
        (again["made"].as_u64(), again["already"].as_u64(), again["letters"].as_u64()),
        (Some(0), Some(1), Some(1))
    );
    assert_eq!(fs::read_to_string(world.path("letters/+254700000001.txt")).unwrap(), letter);
    assert_eq!(fs::read_dir(world.path("letters")).unwrap().count(), 1, "nothing half written is left");
}

#[test]
fn the_letter_of_a_batch_has_the_pin_that_was_ordered() {
    let world = world();
    world.write("people.csv", "number,pin\n+254700000001,2580\n+254700000002,\n");
    world.done(&personalise(&["--batch", "people.csv", "--out", "cards", "--letters", "letters"]));
    let letter = |number| fs::read_to_string(world.path(&format!("letters/{number}.txt"))).unwrap();
    assert!(letter(ALICE).contains("PIN  2580\n") && !letter(BOB).contains("PIN  2580\n"));
    let verify = ["card", "pin", "change", "--card", "cards/+254700000001.card", "--new-pin-file", "pin.txt"];
    world.done(&[&verify[..], &["--pin-file", "pin.txt"]].concat());
    // A folder that cannot be: said, and the cards are made all the same once it can.
    world.write("file", "");
    world.fails(&personalise(&["--batch", "people.csv", "--out", "cards", "--letters", "file"]), 2, "file-unwritable");
}

#[test]
fn what_is_typed_for_one_card_follows_the_rules_of_a_batch() {
    let world = world();
    for (more, code, what) in [
        (&["--number", "0700000001"][..], "msisdn-malformed", "--number: a phone number starts with +"),
        (&["--number", ALICE, "--balance", "1.234"], "usage", "--balance: this currency has 2 decimals"),
        (&["--number", ALICE, "--balance", "-1"], "usage", "--balance: an amount is never negative"),
        (&["--number", ALICE, "--currency", "XYZ"], "usage", "--currency: no currency"),
        (&["--number", ALICE, "--profile", "first-protocol"], "profile-broken", "--profile: this profile must not"),
        (&["--number", ALICE, "--algorithm", "md5"], "usage", "--algorithm: no such algorithm"),
        (&["--number", ALICE, "--capacity", "huge"], "usage", "--capacity: no such capacity"),
        (&["--number", ALICE, "--max-requests", "70000"], "usage", "--max-requests: not a whole number"),
        (&["--number", ALICE, "--max-wrong-codes", "-"], "usage", "--max-wrong-codes: not a whole number"),
        (&["--number", ALICE, "--replaces", "0"], "usage", "--replaces: not a sequence number"),
        (&["--number", ALICE, "--max-balance", "10", "--balance", "11"], "usage", "--balance: more than max_balance"),
        (&["--number", ALICE, "--pin-file", "2580"], "pin-on-command-line", "the name of a file"),
    ] {
        let said = world.fails(
            &[&personalise(&["--card", "x.card"])[..], more].concat(),
            2 - i32::from(code == "profile-broken"),
            code,
        );
        assert!(said.contains(what), "{said}");
    }
    // One way to say what, one to say where.
    for more in [
        &["--number", ALICE, "--batch", "people.csv", "--out", "cards"][..],
        &["--balance", "5", "--batch", "people.csv", "--out", "cards"],
        &["--batch", "people.csv", "--card", "x.card"],
        &["--number", ALICE, "--card", "x.card", "--out", "cards"],
        &["--number", ALICE],
    ] {
        assert_eq!(world.run(&[&personalise(&[])[..], more].concat()).exit, 2, "{more:?}");
    }
    assert!(!world.path("x.card").exists() && cards(&world).is_empty());
}

/// Transport keys: those that were named, and no others; a wrong one costs one try, and another only if it is asked for.
#[test]
fn transport_keys() {
    let world = world();
    vendors_card(&world, "alice.card", false);
    keys_file(&world, "vendor.json", 0x5C);
    keys_file(&world, "wrong.json", 0x5D);
    let make = |more: &[&'static str]| [&personalise(&["--number", ALICE, "--card", "alice.card"])[..], more].concat();
    let said = world.fails(&make(&["--transport-keys", "wrong.json"]), 1, "card-not-made");
    assert!(said.contains("--transport-keys") && said.contains("--yes"), "{said}");
    let said = world.fails(&make(&["--transport-keys", "vendor.json"]), 1, "card-not-made");
    assert!(said.contains("when it was tried before") && said.contains("--yes"), "{said}");
    fs::set_permissions(world.path("vendor.json"), fs::Permissions::from_mode(0o640)).unwrap();
    world.fails(&make(&["--transport-keys", "vendor.json", "--yes"]), 2, "transport-keys-open-to-others");
    keys_file(&world, "vendor.json", 0x5C);
    world.write("other.json", "{}");
    let said = world.fails(&make(&["--transport-keys", "other.json", "--yes"]), 2, "transport-keys-malformed");
    assert!(said.contains("docs/issuer.md"), "{said}");
    world.fails(&make(&["--transport-keys", "none.json"]), 2, "file-unreadable");
    assert_eq!(cards(&world)[0]["state"], "planned");
    assert_eq!(world.done(&make(&["--transport-keys", "vendor.json", "--yes"]))["made"], 1);
    assert_eq!(cards(&world)[0]["chip"], "56454E444F5200000001");

    // The card of this issuer, for another one: its keys are not tried.
    world.done(&["issuer", "init", "--issuer", "other-issuer.json", "--scheme", "kdf3"]);
    let other = ["issuer", "personalise", "--issuer", "other-issuer.json", "--number", ALICE, "--card", "alice.card"];
    let said = world.fails(&other, 1, "card-not-made");
    assert!(said.contains("the card has not the keys that were tried"), "{said}");
}

#[test]
fn vectors_are_verified_with_the_transport_keys_that_are_named_and_no_others() {
    let world = world();
    vendors_card(&world, "test.card", true);
    keys_file(&world, "vendor.json", 0x5C);
    keys_file(&world, "wrong.json", 0x5D);
    let verify = ["vectors", "verify", "--card", "test.card", "--kind", "code"];
    let with = |file| [&verify[..], &["--transport-keys", file]].concat();
    assert_eq!(world.done(&with("vendor.json"))["failed"], 0);
    world.fails(&with("wrong.json"), 2, "vector-subject");
    world.fails(&verify, 2, "vector-subject");
    let said = world.fails(&["vectors", "verify", "--transport-keys", "vendor.json"], 2, "usage");
    assert!(said.contains("--reader"), "{said}");
}

#[test]
fn a_spoilt_card_is_given_up_and_made_again() {
    let world = world();
    let make = |card: &'static str| personalise(&["--number", ALICE, "--balance", "5", "--card", card]);
    // The power fails while it is made, and the card is lost.
    vendors_card(&world, "alice.card", false);
    keys_file(&world, "vendor.json", 0x5C);
    world.done(&["card", "tear", "--card", "alice.card", "--at", "30"]);
    let vendor = [&make("alice.card")[..], &["--transport-keys", "vendor.json"]].concat();
    world.fails(&vendor, 1, "card-not-made");
    let half = cards(&world)[0].clone();
    assert_eq!((half["sequence"].as_u64(), half["loaded"].as_u64()), (Some(1), Some(0)));
    assert!(["keying", "keyed"].contains(&half["state"].as_str().unwrap()), "{half}");
    let said = world.fails(&make("new.card"), 1, "card-not-made");
    assert!(said.contains("issuer give-up"), "{said}");

    let give_up = |more: &[&'static str]| {
        [&["issuer", "give-up", "--issuer", "issuer.json", "--number", ALICE][..], more].concat()
    };
    let said = world.fails(&give_up(&[]), 2, "usage");
    assert!(said.contains("--yes"), "{said}");
    let said = world.fails(&give_up(&["--sequence", "2", "--yes"]), 2, "card-not-registered");
    assert!(said.contains("issuer cards"), "{said}");
    let given_up = world.done(&give_up(&["--yes"]));
    assert_eq!((given_up["sequence"].as_u64(), &given_up["chip"]), (Some(1), &half["chip"]));
    world.fails(&give_up(&["--yes"]), 2, "card-not-registered");
    let said = world.fails(&give_up(&["--sequence", "1", "--yes"]), 1, "card-finished");
    assert!(said.contains("void"), "{said}");

    let made = world.done(&make("new.card"));
    assert_eq!(made["cards"][0]["sequence"], 2);
    let states: Vec<_> = cards(&world).iter().map(|card| card["state"].clone()).collect();
    assert_eq!(states, ["void", "issued"]);
    let said = world.fails(&give_up(&["--yes"]), 1, "card-finished");
    assert!(said.contains("--replaces 2"), "{said}");
    // What was given up cannot come back as another card.
    let back =
        [&personalise(&["--number", BOB, "--card", "alice.card"])[..], &["--transport-keys", "vendor.json"]].concat();
    let said = world.fails(&back, 1, "card-not-made");
    assert!(said.contains("void"), "{said}");
}

#[test]
fn the_register_is_listed() {
    let world = world();
    assert!(cards(&world).is_empty());
    world.write("people.csv", "number,balance,currency\n+254700000001,20,KES\n+254700000002,500,JPY\n");
    world.done(&personalise(&["--batch", "people.csv", "--out", "cards"]));
    let all = cards(&world);
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["batch"], &all[0]["line"]), (&"people.csv".into(), &2.into()));
    assert_eq!((&all[1]["loaded"], &all[1]["currency"], &all[1]["decimals"]), (&500.into(), &"JPY".into(), &0.into()));
    let list = ["issuer", "cards", "--issuer", "issuer.json"];
    let only = |more: &[&str]| world.done(&[&list[..], more].concat())["cards"].as_array().unwrap().len();
    assert_eq!(
        (only(&["--number", BOB]), only(&["--state", "void"]), only(&["--state", "void", "--state", "issued"])),
        (1, 0, 2)
    );
    let ran = world.run(&[&list[..], &["--quiet"]].concat());
    assert_eq!(ran.stdout.trim(), "2");
}

/// Each line that is no order is named, and neither the register nor a card knows of it.
#[test]
fn lines_that_break_a_rule_cost_nothing() {
    let world = world();
    world.write(
        "people.csv",
        "number,pin\n+254700000001,1234\n+254700000001,1234\n+254700000002,12x4\n+254700000003\n0700000004,1234\n",
    );
    let batch = personalise(&["--batch", "people.csv", "--out", "cards", "--letters", "letters", "--json"]);
    let ran = world.run(&batch);
    let refused = ran.json()["refused"].as_array().unwrap().clone();
    let lines: Vec<_> = refused.iter().map(|line| line.as_str().unwrap().split([',', ':']).next().unwrap()).collect();
    assert_eq!((ran.exit, lines), (1, vec!["line 3", "line 4", "line 5", "line 6"]), "{ran:?}");
    assert_eq!(cards(&world).len(), 1);
    for folder in ["cards", "letters"] {
        assert_eq!(fs::read_dir(world.path(folder)).unwrap().count(), 1, "{folder}");
    }
    world.write("nameless.csv", "pin,balance\n1234,5\n");
    let said = world.fails(&personalise(&["--batch", "nameless.csv", "--out", "cards"]), 2, "batch-malformed");
    assert!(said.contains("the column number is missing"), "{said}");
    assert_eq!(cards(&world).len(), 1);
}

//! Making cards: the issuer file, limits, profiles, and what is left behind when it fails.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use applet_model::purse::{Capacity, PURSE_AID};
use card_sim::{Card, CardFile, OsRandom};

use crate::world::{ALICE, BOB, MODULES, World, alone, confirm};

const NEW: [&str; 9] =
    ["card", "new", "carol.card", "--issuer", "issuer.json", "--msisdn", "+254700000003", "--pin-file", "pin.txt"];

fn new<'w>(more: &[&'w str]) -> Vec<&'w str> {
    [&NEW[..], more].concat()
}

#[test]
fn the_issuer_file_is_made_once_and_private() {
    let world = World::empty();
    let made = world.done(&new(&[]));
    assert_eq!(made["issuer_created"], true);
    let path = world.path("issuer.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(world.path("carol.card")).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();

    fs::remove_file(world.path("carol.card")).unwrap();
    let again = world.done(&new(&[]));
    assert_eq!((&again["issuer_created"], &again["key_check_value"]), (&false.into(), &made["key_check_value"]));
    let keys = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["keys"].clone();
    assert_eq!(keys(&fs::read_to_string(&path).unwrap()), keys(&text));
    assert_eq!((&made["sequence"], &again["sequence"]), (&1.into(), &2.into()), "cards are counted");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    fs::remove_file(world.path("carol.card")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let said = world.fails(&new(&[]), 2, "issuer-file-open-to-others");
    assert!(said.contains("chmod 600 issuer.json"), "{said}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, text.replace("\"note\"", "\"remark\"")).unwrap();
    world.fails(&new(&[]), 2, "issuer-file-malformed");
    assert!(!world.path("carol.card").exists());
}

/// P-ISS-3: A second card for one number neither repeats the first one's requests nor takes its responses.
#[test]
fn a_second_card_of_a_number_credits_nothing_twice() {
    let world = World::new();
    let request = world.request("400");
    let response = world.authorise("400", &request);
    world.done(&confirm(&response));
    let second = ["card", "new", "second.card", "--issuer", "issuer.json", "--msisdn", BOB, "--pin-file", "pin.txt"];
    assert_eq!(world.done(&second)["sequence"], 2);
    let asked = world.done(&["pay", "request", "--card", "second.card", "--from", ALICE, "--amount", "400"]);
    assert_ne!(asked["code"], request.as_str());
    world.fails(&["pay", "confirm", "--card", "second.card", "--code", &response], 1, "response-wrong");
    assert_eq!(world.balance("second.card"), 0);
    // The issuer knows the PUK of each of them.
    let unblock =
        ["card", "pin", "unblock", "--card", "second.card", "--issuer", "issuer.json", "--new-pin-file", "pin.txt"];
    world.done(&unblock);
}

#[test]
fn a_card_file_is_never_overwritten() {
    let world = World::new();
    let before = fs::read(world.path("alice.card")).unwrap();
    let words = ["card", "new", "alice.card", "--issuer", "issuer.json", "--msisdn", ALICE, "--pin-file", "pin.txt"];
    world.fails(&words, 2, "card-file-exists");
    assert_eq!(fs::read(world.path("alice.card")).unwrap(), before);
}

#[test]
fn nothing_is_left_behind_by_a_card_that_could_not_be_made() {
    let world = World::empty();
    let said = world.fails(&new(&["--balance", "50000.01"]), 1, "balance-limit");
    assert!(said.contains("50000.00 KES") && said.contains("--max-balance"), "{said}");
    world.fails(&new(&["--balance", "-1"]), 2, "amount-negative");
    world.fails(&new(&["--max-payment", "0"]), 2, "amount-zero");
    world.fails(&new(&["--currency", "XYZ"]), 2, "currency-unknown");
    world.fails(&new(&["--profile", "second-protocol"]), 2, "usage");
    world.fails(&new(&["--puk-file", "nowhere.txt"]), 2, "file-unreadable");
    world.write("puk.txt", "12");
    world.fails(&new(&["--puk-file", "puk.txt"]), 2, "pin-malformed");
    assert!(!world.path("carol.card").exists());
    let mut words = new(&[]);
    words[2] = "nowhere/carol.card";
    world.fails(&words, 2, "file-unwritable");
    let left: Vec<_> = fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("card")), "{left:?}");
    // Nor has it cost the number a card.
    assert_eq!(world.done(&new(&[]))["sequence"], 1);
}

/// P-BRK-1: on the command line the name that says danger is an option.
#[test]
fn broken_profiles_need_the_danger_and_weak_ones_warn() {
    let world = World::empty();
    let said = world.fails(&new(&["--profile", "first-protocol"]), 1, "profile-broken");
    assert!(said.contains("--danger-accept-broken-profile"), "{said}");
    let ran = world.run(&new(&["--profile", "first-protocol", "--danger-accept-broken-profile"]));
    assert!(ran.exit == 0 && ran.stderr.contains("is broken"), "{ran:?}");
    fs::remove_file(world.path("carol.card")).unwrap();
    let ran = world.run(&new(&["--profile", "fixed"]));
    assert!(ran.exit == 0 && ran.stderr.contains("is weak"), "{ran:?}");
    // Its codes have other lengths, and the program knows.
    world.fails(&["pay", "confirm", "--card", "carol.card", "--code", "1234567"], 2, "code-malformed");
    let opened = world.done(&["pay", "request", "--card", "carol.card", "--from", ALICE, "--amount", "1"]);
    assert_eq!(opened["code"].as_str().unwrap().len(), 6);
}

#[test]
fn options_reach_the_card() {
    let world = World::empty();
    let more = ["--algorithm", "hmac-sha-256", "--capacity", "merchant", "--currency", "JPY", "--balance", "700"];
    let limits = ["--max-payment", "1000", "--max-balance", "9000", "--max-requests", "7", "--max-wrong-codes", "9"];
    world.done(&new(&[&more[..], &limits].concat()));
    let info = world.done(&["card", "info", "--card", "carol.card"]);
    assert_eq!(info["algorithm"], "HMAC-SHA-256");
    assert_eq!((&info["currency"], &info["decimals"]), (&"JPY".into(), &0.into()));
    assert_eq!((&info["limits"]["payment"], &info["limits"]["balance"]), (&1000.into(), &9000.into()));
    assert_eq!((&info["limits"]["requests"], &info["limits"]["wrong_codes"]), (&7.into(), &9.into()));
    assert_eq!(info["limits"]["unacknowledged_payments"], 128);
    assert!(info["memory"]["persistent"].as_u64().unwrap() > 20_000);
    let ran = world.run(&["card", "balance", "--card", "carol.card"]);
    assert_eq!(ran.stdout, "700 JPY\n");
}

#[test]
fn contacts_come_and_go() {
    let world = World::new();
    let list = || world.done(&["card", "contacts", "list", "--card", "alice.card"])["contacts"].clone();
    assert_eq!(list().as_array().unwrap().len(), 1);
    world.done(&["card", "contacts", "add", "--card", "alice.card", "--name", "Robert", "--msisdn", "+254700000002"]);
    assert_eq!(list()[0]["name"], "Robert");
    world.done(&["card", "contacts", "add", "--card", "alice.card", "--name", "robert", "--msisdn", "+254700000005"]);
    world.fails(
        &["pay", "request", "--card", "alice.card", "--from", "ROBERT", "--amount", "1"],
        2,
        "contact-ambiguous",
    );
    world.fails(
        &["card", "contacts", "add", "--card", "alice.card", "--name", "", "--msisdn", ALICE],
        2,
        "contact-name-malformed",
    );
    let long = "seventeen letters";
    world.fails(
        &["card", "contacts", "add", "--card", "alice.card", "--name", long, "--msisdn", ALICE],
        2,
        "contact-name-malformed",
    );
    world.fails(&["card", "contacts", "remove", "--card", "alice.card", "--name", "Bob"], 2, "contact-unknown");
    world.fails(&["card", "contacts", "remove", "--card", "alice.card"], 2, "usage");
    world.done(&["card", "contacts", "remove", "--card", "alice.card", "--msisdn", "+254700000005"]);
    world.done(&["card", "contacts", "remove", "--card", "alice.card", "--name", "Robert"]);
    assert_eq!(list().as_array().unwrap().len(), 0);
}

#[test]
fn a_full_list_of_contacts_says_so() {
    let world = World::new();
    for i in 0..59 {
        let number = format!("+25471000{i:04}");
        world.done(&["card", "contacts", "add", "--card", "alice.card", "--name", "N", "--msisdn", &number]);
    }
    let words = ["card", "contacts", "add", "--card", "alice.card", "--name", "N", "--msisdn", "+254720000000"];
    let said = world.fails(&words, 1, "contacts-full");
    assert!(said.contains("digitally card contacts remove --card alice.card"), "{said}");
}

#[test]
fn a_seed_repeats_the_demo_and_says_so() {
    let world = World::empty();
    let demo = |seed: &str| {
        let ran = world.run(&["demo", "--seed", seed]);
        assert!(ran.exit == 0 && ran.stderr.contains("deterministic randomness: for tests only"), "{ran:?}");
        ran.stdout
    };
    assert_eq!(demo("1"), demo("1"));
    assert_ne!(demo("1"), demo("2"));
    assert_eq!(world.run(&["demo"]).stderr, "");
    assert!(demo("1").lines().all(|line| line.chars().count() <= 80));
    assert_eq!(world.run(&["demo", "--quiet"]).stdout, "1600.00 2400.00\n");
}

#[test]
fn manual_pages_cover_every_command() {
    let world = World::empty();
    let pages = world.done(&["man", "pages"]);
    let pages: Vec<_> = pages["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap()).collect();
    for name in
        ["digitally.1", "digitally-pay-authorise.1", "digitally-card-pin-unblock.1", "digitally-vectors-verify.1"]
    {
        assert!(pages.contains(&name), "{pages:?}");
        assert!(fs::read_to_string(world.path("pages").join(name)).unwrap().contains(".TH"));
    }
    world.write("file", "");
    world.fails(&["man", "file"], 2, "file-unwritable");
}

#[test]
fn a_blank_purse_and_a_card_without_one_say_what_they_are() {
    let world = World::new();
    alone(|| {
        let blank = |install: bool| {
            let mut card = Card::new(Card::DEFAULT_ATR, Box::new(OsRandom)).unwrap();
            if install {
                card.install(&MODULES, PURSE_AID, PURSE_AID, &Capacity::CONSUMER.to_bytes()).unwrap();
            }
            card
        };
        CardFile::create(world.path("empty.card"), blank(false)).unwrap();
        CardFile::create(world.path("blank.card"), blank(true)).unwrap();
    });
    world.fails(&["card", "balance", "--card", "empty.card"], 1, "no-purse");
    world.fails(&["card", "balance", "--card", "blank.card"], 1, "card-blank");
    world.fails(&["card", "log", "--card", "blank.card"], 1, "card-blank");
    world.fails(&["pay", "last", "--card", "blank.card"], 1, "card-blank");
    world.fails(&["pay", "request", "--card", "blank.card", "--from", ALICE, "--amount", "1"], 1, "card-blank");
    let unblock = ["card", "pin", "unblock", "--card", "blank.card", "--issuer", "issuer.json"];
    world.fails(&[&unblock[..], &["--new-pin-file", "pin.txt"]].concat(), 1, "card-blank");
    let info = world.done(&["card", "info", "--card", "blank.card"]);
    assert_eq!((&info["life_cycle"], &info["msisdn"]), (&"blank".into(), &serde_json::Value::Null));
}

/// What a link leads to is the issuer file: both names count the same cards.
#[test]
fn an_issuer_file_behind_a_link_is_one_file() {
    let world = World::empty();
    world.done(&new(&[]));
    std::os::unix::fs::symlink("issuer.json", world.path("link.json")).unwrap();
    for (file, issuer, sequence) in [("two.card", "link.json", 2), ("three.card", "issuer.json", 3)] {
        let words = ["card", "new", file, "--issuer", issuer, "--msisdn", "+254700000003", "--pin-file", "pin.txt"];
        assert_eq!(world.done(&words)["sequence"], sequence);
    }
    assert!(fs::symlink_metadata(world.path("link.json")).unwrap().is_symlink());
}

/// Neither a card that nobody can write nor a wrong issuer file costs anything.
#[test]
fn what_cannot_work_is_refused_before_it_costs_something() {
    let world = World::new();
    let words = [
        "card",
        "new",
        "/proc/q.card",
        "--issuer",
        "issuer.json",
        "--msisdn",
        "+254700000003",
        "--pin-file",
        "pin.txt",
    ];
    world.fails(&words, 2, "file-unwritable");
    assert_eq!(world.done(&new(&[]))["sequence"], 1);
    let other = ["card", "new", "other.card", "--issuer", "other.json", "--msisdn", ALICE, "--pin-file", "pin.txt"];
    world.done(&other);
    let puk = ["card", "pin", "unblock", "--card", "carol.card", "--issuer", "other.json", "--new-pin-file", "pin.txt"];
    world.fails(&puk, 2, "issuer-other");
    assert_eq!(world.done(&["card", "pin", "status", "--card", "carol.card"])["puk_tries"], 10);
}

/// Of two people with one name, neither is forgotten by it.
#[test]
fn a_name_that_two_contacts_share_removes_nobody() {
    let world = World::new();
    for number in ["+254700000008", "+254700000009"] {
        world.done(&["card", "contacts", "add", "--card", "alice.card", "--name", "Dan", "--msisdn", number]);
    }
    world.fails(&["card", "contacts", "remove", "--card", "alice.card", "--name", "Dan"], 2, "contact-ambiguous");
    world.fails(
        &["card", "contacts", "add", "--card", "alice.card", "--name", "+2547", "--msisdn", BOB],
        2,
        "contact-name-malformed",
    );
}

/// A request that has to make room for another says so.
#[test]
fn a_ninth_request_names_the_one_that_leaves() {
    let world = World::new();
    let request = ["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", "5"];
    for _ in 0..8 {
        assert!(world.done(&request)["made_room"].is_null());
    }
    assert_eq!(world.done(&request)["made_room"], 1);
}

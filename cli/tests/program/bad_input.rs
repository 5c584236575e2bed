//! Every line of "Bad input": a clear error, the next step, the right exit code, and balances and logs as before.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use card_sim::{CardFile, OsRandom};

use crate::world::{ALICE, BOB, MODULES, World, alone, authorise, confirm};

/// P-READ-1, P-READ-2: unreadable codes leave both cards as they were.
#[test]
fn codes() {
    let world = World::new();
    let request = world.request("400");
    let before = (world.state("alice.card"), world.state("bob.card"));
    for bad in ["4761O825", "4761082", "476108251", "", "4761.0825", "+47610825", "４７６１０８２５"] {
        let said = world.fails(&authorise("400", bad), 2, "code-malformed");
        assert!(bad.is_empty() || !said.contains(bad), "{said}");
        let said = world.fails(&confirm(bad), 2, "code-malformed");
        assert!(bad.is_empty() || !said.contains(bad), "{said}");
    }
    assert_eq!((world.state("alice.card"), world.state("bob.card")), before);
    world.authorise("400", &request);
}

#[test]
fn amounts() {
    let world = World::new();
    let before = (world.state("alice.card"), world.state("bob.card"));
    for (amount, exit, code) in [
        ("0", 2, "amount-zero"),
        ("0.00", 2, "amount-zero"),
        ("-5", 2, "amount-negative"),
        ("1.005", 2, "amount-too-precise"),
        ("4O0", 2, "amount-malformed"),
        ("1,000", 2, "amount-malformed"),
        (".5", 2, "amount-malformed"),
        ("", 2, "amount-malformed"),
        ("99999999999", 2, "amount-too-large"),
        ("5000.01", 1, "amount-limit"),
    ] {
        let words = ["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", amount];
        let said = world.fails(&words, exit, code);
        assert!(code != "amount-limit" || said.contains("5000.00 KES"), "{said}");
        if exit == 2 {
            world.fails(&authorise(amount, "12345678"), 2, code);
        }
    }
    assert_eq!((world.state("alice.card"), world.state("bob.card")), before);
}

#[test]
fn an_amount_above_the_balance_or_its_limit() {
    let world = World::new();
    let request = world.request("2000.01");
    let before = world.state("alice.card");
    let said = world.fails(&authorise("2000.01", &request), 1, "insufficient-balance");
    assert!(said.contains("2000.00 KES") && said.contains("2000.01 KES"), "{said}");
    assert_eq!(world.state("alice.card"), before);

    // Carol may hold 100; two requests of 60 each fit, but not both payments.
    let typed = ["card", "new", "carol.card", "--issuer", "issuer.json", "--msisdn", "+254700000003"];
    world.done(&[&typed[..], &["--max-balance", "100", "--pin-file", "pin.txt"]].concat());
    let said = world.fails(
        &["pay", "request", "--card", "carol.card", "--from", ALICE, "--amount", "100.01"],
        1,
        "balance-limit",
    );
    assert!(said.contains("100.00 KES"), "{said}");
    let mut responses = Vec::new();
    for id in ["1", "2"] {
        let opened = world.done(&["pay", "request", "--card", "carol.card", "--from", ALICE, "--amount", "60"]);
        let code = opened["code"].as_str().unwrap().to_owned();
        let words =
            ["pay", "authorise", "--card", "alice.card", "--to", "+254700000003", "--amount", "60", "--code", &code];
        let paid = world.done(&[&words[..], &["--pin-file", "pin.txt"]].concat());
        responses.push((id, paid["code"].as_str().unwrap().to_owned()));
    }
    let confirm = |id: &str, code: &str| {
        ["pay", "confirm", "--card", "carol.card", "--request", id, "--code", code].map(str::to_owned)
    };
    let words = confirm(responses[0].0, &responses[0].1);
    world.done(&words.each_ref().map(String::as_str));
    let before = world.state("carol.card");
    let words = confirm(responses[1].0, &responses[1].1);
    let said = world.fails(&words.each_ref().map(String::as_str), 1, "balance-limit");
    assert!(said.contains("request 2 stays open") && said.contains("100.00 KES"), "{said}");
    assert_eq!(world.state("carol.card"), before);
}

#[test]
fn numbers() {
    let world = World::new();
    let before = (world.state("alice.card"), world.state("bob.card"));
    let new = ["card", "new", "carol.card", "--issuer", "issuer.json", "--pin-file", "pin.txt", "--msisdn"];
    for bad in ["+1234567890123456", "0700000001", "700 000 001", "+0700000001", "+254 700", "+25470000000x", "+1"] {
        let said = world.fails(&[&new[..], &[bad]].concat(), 2, "msisdn-malformed");
        assert!(said.contains("+254700000001"), "{said}");
        world.fails(&["pay", "request", "--card", "bob.card", "--from", bad, "--amount", "1"], 2, "msisdn-malformed");
        world.fails(
            &["card", "contacts", "add", "--card", "bob.card", "--name", "X", "--msisdn", bad],
            2,
            "msisdn-malformed",
        );
    }
    world.fails(&["pay", "request", "--card", "bob.card", "--from", "Carol", "--amount", "1"], 2, "contact-unknown");
    world.fails(&["pay", "request", "--card", "bob.card", "--from", BOB, "--amount", "1"], 2, "same-party");
    assert!(!world.path("carol.card").exists());
    assert_eq!((world.state("alice.card"), world.state("bob.card")), before);
}

#[test]
fn requests_that_do_not_fit() {
    let world = World::new();
    let request = world.request("400");
    let before = world.state("alice.card");
    // Another amount, another payee, a digit wrong; and a request meant for another payer.
    world.fails(&authorise("401", &request), 1, "request-refused");
    let words =
        ["pay", "authorise", "--card", "alice.card", "--to", "+254700000003", "--amount", "400", "--code", &request];
    world.fails(&[&words[..], &["--pin-file", "pin.txt"]].concat(), 1, "request-refused");
    world.fails(&authorise("400", &crate::world::mistyped(&request)), 1, "request-refused");
    let other = world.done(&["pay", "request", "--card", "bob.card", "--from", "+254700000003", "--amount", "400"]);
    let said = world.fails(&authorise("400", other["code"].as_str().unwrap()), 1, "request-refused");
    assert!(said.contains(ALICE) && said.contains("nothing was debited"), "{said}");
    assert_eq!(world.state("alice.card"), before);
    // A cancelled request is good at the payer, who cannot know; nothing is lost.
    world.done(&["pay", "cancel", "--card", "bob.card", "--request", "1"]);
    world.authorise("400", &request);
}

/// Every command that opens a card says the same about its file.
fn all_commands_fail(world: &World, code: &str) {
    let before = fs::read(world.path("bob.card")).ok();
    let check = |words: &[&str]| world.fails(words, 2, code);
    check(&["card", "balance", "--card", "bob.card"]);
    check(&["card", "log", "--card", "bob.card"]);
    check(&["card", "info", "--card", "bob.card"]);
    check(&["card", "contacts", "list", "--card", "bob.card"]);
    check(&["card", "pin", "status", "--card", "bob.card"]);
    check(&["card", "export", "--card", "bob.card"]);
    check(&["card", "tear", "--card", "bob.card"]);
    check(&["card", "tear", "--card", "bob.card", "--at", "1"]);
    check(&["card", "tear", "--card", "bob.card", "--off"]);
    check(&["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", "1"]);
    let said = check(&confirm("12345678"));
    assert!(said.contains("bob.card"), "{said}");
    assert_eq!(fs::read(world.path("bob.card")).ok(), before);
}

#[test]
fn an_image_that_is_not_there() {
    let world = World::empty();
    all_commands_fail(&world, "card-file-missing");
    fs::create_dir(world.path("folder.card")).unwrap();
    world.fails(&["card", "balance", "--card", "folder.card"], 2, "image-foreign");
}

#[test]
fn an_image_that_is_truncated_or_damaged_or_foreign() {
    let world = World::new();
    let good = fs::read(world.path("bob.card")).unwrap();
    for len in [0, 1, 9, 45, 46, good.len() / 2, good.len() - 1] {
        fs::write(world.path("bob.card"), &good[..len]).unwrap();
        let ran = world.run(&["card", "balance", "--card", "bob.card", "--json"]);
        let code = ran.json()["error"]["code"].as_str().unwrap().to_owned();
        assert_eq!((ran.exit, code.as_str()), (2, "image-damaged"), "{len}");
    }
    all_commands_fail(&world, "image-damaged");
    let mut bad = good.clone();
    bad[100] ^= 1;
    fs::write(world.path("bob.card"), &bad).unwrap();
    all_commands_fail(&world, "image-damaged");
    fs::write(world.path("bob.card"), "a shopping list").unwrap();
    all_commands_fail(&world, "image-foreign");
    fs::write(world.path("bob.card"), &good).unwrap();
    assert_eq!(world.balance("bob.card"), 0);
}

#[test]
fn an_image_of_another_version() {
    let world = World::new();
    let mut image = fs::read(world.path("bob.card")).unwrap();
    image[9] = 3;
    fs::write(world.path("bob.card"), &image).unwrap();
    all_commands_fail(&world, "image-version");
}

#[test]
fn an_image_that_is_open_elsewhere() {
    let world = World::new();
    let held = CardFile::open(world.path("bob.card"), &MODULES, Box::new(OsRandom)).unwrap();
    all_commands_fail(&world, "image-in-use");
    alone(|| drop(held));
    assert_eq!(world.balance("bob.card"), 0);
}

#[test]
fn an_image_that_is_not_writable() {
    let world = World::new();
    fs::set_permissions(world.path("bob.card"), fs::Permissions::from_mode(0o400)).unwrap();
    all_commands_fail(&world, "image-read-only");
    let said = world.fails(&["card", "balance", "--card", "bob.card"], 2, "image-read-only");
    assert!(said.contains("chmod u+w bob.card"), "{said}");
}

#[test]
fn an_image_that_others_can_read_is_warned_about() {
    let world = World::new();
    fs::set_permissions(world.path("bob.card"), fs::Permissions::from_mode(0o644)).unwrap();
    let ran = world.run(&["card", "balance", "--card", "bob.card"]);
    assert!(ran.exit == 0 && ran.stderr.contains("chmod 600 bob.card"), "{ran:?}");
}

#[test]
fn usage() {
    let world = World::new();
    for words in [&[][..], &["card"], &["nonsense"], &["pay", "request", "--card", "bob.card"], &["card", "balance"]] {
        let ran = world.run(words);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{ran:?}");
    }
    world.fails(&["pay", "request"], 2, "usage");
    let words = ["pay", "cancel", "--card", "bob.card", "4761 0825"];
    let said = world.fails(&words, 2, "usage");
    assert!(!said.contains("4761"), "{said}");
    assert!(!world.run(&words).stderr.contains("0825"));
}

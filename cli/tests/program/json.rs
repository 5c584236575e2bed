//! `--json`: exactly one object on standard output, whatever the command and however it ends.

use serde_json::Value;

use crate::world::{ALICE, BOB, World, authorise, confirm};

#[test]
fn every_command_prints_one_object() {
    let world = World::new();
    let request = world.request("400");
    let response = world.authorise("400", &request);
    let confirmed = confirm(&response);
    let commands: Vec<Vec<&str>> = vec![
        vec!["demo"],
        vec!["card", "info", "--card", "alice.card"],
        vec!["card", "balance", "--card", "alice.card"],
        vec!["card", "log", "--card", "alice.card"],
        vec!["card", "contacts", "list", "--card", "alice.card"],
        vec!["card", "contacts", "add", "--card", "alice.card", "--name", "Carol", "--msisdn", "+254700000003"],
        vec!["card", "contacts", "remove", "--card", "alice.card", "--name", "Carol"],
        vec!["card", "pin", "status", "--card", "alice.card"],
        vec!["card", "pin", "change", "--card", "alice.card", "--pin-file", "pin.txt", "--new-pin-file", "pin.txt"],
        vec!["card", "pin", "unblock", "--card", "alice.card", "--issuer", "issuer.json", "--new-pin-file", "pin.txt"],
        vec!["card", "export", "--card", "alice.card"],
        vec!["card", "tear", "--card", "alice.card"],
        vec!["card", "list", "--card", "alice.card"],
        vec!["card", "apdu", "--card", "alice.card", "00A4040C02F064", "805C000204"],
        vec!["card", "decode", "9000"],
        vec!["card", "tear", "--card", "alice.card", "--at", "100:1", "--unstable"],
        vec!["card", "tear", "--card", "alice.card", "--off"],
        vec!["pay", "last", "--card", "alice.card"],
        confirmed,
        vec!["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", "3"],
        vec!["pay", "cancel", "--card", "bob.card"],
        vec!["vectors", "verify"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["man", "pages"],
    ];
    for words in commands {
        world.done(&words);
        // Anywhere in the line, and with a trace beside it.
        let ran = world.run(&[&["--json", "--trace"], &words[..]].concat());
        assert!(ran.json().is_object(), "{words:?}");
    }
}

#[test]
fn codes_and_amounts_stand_where_scripts_look_for_them() {
    let world = World::new();
    let opened = world.done(&["pay", "request", "--card", "bob.card", "--from", "Alice", "--amount", "400"]);
    let fields = |value: &Value| {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(fields(&opened), "amount code currency made_room name payer request");
    assert_eq!((&opened["amount"], &opened["currency"]), (&40_000.into(), &"KES".into()));
    assert_eq!((&opened["payer"], &opened["request"]), (&ALICE.into(), &1.into()));
    let paid = world.done(&authorise("400", opened["code"].as_str().unwrap()));
    assert_eq!(fields(&paid), "amount balance code currency entry name payee");
    assert_eq!((&paid["payee"], &paid["balance"]), (&BOB.into(), &160_000.into()));
    let balance = world.done(&["card", "balance", "--card", "alice.card"]);
    assert_eq!(fields(&balance), "balance currency decimals");
    let demo = world.done(&["demo"]);
    assert_eq!(demo["balances"]["after"]["bob"], 240_000);
    assert_eq!(demo["steps"].as_array().unwrap().len(), 7);
}

#[test]
fn usage_errors_are_objects_too() {
    let world = World::empty();
    for words in [
        &["--json"][..],
        &["pay", "--json"],
        &["--json", "nonsense"],
        &["card", "new", "--json"],
        &["--json", "--seed", "x", "demo"],
    ] {
        let ran = world.run(words);
        assert_eq!((ran.exit, ran.json()["error"]["code"].as_str()), (2, Some("usage")), "{words:?}: {ran:?}");
        assert_eq!(ran.stderr, "", "{words:?}");
    }
}

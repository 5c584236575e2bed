//! S9: no key, PIN or code in a trace or an error; and the pipes and colours of a good citizen.

use std::fs;
use std::io::Read;

use crate::world::{ALICE, PIN, World, authorise, confirm, mistyped};

/// Everything secret in this world, in every form in which it could be printed.
fn secrets(world: &World, codes: &[&str]) -> Vec<String> {
    let issuer: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(world.path("issuer.json")).unwrap()).unwrap();
    let mut all = vec![PIN.to_owned(), hex::encode(PIN)];
    all.extend(issuer["keys"].as_array().unwrap().iter().map(|key| key["bytes"].as_str().unwrap().to_owned()));
    assert_eq!(all.len(), 6, "four master keys");
    for code in codes {
        all.push((*code).to_owned());
        all.push(format!("{} {}", &code[..4], &code[4..]));
    }
    all.iter().flat_map(|secret| [secret.to_lowercase(), secret.to_uppercase()]).collect()
}

#[test]
fn a_traced_payment_shows_every_command_and_no_secret() {
    let world = World::empty();
    let mut traces = Vec::new();
    let mut traced = |words: &[&str]| {
        let ran = world.run(&[words, &["--trace", "--json"]].concat());
        assert_eq!(ran.exit, 0, "{ran:?}");
        traces.push(ran.stderr.clone());
        ran.json()
    };
    for (card, number) in [("alice.card", ALICE), ("bob.card", "+254700000002")] {
        let words = ["card", "new", card, "--issuer", "issuer.json", "--msisdn", number, "--balance", "2000"];
        traced(&[&words[..], &["--pin-file", "pin.txt"]].concat());
    }
    let request = traced(&["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", "400"]);
    let request = request["code"].as_str().unwrap().to_owned();
    traced(&["card", "log", "--card", "bob.card"]);
    let response = traced(&authorise("400", &request))["code"].as_str().unwrap().to_owned();
    traced(&["pay", "last", "--card", "alice.card"]);
    traced(&confirm(&response));
    traced(&["card", "pin", "change", "--card", "alice.card", "--pin-file", "pin.txt", "--new-pin-file", "pin.txt"]);
    let trace = traces.concat();
    for command in
        ["SELECT", "STORE DATA", "LOAD", "GET DATA", "REQUEST", "CHECK", "VERIFY", "AUTHORISE", "CONFIRM", "LAST"]
    {
        assert!(trace.contains(&format!("> {command}  ")), "{command} in {trace}");
    }
    assert!(trace.contains("•• (8 bytes)") && trace.contains("9000 success"), "{trace}");
    for secret in secrets(&world, &[&request, &response]) {
        assert!(!trace.contains(&secret), "{secret} in {trace}");
    }
}

#[test]
fn the_trace_of_the_demo_says_whose_card_it_is() {
    let world = World::empty();
    let ran = world.run(&["demo", "--trace"]);
    for line in ["Alice > VERIFY  ", "Alice > AUTHORISE  ", "Bob > CONFIRM  ", "Bob < 9000 success"] {
        assert!(ran.stderr.contains(line), "{line} in {}", ran.stderr);
    }
    assert!(!ran.stderr.contains(&hex::encode(PIN)), "{}", ran.stderr);
}

#[test]
fn secrets_are_shown_only_on_request_and_with_a_warning() {
    let world = World::new();
    let request = world.request("400");
    let ran = world.run(&[&authorise("400", &request)[..], &["--trace-secrets"]].concat());
    assert!(ran.stderr.contains("--trace-secrets:") && ran.stderr.contains(&hex::encode(PIN)), "{ran:?}");
    assert!(ran.stderr.contains(&request), "{ran:?}");
}

#[test]
fn no_error_shows_a_code_or_a_pin() {
    let world = World::new();
    let request = world.request("400");
    let response = world.authorise("400", &request);
    let wrong = mistyped(&response);
    let mut said = Vec::new();
    let mut fails = |words: &[&str]| {
        let ran = world.run(words);
        assert_ne!(ran.exit, 0, "{words:?}");
        said.push(format!("{}{}", ran.stdout, ran.stderr));
    };
    fails(&authorise("400", &request));
    fails(&authorise("401", &request));
    fails(&[&authorise("400", &request)[..], &["surplus", &request]].concat());
    fails(&confirm(&wrong));
    world.done(&confirm(&response));
    fails(&confirm(&response));
    fails(&["pay", "confirm", &response]);
    fails(&["pay", "authorise", "--pin", PIN]);
    fails(&["card", "pin", "status", PIN]);
    let said = said.concat();
    for secret in secrets(&world, &[&request, &response, &wrong]) {
        assert!(!said.contains(&secret), "{secret} in {said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let world = World::new();
    let mut child = world.start(&["demo"]);
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(child.wait().unwrap().success(), "{stderr}");
    assert_eq!(stderr, "");
}

#[test]
fn pipes_get_no_colours() {
    let world = World::empty();
    assert!(!world.run(&["card", "balance", "--card", "nowhere.card"]).stderr.contains('\x1b'));
    assert!(!world.run(&["card"]).stderr.contains('\x1b'));
    assert!(!world.run(&["--help"]).stdout.contains('\x1b'));
}

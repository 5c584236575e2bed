//! An issuer meets cards again: caps, value, copies put back, and a program that is killed.

use std::fs;

use crate::world::{ALICE, BOB, World};

const CONTACT: [&str; 4] = ["issuer", "contact", "--issuer", "issuer.json"];

fn contact<'w>(card: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    [&CONTACT[..], &["--card", card], more].concat()
}

fn pay(world: &World, amount: &str) {
    let code = |shown: serde_json::Value| shown["code"].as_str().unwrap().to_owned();
    let request = code(world.done(&["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", amount]));
    let authorise = ["pay", "authorise", "--card", "alice.card", "--to", BOB, "--amount", amount, "--code", &request];
    let response = code(world.done(&[&authorise[..], &["--pin-file", "pin.txt"]].concat()));
    world.done(&["pay", "confirm", "--card", "bob.card", "--code", &response]);
}

#[test]
fn payments_come_up_and_caps_start_again() {
    let world = World::new();
    pay(&world, "50");
    let met = world.done(&contact("alice.card", &[]));
    assert_eq!((met["acknowledged"].as_u64(), met["log"]["payments"].as_u64()), (Some(1), Some(1)));
    assert_eq!(world.done(&["card", "info", "--card", "alice.card"])["left"]["payments"], 64);
    let met = world.done(&contact("bob.card", &["--max-requests", "1"]));
    assert_eq!((met["caps"]["requests"].as_u64(), met["limits"]["requests"].as_u64()), (Some(1), Some(1)));
    pay(&world, "1");
    let request = ["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", "1", "--json"];
    let refused = world.run(&request);
    assert_eq!((refused.exit, refused.json()["error"]["code"].as_str()), (1, Some("too-many-requests")));
    world.done(&contact("bob.card", &[]));
    pay(&world, "1");
}

/// A card's file that is copied back is found at the next contact, and neither pays nor is resumed.
#[test]
fn a_copied_image_is_suspended() {
    let world = World::new();
    fs::copy(world.path("alice.card"), world.path("old.card")).unwrap();
    pay(&world, "50");
    world.done(&contact("alice.card", &[]));
    fs::copy(world.path("old.card"), world.path("alice.card")).unwrap();
    let met = world.run(&[contact("alice.card", &[]), vec!["--json"]].concat());
    assert_eq!(met.exit, 1, "{met:?}");
    assert!(met.json()["findings"][0].as_str().unwrap().starts_with("rolled back"), "{met:?}");
    assert_eq!(met.json()["life_cycle"], "suspended");
    let request = ["pay", "request", "--card", "alice.card", "--from", BOB, "--amount", "1", "--json"];
    assert_eq!(world.run(&request).json()["error"]["code"], "purse-suspended");
    let resumed = world.run(&[contact("alice.card", &["--resume"]), vec!["--json"]].concat());
    assert_eq!((resumed.exit, resumed.json()["error"]["code"].as_str()), (1, Some("card-not-resumed")));
}

/// Killed again and again, at whatever point, the top-up happens once.
#[test]
fn a_program_that_is_killed_tops_up_once() {
    let world = World::new();
    pay(&world, "50");
    let words = contact("alice.card", &["--top-up", "100", "--reference", "till 3", "--max-payment", "700"]);
    for milliseconds in (1..60).step_by(4) {
        let mut child = world.start(&words);
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let met = world.done(&words);
    assert_eq!((met["balance"].as_u64(), met["findings"].as_array().unwrap().len()), (Some(2050_00), 0));
    assert_eq!(met["limits"]["payment"], 700_00);
    assert_eq!(world.done(&words)["value"]["carried_out"], "before");
    assert_eq!(world.balance("alice.card"), 2050_00);
}

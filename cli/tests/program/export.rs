//! `card export`: all that an image holds, and no key, PIN or PUK of it.

use std::fs;

use applet_model::purse::{Capacity, PURSE_AID, map};
use card_sim::{CardFile, OsRandom};
use serde_json::Value;

use crate::world::{ALICE, MODULES, World, alone};

const OLD_PIN: &str = "25801470";
const NEW_PIN: &str = "96385274";
const PUK: &str = "73915582";

const EXPORT: [&str; 4] = ["card", "export", "--card", "alice.card"];

/// Alice's card with a PIN and a PUK of eight digits.
fn world() -> World {
    let world = World::empty();
    for (file, secret) in [("pin.txt", OLD_PIN), ("new-pin.txt", NEW_PIN), ("puk.txt", PUK)] {
        world.write(file, secret);
    }
    let new = ["card", "new", "alice.card", "--issuer", "issuer.json", "--msisdn", ALICE, "--balance", "2000"];
    world.done(&[&new[..], &["--pin-file", "pin.txt", "--puk-file", "puk.txt"]].concat());
    world
}

/// The memory of Alice's purse.
fn memory(world: &World) -> Vec<u8> {
    alone(|| {
        let file = CardFile::open_unpowered(world.path("alice.card"), &MODULES, Box::new(OsRandom)).unwrap();
        file.card().contents().find(|held| held.module == PURSE_AID).unwrap().memory.to_vec()
    })
}

/// What must not be seen, in every form in which it could be.
fn secrets(world: &World) -> Vec<String> {
    let memory = memory(world);
    let fields = map(Capacity::CONSUMER);
    let mut secrets: Vec<Vec<u8>> = [OLD_PIN, NEW_PIN, PUK].map(|secret| secret.as_bytes().to_vec()).into();
    secrets.extend(
        fields.iter().filter(|field| field.secret).map(|field| memory[field.at..field.at + field.len].to_vec()),
    );
    // Half of a key is too much.
    let halves = secrets.iter().flat_map(|secret| secret.chunks(8)).filter(|half| half.iter().any(|byte| *byte != 0));
    let hex = halves.map(hex::encode);
    let mut all: Vec<String> = hex.flat_map(|hex| [hex.to_uppercase(), hex]).collect();
    all.extend([OLD_PIN, NEW_PIN, PUK].map(str::to_owned));
    assert!(all.len() > 10, "{}", all.len());
    all
}

fn check_nothing_secret(world: &World) {
    let secrets = secrets(world);
    for words in [
        &EXPORT[..],
        &[&EXPORT[..], &["--json"]].concat(),
        &[&EXPORT[..], &["--quiet"]].concat(),
        &["card", "tear", "--card", "alice.card"],
    ] {
        let ran = world.run(words);
        assert_eq!(ran.exit, 0, "{ran:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        for secret in &secrets {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
}

#[test]
fn nothing_secret_is_exported() {
    check_nothing_secret(&world());
}

/// The journal of a torn image has the old PIN in it, and the memory the new one.
#[test]
fn nothing_secret_is_exported_from_a_torn_image() {
    let world = world();
    let whole = fs::read(world.path("alice.card")).unwrap();
    let change =
        ["card", "pin", "change", "--card", "alice.card", "--pin-file", "pin.txt", "--new-pin-file", "new-pin.txt"];
    let mut half_done = 0;
    for write in 1..100 {
        fs::write(world.path("alice.card"), &whole).unwrap();
        world.done(&["card", "tear", "--card", "alice.card", "--at", &format!("{write}:5"), "--unstable"]);
        if world.run(&change).exit == 0 {
            assert!(half_done > 3, "{half_done}");
            return;
        }
        let image = fs::read(world.path("alice.card")).unwrap();
        half_done += u32::from(world.done(&EXPORT)["journal"]["state"] == "half done");
        check_nothing_secret(&world);
        assert_eq!(fs::read(world.path("alice.card")).unwrap(), image, "the file is as it was");
    }
    panic!("it never passes");
}

fn keys(value: &Value) -> String {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}

#[test]
fn every_byte_of_the_memory_is_in_one_field() {
    let world = world();
    let (json, memory) = (world.done(&EXPORT), memory(&world));
    assert_eq!(keys(&json), "armed atr format instances journal unstable wear");
    assert_eq!(keys(&json["atr"]), "bytes parts");
    assert_eq!(keys(&json["atr"]["parts"][0]), "bytes meaning name");
    assert_eq!(keys(&json["journal"]), "state taken_back transaction");
    assert_eq!(keys(&json["wear"]), "hottest writes");
    assert_eq!(keys(&json["wear"]["hottest"]), "applet at field writes");
    assert_eq!((&json["format"], &json["journal"]["state"]), (&2.into(), &"idle".into()));
    let [domain, instance] = json["instances"].as_array().unwrap().as_slice() else { panic!("two instances") };
    let [keys_and_registry] = domain["memory"].as_array().unwrap().as_slice() else { panic!("{domain}") };
    assert_eq!((&keys_and_registry["secret"], &keys_and_registry["bytes"]), (&true.into(), &Value::Null));
    assert_eq!(keys(instance), "aid memory module parameters");
    let mut at = 0;
    for field in instance["memory"].as_array().unwrap() {
        assert_eq!(keys(field), "at bytes length name record secret");
        let length = usize::try_from(field["length"].as_u64().unwrap()).unwrap();
        assert_eq!(field["at"], at, "{field}");
        let bytes = hex::encode_upper(&memory[at..at + length]);
        let shown = if field["secret"] == true { Value::Null } else { bytes.into() };
        assert_eq!(field["bytes"], shown, "{}", field["name"]);
        at += length;
    }
    assert_eq!(at, memory.len());
}

/// An image of the release before, with a purse that has paid 400 of 2000: it stays as it is until something is written.
#[test]
fn an_image_of_version_1_is_exported_used_and_saved_in_the_new_format() {
    let world = World::empty();
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/images/version-1.card");
    let image = fs::read(old).unwrap();
    fs::write(world.path("alice.card"), &image).unwrap();
    let json = world.done(&EXPORT);
    assert_eq!((&json["format"], &json["wear"]["writes"]), (&1.into(), &0.into()));
    assert_eq!(world.balance("alice.card"), 160_000);
    assert_eq!(world.done(&["pay", "last", "--card", "alice.card"])["amount"], 40_000);
    assert_eq!(fs::read(world.path("alice.card")).unwrap(), image);
    world.write("pin.txt", "2580");
    let change =
        ["card", "pin", "change", "--card", "alice.card", "--pin-file", "pin.txt", "--new-pin-file", "pin.txt"];
    world.done(&change);
    let json = world.done(&EXPORT);
    assert_eq!(json["format"], 2);
    assert!(json["wear"]["writes"].as_u64().unwrap() > 0, "{json}");
}

/// Images of every release load for ever: a purse that has paid 400 of 2000; in the one, the power failed in the debit of
/// 100 more.
#[test]
fn images_of_version_2_are_exported_and_used() {
    for (name, state) in [("version-2", "idle"), ("version-2-torn", "half done")] {
        let world = World::empty();
        let old = format!("{}/tests/images/{name}.card", env!("CARGO_MANIFEST_DIR"));
        fs::copy(old, world.path("alice.card")).unwrap();
        let json = world.done(&EXPORT);
        assert_eq!(json["format"], 2, "{name}");
        assert_eq!(json["journal"]["state"], state, "{name}: {json}");
        assert_eq!(world.balance("alice.card"), 160_000, "{name}");
        assert_eq!(world.done(&["pay", "last", "--card", "alice.card"])["amount"], 40_000, "{name}");
        assert_eq!(world.done(&EXPORT)["journal"]["state"], "idle", "{name}");
        world.write("pin.txt", "2580");
        let change =
            ["card", "pin", "change", "--card", "alice.card", "--pin-file", "pin.txt", "--new-pin-file", "pin.txt"];
        world.done(&change);
    }
}

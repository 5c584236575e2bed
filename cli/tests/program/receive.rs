//! An issuer takes up what cards have uploaded, and tells menus where to.

use std::fmt::Write;

use applet_model::purse::client::Client;
use applet_model::purse::upload::{CHALLENGE, Entries, UploadMessage};
use applet_model::purse::{AttestedEntry, File, PURSE_AID};
use card_sim::{CardFile, OsRandom};
use serde_json::{Value, json};
use toolkit::Address;
use toolkit::sms::{Header, Submit, UserData};

use crate::world::{ALICE, BOB, MODULES, Ran, World, alone, confirm};

/// The messages of an upload of all that the card holds, in hexadecimal.
fn upload(world: &World, card: &str, number: &str) -> Vec<String> {
    let (mut log, statement) = alone(|| {
        let mut file = CardFile::open(world.path(card), &MODULES, Box::new(OsRandom)).unwrap();
        let mut purse = Client::select(&mut file, &PURSE_AID).unwrap();
        let mut log: Vec<AttestedEntry> = Vec::new();
        for file in [File::AttestedPayments, File::AttestedHistory] {
            log.extend((1..=u8::MAX).map_while(|record| purse.attested_entry(file, record).unwrap()));
        }
        (log, purse.attest(CHALLENGE).unwrap())
    });
    log.sort_by_key(|attested| attested.entry.number);
    let messages = log.chunks(Entries::MOST).map(|three| {
        let mut entries = Entries::new(number.parse().unwrap(), 1);
        assert!(three.iter().all(|attested| entries.push(*attested)));
        UploadMessage::Entries(entries)
    });
    messages.chain([UploadMessage::Statement(statement)]).map(|message| submit(&message)).collect()
}

fn submit(message: &UploadMessage) -> String {
    let (mut bytes, mut digits, mut room) =
        ([0; UploadMessage::MAX_LENGTH], [0; Address::MAX_SMS_BYTES], [0; Submit::MAX_LENGTH]);
    let data = UserData::octets(Header::None, message.encode(&mut bytes).unwrap()).unwrap();
    let address = Address::encode("+254700000099", &mut digits).unwrap();
    hex::encode(Submit::new(address, data).encode(&mut room).unwrap())
}

/// Alice has paid Bob so many times: with the load, she has one entry more.
fn paid(times: usize) -> World {
    let world = World::new();
    for _ in 0..times {
        let request = world.request("1");
        let response = world.authorise("1", &request);
        world.done(&confirm(&response));
    }
    world
}

const RECEIVE: [&str; 4] = ["issuer", "receive", "--issuer", "issuer.json"];

fn receive(world: &World, file: &str) -> Ran {
    world.run(&[&RECEIVE[..], &[file, "--json"]].concat())
}

#[test]
fn what_came_and_what_is_missing() {
    let world = paid(7);
    let messages = upload(&world, "alice.card", ALICE);
    assert_eq!(messages.len(), 3 + 1);
    // The second one is missing; the others come as both kinds of lines, one of them twice.
    let mut lines = String::new();
    writeln!(lines, "{}\n\n{}", messages[3], json!({"phone": "alice", "tpdu": messages[2]})).unwrap();
    writeln!(lines, "{}\n{}", messages[0], messages[0].to_uppercase()).unwrap();
    world.write("came.txt", &lines);
    let ran = receive(&world, "came.txt");
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let told = ran.json();
    assert_eq!((&told["taken"], &told["known"], &told["refused"]), (&json!(3), &json!(1), &json!(0)));
    let card = json!({
        "msisdn": ALICE, "sequence": 1, "new": 5, "known_before": 3, "newest": 8, "known": 5,
        "missing": [[4, 6]], "gone": [], "findings": [],
    });
    assert_eq!(told["cards"], json!([card]));
    assert_eq!((&told["messages"][0]["statement"], &told["messages"][0]["line"]), (&json!(8), &json!(1)));
    assert_eq!((&told["messages"][1]["phone"], &told["messages"][1]["line"]), (&json!("alice"), &json!(3)));
    assert_eq!((&told["messages"][1]["entries"], &told["messages"][1]["result"]), (&json!([7, 8]), &json!("taken")));
    assert_eq!(told["messages"][3]["result"], "known");

    // The contact takes up the rest, and what was lost comes too late to be new.
    let met = world.done(&["issuer", "contact", "--issuer", "issuer.json", "--card", "alice.card"]);
    assert_eq!(met["log"], json!({"payments": 3, "history": 0, "unseen": 0}));
    world.write("late.txt", &messages[1]);
    assert_eq!(receive(&world, "late.txt").json()["known"], 1);
}

#[test]
fn a_batch_goes_on_after_bad_lines() {
    let world = paid(1);
    let good = upload(&world, "alice.card", ALICE);
    let bobs = upload(&world, "bob.card", BOB);
    let mut forged = good[0].clone();
    forged.replace_range(forged.len() - 2.., if forged.ends_with("00") { "01" } else { "00" });
    let strangers = World::new();
    let foreign = upload(&strangers, "alice.card", ALICE);
    let lines = [
        "xy",
        &forged,
        &good[0],
        "{\"phone\":1}",
        "0102",
        &foreign[0],
        &good[1],
        &bobs[0],
        "{\"phone\":\"\u{1b}[31m\",\"tpdu\":\"00\"}",
    ];
    let input = lines.join("\n");
    let ran = world.run_with(&[&RECEIVE[..], &["-", "--json"]].concat(), &input);
    assert_eq!(ran.exit, 1, "{ran:?}");
    let told = ran.json();
    let results: Vec<(u64, &str)> = told["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| (message["line"].as_u64().unwrap(), message["result"].as_str().unwrap()))
        .collect();
    let expected = ["refused", "refused", "taken", "refused", "refused", "refused", "taken", "taken", "refused"];
    assert_eq!(results, (1..).zip(expected).collect::<Vec<_>>());
    assert_eq!(told["messages"][1]["why"], format!("log entry 2 has another MAC than card 1 of {ALICE} would give it"));
    assert_eq!(told["cards"].as_array().map(Vec::len), Some(2));
    // In words each is named with its line, and nothing of it obeyed by a terminal.
    let ran = world.run_with(&RECEIVE, &input);
    assert_eq!(ran.exit, 1);
    for line in [1, 2, 4, 5, 6, 9] {
        assert!(ran.stdout.contains(&format!("standard input, line {line}")), "{ran:?}");
    }
    assert!(ran.stdout.starts_with("0 taken, 3 known already, 6 refused\n") && !ran.stdout.contains('\u{1b}'));
    world.fails(&[&RECEIVE[..], &["none.txt"]].concat(), 2, "file-unreadable");
}

/// P-ISS-4: two of a card are found by their uploads alone.
#[test]
fn two_of_a_card() {
    let world = paid(1);
    std::fs::copy(world.path("alice.card"), world.path("copy.card")).unwrap();
    let pay = |amount: &str| {
        let request = world.request(amount);
        world.authorise(amount, &request);
    };
    pay("2");
    let one = upload(&world, "alice.card", ALICE);
    std::fs::copy(world.path("copy.card"), world.path("alice.card")).unwrap();
    pay("3");
    let other = upload(&world, "alice.card", ALICE);
    world.write("both.txt", &format!("{}\n{}\n", one[0], other[0]));
    let ran = receive(&world, "both.txt");
    assert_eq!(ran.exit, 1);
    let doubled: Value = json!(["doubled: log entry 3 was another one before"]);
    assert_eq!(ran.json()["cards"][0]["findings"], doubled);
    let met = world.run(&["issuer", "contact", "--issuer", "issuer.json", "--card", "alice.card", "--json"]);
    assert_eq!((met.exit, &met.json()["findings"], &met.json()["life_cycle"]), (1, &doubled, &json!("suspended")));
}

/// New cards have the settings; one that was issued gets them at its next contact.
#[test]
fn menus_are_told() {
    let world = World::new();
    let menu = |more: &[&str]| world.done(&[&["issuer", "menu", "--issuer", "issuer.json"], more].concat());
    let has = |card: &str| {
        let select = "00A404000BF06469676974616C6C790100";
        let words = ["card", "apdu", "--card", card, select, "00CADF2700", "--json"];
        world.run(&words).stdout.contains("0254F001FFFF254700000099")
    };
    assert_eq!(menu(&[]), json!({"menu": null}));
    let kenya = json!({"menu": {"country": 254, "trunk": "0", "language": "sw", "upload": "+254700000099"}});
    let set = ["--country", "254", "--trunk", "0", "--language", "sw", "--upload", "+254700000099"];
    assert_eq!(menu(&set), kenya);
    assert_eq!(menu(&[]), kenya);
    assert!(!has("alice.card"));
    let contact = ["issuer", "contact", "--issuer", "issuer.json", "--card", "alice.card"];
    let met = world.done(&contact);
    assert_eq!((&met["menu"], &met["orders"]), (&kenya["menu"], &json!([1])));
    assert!(has("alice.card"));
    let met = world.done(&contact);
    assert_eq!((&met["menu"], &met["orders"]), (&json!(null), &json!([])));
    let new =
        ["card", "new", "carol.card", "--issuer", "issuer.json", "--msisdn", "+254700000003", "--pin-file", "pin.txt"];
    world.done(&new);
    assert!(has("carol.card"));
    assert_eq!(
        menu(&["--country", "none"])["menu"],
        json!({"country": null, "trunk": null, "language": "sw", "upload": "+254700000099"})
    );
}

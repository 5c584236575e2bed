//! Talking to cards: single commands, conversations, traces as JSON and as captures.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::{World, authorise};

/// The conversation files of the crate `conversation`.
fn talks() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conversation/tests/talks");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "talk"));
    files.sort();
    files
}

const SELECT: &str = "00A4040C0BF06469676974616C6C7901";
const VERIFY: &str = "00200081083235 3830FFFFFFFF";

/// All conversations of the crate, on fresh cards, over both protocols.
#[test]
fn every_conversation_plays_over_both_protocols() {
    let world = World::empty();
    let files = talks();
    assert!(files.len() >= 16, "{files:?}");
    for file in files {
        for over in ["t0", "t1"] {
            let played = world.done(&["card", "script", file.to_str().unwrap(), "--over", over]);
            assert_eq!(played["as_expected"], true, "{} over {over}: {}", file.display(), played["missed"]);
        }
    }
}

/// The issuer's orders on image files, by the issuer's file; the money is there afterwards.
#[test]
fn the_issuer_loads_and_unloads_image_files() {
    let world = World::new();
    world.write(
        "load.talk",
        "card alice\n> select\n> load 100.00\n< balance 2100.00\n> verify 2580\n> unload 50.00\n< balance 2050.00\n",
    );
    let typed = ["card", "script", "load.talk", "--card", "alice.card", "--issuer", "issuer.json"];
    assert_eq!(world.done(&typed)["as_expected"], true);
    assert_eq!(world.balance("alice.card"), 2_050_00);
    world.write("load.talk", "card alice\n> load 100.00\n");
    world.fails(&typed, 2, "script-stopped");
}

/// The power fails in a payment, the card keeps the old state, and the file tells.
#[test]
fn power_cuts_reach_image_files() {
    let world = World::new();
    let talk = "card alice\n> select\ncut at write 2\n> verify 2580\n< silence\nreset\n> select\n> verify\n< 63C?\n> verify 2580\n";
    world.write("cut.talk", talk);
    assert_eq!(world.done(&["card", "script", "cut.talk", "--card", "alice.card"])["as_expected"], true);
    let ran = world.run(&["card", "pin", "status", "--card", "alice.card"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
}

/// `--raw` alters and follows nothing; without it, what the card says is followed. Both show every exchange.
#[test]
fn raw_bytes_go_as_they_are() {
    let world = World::new();
    let sent = |words: &[&str]| -> (i32, Vec<String>) {
        let ran = world.run(
            &[&["card", "apdu", "--card", "alice.card", "--json", "--trace-json", "--trace-secrets"], words].concat(),
        );
        let exchanges = ran.json()["exchanges"].as_array().unwrap().len();
        // What went by the trace is what the card has got.
        let lines: Vec<Value> = ran.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        assert_eq!(lines.len(), exchanges, "{ran:?}");
        let bytes = |line: &Value| {
            let part = |name: &str| line["command"][name].as_str().unwrap_or_default().to_owned();
            format!("{}{}{} > {}", part("header"), part("data"), part("bytes"), line["answer"]["sw"].as_str().unwrap())
        };
        (ran.exit, lines.iter().map(bytes).collect())
    };
    let get = "805C000202";
    assert_eq!(sent(&[SELECT, get]).1[1..], ["805C0002 > 6102", "00C00000 > 9000"]);
    assert_eq!(
        sent(&["--raw", SELECT, get]),
        (1, vec![format!("00A4040C{} > 9000", &SELECT[10..]), "805C0002 > 6102".into()])
    );
    assert_eq!(sent(&["--raw", "80"]), (1, vec!["80 > 6700".into()]));
    assert_eq!(sent(&["--raw", "00A4040005F0"]), (1, vec!["00A4040005F0 > 6700".into()]));
    // Nothing is sent if one of them is malformed.
    let before = std::fs::read(world.path("alice.card")).unwrap();
    world.fails(&["card", "apdu", "--card", "alice.card", SELECT, VERIFY, "00A40"], 2, "hex-malformed");
    world.fails(&["card", "apdu", "--card", "alice.card", SELECT, VERIFY, "00A4040005F0"], 2, "command-malformed");
    assert_eq!(before, std::fs::read(world.path("alice.card")).unwrap());
}

#[test]
fn commands_come_by_standard_input() {
    let world = World::new();
    let input = format!("{SELECT}\n\n  {VERIFY}\r\n80 5C 00 02 04\n");
    let ran = world.run_with(&["card", "apdu", "--card", "alice.card"], &input);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert!(ran.stdout.contains("GET BALANCE") && !ran.stdout.contains("32353830"), "{ran:?}");
    let decoded = world.run_with(&["card", "decode"], "63 C2\n");
    assert!(decoded.exit == 0 && decoded.stdout.contains("Here: 2."), "{decoded:?}");
}

/// PINs and codes are in none of the traces unless asked for, and the capture goes on from run to run.
#[test]
fn traces_hold_no_secrets() {
    let world = World::new();
    let request = world.request("400");
    let pay = [&authorise("400", &request)[..], &["--trace", "--trace-json", "--trace-pcap", "pay.pcap"]].concat();
    let ran = world.run(&pay);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let response: String = ran.stdout.lines().next().unwrap().chars().filter(char::is_ascii_digit).collect();
    let capture = std::fs::read(world.path("pay.pcap")).unwrap();
    let hidden = |bytes: &[u8]| {
        let shown = hex::encode(bytes);
        // As text and as digits in BCD.
        ["32353830ffffffff", request.as_str()].iter().all(|secret| !shown.contains(secret))
    };
    assert!(hidden(&capture), "{}", hex::encode(&capture));
    assert!(!ran.stderr.contains("32353830") && !ran.stderr.contains(&request), "{}", ran.stderr);
    assert!(response.len() < 8 || !ran.stderr.contains(&response), "{}", ran.stderr);
    let lines: Vec<Value> = ran.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let verify = lines.iter().find(|line| line["command"]["name"] == "VERIFY").unwrap();
    assert_eq!((&verify["command"]["masked"], &verify["command"]["data"]), (&true.into(), &Value::Null));
    assert_eq!(verify["answer"]["sw"], "9000");

    assert_eq!(world.run(&["card", "balance", "--card", "alice.card", "--trace-pcap", "pay.pcap"]).exit, 0);
    let longer = std::fs::read(world.path("pay.pcap")).unwrap();
    assert!(longer.len() > capture.len() && longer.starts_with(&capture));
    assert_eq!(frames(&longer), frames(&capture) + 3, "SELECT, holder, balance");
    // No other file is ever touched.
    let card = std::fs::read(world.path("bob.card")).unwrap();
    world.fails(&["card", "balance", "--card", "alice.card", "--trace-pcap", "bob.card"], 2, "trace-file");
    assert_eq!(card, std::fs::read(world.path("bob.card")).unwrap());
}

/// How many frames a capture has; all of them whole.
fn frames(capture: &[u8]) -> usize {
    let (mut rest, mut count) = (&capture[24..], 0);
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap());
        rest = &rest[16 + usize::try_from(length).unwrap()..];
        count += 1;
    }
    count
}

/// A card that another process has, a purse that a tear left without power: the message is that of every command.
#[test]
fn a_card_that_cannot_be_asked() {
    let world = World::new();
    for words in
        [&["card", "list", "--card", "nobody.card"][..], &["card", "apdu", "--card", "nobody.card", "00A40400"]]
    {
        world.fails(words, 2, "card-file-missing");
    }
    world.done(&["card", "tear", "--card", "alice.card", "--at", "1"]);
    world.fails(&["card", "apdu", "--card", "alice.card", SELECT, VERIFY], 2, "power-cut");
}

//! `digitally handset` with cards in image files: what is paid by a menu is on the disk, whatever becomes of the program.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use card_sim::CardFile;
use serde_json::Value;

use crate::people::{card, payment};

/// A folder with Alice's card and Bob's, and the payment.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (i, name) in [(1, "alice.card"), (2, "bob.card")] {
        drop(CardFile::create(folder.path().join(name), card(i)).unwrap());
    }
    std::fs::write(folder.path().join("payment.phones"), payment().to_string()).unwrap();
    folder
}

fn digitally(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
    command.current_dir(folder).args(words.split_whitespace());
    command
}

fn run(folder: &Path, words: &str) -> Output {
    digitally(folder, words).output().unwrap()
}

fn json(folder: &Path, words: &str) -> (i32, Value) {
    let output = run(folder, &format!("{words} --json"));
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")))
}

fn balance(folder: &Path, card: &str) -> u64 {
    json(folder, &format!("card balance --card {card}")).1["balance"].as_u64().unwrap()
}

const PLAY: &str = "handset payment.phones --phone alice=alice.card --phone bob=bob.card";

#[test]
fn the_images_hold_what_was_paid() {
    let folder = folder();
    let (exit, played) = json(folder.path(), PLAY);
    assert_eq!((exit, &played["as_expected"], &played["missed"]), (0, &Value::Bool(true), &Value::Null));
    let kept: Vec<&str> = played["steps"].as_array().unwrap().iter().filter_map(|step| step["kept"].as_str()).collect();
    assert_eq!((balance(folder.path(), "alice.card"), balance(folder.path(), "bob.card")), (750_00, 1250_00));
    // The commands of the command line know what the menu has done.
    let last = run(folder.path(), "pay last --card alice.card --quiet").stdout;
    let digits: String = String::from_utf8(last).unwrap().chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits, kept[1]);
}

/// Killed as soon as the payment code is on the screen: it is on the card, and another run finishes the payment.
#[test]
fn killed_when_the_code_is_shown() {
    let folder = folder();
    let mut child = digitally(folder.path(), PLAY).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let shown = lines.by_ref().map(Result::unwrap).take_while(|line| !line.contains("payment code")).last().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let last = run(folder.path(), "pay last --card alice.card --quiet").stdout;
    assert_eq!(digits(&String::from_utf8(last).unwrap()), digits(&shown));
    assert_eq!(balance(folder.path(), "alice.card"), 750_00);
    let rest = "phone alice\nphone bob\nalice: boot\nbob: boot\nalice: select \"Purse\"\nalice: select \"Last code\"\n\
                alice: press OK\nalice: keep code \"???? ????\"\nbob: select \"Purse\"\nbob: select \"Balance\"\n";
    std::fs::write(folder.path().join("rest.phones"), rest).unwrap();
    assert_eq!(json(folder.path(), &PLAY.replace("payment", "rest")).0, 0);
    if balance(folder.path(), "bob.card") == 1000_00 {
        let rest =
            rest.replace("Balance\"\n", "Enter code\"\nbob: type $code\nbob: ok\nbob: expect \"Received 250.00\"\n");
        std::fs::write(folder.path().join("rest.phones"), rest).unwrap();
        assert_eq!(json(folder.path(), &PLAY.replace("payment", "rest")).0, 0);
    }
    assert_eq!(balance(folder.path(), "bob.card"), 1250_00);
}

/// Every script of the crate plays, and what the phones sent is in the outbox, behind what was there.
#[test]
fn every_script_and_the_outbox() {
    let folder = folder();
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/../handset/scripts");
    let mut played = 0;
    for entry in std::fs::read_dir(scripts).unwrap() {
        let script = entry.unwrap().path();
        let (exit, result) = json(folder.path(), &format!("handset {} --outbox sent.jsonl", script.display()));
        assert_eq!(exit, 0, "{}: {result}", script.display());
        played += 1;
    }
    assert!(played >= 3);
    let again = format!("handset {scripts}/upload.phones --outbox sent.jsonl");
    let (_, result) = json(folder.path(), &again);
    let sent = std::fs::read_to_string(folder.path().join("sent.jsonl")).unwrap();
    let lines: Vec<Value> = sent.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    let messages = result["messages"].as_array().unwrap();
    for (line, message) in lines[2..].iter().zip(messages) {
        assert_eq!(line.as_object().unwrap().len(), 2);
        assert_eq!((&line["phone"], &line["tpdu"]), (&message["phone"], &message["tpdu"]));
        let tpdu = hex::decode(line["tpdu"].as_str().unwrap()).unwrap();
        let submit = toolkit::sms::Submit::decode(&tpdu).unwrap();
        assert_eq!(submit.destination.to_string(), "+254700999999");
    }
}

/// Exit codes and errors: 1 for a screen that is not as expected, 2 for all that cannot be played.
#[test]
fn what_goes_wrong() {
    let folder = folder();
    let check = |script: &str, options: &str, exit: i32, code: Option<&str>| {
        std::fs::write(folder.path().join("wrong.phones"), script).unwrap();
        let (found, result) = json(folder.path(), &format!("handset wrong.phones {options}"));
        assert_eq!((found, result["error"]["code"].as_str()), (exit, code), "{script}: {result}");
        result
    };
    let missed = check("boot\nexpect \"Wrong\"\n", "--phone alice.card", 1, None);
    assert_eq!((&missed["as_expected"], missed["missed"]["line"].as_u64()), (&Value::Bool(false), Some(2)));
    check("boot\nselect \"Wrong\"\n", "--phone alice.card", 2, Some("script-stopped"));
    check("boot\ntypo\n", "--phone alice.card", 2, Some("script-malformed"));
    check("boot\n", "--phone nobody.card", 2, Some("card-file-missing"));
    check("phone a\nphone b\na: boot\n", "--phone a=alice.card", 2, Some("script-card"));
    check("phone a\nphone b\na: boot\n", "--phone c=alice.card", 2, Some("script-card"));
    check("phone a\nphone b\na: boot\n", "--phone a=alice.card --phone a=bob.card", 2, Some("script-card"));
    check("phone a\nphone b\na: boot\n", "--phone a=alice.card --phone b=alice.card", 2, Some("image-in-use"));
    check("boot\n", "--phone alice.card --outbox nowhere/sent.jsonl", 2, Some("file-unwritable"));
    // The power of the card fails in the payment; the next script finds it as it was, or paid.
    assert_eq!(json(folder.path(), "card tear --card alice.card --at 12").0, 0);
    let (exit, result) = json(folder.path(), PLAY);
    assert_eq!((exit, result["error"]["code"].as_str()), (2, Some("script-stopped")), "{result}");
    assert!(result["error"]["help"].as_str().unwrap().contains("the power of a card failed"), "{result}");
    check("boot\nselect \"Purse\"\n", "--phone alice.card", 0, None);
    // A PIN that stands in a wrong line is not shown.
    std::fs::write(folder.path().join("wrong.phones"), "boot\ntype 4711 0815\n").unwrap();
    let said = run(folder.path(), "handset wrong.phones");
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("script-malformed") && !said.contains("4711") && !said.contains("0815"), "{said}");
}

//! Scripts and lines on the table.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cards::Cards;

pub fn run(words: &[&str], input: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
    command.arg("phones").args(words).env("NO_COLOR", "1").current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without reading any of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// What hands do, and `wait`, which is for both phones.
const HANDS: &str = "\
phone left
phone right
left: power
right: boot
right: select \"Purse\"
left: battery
left: battery
left: reboot
left: expect idle
left: sim
left: expect \"Insert SIM\"
left: sim
left: expect idle
left: power
left: wait 60
left: reboot
right: expect idle
";

#[test]
fn a_script_has_hands() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("hands.phones"), HANDS).unwrap();
    let (exit, told) = run(&["--seed", "1", "--script", &path("hands.phones")], "");
    assert_eq!(exit, 0, "{told}");
    assert!(told.ends_with("15 steps, all as expected\n"), "{told}");
    // On no table, no hands.
    let output =
        Command::new(env!("CARGO_BIN_EXE_digitally")).args(["handset", &path("hands.phones")]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("digitally phones --script"), "{told}");
}

/// A battery that falls out at the worst moment, and what is seen of it as an asciicast of 80 x 24.
#[test]
fn a_script_is_played_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let cast = folder.path().join("battery.cast");
    let words = ["--seed", "1", "--json", "--script", "phones/scripts/battery.phones", "--record"];
    let (exit, told) = run(&[&words[..], &[cast.to_str().unwrap()]].concat(), "");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((exit, &told["as_expected"]), (0, &Value::Bool(true)), "{told}");
    let cast = fs::read_to_string(cast).unwrap();
    let mut lines = cast.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let header = lines.next().unwrap();
    assert_eq!((&header["version"], &header["width"], &header["height"]), (&2.into(), &80.into(), &24.into()));
    let mut emulator = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    let (mut last, mut count) = (0.0, 0);
    for event in lines {
        let at = event[0].as_f64().unwrap();
        assert!(at >= last && event[1] == "o", "{event}");
        (last, count) = (at, count + 1);
        emulator.process(event[2].as_str().unwrap().as_bytes());
        if count == 1 {
            assert!(emulator.screen().contents().contains("Alice"));
        }
    }
    let end = emulator.screen().contents();
    assert!(count > 60 && last > 10.0 && end.matches("|Ready").count() == 2, "{count} in {last}\n{end}");
}

#[test]
fn line_by_line_through_a_pipe() {
    let input = "left power\nleft menu\nleft select \"Purse\"\nleft select \"Balance\"\nleft ok\nleft end\nAlice: screen\n\
                 left 5\nleft battery\nleft ok\nnobody ok\nleft jump\nleft expect \"Paid\"\nhelp\nquit\nleft power\n";
    let (exit, told) = run(&["--seed", "1", "--plain"], input);
    assert_eq!(exit, 0, "{told}");
    insta::assert_snapshot!(told);
}

/// A card is saved before each answer, another process has it not, and finds it as it was left.
#[test]
fn cards_in_files_are_kept() {
    let cards = Cards::new();
    let (exit, told) =
        cards.digitally(&["phones", "--script", "pay.phones", "--left", "alice.card", "--right", "bob.card"]);
    assert_eq!(exit, 0, "{told}");
    assert!(cards.digitally(&["card", "balance", "--card", "alice.card"]).1.contains("750.00"));
    let mut command = cards.command(&["phones", "--plain", "--left", "alice.card", "--one"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut begun = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut begun, &mut line).unwrap();
    let (exit, told) = cards.digitally(&["phones", "--plain", "--left", "alice.card", "--one"]);
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains("image-in-use"), "{told}");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

//! The README is right: its conversation can be played, and its tables have every command and every field.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod world;

use conversation::{NoIncludes, Script};
use world::{InProcess, play};

const README: &str = include_str!("../README.md");

/// The blocks of text in it.
fn blocks() -> Vec<&'static str> {
    README.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn its_conversation_is_as_expected_and_its_mismatch_is_one() {
    let text = blocks()[0];
    let script = Script::parse("payment.talk", text, &mut NoIncludes).unwrap();
    let outcome = play(&script, &InProcess, &mut |_| {}).unwrap();
    assert!(outcome.is_as_expected(), "{}", outcome.missed.unwrap());
    let wrong = Script::parse("payment.talk", &text.replace("600.00\n", "600.01\n"), &mut NoIncludes).unwrap();
    let missed = play(&wrong, &InProcess, &mut |_| {}).unwrap().missed.unwrap();
    assert_eq!(format!("{missed}\n"), blocks()[1]);
}

/// The fields that an error names are those of the table, and each command in the table can be read.
#[test]
fn its_commands_are_commands_and_their_fields_are_theirs() {
    let table = README.split("## Commands").nth(1).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let paid: Vec<&str> =
        quoted(rows.iter().find(|row| row.contains("`read paid 1`")).unwrap().split('|').nth(2).unwrap());
    let words = ["paid", "received", "loaded", "unloaded", "blank", "personalised", "blocked"];
    let mut commands = 0;
    for row in &rows {
        let mut cells = row.split('|').skip(1);
        let (said, answered) = (quoted(cells.next().unwrap()), cells.next().unwrap());
        for command in said {
            let before = "card alice +254700000001\ncard bob +254700000002\nset id 1\nset n 01\nset request 4761 0825\nset response 4761 0825\n";
            let parse =
                |after: &str| Script::parse("t", &format!("{before}alice> {command}\n< {after}"), &mut NoIncludes);
            commands += 1;
            if let Err(error) = parse("9000") {
                panic!("{error}");
            }
            let message = parse("nonsense 1").unwrap_err().message;
            let mut fields = quoted(answered);
            // Words in brackets are values of the field before.
            if let Some(at) = fields.iter().position(|field| matches!(*field, "kind" | "state")) {
                let mut place = 0;
                fields.retain(|field| {
                    place += 1;
                    place <= at + 1 || !words.contains(field)
                });
            }
            if command.starts_with("last") {
                fields = [paid[..2].to_vec(), paid[6..].to_vec(), vec!["code"]].concat();
            }
            fields.retain(|field| *field != "quietly" && *field != "read paid");
            match message.split_once(": it has ") {
                Some((_, named)) => assert_eq!(quoted(named), fields, "{command}"),
                None => assert!(fields.is_empty(), "{command}: {message}"),
            }
        }
    }
    assert!(commands > 30, "{commands}");
    // Every command that an error names has its row.
    let message = Script::parse("t", "card\n> nonsense", &mut NoIncludes).unwrap_err().message;
    for word in quoted(message.split_once("there are").unwrap().1) {
        assert!(rows.iter().any(|row| row.contains(&format!("`{word}"))), "{word}");
    }
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

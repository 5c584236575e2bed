//! `docs/protocol.md` and the vector files say the same: neither can change alone.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod text;

use std::collections::BTreeSet;

use serde_json::Value;

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// The tests that are marked as worked examples, each with its group.
fn worked_examples() -> Vec<(Value, Value)> {
    let mut found = Vec::new();
    for (_, text) in text::embedded() {
        let file: Value = serde_json::from_str(&text).unwrap();
        for group in file["groups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                if test["flags"].as_array().is_some_and(|flags| flags.contains(&"worked-example".into())) {
                    found.push((group.clone(), test.clone()));
                }
            }
        }
    }
    found
}

/// The document's examples: id and text of each.
fn sections() -> Vec<(&'static str, &'static str)> {
    DOCUMENT
        .split("#### Example `")
        .skip(1)
        .map(|text| {
            let (id, text) = text.split_once('`').unwrap();
            (id, text.split("\n#").next().unwrap())
        })
        .collect()
}

#[test]
fn the_same_examples() {
    let examples = worked_examples();
    let in_files: BTreeSet<&str> = examples.iter().map(|(_, test)| test["id"].as_str().unwrap()).collect();
    let in_document: BTreeSet<&str> = sections().iter().map(|(id, _)| *id).collect();
    assert_eq!(in_files, in_document);
    assert_eq!(sections().len(), examples.len(), "an example stands in the document twice");
}

/// Every text and number of a worked example stands in its section of the document.
#[test]
fn the_same_values() {
    for (group, test) in worked_examples() {
        let id = test["id"].as_str().unwrap();
        let (_, section) = sections().into_iter().find(|(found, _)| *found == id).unwrap();
        let stands = |value: &str| assert!(section.contains(value), "{id}: {value} is not in the document");
        let bytes = |value: &Value| stands(&format!("`{}`", value.as_str().unwrap()));
        let (group, input, output) = (&group["shared"], &test["input"], &test["output"]);
        bytes(&group["key"]);
        if group.get("profile").is_none() {
            [&input["label"], &input["context"], &output["output"]].into_iter().for_each(bytes);
            output["inputs"].as_array().unwrap().iter().chain(output["blocks"].as_array().unwrap()).for_each(bytes);
            stands(&format!("L, {} ", input["bits"]));
            continue;
        }
        stands(&format!("| K, {} |", group["algorithm"].as_str().unwrap()));
        let (epoch, currency) = (group["epoch"].as_u64().unwrap(), group["currency"].as_u64().unwrap());
        let [profile, scheme] = ["profile", "scheme"].map(|name| group[name].as_str().unwrap());
        stands(&format!("{scheme}, {epoch:02x}, {currency:03} `{currency:04}` |"));
        stands(&format!(" {profile}, "));
        for (name, row) in [("payer", "A"), ("payee", "B")] {
            let number: digitally::Msisdn = input[name].as_str().unwrap().parse().unwrap();
            let bcd: String = number.bcd().iter().map(|byte| format!("{byte:02x}")).collect();
            stands(&format!("| {row} | {number} `{bcd}` |"));
        }
        for name in ["amount", "payee_nonce", "payer_nonce"] {
            if let Some(number) = input[name].as_u64() {
                stands(&format!("| {number} `{number:08x}` |"));
            }
        }
        for part in ["request", "response"] {
            let steps = &output[part];
            for name in ["header", "input", "tag", "first_8"] {
                bytes(&steps[name]);
            }
            let first_8 = u64::from_str_radix(steps["first_8"].as_str().unwrap(), 16).unwrap();
            let check = steps["check"].as_str().unwrap();
            stands(&format!("` = {first_8} |"));
            stands(&format!("modulo 10^{} | {check} |", check.len()));
            stands(&format!("| **{part}** | **{}** |", steps["code"].as_str().unwrap()));
        }
    }
}

/// The digits that the running text quotes are those of the examples.
#[test]
fn the_hole_in_both_readings() {
    let examples = worked_examples();
    let codes = |id: &str| {
        let name = format!("first-protocol-aes-cmac-{id}");
        let (_, test) = examples.iter().find(|(_, test)| test["id"] == *name).unwrap();
        ["request", "response"].map(|part| test["output"][part]["code"].as_str().unwrap().to_owned())
    };
    let [[shown, paid], [used, expected]] = ["two-nonces-shown", "two-nonces-used"].map(codes);
    assert!(shown[4..] == used[4..] && shown[..3] != used[..3] && paid != expected);
    let [low, high] = ["collision-paid", "collision-credited"].map(codes);
    assert_eq!(low, high);
    let hole = DOCUMENT.split("## 11.").nth(1).unwrap().split("####").next().unwrap();
    for code in [shown, paid, used, expected, low[0].clone(), low[1].clone()] {
        assert!(hole.contains(&format!("`{code}`")), "{code}");
    }
}

/// A statement's id stands once, at its start, and the numbers of each letter group run from 1.
#[test]
fn statements_have_ids() {
    let mut ids = Vec::new();
    for line in DOCUMENT.lines().filter(|line| line.starts_with("**P-")) {
        let id = line[2..].split("**").next().unwrap();
        let (group, number) = id[2..].split_once('-').unwrap();
        assert!(group.bytes().all(|byte| byte.is_ascii_uppercase()), "{id}");
        ids.push((group, number.parse::<usize>().unwrap()));
    }
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id stands twice");
    for (group, number) in &ids {
        assert!((1..*number).all(|earlier| unique.contains(&(*group, earlier))), "P-{group}-{number} leaves a gap");
    }
    // What the text refers to exists.
    for mention in DOCUMENT.split("P-").skip(1) {
        let Some((group, rest)) = mention.split_once('-') else { continue };
        if !group.bytes().all(|byte| byte.is_ascii_uppercase()) {
            continue; // an id whose letters end in P
        }
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(number) = number.parse() {
            assert!(unique.contains(&(group, number)), "P-{group}-{number} is mentioned but not stated");
        }
    }
    assert!(ids.len() > 50, "{} statements", ids.len());
}

/// The tables of MAC inputs in section 3 are the profiles of the library.
#[test]
fn the_tables_are_the_profiles() {
    use digitally::profile::{ALL, Field};

    let rows_after = |title: &str| -> Vec<Vec<&'static str>> {
        let (_, after) = DOCUMENT.split_once(title).unwrap_or_else(|| panic!("no table `{title}`"));
        let rows = after.lines().skip_while(|line| !line.starts_with("| 0 |")).take_while(|line| line.starts_with('|'));
        rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
    };
    for profile in &ALL {
        for (part, kind, covers) in [("request", 51, profile.request_covers), ("response", 52, profile.response_covers)]
        {
            let mut offset = 8;
            let mut expected =
                vec![("0".to_owned(), "8", format!("header, kind {kind}, profile {:02}", profile.number))];
            for field in covers {
                let (len, name) = match field {
                    Field::Payer => (8, "A"),
                    Field::Payee => (8, "B"),
                    Field::Amount => (4, "X"),
                    Field::PayeeNonce if profile.name == "digitally-8" => (4, "n, in full"),
                    Field::PayeeNonce => (4, "N_B"),
                    Field::PayerNonce => (4, "N_A"),
                    Field::RequestCheck => (4, "C, the number that the 3 digits show"),
                };
                expected.push((offset.to_string(), if len == 8 { "8" } else { "4" }, name.to_owned()));
                offset += len;
            }
            let rows = rows_after(&format!("`{}`, {part}, {offset} bytes:", profile.name));
            let found: Vec<_> = rows.iter().map(|row| (row[0].to_owned(), row[1], row[2].to_owned())).collect();
            assert_eq!(found, expected, "{}, {part}", profile.name);
        }
    }
}

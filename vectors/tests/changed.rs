//! Every digit in the files counts: to change any one of them is found, in the test that it stands in.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod text;

use serde_json::Value;
use text::{embedded, verify};
use vectors::VectorError;

/// Every test of the files, alone in a file of its own, `every`th of each kind.
fn single_tests(every: usize) -> Vec<Value> {
    let mut all = Vec::new();
    for (_, text) in embedded() {
        let file: Value = serde_json::from_str(&text).unwrap();
        if file["kind"] == "live" || file["kind"] == "accumulated" {
            continue;
        }
        let mut count = 0;
        for group in file["groups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                count += 1;
                if count % every == 1 || every == 1 {
                    let mut single = file.clone();
                    single["groups"] = Value::Array(vec![group.clone()]);
                    single["groups"][0]["tests"] = Value::Array(vec![test.clone()]);
                    all.push(single);
                }
            }
        }
    }
    all
}

/// Every place of a value, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| places(value, &format!("{at}/{i}"), found));
        }
        _ => found.push(at.into()),
    }
}

/// The value with its `i`th digit changed to another of the same alphabet; none if that is not a digit.
fn with_digit_changed(value: &Value, i: usize) -> Option<Value> {
    let text = value.as_str().map_or_else(|| value.to_string(), String::from);
    let digit = text.get(i..=i)?.chars().next()?;
    let decimal = value.is_number() || text.contains([' ', '+', 'S', 'E', '-']) || text.len() % 2 == 1;
    let radix = if decimal { 10 } else { 16 };
    let other = char::from_digit(digit.to_digit(radix)? ^ 1, radix)?;
    let changed = format!("{}{other}{}", &text[..i], &text[i + 1..]);
    Some(if value.is_number() { serde_json::from_str(&changed).ok()? } else { Value::String(changed) })
}

#[test]
fn a_changed_digit_of_an_output_is_found_where_it_stands() {
    let (mut tests, mut changes) = (0, 0);
    for single in single_tests(7) {
        let test = &single["groups"][0]["tests"][0];
        let Some(output) = test.get("output") else { continue };
        let id = test["id"].as_str().unwrap();
        assert_eq!(verify(&single.to_string()).unwrap().failed, 0, "{id}");
        tests += 1;
        let mut all = Vec::new();
        places(output, "", &mut all);
        for place in all {
            let before = output.pointer(&place).unwrap();
            let text = before.as_str().map_or_else(|| before.to_string(), String::from);
            for i in 0..text.len().min(80) {
                let Some(after) = with_digit_changed(before, i) else { continue };
                let mut changed = single.clone();
                *changed.pointer_mut(&format!("/groups/0/tests/0/output{place}")).unwrap() = after.clone();
                let report = match verify(&changed.to_string()) {
                    Ok(report) => report,
                    Err(VectorError::Schema { .. }) => continue, // A case such as 3S, or an odd byte.
                    Err(error) => panic!("{id} {place} digit {i}: {error}"),
                };
                changes += 1;
                assert_eq!((report.failed, report.passed), (1, 0), "{id} {place} digit {i}");
                let failure = &report.failures[0];
                assert_eq!(failure.id, id);
                let difference = &failure.differences[0];
                let field = format!("output{}", place.replace('/', "."));
                let indexed = field.split('.').fold(String::new(), |all, part| match part.parse::<usize>() {
                    Ok(i) => format!("{all}[{i}]"),
                    Err(_) if all.is_empty() => part.to_owned(),
                    Err(_) => format!("{all}.{part}"),
                });
                assert_eq!(difference.field, indexed, "{id}");
                let after = after.as_str().map_or_else(|| after.to_string(), String::from);
                assert_eq!((&difference.expected, &difference.got), (&after, &text), "{id} {place}");
            }
        }
    }
    assert!(tests > 40 && changes > 4_000, "{changes} changes in {tests} tests");
}

/// A change in a question changes the answer, or makes it none.
#[test]
fn a_changed_digit_of_a_question_is_found() {
    let chosen = [
        "rfc4493-3",
        "sp800-38b-aes192-1",
        "rfc4231-2",
        "derive-3",
        "first-protocol-aes-cmac",
        "fixed-hmac-sha-256",
        "digitally-8-aes-cmac",
        "digitally-8-hmac-sha-256-kwd",
        "typed-digitally-8-aes-payee-right",
        "typed-digitally-8-aes-payer-serial-15-ranges",
        "apdu-4s",
        "tlv-fci",
    ];
    let mut found = 0;
    for single in single_tests(1) {
        let test = &single["groups"][0]["tests"][0];
        let id = test["id"].as_str().unwrap();
        if !chosen.contains(&id) {
            continue;
        }
        found += 1;
        let mut all = Vec::new();
        places(&test["input"], "/tests/0/input", &mut all);
        places(&single["groups"][0]["shared"], "/shared", &mut all);
        let mut changes = 0;
        for place in all {
            let pointer = format!("/groups/0{place}");
            let before = single.pointer(&pointer).unwrap();
            let text = before.as_str().map_or_else(|| before.to_string(), String::from);
            for i in 0..text.len() {
                let Some(after) = with_digit_changed(before, i) else { continue };
                // What the payer has paid may be a little more or less.
                if place.ends_with("/paid") {
                    continue;
                }
                let mut changed = single.clone();
                *changed.pointer_mut(&pointer).unwrap() = after;
                match verify(&changed.to_string()) {
                    Ok(report) => assert_eq!(report.failed, 1, "{id} {place} digit {i}"),
                    Err(VectorError::Schema { .. }) => {}
                    Err(error) => panic!("{id} {place} digit {i}: {error}"),
                }
                changes += 1;
            }
        }
        assert!(changes >= 10, "{id}: {changes} changes");
    }
    assert_eq!(found, chosen.len());
}

/// In a whole file only the changed test fails, and its flags come with their notes.
#[test]
fn the_neighbours_still_pass() {
    let (_, text) = embedded().into_iter().find(|(name, _)| name == "protocol.json").unwrap();
    let report = verify(&text.replacen("\"0014 3503\"", "\"0014 3504\"", 1)).unwrap();
    assert_eq!((report.failed, report.failures.len()), (1, 1));
    let failure = &report.failures[0];
    assert_eq!((failure.id.as_str(), failure.comment.as_str()), ("digitally-8-aes-cmac", "KES 400.00, serial 1"));
    let difference = &failure.differences[0];
    let [field, expected, got] = [&difference.field, &difference.expected, &difference.got];
    assert_eq!([field, expected, got], ["output.request.code", "0014 3504", "0014 3503"]);
    assert!(failure.notes.iter().any(|note| note.flag == "truncation" && note.note.contains("first 8")));
}

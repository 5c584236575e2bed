//! The files that come with the crate: they pass, and every digit in them counts.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use serde_json::Value;
use vectors::{Outcome, Report, VectorError, Verdict};

/// The fields whose value is computed: a change in one of them must be reported as a change in that one.
const COMPUTED: [&str; 10] =
    ["header", "input", "tag", "tag_bits", "first_8", "check", "code", "inputs", "blocks", "output"];

fn verify(text: &str) -> Result<Report, VectorError> {
    vectors::parse("test.json", text).map(|file| vectors::verify(&file))
}

#[test]
fn all_pass() {
    let mut total = 0;
    for source in vectors::embedded() {
        let file = vectors::parse(source.name, source.text).unwrap();
        let report = vectors::verify(&file);
        assert_eq!(report.failures().next(), None, "{}", report.name);
        assert!(report.is_success() && report.total() == file.ids().len() && report.name == source.name);
        assert!(!file.title().is_empty() && !file.source().is_empty());
        total += report.passed();
    }
    assert_eq!(total, 4 + 12 + 7 + 12 + 54);
}

#[test]
fn ids_are_unique_over_all_files() {
    let files: Vec<_> =
        vectors::embedded().iter().map(|source| vectors::parse(source.name, source.text).unwrap()).collect();
    vectors::distinct(&files).unwrap();
    let twice = vectors::distinct([&files[0], &files[1], &files[0]]).unwrap_err();
    assert_eq!(twice.to_string(), "rfc4493.json, test rfc4493-1: this id is taken by a test in rfc4493.json");
}

/// Each published test alone, as a file.
fn single_tests() -> Vec<Value> {
    let mut all = Vec::new();
    for source in vectors::embedded() {
        let file: Value = serde_json::from_str(source.text).unwrap();
        for group in file["groups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                let mut single = file.clone();
                single["groups"] = Value::Array(vec![group.clone()]);
                single["groups"][0]["tests"] = Value::Array(vec![test.clone()]);
                all.push(single);
            }
        }
    }
    all
}

/// Every place of a value, as a JSON pointer; what people only read is left out.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if !["id", "comment", "flags", "expect"].contains(&name.as_str()) {
                    places(value, &format!("{at}/{name}"), found);
                }
            }
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
    let digit = text[i..=i].chars().next()?;
    let radix = if text.contains([' ', '+']) || value.is_number() { 10 } else { 16 };
    let other = char::from_digit(digit.to_digit(radix)? ^ 1, radix)?;
    let changed = format!("{}{other}{}", &text[..i], &text[i + 1..]);
    Some(if value.is_number() { serde_json::from_str(&changed).ok()? } else { Value::String(changed) })
}

/// Every hexadecimal and decimal digit of a handful of tests of each kind, one at a time.
#[test]
fn a_changed_digit_is_found() {
    let chosen = [
        "rfc4493-3",
        "sp800-38b-aes192-1",
        "sp800-38b-aes256-2",
        "rfc4231-2",
        "rfc4231-5",
        "derive-1",
        "derive-3",
        "derive-7",
        "first-protocol-aes-cmac",
        "fixed-hmac-sha-256",
        "digitally-8-aes-cmac",
        "digitally-8-hmac-sha-256-kwd",
    ];
    let mut found = 0;
    for single in single_tests() {
        let id = single["groups"][0]["tests"][0]["id"].as_str().unwrap().to_owned();
        if !chosen.contains(&id.as_str()) {
            continue;
        }
        found += 1;
        assert!(verify(&single.to_string()).unwrap().is_success(), "{id}");
        let mut all = Vec::new();
        places(&single["groups"], "/groups", &mut all);
        let changes: usize = all.iter().map(|place| each_digit_counts(&single, place, &id)).sum();
        assert!(changes >= 80, "{id}: {changes} changes");
    }
    assert_eq!(found, chosen.len());
}

fn each_digit_counts(single: &Value, place: &str, id: &str) -> usize {
    let before = single.pointer(place).unwrap();
    let text = before.as_str().map_or_else(|| before.to_string(), String::from);
    let mut changes = 0;
    for i in 0..text.len() {
        let Some(after) = with_digit_changed(before, i) else { continue };
        let mut changed = single.clone();
        *changed.pointer_mut(place).unwrap() = after.clone();
        changes += 1;
        // A changed name (of a profile, say) makes no vector file; any other change is a test that fails.
        let report = match verify(&changed.to_string()) {
            Ok(report) => report,
            Err(VectorError::Json { .. }) if !place.contains("/tests/") => continue,
            Err(error) => panic!("{id} {place} digit {i}: {error}"),
        };
        let Outcome { id: reported, result: Verdict::Failed { field, expected, got }, .. } = &report.outcomes[0] else {
            panic!("{id} {place} digit {i}: not found");
        };
        assert_eq!((reported.as_str(), report.failed(), report.is_success()), (id, 1, false));
        assert_ne!(expected, got);
        let path = place.rsplit_once("/tests/0/").map_or("", |(_, path)| path);
        let is_computed = path.split('/').any(|name| COMPUTED.contains(&name));
        let is_mac_input = path == "input";
        if is_computed && !is_mac_input {
            let expected_field = match path.split_once('/') {
                Some((list @ ("inputs" | "blocks"), i)) => format!("{list}[{i}]"),
                _ => path.replace('/', "."),
            };
            assert_eq!(*field, expected_field, "{id} {place} digit {i}");
            assert_eq!(*expected, after.as_str().unwrap(), "{id} {place} digit {i}");
            assert_eq!(*got, text, "{id} {place} digit {i}");
        }
    }
    changes
}

/// In a whole file only the changed test fails.
#[test]
fn the_neighbours_still_pass() {
    let source = vectors::embedded().iter().find(|source| source.name == "protocol.json").unwrap();
    let text = source.text.replacen("\"0014 3503\"", "\"0014 3504\"", 1);
    let report = verify(&text).unwrap();
    assert_eq!((report.failed(), report.passed(), report.total()), (1, 53, 54));
    let failure = report.failures().next().unwrap();
    assert_eq!(failure.id, "digitally-8-aes-cmac");
    let expected =
        Verdict::Failed { field: "request.code".into(), expected: "0014 3504".into(), got: "0014 3503".into() };
    assert_eq!(failure.result, expected);
}

//! Every statement of `docs/protocol.md` is checked: by a test whose doc comment names it, or by a vector.
//!
//! A statement that this release cannot check ends with `(Not in this release: why.)`, and then nothing may claim to
//! check it. A test claims a statement by naming its id in the doc comment right above it; a vector or a group of them
//! by listing it in `statements`, or by expecting `refuse:` or `malformed:` with the id.

#![allow(clippy::unwrap_used, clippy::string_slice, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What a statement says, by id.
type Statements = BTreeMap<String, String>;
/// Who claims a statement, by id.
type Claims = BTreeMap<String, BTreeSet<String>>;

/// The ids in a text: P, capital letters, a number.
fn ids(text: &str) -> Vec<String> {
    let starts = text.match_indices("P-").filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric()));
    let id = |(at, _): (usize, &str)| {
        let (group, rest) = text[at + 2..].split_once('-')?;
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let named = !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_uppercase());
        (named && !number.is_empty()).then(|| format!("P-{group}-{number}"))
    };
    starts.filter_map(id).collect()
}

/// The statements of the document: a paragraph that starts with an id in bold.
fn statements(document: &str) -> Statements {
    let paragraphs = document.split("\n\n").map(|text| text.trim().replace('\n', " "));
    paragraphs
        .filter_map(|text| Some((text.strip_prefix("**P-")?.split_once("**")?.0.to_owned(), text)))
        .map(|(rest, text)| (format!("P-{rest}"), text))
        .collect()
}

/// Whether the statement says that nothing can check it yet, and why.
fn is_deferred(statement: &str) -> bool {
    let last = statement.rsplit_once(" (").map_or("", |(_, last)| last);
    last.starts_with("Not in this release: ") && last.ends_with(".)")
}

/// What the tests of one source file claim.
fn claims_of_tests(name: &str, source: &str, claims: &mut Claims) {
    let (mut doc, mut is_test) = (String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            doc.push_str(text);
            doc.push('\n');
        } else if line.starts_with("#[") {
            is_test |= line == "#[test]";
        } else {
            let function = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            for id in ids(&doc).into_iter().filter(|_| is_test) {
                claims.entry(id).or_default().insert(format!("{name}: {}", function.unwrap_or(line)));
            }
            (doc, is_test) = (String::new(), false);
        }
    }
}

/// What the vectors of one file claim.
fn claims_of_vectors(name: &str, value: &Value, claims: &mut Claims) {
    let mut claim = |text: &str| {
        for id in ids(text) {
            claims.entry(id).or_default().insert(name.to_owned());
        }
    };
    match value {
        Value::String(text) if text.starts_with("refuse:") || text.starts_with("malformed:") => claim(text),
        Value::Object(fields) => {
            for id in fields.get("statements").and_then(Value::as_array).into_iter().flatten() {
                claim(id.as_str().unwrap());
            }
            fields.values().for_each(|value| claims_of_vectors(name, value, claims));
        }
        Value::Array(values) => values.iter().for_each(|value| claims_of_vectors(name, value, claims)),
        _ => {}
    }
}

/// What is wrong: statements that nobody checks, claims of what cannot be checked, claims of what is not stated.
fn complaints(statements: &Statements, claims: &Claims) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, text) in statements {
        match (claims.get(id), is_deferred(text)) {
            (None, false) => wrong.push(format!("no test and no vector checks {id}: {text}")),
            (Some(by), true) => wrong.push(format!("{id} is not in this release, and yet checked by {by:?}")),
            (Some(_), false) | (None, true) => {}
        }
    }
    let unknown = claims.iter().filter(|(id, _)| !statements.contains_key(*id));
    wrong.extend(unknown.map(|(id, by)| format!("{id} is no statement, and yet named by {by:?}")));
    wrong
}

/// The files below a folder whose names end so; not what cargo or git made.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries.filter(|path| !path.ends_with("target") && !path.ends_with(".git")) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_statement_is_checked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let statements = statements(&std::fs::read_to_string(root.join("docs/protocol.md")).unwrap());
    let mut claims = Claims::new();
    for path in files(root, "rs") {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        claims_of_tests(&name, &std::fs::read_to_string(&path).unwrap(), &mut claims);
    }
    for path in files(&root.join("vectors/data"), "json") {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        claims_of_vectors(&name, &value, &mut claims);
    }
    let wrong = complaints(&statements, &claims);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let deferred = statements.values().filter(|text| is_deferred(text)).count();
    println!("{} statements, {deferred} of them not in this release", statements.len());
    assert!(statements.len() > 60 && deferred < 10, "{} statements, {deferred} deferred", statements.len());
}

/// The check itself: what counts as a claim, and what is complained about.
#[test]
fn what_is_not_checked_is_found() {
    let document = "**P-ONE-1** First.\n\n**P-ONE-2** Second,\nin two lines.\n\nP-ONE-9 in passing.\n\n\
                    **P-TWO-1** Later. (Not in this release: no issuer.)\n\n**P-TWO-2** Vectors.";
    let statements = statements(document);
    assert_eq!(statements.keys().map(String::as_str).collect::<Vec<_>>(), ["P-ONE-1", "P-ONE-2", "P-TWO-1", "P-TWO-2"]);
    let check = |source: &str, vectors: &str| {
        let mut claims = Claims::new();
        claims_of_tests("a.rs", source, &mut claims);
        claims_of_vectors("v.json", &serde_json::from_str(vectors).unwrap(), &mut claims);
        complaints(&statements, &claims).iter().map(|wrong| ids(wrong)[0].clone()).collect::<Vec<_>>()
    };
    let all = "/// S1; P-ONE-1\n/// and P-ONE-2.\n#[test]\nfn one() {";
    assert_eq!(check(all, r#"[{"expect": "refuse:P-TWO-2"}]"#), [""; 0]);
    assert_eq!(check(all, r#"[{"statements": ["P-TWO-2"]}]"#), [""; 0]);
    assert_eq!(check(all, r#"[{"comment": "P-TWO-2"}]"#), ["P-TWO-2"]);
    assert_eq!(check(&all.replace("#[test]\n", ""), r#"["malformed:P-TWO-2"]"#), ["P-ONE-1", "P-ONE-2"]);
    assert_eq!(check(&all.replace("2.\n", "2.\n\n"), r#"["malformed:P-TWO-2"]"#), ["P-ONE-1", "P-ONE-2"]);
    assert_eq!(check(&all.replace("///", "//"), r#"["malformed:P-TWO-2"]"#), ["P-ONE-1", "P-ONE-2"]);
    assert_eq!(check(&all.replace("P-ONE-2", "P-TWO-1"), r#"["refuse:P-TWO-2"]"#), ["P-ONE-2", "P-TWO-1"]);
    assert_eq!(check(&all.replace("P-ONE-2", "P-ONE-20"), r#"["refuse:P-TWO-2"]"#), ["P-ONE-2", "P-ONE-20"]);
    assert_eq!(check(all, r#"["refuse:P-TWO-2", "refuse:P-SIX-1"]"#), ["P-SIX-1"]);
}

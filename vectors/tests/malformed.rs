//! Texts that are no vector file: each is an error that says where, and none is a pass.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod text;

use proptest::prelude::*;
use text::{embedded, verify, verify_all};
use vectors::{Filter, Library, Source, VectorError};

const GOOD: &str = r#"{"format":"digitally-vectors","version":1,"kind":"mac","name":"n","source":"s","notes":{"known":"note"},"groups":[
{"comment":"AES","shared":{"algorithm":"AES-CMAC","key":"2b7e151628aed2a6abf7158809cf4f3c","tag_bits":128},"tests":[
{"id":"a","comment":"c","flags":["known"],"input":{"message":""},"expect":"accept","output":{"tag":"bb1d6929e95937287fa37d129b756746"}}]}]}"#;

/// How many tests there are; none is asked.
fn read(text: &str) -> Result<usize, VectorError> {
    let source = [Source::Text { name: "0.json".into(), text: text.to_owned().into() }];
    vectors::list(&source, &Filter::default()).map(|tests| tests.len())
}

fn error(text: &str) -> String {
    verify(text).unwrap_err().to_string()
}

#[test]
fn named_errors() {
    assert_eq!(verify(GOOD).unwrap().passed, 1);
    let differing = std::cell::RefCell::new(Vec::new());
    let check = |from: &str, to: &str, expected: &str| {
        assert!(GOOD.contains(from), "{from}");
        let found = error(&GOOD.replacen(from, to, 1));
        if !found.contains(expected) {
            differing.borrow_mut().push(format!("{from} -> {to}:\n{found}\n{expected}"));
        }
    };
    // JSON, by line and column.
    check("\"version\":1", "\"version\":", "0.json:1:41: not JSON: expected value");
    check("\"tests\":[", "\"tests\":[1,", "groups[0].tests[0]: invalid type: integer `1`, expected struct Test");
    check("]}]}", "]}]", "0.json:3:138: not JSON: EOF while parsing an object");
    check("]}]}", "]}]} {", "0.json:3:141: not JSON: trailing characters");
    check("]}]}", "]}],}", "0.json:3:140: not JSON: trailing comma");
    // The head.
    check("digitally-vectors", "other", "0.json: `format` is `other`, and should be `digitally-vectors`");
    check(":1,", ":2,", "0.json: version 2 of the format is unknown here, version 1 is known");
    check("\"version\":1", "\"version\":\"1\"", "0.json:1:43: version: invalid type: string \"1\", expected u64");
    check("\"mac\"", "\"mic\"", "vectors of the kind `mic` are unknown here; known are mac, derive, code, ");
    check("\"kind\":\"mac\",", "", "the file: missing field `kind`");
    check("\"name\"", "\"title\":1,\"name\"", "unknown field `title`, expected one of `format`, `version`, ");
    check("\"name\":\"n\"", "\"name\":\"n\",\"name\":\"n\"", "duplicate field `name`");
    check("\"groups\":[", "\"group\":[", "unknown field `group`");
    check("{\"known\":\"note\"}", "{\"known\":1}", "notes.known: invalid type: integer `1`, expected a string");
    // Groups.
    check("\"shared\"", "\"odd\":1,\"shared\"", "0.json:2:23: groups[0]: unknown field `odd`");
    check("\"comment\":\"AES\",", "", "groups[0]: missing field `comment`");
    check("AES-CMAC", "AES-CMAX", "0.json:2:50: groups[0].shared.algorithm: unknown algorithm `AES-CMAX`");
    check("2b7e", "2bxe", "groups[0].shared.key: not hexadecimal: Invalid character 'x' at position 2");
    check("2b7e", "2B7E", "groups[0].shared.key: not hexadecimal as vectors write it: in lower case");
    check(
        "]}]}",
        r#"]},{"comment":"none","shared":{"algorithm":"AES-CMAC","key":"","tag_bits":0},"tests":[]}]}"#,
        "0.json: groups[1] (none) has no test",
    );
    // Tests.
    check("bb1d", "bb1", "0.json:3:133: groups[0].tests[0].output.tag: not hexadecimal: Odd number of digits");
    check("\"message\":\"\"", "\"message\":\"é\"", "groups[0].tests[0].input.message: not hexadecimal");
    check(
        "\"accept\"",
        "\"accept \"",
        "groups[0].tests[0].expect: unknown expectation `accept `; known are `accept`, ",
    );
    check("\"accept\"", "\"refuse:\"", "unknown expectation `refuse:`");
    check("\"accept\"", "\"refuse:P-CHK-3\"", "0.json: test a: it expects `refuse:P-CHK-3`, but has an `output`");
    check(
        ",\"output\":{\"tag\":\"bb1d6929e95937287fa37d129b756746\"}",
        "",
        "0.json: test a: it expects `accept`, but has no `output`",
    );
    check("[\"known\"]", "[\"odd\"]", "0.json: test a: unknown flag `odd`: the file has no note about it");
    check("\"id\":\"a\"", "\"id\":\"A\"", "test A: an id has 1 to 100 lower-case letters, digits and hyphens");
    check("\"id\":\"a\"", "\"id\":\"a\",\"id\":\"b\"", "groups[0].tests[0]: duplicate field `id`");
    check("\"input\":", "\"nonce\":1,\"input\":", "groups[0].tests[0].nonce: unknown field `nonce`");
    check(
        "\"message\"",
        "\"massage\"",
        "groups[0].tests[0].input.massage: unknown field `massage`, expected `message`",
    );
    assert!(differing.borrow().is_empty(), "{}", differing.borrow().join("\n"));
}

/// What serde would take, and no schema does: arrays for objects, null for what is left out, anything after the groups.
#[test]
fn as_strict_as_the_schemas() {
    let texts = embedded();
    let check = |file: &str, from: &str, to: &str, expected: &str| {
        let (_, text) = texts.iter().find(|(name, _)| name == file).unwrap();
        assert!(text.contains(from), "{from}");
        let found = read(&text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(found.contains(expected), "{from} -> {to}: {found}");
    };
    let array = "invalid type: sequence, expected";
    let good = |from: &str, to: &str, expected: &str| {
        let found = error(&GOOD.replacen(from, to, 1));
        assert!(found.contains(expected), "{from} -> {to}: {found}");
    };
    good(r#"{"message":""}"#, r#"[""]"#, "groups[0].tests[0].input: invalid type: sequence, expected struct Input");
    good(r#"{"tag":"bb1d6929e95937287fa37d129b756746"}"#, r#"["bb"]"#, array);
    good(
        r#"{"id":"a"#,
        r#"["a","c",[],{"message":""},"refuse:x"],{"id":"a"#,
        "groups[0].tests[0]: invalid type: sequence",
    );
    good(
        r#"{"algorithm":"AES-CMAC","key":"2b7e151628aed2a6abf7158809cf4f3c","tag_bits":128}"#,
        r#"["AES-CMAC","",8]"#,
        array,
    );
    good(r#""expect""#, r#""output":null,"expect""#, "groups[0].tests[0].output: invalid type: null");
    good("]}]}", "]}],\"more\":1}", "unknown field `more`, expected one of `format`, ");
    good("]}]}", "]}],\"kind\":\"tlv\"}", "duplicate field `kind`");
    good("]}]}", "]}],\"groups\":[]}", "duplicate field `groups`");

    check("live.json", r#""verify": {"#, r#""verify": ["1234"], "x": {"#, array);
    check("live.json", r#""input": {"#, r#""input": {"steps": []}, "odd": {"#, "unknown field `odd`");
    check(
        "refusal.json",
        r#""input": {"#,
        r#""input": ["payer"], "odd": {"#,
        "input: invalid type: sequence, expected an object",
    );
    check("apdu.json", r#""output": {"#, r#""output": ["90"], "odd": {"#, "did not match");
    check("apdu.json", r#""channel": 0"#, r#""channel": null"#, "did not match");
    check("derive.json", r#""inputs": ["#, r#""outputs": ["#, "unknown field `outputs`, expected one of `inputs`");
    let (_, live) = texts.iter().find(|(name, _)| name == "live.json").unwrap();
    let mut live: serde_json::Value = serde_json::from_str(live).unwrap();
    live["groups"][0]["tests"][0]["input"]["steps"] = serde_json::json!([]);
    live["groups"][0]["tests"][0]["expect"] = "accept".into();
    live["groups"][0]["tests"][0]["output"] = serde_json::json!({});
    let found = read(&live.to_string()).unwrap_err().to_string();
    assert!(found.ends_with("a conversation has at least one step"), "{found}");
}

/// Whatever would have to be held at once has a bound; a file of any size made of ordinary tests has none.
#[test]
fn no_piece_is_longer_than_some_megabytes() {
    let long = "x".repeat(17 << 20);
    for (from, to) in [
        (r#""comment":"c""#, format!(r#""comment":"{long}""#)),
        (r#""comment":"AES""#, format!(r#""comment":"{long}""#)),
        (r#""name":"n""#, format!(r#""name":"{long}""#)),
        (r#""message":"""#, format!(r#""message":"","{long}":1"#)),
    ] {
        let found = error(&GOOD.replacen(from, &to, 1));
        assert!(
            found.contains("a single test or head has more than 16 MiB at line "),
            "{}",
            &found[..found.len().min(200)]
        );
    }
    let test = &GOOD[GOOD.find("{\"id\"").unwrap()..GOOD.len() - 4];
    let many = |tests: u32, length: usize| -> String {
        let one = |i| test.replacen("\"a\"", &format!("\"a-{i}\""), 1);
        (0..tests)
            .map(|i| one(i).replacen(r#":"c""#, &format!(r#":"{}""#, "c".repeat(length)), 1))
            .collect::<Vec<_>>()
            .join(",")
    };
    let file = |tests: &str| GOOD.replacen(test, tests, 1);
    assert_eq!(verify(&file(&many(20, 2_000_000))).unwrap().passed, 20);
    // The same with the head, and what tests share, behind them: a head can be found behind anything, tests cannot wait.
    let (head, groups) = GOOD.split_at(GOOD.find(r#""groups""#).unwrap());
    let behind = |groups: &str| format!("{{{},{}}}", &groups[..groups.len() - 1], head[1..].trim_end_matches(','));
    assert_eq!(verify(&behind(&groups.replacen(test, &many(20, 2_000_000), 1))).unwrap().passed, 20);
    let shared = &GOOD[GOOD.find("\"shared\"").unwrap()..GOOD.find("\"tests\"").unwrap()];
    let waiting = |tests: &str| {
        let without = GOOD.replacen(shared, "", 1).replacen(test, tests, 1);
        without.replacen("]}]}", &format!("],{}}}]}}", shared.trim_end_matches(',')), 1)
    };
    assert_eq!(verify(&waiting(&many(5, 2_000_000))).unwrap().passed, 5);
    assert!(verify(&waiting(&many(20, 2_000_000))).unwrap_err().to_string().contains("more than 16 MiB"));
}

#[test]
fn duplicate_ids_and_nothing_to_verify() {
    let test = &GOOD[GOOD.find("{\"id\"").unwrap()..GOOD.len() - 4];
    let twice = GOOD.replace(test, &format!("{test},{test}"));
    assert_eq!(error(&twice), "the id a is used twice: in 0.json and in 0.json");
    let in_two_files = verify_all(&[GOOD, GOOD]).unwrap_err();
    assert_eq!(in_two_files.to_string(), "the id a is used twice: in 0.json and in 1.json");
    let groups = GOOD.find("[\n").unwrap();
    assert_eq!(error(&format!("{}[]}}", &GOOD[..groups])), "0.json: the file has no test");
}

/// Programs sort the fields of an object as they like.
#[test]
fn any_order_of_fields() {
    for (_, text) in embedded() {
        let sorted: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut reversed = String::from("{");
        for (name, value) in sorted.iter().rev() {
            let value = if name == "groups" { groups_reversed(value) } else { value.to_string() };
            reversed.push_str(&format!("\"{name}\":{value},"));
        }
        reversed.replace_range(reversed.len() - 1.., "}");
        for text in [serde_json::to_string(&sorted).unwrap(), reversed] {
            // To accumulate takes long, and it is read like any other kind.
            if text.contains("\"accumulated\"") {
                assert!(read(&text).unwrap() > 0);
                continue;
            }
            let report = verify(&text).unwrap();
            assert!(report.failed == 0 && report.total() > 0);
        }
    }
}

/// The three parts of a group, in every order.
#[test]
fn any_order_in_a_group() {
    let file: serde_json::Value = serde_json::from_str(GOOD).unwrap();
    let group = &file["groups"][0];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let names = ["comment", "shared", "tests"];
        let fields: Vec<String> = order.map(|i| format!("\"{}\":{}", names[i], group[names[i]])).into();
        let start = GOOD.find("[\n").unwrap();
        let text = format!("{}[{{{}}}]}}", &GOOD[..start], fields.join(","));
        assert_eq!(verify(&text).unwrap().passed, 1, "{order:?}");
    }
}

/// Groups with their tests first.
fn groups_reversed(groups: &serde_json::Value) -> String {
    let group = |group: &serde_json::Value| {
        let fields = group.as_object().unwrap();
        let names = ["tests", "shared", "statements", "comment"];
        let fields: Vec<String> =
            names.iter().filter_map(|name| Some(format!("\"{name}\":{}", fields.get(*name)?))).collect();
        format!("{{{}}}", fields.join(","))
    };
    format!("[{}]", groups.as_array().unwrap().iter().map(group).collect::<Vec<_>>().join(","))
}

#[test]
fn unknown_kinds_and_flags_are_named() {
    let run = |kind: Option<&str>, flag: Option<&str>| {
        let filter = Filter { kind: kind.map(Into::into), flag: flag.map(Into::into) };
        let source = [Source::Text { name: "good.json".into(), text: GOOD.into() }];
        vectors::verify(&source, &mut Library, &filter, &mut ())
    };
    assert_eq!(run(Some("mac"), Some("known")).unwrap()[0].passed, 1);
    assert_eq!(run(Some("code"), None).unwrap(), []);
    let error = run(Some("mic"), None).unwrap_err().to_string();
    assert!(error.starts_with("there is no kind `mic`; known are mac, "), "{error}");
    let error = run(None, Some("odd")).unwrap_err().to_string();
    assert_eq!(error, "there is no flag `odd`; these files have known");
}

/// A conversation whose names do not fit together is refused before any card is asked.
#[test]
fn conversations_are_sound() {
    let (_, text) = embedded().into_iter().find(|(name, _)| name == "live.json").unwrap();
    let check = |from: &str, to: &str, expected: &str| {
        assert!(text.contains(from), "{from}");
        let found = error(&text.replacen(from, to, 1));
        assert!(found.contains(expected), "{found}");
    };
    check("\"card\": \"bob\"", "\"card\": \"dave\"", "input.steps[0]: there is no card of `dave`");
    check("\"shown\": \"r\"", "\"shown\": \"q\"", "no step before has the name `q`");
    check("\"shown\": \"r\"", "\"shown\": \"r\", \"digits\": \"1\"", "a code has one of `shown`, `digits`, ");
    check("\"sw\": \"63c4\"", "\"sw\": \"63\"", "`sw` has two bytes");
    check("\"refuse:P-CONF-9\"", "\"accept\"", "it expects `accept`, but has no `output`");
    check("\"reset\"", "\"restart\"", "unknown variant `restart`");
}

/// A file that was cut, at many bytes of each file.
#[test]
fn truncated() {
    for (name, text) in embedded() {
        let whole = text.trim_end().len();
        let cuts = (0..whole).filter(|cut| *cut < 300 || whole - cut < 300 || cut % (whole / 50 + 1) == 0);
        for cut in cuts.filter(|cut| text.is_char_boundary(*cut)) {
            let error = read(&text[..cut]).unwrap_err();
            assert!(matches!(error, VectorError::Json { line: 0.., column: 0.., .. }), "{name} at {cut}: {error}");
        }
    }
    for nonsense in ["", "null", "[]", "{}", "1", "\u{feff}{}", "{\"format\":{\"format\":1}}", &"[".repeat(100_000)] {
        assert!(verify(nonsense).is_err());
    }
}

proptest! {
    /// Whatever stands in the file: an error, or a verdict.
    #[test]
    fn any_bytes(text in ".{0,200}", at in 0usize..400, with in ".{0,6}") {
        let _ = verify(&text);
        let at = (0..=at.min(GOOD.len())).rev().find(|at| GOOD.is_char_boundary(*at)).unwrap();
        let _ = verify(&format!("{}{with}{}", &GOOD[..at], &GOOD[at..]));
        let end = (at + with.len()).min(GOOD.len());
        let end = (end..=GOOD.len()).find(|end| GOOD.is_char_boundary(*end)).unwrap();
        let _ = verify(&format!("{}{with}{}", &GOOD[..at], &GOOD[end..]));
    }
}

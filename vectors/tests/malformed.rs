//! Texts that are no vector file: each is an error that says where, and none is a pass.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use vectors::VectorError;

const GOOD: &str = r#"{"format":"digitally-vectors","version":1,"kind":"mac","name":"n","source":"s","groups":[
{"comment":"AES","algorithm":"AES-CMAC","key":"2b7e151628aed2a6abf7158809cf4f3c","tag_bits":128,"tests":[
{"id":"a","comment":"c","input":"","tag":"bb1d6929e95937287fa37d129b756746","expect":"accept"}]}]}"#;

/// The error of `GOOD` with one piece replaced, followed by its source.
fn error(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let error = vectors::parse("f.json", &GOOD.replacen(from, to, 1)).unwrap_err();
    match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[test]
fn named_errors() {
    assert!(vectors::verify(&vectors::parse("f.json", GOOD).unwrap()).is_success());
    let check = |from: &str, to: &str, expected: &str| assert_eq!(error(from, to), expected, "{from} -> {to}");
    let json = |line, column, what: &str| {
        format!(
            "f.json, line {line}, column {column}: not the JSON of a vector file: {what} at line {line} column {column}"
        )
    };
    check("digitally-vectors", "other", "f.json: the format is `other`, not `digitally-vectors`");
    check(":1,", ":2,", "f.json: version 2 of the format is unknown here, version 1 is known");
    check(
        "\"mac\"",
        "\"live\"",
        "f.json: vectors of the kind `live` are unknown here; known are `mac`, `code` and `derive`",
    );
    check("\"kind\":\"mac\",", "", &json(3, 98, "missing field `kind`"));
    check("\"version\":1", "\"version\":\"1\"", &json(1, 43, "invalid type: string \"1\", expected u64"));
    check("2b7e", "2bxe", "f.json, group 1 (AES): `key` is not hexadecimal: Invalid character 'x' at position 2");
    check("bb1d", "bb1", "f.json, test a: `tag` is not hexadecimal: Odd number of digits");
    check(
        "\"input\":\"\"",
        "\"input\":\"é\"",
        "f.json, test a: `input` is not hexadecimal: Invalid character 'Ã' at position 0",
    );
    check("accept", "Accept", "f.json, test a: `expect` is `Accept`; known is `accept`");
    check("\"input\"", "\"flags\":[\"odd\"],\"input\"", "f.json, test a: `flags` has `odd`; known is `worked-example`");
    check(
        "]}]}",
        "]},{\"comment\":\"none\",\"algorithm\":\"AES-CMAC\",\"key\":\"\",\"tag_bits\":0,\"tests\":[]}]}",
        "f.json, group 2 (none): there is no test",
    );
    check(
        "\"name\"",
        "\"title\":1,\"name\"",
        &json(1, 62, "unknown field `title`, expected one of `format`, `version`, `kind`, `name`, `source`, `groups`"),
    );
    check(
        "\"input\":",
        "\"nonce\":1,\"input\":",
        &json(3, 31, "unknown field `nonce`, expected one of `id`, `comment`, `flags`, `input`, `tag`, `expect`"),
    );
    check("\"id\":\"a\"", "\"id\":\"a\",\"id\":\"b\"", &json(3, 14, "duplicate field `id`"));
    check("AES-CMAC", "AES-CMAX", &json(2, 39, "unknown algorithm `AES-CMAX`"));
}

#[test]
fn duplicate_ids_and_nothing_to_verify() {
    let test = &GOOD[GOOD.find("{\"id\"").unwrap()..GOOD.len() - 4];
    let twice = GOOD.replace(test, &format!("{test},{test}"));
    let error = vectors::parse("f.json", &twice).unwrap_err();
    assert_eq!(error.to_string(), "f.json, test a: this id is taken by a test in f.json");
    let groups = GOOD.find('[').unwrap();
    let none = format!("{}[]}}", &GOOD[..groups]);
    let error = vectors::parse("f.json", &none).unwrap_err();
    assert_eq!(error.to_string(), "f.json: there is no test");
    assert!(matches!(error, VectorError::Empty { place: None, .. }));
}

/// The fields of kind `code` that are names, and content that the library refuses: the first is an error, the second a failed test.
#[test]
fn codes() {
    let source = vectors::embedded().iter().find(|source| source.name == "protocol.json").unwrap();
    let parse = |from: &str, to: &str| {
        assert!(source.text.contains(from), "{from}");
        vectors::parse("f.json", &source.text.replacen(from, to, 1))
    };
    let json = |from: &str, to: &str, expected: &str| match parse(from, to) {
        Err(VectorError::Json { line, source, .. }) => {
            assert!(line > 1 && source.to_string().starts_with(expected), "{source}");
        }
        other => panic!("{other:?}"),
    };
    json("\"profile\": \"fixed\"", "\"profile\": \"theirs\"", "unknown profile `theirs`");
    json("\"pairwise\"", "\"pairs\"", "unknown key scheme `pairs`");
    json("\"epoch\": 1", "\"epoch\": 256", "invalid value: integer `256`, expected u8");
    json("\"amount\": 40000", "\"amount\": 4294967296", "invalid value: integer `4294967296`, expected u32");
    json("\"amount\": 40000", "\"amount\": -1", "invalid value: integer `-1`, expected u32");

    let failure = |from: &str, to: &str| {
        let report = vectors::verify(&parse(from, to).unwrap());
        let failure = report.failures().next().unwrap();
        match &failure.result {
            vectors::Verdict::Failed { field, expected, got } => format!("{field}: {expected}, {got}"),
            vectors::Verdict::Passed => panic!(),
        }
    };
    assert_eq!(
        failure("\"+254700000001\"", "\"0700000001\""),
        "payer: accept, a phone number starts with + and the country code"
    );
    assert_eq!(
        failure("\"+254700000002\"", "\"+254700\""),
        "payee: accept, a phone number has at least 7 digits, this one has 6"
    );
    assert_eq!(
        failure("\"+254700000001\"", "\"+254700000002\""),
        "amount: accept, payer and payee are the same number"
    );
    assert_eq!(failure("\"amount\": 40000", "\"amount\": 0"), "amount: accept, the amount is zero");
    assert_eq!(
        failure("\"currency\": 404", "\"currency\": 1000"),
        "currency: accept, an ISO 4217 currency number has three decimal digits"
    );
    assert_eq!(failure("\"payee_nonce\": 615", "\"payee_nonce\": 1615"), "payee_nonce: accept, it has 3 digits");
    assert_eq!(failure("\"payer_nonce\": 4242", "\"payer_nonce\": 14242"), "payer_nonce: accept, it has 4 digits");
    assert_eq!(failure("\"payer_nonce\": 4242,", ""), "payer_nonce: accept, it has 4 digits");
    assert_eq!(
        failure("\"payee_nonce\": 1,", "\"payee_nonce\": 1, \"payer_nonce\": 1,"),
        "payer_nonce: accept, it has 0 digits"
    );
    assert_eq!(
        failure("000102030405060708090a0b0c0d0e0f\"", "0001\""),
        "key: accept, AES-CMAC takes no key of 2 bytes"
    );
}

/// Every test of the kinds `mac` and `derive` whose lengths contradict each other fails.
#[test]
fn lengths() {
    let failure = |from: &str, to: &str| {
        let text = GOOD.replacen(from, to, 1);
        let report = vectors::verify(&vectors::parse("f.json", &text).unwrap());
        assert_eq!(report.failed(), 1, "{from} -> {to}");
    };
    failure("bb1d6929e95937287fa37d129b756746", "bb1d6929e95937287fa37d129b7567");
    failure("bb1d6929e95937287fa37d129b756746", "bb1d6929e95937287fa37d129b75674600");
    failure("128,\"tests\"", "120,\"tests\"");
    failure("2b7e151628aed2a6abf7158809cf4f3c", "2b7e");
    failure("2b7e151628aed2a6abf7158809cf4f3c", "");
    let empty_tag = GOOD.replacen("bb1d6929e95937287fa37d129b756746", "", 1).replacen(":128", ":0", 1);
    assert_eq!(vectors::verify(&vectors::parse("f.json", &empty_tag).unwrap()).failed(), 1);

    let source = vectors::embedded().iter().find(|source| source.name == "derive.json").unwrap();
    let failure = |from: &str, to: &str, field: &str| {
        let report = vectors::verify(&vectors::parse("f.json", &source.text.replacen(from, to, 1)).unwrap());
        let failure = report.failures().next().unwrap();
        assert!(
            matches!(&failure.result, vectors::Verdict::Failed { field: found, .. } if found == field),
            "{failure:?}"
        );
    };
    failure("\"bits\": 128", "\"bits\": 4294967295", "bits");
    failure("\"inputs\": [", "\"inputs\": [\"\",", "inputs");
    failure("\"blocks\": [", "\"blocks\": [\"\",", "blocks");
    failure("\"output\": \"", "\"output\": \"00", "bits");
    failure("\"key\": \"00", "\"key\": \"", "key");
}

/// Every hexadecimal field of every kind is looked at when it is read.
#[test]
fn every_hexadecimal_field_is_named() {
    let names = ["key", "input", "tag", "label", "context", "inputs", "blocks", "output", "header", "first_8"];
    let mut seen = 0;
    for source in vectors::embedded() {
        for (start, _) in source.text.match_indices("\": ") {
            let name = source.text[..start].rsplit('"').next().unwrap();
            let rest = &source.text[start + 3..];
            if !names.contains(&name) || source.text.len() > 10_000 && start > 6_000 {
                continue;
            }
            let quote = start + 3 + rest.find('"').unwrap() + 1;
            let text = format!("{}zz{}", &source.text[..quote], &source.text[quote..]);
            match vectors::parse(source.name, &text) {
                Err(VectorError::Hex { field, .. }) => {
                    assert!(field.split(['.', '[']).any(|part| part == name), "{field} for {name}");
                }
                other => panic!("{name} of {}: {other:?}", source.name),
            }
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen} fields");
}

/// A file that was cut, at every byte of each file.
#[test]
fn truncated() {
    let texts = vectors::embedded().iter().map(|source| source.text).chain([GOOD]);
    for text in texts {
        // Long files are cut at every byte of their beginning and end, and at a prime distance in between.
        let whole = text.trim_end().len();
        let cuts = (0..whole).filter(|cut| whole < 10_000 || *cut < 2_000 || whole - cut < 2_000 || cut % 97 == 0);
        for cut in cuts.filter(|cut| text.is_char_boundary(*cut)) {
            assert!(matches!(vectors::parse("f.json", &text[..cut]), Err(VectorError::Json { .. })), "{cut}");
        }
        assert!(vectors::parse("f.json", &format!("{text} x")).is_err());
    }
    for nonsense in ["", "null", "[]", "{}", "1", "\u{feff}{}", "{\"format\":{\"format\":1}}", &"[".repeat(100_000)] {
        assert!(matches!(vectors::parse("f.json", nonsense), Err(VectorError::Json { line: 0..=1, .. })));
    }
}

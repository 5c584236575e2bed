//! How much the verifier costs, as a ratio within one run: static vectors from a file against the bare JSON and MAC work.
//!
//! `cargo bench -p vectors` prints the medians, their ratio, and the ratio that we promise. Nothing fails here.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::as_conversions, clippy::cast_precision_loss)]

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use digitally::{Algorithm, mac};
use serde_json::Value;
use vectors::{Filter, Library, Source};

const ROUNDS: usize = 15;
const PROMISED: f64 = 2.5;

fn main() {
    println!("{:<52} {:>9} {:>9} {:>7} {:>7}", "work, and its bare part", "ms", "bare ms", "ratio", "at most");
    for (name, kind) in [("protocol.json", "code"), ("rfc4231.json", "mac"), ("derive.json", "derive")] {
        compare(name, kind);
    }
}

/// What is MACed: algorithm, key and message of each.
type Work = Vec<(Algorithm, Vec<u8>, Vec<u8>)>;

/// A file with the accepted tests of an embedded one, repeated under new ids; and what is MACed in it.
fn repeated(name: &str, kind: &str) -> (String, Work) {
    let text = vectors::embedded().into_iter().find_map(|source| match source {
        Source::Text { name: found, text } if found == name => Some(text),
        _ => None,
    });
    let mut file: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let (mut groups, mut work) = (Vec::new(), Vec::new());
    for (i, group) in std::iter::repeat_n(file["groups"].as_array().unwrap(), 200).flatten().enumerate() {
        let mut group = group.clone();
        let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
        let shared = group["shared"].clone();
        let algorithm = match shared["algorithm"].as_str() {
            Some("HMAC-SHA-256") => Algorithm::HmacSha256,
            _ => Algorithm::AesCmac,
        };
        let mut kept = Vec::new();
        for test in group["tests"].as_array_mut().unwrap().iter_mut().filter(|test| test["expect"] == "accept") {
            test["id"] = format!("{}-{i}", test["id"].as_str().unwrap()).into();
            let inputs: Vec<Vec<u8>> = match kind {
                "code" => ["request", "response"].map(|part| bytes(&test["output"][part]["input"])).into(),
                "mac" => vec![bytes(&test["input"]["message"])],
                _ => test["output"]["inputs"].as_array().unwrap().iter().map(bytes).collect(),
            };
            work.extend(inputs.into_iter().map(|input| (algorithm, bytes(&shared["key"]), input)));
            kept.push(test.clone());
        }
        if !kept.is_empty() {
            group["tests"] = Value::Array(kept);
            groups.push(group);
        }
    }
    file["groups"] = Value::Array(groups);
    (serde_json::to_string_pretty(&file).unwrap(), work)
}

fn compare(name: &str, kind: &str) {
    let (text, work) = repeated(name, kind);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let source = [Source::File(file.path().to_owned())];
    let verify = || {
        let reports = vectors::verify(&source, &mut Library, &Filter::default(), &mut ()).unwrap();
        assert_eq!((reports[0].failed, reports[0].not_asked), (0, 0));
    };
    let bare = || {
        let text = std::fs::read(file.path()).unwrap();
        black_box(serde_json::from_slice::<Value>(&text).unwrap());
        for (algorithm, key, input) in &work {
            black_box(mac::tag(*algorithm, key, black_box(input)).unwrap());
        }
    };
    let time = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e3
    };
    let (mut works, mut bares, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (work, bare) = (time(&verify), time(&bare));
        works.push(work);
        bares.push(bare);
        ratios.push(work / bare);
    }
    let [work, bare, ratio] = [works, bares, ratios].map(|mut values| {
        values.sort_by(f64::total_cmp);
        values[ROUNDS / 2]
    });
    let verdict = if ratio <= PROMISED { "" } else { "  ABOVE" };
    let what = format!("{kind}: {} KiB of vectors / JSON and MACs", text.len() >> 10);
    println!("{what:<52} {work:>9.1} {bare:>9.1} {ratio:>7.2} {PROMISED:>7.2}{verdict}");
}

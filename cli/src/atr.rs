//! An answer to reset, explained part by part.

use std::fmt::Write;

use card_sim::Atr;
use card_sim::atr::Line;
use serde_json::{Value, json};

/// For people: its bytes, and a line for each part of it.
pub fn text(atr: &[u8]) -> String {
    let mut text = format!("ATR          {}\n", hex::encode_upper(atr));
    for line in lines(atr) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// As JSON: each part of it.
pub fn parts(atr: &[u8]) -> Vec<Value> {
    let part =
        |line: &Line<'_>| json!({"bytes": hex::encode_upper(line.bytes), "name": line.name, "meaning": line.meaning});
    lines(atr).iter().map(part).collect()
}

/// What each part says; nothing of what is no ATR.
fn lines(atr: &[u8]) -> Vec<Line<'_>> {
    Atr::parse(atr).map(|atr| atr.explain()).unwrap_or_default()
}

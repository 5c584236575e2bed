//! An answer to reset, explained part by part.

use std::fmt::Write;

use card_sim::Atr;
use card_sim::atr::{DEFAULT, Line};
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

/// In one line: the protocols, whether we know it, or what is wrong with it.
pub fn summary(atr: &[u8]) -> String {
    let parsed = match Atr::parse(atr) {
        Ok(parsed) => parsed,
        Err(error) => return format!("malformed: {error}"),
    };
    let names: Vec<_> = protocols(atr).iter().map(|protocol| format!("T={protocol}")).collect();
    let ours = Atr::parse(&DEFAULT).is_ok_and(|ours| ours.historical() == parsed.historical());
    let what = match parsed.historical().len() {
        _ if ours => "the historical bytes of our software card".to_owned(),
        0 => "no historical bytes".to_owned(),
        _ => format!("historical bytes {}", hex::encode_upper(parsed.historical())),
    };
    format!("{}, {what}", names.join(" and "))
}

/// The protocols that it offers.
pub fn protocols(atr: &[u8]) -> Vec<u8> {
    Atr::parse(atr).map(|atr| (0..15).filter(|protocol| atr.offers(*protocol)).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atr_in_one_line() {
        assert_eq!(summary(&DEFAULT), "T=0 and T=1, the historical bytes of our software card");
        assert_eq!(summary(&[0x3B, 0x80, 0x80, 0x01, 0x01]), "T=0 and T=1, no historical bytes");
        assert!(summary(&[]).starts_with("malformed"));
        assert_eq!(protocols(&[0x3B, 0x00]), [0]);
    }
}

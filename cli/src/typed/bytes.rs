//! Bytes in hexadecimal, as they are typed: pairs of digits, with blanks, colons or dashes between the pairs if one likes.

use apdu::CommandError;

use crate::failure::{ErrorCode, Failure};
use crate::trace::is_secret;

/// The bytes of a text.
///
/// # Errors
/// The rule that it breaks, shown under what was typed, where that may be shown.
pub fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut open: Option<(usize, u8)> = None;
    for (at, character) in text.char_indices() {
        let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (digit, open) {
            (Some(high), None) => open = Some((at, high)),
            (Some(low), Some((_, high))) => {
                bytes.push(high << 4 | low);
                open = None;
            }
            (None, None) if is_gap(character) => {}
            (None, Some((start, _))) if is_gap(character) => return Err(half(text, &bytes, start)),
            (None, _) => {
                return Err(malformed(
                    text,
                    &bytes,
                    at,
                    character.len_utf8(),
                    "not a digit of hexadecimal, 0-9 and A-F",
                ));
            }
        }
    }
    match open {
        Some((start, _)) => Err(half(text, &bytes, start)),
        None if bytes.is_empty() => Err(Failure::new(ErrorCode::HexMalformed, "there are no bytes").help(FORM)),
        None => Ok(bytes),
    }
}

const FORM: &str = "bytes are pairs of digits 0-9 and A-F, with or without blanks between the pairs: 00A4040000";

fn is_gap(character: char) -> bool {
    character.is_ascii_whitespace() || matches!(character, ':' | '-')
}

fn half(text: &str, before: &[u8], at: usize) -> Failure {
    malformed(text, before, at, 1, "half a byte: bytes have two digits")
}

fn malformed(text: &str, before: &[u8], at: usize, len: usize, rule: &str) -> Failure {
    let place = text.get(..at).map_or(0, |before| before.chars().count()).saturating_add(1);
    Failure::new(ErrorCode::HexMalformed, format!("character {place} is {rule}"))
        .typed(&shown(text, before, at), at, len, rule.split(':').next().unwrap_or(rule))
        .help(FORM)
}

/// The error for bytes that are no command, with the byte at fault in what was typed.
pub fn not_a_command(text: &str, bytes: &[u8], error: CommandError) -> Failure {
    let (first, label) = match error {
        CommandError::HeaderTruncated { .. } => (0, "CLA INS P1 P2 are 4 bytes"),
        CommandError::ExtendedLengthTruncated => (4, "one byte is missing behind this 00"),
        CommandError::LcZero => (4, "Lc is zero"),
        CommandError::DataTruncated { .. } => (4, "Lc"),
        CommandError::LeTruncated => (bytes.len().saturating_sub(1), "half an Le"),
        CommandError::TrailingBytes { count } => (bytes.len().saturating_sub(count), "too many"),
        _ => (0, "no command"),
    };
    let at = place_of(text, first);
    let end = match error {
        CommandError::DataTruncated { .. } | CommandError::ExtendedLengthTruncated => {
            place_of(text, first.saturating_add(1))
        }
        CommandError::LcZero => place_of(text, first.saturating_add(3)),
        _ => text.len(),
    };
    let len = text.get(at..end).map_or(1, |part| part.trim_end_matches(is_gap).len());
    Failure::new(ErrorCode::CommandMalformed, format!("this is no command: {error}"))
        .typed(&shown(text, bytes, text.len()), at, len, label)
        .help("what each length means: docs/applet.md; to send these very bytes all the same, add --raw")
}

/// Where the byte of this number begins in the text.
pub fn place_of(text: &str, byte: usize) -> usize {
    let digits = text.char_indices().filter(|(_, character)| !is_gap(*character));
    digits.map(|(at, _)| at).nth(byte.saturating_mul(2)).unwrap_or(text.len())
}

/// The text as it may be shown: of a command with a PIN, a key or a code, only the header. `at` is left as it is.
pub fn shown(text: &str, bytes: &[u8], at: usize) -> String {
    if bytes.len() < 2 || !is_secret(bytes) {
        return text.to_owned();
    }
    let header = place_of(text, 5);
    let mask = |(place, character): (usize, char)| match character {
        digit if place >= header && place != at && digit.is_ascii_hexdigit() => '*',
        other => other,
    };
    text.char_indices().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apdu::Command;

    #[test]
    fn what_is_typed_for_bytes() {
        for text in ["00a40400", "00 A4 04 00", " 00:A4:04:00 ", "00-A4 04-00\n"] {
            assert_eq!(bytes(text).unwrap(), [0, 0xA4, 4, 0], "{text}");
        }
        for (text, place) in [("0", 1), ("00 A", 4), ("0 0", 1), ("00AX", 4), ("00é", 3), ("0x00", 2)] {
            let failure = bytes(text).unwrap_err();
            assert!(failure.message().starts_with(&format!("character {place} is ")), "{text}: {failure}");
        }
        assert!(bytes("").is_err() && bytes(" : ").is_err());
    }

    #[test]
    fn secrets_in_malformed_bytes_are_not_shown() {
        for text in ["00200081 08 313233x4", "0020008108313", "00 20 00 81 08 31 32 33 34 FF"] {
            let failure = match bytes(text) {
                Err(failure) => failure,
                Ok(bytes) => not_a_command(text, &bytes, Command::decode(&bytes).unwrap_err()),
            };
            let report = crate::failure::in_words(&failure, false);
            assert!(!report.contains("31") && report.contains("81"), "{report}");
        }
    }
}

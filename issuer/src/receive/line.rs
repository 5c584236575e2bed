//! Files of uploads: one short message a line, as the network of a simulated phone wrote it.
//!
//! A line is the SMS-SUBMIT in hexadecimal, with blanks or without, or a JSON object `{"phone": "alice", "tpdu": "<the same>"}`,
//! whose phone is for people and may be missing. What else an object has is passed over; so are lines with nothing but blanks.

use serde::Deserialize;

/// One short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which line it is, from 1 on.
    pub number: u64,
    /// Whose phone sent it, if that is said.
    pub phone: Option<String>,
    /// The SMS-SUBMIT.
    pub tpdu: Vec<u8>,
}

/// A line that is no message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{fault}")]
pub struct LineError {
    /// Which line it is, from 1 on.
    pub number: u64,
    /// What is wrong with it.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// It is no text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// It begins as JSON does, and is no object of a message.
    #[error("it is not a message in JSON: {0}")]
    Json(String),
    /// It is no hexadecimal.
    #[error("it is not in hexadecimal: {0}")]
    Hex(hex::FromHexError),
}

#[derive(Deserialize)]
struct Object {
    phone: Option<String>,
    tpdu: String,
}

/// The messages of a file, and the lines that are none, in their order.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Result<Line, LineError>> {
    let numbered = (1_u64..).zip(bytes.split(|byte| *byte == b'\n'));
    let filled = numbered.filter(|(_, line)| !line.trim_ascii().is_empty());
    filled.map(|(number, line)| {
        let (phone, tpdu) = read(line.trim_ascii()).map_err(|fault| LineError { number, fault })?;
        Ok(Line { number, phone, tpdu })
    })
}

fn read(line: &[u8]) -> Result<(Option<String>, Vec<u8>), LineFault> {
    let text = core::str::from_utf8(line).map_err(|_| LineFault::NotUtf8)?;
    let (phone, tpdu) = if text.starts_with('{') {
        let object: Object = serde_json::from_str(text).map_err(|error| LineFault::Json(without_place(&error)))?;
        (object.phone, object.tpdu)
    } else {
        (None, text.to_owned())
    };
    let digits: String = tpdu.split_ascii_whitespace().collect();
    Ok((phone, hex::decode(digits).map_err(LineFault::Hex)?))
}

/// What serde_json says, whose place is one in this line alone.
fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_and_what_is_none() {
        let file = b"0102\r\n\n{\"phone\":\"alice\",\"tpdu\":\"aB\",\"at\":3}\n  FF \n{\"tpdu\":\" 0 1 \"}\n0\nxy\n{\"phone\":1}\n\xFF\n00";
        let read: Vec<Result<Line, LineError>> = lines(file).collect();
        let line = |number, phone: Option<&str>, tpdu: &[u8]| {
            Ok(Line { number, phone: phone.map(str::to_owned), tpdu: tpdu.to_vec() })
        };
        assert_eq!(
            read[..4],
            [line(1, None, &[1, 2]), line(3, Some("alice"), &[0xAB]), line(4, None, &[0xFF]), line(5, None, &[1]),]
        );
        let refused: Vec<(u64, &LineFault)> =
            read.iter().filter_map(|line| line.as_ref().err()).map(|error| (error.number, &error.fault)).collect();
        assert!(matches!(
            refused.as_slice(),
            [
                (6, LineFault::Hex(hex::FromHexError::OddLength)),
                (7, LineFault::Hex(hex::FromHexError::InvalidHexCharacter { c: 'x', index: 0 })),
                (8, LineFault::Json(_)),
                (9, LineFault::NotUtf8),
            ]
        ));
        assert_eq!(read.last(), Some(&line(10, None, &[0])));
        assert_eq!(lines(b"").count() + lines(b"\n \n").count(), 0);
    }
}

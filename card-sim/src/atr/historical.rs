//! The historical bytes in words.
//!
//! Source: ISO/IEC 7816-4:2005 §8.1.1.

use apdu::Sw;

use super::explain::{Line, Reader};

/// All historical bytes, in order.
pub(super) fn explain(bytes: &[u8]) -> Vec<Line<'_>> {
    let (name, indicator) = ("historical bytes", "category indicator");
    let Some(&category) = bytes.first() else { return Vec::new() };
    let count = bytes.len();
    match category {
        0x00 => {
            let (objects, status) = bytes.split_at(count.saturating_sub(3).max(1));
            let mut reader = Reader::new(objects);
            reader.explain(1, indicator, "data objects in compact-TLV, then a status indicator");
            objects_of(&mut reader);
            let mut last = Reader::new(status);
            last.explain(3, "status indicator", status_indicator(status));
            [reader.lines, last.lines].concat()
        }
        0x10 => {
            let mut reader = Reader::new(bytes);
            reader.explain(1, indicator, "a reference into EF.DIR follows");
            reader.explain(1, "DIR data reference", "the record of EF.DIR that describes the application");
            reader.explain(count, name, "not defined");
            reader.lines
        }
        0x80 => {
            let mut reader = Reader::new(bytes);
            reader.explain(1, indicator, "data objects in compact-TLV");
            objects_of(&mut reader);
            reader.lines
        }
        _ => {
            let mut reader = Reader::new(bytes);
            let reserved = matches!(category, 0x81..=0x8F);
            let what = if reserved { "reserved for future use" } else { "proprietary" };
            reader.explain(count, name, format!("category {category:02X}, {what}{}", quoted(bytes)));
            reader.lines
        }
    }
}

/// Data objects whose tag is the high digit of their first byte, and whose length is the low one.
fn objects_of(reader: &mut Reader<'_>) {
    while let Some((&head, behind)) = reader.rest().split_first() {
        let (tag, length) = (head >> 4, usize::from(head & 0x0F));
        let whole = length.saturating_add(1);
        let Some(value) = behind.get(..length) else {
            let found = behind.len();
            reader.explain(whole, "cut off", format!("tag {tag:X} announces {length} bytes, {found} follow"));
            return;
        };
        match (tag, value) {
            (1, [_, ..]) => reader.explain(whole, "country code", format!("by ISO 3166-1, {}", hex(value))),
            (2, [_, ..]) => {
                reader.explain(whole, "issuer identification", format!("by ISO/IEC 7812-1, {}", hex(value)))
            }
            (3, [services]) => reader.explain(whole, "card service data", card_services(*services)),
            (4, _) => reader.explain(whole, "initial access data", "the first command to send after the reset"),
            (5, _) => reader.explain(whole, "card issuer's data", format!("proprietary{}", quoted(value))),
            (6, _) => reader.explain(whole, "pre-issuing data", format!("proprietary{}", quoted(value))),
            (7, [selection, behind @ ..]) => {
                let bytes = if length == 1 { "byte follows" } else { "bytes follow" };
                reader.explain(1, "card capabilities", format!("{length} {bytes}"));
                reader.explain(1, "selection", selection_methods(*selection));
                if let [coding, behind @ ..] = behind {
                    reader.explain(1, "data coding", data_coding(*coding));
                    if let [lengths, ..] = behind {
                        reader.explain(1, "chaining, lengths, channels", chains_and_channels(*lengths));
                    }
                }
                reader.explain(length.saturating_sub(3), "card capabilities", "not defined");
            }
            (8, [_] | [_, _] | [_, _, _]) => reader.explain(whole, "status indicator", status_indicator(value)),
            (15, [_, ..]) => reader.explain(whole, "application identifier", hex(value)),
            (1..=3 | 7 | 8 | 15, _) => {
                reader.explain(whole, format!("tag {tag:X}"), format!("{length} bytes, a length that is not defined"));
            }
            _ => reader.explain(whole, format!("tag {tag:X}"), "reserved for future use"),
        }
    }
}

fn card_services(byte: u8) -> String {
    let access = match byte >> 1 & 0x07 {
        0b100 => "EF.DIR and EF.ATR by READ BINARY",
        0b000 => "EF.DIR and EF.ATR by READ RECORD",
        0b010 => "EF.DIR and EF.ATR by GET DATA",
        _ => "access to EF.DIR and EF.ATR: reserved value",
    };
    let mut says = said(
        byte,
        [
            (0x80, "selection by full name"),
            (0x40, "selection by partial name"),
            (0x20, "data objects in EF.DIR"),
            (0x10, "data objects in EF.ATR"),
        ],
    );
    // How to read what is not there says nothing.
    if byte & 0x30 != 0 {
        says.push(access);
    }
    says.push(if byte & 0x01 == 0 { "with MF" } else { "without MF" });
    says.join(", ")
}

/// The first software function.
fn selection_methods(byte: u8) -> String {
    let says = said(
        byte,
        [
            (0x80, "by full name"),
            (0x40, "by partial name"),
            (0x20, "by path"),
            (0x10, "by file identifier"),
            (0x08, "implicit"),
            (0x04, "short file identifiers"),
            (0x02, "record numbers"),
            (0x01, "record identifiers"),
        ],
    );
    if says.is_empty() { String::from("none said") } else { says.join(", ") }
}

/// The second software function.
fn data_coding(byte: u8) -> String {
    let write = match byte >> 5 & 0x03 {
        0 => "one-time write",
        1 => "proprietary write",
        2 => "write OR",
        _ => "write AND",
    };
    let mut says = vec![match byte & 0x0F {
        0 => String::from("data units of half a byte"),
        1 => String::from("data units of 1 byte"),
        // 2^n half bytes, n at most 15.
        n => format!("data units of {} bytes", 1_u32.checked_shl(u32::from(n).saturating_sub(1)).unwrap_or(0)),
    }];
    says.push(String::from(write));
    says.extend(
        said(byte, [(0x80, "files of TLV structure"), (0x10, "FF may begin a tag")]).into_iter().map(String::from),
    );
    says.join(", ")
}

/// The third software function.
fn chains_and_channels(byte: u8) -> String {
    let mut says = said(
        byte,
        [(0x80, "command chaining"), (0x40, "extended Lc and Le"), (0x20, "extended length information in EF.ATR")],
    )
    .into_iter()
    .map(String::from)
    .collect::<Vec<_>>();
    let numbered = match byte >> 3 & 0x03 {
        0 => "",
        1 => ", numbered by the interface device",
        2 => ", numbered by the card",
        _ => ", numbered by the card or by the interface device",
    };
    says.push(match byte & 0x07 {
        0 => format!("the basic channel only{numbered}"),
        7 => format!("8 channels or more{numbered}"),
        n => format!("{} channels{numbered}", n.saturating_add(1)),
    });
    says.join(", ")
}

/// One byte of life cycle, two of status word, or both.
fn status_indicator(bytes: &[u8]) -> String {
    match *bytes {
        [life_cycle] => life_cycle_of(life_cycle),
        [sw1, sw2] => status(sw1, sw2),
        [life_cycle, sw1, sw2] => format!("{}; {}", life_cycle_of(life_cycle), status(sw1, sw2)),
        _ => String::from("cut off"),
    }
}

fn life_cycle_of(byte: u8) -> String {
    let state = match byte {
        0x00 => "not told",
        0x01 => "creation",
        0x03 => "initialisation",
        0x05 | 0x07 => "operational, activated",
        0x04 | 0x06 => "operational, deactivated",
        0x0C..=0x0F => "terminated",
        0x10..=0xFF => "proprietary",
        _ => "reserved value",
    };
    format!("life cycle {state}")
}

fn status(sw1: u8, sw2: u8) -> String {
    match [sw1, sw2] {
        [0, 0] => String::from("status not told"),
        bytes => format!("status {}", Sw::from_bytes(bytes)),
    }
}

/// What of a list is said by the bits that are set.
fn said<const N: usize>(byte: u8, list: [(u8, &'static str); N]) -> Vec<&'static str> {
    list.into_iter().filter(|(bit, _)| byte & bit != 0).map(|(_, what)| what).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The bytes as text, if that is what they are.
fn quoted(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) => format!(", \"{text}\""),
        _ => String::new(),
    }
}

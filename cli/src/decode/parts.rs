//! Each kind of bytes, part by part.

use ::toolkit::exchange::{Card, TERMINAL_PROFILE};
use apdu::status::Category;
use apdu::{Cla, ClassKind, Command, CommandError, Response, SecureMessaging, Sw, Tag, tlv};
use card_sim::{Atr, AtrError};

use super::tags::{self, Show};
use super::{Part, Unreadable, issuer_domain, toolkit};
use crate::trace::{Veil, command_fields, meaning, name, object_fields};

pub(super) type Read = Result<(String, Vec<Part>), Unreadable>;

const ISO: &str = "ISO/IEC 7816-4";
/// Data objects in data objects in …: no card goes further down.
const DEEPEST: usize = 16;

pub(super) fn part(at: usize, bytes: &[u8], name: impl Into<String>, meaning: impl Into<String>) -> Part {
    Part {
        at,
        length: bytes.len(),
        bytes: spaced(bytes),
        name: name.into(),
        meaning: meaning.into(),
        standard: None,
        parts: Vec::new(),
    }
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// An answer to reset.
pub fn atr(bytes: &[u8]) -> Read {
    let atr = Atr::parse(bytes).map_err(|error| {
        let at = match error {
            AtrError::InitialCharacter { .. } => 0,
            AtrError::Check { .. } => bytes.len().saturating_sub(1),
            AtrError::TooLong { .. } => Atr::MAX_LENGTH,
            AtrError::TrailingBytes { count } => bytes.len().saturating_sub(count),
            _ => bytes.len(),
        };
        Unreadable { at, rule: error.to_string() }
    })?;
    let mut at = 0_usize;
    let mut parts = Vec::new();
    for line in atr.explain() {
        let standard = Some("ISO/IEC 7816-3");
        parts.push(Part { standard, ..part(at, line.bytes, line.name, line.meaning) });
        at = at.saturating_add(line.bytes.len());
    }
    Ok(("answer to reset".to_owned(), parts))
}

/// A status word.
pub fn status(bytes: &[u8]) -> Read {
    match <[u8; 2]>::try_from(bytes) {
        Ok(sw) => Ok((meaning(Sw::from_bytes(sw)).0.to_owned(), vec![status_part(0, Sw::from_bytes(sw))])),
        Err(_) => Err(Unreadable {
            at: bytes.len().min(2),
            rule: format!("a status word has 2 bytes, here are {}", bytes.len()),
        }),
    }
}

fn status_part(at: usize, sw: Sw) -> Part {
    let (name, meaning) = meaning(sw);
    let standard = match sw.category() {
        Category::Invalid => None,
        _ if applet_model::purse::status::explain(sw).is_some() => Some("docs/applet.md"),
        _ if matches!(sw.value(), 0x9100..=0x91FF | 0x9300) => Some("ETSI TS 102 221"),
        Category::Proprietary if !sw.is_ok() => None,
        _ => Some(ISO),
    };
    let left = sw.tries_left().map_or_else(String::new, |left| format!(" Here: {left}."));
    Part { standard, ..part(at, &sw.bytes(), name, format!("{meaning}{left}")) }
}

/// A response.
pub fn response(bytes: &[u8], veil: Veil) -> Read {
    let Response { data, sw } =
        Response::decode(bytes).map_err(|error| Unreadable { at: bytes.len(), rule: error.to_string() })?;
    let mut parts = Vec::new();
    if !data.is_empty() {
        let inner = toolkit::data(data, 0, veil).unwrap_or_else(|| named_objects(data, 0));
        parts.push(Part { parts: inner, ..part(0, data, "data", format!("{} bytes", data.len())) });
    }
    parts.push(status_part(data.len(), sw));
    Ok((format!("{} bytes of data, {}", data.len(), meaning(sw).0), parts))
}

/// Data objects.
pub fn tlv(bytes: &[u8]) -> Read {
    let parts = objects(bytes, 0, None, 0)?;
    match parts.len() {
        0 => Err(Unreadable { at: 0, rule: "there is no data object".to_owned() }),
        1 => Ok(("a data object".to_owned(), parts)),
        count => Ok((format!("{count} data objects"), parts)),
    }
}

/// The data objects in `bytes`, which begin at `at`, within that one.
fn objects(bytes: &[u8], at: usize, within: Option<Tag>, depth: usize) -> Result<Vec<Part>, Unreadable> {
    let mut parts = Vec::new();
    let (mut rest, mut offset) = (bytes, at);
    while let Some(first) = rest.first() {
        // They carry no meaning.
        if *first == 0 {
            (rest, offset) = (rest.get(1..).unwrap_or_default(), offset.saturating_add(1));
            continue;
        }
        let (found, behind) = tlv::parse(rest)
            .map_err(|error| Unreadable { at: offset.saturating_add(error.offset), rule: error.kind.to_string() })?;
        let length = rest.len().saturating_sub(behind.len());
        let header = rest.get(..length.saturating_sub(found.value.len())).unwrap_or_default();
        let inside = offset.saturating_add(header.len());
        let inner = if found.tag.is_constructed() && depth < DEEPEST {
            // One that says it is constructed, and is not, is shown as bytes.
            objects(found.value, inside, Some(found.tag), depth.saturating_add(1)).ok()
        } else {
            None
        };
        let named = tags::find(within, found.tag);
        let inner = match named.map(|named| named.show) {
            Some(Show::Production) => Some(production(found.value, inside)),
            _ => inner,
        };
        let (name, standard) = match named {
            Some(named) => (named.name.to_owned(), Some(named.standard)),
            None => (format!("unknown tag {}", found.tag), None),
        };
        let meaning = match &inner {
            Some(inner) if !inner.is_empty() => String::new(),
            _ => shown(named.map_or(Show::Hex, |named| named.show), found),
        };
        parts.push(Part { length, standard, parts: inner.unwrap_or_default(), ..part(offset, header, name, meaning) });
        (rest, offset) = (behind, offset.saturating_add(length));
    }
    Ok(parts)
}

fn production(value: &[u8], inside: usize) -> Vec<Part> {
    let fields = issuer_domain::production(value).into_iter();
    fields.map(|(at, bytes, name, meaning)| part(inside.saturating_add(at), bytes, name, meaning)).collect()
}

fn shown(show: Show, object: tlv::Tlv<'_>) -> String {
    let value = object.value;
    let hex = hex::encode_upper(value);
    match show {
        Show::Hex => hex,
        Show::Aid => tags::whose(value).map_or_else(|| hex.clone(), |whose| format!("{hex}, {whose}")),
        Show::Text => match std::str::from_utf8(value) {
            Ok(text) if !text.chars().any(char::is_control) => format!("{text:?}"),
            _ => hex,
        },
        Show::Number => match value.len() {
            1..=8 => value.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)).to_string(),
            _ => hex,
        },
        Show::Identifier => issuer_domain::object_identifier(value).unwrap_or(hex),
        Show::Key => issuer_domain::key(value).unwrap_or(hex),
        // What has the fields is shown by them.
        Show::Production => hex,
        Show::Ours => {
            let tag = u16::try_from(object.tag.value()).unwrap_or_default();
            let fields = object_fields(tag, value);
            if fields.is_empty() { hex } else { fields.join(", ") }
        }
    }
}

/// A command.
pub fn command(bytes: &[u8], veil: Veil) -> Read {
    let command = Command::decode(bytes).map_err(|error| {
        let at = match error {
            CommandError::HeaderTruncated { .. } => bytes.len(),
            CommandError::TrailingBytes { count } => bytes.len().saturating_sub(count),
            CommandError::LeTruncated => bytes.len().saturating_sub(1),
            _ => 4,
        };
        Unreadable { at, rule: error.to_string() }
    })?;
    let name = name(&command);
    let mut parts = vec![
        Part { standard: Some(ISO), ..part(0, &[command.cla().byte()], "CLA", class(command.cla())) },
        Part { standard: defined_by(&command), ..part(1, &[command.ins()], "INS", name) },
        part(2, &[command.p1()], "P1", if command.ins() == SELECT { select_p1(command.p1()) } else { "" }),
        part(3, &[command.p2()], "P2", if command.ins() == SELECT { select_p2(command.p2()) } else { "" }),
    ];
    let data = command.data();
    let wide = command.case().is_extended();
    let mut at = 4_usize;
    if !data.is_empty() {
        let behind = at.saturating_add(if wide { 3 } else { 1 });
        let lc = bytes.get(at..behind).unwrap_or_default();
        parts.push(part(at, lc, "Lc", format!("{} bytes of data", data.len())));
        parts.push(body(&command, bytes, behind, veil));
        at = behind.saturating_add(data.len());
    }
    if command.ne() > 0 {
        let le = bytes.get(at..).unwrap_or_default();
        let most = if matches!(command.ne(), 256 | 65_536) { "as many as there are, up to" } else { "at most" };
        parts.push(part(at, le, "Le", format!("{most} {} bytes of answer", command.ne())));
    }
    Ok((format!("{name}, case {}", command.case()), parts))
}

/// Who gives this instruction its name, where that is sure.
fn defined_by(command: &Command<'_>) -> Option<&'static str> {
    if command.cla().byte() & 0x80 == 0 {
        return (name(command) != "unknown command").then_some(ISO);
    }
    applet_model::purse::PurseCommand::decode(command).is_ok().then_some("docs/applet.md")
}

/// The data of a command: as fields, as data objects, as the name of an application; or masked.
fn body(command: &Command<'_>, bytes: &[u8], at: usize, veil: Veil) -> Part {
    let data = command.data();
    let fields = command_fields(command).join(", ");
    if !veil.shows_command(bytes) {
        return Part { bytes: "••".to_owned(), ..part(at, data, "data", fields) };
    }
    if command.ins() == SELECT && command.p1() == 4 {
        return part(at, data, "DF name", tags::whose(data).unwrap_or("unknown application"));
    }
    if matches!((Card::of(command.cla()), command.ins()), (Some(_), TERMINAL_PROFILE)) {
        return part(at, data, "terminal profile", toolkit::profile(data));
    }
    let inner = toolkit::data(data, at, veil).unwrap_or_else(|| named_objects(data, at));
    Part { parts: inner, ..part(at, data, "data", fields) }
}

/// The data objects in `bytes`, if they have names.
fn named_objects(bytes: &[u8], at: usize) -> Vec<Part> {
    if is_likely_tlv(bytes) { objects(bytes, at, None, 0).unwrap_or_default() } else { Vec::new() }
}

const SELECT: u8 = 0xA4;

const fn select_p1(p1: u8) -> &'static str {
    match p1 {
        0x00 => "MF, DF or EF by its identifier",
        0x01 => "child DF by its identifier",
        0x02 => "EF under the current DF by its identifier",
        0x03 => "parent DF",
        0x04 => "application by its name",
        0x08 => "by path from the MF",
        0x09 => "by path from the current DF",
        _ => "not defined",
    }
}

const fn select_p2(p2: u8) -> &'static str {
    match p2 {
        0x00 => "first or only, FCI wanted",
        0x01 => "last, FCI wanted",
        0x02 => "next, FCI wanted",
        0x03 => "previous, FCI wanted",
        0x04 => "first or only, FCP wanted",
        0x08 => "first or only, FMD wanted",
        0x0C => "first or only, no answer wanted",
        0x0E => "next, no answer wanted",
        _ => "",
    }
}

fn class(cla: Cla) -> String {
    let kind = match cla.kind() {
        ClassKind::FirstInterindustry | ClassKind::FurtherInterindustry => "interindustry",
        ClassKind::Reserved => return "reserved".to_owned(),
        ClassKind::Proprietary => "proprietary",
        ClassKind::Invalid => return "invalid".to_owned(),
    };
    let channel = cla.channel().map_or_else(String::new, |channel| format!(", {channel}"));
    let chained = if cla.chaining() { ", more of a chain follows" } else { "" };
    let secured = match cla.secure_messaging() {
        SecureMessaging::None => "",
        SecureMessaging::Proprietary => ", secure messaging of its own",
        SecureMessaging::IsoHeaderNotAuthenticated => ", secure messaging",
        SecureMessaging::IsoHeaderAuthenticated => ", secure messaging with the header",
    };
    format!("{kind}{channel}{chained}{secured}")
}

/// Whether these two bytes are a status word that somebody defines.
pub fn is_status(bytes: &[u8]) -> bool {
    bytes.len() == 2 && ends_in_status(bytes)
}

/// Whether the last two bytes are a status word that has a name.
pub fn ends_in_status(bytes: &[u8]) -> bool {
    bytes.last_chunk::<2>().is_some_and(|sw| {
        let sw = Sw::from_bytes(*sw);
        sw.category() != Category::Invalid && !meaning(sw).0.starts_with("unknown")
    })
}

/// Whether a command with these bytes is one that somebody might send: with a name, and a class that there is.
pub fn is_likely_command(bytes: &[u8]) -> bool {
    Command::decode(bytes).is_ok_and(|command| {
        !matches!(command.cla().kind(), ClassKind::Reserved | ClassKind::Invalid) && name(&command) != "unknown command"
    })
}

/// Whether these are data objects of which the first has a name; all of them, if the last may be a status word.
pub fn is_likely_tlv(bytes: &[u8]) -> bool {
    let named = |object: Result<tlv::Tlv<'_>, _>| object.is_ok_and(|object| tags::find(None, object.tag).is_some());
    let mut objects = tlv::iter(bytes);
    objects.next().is_some_and(named)
        && if ends_in_status(bytes) { objects.all(named) } else { objects.all(|object| object.is_ok()) }
}

//! A command and its answer, decoded: as lines for people, as JSON for programs.

use apdu::{Command, Response, Sw};
use applet_model::purse::{PurseCommand, status};
use serde_json::{Value, json};

use super::veil::{HEADER, Veil};
use super::{fields, name, toolkit};

/// A command: its name, header, lengths and fields.
pub fn command_text(bytes: &[u8], veil: Veil) -> String {
    let Ok(command) = Command::decode(bytes) else {
        return format!("> not a command APDU: {}", malformed(bytes, veil));
    };
    let header =
        [command.cla().byte(), command.ins(), command.p1(), command.p2()].map(|byte| format!("{byte:02X}")).join(" ");
    let mut text = format!("> {}  {header}", name(&command));
    if !command.data().is_empty() {
        text += &format!("  Lc {:02X}  {}", command.data().len(), body(command.data(), veil.shows_command(bytes)));
    }
    if command.ne() > 0 {
        text += &format!("  Le {:02X}", command.ne() % 256);
    }
    line(text, &command_fields(&command))
}

/// The answer to a command: its status word with name and explanation, and its fields.
pub fn answer_text(command: &[u8], bytes: &[u8], veil: Veil) -> String {
    let Ok(Response { data, sw }) = Response::decode(bytes) else {
        return format!("< not a response APDU: {}", body(bytes, veil == Veil::Lifted));
    };
    let mut text = format!("< {}", explained(sw));
    if !data.is_empty() {
        text += &format!("  {}", body(data, veil.shows_answer(command)));
    }
    line(text, &answer_fields(command, data))
}

/// A command as JSON.
pub fn command_json(bytes: &[u8], veil: Veil) -> Value {
    let Ok(command) = Command::decode(bytes) else {
        return json!({"name": null, "length": bytes.len(), "bytes": (veil == Veil::Lifted).then(|| hex::encode_upper(bytes))});
    };
    let shown = veil.shows_command(bytes);
    json!({
        "name": name(&command),
        "header": hex::encode_upper(bytes.get(..HEADER).unwrap_or_default()),
        "case": command.case().to_string(),
        "lc": command.data().len(),
        "le": (command.ne() > 0).then_some(command.ne()),
        "data": shown.then(|| hex::encode_upper(command.data())),
        "masked": !shown && !command.data().is_empty(),
        "fields": command_fields(&command),
    })
}

/// The answer to a command as JSON.
pub fn answer_json(command: &[u8], bytes: &[u8], veil: Veil) -> Value {
    let Ok(Response { data, sw }) = Response::decode(bytes) else {
        return json!({"sw": null, "length": bytes.len(), "data": (veil == Veil::Lifted).then(|| hex::encode_upper(bytes))});
    };
    let shown = veil.shows_answer(command);
    let (name, meaning) = meaning(sw);
    json!({
        "sw": format!("{:04X}", sw.value()),
        "name": name,
        "meaning": meaning,
        "tries_left": sw.tries_left(),
        "length": data.len(),
        "data": shown.then(|| hex::encode_upper(data)),
        "masked": !shown && !data.is_empty(),
        "fields": answer_fields(command, data),
    })
}

/// The fields of a command, without the secret ones.
pub fn command_fields(command: &Command<'_>) -> Vec<String> {
    let purse = || PurseCommand::decode(command).ok().map(|decoded| fields::of_command(&decoded));
    toolkit::of_command(command).or_else(purse).unwrap_or_default()
}

fn answer_fields(command: &[u8], data: &[u8]) -> Vec<String> {
    let Ok(command) = Command::decode(command) else { return Vec::new() };
    let purse = || PurseCommand::decode(&command).ok().map(|decoded| fields::of_answer(&decoded, data));
    toolkit::of_answer(&command, data).or_else(purse).unwrap_or_default()
}

fn line(text: String, fields: &[String]) -> String {
    if fields.is_empty() { text } else { format!("{text}\n    {}", fields.join(", ")) }
}

/// Bytes that are no command: their header, where they may be shown so far.
fn malformed(bytes: &[u8], veil: Veil) -> String {
    match (veil, bytes.get(..HEADER)) {
        (Veil::Secret, Some(header)) if super::veil::is_secret(bytes) => {
            format!("{} •• ({} bytes)", hex::encode_upper(header), bytes.len())
        }
        (veil, _) => body(bytes, veil != Veil::Unknown),
    }
}

/// A body in hexadecimal, or masked.
fn body(bytes: &[u8], shown: bool) -> String {
    if shown { hex::encode_upper(bytes) } else { format!("•• ({} bytes)", bytes.len()) }
}

/// The name of a status word, and what it means.
pub fn meaning(sw: Sw) -> (&'static str, &'static str) {
    status::explain(sw).map_or_else(|| (sw.name(), sw.explanation()), |(_, name, explanation)| (name, explanation))
}

/// A status word with its name, and what it means unless that is plain.
fn explained(sw: Sw) -> String {
    if sw.is_ok() {
        return sw.to_string();
    }
    let (name, meaning) = meaning(sw);
    match sw.tries_left() {
        Some(left) => format!("{:04X} {left} tries left: {meaning}", sw.value()),
        None => format!("{:04X} {name}: {meaning}", sw.value()),
    }
}

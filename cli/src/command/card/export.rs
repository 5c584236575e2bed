//! `digitally card export`

use std::fmt::Write;
use std::fs::File;
use std::io::Read;

use applet_model::purse::Field;
use card_sim::{CardFile, Held};
use serde_json::{Value, json};

use super::FileArg;
use crate::atr;
use crate::failure::Failure;
use crate::medium::open_unpowered;
use crate::memory::{Condition, fields};
use crate::output::Output;
use crate::session::Session;

/// Show all that a card's image holds, keys and PINs masked
///
/// The memory of each applet is shown field by field. The card is not powered up and its file not changed; where the power
/// has failed, what is half done is shown as it lies there.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "digitally card export [OPTIONS] --card <FILE>",
    after_help = "Example: digitally card export --card alice.card --json"
)]
pub struct Args {
    #[command(flatten)]
    card: FileArg,
}

impl Args {
    /// Reads the image.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let file = open_unpowered(self.card.path("a card in a reader does not show its memory")?, session)?;
        let export = Export { format: format(&file)?, condition: Condition::of(file.card()), file: &file };
        let text = export.text();
        Ok(Output::new(&export.json(), &text, &text))
    }
}

/// The version of the format, out of the image's header.
fn format(file: &CardFile) -> Result<u16, Failure> {
    let mut header = [0; 10];
    let read = File::open(file.path()).and_then(|mut opened| opened.read_exact(&mut header));
    read.map_err(|error| Failure::unreadable(file.path(), &error))?;
    let [.., high, low] = header;
    Ok(u16::from_be_bytes([high, low]))
}

/// An image, read.
struct Export<'f> {
    format: u16,
    condition: Condition,
    file: &'f CardFile,
}

impl Export<'_> {
    fn json(&self) -> Value {
        let card = self.file.card();
        let atr = card.atr();
        let mut json = self.condition.json();
        json.extend([
            ("format".to_owned(), self.format.into()),
            ("atr".to_owned(), json!({"bytes": hex::encode_upper(atr), "parts": atr::parts(atr)})),
            ("instances".to_owned(), card.contents().map(|held| instance_json(&held)).collect()),
        ]);
        json.into()
    }

    fn text(&self) -> String {
        let card = self.file.card();
        let mut text = format!("image        format {}\n{}", self.format, atr::text(card.atr()));
        text += &self.condition.text();
        for held in card.contents() {
            let (aid, module) = (held.aid, held.module);
            let parameters = hex::encode_upper(held.parameters);
            let _ = writeln!(text, "applet       {aid}\n  module     {module}\n  parameters {parameters}");
            let _ = writeln!(text, "  {:>6} {:>6}  field", "at", "bytes");
            for row in rows(&held) {
                let _ = writeln!(text, "  {:>6} {:>6}  {:28} {}", row.at, row.len, row.name, row.shown);
            }
        }
        text
    }
}

fn instance_json(held: &Held<'_>) -> Value {
    let known = fields(held);
    let field = |field: &Field| {
        let bytes = held.memory.get(field.at..field.at.saturating_add(field.len)).unwrap_or_default();
        json!({
            "name": field.name,
            "at": field.at,
            "length": field.len,
            "record": field.each,
            "secret": field.secret,
            "bytes": (!field.secret).then(|| hex::encode_upper(bytes)),
        })
    };
    json!({
        "aid": held.aid.to_string(),
        "module": held.module.to_string(),
        "parameters": hex::encode_upper(held.parameters),
        "memory": known.iter().map(field).collect::<Vec<_>>(),
    })
}

/// A line of the text: a field, a record of it, or records that are all zero.
struct Row {
    at: usize,
    len: usize,
    name: String,
    shown: String,
}

fn rows(held: &Held<'_>) -> Vec<Row> {
    fields(held).iter().flat_map(|field| field_rows(field, held.memory)).collect()
}

fn field_rows(field: &Field, memory: &[u8]) -> Vec<Row> {
    let Field { at, len, each, name, secret, .. } = *field;
    let bytes = memory.get(at..at.saturating_add(len)).unwrap_or_default();
    if secret {
        return vec![Row { at, len, name: name.to_owned(), shown: "•• secret".to_owned() }];
    }
    if each == len {
        return vec![Row { at, len, name: name.to_owned(), shown: hex::encode_upper(bytes) }];
    }
    let is_zero = |record: &&[u8]| record.iter().all(|byte| *byte == 0);
    let records: Vec<&[u8]> = bytes.chunks(each).collect();
    let mut rows: Vec<Row> = Vec::new();
    let mut number = 0_usize;
    for run in records.chunk_by(|a, b| is_zero(a) && is_zero(b)) {
        let first = number.saturating_add(1);
        let at = at.saturating_add(number.saturating_mul(each));
        number = number.saturating_add(run.len());
        let name = if run.len() == 1 { format!("{name} {first}") } else { format!("{name} {first} to {number}") };
        let shown = match run {
            [record] if !is_zero(record) => hex::encode_upper(record),
            _ => "all zero".to_owned(),
        };
        rows.push(Row { at, len: each.saturating_mul(run.len()), name, shown });
    }
    rows
}

//! `digitally card decode`

use std::io::Read;

use serde_json::json;

use crate::decode::{Kind, Reading, readings, text};
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::typed;

/// Say what bytes mean: a command, an answer, data objects, an ATR, a status word
///
/// No card is needed. What the bytes are is found out; where they may well be several things, all are shown. Each part has
/// where it begins, its name, its meaning and the standard that gives it; unknown tags say so. PINs, keys and codes in
/// commands are masked unless --trace-secrets is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally card decode 6F0D840BF06469676974616C6C7901
  digitally card decode --as tlv 9000
  echo '63 C2' | digitally card decode")]
pub struct Args {
    /// The bytes in hexadecimal, over several arguments if you like; without them standard input is read
    #[arg(value_name = "HEX")]
    bytes: Vec<String>,
    /// What they are
    #[arg(long = "as", value_enum, value_name = "KIND")]
    kind: Option<Kind>,
}

impl Args {
    /// Decodes.
    ///
    /// # Errors
    /// If what was typed is not hexadecimal, or is not what it is said to be.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let typed = match self.bytes.as_slice() {
            [] => standard_input()?,
            words => words.join(" "),
        };
        let bytes = typed::bytes(&typed)?;
        let found = match self.kind {
            None => readings(&bytes, session.veil()),
            Some(kind) => vec![kind.read(&bytes, session.veil()).map_err(|fault| {
                let place = typed::place_of(&typed, fault.at);
                let message = format!("byte {} of {}: {}", fault.at, bytes.len(), fault.rule);
                Failure::new(ErrorCode::NotDecodable, format!("this is no {}: {message}", kind.name()))
                    .typed(
                        &typed::shown(&typed, &bytes, typed.len()),
                        place,
                        2.min(typed.len().saturating_sub(place)),
                        "here",
                    )
                    .help("bytes are counted from 0; leave --as out to see what they may be")
            })?],
        };
        if found.is_empty() {
            return Err(Failure::new(ErrorCode::NotDecodable, "these bytes are nothing that is known here")
                .typed(&typed, 0, typed.len(), "no command, answer, data object, ATR or status word")
                .help("say what they are with --as, and the rule that they break is named"));
        }
        let json = json!({"length": bytes.len(), "readings": found});
        let titles: Vec<String> = found.iter().map(title).collect();
        let shown = found.iter().map(|reading| format!("{}\n{}", title(reading), text(&reading.parts, 0)));
        Ok(Output::new(&json, shown.collect::<Vec<_>>().join("\n"), titles.join("\n")))
    }
}

fn title(reading: &Reading) -> String {
    format!("{}: {}", reading.kind.name(), reading.title)
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    // Twice the longest command and answer, and blanks.
    let read = std::io::stdin().lock().take(1 << 20).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| {
        Failure::new(ErrorCode::HexMalformed, format!("standard input cannot be read: {error}"))
            .help("it takes bytes in hexadecimal")
    })
}

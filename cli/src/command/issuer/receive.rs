//! `digitally issuer receive`

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use ::issuer::receive::{Content, Numbers, ReceiveError, Received, Standing, lines, receive};
use ::issuer::register::Arrival;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::issue::now;
use crate::issuer::{Opened, Register};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;

/// Take up what cards have uploaded: short messages with their logs
///
/// One message a line: the SMS-SUBMIT in hexadecimal, or a JSON object {"phone": "...", "tpdu": "..."} with it. They may come in
/// any order, more than once, or not at all: each log entry is checked by its card's MAC and kept once, and what is missing is
/// named. The same again changes nothing. A message that is refused costs nothing, and the others are taken. What is gone had
/// left the card before it came; what is missing may still come, by another upload or at the next contact. Only a contact
/// acknowledges payments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally issuer receive --issuer issuer.json messages.jsonl\n  \
                        tail -n 20 gateway.log | digitally issuer receive --issuer issuer.json -")]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// Files of messages; - for standard input
    #[arg(value_name = "MESSAGES", default_value = STDIN)]
    files: Vec<String>,
}

const STDIN: &str = "-";

/// A message, or a line that is none, and what became of it.
struct Told {
    file: String,
    line: u64,
    phone: Option<String>,
    outcome: Result<Received, String>,
}

/// What came of one card, in this run.
#[derive(Default)]
struct Came {
    new: usize,
    known: usize,
    statements: usize,
}

impl Args {
    /// Takes them up.
    ///
    /// # Errors
    /// If a file cannot be read, or the register cannot be worked with; what was taken stays taken.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let files: Vec<(&str, Vec<u8>)> =
            self.files.iter().map(|file| Ok((file.as_str(), read(file)?))).collect::<Result<_, Failure>>()?;
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let (mut told, now) = (Vec::new(), now());
        let mut progress = Progress::new(session);
        for (file, bytes) in &files {
            let file = if *file == STDIN { "standard input" } else { file };
            for line in lines(bytes) {
                progress.show(|| format!("{} messages", told.len()));
                let (line, phone, outcome) = match line {
                    Err(error) => (error.number, None, Err(error.to_string())),
                    Ok(line) => match receive(&mut opened.register, &opened.issuer, &line.tpdu, now) {
                        Ok(received) => (line.number, line.phone, Ok(received)),
                        Err(ReceiveError::Refused(refusal)) => (line.number, line.phone, Err(refusal.to_string())),
                        Err(error) => {
                            progress.clear();
                            return Err(stopped(error));
                        }
                    },
                };
                told.push(Told { file: file.to_owned(), line, phone, outcome });
            }
        }
        progress.clear();
        output(&told, &opened.register)
    }
}

fn read(file: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match file {
        STDIN => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        file => std::fs::read(file).map(|read| bytes = read),
    };
    let name = if file == STDIN { "standard input" } else { file };
    read.map(|()| bytes).map_err(|error| Failure::unreadable(Path::new(name), &error))
}

fn stopped(error: ReceiveError) -> Failure {
    match error {
        ReceiveError::Register(error) => error.into(),
        ReceiveError::Keys(error) => error.into(),
        error => Failure::new(crate::failure::ErrorCode::RegisterMalformed, error.to_string()),
    }
}

/// Whether anything of it was not there before.
fn is_new(received: &Received) -> bool {
    match &received.content {
        Content::Entries(entries) => entries.iter().any(|(_, arrival)| *arrival != Arrival::Known),
        Content::Statement(_, arrival) => *arrival != Arrival::Known,
    }
}

fn output(told: &[Told], register: &Register) -> Result<Output, Failure> {
    let mut came: BTreeMap<i64, Came> = BTreeMap::new();
    for received in told.iter().filter_map(|told| told.outcome.as_ref().ok()) {
        let came = came.entry(received.card.id).or_default();
        match &received.content {
            Content::Statement(..) => came.statements = came.statements.saturating_add(1),
            Content::Entries(entries) => {
                let known = entries.iter().filter(|(_, arrival)| *arrival == Arrival::Known).count();
                came.known = came.known.saturating_add(known);
                came.new = came.new.saturating_add(entries.len().saturating_sub(known));
            }
        }
    }
    let cards: Vec<(Came, Standing)> = came
        .into_iter()
        .map(|(card, came)| Ok((came, Standing::of(register, register.card(card)?)?)))
        .collect::<Result<_, Failure>>()?;
    let is = |wanted: &str| told.iter().filter(|told| result(told) == wanted).count();
    let (taken, known, refused) = (is(TAKEN), is(KNOWN), is(REFUSED));
    let mut text = format!("{taken} taken, {known} known already, {refused} refused\n");
    for (came, standing) in &cards {
        text += &card_text(came, standing);
    }
    for Told { file, line, phone, outcome } in told {
        if let Err(why) = outcome {
            let phone = phone.as_ref().map_or_else(String::new, |phone| format!(" ({})", visible(phone)));
            text += &format!("{file}, line {line}{phone}: {}\n", visible(why));
        }
    }
    let json = json!({
        "taken": taken,
        "known": known,
        "refused": refused,
        "messages": told.iter().map(message).collect::<Vec<_>>(),
        "cards": cards.iter().map(|(came, standing)| card_json(came, standing)).collect::<Vec<_>>(),
    });
    let found = cards.iter().any(|(_, standing)| !standing.findings.is_empty());
    let exit = if refused > 0 || found { Exit::Refused } else { Exit::Done };
    Ok(Output::new(&json, text, taken).exiting(exit))
}

const TAKEN: &str = "taken";
const KNOWN: &str = "known";
const REFUSED: &str = "refused";

fn result(told: &Told) -> &'static str {
    match &told.outcome {
        Ok(received) if is_new(received) => TAKEN,
        Ok(_) => KNOWN,
        Err(_) => REFUSED,
    }
}

/// A terminal would obey control characters.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn list(numbers: &[Numbers]) -> String {
    numbers.iter().map(Numbers::to_string).collect::<Vec<_>>().join(", ")
}

fn card_text(came: &Came, standing: &Standing) -> String {
    let Standing { card, newest, known, missing, gone, findings } = standing;
    let entries = |count: usize| if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
    let statement = match came.statements {
        0 => "",
        1 => ", a statement",
        _ => ", statements",
    };
    let mut lines = vec![
        ("came", format!("{} for the first time, {} known before{statement}", entries(came.new), came.known)),
        ("known", format!("{known} of {newest}")),
    ];
    if !missing.is_empty() {
        lines.push(("missing", list(missing)));
    }
    if !gone.is_empty() {
        lines.push(("gone", format!("{}: left the card before they came", list(gone))));
    }
    for finding in findings {
        lines.push(("found", format!("{finding}; the card is suspended at its next contact, and has to be replaced")));
    }
    let head = format!("{}, card {}\n", card.number, card.place.sequence);
    lines.into_iter().fold(head, |text, (what, line)| format!("{text}  {what:<8}  {line}\n"))
}

fn message(told: &Told) -> Value {
    let Told { file, line, phone, outcome } = told;
    let received = outcome.as_ref().ok();
    let (entries, statement) = match received.map(|received| &received.content) {
        Some(Content::Entries(entries)) => (Some(entries.iter().map(|(number, _)| *number).collect::<Vec<_>>()), None),
        Some(Content::Statement(newest, _)) => (None, Some(*newest)),
        None => (None, None),
    };
    json!({
        "file": file,
        "line": line,
        "phone": phone,
        "result": result(told),
        "why": outcome.as_ref().err(),
        "msisdn": received.map(|received| received.card.number.to_string()),
        "sequence": received.map(|received| received.card.place.sequence),
        "entries": entries,
        "statement": statement,
    })
}

fn card_json(came: &Came, standing: &Standing) -> Value {
    let ranges = |numbers: &[Numbers]| numbers.iter().map(|one| json!([one.first, one.last])).collect::<Vec<_>>();
    json!({
        "msisdn": standing.card.number.to_string(),
        "sequence": standing.card.place.sequence,
        "new": came.new,
        "known_before": came.known,
        "newest": standing.newest,
        "known": standing.known,
        "missing": ranges(&standing.missing),
        "gone": ranges(&standing.gone),
        "findings": standing.findings,
    })
}

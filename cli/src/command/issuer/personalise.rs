//! `digitally issuer personalise`

use std::io;
use std::path::{Path, PathBuf};

use ::issuer::batch::Batch;
use ::issuer::personalise::{Done, Terms};
use ::issuer::register::Card as Entry;
use ::issuer::run::{CardSource, Event, RunError, run};
use card_sim::Card;
use reader::Options;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::command::card::Connection;
use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::issue::{now, transport_keys};
use crate::issuer::Opened;
use crate::medium::{Medium, MediumError, Place};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;

/// Make cards for people, one for each line of a file
///
/// Each card begins blank, with an issuer domain and the published keys that blank software cards have; it gets keys of
/// its own, a purse and its holder's data through the secure channel, and nothing in plain. Cut off anywhere, the same
/// command goes on where it was: lines that have their card are passed over.
///
/// The first line of the file names the columns: number; pin, balance, currency, profile, algorithm, capacity,
/// max_payment, max_balance, max_requests, max_wrong_codes, replaces, if they are wanted. Without a PIN there is a derived
/// one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  digitally issuer personalise --issuer issuer.json --batch people.csv --out cards\n  \
                  digitally issuer personalise --issuer issuer.json --batch people.csv --reader '00 00' --reader '00 01'"
)]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// The people: CSV
    #[arg(long, value_name = "FILE")]
    batch: String,
    /// The folder for the image files, each named by its holder's number; made if it is not there
    #[arg(long, value_name = "FOLDER", required_unless_present = "reader")]
    out: Option<String>,
    /// Instead: the reader with a blank card in it, by its name or a part of it; several readers for several lines. Lines for
    /// which there is none are left to the next run
    #[arg(id = "reader", long, value_name = "NAME", conflicts_with = "out")]
    readers: Vec<String>,
    #[command(flatten)]
    connection: Connection,
    /// Try cards again that had other keys than they said
    #[arg(long)]
    yes: bool,
}

/// Where the cards are.
struct Source<'s> {
    place: Cards<'s>,
    session: &'s Session,
}

enum Cards<'s> {
    /// Image files in a folder: there already, begun by a run before, or made blank.
    Folder(PathBuf),
    /// In readers, from the first one that has not had its turn.
    Readers(&'s [String], Options),
}

impl CardSource for Source<'_> {
    type Card = Medium;
    type Error = Failure;

    fn card(&mut self, card: &Entry) -> Result<Option<Medium>, Failure> {
        let folder = match &self.place {
            Cards::Folder(folder) => folder,
            Cards::Readers([], _) => return Ok(None),
            Cards::Readers([first, ..], options) => {
                return Medium::open(Place::Reader(first, *options), self.session).map(Some);
            }
        };
        let path = folder.join(name(card)).display().to_string();
        if !Path::new(&path).exists() {
            Medium::blank(Card::DEFAULT_ATR, None, self.session)?.keep(&path)?;
        }
        Medium::open(Place::File(&path), self.session).map(Some)
    }

    fn done(&mut self, _: Medium, _: &Done) -> Result<(), Failure> {
        if let Cards::Readers(left, _) = &mut self.place {
            *left = left.get(1..).unwrap_or_default();
        }
        Ok(())
    }
}

/// `+254700000001.card`, and for the holder's next one `+254700000001-2.card`.
fn name(card: &Entry) -> String {
    match card.place.sequence {
        1 => format!("{}.card", card.number),
        sequence => format!("{}-{sequence}.card", card.number),
    }
}

impl Args {
    /// Makes the cards.
    ///
    /// # Errors
    /// If a file cannot be read or written, or a card cannot be made; what was made stays made.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let unreadable = |error: io::Error| Failure::unreadable(Path::new(&self.batch), &error);
        let text = std::fs::read(&self.batch).map(Zeroizing::new).map_err(unreadable)?;
        let batch = Batch::read(&text).map_err(|error| {
            Failure::new(ErrorCode::BatchMalformed, format!("{}: {error}", self.batch))
                .help("the first line names the columns, for instance: number,pin,balance")
        })?;
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let place = match &self.out {
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(Path::new(folder), &error))?;
                Cards::Folder(PathBuf::from(folder))
            }
            None => Cards::Readers(&self.readers, self.connection.options()),
        };
        let mut source = Source { place, session };
        let transport = transport_keys();
        let terms = Terms { again: self.yes, ..Terms::new(&opened.issuer, Some(&transport), now()) };
        let orders: Vec<_> = batch.lines.iter().map(|line| (Some(line.line), &line.order)).collect();

        let mut refused: Vec<String> = batch.refused.iter().map(ToString::to_string).collect();
        let (mut cards, mut made, mut progress) = (Vec::<Value>::new(), 0_usize, Progress::new(session));
        let outcome = run(
            Some(&self.batch),
            &orders,
            &mut source,
            &terms,
            &mut opened.register,
            &mut *session.random(),
            &mut |event| match event {
                Event::Refused { order, why } => {
                    let line = orders.get(order).and_then(|(line, _)| *line).unwrap_or_default();
                    refused.push(format!("line {line}: {why}"));
                }
                Event::Step(card, step) => {
                    progress.show(|| format!("{made} of {} cards; {}: {step}", orders.len(), card.number));
                }
                Event::Done(done) => {
                    made = made.saturating_add(1);
                    cards.push(entry(done));
                }
                _ => {}
            },
        );
        progress.clear();
        let tally = outcome.map_err(|error| self.stopped(error, made))?;
        let domain = opened.issuer.domain();
        let mut text = format!(
            "{} made in {}, {} made before, {} refused{}\n\
             \x20 keys      each card's own, by {}, version {:02X}; the register has their check values\n",
            tally.made,
            self.out.as_deref().unwrap_or("readers"),
            tally.already,
            refused.len(),
            if tally.left > 0 {
                format!(", {} left: put blank cards in, and run this again", tally.left)
            } else {
                String::new()
            },
            domain.scheme,
            domain.version,
        );
        for line in &refused {
            text += &format!("{}, {line}\n", self.batch);
        }
        let json = json!({
            "made": tally.made,
            "already": tally.already,
            "left": tally.left,
            "refused": refused,
            "diversification": domain.scheme.name(),
            "key_version": domain.version,
            "cards": cards,
        });
        let exit = if refused.is_empty() { Exit::Done } else { Exit::Refused };
        Ok(Output::new(&json, text, tally.made).exiting(exit))
    }

    fn stopped(&self, error: RunError<MediumError, Failure>, made: usize) -> Failure {
        let again = "what was made stays made: run the same command again, and it goes on there";
        match error {
            RunError::Source(failure) => failure,
            RunError::Register(error) => error.into(),
            RunError::Keys(error) => error.into(),
            error => Failure::new(ErrorCode::CardNotMade, format!("{made} cards made, then: {error}")).help(again),
        }
    }
}

fn entry(done: &Done) -> Value {
    let [enc, mac, dek] = done.keys.checks.map(|check| check.to_string());
    json!({
        "card": name(&done.card),
        "msisdn": done.card.number.to_string(),
        "sequence": done.card.place.sequence,
        "balance": done.balance.minor_units(),
        "security_level": done.level.to_string(),
        "key_check_values": {"enc": enc, "mac": mac, "dek": dek, "payment": done.payment_key.to_string()},
    })
}

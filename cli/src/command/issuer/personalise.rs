//! `digitally issuer personalise`

mod letters;
mod one;
mod source;

use std::path::{Path, PathBuf};

use ::issuer::batch::{Batch, Line};
use ::issuer::personalise::{Done, PersonaliseError, Terms};
use ::issuer::register::Card as Entry;
use ::issuer::run::{Event, RunError, run};
use globalplatform::scp03::host::HostError;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use self::letters::Letters;
use self::one::One;
use self::source::{Cards, Source, name};
use crate::command::card::Connection;
use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::issue::{TransportKeysArg, now, transport_keys};
use crate::issuer::Opened;
use crate::medium::MediumError;
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;

/// Make cards for people, one for each line of a file, or one card
///
/// Each card begins blank, with an issuer domain and the keys that its manufacturer gave it; it gets keys of its own, a purse
/// and its holder's data through the secure channel, and nothing in plain. Cut off anywhere, the same command goes on where it
/// was: orders that have their card are passed over.
///
/// The first line of the file names the columns: number; pin, balance, currency, profile, algorithm, capacity,
/// max_payment, max_balance, max_requests, max_wrong_codes, replaces, if they are wanted. Without a PIN there is a derived
/// one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  digitally issuer personalise --issuer issuer.json --batch people.csv --out cards\n  \
                  digitally issuer personalise --issuer issuer.json --batch people.csv --reader '00 00' --reader '00 01'\n  \
                  digitally issuer personalise --issuer issuer.json --number +254700000001 --balance 500 --card alice.card"
)]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// The people: CSV
    #[arg(long, value_name = "FILE", required_unless_present = "number", conflicts_with = "number")]
    batch: Option<String>,
    #[command(flatten)]
    one: Box<One>,
    /// The folder for the image files, each named by its holder's number; made if it is not there
    #[arg(long, value_name = "FOLDER", required_unless_present_any = ["reader", "card"])]
    out: Option<String>,
    /// Instead: the reader with a blank card in it, by its name or a part of it; several readers for several lines. Lines for
    /// which there is none are left to the next run
    #[arg(id = "reader", long, value_name = "NAME", conflicts_with = "out")]
    readers: Vec<String>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    transport: TransportKeysArg,
    /// Also write a letter for each card, with its PIN and PUK: a file in this folder, readable by you only. One that is
    /// there stays as it is; to write one again, take it away and run the same command
    #[arg(long, value_name = "FOLDER")]
    letters: Option<String>,
    /// Try cards again that had other keys than they said
    #[arg(long)]
    yes: bool,
}

impl Args {
    /// Makes the cards.
    ///
    /// # Errors
    /// If a file cannot be read or written, or a card cannot be made; what was made stays made.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let batch = self.orders()?;
        let transport = self.transport.named()?.unwrap_or_else(transport_keys);
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let card = self.one.card.as_deref().map(Path::to_string_lossy);
        let place = match (&self.out, card.as_deref()) {
            (Some(folder), _) => {
                std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(Path::new(folder), &error))?;
                Cards::Folder(PathBuf::from(folder))
            }
            (None, Some(path)) => Cards::File(path),
            (None, None) => Cards::Readers(&self.readers, self.connection.options()),
        };
        let letters = self.letters.as_deref();
        let letters =
            letters.map(|folder| Letters::open(folder, &opened.issuer, batch.lines.iter().map(|line| &line.order)));
        let letters = letters.transpose()?;
        let mut source = Source { place, letters: letters.as_ref(), session };
        let terms = Terms { again: self.yes, ..Terms::new(&opened.issuer, Some(&transport), now()) };
        let orders: Vec<_> =
            batch.lines.iter().map(|line| (self.batch.as_ref().map(|_| line.line), &line.order)).collect();

        let mut refused: Vec<String> = batch.refused.iter().map(ToString::to_string).collect();
        let (mut cards, mut before, mut made) = (Vec::<Value>::new(), Vec::<Entry>::new(), 0_usize);
        let mut progress = Progress::new(session);
        let outcome = run(
            self.batch.as_deref(),
            &orders,
            &mut source,
            &terms,
            &mut opened.register,
            &mut *session.random(),
            &mut |event| match event {
                Event::Refused { order, why } => {
                    refused.push(match orders.get(order).and_then(|(line, _)| *line) {
                        Some(line) => format!("line {line}: {why}"),
                        None => why.to_string(),
                    });
                }
                Event::Already(card) => before.push(*card),
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
        // A run before may have been cut off between a card and its letter.
        if let Some(letters) = &letters {
            before.iter().try_for_each(|card| letters.write(card))?;
        }
        let tally = outcome.map_err(|error| stopped(error, made))?;
        let domain = opened.issuer.domain();
        let mut text = format!(
            "{} made in {}, {} made before, {} refused{}\n\
             \x20 keys      each card's own, by {}, version {:02X}; the register has their check values\n",
            tally.made,
            self.out.as_deref().or(card.as_deref()).unwrap_or("readers"),
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
        let written = letters.as_ref().map(|letters| letters.written.get());
        if let (Some(written), Some(folder)) = (written, &self.letters) {
            text += &format!("  letters   {written} written in {folder}, readable by you only: PINs and PUKs\n");
        }
        for line in &refused {
            match &self.batch {
                Some(batch) => text += &format!("{batch}, {line}\n"),
                None => text += &format!("{line}\n"),
            }
        }
        let json = json!({
            "made": tally.made,
            "already": tally.already,
            "left": tally.left,
            "refused": refused,
            "diversification": domain.scheme.name(),
            "key_version": domain.version,
            "letters": written,
            "cards": cards,
        });
        let exit = if refused.is_empty() { Exit::Done } else { Exit::Refused };
        Ok(Output::new(&json, text, tally.made).exiting(exit))
    }

    /// What is to be made.
    fn orders(&self) -> Result<Batch, Failure> {
        let Some(path) = self.batch.as_deref() else {
            return Ok(Batch { lines: vec![Line { line: 1, order: self.one.order()? }], refused: Vec::new() });
        };
        let text = std::fs::read(path).map(Zeroizing::new);
        let text = text.map_err(|error| Failure::unreadable(Path::new(path), &error))?;
        Batch::read(&text).map_err(|error| {
            Failure::new(ErrorCode::BatchMalformed, format!("{path}: {error}"))
                .help("the first line names the columns, for instance: number,pin,balance")
        })
    }
}

fn stopped(error: RunError<MediumError, Failure>, made: usize) -> Failure {
    let again = "what was made stays made: run the same command again, and it goes on there";
    match error {
        RunError::Source(failure) => failure,
        RunError::Register(error) => error.into(),
        RunError::Keys(error) => error.into(),
        RunError::Card { error: ref why, .. } => {
            let help = advice(why).unwrap_or(again);
            Failure::new(ErrorCode::CardNotMade, format!("{made} cards made, then: {error}")).help(help)
        }
        error => Failure::new(ErrorCode::CardNotMade, format!("{made} cards made, then: {error}")).help(again),
    }
}

/// What helps where the same command again does not.
const fn advice<E: std::error::Error + 'static>(error: &PersonaliseError<E>) -> Option<&'static str> {
    Some(match error {
        PersonaliseError::Host(HostError::Cryptogram | HostError::Challenge | HostError::ExternalAuthenticate(_)) => {
            "the card has not the keys that were tried, and a few wrong tries block it for ever: find its keys first \
             (--transport-keys FILE), then say --yes once to try it again"
        }
        PersonaliseError::SecondTry { .. } => {
            "if you have found its keys (--transport-keys FILE), say --yes to try it again; a few wrong tries block it for ever"
        }
        PersonaliseError::ForeignKeys { .. } => {
            "nothing was tried. Name the keys that its manufacturer gave it, --transport-keys FILE; the card of another issuer \
             cannot become yours"
        }
        PersonaliseError::SameVersion(_) => {
            "nothing was tried: cards whose transport keys have this version need an issuer with another one"
        }
        PersonaliseError::AnotherCard(_) => "put a blank card in, or the one that was begun for this order",
        PersonaliseError::AnotherChip { .. } => {
            "put the card in that was begun; if it is lost or spoilt: digitally issuer give-up --issuer FILE --number NUMBER --yes"
        }
        PersonaliseError::NotInRegister { .. } | PersonaliseError::KeysGone(_) => {
            "put this card aside: is the register an old copy? docs/issuer.md says what to keep"
        }
        PersonaliseError::CardState(_) | PersonaliseError::PurseState(_) | PersonaliseError::Nameless { .. } => {
            "put a blank card in"
        }
        _ => return None,
    })
}

fn entry(done: &Done) -> Value {
    let [enc, mac, dek] = done.keys.checks.map(|check| check.to_string());
    json!({
        "card": name(&done.card, "card"),
        "msisdn": done.card.number.to_string(),
        "sequence": done.card.place.sequence,
        "balance": done.balance.minor_units(),
        "security_level": done.level.to_string(),
        "key_check_values": {"enc": enc, "mac": mac, "dek": dek, "payment": done.payment_key.to_string()},
    })
}

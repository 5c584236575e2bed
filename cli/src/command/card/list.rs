//! `digitally card list`

use apdu::{Command, ExchangeError, Response, Sw, Tag, Transport, exchange, tlv};
use serde::Serialize;
use serde_json::json;

use super::CardArg;
use crate::decode::{PREFIXES, whose};
use crate::failure::Failure;
use crate::failure::medium::unanswered;
use crate::medium::{Medium, MediumError};
use crate::output::Output;
use crate::session::Session;
use crate::trace::Traced;

/// List the applications on a card, as a terminal finds them
///
/// Selects by well-known beginnings of application identifiers, each as often as the card has another one, and reads the
/// directory file EF.DIR if there is one. An application with another beginning is found only there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card list --card alice.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
}

/// An application that was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Application {
    aid: String,
    label: Option<String>,
    whose: Option<&'static str>,
    found: Found,
    status: String,
}

/// How it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Found {
    #[serde(rename = "SELECT")]
    Select,
    #[serde(rename = "EF.DIR")]
    Directory,
}

impl Args {
    /// Looks for them.
    ///
    /// # Errors
    /// If the card does not answer.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let place = self.card.place();
        let card = place.option();
        let medium = Medium::open(place, session)?;
        let mut card_side = Traced::new(medium, session.tracing.clone(), session.whose.clone());
        let all = applications(&mut card_side).map_err(|error| unanswered(error, &card))?;
        let text = match all.len() {
            0 => "no application that is known here, and no directory".to_owned(),
            _ => all.iter().map(line).collect(),
        };
        let quiet: Vec<&str> = all.iter().map(|application| application.aid.as_str()).collect();
        Ok(Output::new(&json!({"applications": all}), text, quiet.join("\n")))
    }
}

fn line(application: &Application) -> String {
    let Application { aid, label, whose, found, status } = application;
    let label = label.as_ref().map_or_else(|| "no label".to_owned(), |label| format!("{label:?}"));
    let whose = whose.unwrap_or("unknown");
    let how = match found {
        Found::Select if status == "9000" => "",
        Found::Select => "  (selectable, with a warning)",
        Found::Directory => "  (in EF.DIR)",
    };
    format!("{aid:32}  {label:20}  {whose}{how}\n")
}

type Exchanged<T> = Result<T, ExchangeError<MediumError>>;

fn applications(card: &mut Traced<Medium>) -> Exchanged<Vec<Application>> {
    let mut all = Vec::new();
    for (prefix, _) in PREFIXES {
        let mut occurrence = FIRST;
        // A card that never ends is not asked for ever.
        for _ in 0..MOST {
            let length = u8::try_from(prefix.len()).unwrap_or(0);
            let (sw, data) = say(card, &[&[0x00, 0xA4, 0x04, occurrence, length], prefix, &[0x00]].concat())?;
            if !sw.is_ok() && !matches!(sw.value(), 0x6200..=0x62FF) {
                break;
            }
            let aid = tlv::find(&data, &[FCI, NAME]).ok().flatten().unwrap_or(prefix);
            let label = tlv::find(&data, &[FCI, PROPRIETARY, LABEL]).ok().flatten();
            if !add(&mut all, application(aid, label, Found::Select, sw)) {
                break;
            }
            occurrence = NEXT;
        }
    }
    directory(card, &mut all)?;
    Ok(all)
}

/// EF.DIR, `2F00` under the MF: a template of each application in a record, or one behind the other. ISO/IEC 7816-4.
fn directory(card: &mut Traced<Medium>, all: &mut Vec<Application>) -> Exchanged<()> {
    if !say(card, &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00])?.0.is_ok()
        || !say(card, &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0x00])?.0.is_ok()
    {
        return Ok(());
    }
    for number in 1..=MOST {
        let (sw, data) = say(card, &[0x00, 0xB2, number, 0x04, 0x00])?;
        if !sw.is_ok() && number == 1 {
            let (sw, data) = say(card, &[0x00, 0xB0, 0x00, 0x00, 0x00])?;
            add_templates(all, &data, sw);
        }
        if !sw.is_ok() {
            break;
        }
        add_templates(all, &data, sw);
    }
    Ok(())
}

fn add_templates(all: &mut Vec<Application>, data: &[u8], sw: Sw) {
    for template in tlv::iter(data).map_while(Result::ok).filter(|object| object.tag == TEMPLATE) {
        let part = |tag| tlv::find(template.value, &[tag]).ok().flatten();
        if let Some(aid) = part(AID) {
            add(all, application(aid, part(LABEL), Found::Directory, sw));
        }
    }
}

fn application(aid: &[u8], label: Option<&[u8]>, found: Found, sw: Sw) -> Application {
    // Whatever a card calls itself, it does not move the cursor.
    let readable = |label: &[u8]| String::from_utf8_lossy(label).replace(char::is_control, " ");
    Application {
        aid: hex::encode_upper(aid),
        label: label.map(readable),
        whose: whose(aid),
        found,
        status: format!("{:04X}", sw.value()),
    }
}

/// Adds it, unless it is there already. Whether it was.
fn add(all: &mut Vec<Application>, one: Application) -> bool {
    let new = all.iter().all(|other| other.aid != one.aid);
    if new {
        all.push(one);
    }
    new
}

const FIRST: u8 = 0x00;
const NEXT: u8 = 0x02;
const MOST: u8 = 32;
const FCI: Tag = Tag::new(0x6F);
const NAME: Tag = Tag::new(0x84);
const PROPRIETARY: Tag = Tag::new(0xA5);
const LABEL: Tag = Tag::new(0x50);
const TEMPLATE: Tag = Tag::new(0x61);
const AID: Tag = Tag::new(0x4F);

/// One command, and its whole answer.
pub fn say<T: Transport>(card: &mut T, bytes: &[u8]) -> Result<(Sw, Vec<u8>), ExchangeError<T::Error>> {
    let (mut scratch, mut response) = ([0; 64], vec![0; 65_538]);
    // All of them are written above, and well-formed; a card would say the same of one that is not.
    let Ok(command) = Command::decode(bytes) else { return Ok((Sw::WRONG_LENGTH, Vec::new())) };
    let Response { data, sw } = exchange(card, &command, &mut scratch, &mut response)?;
    Ok((sw, data.to_vec()))
}

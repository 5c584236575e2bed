//! The SIM toolkit, part by part: proactive commands, terminal responses, envelopes.

use ::toolkit::command::{Event, GetInput, Tone};
use ::toolkit::{
    Address, Alpha, CommandDetails, CommandType, Device, Envelope, Occasion, ProactiveCommand, ResultCode, TagSet,
    TerminalResponse, Text, Tlv, sms::Submit, tag, tlv,
};

use super::parts::{Read, part};
use super::{Part, Unreadable};
use crate::trace::Veil;

const TOOLKIT: &str = "ETSI TS 102 223";

/// A message of the toolkit, and what is in it.
struct Message {
    title: String,
    /// The bytes around the data objects, if any, and what they are called.
    outer: Option<&'static str>,
    /// Tags whose values are not shown.
    hidden: TagSet,
    details: Option<CommandDetails>,
}

/// A proactive command, a terminal response or an envelope.
pub(super) fn toolkit(bytes: &[u8], veil: Veil) -> Read {
    let message =
        message(bytes, veil).map_err(|error| Unreadable { at: error.offset, rule: error.kind.to_string() })?;
    let parts = inside(bytes, 0, &message);
    Ok((message.title, parts))
}

/// The same as the data of a command or answer, which begin at `at`; `None` if they are no such thing.
pub(super) fn data(bytes: &[u8], at: usize, veil: Veil) -> Option<Vec<Part>> {
    is_likely(bytes).then(|| message(bytes, veil).ok()).flatten().map(|message| inside(bytes, at, &message))
}

/// Whether these bytes may well be meant as this.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(0xD0) => ProactiveCommand::decode(bytes).is_ok(),
        Some(0x01 | 0x81) => TerminalResponse::decode(bytes).is_ok(),
        _ => Envelope::decode(bytes).is_ok_and(|envelope| envelope.occasion.name().is_some()),
    }
}

fn message(bytes: &[u8], veil: Veil) -> Result<Message, ::toolkit::DecodeError> {
    match bytes.first() {
        Some(0xD0) => {
            let command = ProactiveCommand::decode(bytes)?;
            let details = Some(command.details());
            let title = format!("proactive command {}", command.action.command_type());
            Ok(Message { title, outer: Some("proactive command"), hidden: TagSet::NONE, details })
        }
        Some(0x01 | 0x81) => {
            let response = TerminalResponse::decode(bytes)?;
            let details = response.details;
            let title = format!("terminal response to {}: {}", details.command, response.outcome.code);
            let hidden =
                if veil != Veil::Lifted && response.is_hidden() { TagSet::of(&[tag::TEXT]) } else { TagSet::NONE };
            Ok(Message { title, outer: None, hidden, details: Some(details) })
        }
        _ => {
            let envelope = Envelope::decode(bytes)?;
            let what = match envelope.occasion {
                Occasion::EventDownload { event } => format!("event download: {event}"),
                occasion => occasion.name().unwrap_or("of an unknown kind").to_owned(),
            };
            Ok(Message {
                title: format!("envelope {what}"),
                outer: Some("envelope"),
                hidden: TagSet::NONE,
                details: None,
            })
        }
    }
}

fn inside(bytes: &[u8], at: usize, message: &Message) -> Vec<Part> {
    // The outer length has as many bytes as its first says.
    let header = match (message.outer, bytes.get(1)) {
        (None, _) => 0,
        (_, Some(length @ 0x81..=0x84)) => usize::from(length & 0x0F).saturating_add(2),
        _ => 2,
    };
    let (head, rest) = bytes.split_at(header.min(bytes.len()));
    let parts = objects(rest, at.saturating_add(header), message);
    match message.outer {
        None => parts,
        Some(name) => {
            let inner = message.title.strip_prefix(name).unwrap_or_default().trim();
            vec![Part { length: bytes.len(), standard: Some(TOOLKIT), parts, ..part(at, head, name, inner) }]
        }
    }
}

fn objects(bytes: &[u8], at: usize, message: &Message) -> Vec<Part> {
    let (mut rest, mut offset) = (bytes, at);
    let mut parts = Vec::new();
    while let Ok((object, behind)) = tlv::parse(rest) {
        let length = rest.len().saturating_sub(behind.len());
        let header = rest.get(..length.saturating_sub(object.value.len())).unwrap_or_default();
        let named = tag::name(object.tag.number);
        let name = named.map_or_else(|| format!("unknown tag {}", object.tag), str::to_owned);
        let meaning =
            if message.hidden.contains(object.tag.number) { "••".to_owned() } else { meaning(object, message) };
        let standard = named.map(|_| TOOLKIT);
        parts.push(Part { length, standard, ..part(offset, header, name, meaning) });
        (rest, offset) = (behind, offset.saturating_add(length));
    }
    parts
}

fn meaning(object: Tlv<'_>, message: &Message) -> String {
    let value = object.value;
    let number = u8::try_from(object.tag.number).unwrap_or_default();
    let known = match (number, value) {
        (tag::COMMAND_DETAILS, [number, command, qualifier]) => {
            Some(format!("number {number}, {}, qualifier {qualifier:02X}{}", CommandType(*command), wishes(message)))
        }
        (tag::DEVICES, [source, destination]) => Some(format!("{} to {}", Device(*source), Device(*destination))),
        (tag::RESULT, [code, additional @ ..]) => {
            let more =
                if additional.is_empty() { String::new() } else { format!(", {}", hex::encode_upper(additional)) };
            Some(format!("{}{more}", ResultCode(*code)))
        }
        (tag::DURATION, [unit @ 0..=2, count]) => {
            let unit =
                ["minutes", "seconds", "tenths of a second"].get(usize::from(*unit)).copied().unwrap_or_default();
            Some(format!("{count} {unit}"))
        }
        (tag::ALPHA, _) => Some(format!("{:?}", Alpha::new(value).to_string())),
        (tag::ADDRESS, [kind, digits @ ..]) => Address::new(*kind, digits).map(|address| address.to_string()),
        (tag::SMS_TPDU, _) => Submit::decode(value).ok().map(|submit| submitted(&submit)),
        (tag::TEXT | tag::DEFAULT_TEXT, []) => Some("none".to_owned()),
        (tag::TEXT | tag::DEFAULT_TEXT, [dcs, bytes @ ..]) => {
            let dcs = ::toolkit::Dcs(*dcs);
            dcs.alphabet().map(|alphabet| format!("{:?}, {}", Text::Coded { dcs, bytes }.to_string(), coding(alphabet)))
        }
        (tag::TONE, [tone]) => Some(Tone(*tone).to_string()),
        (tag::ITEM, []) => Some("none: the menu is taken away".to_owned()),
        (tag::ITEM, [id, text @ ..]) => Some(format!("{id}, {:?}", Alpha::new(text).to_string())),
        (tag::ITEM_ID | tag::TIMER_ID, [id]) => Some(id.to_string()),
        (tag::RESPONSE_LENGTH, [min, max]) => Some(format!("{min} to {max} characters")),
        (tag::EVENT_LIST, _) => {
            let events: Vec<String> = value.iter().map(|event| Event(*event).to_string()).collect();
            Some(if events.is_empty() { "none".to_owned() } else { events.join(", ") })
        }
        (tag::ICON, [qualifier, record]) => {
            let place = if qualifier & 1 == 0 { "instead of" } else { "beside" };
            Some(format!("record {record}, {place} the text"))
        }
        _ => None,
    };
    known.unwrap_or_else(|| hex::encode_upper(value))
}

/// What the qualifier of a command says.
fn wishes(message: &Message) -> String {
    let Some(CommandDetails { command, qualifier, .. }) = message.details else { return String::new() };
    let bits: &[(u8, &str)] = match command {
        CommandType::DISPLAY_TEXT => &[(0x01, "high priority"), (0x80, "the user clears it")],
        CommandType::GET_INKEY => &[(0x01, "letters"), (0x02, "UCS2"), (0x04, "yes or no"), (0x80, "help")],
        CommandType::GET_INPUT => {
            &[(0x01, "letters"), (0x02, "UCS2"), (GetInput::HIDDEN, "hidden"), (0x08, "packed"), (0x80, "help")]
        }
        CommandType::SELECT_ITEM | CommandType::SET_UP_MENU => &[(0x80, "help")],
        CommandType::SEND_SHORT_MESSAGE => &[(0x01, "the terminal packs it")],
        _ => &[],
    };
    bits.iter().filter(|(bit, _)| qualifier & bit != 0).map(|(_, wish)| format!(", {wish}")).collect()
}

fn submitted(submit: &Submit<'_>) -> String {
    let text: Option<Result<String, _>> = submit.data.chars().map(Iterator::collect);
    let what = match (submit.data.dcs().alphabet(), text) {
        (Some(alphabet), Some(Ok(text))) => format!("{text:?}, {}", coding(alphabet)),
        _ => hex::encode_upper(submit.data.bytes()),
    };
    let part = match submit.data.header {
        ::toolkit::sms::Header::Concatenated(found) => format!(", part {} of {}", found.part, found.total),
        _ => String::new(),
    };
    format!("SMS-SUBMIT to {}{part}: {what}", submit.destination)
}

const fn coding(alphabet: ::toolkit::Alphabet) -> &'static str {
    match alphabet {
        ::toolkit::Alphabet::Packed => "7-bit, packed",
        ::toolkit::Alphabet::Octets => "8-bit",
        ::toolkit::Alphabet::Ucs2 => "UCS2",
    }
}

/// What a terminal says that it can do.
pub(super) fn profile(bytes: &[u8]) -> String {
    ::toolkit::TerminalProfile::new(bytes)
        .facilities()
        .map(|facility| format!("{facility:?}"))
        .collect::<Vec<_>>()
        .join(", ")
}

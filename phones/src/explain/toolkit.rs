//! What phone and card say through the SIM toolkit, in a few words.

use apdu::Command;
use toolkit::exchange::{ENVELOPE, TERMINAL_RESPONSE};
use toolkit::{Action, Answer, Envelope, Items, Occasion, ProactiveCommand, TerminalResponse};

use super::Veil;

/// What stands for what is not shown.
pub(super) const MASK: &str = "••";

/// A text that a phone shows, or a question that it asks.
pub(super) struct Shown {
    pub(super) text: String,
    /// Whether a line is wanted.
    pub(super) asks: bool,
}

/// What a TERMINAL RESPONSE or an ENVELOPE says.
pub(super) fn to_card(command: &Command<'_>, veil: Veil) -> Option<String> {
    match command.ins() {
        TERMINAL_RESPONSE => {
            let response = TerminalResponse::decode(command.data()).ok()?;
            let answer = match response.answer {
                Answer::Item(item) => format!(", item {item}"),
                Answer::Text(_) if response.is_hidden() || veil == Veil::Codes => format!(", {MASK}"),
                Answer::Text(text) => format!(", \"{text}\""),
                _ => String::new(),
            };
            Some(format!("{}, {}{answer}", response.details.command, response.outcome.code))
        }
        ENVELOPE => Some(match Envelope::decode(command.data()).ok()?.occasion {
            Occasion::MenuSelection { item, help } => {
                format!("menu selection, item {item}{}", if help { ", for help" } else { "" })
            }
            Occasion::EventDownload { event } => format!("event download, {event}"),
            occasion => occasion.name().unwrap_or("of an unknown kind").to_owned(),
        }),
        _ => None,
    }
}

/// What a proactive command wants.
pub(super) fn to_phone(data: &[u8], veil: Veil) -> Option<String> {
    let command = ProactiveCommand::decode(data).ok()?;
    let name = command.action.command_type();
    let quoted = |text: &dyn std::fmt::Display| match veil {
        Veil::Codes => MASK.to_owned(),
        Veil::Pins => format!("\"{}\"", text.to_string().replace('\n', " / ")),
    };
    Some(match &command.action {
        Action::SetUpMenu(menu) => format!("{name} {}{}", quoted(&menu.title), items(menu.items, veil)),
        Action::SelectItem(choice) => {
            let title = choice.title.map(|title| format!(" {}", quoted(&title))).unwrap_or_default();
            format!("{name}{title}{}", items(choice.items, veil))
        }
        Action::DisplayText(display) => format!("{name} {}", quoted(&display.text)),
        Action::GetInkey(inkey) => format!("{name} {}", quoted(&inkey.text)),
        Action::GetInput(input) => {
            let (min, max) = (input.length.min, input.length.max);
            let count = if min == max { min.to_string() } else { format!("{min} to {max}") };
            let hidden = if input.hidden { ", hidden" } else { "" };
            format!("{name} {}: {count} characters{hidden}", quoted(&input.text))
        }
        _ => name.to_string(),
    })
}

fn items(items: Items<'_>, veil: Veil) -> String {
    if veil == Veil::Codes {
        return format!(", {} items", items.len());
    }
    items.iter().map(|item| format!(", {} {}", item.id, item.text)).collect()
}

/// What a proactive command shows or asks, whole.
pub(super) fn shown(data: &[u8]) -> Option<Shown> {
    match ProactiveCommand::decode(data).ok()?.action {
        Action::DisplayText(display) => Some(Shown { text: display.text.to_string(), asks: false }),
        Action::GetInput(input) => Some(Shown { text: input.text.to_string(), asks: true }),
        Action::SelectItem(_) => Some(Shown { text: String::new(), asks: false }),
        _ => None,
    }
}

/// What was keyed in, unless it is hidden.
pub(super) fn typed(response: &[u8]) -> Option<String> {
    let response = TerminalResponse::decode(response).ok()?;
    match response.answer {
        Answer::Text(text) if !response.is_hidden() => Some(text.to_string()),
        _ => None,
    }
}

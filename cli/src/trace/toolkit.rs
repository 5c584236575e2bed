//! What a phone and its card say through the SIM toolkit: which command, what became of it, what has happened. Texts, which
//! may be codes or PINs, are not among these fields.

use ::toolkit::exchange::{ENVELOPE, FETCH, TERMINAL_RESPONSE};
use ::toolkit::{Envelope, Occasion, ProactiveCommand, TerminalResponse};
use apdu::Command;

/// The fields of TERMINAL RESPONSE and ENVELOPE.
pub fn of_command(command: &Command<'_>) -> Option<Vec<String>> {
    let ins = instruction(command)?;
    match ins {
        TERMINAL_RESPONSE => {
            let response = TerminalResponse::decode(command.data()).ok()?;
            Some(vec![format!("response to {}", response.details.command), response.outcome.code.to_string()])
        }
        ENVELOPE => {
            let occasion = Envelope::decode(command.data()).ok()?.occasion;
            let mut fields = vec![format!("envelope {}", occasion.name().unwrap_or("of an unknown kind"))];
            match occasion {
                Occasion::EventDownload { event } => fields.push(event.to_string()),
                Occasion::MenuSelection { item, help } => {
                    fields.push(format!("item {item}{}", if help { ", for help" } else { "" }));
                }
                _ => {}
            }
            Some(fields)
        }
        _ => None,
    }
}

/// The fields of the answer to FETCH.
pub fn of_answer(command: &Command<'_>, data: &[u8]) -> Option<Vec<String>> {
    let fetched = instruction(command)? == FETCH;
    let command = fetched.then(|| ProactiveCommand::decode(data).ok()).flatten()?;
    Some(vec![format!("proactive command {}", command.action.command_type())])
}

/// The instruction, in the classes that the toolkit has.
fn instruction(command: &Command<'_>) -> Option<u8> {
    matches!(command.cla().byte(), 0x80 | 0xA0).then(|| command.ins())
}

//! Which bodies are shown and which are masked: those that hold PINs, keys or codes.

use apdu::Command;
use applet_model::purse::PurseCommand;
use toolkit::TerminalResponse;

use super::fields;

/// How much of the bodies is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veil {
    /// All that is not known to be harmless: for traces, which are kept and sent around.
    Unknown,
    /// All that is known to be secret: for what somebody has just asked a card.
    Secret,
    /// Nothing.
    Lifted,
}

pub(super) const SELECT: u8 = 0xA4;
pub(super) const GET_RESPONSE: u8 = 0xC0;

impl Veil {
    /// Whether the data of a command is shown.
    pub fn shows_command(self, bytes: &[u8]) -> bool {
        let command = Command::decode(bytes).ok();
        match self {
            Self::Lifted => true,
            Self::Secret => !is_secret(bytes),
            Self::Unknown => command.is_some_and(|command| {
                fields::command_is_harmless(&command, PurseCommand::decode(&command).ok().as_ref())
            }),
        }
    }

    /// Whether the data of the answer to this command is shown.
    pub fn shows_answer(self, command: &[u8]) -> bool {
        let decoded = Command::decode(command).ok();
        let purse = decoded.as_ref().and_then(|command| PurseCommand::decode(command).ok());
        match (self, purse) {
            (Self::Lifted, _) => true,
            (_, Some(purse)) => fields::answer_is_harmless(&purse),
            (Self::Unknown, None) => decoded.is_some_and(|command| command.ins() == SELECT),
            (Self::Secret, None) => !answers_code(command),
        }
    }

    /// A command with its data masked where it is not shown: as many asterisks. Header and lengths stay.
    pub fn command(self, bytes: &[u8]) -> Vec<u8> {
        let mut masked = bytes.to_vec();
        if !self.shows_command(bytes) {
            // What is no command may be anything from its first byte on.
            let (from, len) = match Command::decode(bytes) {
                Ok(command) => (if command.case().is_extended() { 7 } else { 5 }, command.data().len()),
                Err(_) => (if self == Self::Secret { HEADER } else { 0 }, bytes.len()),
            };
            masked.iter_mut().skip(from).take(len).for_each(|byte| *byte = MASK);
        }
        masked
    }

    /// An answer with its data masked where it is not shown. The status word stays.
    pub fn answer(self, command: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut masked = bytes.to_vec();
        if !self.shows_answer(command) {
            let data = bytes.len().saturating_sub(2);
            masked.iter_mut().take(data).for_each(|byte| *byte = MASK);
        }
        masked
    }
}

/// CLA, INS, P1, P2.
pub const HEADER: usize = 4;
/// What stands for a byte that is masked: an asterisk.
const MASK: u8 = b'*';

/// Whether a command with this class and instruction carries a PIN, a key or a code, whoever it is for.
///
/// VERIFY, CHANGE REFERENCE DATA, ENABLE and DISABLE VERIFICATION, RESET RETRY COUNTER (ISO/IEC 7816-4); STORE DATA and
/// PUT KEY (GlobalPlatform); TERMINAL RESPONSE to a GET INPUT that hides its input (ETSI TS 102 223); CHECK and CONFIRM (`docs/applet.md`).
pub fn is_secret(command: &[u8]) -> bool {
    let &[cla, ins, ..] = command else { return true };
    match ins {
        0x20 | 0x21 | 0x24..=0x26 | 0x28 | 0x2C => true,
        0x42 | 0x44 | 0xD8 | 0xE2 => cla & 0x80 != 0,
        0x14 => cla & 0x80 != 0 && may_hold_hidden_input(command),
        _ => false,
    }
}

/// Whether a TERMINAL RESPONSE may tell what a person keyed in unseen; one that cannot be read may.
fn may_hold_hidden_input(command: &[u8]) -> bool {
    let data = Command::decode(command).map(|command| command.data());
    !data.is_ok_and(|data| TerminalResponse::decode(data).is_ok_and(|response| !response.is_hidden()))
}

/// Whether a command of this class and instruction may be answered with a code: REQUEST, AUTHORISE, LAST.
fn answers_code(command: &[u8]) -> bool {
    matches!(command, [cla, 0x40 | 0x54 | 0x5A, ..] if cla & 0x80 != 0)
}

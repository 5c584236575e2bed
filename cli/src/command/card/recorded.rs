//! The way to a card that shows every exchange as it happens, decoded, and keeps it.

use apdu::{Command, ExchangeError, Response, Sw, Transport, exchange};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::decode;
use crate::medium::{Medium, MediumError};
use crate::output::{self, Format};
use crate::session::Session;
use crate::trace::{Counting, Traced, Veil, answer_json, answer_text, command_json, command_text};

/// A transport that shows what goes through it, and keeps it.
pub struct Recorded {
    inner: Traced<Medium>,
    veil: Veil,
    /// The command whose answer GET RESPONSE fetches.
    asked: Zeroizing<Vec<u8>>,
    /// Every exchange so far, as JSON.
    pub all: Vec<Value>,
    text: bool,
}

impl Recorded {
    /// Shows what goes through this.
    pub fn new(inner: Traced<Medium>, session: &Session) -> Self {
        let text = session.format == Format::Text;
        Self { inner, veil: session.veil(), asked: Zeroizing::default(), all: Vec::new(), text }
    }

    /// The card.
    pub const fn inner_mut(&mut self) -> &mut Traced<Medium> {
        &mut self.inner
    }

    /// The last answer in short: data, unless it is masked, and status word.
    pub fn quiet(&self) -> String {
        let Some(answer) = self.all.last().and_then(|last| last.get("answer")) else { return String::new() };
        let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        part("data").to_owned() + part("sw")
    }

    /// Says one command; all the data that came, and the last status word.
    pub fn say(&mut self, command: &[u8], raw: bool) -> Result<(Zeroizing<Vec<u8>>, Sw), ExchangeError<MediumError>> {
        let whole = |Response { data, sw }: Response<'_>| (Zeroizing::new(data.to_vec()), sw);
        let mut response = Zeroizing::new(vec![0; LONGEST_ANSWER]);
        match Command::decode(command) {
            Ok(decoded) if !raw => {
                let mut scratch = Zeroizing::new(vec![0; command.len().saturating_add(5)]);
                Ok(whole(exchange(self, &decoded, &mut scratch, &mut response)?))
            }
            _ => {
                let length = self.transmit(command, &mut response).map_err(ExchangeError::Transport)?;
                let answer = response.get(..length).unwrap_or_default();
                Ok(whole(Response::decode(answer).map_err(ExchangeError::Response)?))
            }
        }
    }
}

/// 65,536 bytes of data and a status word.
const LONGEST_ANSWER: usize = 65_538;

impl Transport for Recorded {
    type Error = MediumError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, MediumError> {
        if self.text {
            // Whoever reads it may have gone; the card is to be asked all the same.
            let _ = output::print(&command_text(command, self.veil));
        }
        let before = self.inner.inner().writes();
        let length = self.inner.transmit(command, response)?;
        let answer = response.get(..length).unwrap_or_default();
        if !matches!(command, [_, 0xC0, ..]) || self.asked.is_empty() {
            self.asked = Zeroizing::new(command.to_vec());
        }
        let writes = before.and_then(|before| self.inner.inner().writes()?.checked_sub(before));
        let shown = self.veil.shows_answer(&self.asked);
        let (data, sw) = answer.split_at(answer.len().saturating_sub(2));
        let tree = if shown { decode::data(data) } else { Vec::new() };
        let next = <[u8; 2]>::try_from(sw).ok().and_then(|sw| next_step(Sw::from_bytes(sw)));
        if self.text {
            let mut text = format!("{}\n", answer_text(&self.asked, answer, self.veil));
            text += &decode::text(&tree, 2);
            text += &next.as_ref().map(|next| format!("    next: {next}\n")).unwrap_or_default();
            let _ = output::print(&text);
        }
        self.all.push(json!({
            "command": command_json(command, self.veil),
            "answer": answer_json(&self.asked, answer, self.veil),
            "decoded": tree,
            "writes": writes,
            "next": next,
        }));
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), MediumError> {
        self.inner.reset()
    }

    fn atr(&self) -> &[u8] {
        self.inner.atr()
    }
}

/// What to do after this status word.
fn next_step(sw: Sw) -> Option<String> {
    let two = sw.value() & 0xFF;
    Some(match sw.value() {
        0x6100..=0x61FF => format!("fetch the rest: 00C00000{two:02X}"),
        0x6C00..=0x6CFF => format!("send it again with Le {two:02X}"),
        0x6282 | 0x6A83 => "there is no more to read there".to_owned(),
        0x63C0 | 0x6983 => "unblock it: digitally card pin unblock".to_owned(),
        0x63C1..=0x63CF => "each further wrong try counts: make sure before you send another one".to_owned(),
        0x6700 => "check Lc and Le, byte by byte: digitally card decode".to_owned(),
        0x6982 => "verify the PIN first: 00 20 00 81 08 and the PIN, padded with FF to 8 bytes".to_owned(),
        0x6985 => "the step before it is missing: docs/applet.md says which, for the purse".to_owned(),
        0x6A82 => "see what is on the card: digitally card list".to_owned(),
        0x6D00 | 0x6E00 => "select the application first, for the purse 00A404000BF06469676974616C6C790100".to_owned(),
        0x9100..=0x91FF => format!("fetch the toolkit's command: 80120000{two:02X}"),
        _ => return None,
    })
}

//! What passes between phones and cards, in lines for people: APDUs, what the SIM toolkit says in them, and what goes into each MAC.
//!
//! The cards do not tell what they compute. Terms and serials are read from copies of them, and the input of a MAC is put together from
//! these as `docs/protocol.md` has it, by the functions of [`digitally`]. No line has a PIN in it, ever.

mod mac;
mod name;
mod toolkit;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ::toolkit::exchange::{FETCH, TERMINAL_RESPONSE};
use apdu::{Command, Response};
use applet_model::purse::{Entry, ShownRequest, Text, status};
use digitally::{Amount, Code, Key, Msisdn, Payment};
use zeroize::Zeroizing;

use crate::both::Both;
use crate::{Glimpse, Phone, Side, Sim};
use mac::Inputs;
pub use name::name;

/// How much of what passes is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veil {
    /// Neither texts, which may be codes, nor digits of codes: for cards with money on them.
    Codes,
    /// All but PINs.
    Pins,
}

/// What a line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command to the card.
    Command,
    /// The card's answer.
    Answer,
    /// A MAC that the card makes.
    Mac,
    /// Something in what the line before tells of.
    Part,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose phone and card.
    pub side: Side,
    /// What it tells of.
    pub kind: Kind,
    /// What it says.
    pub text: String,
}

/// What passes one phone, from where it passes to where it is explained.
#[derive(Clone, Default)]
pub struct Passing(Arc<Mutex<VecDeque<Exchange>>>);

/// A command, and what came for it; it may hold a PIN.
struct Exchange {
    command: Zeroizing<Vec<u8>>,
    answer: Result<Vec<u8>, String>,
}

impl Passing {
    /// So many exchanges wait until somebody looks; then the oldest are forgotten.
    const MOST: usize = 1_000;

    /// A command went to the card, and this came back, or this went wrong.
    pub fn put(&self, command: &[u8], answer: Result<&[u8], String>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= Self::MOST {
            waiting.pop_front();
        }
        let (command, answer) = (Zeroizing::new(command.to_vec()), answer.map(<[u8]>::to_vec));
        waiting.push_back(Exchange { command, answer });
    }

    fn take(&self) -> VecDeque<Exchange> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passing")
    }
}

/// Explains what passes two phones.
#[derive(Debug)]
pub struct Explain {
    sides: Both<Watched>,
    veil: Veil,
    key: Option<Key<Payment>>,
    lines: VecDeque<Line>,
    /// How many lines there were before those that are kept.
    gone: usize,
}

/// One phone, and what is known of its card.
#[derive(Debug, Default)]
struct Watched {
    passing: Passing,
    glimpse: Option<Glimpse>,
    writes: u64,
    /// The text of the last GET INPUT.
    asked: String,
    /// The other side and the amount that were keyed in last.
    peer: Option<Msisdn>,
    amount: Option<Amount>,
    /// The code that was keyed in last, until the card says what it makes of it.
    code: Option<Code>,
    /// The request that was refused just before.
    refused: Option<(Msisdn, Amount, String)>,
}

impl Explain {
    /// How many lines are kept.
    pub const MOST: usize = 2_000;

    /// Explains what passes there. With the key of the cards, if everybody knows it, MACs and codes are shown, too.
    #[must_use]
    pub fn new(left: Passing, right: Passing, veil: Veil, key: Option<Key<Payment>>) -> Self {
        let watched = |passing| Watched { passing, ..Watched::default() };
        Self { sides: Both::new(watched(left), watched(right)), veil, key, lines: VecDeque::new(), gone: 0 }
    }

    /// Explains what has passed this phone since the last look.
    pub fn look<T: Sim>(&mut self, side: Side, phone: &Phone<T>) {
        let card = phone.handset().card().card().software();
        if card.is_none() && self.sides.at(side).glimpse.is_none() && self.lines.is_empty() {
            self.say(side, Kind::Mac, "a card in a reader: what goes into its MACs is not shown");
        }
        let before = self.sides.at(side).glimpse.clone();
        if let Some(card) = card.filter(|card| card.is_on()) {
            let watched = self.sides.at_mut(side);
            if watched.glimpse.is_none() || watched.writes != card.writes() {
                (watched.glimpse, watched.writes) = (Glimpse::of(card), card.writes());
            }
        }
        let mut made = self.made(side, before.as_ref());
        for exchange in self.sides.at(side).passing.take() {
            self.explain(side, &exchange, &mut made);
        }
        self.say_all(side, made);
    }

    /// The lines that are kept, the oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    /// How many lines there were so far: who has seen as many has seen all.
    #[must_use]
    pub fn count(&self) -> usize {
        self.gone.saturating_add(self.lines.len())
    }

    /// The lines behind the first `seen` ones.
    pub fn behind(&self, seen: usize) -> impl Iterator<Item = &Line> {
        self.lines.iter().skip(seen.saturating_sub(self.gone))
    }

    fn say(&mut self, side: Side, kind: Kind, text: impl Into<String>) {
        if self.lines.len() >= Self::MOST {
            self.lines.pop_front();
            self.gone = self.gone.saturating_add(1);
        }
        self.lines.push_back(Line { side, kind, text: text.into() });
    }

    fn say_all(&mut self, side: Side, lines: Vec<(Kind, String)>) {
        lines.into_iter().for_each(|(kind, text)| self.say(side, kind, text));
    }

    /// An exchange. What the card made while it answered is told before it shows what came of that.
    fn explain(&mut self, side: Side, exchange: &Exchange, made: &mut Vec<(Kind, String)>) {
        let veil = self.veil;
        let Ok(command) = Command::decode(&exchange.command) else {
            self.say(side, Kind::Command, format!("{} bytes that are no command", exchange.command.len()));
            return;
        };
        let header: String = exchange.command.iter().take(4).map(|byte| format!("{byte:02X}")).collect();
        let name = name(&command);
        let said = toolkit::to_card(&command, veil).map(|said| format!(": {said}")).unwrap_or_default();
        let answer = match &exchange.answer {
            Ok(answer) => Response::decode(answer).ok(),
            Err(_) => None,
        };
        let shown = answer.filter(|_| command.ins() == FETCH).and_then(|answer| toolkit::shown(answer.data));
        if let Some(shown) = &shown {
            self.judged(side, shown, made);
            self.say_all(side, std::mem::take(made));
        }
        self.say(side, Kind::Command, format!("{header} {name}{said}"));
        if command.ins() == TERMINAL_RESPONSE {
            self.keyed(side, command.data());
        }
        match (&exchange.answer, answer) {
            (Ok(_), Some(answer)) => {
                let (sw, data) = (answer.sw, answer.data);
                let what = if command.ins() == FETCH { toolkit::to_phone(data, veil) } else { None };
                let what = what.map(|what| format!(" {what}")).or_else(|| {
                    let bytes = data.len();
                    (bytes > 0).then(|| format!(" {bytes} bytes"))
                });
                let meaning = meaning(sw);
                self.say(side, Kind::Answer, format!("{:04X}{meaning}{}", sw.value(), what.unwrap_or_default()));
            }
            (Ok(_), None) => self.say(side, Kind::Answer, "no answer APDU"),
            (Err(why), _) => self.say(side, Kind::Answer, format!("no answer: {why}")),
        }
        if let Some(shown) = shown
            && shown.asks
        {
            let watched = self.sides.at_mut(side);
            watched.asked = shown.text;
            if Text::of(&watched.asked) == Some(Text::Amount) {
                watched.peer = watched.asked.lines().last().and_then(|number| number.parse().ok());
            }
        }
    }

    /// What a person keyed in, as far as a MAC is made of it.
    fn keyed(&mut self, side: Side, response: &[u8]) {
        let watched = self.sides.at_mut(side);
        let Some(typed) = toolkit::typed(response) else { return };
        let decimals = watched.glimpse.as_ref().map_or(0, |glimpse| glimpse.holder.decimals);
        let digits = u8::try_from(typed.len()).unwrap_or(u8::MAX);
        match Text::of(&watched.asked) {
            Some(Text::Amount) => watched.amount = Amount::parse(&typed.replace('*', "."), decimals).ok(),
            Some(Text::RequestCode | Text::PaymentCodeFor) => watched.code = Code::parse(&typed, digits).ok(),
            _ => {}
        }
    }

    /// What the card made of a code that was keyed in, as what it shows now tells.
    fn judged(&mut self, side: Side, shown: &toolkit::Shown, made: &mut Vec<(Kind, String)>) {
        let inputs = Inputs { veil: self.veil, key: self.key.as_ref() };
        let watched = self.sides.at_mut(side);
        let (Some(glimpse), Some(code)) = (&watched.glimpse, watched.code) else { return };
        match Text::of(&shown.text) {
            Some(text @ (Text::ConfirmPayment | Text::Differs | Text::AlreadyPaid | Text::Ambiguous)) => {
                let (Some(payee), Some(amount)) = (watched.peer, watched.amount) else { return };
                let tried = Some((payee, amount, code.to_string()));
                let again = watched.refused == tried;
                made.extend(inputs.checked(glimpse, payee, amount, &code, again));
                watched.refused = tried.filter(|_| text == Text::Differs);
            }
            Some(Text::WrongCode | Text::NoTriesLeft) => {
                let named = |request: &&ShownRequest| {
                    let money = glimpse.money(request.open.amount);
                    let payer = request.open.payer.map(|payer| payer.to_string());
                    let asked = &watched.asked;
                    asked.split_whitespace().any(|word| word == money)
                        && asked.lines().any(|line| Some(line) == payer.as_deref())
                };
                if let Some(request) = glimpse.requests.iter().find(named) {
                    made.extend(inputs.refused(glimpse, &request.open, &code));
                }
            }
            _ => {}
        }
        watched.code = None;
    }

    /// What the card made since the last look, as its memory tells: requests, payments, receipts.
    fn made(&self, side: Side, before: Option<&Glimpse>) -> Vec<(Kind, String)> {
        let (Some(before), Some(now)) = (before, &self.sides.at(side).glimpse) else { return Vec::new() };
        let inputs = Inputs { veil: self.veil, key: self.key.as_ref() };
        let newest = |glimpse: &Glimpse| glimpse.requests.iter().map(|request| request.open.id).max().unwrap_or(0);
        let number = |entries: &[Entry]| entries.first().map_or(0, |entry| entry.number);
        let mut made = Vec::new();
        for request in now.requests.iter().filter(|request| request.open.id > newest(before)) {
            made.extend(inputs.opened(now, request));
        }
        for entry in now.payments.iter().filter(|entry| entry.number > number(&before.payments)) {
            made.extend(inputs.paid(now, entry));
        }
        let received = |entry: &&Entry| entry.number > number(&before.history) && entry.kind == Entry::RECEIVED;
        for entry in now.history.iter().filter(received) {
            made.extend(inputs.received(now, entry));
        }
        made
    }
}

/// What a status word means, unless that is plain.
fn meaning(sw: apdu::Sw) -> String {
    let [first, second] = sw.value().to_be_bytes();
    match first {
        _ if sw.is_ok() => String::new(),
        0x91 => format!(": {second} bytes wait"),
        _ => format!(": {}", status::explain(sw).map_or_else(|| sw.name(), |(_, name, _)| name)),
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.kind {
            Kind::Command => ">",
            Kind::Answer => "<",
            Kind::Mac => "=",
            Kind::Part => " ",
        };
        write!(f, "{sign} {}", self.text)
    }
}

//! A card of the tests: it has files and proactive commands as it is told, and remembers every byte that was said to it.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod purses;

use std::collections::VecDeque;
use std::convert::Infallible;

use apdu::Transport;
use handset::{Handset, Key, Settings};
use hex_literal::hex;
use toolkit::command::{DisplayText, GetInput, SelectItem, SetUpMenu};
use toolkit::{Action, Alpha, Alphabet, CommandNumber, Item, Items, ProactiveCommand, Text};

/// What the card says instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// FETCH brings this.
    Fetch(&'static [u8]),
    /// FETCH is answered with this status.
    FetchSays([u8; 2]),
    /// TERMINAL RESPONSE is answered with this status.
    ResponseSays([u8; 2]),
    /// ENVELOPE is answered with this status.
    EnvelopeSays([u8; 2]),
    /// The length announced is one more than that of the command.
    Announces,
    /// Nothing comes back from this instruction.
    Silence(u8),
    /// There is always one more MORE TIME.
    Endless,
    /// Every instruction but SELECT and READ is unknown: a card without a toolkit.
    NoToolkit,
}

/// What commands follow something that the card was told.
type Reaction = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>>>;

/// The card.
pub(crate) struct Card {
    pub(crate) iccid: Option<Vec<u8>>,
    pub(crate) usim: bool,
    pub(crate) imsi: Option<Vec<u8>>,
    /// Its proactive commands. The first goes out once the terminal profile is there.
    pub(crate) commands: VecDeque<Vec<u8>>,
    /// What it wants after each reset, unless something waits already.
    pub(crate) always: Vec<Vec<u8>>,
    /// What follows an ENVELOPE: these commands.
    pub(crate) reaction: Reaction,
    /// What follows a TERMINAL RESPONSE, before what already waits.
    pub(crate) follow: Reaction,
    pub(crate) fault: Option<Fault>,
    /// T=0 makes data wait for GET RESPONSE, and wants to be asked with the right length.
    pub(crate) t0: bool,
    /// All commands since the last reset.
    pub(crate) log: Vec<Vec<u8>>,
    pub(crate) resets: usize,
    pub(crate) selected: Vec<u8>,
    pub(crate) kept: Vec<u8>,
    pub(crate) ready: bool,
}

pub(crate) const AID: [u8; 12] = hex!("A0000000871002FF44FF1289");

impl Default for Card {
    fn default() -> Self {
        Self {
            iccid: Some(hex!("988811000000000010F2").to_vec()),
            usim: true,
            imsi: Some(hex!("080910101032547698").to_vec()),
            commands: VecDeque::new(),
            always: Vec::new(),
            reaction: Box::new(|_| Vec::new()),
            follow: Box::new(|_| Vec::new()),
            fault: None,
            t0: false,
            log: Vec::new(),
            resets: 0,
            selected: Vec::new(),
            kept: Vec::new(),
            ready: false,
        }
    }
}

impl Card {
    /// With these commands, to be fetched after the terminal profile.
    pub(crate) fn with(commands: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { always: commands.into_iter().collect(), ..Self::default() }
    }

    fn done(&self) -> Vec<u8> {
        let more = if self.fault == Some(Fault::Announces) { 1 } else { 0 };
        match self.commands.front() {
            Some(command) if self.ready => vec![0x91, u8::try_from(command.len() + more).unwrap_or(0)],
            _ => vec![0x90, 0x00],
        }
    }

    fn data(&mut self, data: &[u8], le: Option<&u8>) -> Vec<u8> {
        if self.t0 && le.is_some_and(|le| usize::from(*le) != data.len()) {
            return vec![0x6C, u8::try_from(data.len()).unwrap()];
        }
        [data, &self.done()].concat()
    }

    fn select(&mut self, p1: u8, file: &[u8]) -> Vec<u8> {
        let found = match (p1, file) {
            (0, [0x3F, 0x00]) => true,
            (0, [0x2F, 0xE2]) => self.iccid.is_some(),
            (0, [0x2F, 0x00]) => self.usim,
            (0, [0x6F, 0x07]) => self.imsi.is_some(),
            (4, aid) => self.usim && AID.starts_with(aid),
            _ => false,
        };
        if !found {
            return vec![0x6A, 0x82];
        }
        self.selected = file.to_vec();
        let fcp = hex!("62038A0105");
        if self.t0 {
            self.kept = fcp.to_vec();
            return vec![0x61, 5];
        }
        [&fcp[..], &self.done()].concat()
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let [cla, ins, p1, _, rest @ ..] = command else { return vec![0x67, 0x00] };
        if self.fault == Some(Fault::Silence(*ins)) {
            return Vec::new();
        }
        let toolkit = *cla == 0x80 && self.fault != Some(Fault::NoToolkit);
        match *ins {
            0xA4 => {
                let length = usize::from(rest[0]);
                self.select(*p1, &rest[1..=length])
            }
            0xC0 => [&std::mem::take(&mut self.kept)[..], &self.done()].concat(),
            0xB0 => {
                let file = if self.selected == [0x2F, 0xE2] { self.iccid.clone() } else { self.imsi.clone() };
                self.data(&file.unwrap_or_default(), rest.first())
            }
            0xB2 if *p1 == 1 => self.data(&hex!("61054F03A0000150024142"), rest.first()),
            0xB2 if *p1 == 2 => {
                let record = [&hex!("610E4F0C")[..], &AID, &[0xFF; 6]].concat();
                self.data(&record, rest.first())
            }
            0xB2 => vec![0x6A, 0x83],
            0xF2 if toolkit => self.done(),
            0x10 if toolkit => {
                self.ready = true;
                self.done()
            }
            0x12 if toolkit => {
                if let Some(Fault::FetchSays(sw)) = self.fault {
                    return sw.to_vec();
                }
                let Some(mut next) = self.commands.pop_front() else { return vec![0x6F, 0x00] };
                if self.fault == Some(Fault::Endless) {
                    self.commands.push_back(next.clone());
                }
                if let Some(Fault::Fetch(bytes)) = self.fault {
                    next = bytes.to_vec();
                }
                [&next[..], &[0x90, 0x00]].concat()
            }
            0x14 if toolkit => {
                if let Some(Fault::ResponseSays(sw)) = self.fault {
                    return sw.to_vec();
                }
                (self.follow)(&rest[1..]).into_iter().rev().for_each(|command| self.commands.push_front(command));
                self.done()
            }
            0xC2 if toolkit => {
                if let Some(Fault::EnvelopeSays(sw)) = self.fault {
                    return sw.to_vec();
                }
                let length = usize::from(rest[0]);
                self.commands.extend((self.reaction)(&rest[1..=length]));
                self.done()
            }
            _ => vec![0x6D, 0x00],
        }
    }
}

impl Transport for Card {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        self.log.push(command.to_vec());
        let answer = self.answer(command);
        response[..answer.len()].copy_from_slice(&answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        self.resets += 1;
        self.ready = false;
        if self.commands.is_empty() {
            self.commands.extend(self.always.iter().cloned());
        }
        self.log.clear();
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }
}

/// A phone that is on, with this card in it, and what was said since then only.
pub(crate) fn phone(card: Card) -> Handset<Card> {
    phone_with(card, Settings::default())
}

pub(crate) fn phone_with(card: Card, settings: Settings) -> Handset<Card> {
    let mut phone = Handset::new(card, settings);
    phone.boot().unwrap();
    phone
}

/// The data of the last TERMINAL RESPONSE.
pub(crate) fn last_response(phone: &mut Handset<Card>) -> Vec<u8> {
    let mut responses = phone.card_mut().log.iter().rev().filter(|command| command[..2] == [0x80, 0x14]);
    responses.next().map(|command| command[5..].to_vec()).unwrap_or_default()
}

/// The result of the last TERMINAL RESPONSE, additional information included.
pub(crate) fn last_result(phone: &mut Handset<Card>) -> Vec<u8> {
    let response = last_response(phone);
    let read = toolkit::TerminalResponse::decode(&response).unwrap();
    [&[read.outcome.code.0], read.outcome.additional].concat()
}

pub(crate) fn press(phone: &mut Handset<Card>, keys: &str) {
    for key in keys.split_whitespace() {
        phone.press(key.parse::<Key>().unwrap()).unwrap();
    }
}

pub(crate) fn lines(phone: &Handset<Card>) -> Vec<String> {
    phone.screen().lines().collect()
}

pub(crate) fn command<'a>(action: impl Into<Action<'a>>) -> Vec<u8> {
    let mut out = [0; ProactiveCommand::MAX_LENGTH];
    ProactiveCommand::new(CommandNumber::FIRST, action).encode(&mut out).unwrap().to_vec()
}

/// With a text, made by `make`.
pub(crate) fn texted(text: &str, make: impl for<'t> FnOnce(Text<'t>) -> Action<'t>) -> Vec<u8> {
    let mut out = [0; 240];
    command(make(Text::encode(text, Alphabet::Octets, &mut out).unwrap()))
}

pub(crate) fn display(text: &str) -> Vec<u8> {
    texted(text, |text| DisplayText::new(text).into())
}

pub(crate) fn digits(question: &str, min: u8, max: u8) -> Vec<u8> {
    texted(question, |text| GetInput::digits(text, min, max).into())
}

pub(crate) fn hidden(question: &str, min: u8, max: u8) -> Vec<u8> {
    texted(question, |text| GetInput { hidden: true, ..GetInput::digits(text, min, max) }.into())
}

fn items(texts: &[&str], then: impl FnOnce(Items<'_>) -> Vec<u8>) -> Vec<u8> {
    let items: Vec<Item<'_>> =
        (1..).zip(texts).map(|(id, text)| Item { id, text: Alpha::new(text.as_bytes()) }).collect();
    then(Items::new(&items))
}

pub(crate) fn menu(title: &str, texts: &[&str]) -> Vec<u8> {
    items(texts, |items| command(SetUpMenu::new(Alpha::new(title.as_bytes()), items)))
}

pub(crate) fn menu_with_help(title: &str, texts: &[&str]) -> Vec<u8> {
    items(texts, |items| command(SetUpMenu { help: true, ..SetUpMenu::new(Alpha::new(title.as_bytes()), items) }))
}

pub(crate) fn choice(title: &str, texts: &[&str]) -> Vec<u8> {
    items(texts, |items| command(SelectItem { help: true, ..SelectItem::new(Alpha::new(title.as_bytes()), items) }))
}

/// SET UP MENU and GET INPUT of the conformance suites.
pub(crate) const TOOLKIT_MENU: [u8; 61] = hex!(
    "D03B 8103012500 82028182 850C546F6F6C6B6974204D656E75 8F07014974656D2031 8F07024974656D2032 8F07034974656D2033
     8F07044974656D2034"
);
pub(crate) const ENTER_22222: [u8; 29] = hex!("D01B 8103012300 82028182 8D0C04456E746572203232323232 91020505");

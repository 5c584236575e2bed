//! Somebody with a purse on a card, and what it says of itself.

use std::collections::BTreeMap;

use apdu::{Aid, Command};
use applet_model::purse::client::Client;
use applet_model::purse::{
    Answer, Capacity, Counters, Entry, File, Frame, GetBalance, Holder, Identity, Instruction, Limits, Load,
    OpenRequest, PURSE_AID, Personalisation, Purse,
};
use applet_model::runtime::{Applet, Fixed, PinBlock};
use card_sim::{Card, DomainSetup, Module, SeededRandom};
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Scheme, profile};
use globalplatform::{Access, KeySet};

use super::transmit;

pub(super) const PIN: &str = "1234";
pub(super) const PUK: &str = "87654321";

/// Small, so that everything is full soon.
const CAPACITY: Capacity = Capacity { counters: 3, requests: 3, payees: 2, payments: 12, history: 2, contacts: 2 };

pub(super) const LIMITS: Limits = Limits {
    payment: Amount::new(5_000),
    balance: Amount::new(12_000),
    opens: 40,
    failures: 6,
    tries: 3,
    refusals: 4,
    unacknowledged: 12,
};

/// What the issuer told a card to do, and the card has not yet done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) load: bool,
    pub(super) amount: u32,
    pub(super) counter: u32,
}

/// What a card has said of itself.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) balance: u32,
    pub(super) counters: Counters,
    pub(super) life: u8,
    /// The tries of each open request.
    pub(super) tries: BTreeMap<u32, u8>,
    /// The newest entries of both logs, oldest first.
    pub(super) entries: Vec<Entry>,
    /// How often value was unloaded.
    pub(super) unloaded: u32,
}

pub(super) struct Person {
    index: usize,
    pub(super) card: Card,
    pub(super) orders: Vec<Order>,
    pub(super) known: Known,
}

pub(super) fn number(index: usize) -> Msisdn {
    let mut bcd = *b"\xFF\xFF\x25\x47\0\0\0\x01";
    bcd[7] += u8::try_from(index).unwrap();
    Msisdn::from_bcd(&bcd).unwrap()
}

pub(super) fn pin(text: &str) -> PinBlock {
    PinBlock::parse(text).unwrap()
}

fn make(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?)))
}

impl Known {
    /// Number of the newest log entry.
    pub(super) fn newest(&self) -> u32 {
        self.entries.iter().map(|entry| entry.number).max().unwrap_or(0)
    }
}

impl Person {
    /// Personalised, loaded, selected.
    pub(super) fn new(index: usize) -> Self {
        let modules = [Module { aid: PURSE_AID, make }];
        let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(0))).unwrap();
        card.install_domain(&DomainSetup::blank(&KeySet::published())).unwrap();
        card.install(&modules, PURSE_AID, PURSE_AID, &CAPACITY.to_bytes()).unwrap();
        let counters = Counters::load(&[0; Counters::LEN]);
        let known = Known { balance: 0, counters, life: 0, tries: BTreeMap::new(), entries: Vec::new(), unloaded: 0 };
        let mut person = Self { index, card, orders: Vec::new(), known };
        person.select();
        let personalisation = Personalisation {
            identity: person.identity(),
            profile: &profile::DIGITALLY_8,
            danger_accept_broken_profile: false,
            menu: None,
            limits: LIMITS,
            scheme: Scheme::Universal,
            epoch: 1,
            payment_key: &Key::new(Algorithm::AesCmac, &[7; 16]).unwrap(),
            issuer_key: &person.issuer_key(),
            pin: (3, &pin(PIN)),
            puk: (3, &pin(PUK)),
        };
        let mut purse = Client::select(&mut person.card, &PURSE_AID).unwrap();
        purse.personalise(Access::published(&KeySet::published()), &personalisation).unwrap();
        let load = Load::new(&person.issuer_key(), &person.identity(), Amount::new(10_000), 1);
        assert!(person.send(&load).is_some());
        person.known = person.ask();
        person
    }

    pub(super) fn identity(&self) -> Identity {
        let currency = Currency::new(404).unwrap().bcd();
        Identity { number: Some(number(self.index)), currency, decimals: 2, sequence: 1, serials_above: 0 }
    }

    pub(super) fn issuer_key(&self) -> Key<Issuer> {
        Key::new(Algorithm::AesCmac, &[u8::try_from(self.index).unwrap() ^ 0xA0; 16]).unwrap()
    }

    pub(super) fn select(&mut self) {
        transmit(&mut self.card, &select(&PURSE_AID));
    }

    /// The answer, if it is one.
    fn send<I: Instruction>(&mut self, instruction: &I) -> Option<I::Answer> {
        match transmit(&mut self.card, &bytes(&instruction.frame())) {
            (data, 0x9000) => I::Answer::read(&data),
            _ => None,
        }
    }

    /// What the card says of itself. It forgets afterwards that it was asked.
    pub(super) fn ask(&mut self) -> Known {
        let snapshot = self.card.snapshot();
        self.select();
        let counters: Counters = self.data(0x23);
        let holder: Holder = self.data(0x20);
        let balance = self.send(&GetBalance).expect("a personalised purse says its balance").minor_units();
        let written = |counters: &Counters| (counters.payments, counters.received, counters.issuer);
        let mut entries = self.known.entries.clone();
        // Most steps write nothing into the logs, and to read them takes longer than all else.
        if written(&counters) != written(&self.known.counters) {
            entries = [File::Payments, File::History].map(|file| self.records(file)).concat();
            entries.sort_by_key(|entry| entry.number);
        }
        let requests: Vec<OpenRequest> = self.records(File::Requests);
        let tries = requests.iter().map(|open| (open.id, open.tries)).collect();
        self.card.restore(&snapshot).unwrap();
        // Entries leave the log; each is counted when it is new.
        let newest = self.known.newest();
        let unloads = entries.iter().filter(|entry| entry.kind == Entry::UNLOADED && entry.number > newest).count();
        let unloaded = self.known.unloaded + u32::try_from(unloads).unwrap();
        Known { balance, counters, life: holder.life, tries, entries, unloaded }
    }

    fn data<T: Fixed>(&mut self, tag: u8) -> T {
        let (data, sw) = transmit(&mut self.card, &[0x00, 0xCA, 0xDF, tag, 0x00]);
        assert_eq!(sw, 0x9000, "a purse says what it has counted");
        T::load(&data[3..])
    }

    fn records<T: Fixed>(&mut self, file: File) -> Vec<T> {
        let mut records = Vec::new();
        for n in 1..=12 {
            let (data, sw) = transmit(&mut self.card, &[0x00, 0xB2, n, file.sfi() << 3 | 4, 0x00]);
            if sw != 0x9000 {
                assert_eq!(sw, 0x6A83, "a file ends with its last record");
                break;
            }
            records.push(T::load(&data));
        }
        records
    }
}

pub(super) fn select(aid: &Aid) -> Vec<u8> {
    let name = aid.as_bytes();
    [&[0x00, 0xA4, 0x04, 0x00, u8::try_from(name.len()).unwrap()], name, &[0x00]].concat()
}

/// A command of the purse as it is sent.
pub(super) fn bytes(frame: &Frame) -> Vec<u8> {
    let command: Command<'_> = frame.command().unwrap();
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).unwrap();
    bytes
}

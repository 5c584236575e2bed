//! Cards that are not ours, in a virtual reader: what a client must bear, and what speed is measured beside.
//!
//! `cargo run --release -p card-sim --example odd_card KIND [HOST:PORT]`
//!
//! | kind | it answers |
//! |---|---|
//! | `9000`, `6D00`, or any two bytes | this to every command |
//! | `nothing` | nothing: to the driver it has been pulled out |
//! | `never` | nothing either, but it stays: the driver waits |
//! | `leaves` | nothing, and its program ends: the connection breaks in the middle of the command |
//! | `one-byte` | a single byte, which is no status word |
//! | `long` | 65,533 bytes and `9000`: as much as the driver carries |
//! | `more` | `61FF` behind 16 bytes each, for ever |
//! | `again` | `6C01` to every command of T=0, also to those with that length |
//! | `garbage`, `t0-garbage` | up to 300 bytes by chance, the same after each reset |
//! | `foreign` | as a card of T=0 that knows no application: `6A82` |
//! | `no-atr`, `odd-atr` | no ATR at all; 33 bytes of `FF` as its ATR |
//! | `uicc` | as an operator's SIM: the simulated UICC, with its files and its menu (ETSI TS 102 221, TS 102 223) |

use std::convert::Infallible;
use std::process::ExitCode;

use apdu::Transport;
use applet_model::runtime::Random;
use card_sim::SeededRandom;
use card_sim::atr::{DEFAULT_T0, DEFAULT_T1};
use card_sim::uicc::{Setup, Uicc};
use card_sim::vpcd::{ADDRESS, Control, Pace, Powered, run};

/// Historical bytes that nobody has a meaning for.
const FOREIGN: &[u8] = b"\x3B\x65\x00\x00\x9C\x02\x02\x07\x02";

enum Kind {
    Always(Vec<u8>),
    Never,
    Leaves,
    Garbage(Box<SeededRandom>),
    Uicc(Box<Uicc>),
}

struct OddCard {
    kind: Kind,
    atr: &'static [u8],
}

impl OddCard {
    fn new(kind: &str) -> Option<Self> {
        let garbage = || Kind::Garbage(Box::new(SeededRandom::new(1)));
        let (kind, atr): (_, &'static [u8]) = match kind {
            "nothing" => (Kind::Always(Vec::new()), &DEFAULT_T1),
            "never" => (Kind::Never, &DEFAULT_T1),
            "leaves" => (Kind::Leaves, &DEFAULT_T1),
            "one-byte" => (Kind::Always(vec![0x90]), &DEFAULT_T1),
            "long" => (Kind::Always([&[0xA5; 65_533][..], &[0x90, 0x00]].concat()), &DEFAULT_T1),
            "more" => (Kind::Always([&[0xA5; 16][..], &[0x61, 0xFF]].concat()), &DEFAULT_T1),
            "again" => (Kind::Always(vec![0x6C, 0x01]), &DEFAULT_T0),
            "garbage" => (garbage(), &DEFAULT_T1),
            "t0-garbage" => (garbage(), &DEFAULT_T0),
            "foreign" => (Kind::Always(vec![0x6A, 0x82]), FOREIGN),
            "no-atr" => (Kind::Always(vec![0x6A, 0x82]), &[]),
            "odd-atr" => (Kind::Always(vec![0x6A, 0x82]), &[0xFF; 33]),
            "uicc" => (Kind::Uicc(Box::new(Uicc::new(&Setup { pin: None, ..Setup::default() }))), &DEFAULT_T1),
            status => {
                let value = u16::from_str_radix(status, 16).ok().filter(|_| status.len() == 4)?;
                (Kind::Always(value.to_be_bytes().to_vec()), &DEFAULT_T1)
            }
        };
        Some(Self { kind, atr })
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        match &mut self.kind {
            Kind::Always(answer) => answer.clone(),
            Kind::Never => loop {
                std::thread::park();
            },
            Kind::Leaves => std::process::exit(0),
            Kind::Garbage(random) => garbage(random),
            Kind::Uicc(card) => {
                let mut answer = vec![0; 258];
                let Ok(length) = card.transmit(command, &mut answer);
                answer.truncate(length);
                answer
            }
        }
    }
}

fn garbage(random: &mut SeededRandom) -> Vec<u8> {
    let mut length = [0; 2];
    let _ = random.fill(&mut length);
    // At least one: a card without an answer is one that has been pulled out.
    let mut bytes = vec![0; usize::from(u16::from_be_bytes(length) % 300).saturating_add(1)];
    let _ = random.fill(&mut bytes);
    bytes
}

impl Powered for OddCard {}

impl Transport for OddCard {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let answer = self.answer(command);
        if let Some(place) = response.get_mut(..answer.len()) {
            place.copy_from_slice(&answer);
        }
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        match &mut self.kind {
            Kind::Garbage(random) => **random = SeededRandom::new(1),
            Kind::Uicc(card) => card.reset()?,
            _ => {}
        }
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        if let Kind::Uicc(card) = &self.kind { card.atr() } else { self.atr }
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    // Which kinds there are is at the top of this file.
    let Some(mut card) = words.next().and_then(|kind| OddCard::new(&kind)) else { return ExitCode::from(2) };
    let address = words.next().unwrap_or_else(|| ADDRESS.to_owned());
    match run(&mut card, &address, Pace::DEFAULT, &Control::default(), &mut |_| {}) {
        Ok(()) => ExitCode::SUCCESS,
        Err(never) => match never {},
    }
}

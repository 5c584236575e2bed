//! How many exchanges a second a purse makes, beside a card that answers 9000 to everything.
//!
//! `cargo run --release -p reader --features pcsc --example rate READER_OF_THE_PURSE READER_OF_THE_OTHER`
//!
//! Exit code 1 if it comes to less than 80 % of the other card's rate, or if half of its exchanges take 0.2 ms or more:
//! the 40 ms that a forgotten quick acknowledgement costs (`card-sim/src/vpcd.rs`) are far beyond.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use apdu::Transport;
use reader::{MAX_RESPONSE, Options, Protocols, Reader};

const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0B\xF0digitally\x01\x00";
const GET_BALANCE: &[u8] = &[0x80, 0x5C, 0x00, 0x02, 0x04];
/// In short turns, and judged by the middle turn: other work on the machine meets both alike, or neither.
const ROUNDS: u16 = 400;
const TURN: u16 = 25;
/// Milliseconds.
const MIDDLE: f64 = 0.2;
const RATIO: f64 = 0.8;

type Any = Box<dyn std::error::Error>;

struct Contestant {
    who: &'static str,
    reader: Reader,
    response: Vec<u8>,
    /// Seconds of each exchange.
    times: Vec<f64>,
    /// Exchanges a second in each turn.
    rates: Vec<f64>,
}

impl Contestant {
    fn new(who: &'static str, name: &str) -> Result<Self, Any> {
        let options = Options { protocols: Protocols::T1, ..Options::default() };
        let reader = Reader::open(name, &options)?;
        let mut one = Self { who, reader, response: vec![0; MAX_RESPONSE], times: Vec::new(), rates: Vec::new() };
        one.say(SELECT)?;
        Ok(one)
    }

    fn say(&mut self, command: &[u8]) -> Result<(), Any> {
        let length = self.reader.transmit(command, &mut self.response)?;
        match self.response.get(..length) {
            Some([.., 0x90, 0x00]) => Ok(()),
            answer => Err(format!("{} answered {answer:02X?}", self.who).into()),
        }
    }

    fn turn(&mut self) -> Result<(), Any> {
        let start = Instant::now();
        for _ in 0..TURN {
            let start = Instant::now();
            self.say(GET_BALANCE)?;
            self.times.push(start.elapsed().as_secs_f64());
        }
        self.rates.push(f64::from(TURN) / start.elapsed().as_secs_f64());
        Ok(())
    }

    /// Milliseconds.
    fn middle(&self) -> f64 {
        median(&self.times) * 1000.0
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn run(ours: &str, other: &str) -> Result<bool, Any> {
    let mut ours = Contestant::new("ours, GET BALANCE", ours)?;
    let mut other = Contestant::new("a card of 9000", other)?;
    for _ in 0..ROUNDS {
        ours.turn()?;
        other.turn()?;
    }
    let mut out = std::io::stdout().lock();
    for one in [&ours, &other] {
        writeln!(out, "{:18} {:7.0} exchanges/s   p50 {:.3} ms", one.who, median(&one.rates), one.middle())?;
    }
    let ratios: Vec<f64> = ours.rates.iter().zip(&other.rates).map(|(ours, other)| ours / other).collect();
    let ratio = median(&ratios);
    writeln!(out, "ratio              {ratio:.2}")?;
    Ok(ratio >= RATIO && ours.middle() < MIDDLE)
}

fn main() -> Result<ExitCode, Any> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [ours, other] = words.as_slice() else {
        return Err("two readers are wanted: the purse's, and the other".into());
    };
    Ok(if run(ours, other)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! An ATR in words: every byte with its name and its meaning.

use std::fmt;

use super::speed::Speed;
use super::{Atr, historical};

/// One or more bytes of an ATR that belong together, and what they say.
///
/// `Display` prints bytes, name and meaning, for example `3B TS: direct convention`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// What they are called.
    pub name: String,
    /// What they mean.
    pub meaning: String,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02X} "))?;
        write!(f, "{}: {}", self.name, self.meaning)
    }
}

/// What is left to explain, and what has been.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    pub(super) lines: Vec<Line<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest, lines: Vec::new() }
    }

    /// What is left.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Explains the next `count` bytes, or what there is of them; nothing if nothing is left.
    pub(super) fn explain(&mut self, count: usize, name: impl Into<String>, meaning: impl Into<String>) {
        let (bytes, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        if !bytes.is_empty() {
            self.lines.push(Line { bytes, name: name.into(), meaning: meaning.into() });
        }
    }

    /// Explains the next byte; returns it.
    fn byte(&mut self, name: impl Into<String>, meaning: impl FnOnce(u8) -> String) -> u8 {
        let byte = self.rest.first().copied().unwrap_or(0);
        self.explain(1, name, meaning(byte));
        byte
    }
}

impl<'a> Atr<'a> {
    /// Every byte of the ATR in order, in one line each or together with those it belongs to.
    ///
    /// ```
    /// let atr = card_sim::Atr::parse(&[0x3B, 0x80, 0x80, 0x01, 0x01])?;
    /// let lines: Vec<String> = atr.explain().iter().map(ToString::to_string).collect();
    /// assert_eq!(lines[3], "01 TD2: T=1, half-duplex transmission of blocks");
    /// # Ok::<(), card_sim::AtrError>(())
    /// ```
    ///
    /// Source: ISO/IEC 7816-3:2006 §8.1 to §8.3 for TS, T0 and the interface bytes, §11.4.2 and §11.4.3 for those of
    /// T=1; ISO/IEC 7816-4:2005 §8.1.1 for the historical bytes.
    #[must_use]
    pub fn explain(&self) -> Vec<Line<'a>> {
        let mut reader = Reader::new(self.bytes());
        reader.byte("TS", |ts| String::from(if ts == 0x3F { "inverse convention" } else { "direct convention" }));
        let historical = self.historical().len();
        let mut indicator = reader.byte("T0", |t0| {
            let bytes = if historical == 1 { "historical byte" } else { "historical bytes" };
            format!("{historical} {bytes}{}", follow(t0, 1))
        });
        let mut seen = Seen::default();
        // The protocol that the last TD names.
        let mut protocol = 0;
        for group in 1_u8.. {
            if indicator & 0x10 != 0 {
                let first = seen.first(Seen::TA, group, protocol);
                reader.byte(format!("TA{group}"), |byte| ta(group, protocol, first, byte));
            }
            if indicator & 0x20 != 0 {
                let first = seen.first(Seen::TB, group, protocol);
                reader.byte(format!("TB{group}"), |byte| tb(group, protocol, first, byte));
            }
            if indicator & 0x40 != 0 {
                let first = seen.first(Seen::TC, group, protocol);
                reader.byte(format!("TC{group}"), |byte| tc(group, protocol, first, byte));
            }
            if indicator & 0x80 == 0 {
                break;
            }
            indicator = reader.byte(format!("TD{group}"), |td| {
                format!("{}{}", protocol_name(td & 0x0F), follow(td, group.saturating_add(1)))
            });
            protocol = indicator & 0x0F;
        }
        let (_, behind) = reader.rest().split_at(historical.min(reader.rest().len()));
        let mut lines = reader.lines;
        lines.extend(historical::explain(self.historical()));
        let mut reader = Reader::new(behind);
        reader.explain(1, "TCK", "check character: the exclusive or of all bytes from T0 on is 00");
        lines.extend(reader.lines);
        lines
    }
}

/// Which interface bytes have been seen: for TA, TB and TC one bit for each protocol.
#[derive(Default)]
struct Seen([u16; 3]);

impl Seen {
    const TA: usize = 0;
    const TB: usize = 1;
    const TC: usize = 2;

    /// Whether this is the first of its kind for this protocol. Groups 1 and 2 are not for one protocol.
    fn first(&mut self, kind: usize, group: u8, protocol: u8) -> bool {
        let bit = super::bit(protocol);
        match self.0.get_mut(kind) {
            Some(seen) if group > 2 && *seen & bit == 0 => {
                *seen |= bit;
                true
            }
            _ => false,
        }
    }
}

/// Which bytes follow in group `group`, as the high digit of T0 or of the TD before says.
fn follow(indicator: u8, group: u8) -> String {
    let names = [(0x10, "TA"), (0x20, "TB"), (0x40, "TC"), (0x80, "TD")];
    let announced: Vec<String> =
        names.iter().filter(|(bit, _)| indicator & bit != 0).map(|(_, name)| format!("{name}{group}")).collect();
    match announced.as_slice() {
        [] => String::new(),
        [one] => format!("; {one} follows"),
        many => format!("; {} follow", many.join(" ")),
    }
}

fn protocol_name(protocol: u8) -> String {
    let what = match protocol {
        0 => "half-duplex transmission of characters",
        1 => "half-duplex transmission of blocks",
        2 | 3 => "reserved for full-duplex operation",
        4 => "reserved for an enhanced half-duplex transmission of characters",
        14 => "a protocol that ISO does not standardise",
        15 => "no protocol, global interface bytes follow",
        _ => "reserved for future use",
    };
    format!("T={protocol}, {what}")
}

fn undefined(protocol: u8) -> String {
    format!("not defined for T={protocol}")
}

fn ta(group: u8, protocol: u8, first: bool, byte: u8) -> String {
    match (group, protocol, first) {
        (1, ..) => speed(byte),
        (2, ..) => specific_mode(byte),
        (_, 1, true) => match byte {
            0 | 255 => String::from("information fields of the card (IFSC): reserved value"),
            _ => format!("information fields of blocks to the card (IFSC): at most {byte} bytes"),
        },
        (_, 15, true) => format!("clock stop {}; {}", clock_stop(byte), classes(byte & 0x3F)),
        _ => undefined(protocol),
    }
}

fn tb(group: u8, protocol: u8, first: bool, byte: u8) -> String {
    match (group, protocol, first) {
        (1, ..) if byte & 0x1F == 0 => {
            String::from("programming voltage (deprecated, to be ignored): VPP not connected")
        }
        (1, ..) => format!("programming voltage (deprecated, to be ignored): PI1 = {}", byte & 0x1F),
        (2, ..) => format!("programming voltage (deprecated, to be ignored): PI2 = {byte}"),
        (_, 1, true) => waiting_times(byte),
        (_, 15, true) => String::from(match byte {
            0 => "contact C6 (SPU) not used",
            0x01..=0x7F => "contact C6 (SPU): reserved value",
            0x80..=0xFF => "contact C6 (SPU) used in a proprietary way",
        }),
        _ => undefined(protocol),
    }
}

fn tc(group: u8, protocol: u8, first: bool, byte: u8) -> String {
    match (group, protocol, first) {
        (1, ..) => match byte {
            255 => String::from("extra guard time N = 255: characters at least 12 etu apart in T=0, 11 etu in T=1"),
            _ => format!(
                "extra guard time N = {byte}: characters at least {} etu apart",
                u16::from(byte).saturating_add(12)
            ),
        },
        (2, ..) => match byte {
            0 => String::from("waiting time of T=0: reserved value"),
            _ => format!(
                "waiting time of T=0, WI = {byte}: characters at most {} x Fi clock cycles apart",
                u32::from(byte).saturating_mul(960)
            ),
        },
        (_, 1, true) => {
            let reserved = if byte & 0xFE == 0 { "" } else { "; reserved bits are set" };
            format!(
                "error detection of T=1 by {}{reserved}",
                if byte & 1 == 0 { "LRC, one byte" } else { "CRC, two bytes" }
            )
        }
        _ => undefined(protocol),
    }
}

/// TA1: Fi, Di and what they make.
fn speed(byte: u8) -> String {
    let Some(speed) = Speed::of(byte) else { return String::from("speed: reserved value") };
    let Speed { fi, di, megahertz } = speed;
    let hundredths = (speed.cycles() * 100.0).round() / 100.0;
    let cycles = if hundredths.fract() == 0.0 { format!("{hundredths}") } else { format!("{hundredths:.2}") };
    let bits = speed.bits_per_second().round();
    format!("Fi = {fi}, Di = {di}: {cycles} clock cycles a bit, at most {megahertz} MHz, which is {bits} bit/s")
}

/// TA2: the card works in specific mode; without TA2 it can be negotiated with.
fn specific_mode(byte: u8) -> String {
    let change = if byte & 0x80 == 0 { "can" } else { "cannot" };
    let speed = if byte & 0x10 == 0 { "at the speed of TA1" } else { "at a speed agreed on elsewhere" };
    let reserved = if byte & 0x60 == 0 { "" } else { "; reserved bits are set" };
    format!("specific mode: T={} {speed}; {change} change to negotiable mode by a warm reset{reserved}", byte & 0x0F)
}

/// The first TB for T=1: BWI and CWI.
///
/// CWT = 11 etu + 2^CWI etu; BWT = 11 etu + 2^BWI x 960 x Fd/f, with Fd = 372.
fn waiting_times(byte: u8) -> String {
    let (bwi, cwi) = (byte >> 4, byte & 0x0F);
    let power = |exponent: u8| 1_u32.checked_shl(u32::from(exponent)).unwrap_or(0);
    let characters = format!("CWI = {cwi}, characters of a block at most {} etu apart", power(cwi).saturating_add(11));
    let blocks = match bwi {
        0..=9 => format!(
            "BWI = {bwi}, the card begins its block within 11 etu + {} x 372 clock cycles",
            power(bwi).saturating_mul(960)
        ),
        _ => format!("BWI = {bwi}, reserved"),
    };
    format!("waiting times of T=1: {characters}; {blocks}")
}

const fn clock_stop(byte: u8) -> &'static str {
    match byte >> 6 {
        0 => "not supported",
        1 => "supported in state L",
        2 => "supported in state H",
        _ => "supported in either state",
    }
}

const fn classes(bits: u8) -> &'static str {
    match bits {
        0b001 => "class A only (5 V)",
        0b010 => "class B only (3 V)",
        0b100 => "class C only (1.8 V)",
        0b011 => "classes A and B (5 V, 3 V)",
        0b110 => "classes B and C (3 V, 1.8 V)",
        0b111 => "classes A, B and C (5 V, 3 V, 1.8 V)",
        _ => "operating classes: reserved value",
    }
}

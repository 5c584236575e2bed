//! A card in a virtual reader, against drivers that behave well, badly, and not at all.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use apdu::Transport;
use card_sim::Protocol;
use card_sim::atr::{DEFAULT, DEFAULT_T0, DEFAULT_T1};
use card_sim::vpcd::{Control, End, Event, Link, Pace, Powered, protocol, run, serve};
use proptest::prelude::*;

const OFF: [u8; 3] = [0, 1, 0];
const ON: [u8; 3] = [0, 1, 1];
const RESET: [u8; 3] = [0, 1, 2];
const ATR: [u8; 3] = [0, 1, 4];

/// A card that answers with as many bytes as its first two bytes say, and their number; `FFFF` breaks it. It records calls.
#[derive(Default)]
struct Parrot {
    calls: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("broken")]
struct Broken;

impl Transport for Parrot {
    type Error = Broken;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Broken> {
        self.calls.push(format!("{} bytes", command.len()));
        let wanted = command.first_chunk().map_or(2, |bytes| usize::from(u16::from_be_bytes(*bytes)));
        if wanted == 65_535 {
            return Err(Broken);
        }
        let length = wanted.min(response.len());
        response[..length].fill(0x90);
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), Broken> {
        self.calls.push("reset".to_owned());
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }
}

impl Powered for Parrot {
    fn power_up(&mut self) -> Result<(), Broken> {
        self.calls.push("power".to_owned());
        Ok(())
    }
}

/// A driver whose bytes come in given pieces; what it gets is kept. It insists on [`Link::hurry`] before every read.
#[derive(Default)]
struct Script {
    pieces: Vec<Vec<u8>>,
    got: Vec<Vec<u8>>,
    hurried: bool,
    /// After so many answers, writing fails.
    deaf_after: Option<usize>,
}

impl Script {
    fn new<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Self {
        // A piece of no bytes would be the end.
        let mut pieces: Vec<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).map(<[u8]>::to_vec).collect();
        pieces.reverse();
        Self { pieces, ..Self::default() }
    }
}

impl Read for Script {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        assert!(std::mem::take(&mut self.hurried), "a read that was not hurried");
        let Some(mut piece) = self.pieces.pop() else { return Ok(0) };
        let length = piece.len().min(room.len());
        room[..length].copy_from_slice(&piece[..length]);
        let rest = piece.split_off(length);
        if !rest.is_empty() {
            self.pieces.push(rest);
        }
        Ok(length)
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.deaf_after.is_some_and(|answers| self.got.len() >= answers) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.got.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Link for Script {
    fn hurry(&mut self) -> io::Result<()> {
        self.hurried = true;
        Ok(())
    }
}

fn message(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// What the driver got, what the card was called for, and how it ended.
fn served(mut link: Script) -> (Vec<Vec<u8>>, Vec<String>, Result<End, Broken>) {
    let mut card = Parrot::default();
    let end = serve(&mut card, &mut link, &mut |_| {});
    (link.got, card.calls, end)
}

#[test]
fn controls_and_commands() {
    let command = message(&[0, 2, 0, 0]);
    let (got, calls, end) = served(Script::new([&ATR[..], &ON, &ATR, &command, &RESET, &command, &OFF, &ATR]));
    let (atr, answer) = (vec![0, 2, 0x3B, 0], vec![0, 2, 0x90, 0x90]);
    // Each answer in one piece.
    assert_eq!(got, [atr.clone(), atr.clone(), answer.clone(), answer, atr]);
    assert_eq!(calls, ["power", "4 bytes", "reset", "4 bytes"]);
    assert_eq!(end, Ok(End::Closed));
}

#[test]
fn events_tell_power_from_reset() {
    let mut told = Vec::new();
    let mut link = Script::new([&ON[..], &RESET, &ON, &OFF, &RESET, &[0, 2, 0, 2], &ATR]);
    serve(&mut Parrot::default(), &mut link, &mut |event| told.push(format!("{event:?}"))).unwrap();
    assert_eq!(told, ["PoweredUp", "Reset", "Reset", "PoweredDown", "PoweredUp", "Answered"]);
}

/// The same bytes, whatever pieces they come in: each byte alone, all at once, a length in two.
#[test]
fn pieces_make_no_difference() {
    let whole = [&ON[..], &message(&[0, 2, 1]), &OFF, &ON, &message(&[0, 3]), &ATR].concat();
    let expected = served(Script::new([&whole[..]]));
    assert_eq!(expected.0.len(), 3);
    for size in 1..whole.len() {
        assert_eq!(served(Script::new(whole.chunks(size))), expected, "{size}");
    }
    // Closed after each byte: never more than what was answered before, never an error.
    for end in 0..whole.len() {
        let (got, _, ended) = served(Script::new([&whole[..end]]));
        assert_eq!((&got[..], ended), (&expected.0[..got.len()], Ok(End::Closed)), "{end}");
    }
    for answers in 0..3 {
        let (got, _, ended) = served(Script { deaf_after: Some(answers), ..Script::new([&whole[..]]) });
        assert_eq!((&got[..], ended), (&expected.0[..answers], Ok(End::Closed)), "{answers}");
    }
}

#[test]
fn a_card_without_power_is_mute() {
    for before in [&[][..], &OFF, &[ON, OFF].concat()] {
        let mut link = Script::new([before, &message(&[0, 2])]);
        let mut card = Parrot::default();
        assert_eq!(serve(&mut card, &mut link, &mut |_| {}), Ok(End::Mute));
        assert_eq!(link.got, [[0, 0]]);
        assert!(card.calls.iter().all(|call| call == "power"));
    }
}

#[test]
fn what_the_card_says_decides() {
    // Nothing: its power has failed.
    assert_eq!(served(Script::new([&ON[..], &message(&[0, 0]), &ATR])).2, Ok(End::Mute));
    // An error is the caller's business.
    assert_eq!(served(Script::new([&ON[..], &message(&[0xFF, 0xFF]), &ATR])).2, Err(Broken));
}

/// No command is too long or too short, and no single byte but the four is a control.
#[test]
fn lengths() {
    for length in [0, 2, 255, 256, 65_534, 65_535] {
        let command = vec![0; length].into_iter().enumerate().map(|(at, _): (_, u8)| if at == 1 { 7 } else { 0 });
        let command: Vec<u8> = command.collect();
        let (got, calls, end) = served(Script::new([&ON[..], &message(&command)]));
        assert_eq!(calls, ["power".to_owned(), format!("{length} bytes")]);
        assert_eq!((got.len(), end), (1, Ok(End::Closed)), "{length}");
    }
    for byte in (0..=255).filter(|byte| ![0, 1, 2, 4].contains(byte)) {
        let (got, calls, _) = served(Script::new([&ON[..], &[0, 1, byte]]));
        assert_eq!((got, calls), (vec![vec![0, 2, 0x90, 0x90]], vec!["power".to_owned(), "1 bytes".to_owned()]));
    }
    // The longest answer.
    let (got, ..) = served(Script::new([&ON[..], &message(&[0xFF, 0xFE])]));
    assert_eq!((got[0].len(), &got[0][..2]), (65_536, &[0xFF, 0xFE][..]));
}

proptest! {
    #[test]
    fn garbage_ends_well(pieces in proptest::collection::vec(proptest::collection::vec(0_u8..6, 1..9), 0..40)) {
        let (got, _, end) = served(Script::new(pieces.iter().map(Vec::as_slice)));
        prop_assert!(end.is_ok());
        for answer in got {
            prop_assert_eq!(usize::from(u16::from_be_bytes([answer[0], answer[1]])), answer.len() - 2);
        }
    }
}

#[test]
fn the_atr_decides_what_is_spoken() {
    assert_eq!(protocol(&DEFAULT_T0), Protocol::T0);
    assert_eq!(protocol(&[0x3B, 0x00]), Protocol::T0);
    for atr in [&DEFAULT[..], &DEFAULT_T1, &[0x3B, 0x80, 0x80, 0x01, 0x01], &[]] {
        assert_eq!(protocol(atr), Protocol::T1, "{atr:02X?}");
    }
}

/// A pace at which nobody has to wait for anything.
const QUICK: Pace = Pace {
    out: Duration::from_millis(1),
    retry: Duration::from_millis(1),
    longest_retry: Duration::from_millis(1),
    question: Duration::from_millis(20),
};
/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A card in the reader of a driver that is played by a test.
struct Slot {
    listener: TcpListener,
    control: Control,
    events: Receiver<String>,
}

impl Slot {
    fn with(test: impl FnOnce(&Self)) {
        let (sender, events) = channel();
        let slot = Self { listener: TcpListener::bind("127.0.0.1:0").unwrap(), control: Control::default(), events };
        let address = slot.listener.local_addr().unwrap().to_string();
        let control = slot.control.clone();
        let card = thread::spawn(move || {
            let mut report = |event: Event<'_>| drop(sender.send(format!("{event:?}")));
            run(&mut Parrot::default(), &address, QUICK, &control, &mut report)
        });
        test(&slot);
        slot.control.stop();
        assert_eq!(card.join().unwrap(), Ok(()));
    }

    fn accept(&self) -> TcpStream {
        let (link, _) = self.listener.accept().unwrap();
        link.set_read_timeout(Some(LONG)).unwrap();
        link
    }

    fn next(&self) -> String {
        self.events.recv_timeout(LONG).unwrap()
    }

    /// Waits for this event, past any [`Event::Ignored`] of a slow machine.
    fn expect(&self, event: &str) {
        let found = std::iter::repeat_with(|| self.next()).find(|found| found != "Ignored").unwrap();
        assert_eq!(found, event);
    }
}

fn ask(link: &mut TcpStream, question: &[u8], answer: &[u8]) {
    link.write_all(question).unwrap();
    let mut got = vec![0; answer.len()];
    link.read_exact(&mut got).unwrap();
    assert_eq!(got, answer);
}

fn is_closed(link: &mut TcpStream) -> bool {
    // Reset or closed, both will do.
    link.read(&mut [0]).map_or(true, |read| read == 0)
}

#[test]
fn removed_inserted_and_stopped() {
    Slot::with(|slot| {
        let mut link = slot.accept();
        slot.expect("Inserted");
        ask(&mut link, &ATR, &[0, 2, 0x3B, 0]);
        assert!(slot.control.is_connected() && slot.control.is_inserted());
        slot.control.remove();
        slot.expect("Removed");
        assert!(is_closed(&mut link) && !slot.control.is_inserted() && !slot.control.is_connected());
        // Twice is once.
        slot.control.remove();
        slot.control.toggle();
        let mut link = slot.accept();
        slot.expect("Inserted");
        ask(&mut link, &ATR, &[0, 2, 0x3B, 0]);
        // Out and in again, faster than the one who serves it can look: it was removed, and the reader is still there.
        slot.control.remove();
        slot.control.insert();
        assert!(!slot.control.is_connected());
        slot.expect("Removed");
        let mut link = slot.accept();
        slot.expect("Inserted");
        ask(&mut link, &ATR, &[0, 2, 0x3B, 0]);
        slot.control.stop();
        slot.expect("Removed");
        assert!(is_closed(&mut link));
        slot.control.insert();
        assert!(!slot.control.is_inserted(), "stopped is stopped");
    });
    // Stopped while it is out.
    Slot::with(|slot| {
        drop(slot.accept());
        slot.control.remove();
    });
}

#[test]
fn it_comes_back_to_a_driver_that_comes_back() {
    Slot::with(|slot| {
        for _ in 0..3 {
            let mut link = slot.accept();
            slot.expect("Inserted");
            // Without power, whatever was before.
            ask(&mut link, &[&ON[..], &[0, 2, 0, 2]].concat(), &[0, 2, 0x90, 0x90]);
            drop(link);
            slot.expect("PoweredUp");
            slot.expect("Answered");
            slot.expect("Gone");
        }
    });
}

#[test]
fn mute_it_is_pulled_out_and_put_back() {
    Slot::with(|slot| {
        let mut link = slot.accept();
        ask(&mut link, &[&ON[..], &[0, 2, 0, 0]].concat(), &[0, 0]);
        assert!(is_closed(&mut link));
        for event in ["Inserted", "PoweredUp", "Mute"] {
            slot.expect(event);
        }
        let mut link = slot.accept();
        slot.expect("Inserted");
        ask(&mut link, &ATR, &[0, 2, 0x3B, 0]);
    });
}

#[test]
fn ignored_it_says_so_and_waits() {
    Slot::with(|slot| {
        let mut link = slot.accept();
        assert_eq!((slot.next(), slot.next()), ("Inserted".to_owned(), "Ignored".to_owned()));
        ask(&mut link, &ATR, &[0, 2, 0x3B, 0]);
    });
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    for address in [address.as_str(), "no.such.host.invalid:1", "no port"] {
        let control = Control::default();
        let mut refused = 0;
        let mut report = |event: Event<'_>| match event {
            Event::Waiting(_) if refused == 3 => control.stop(),
            Event::Waiting(_) => refused += 1,
            event => panic!("{event:?}"),
        };
        assert_eq!(run(&mut Parrot::default(), address, QUICK, &control, &mut report), Ok(()));
        assert_eq!(refused, 3, "{address}");
    }
}

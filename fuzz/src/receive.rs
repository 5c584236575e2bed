//! Files of short messages that are said to be uploads.

use std::cell::RefCell;

use applet_model::purse::Attested;
use applet_model::purse::upload::UploadMessage;
use applet_model::runtime::Fixed;
use digitally::{Algorithm, Key};
use issuer::receive::{ReceiveError, lines, read, receive};
use issuer::register::Learned;
use issuer::{Issuer, Register};

/// Each line is a message or named as none, once and in its order; a message is written as it was read; and without a card of
/// the register, none of them is taken.
pub fn receive_lines(bytes: &[u8]) {
    thread_local! {
        static BOOKS: RefCell<(Issuer, Register)> = RefCell::new(books());
    }
    let mut last = 0;
    for line in lines(bytes) {
        let number = line.as_ref().map_or_else(|error| error.number, |line| line.number);
        assert!(number > last, "line {number} after {last}");
        last = number;
        match line {
            Ok(line) => BOOKS.with_borrow_mut(|(issuer, register)| message(issuer, register, &line.tpdu)),
            Err(error) => drop(error.to_string()),
        }
    }
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    assert!(last <= u64::try_from(ends).expect("few") + 1);
}

fn books() -> (Issuer, Register) {
    let issuer = Issuer::of_one_key(Key::new(Algorithm::AesCmac, &[7; 32]).expect("32 bytes")).expect("an AES key");
    let mut register = Register::in_memory(&issuer.register_id().expect("an AES key")).expect("memory");
    let number = "+254700000001".parse().expect("a number");
    register.record(number, issuer::register::Place::FIRST, 200).expect("memory");
    // It was met, so that its currency is known, and MACs are looked at.
    let attested = Attested::load(&[0x04; Attested::LEN]);
    let (entries, findings) = (&[], &[]);
    let learned = Learned { attested: &attested, challenge: [1; 8], entries, payments_before: 0, findings, good: true };
    register.learn(1, &learned, 0).expect("memory");
    (issuer, register)
}

fn message(issuer: &Issuer, register: &mut Register, tpdu: &[u8]) {
    if let Ok(message) = read(tpdu) {
        let mut room = [0; UploadMessage::MAX_LENGTH];
        let written = message.encode(&mut room).expect("the longest message fits");
        assert!(tpdu.ends_with(written), "a message is written as it was read");
    }
    match receive(register, issuer, tpdu, 1_800_000_000) {
        Err(ReceiveError::Refused(refusal)) => drop(refusal.to_string()),
        other => panic!("a message was forged: {other:?}"),
    }
}

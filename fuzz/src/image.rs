//! The image of a card.

use apdu::Transport;
use applet_model::purse::{Capacity, PURSE_AID, Purse};
use applet_model::runtime::Applet;
use card_sim::image::{HEADER_LENGTH, MAGIC, VERSION, decode_unpowered, encode};
use card_sim::{Card, ImageError, Module, SeededRandom};
use sha2::{Digest, Sha256};

const MODULES: &[Module] = &[Module { aid: PURSE_AID, make: purse }];

fn purse(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?)))
}

fn read(image: &[u8]) -> Result<Card, ImageError> {
    decode_unpowered(image, MODULES, Box::new(SeededRandom::new(0)))
}

/// What reads as an image is written as one that gives the same card, and the card works, whatever lies in its memory.
///
/// The bytes are tried as they are; and with their header put right, since no fuzzer guesses a digest.
pub fn image(bytes: &[u8]) {
    check(bytes);
    if let Some(body) = bytes.get(HEADER_LENGTH..) {
        check(&sealed(body));
    }
}

fn sealed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    let start = [&MAGIC[..], &VERSION.to_be_bytes(), &length.to_be_bytes()].concat();
    let digest = Sha256::new().chain_update(&start).chain_update(body).finalize();
    [&start[..], &digest[..], body].concat()
}

fn check(image: &[u8]) {
    let Ok(card) = read(image) else { return };
    let written = encode(&card);
    let mut card = read(&written).expect("what was written can be read");
    assert!(encode(&card) == written, "an image is read as it was written");
    power_up(&mut card);
    use_it(&mut card);
    assert!(read(&encode(&card)).is_ok(), "a card that was used can be kept");
}

/// Something of everything that a purse can be asked, of the first applets of the card.
fn use_it(card: &mut Card) {
    const COMMANDS: &[&[u8]] = &[
        b"\x00\xCA\xDF\x20\x00",
        b"\x00\xCA\xDF\x21\x00",
        b"\x00\xCA\xDF\x22\x00",
        b"\x00\xCA\xDF\x23\x00",
        b"\x00\xCA\xDF\x24\x00",
        b"\x00\xCA\xDF\x25\x00",
        b"\x80\x5C\x00\x02\x04",
        // Records of all four files, and the last payments.
        b"\x00\xB2\x01\x0C\x00",
        b"\x00\xB2\x01\x14\x00",
        b"\x00\xB2\x02\x14\x00",
        b"\x00\xB2\x01\x1C\x00",
        b"\x00\xB2\x01\x24\x00",
        b"\x00\xB2\x02\x24\x00",
        b"\x80\x5A\x00\x00\x00",
        b"\x80\x5A\x01\x00\x00",
        // A request, the same again until the ring is full, and its cancellation.
        b"\x80\x40\x00\x00\x0C\xFF\xFF\x25\x47\x00\x00\x00\x02\x00\x00\x00\x64\x00",
        b"\x80\x40\x00\x00\x0C\xFF\xFF\x25\x47\x00\x00\x00\x02\x00\x00\x00\x64\x00",
        b"\x80\x46\x00\x00\x04\x00\x00\x00\x01",
        b"\x80\x44\x00\x00\x08\x00\x00\x00\x01\x12\x34\x56\x78\x00",
        // Somebody else's request, and its payment.
        b"\x80\x42\x00\x00\x10\xFF\xFF\x25\x47\x00\x00\x00\x02\x00\x00\x00\x64\x12\x34\x56\x78\x00",
        b"\x00\x20\x00\x81\x081234\xFF\xFF\xFF\xFF",
        b"\x80\x54\x01\x00\x00",
        b"\x00\x24\x00\x81\x101234\xFF\xFF\xFF\xFF1234\xFF\xFF\xFF\xFF",
        b"\x00\x2C\x00\x81\x10876543211234\xFF\xFF\xFF\xFF",
        b"\x80\x52\x00\x00\x10\x00\x00\x00\x64\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x00\xE2\x00\x18\x18\xFF\xFF\x25\x47\x00\x00\x00\x02Bob\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x00\x0C\x01\x1C",
    ];
    let names: Vec<_> = card.demands().map(|(aid, _)| aid).take(4).collect();
    for name in names {
        let name = name.as_bytes();
        let length = u8::try_from(name.len()).unwrap();
        ask(card, &[&[0x00, 0xA4, 0x04, 0x00, length], name, &[0x00]].concat());
        for command in COMMANDS {
            ask(card, command);
        }
    }
}

/// Sends a command. An image may say that the power is to fail: then it comes back.
fn ask(card: &mut Card, command: &[u8]) {
    let mut response = [0; 600];
    let Ok(length) = card.transmit(command, &mut response);
    assert_eq!(length == 0, !card.is_on(), "a card with power answers");
    power_up(card);
}

/// The power may fail once in the recovery; no image says more.
fn power_up(card: &mut Card) {
    for _ in 0..2 {
        if !card.is_on() {
            let Ok(()) = card.reset();
        }
    }
    assert!(card.is_on(), "the card does not come back");
}

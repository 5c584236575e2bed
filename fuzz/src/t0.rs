//! The T=0 front of a card with a purse.

use std::sync::OnceLock;

use apdu::Transport;
use card_sim::{Card, Protocol, Snapshot};

use crate::card::new_card;

/// What both ends must hold to: every answer is a status word with at most 256 bytes before it, data comes only in the
/// length that was asked for, and `6Cxx` says a length that then brings the data. The card may do what it likes with the
/// bytes: nobody but its holder and its issuer can move its money, and they are not among the bytes.
///
/// The bytes are headers and data: a length, and so many bytes for the card; length 255 resets it.
pub fn t0(bytes: &[u8]) {
    static FRESH: OnceLock<Snapshot> = OnceLock::new();
    let mut card = new_card();
    let fresh = FRESH.get_or_init(|| card.snapshot());
    card.restore(fresh).expect("a card of the same kind");
    card.speak(Protocol::T0);
    let mut rest = bytes;
    while let Some((&length, behind)) = rest.split_first() {
        if length == 255 {
            let Ok(()) = card.reset();
            rest = behind;
            continue;
        }
        let (tpdu, behind) = behind.split_at(behind.len().min(usize::from(length)));
        rest = behind;
        if let Some(le) = send(&mut card, tpdu) {
            let again = [&tpdu[..4], &[le]].concat();
            assert_eq!(send(&mut card, &again), None, "the length that it said is right: {again:02X?}");
        }
    }
}

/// Sends a TPDU; returns the length to ask for, if the card says one.
fn send(card: &mut Card, tpdu: &[u8]) -> Option<u8> {
    let mut response = [0; 600];
    let Ok(length) = card.transmit(tpdu, &mut response);
    let (data, sw) = response[..length].split_last_chunk::<2>().expect("a card always answers");
    assert!(matches!(sw[0] >> 4, 0x6 | 0x9) && sw[0] != 0x60, "{tpdu:02X?} was answered {sw:02X?}");
    let asked = match tpdu {
        [_, _, _, _, 0] => 256,
        [_, _, _, _, le] => usize::from(*le),
        _ => 0,
    };
    // A part of more than 256 bytes, or of what is fetched, says how much is left.
    assert!(data.is_empty() || (data.len() == asked && matches!(sw, [0x90, 0] | [0x61, _])), "{tpdu:02X?}: {sw:02X?}");
    (sw[0] == 0x6C).then_some(sw[1])
}

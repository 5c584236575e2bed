//! A warm card answers without allocating.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use allocation_counter::measure;
use apdu::{Aid, Transport};
use hex_literal::hex;
use support::selected;

#[test]
fn a_warm_card_allocates_nothing() {
    let mut card = selected();
    card.install(support::MODULES, support::NOTEBOOK, Aid::from_array(b"\xF0other"), &[]).unwrap();
    let commands: [&[u8]; 11] = [
        &hex!("80200003 00"),
        &hex!("80200100 10"),
        &hex!("00C00000 00"),
        &hex!("80100000 04 01020304"),
        &hex!("80160000 04 05060708"),
        &hex!("80160001 04 090A0B0C"),
        &hex!("80220800 00"),
        &hex!("00A40400 01 F1"),
        &hex!("00A40400 01 F0"),
        &hex!("00A4040E 01 F0"),
        &hex!("FFFFFFFF"),
    ];
    let mut response = [0; 600];
    let snapshot = card.snapshot();
    let mut all = || {
        for command in commands {
            let Ok(_) = card.transmit(command, &mut response);
        }
        let Ok(()) = card.restore(&snapshot) else { return };
    };
    all();
    let warm = measure(|| (0..100).for_each(|_| all()));
    assert_eq!(warm.count_total, 0);
}

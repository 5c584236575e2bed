//! Key derivation against CMAC called by hand, at the bounds of its lengths.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use digitally::derive::{self, DeriveError};
use digitally::{Algorithm, Key, Master};

fn master(len: usize) -> Key<Master> {
    Key::new(Algorithm::AesCmac, &vec![7; len]).unwrap()
}

/// P-DER-1: outputs of 1 to 50 bytes are the blocks K(1), K(2), … one after the other, cut; each length goes into the
/// input, so a shorter output is not the beginning of a longer one.
#[test]
fn outputs_are_blocks_cut() {
    let master = master(16);
    let mut earlier: Vec<Vec<u8>> = Vec::new();
    for len in 1..=50u32 {
        let mut out = vec![0; usize::try_from(len).unwrap()];
        derive::bytes(&master, b"label", b"context", &mut out).unwrap();
        let blocks = (1..=4u32).flat_map(|i| {
            let input = [&i.to_be_bytes()[..], b"label", &[0], b"context", &(len * 8).to_be_bytes()].concat();
            master.tag(&input).expose().to_vec()
        });
        assert_eq!(out, blocks.take(out.len()).collect::<Vec<u8>>());
        assert!(len < 8 || earlier.iter().skip(7).all(|one| !out.starts_with(one)));
        earlier.push(out);
    }
}

/// P-DER-2: masters of 16, 24 and 32 bytes derive, others do not exist; label and context together may have 64 bytes and
/// not 65; another label, or another context, gives another key.
#[test]
fn lengths_of_master_and_info() {
    let mut seen = std::collections::BTreeSet::new();
    for len in 0..=40 {
        let key = Key::<Master>::new(Algorithm::AesCmac, &vec![7; len]);
        assert_eq!(key.is_ok(), [16, 24, 32].contains(&len), "{len}");
        if let Ok(key) = key {
            for (label, context) in [(&b"one"[..], &b"x"[..]), (b"two", b"x"), (b"one", b"y")] {
                let mut out = [0; 16];
                derive::bytes(&key, label, context, &mut out).unwrap();
                assert!(seen.insert(out));
            }
        }
    }
    assert_eq!(seen.len(), 9);
    for (label, context) in [(64, 0), (60, 4), (0, 64)] {
        let derive = |more: bool| {
            derive::bytes(&master(16), &vec![1; label], &vec![2; context + usize::from(more)], &mut [0; 16])
        };
        assert_eq!((derive(false), derive(true)), (Ok(()), Err(DeriveError::InfoTooLong)));
    }
}

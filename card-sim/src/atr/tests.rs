//! Real cards' ATRs, ours, and broken ones.

use hex_literal::hex;

use super::*;

/// Historical bytes and protocols.
type Parsed<'a> = Result<(&'a [u8], &'a [u8]), AtrError>;

#[test]
fn ours_offers_both_protocols_and_says_what_the_card_can_do() {
    let atr = Atr::parse(&DEFAULT).unwrap();
    assert_eq!(atr.historical(), hex!("80 31D8 73C001FB"));
    assert_eq!((0..=20).filter(|t| atr.offers(*t)).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(atr.to_string(), "3B878011FE8031D873C001FBC8");
    assert_eq!(atr.bytes(), DEFAULT);
}

#[test]
fn structures() {
    let truncated = |found| Err(AtrError::Truncated { found });
    let table: [(&[u8], Parsed); 22] = [
        // The shortest there is; inverse convention.
        (&hex!("3B00"), Ok((&[], &[0]))),
        (&hex!("3F00"), Ok((&[], &[0]))),
        (&hex!("3B02 0102"), Ok((&[1, 2], &[0]))),
        // T=0 said in so many words has no check character.
        (&hex!("3B80 00"), Ok((&[], &[0]))),
        (&hex!("3B80 00 80"), Err(AtrError::TrailingBytes { count: 1 })),
        (&hex!("3B80 80 01 01"), Ok((&[], &[0, 1]))),
        (&hex!("3B80 01 81"), Ok((&[], &[1]))),
        // A SIM (sysmoUSIM-SJS1): T=0, and global bytes under T=15.
        (&hex!("3B9F96801FC78031A073BE21136743200718000001A5"), Ok((&hex!("8031A073BE21136743200718000001"), &[0]))),
        // A YubiKey 5.
        (&hex!("3BFD1300008131FE158073C021C057597562694B657940"), Ok((&hex!("8073C021C057597562694B6579"), &[1]))),
        // T=0 by default, with TB1 and TC1.
        (&hex!("3B6500002063CB6600"), Ok((&hex!("2063CB6600"), &[0]))),
        (&[], truncated(0)),
        (&hex!("3B"), truncated(1)),
        (&hex!("3B01"), truncated(2)),
        (&hex!("3B10"), truncated(2)),
        (&hex!("3BF0 112233"), truncated(5)),
        (&hex!("3B80 01"), truncated(3)),
        (&hex!("3B80 81"), truncated(3)),
        (&hex!("3B80 01 80"), Err(AtrError::Check { expected: 0x81, found: 0x80 })),
        (&hex!("3B80 01 81 00"), Err(AtrError::TrailingBytes { count: 1 })),
        (&hex!("3B80 0F 8F"), Err(AtrError::FirstProtocol)),
        (&hex!("3C00"), Err(AtrError::InitialCharacter { found: 0x3C })),
        (&[0x3B; 34], Err(AtrError::TooLong { found: 34 })),
    ];
    for (bytes, expected) in table {
        let found = Atr::parse(bytes).map(|atr| (atr.historical(), (0..15).filter(|t| atr.offers(*t)).collect()));
        assert_eq!(found, expected.map(|(historical, protocols)| (historical, protocols.to_vec())), "{bytes:02X?}");
    }
}

#[test]
fn a_chain_of_groups_ends_with_the_bytes() {
    // Every TD announces another one.
    let mut bytes = vec![0x3B, 0x80];
    bytes.resize(Atr::MAX_LENGTH, 0x80);
    assert_eq!(Atr::parse(&bytes), Err(AtrError::Truncated { found: 33 }));
}

#[test]
fn every_truncation_and_every_flipped_bit_of_ours_is_noticed() {
    for end in 0..DEFAULT.len() {
        assert_eq!(Atr::parse(&DEFAULT[..end]), Err(AtrError::Truncated { found: end }));
    }
    for byte in 0..DEFAULT.len() {
        for bit in 0..8 {
            let mut flipped = DEFAULT;
            flipped[byte] ^= 1 << bit;
            // TS alone is not covered by the check character; 3F is right too.
            assert_eq!(Atr::parse(&flipped).is_ok(), flipped[0] == 0x3F, "{flipped:02X?}");
        }
    }
}

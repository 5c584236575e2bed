//! Long commands cut into chains.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use apdu::{Case, Cla, Command, Unchainable};

/// What `Cla::chained` must say, from the table in the doc of `Cla`.
fn chained(byte: u8) -> Option<u8> {
    match byte {
        0x20..=0x3F | 0xEF | 0xFF => None,
        _ => Some(byte | 0x10),
    }
}

#[test]
fn every_class_byte_but_the_reserved_and_invalid_ones_can_be_chained() {
    for byte in 0..=u8::MAX {
        let cla = Cla::new(byte);
        assert_eq!(cla.chained().map(Cla::byte), chained(byte), "{cla}");
        if let Some(more) = cla.chained() {
            assert!(more.chaining());
            assert_eq!((more.channel(), more.kind()), (cla.channel(), cla.kind()));
            assert_eq!((more.secure_messaging(), more.base()), (cla.secure_messaging(), cla.base()));
            assert_eq!(more.chained(), Some(more));
        }
    }
}

#[test]
fn the_pieces_make_the_whole() {
    let edges = [0_usize, 1, 2, 254, 255, 256, 257, 509, 510, 511, 512, 513, 65_534, 65_535];
    let data = vec![0xA5; 65_535];
    for nc in edges {
        let data: Vec<u8> = (0..nc).zip(&data).map(|(i, salt)| u8::try_from(i % 251).unwrap() ^ salt).collect();
        for ne in [0, 1, 255, 256, 257, 65_536] {
            for (max, holds) in [(0, 1), (1, 1), (7, 7), (255, 255), (256, 256), (512, 512), (65_535, 65_535)] {
                let whole = Command::new(Cla::new(0x82), 0xE2, 1, 2, &data, ne).unwrap();
                let chain = whole.chain(max).unwrap();
                let announced = chain.len();
                let pieces: Vec<_> = chain.collect();
                assert_eq!(pieces.len(), announced);
                assert_eq!(announced, nc.div_ceil(holds).max(1));
                if announced == 1 {
                    assert_eq!(pieces, [whole]);
                    continue;
                }
                let (last, before) = pieces.split_last().unwrap();
                for piece in before {
                    assert_eq!((piece.cla().byte(), piece.ins(), piece.p1(), piece.p2()), (0x92, 0xE2, 1, 2));
                    assert_eq!((piece.data().len(), piece.ne()), (holds, 0));
                }
                assert_eq!((last.cla(), last.ins(), last.p1(), last.p2()), (whole.cla(), 0xE2, 1, 2));
                assert_eq!(last.ne(), ne);
                assert!((1..=holds).contains(&last.data().len()));
                assert!(pieces.iter().map(Command::data).collect::<Vec<_>>().concat() == data);
                // Each is a command of its own, in the shortest form.
                for piece in &pieces {
                    let mut bytes = vec![0; piece.encoded_len()];
                    piece.encode(&mut bytes).unwrap();
                    assert_eq!(Command::decode(&bytes), Ok(*piece));
                    let long = piece.data().len() > 255 || piece.ne() > 256;
                    assert_eq!(piece.case().is_extended(), long);
                }
            }
        }
    }
}

#[test]
fn a_command_that_need_not_be_cut_keeps_its_form_and_its_class() {
    for cla in 0..=u8::MAX {
        let whole = Command::with_case(Case::FourExtended, Cla::new(cla), 0xE2, 0, 0, &[1, 2, 3], 5).unwrap();
        assert!(whole.chain(3).unwrap().eq([whole]), "{whole:?}");
    }
}

#[test]
fn what_has_no_chaining_bit_cannot_be_cut() {
    for byte in 0..=u8::MAX {
        let cla = Cla::new(byte);
        let whole = Command::new(cla, 0xE2, 0, 0, &[1, 2, 3], 0).unwrap();
        let pieces = whole.chain(2).map(|chain| chain.map(|piece| piece.cla().byte()).collect::<Vec<_>>());
        assert_eq!(pieces, chained(byte).map(|more| vec![more, byte]).ok_or(Unchainable { cla, nc: 3 }), "{cla}");
    }
}

#[test]
fn an_end_stays_an_end_and_debug_hides_the_data() {
    let whole = Command::new(Cla::INTERINDUSTRY, 0xE2, 0, 0, b"4711", 0).unwrap();
    let mut chain = whole.chain(3).unwrap();
    assert!(!format!("{chain:?}").contains("52"), "{chain:?}");
    assert_eq!(chain.size_hint(), (2, Some(2)));
    assert!(chain.next().is_some() && chain.next().is_some());
    assert_eq!((chain.next(), chain.next(), chain.len()), (None, None, 0));
}

//! All 256 class bytes, written out, and every class byte that can be built.
#![allow(clippy::arithmetic_side_effects, clippy::panic)]

use apdu::ClassKind::{
    self, FirstInterindustry as First, FurtherInterindustry as Further, Invalid, Proprietary as Own, Reserved,
};
use apdu::{Channel, Cla, ClassError, SecureMessaging};

/// Chained.
const C: bool = true;

/// One row for each high digit: kind, base, whether chained, and for the sixteen low digits the
/// channel and secure messaging: `-` none, `p` proprietary, `i` ISO, `a` ISO with the header
/// authenticated; `.` where there is no channel.
#[rustfmt::skip]
const ROWS: [(ClassKind, u8, bool, &str); 16] = [
    (First,    0x00, !C, "0- 1- 2- 3- 0p 1p 2p 3p 0i 1i 2i 3i 0a 1a 2a 3a"),
    (First,    0x00,  C, "0- 1- 2- 3- 0p 1p 2p 3p 0i 1i 2i 3i 0a 1a 2a 3a"),
    (Reserved, 0x20, !C, ". . . . . . . . . . . . . . . ."),
    (Reserved, 0x30, !C, ". . . . . . . . . . . . . . . ."),
    (Further,  0x00, !C, "4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19-"),
    (Further,  0x00,  C, "4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19-"),
    (Further,  0x00, !C, "4i 5i 6i 7i 8i 9i 10i 11i 12i 13i 14i 15i 16i 17i 18i 19i"),
    (Further,  0x00,  C, "4i 5i 6i 7i 8i 9i 10i 11i 12i 13i 14i 15i 16i 17i 18i 19i"),
    (Own,      0x80, !C, "0- 1- 2- 3- 0p 1p 2p 3p 0i 1i 2i 3i 0a 1a 2a 3a"),
    (Own,      0x80,  C, "0- 1- 2- 3- 0p 1p 2p 3p 0i 1i 2i 3i 0a 1a 2a 3a"),
    (Own,      0xA0, !C, "0- 1- 2- 3- 0p 1p 2p 3p 0i 1i 2i 3i 0a 1a 2a 3a"),
    (Own,      0xA0,  C, "0- 1- 2- 3- 0p 1p 2p 3p 0i 1i 2i 3i 0a 1a 2a 3a"),
    (Own,      0x80, !C, "4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19-"),
    (Own,      0x80,  C, "4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19-"),
    (Own,      0x80, !C, "4i 5i 6i 7i 8i 9i 10i 11i 12i 13i 14i 15i 16i 17i 18i 19i"),
    (Own,      0x80,  C, "4i 5i 6i 7i 8i 9i 10i 11i 12i 13i 14i 15i 16i 17i 18i ."),
];

fn secure_messaging(letter: &str) -> SecureMessaging {
    match letter {
        "-" => SecureMessaging::None,
        "p" => SecureMessaging::Proprietary,
        "i" => SecureMessaging::IsoHeaderNotAuthenticated,
        "a" => SecureMessaging::IsoHeaderAuthenticated,
        other => panic!("{other}"),
    }
}

#[test]
fn every_class_byte_reads_as_the_table_says() {
    let mut byte: u16 = 0;
    for (kind, base, chained, cells) in ROWS {
        for cell in cells.split(' ') {
            let value = u8::try_from(byte).unwrap();
            let cla = Cla::from(value);
            let expected = match cell {
                "." if value == 0xFF => (Invalid, 0xFF, false, None, SecureMessaging::None),
                "." => (kind, value, false, None, SecureMessaging::None),
                _ => {
                    let (channel, letter) = cell.split_at(cell.len() - 1);
                    let channel = Channel::new(channel.parse().unwrap());
                    assert!(channel.is_some());
                    (kind, base, chained, channel, secure_messaging(letter))
                }
            };
            let read = (cla.kind(), cla.base(), cla.chaining(), cla.channel(), cla.secure_messaging());
            assert_eq!(read, expected, "class byte {cla}");
            assert_eq!(cla.byte(), value);
            byte += 1;
        }
    }
    assert_eq!(byte, 256);
}

#[test]
fn what_is_built_reads_back_and_everything_readable_can_be_built() {
    let letters = ["-", "p", "i", "a"].map(secure_messaging);
    let mut built = [0; 256];
    for number in 0..=Channel::MAX {
        let channel = Channel::new(number).unwrap();
        assert_eq!(channel.number(), number);
        for chaining in [false, true] {
            for secure_messaging in letters {
                for (result, base) in [
                    (Cla::interindustry(channel, chaining, secure_messaging), 0x00),
                    (Cla::proprietary(channel, chaining, secure_messaging), 0x80),
                ] {
                    match result {
                        Ok(cla) => {
                            let read = (cla.channel(), cla.chaining(), cla.secure_messaging());
                            assert_eq!(read, (Some(channel), chaining, secure_messaging), "{cla}");
                            assert_eq!(cla.base(), base, "{cla}");
                            built[usize::from(cla.byte())] += 1;
                        }
                        Err(ClassError::Invalid) => {
                            assert_eq!((number, chaining, base), (19, true, 0x80));
                        }
                        Err(error) => {
                            assert_eq!(error, ClassError::SecureMessaging { channel, secure_messaging });
                            let unsayable = [letters[1], letters[3]].contains(&secure_messaging);
                            assert!(number >= 4 && unsayable, "{error}");
                        }
                    }
                }
            }
        }
    }
    for (byte, count) in built.into_iter().enumerate() {
        let readable = !matches!(byte, 0x20..=0x3F | 0xA0..=0xBF | 0xFF);
        assert_eq!(count, i32::from(readable), "{byte:02X}");
    }
}

#[test]
fn there_are_twenty_channels() {
    for number in 0..=u8::MAX {
        assert_eq!(Channel::new(number).is_some(), number < 20);
    }
    assert_eq!(Channel::new(0), Some(Channel::BASIC));
    assert_eq!(Channel::BASIC.to_string(), "channel 0");
}

//! BER-TLV: tags, lengths, nesting, padding, and where an error is.
#![allow(clippy::arithmetic_side_effects)]

use apdu::TlvErrorKind as Kind;
use apdu::tlv::{self, Writer};
use apdu::{BufferTooSmall, Tag, TagClass, TlvError};
use hex_literal::hex;

#[test]
fn tags_of_one_two_and_three_bytes_are_read_as_iso_7816_4_and_emv_say() {
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            for third in [0x00, 0x01, 0x7E, 0x7F, 0x80, 0x81, 0xFE, 0xFF] {
                let expected = match (first & 0x1F, second, third) {
                    (0x00..=0x1E, ..) if first == 0 => Err(Kind::TagInvalid),
                    (0x00..=0x1E, ..) => Ok(1),
                    (_, 0x01..=0x7F, _) => Ok(2),
                    (_, 0x81..=0xFF, 0x00..=0x7F) => Ok(3),
                    _ => Err(Kind::TagInvalid),
                };
                let bytes = [first, second, third, 0xEE];
                let read = Tag::parse(&bytes);
                let length = read.map(|(tag, _)| tag.encoded_len()).map_err(|error| error.kind);
                assert_eq!(length, expected, "{bytes:02X?}");
                if let Ok((tag, rest)) = read {
                    let length = tag.encoded_len();
                    let hex: String = bytes[..length].iter().map(|b| format!("{b:02X}")).collect();
                    assert_eq!(tag.to_string(), hex);
                    assert_eq!(rest, &bytes[length..]);
                    assert_eq!(Tag::try_from(tag.value()), Ok(tag));
                    assert_eq!(tag.is_constructed(), first & 0x20 != 0);
                    let class = match first {
                        0x00..=0x3F => TagClass::Universal,
                        0x40..=0x7F => TagClass::Application,
                        0x80..=0xBF => TagClass::ContextSpecific,
                        0xC0..=0xFF => TagClass::Private,
                    };
                    assert_eq!(tag.class(), class);
                    for cut in 0..length {
                        let error = TlvError { offset: 0, kind: Kind::TagTruncated };
                        assert_eq!(Tag::parse(&bytes[..cut]), Err(error));
                    }
                }
            }
        }
    }
    assert_eq!(Tag::try_from(0x0100_0000), Err(Kind::TagInvalid));
    assert_eq!(Tag::try_from(0x1F81_8001), Err(Kind::TagInvalid), "four bytes");
}

#[test]
fn lengths_are_written_short_and_read_in_any_width() {
    let edges =
        [(0, 1), (127, 1), (128, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 4), (0x00FF_FFFF, 4), (0x0100_0000, 5)];
    for (length, width) in edges {
        let value = vec![0x5A; length];
        let mut buffer = vec![0; length + 6];
        let mut writer = Writer::new(&mut buffer);
        writer.put(Tag::new(0x53), &value).unwrap();
        let written = writer.finish();
        assert_eq!(written.len(), 1 + width + length);
        let (read, rest) = tlv::parse(written).unwrap();
        assert!(read.value == value && rest.is_empty());
    }
    for bytes in [&hex!("53 01 AA")[..], &hex!("53 8101 AA"), &hex!("53 820001 AA"), &hex!("53 8400000001 AA")] {
        assert_eq!(tlv::parse(bytes).unwrap().0.value, [0xAA], "{bytes:02X?}");
    }
}

#[test]
fn errors_have_a_name_and_a_place() {
    let long = Kind::ValueTruncated { length: u32::MAX, found: 1 };
    let table: [(&[u8], usize, Kind); 16] = [
        (&hex!("5F"), 0, Kind::TagTruncated),
        (&hex!("5F81"), 0, Kind::TagTruncated),
        (&hex!("5F00 00"), 0, Kind::TagInvalid),
        (&hex!("5F8181 00"), 0, Kind::TagInvalid),
        (&hex!("FFFFFF"), 0, Kind::TagInvalid),
        (&hex!("84"), 1, Kind::LengthTruncated),
        (&hex!("5F50"), 2, Kind::LengthTruncated),
        (&hex!("84 82 01"), 1, Kind::LengthTruncated),
        (&hex!("84 80 0000"), 1, Kind::LengthIndefinite),
        (&hex!("84 85 0000000001 AA"), 1, Kind::LengthInvalid { count: 5 }),
        (&hex!("84 FF"), 1, Kind::LengthInvalid { count: 127 }),
        (&hex!("84 02 AA"), 1, Kind::ValueTruncated { length: 2, found: 1 }),
        (&hex!("84 84FFFFFFFF AA"), 1, long),
        (&hex!("84 01 AA 85 02 BB"), 4, Kind::ValueTruncated { length: 2, found: 1 }),
        (&hex!("0000 84 01 AA 00 85 80"), 7, Kind::LengthIndefinite),
        (&hex!("8400 8400 9F"), 4, Kind::TagTruncated),
    ];
    for (bytes, offset, kind) in table {
        let mut objects = tlv::iter(bytes).skip_while(Result::is_ok);
        assert_eq!(objects.next(), Some(Err(TlvError { offset, kind })), "{bytes:02X?}");
        assert_eq!(objects.next(), None, "the first error is the last item");
    }
    // Inside nested objects the place still counts from the start of the whole input.
    let nested = hex!("84 01 AA 6F 07 A5 05 00 88 01 BB 9F");
    let path = [0x6F, 0xA5, 0xC0].map(Tag::new);
    assert_eq!(tlv::find(&nested, &path), Err(TlvError { offset: 11, kind: Kind::TagTruncated }));
}

#[test]
fn find_follows_a_path_through_padding_and_siblings() {
    let fci = hex!("00 6F 12 84 07 F0010203040506 00 A5 06 5F50 01 2F C000 00");
    let find = |path: &[u32]| {
        let path: Vec<Tag> = path.iter().map(|&tag| Tag::new(tag)).collect();
        tlv::find(&fci, &path)
    };
    assert_eq!(find(&[]), Ok(Some(&fci[..])));
    assert_eq!(find(&[0x6F, 0x84]), Ok(Some(&hex!("F0010203040506")[..])));
    assert_eq!(find(&[0x6F, 0xA5, 0x5F50]), Ok(Some(&hex!("2F")[..])));
    assert_eq!(find(&[0x6F, 0xA5, 0xC0]), Ok(Some(&[][..])));
    for missing in [&[0x84][..], &[0x6F, 0x5F50], &[0x6F, 0xA5, 0x84], &[0x6F, 0xC1]] {
        assert_eq!(find(missing), Ok(None));
    }
    assert_eq!(tlv::iter(&[0, 0, 0]).next(), None);
    // A malformed object behind the one looked for does not matter, one before it does.
    assert_eq!(tlv::find(&hex!("84 00 85 80"), &[Tag::new(0x84)]), Ok(Some(&[][..])));
    assert!(tlv::find(&hex!("85 80 84 00"), &[Tag::new(0x84)]).is_err());
}

#[test]
fn constructed_lengths_grow_with_what_is_inside() {
    for inner in [0, 1, 123, 124, 125, 126, 127, 128, 250, 251, 252, 253, 254, 255, 70_000] {
        let value = vec![0x77; inner];
        let mut buffer = vec![0; inner + 32];
        let mut writer = Writer::new(&mut buffer);
        assert!(writer.is_empty());
        let build = |writer: &mut Writer<'_>| {
            writer.put(Tag::new(0x80), &[1])?;
            writer.constructed(Tag::new(0x7F49), |key| {
                key.constructed(Tag::new(0xA5), |deep| deep.put(Tag::new(0x86), &value))
            })?;
            writer.put(Tag::new(0x81), &[2])
        };
        build(&mut writer).unwrap();
        let length = writer.len();
        let written = writer.finish().to_vec();
        assert_eq!(written.len(), length);
        let path = [0x7F49, 0xA5, 0x86].map(Tag::new);
        assert_eq!(tlv::find(&written, &path), Ok(Some(&value[..])));
        let tags: Vec<Tag> = tlv::iter(&written).map(|object| object.unwrap().tag).collect();
        assert_eq!(tags, [0x80, 0x7F49, 0x81].map(Tag::new));
        // The same fits into exactly that many bytes, and into none fewer.
        build(&mut Writer::new(&mut vec![0; length])).unwrap();
        for room in (0..length).filter(|room| inner < 300 || room % 997 == 0) {
            let mut small = vec![0; room];
            let error = build(&mut Writer::new(&mut small)).unwrap_err();
            assert!(error.available == room && error.needed > room, "{error}");
        }
    }
}

#[test]
fn a_refused_object_leaves_the_writer_as_it_was() {
    let mut buffer = [0; 6];
    let mut writer = Writer::new(&mut buffer);
    writer.put(Tag::new(0x80), &[1]).unwrap();
    let refused = writer.put(Tag::new(0x81), &[1, 2]);
    assert_eq!(refused, Err(BufferTooSmall { needed: 7, available: 6 }));
    let refused = writer.constructed(Tag::new(0xA5), |a5| a5.put(Tag::new(0x82), &[]));
    assert!(refused.is_err());
    writer.put(Tag::new(0x83), &[3]).unwrap();
    assert_eq!(writer.finish(), hex!("80 01 01 83 01 03"));
}

#[test]
fn debug_hides_the_value() {
    let (object, _) = tlv::parse(&hex!("5F50 02 3132")).unwrap();
    assert_eq!(format!("{object:?}"), "Tlv(5F50, 2 bytes)");
}

//! `tlv.json`: data objects.

use super::{Generated, group};
use crate::kind::Group;
use crate::kind::tlv::{Input, Shared, Tlv};

const NOTES: &[(&str, &str)] = &[
    ("length", "A length is misread: what follows is taken for something else."),
    ("nested", "A constructed object is not opened, or a primitive one is."),
    ("strict", "Objects that are cut off or ambiguous are read all the same: two readers see two things."),
    ("tag", "A tag of more than one byte is misread."),
];

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let source = "ISO/IEC 7816-4:2013, BER-TLV data objects";
    super::file("tlv.json", "Coding of data objects", source, NOTES, vec![sound(), malformed()])
}

fn objects(comment: &str) -> Group<Tlv> {
    group(comment, &[], Shared {})
}

fn input(parts: &[&[u8]]) -> Input {
    Input { bytes: parts.concat().into() }
}

fn sound() -> Group<Tlv> {
    let long = [0x5A; 300];
    let fci: &[u8] = &[0x6F, 0x0A, 0x84, 0x03, 0xF0, 0x01, 0x02, 0xA5, 0x03, 0x50, 0x01, 0x41];
    objects("what can be read")
        .test("tlv-none", "no object", &[], input(&[]))
        .test("tlv-empty-value", "an object without a value", &[], input(&[&[0x80, 0x00]]))
        .test("tlv-one", "one object", &[], input(&[&[0x80, 0x02, 0xAA, 0xBB]]))
        .test("tlv-two", "two objects", &[], input(&[&[0x80, 0x01, 0xAA, 0x81, 0x01, 0xBB]]))
        .test("tlv-fci", "an answer to SELECT", &["nested"], input(&[fci]))
        .test("tlv-constructed-empty", "a constructed object with nothing in it", &["nested"], input(&[&[0x6F, 0x00]]))
        .test("tlv-tag-2", "a tag of two bytes", &["tag"], input(&[&[0xDF, 0x20, 0x01, 0x07]]))
        .test("tlv-tag-3", "a tag of three bytes", &["tag"], input(&[&[0xDF, 0x81, 0x01, 0x01, 0x07]]))
        .test(
            "tlv-tag-emv",
            "EMV's 9F02, a number below 31 in two bytes",
            &["tag"],
            input(&[&[0x9F, 0x02, 0x01, 0x07]]),
        )
        .test(
            "tlv-length-127",
            "127 bytes, the most in a length of one byte",
            &["length"],
            input(&[&[0x80, 0x7F], &[1; 127]]),
        )
        .test("tlv-length-128", "128 bytes", &["length"], input(&[&[0x80, 0x81, 0x80], &[1; 128]]))
        .test("tlv-length-255", "255 bytes", &["length"], input(&[&[0x80, 0x81, 0xFF], &[1; 255]]))
        .test("tlv-length-300", "300 bytes", &["length"], input(&[&[0x80, 0x82, 0x01, 0x2C], &long]))
        .test(
            "tlv-length-longer",
            "a length of one byte written in two: allowed, and written again in one",
            &["length"],
            input(&[&[0x80, 0x81, 0x01, 0xAA]]),
        )
        .test(
            "tlv-length-longest",
            "a length in four bytes",
            &["length"],
            input(&[&[0x80, 0x84, 0x00, 0x00, 0x00, 0x01, 0xAA]]),
        )
        .test(
            "tlv-padding",
            "bytes 00 before, between and behind",
            &[],
            input(&[&[0, 0, 0x80, 1, 0xAA, 0, 0x81, 1, 0xBB, 0]]),
        )
        .test("tlv-deep", "8 levels of objects", &["nested"], Input { bytes: nested(8).into() })
}

fn malformed() -> Group<Tlv> {
    objects("what cannot")
        .test("tlv-tag-cut", "the first byte of a longer tag", &["strict", "tag"], input(&[&[0xDF]]))
        .test("tlv-tag-cut-3", "two bytes of a tag of three", &["strict", "tag"], input(&[&[0xDF, 0x81]]))
        .test("tlv-tag-4", "a tag of four bytes", &["strict", "tag"], input(&[&[0xDF, 0x81, 0x81, 0x01, 0x00]]))
        .test(
            "tlv-tag-zeros",
            "a tag number with leading zeros",
            &["strict", "tag"],
            input(&[&[0xDF, 0x80, 0x01, 0x00]]),
        )
        .test("tlv-length-none", "a tag alone", &["strict", "length"], input(&[&[0x80]]))
        .test(
            "tlv-length-cut",
            "a length of two bytes, one is there",
            &["strict", "length"],
            input(&[&[0x80, 0x82, 0x01]]),
        )
        .test("tlv-length-indefinite", "length 80", &["strict", "length"], input(&[&[0x80, 0x80, 0x00, 0x00]]))
        .test(
            "tlv-length-85",
            "a length of five bytes",
            &["strict", "length"],
            input(&[&[0x80, 0x85, 0, 0, 0, 0, 1, 0xAA]]),
        )
        .test("tlv-value-cut", "three bytes announced, two there", &["strict"], input(&[&[0x80, 0x03, 0xAA, 0xBB]]))
        .test(
            "tlv-value-cut-inside",
            "the inner object is longer than the outer one",
            &["strict", "nested"],
            input(&[&[0x6F, 0x03, 0x84, 0x02, 0xAA, 0xBB]]),
        )
        .test(
            "tlv-too-deep",
            "9 levels of objects, one more than is read",
            &["strict", "nested"],
            Input { bytes: nested(9).into() },
        )
}

/// A constructed object in a constructed object, so many of them.
fn nested(levels: u8) -> Vec<u8> {
    (0..levels).fold(Vec::new(), |inner, _| {
        let len = u8::try_from(inner.len()).unwrap_or(0x7F);
        [&[0x6F, len], &inner[..]].concat()
    })
}

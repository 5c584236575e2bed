//! `apdu.json`: commands and responses.

use super::{Generated, group};
use crate::kind::Group;
use crate::kind::apdu::{Apdu, Input, Shared, What};

const NOTES: &[(&str, &str)] = &[
    (
        "channel",
        "The channel of a class byte is misread, or the 4 that is added from 40 on is left out: a command acts on another \
         session.",
    ),
    ("extended", "An extended length is misread: data is cut, or read beyond its end."),
    ("le-zero", "Le 00 is read as zero: nothing is answered where the most was asked for."),
    ("strict", "A command that contradicts itself is read all the same: two readers see two commands."),
];

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let groups = vec![forms(), malformed(), classes(), responses()];
    let source = "ISO/IEC 7816-3:2006 §12.1.3 (forms of a command); ISO/IEC 7816-4:2013 (class byte); for 80 to FE the \
                  GlobalPlatform Card Specification v2.3 §11.1.4";
    super::file("apdu.json", "Coding of commands and responses", source, NOTES, groups)
}

fn commands(comment: &str) -> Group<Apdu> {
    group(comment, &[], Shared { what: What::Command })
}

fn input(parts: &[&[u8]]) -> Input {
    Input { bytes: parts.concat().into() }
}

fn forms() -> Group<Apdu> {
    let head: &[u8] = &[0x80, 0x40, 0x00, 0x00];
    let data = |len: usize| vec![0xA5; len];
    commands("the seven forms")
        .test("apdu-1", "case 1: header alone", &[], input(&[head]))
        .test("apdu-2s", "case 2S: Le 04", &[], input(&[head, &[4]]))
        .test("apdu-2s-most", "case 2S: Le 00 asks for 256", &["le-zero"], input(&[head, &[0]]))
        .test("apdu-3s", "case 3S: one byte of data", &[], input(&[head, &[1], &data(1)]))
        .test("apdu-3s-most", "case 3S: 255 bytes of data", &[], input(&[head, &[255], &data(255)]))
        .test("apdu-4s", "case 4S: 12 bytes of data, Le 08", &[], input(&[head, &[12], &data(12), &[8]]))
        .test("apdu-4s-most", "case 4S: Le 00 asks for 256", &["le-zero"], input(&[head, &[12], &data(12), &[0]]))
        .test("apdu-4s-longest", "case 4S: 255 bytes of data, Le FF", &[], input(&[head, &[255], &data(255), &[255]]))
        .test("apdu-2e", "case 2E: Le 0100", &["extended"], input(&[head, &[0, 1, 0]]))
        .test("apdu-2e-small", "case 2E: Le 0001", &["extended"], input(&[head, &[0, 0, 1]]))
        .test("apdu-2e-most", "case 2E: Le 0000 asks for 65536", &["extended", "le-zero"], input(&[head, &[0, 0, 0]]))
        .test("apdu-3e", "case 3E: 256 bytes of data", &["extended"], input(&[head, &[0, 1, 0], &data(256)]))
        .test("apdu-3e-small", "case 3E: one byte of data", &["extended"], input(&[head, &[0, 0, 1], &data(1)]))
        .test(
            "apdu-4e",
            "case 4E: 256 bytes of data, Le 0200",
            &["extended"],
            input(&[head, &[0, 1, 0], &data(256), &[2, 0]]),
        )
        .test(
            "apdu-4e-most",
            "case 4E: Le 0000 asks for 65536",
            &["extended", "le-zero"],
            input(&[head, &[0, 0, 3], &data(3), &[0, 0]]),
        )
}

fn malformed() -> Group<Apdu> {
    let head: &[u8] = &[0x80, 0x40, 0x00, 0x00];
    commands("what is no command")
        .test("apdu-empty", "no byte", &["strict"], input(&[]))
        .test("apdu-header-3", "a header of 3 bytes", &["strict"], input(&[&[0x80, 0x40, 0x00]]))
        .test("apdu-data-short", "Lc 03, two bytes", &["strict"], input(&[head, &[3, 1, 2]]))
        .test("apdu-data-long", "Lc 01, data, Le, and one byte more", &["strict"], input(&[head, &[1, 1, 0, 0]]))
        .test("apdu-extended-cut", "00 and one byte", &["strict", "extended"], input(&[head, &[0, 1]]))
        .test(
            "apdu-extended-lc-zero",
            "extended Lc 0000 and more",
            &["strict", "extended"],
            input(&[head, &[0, 0, 0, 1]]),
        )
        .test(
            "apdu-extended-short",
            "extended Lc 0003, two bytes",
            &["strict", "extended"],
            input(&[head, &[0, 0, 3, 1, 2]]),
        )
        .test(
            "apdu-extended-le-cut",
            "extended Lc, data, half an Le",
            &["strict", "extended"],
            input(&[head, &[0, 0, 1, 9, 0]]),
        )
        .test(
            "apdu-extended-long",
            "extended Lc, data, Le, and one byte more",
            &["strict", "extended"],
            input(&[head, &[0, 0, 1, 9, 0, 0, 0]]),
        )
}

/// Every class byte there is.
fn classes() -> Group<Apdu> {
    (0..=u8::MAX).fold(commands("every class byte"), |group, cla| {
        let flags: &[&str] = if matches!(cla, 0x01..=0x7F | 0xC0..=0xFF) { &["channel"] } else { &[] };
        group.test(format!("apdu-class-{cla:02x}"), format!("class {cla:02X}"), flags, input(&[&[cla, 0xCA, 0, 0]]))
    })
}

fn responses() -> Group<Apdu> {
    group("responses", &[], Shared { what: What::Response })
        .test("response-ok", "9000 alone", &[], input(&[&[0x90, 0x00]]))
        .test("response-data", "four bytes and 9000", &[], input(&[&[0, 0, 0x9C, 0x40, 0x90, 0x00]]))
        .test("response-more", "6112: 18 bytes wait", &[], input(&[&[0x61, 0x12]]))
        .test("response-longest", "256 bytes and 9000", &[], input(&[&[0x5A; 256], &[0x90, 0x00]]))
        .test("response-empty", "no byte", &["strict"], input(&[]))
        .test("response-half", "half a status word", &["strict"], input(&[&[0x90]]))
}

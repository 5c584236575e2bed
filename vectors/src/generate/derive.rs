//! `derive.json`.

use super::{Generated, group};
use crate::hex_text::Hex;
use crate::kind::Group;
use crate::kind::derive::{Derive, Input, Shared};

const NOTES: &[(&str, &str)] = &[
    (
        "block-counter",
        "The counter of the blocks does not start at 1, or has not 4 bytes: no key is that of another issuer's program.",
    ),
    ("context-bound", "The context is not covered: all cards, or all epochs, have one key."),
    ("label-bound", "The label is not covered: keys for different uses are one key."),
    ("length-bound", "L is not covered, or not in bits in 4 bytes: keys of different lengths share their first bytes."),
    (
        "separator",
        "The 00 between label and context is missing: a longer label with a shorter context gives the same key.",
    ),
    ("worked-example", "docs/protocol.md shows this test in full."),
];

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let number = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x01];
    let card = [&number[..], &[0x01]].concat();
    let input = |label: &[u8], context: &[u8], bits| Input { label: label.into(), context: context.into(), bits };
    let with_key = |comment: &str, key: std::ops::RangeInclusive<u8>| -> Group<Derive> {
        group(comment, &["P-DER-1", "P-DER-2"], Shared { key: Hex(key.collect()) })
    };
    let groups = vec![
        with_key("a 16-byte key", 0x00..=0x0F)
            .test("derive-1", "label \"payment\", 16 bytes: one block", &[], input(b"payment", &[0, 1], 128))
            .test(
                "derive-2",
                "label \"payment\", 32 bytes: two blocks; L is covered, so the first block is not that of derive-1",
                &["worked-example", "length-bound", "block-counter"],
                input(b"payment", &[0, 1], 256),
            )
            .test(
                "derive-3",
                "label \"payment\", 24 bytes: the second block is cut",
                &["length-bound"],
                input(b"payment", &[0, 1], 192),
            )
            .test("derive-4", "neither label nor context", &[], input(b"", b"", 128))
            .test(
                "derive-5",
                "the zero byte tells label from context",
                &["separator"],
                input(b"", b"payment\x00\x01", 128),
            )
            .test(
                "derive-6",
                "64 bytes of label and context together, the most there may be",
                &[],
                input(&[b'L'; 32], &[b'C'; 32], 256),
            )
            .test("derive-13", "65 bytes of label and context", &[], input(&[b'L'; 33], &[b'C'; 32], 256))
            .test("derive-14", "L of no byte", &[], input(b"payment", &[0, 1], 0))
            .test("derive-15", "L of half a byte more", &[], input(b"payment", &[0, 1], 132))
            .test("derive-16", "another label", &["label-bound"], input(b"issuer", &[0, 1], 128))
            .test("derive-17", "another context", &["context-bound"], input(b"payment", &[0, 2], 128)),
        with_key("a 24-byte key", 0x20..=0x37).test(
            "derive-7",
            "label \"issuer\", context a phone number, 24 bytes",
            &[],
            input(b"issuer", &number, 192),
        ),
        with_key("a 32-byte key", 0x40..=0x5F).test(
            "derive-8",
            "label \"issuer\", context a phone number, 32 bytes",
            &[],
            input(b"issuer", &number, 256),
        ),
        with_key("a key of no AES, 15 bytes", 0x00..=0x0E).test(
            "derive-18",
            "no key of AES has 15 bytes",
            &[],
            input(b"payment", &[0, 1], 128),
        ),
        group(
            "what our issuer derives from a master key of 32 bytes",
            &["P-DER-3"],
            Shared { key: Hex((0x00..=0x1F).collect()) },
        )
        .test(
            "derive-9",
            "the payment key of P-DER-3: universal, epoch 1, AES-CMAC",
            &["label-bound"],
            input(b"digitally payment", &[0, 1, 0], 128),
        )
        .test(
            "derive-10",
            "the payment key of P-DER-3: universal, epoch 1, HMAC-SHA-256",
            &["context-bound"],
            input(b"digitally payment", &[0, 1, 1], 256),
        )
        .test(
            "derive-11",
            "the issuer key of P-DER-3: first card of +254700000001",
            &["label-bound"],
            input(b"digitally issuer", &card, 128),
        )
        .test(
            "derive-12",
            "the PUK of P-DER-3: first card of +254700000001; its eight digits are this number modulo 10^8",
            &["label-bound"],
            input(b"digitally puk", &card, 64),
        ),
    ];
    let source = "docs/protocol.md, section 12; NIST SP 800-108r1, counter mode";
    super::file("derive.json", "Key derivation, sp800-108-counter-cmac", source, NOTES, groups)
}

//! What each interface byte and each historical byte means, as tables.

use hex_literal::hex;

use super::explained;

/// TA, TB, TC, and the protocol of TD.
pub(super) type Group = (Option<u8>, Option<u8>, Option<u8>, Option<u8>);
const T0: Group = (None, None, None, Some(0));
const T1: Group = (None, None, None, Some(1));
const T15: Group = (None, None, None, Some(15));

/// An ATR of these groups and historical bytes, with its check character.
pub(super) fn atr(groups: &[Group], historical: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x3B, u8::try_from(historical.len()).unwrap()];
    let (mut indicator, mut checked) = (1, false);
    for (ta, tb, tc, protocol) in groups {
        let td = protocol.map(|protocol| protocol & 0x0F);
        for (bit, byte) in [(0x10, *ta), (0x20, *tb), (0x40, *tc), (0x80, td)] {
            if let Some(byte) = byte {
                bytes[indicator] |= bit;
                bytes.push(byte);
            }
        }
        checked |= td.is_some_and(|protocol| protocol != 0);
        indicator = bytes.len() - 1;
        if td.is_none() {
            break;
        }
    }
    bytes.extend(historical);
    if checked {
        bytes.push(bytes[1..].iter().fold(0, |sum, byte| sum ^ byte));
    }
    bytes
}

#[test]
fn interface_bytes_mean_what_their_group_and_protocol_say() {
    let table: [(&[u8], &str); 30] = [
        (&hex!("3F 00"), "3F TS: inverse convention"),
        (&hex!("3B 01 47"), "01 T0: 1 historical byte"),
        (&atr(&[(Some(0x11), Some(0x25), Some(7), None)], &[]), "70 T0: 0 historical bytes; TA1 TB1 TC1 follow"),
        (
            &atr(&[(None, Some(0x25), None, None)], &[]),
            "25 TB1: programming voltage (deprecated, to be ignored): PI1 = 5",
        ),
        (
            &atr(&[(None, Some(0x60), None, None)], &[]),
            "60 TB1: programming voltage (deprecated, to be ignored): VPP not connected",
        ),
        (&atr(&[(None, None, Some(7), None)], &[]), "07 TC1: extra guard time N = 7: characters at least 19 etu apart"),
        (
            &atr(&[(None, None, Some(255), None)], &[]),
            "FF TC1: extra guard time N = 255: characters at least 12 etu apart in T=0, 11 etu in T=1",
        ),
        (
            &atr(&[T1, (Some(0x81), None, None, None)], &[]),
            "81 TA2: specific mode: T=1 at the speed of TA1; cannot change to negotiable mode by a warm reset",
        ),
        (
            &atr(&[T0, (Some(0x10), None, None, None)], &[]),
            "10 TA2: specific mode: T=0 at a speed agreed on elsewhere; can change to negotiable mode by a warm reset",
        ),
        (
            &atr(&[T0, (Some(0x20), None, None, None)], &[]),
            "20 TA2: specific mode: T=0 at the speed of TA1; can change to negotiable mode by a warm reset; reserved bits are set",
        ),
        (
            &atr(&[T0, (None, Some(50), None, None)], &[]),
            "32 TB2: programming voltage (deprecated, to be ignored): PI2 = 50",
        ),
        (
            &atr(&[T0, (None, None, Some(10), None)], &[]),
            "0A TC2: waiting time of T=0, WI = 10: characters at most 9600 x Fi clock cycles apart",
        ),
        (&atr(&[T0, (None, None, Some(0), None)], &[]), "00 TC2: waiting time of T=0: reserved value"),
        (
            &atr(&[T1, T1, (Some(0xFF), None, None, None)], &[]),
            "FF TA3: information fields of the card (IFSC): reserved value",
        ),
        (
            &atr(&[T1, T1, (None, Some(0x4D), None, None)], &[]),
            "4D TB3: waiting times of T=1: CWI = 13, characters of a block at most 8203 etu apart; BWI = 4, the card begins its block within 11 etu + 15360 x 372 clock cycles",
        ),
        (
            &atr(&[T1, T1, (None, Some(0xAF), None, None)], &[]),
            "AF TB3: waiting times of T=1: CWI = 15, characters of a block at most 32779 etu apart; BWI = 10, reserved",
        ),
        (&atr(&[T1, T1, (None, None, Some(0), None)], &[]), "00 TC3: error detection of T=1 by LRC, one byte"),
        (&atr(&[T1, T1, (None, None, Some(1), None)], &[]), "01 TC3: error detection of T=1 by CRC, two bytes"),
        (
            &atr(&[T1, T1, (None, None, Some(2), None)], &[]),
            "02 TC3: error detection of T=1 by LRC, one byte; reserved bits are set",
        ),
        // Group 2 is for all protocols, so the first TA for T=1 comes after it.
        (
            &atr(&[T1, (Some(0x81), None, None, Some(1)), (Some(64), None, None, None)], &[]),
            "40 TA3: information fields of blocks to the card (IFSC): at most 64 bytes",
        ),
        // The second of its kind; after T=15 in between, the first.
        (
            &atr(&[T1, T1, (Some(32), None, None, Some(1)), (Some(64), None, None, None)], &[]),
            "40 TA4: not defined for T=1",
        ),
        (
            &atr(&[T1, T15, (Some(1), None, None, Some(1)), (Some(64), None, None, None)], &[]),
            "40 TA4: information fields of blocks to the card (IFSC): at most 64 bytes",
        ),
        (&atr(&[T1, T0, (Some(1), None, None, None)], &[]), "01 TA3: not defined for T=0"),
        (
            &atr(&[T0, T15, (Some(0x42), None, None, None)], &[]),
            "42 TA3: clock stop supported in state L; class B only (3 V)",
        ),
        (
            &atr(&[T0, T15, (Some(0x05), None, None, None)], &[]),
            "05 TA3: clock stop not supported; operating classes: reserved value",
        ),
        (&atr(&[T0, T15, (None, Some(0), None, None)], &[]), "00 TB3: contact C6 (SPU) not used"),
        (&atr(&[T0, T15, (None, Some(0x80), None, None)], &[]), "80 TB3: contact C6 (SPU) used in a proprietary way"),
        (&atr(&[T0, T15, (None, Some(0x01), None, None)], &[]), "01 TB3: contact C6 (SPU): reserved value"),
        (&atr(&[T0, T15, (None, None, Some(3), None)], &[]), "03 TC3: not defined for T=15"),
        (
            &atr(&[T0, T15, (None, None, Some(3), None)], &[]),
            "4F TD2: T=15, no protocol, global interface bytes follow; TC3 follows",
        ),
    ];
    for (bytes, expected) in table {
        let lines = explained(bytes);
        assert!(lines.iter().any(|line| line == expected), "{expected}\nis not in\n{}", lines.join("\n"));
    }
    let protocols = [0, 1, 2, 4, 5, 14].map(|t| explained(&atr(&[(None, None, None, Some(t))], &[]))[2].clone());
    assert_eq!(
        protocols,
        [
            "00 TD1: T=0, half-duplex transmission of characters",
            "01 TD1: T=1, half-duplex transmission of blocks",
            "02 TD1: T=2, reserved for full-duplex operation",
            "04 TD1: T=4, reserved for an enhanced half-duplex transmission of characters",
            "05 TD1: T=5, reserved for future use",
            "0E TD1: T=14, a protocol that ISO does not standardise",
        ]
    );
}

#[test]
fn historical_bytes_are_explained_by_category_and_tag() {
    let table: [(&[u8], &[&str]); 19] = [
        (&hex!("00"), &["00 category indicator: data objects in compact-TLV, then a status indicator"]),
        (
            &hex!("00 05 9000"),
            &[
                "00 category indicator: data objects in compact-TLV, then a status indicator",
                "05 90 00 status indicator: life cycle operational, activated; status 9000 success",
            ],
        ),
        (
            &hex!("00 3180 04 6283"),
            &[
                "00 category indicator: data objects in compact-TLV, then a status indicator",
                "31 80 card service data: selection by full name, with MF",
                "04 62 83 status indicator: life cycle operational, deactivated; status 6283 selected file or application is deactivated",
            ],
        ),
        (
            &hex!("00 9000"),
            &[
                "00 category indicator: data objects in compact-TLV, then a status indicator",
                "90 00 status indicator: status 9000 success",
            ],
        ),
        (
            &hex!("10 03 FF"),
            &[
                "10 category indicator: a reference into EF.DIR follows",
                "03 DIR data reference: the record of EF.DIR that describes the application",
                "FF historical bytes: not defined",
            ],
        ),
        (&hex!("8F 01"), &["8F 01 historical bytes: category 8F, reserved for future use"]),
        (b"GemID", &["47 65 6D 49 44 historical bytes: category 47, proprietary, \"GemID\""]),
        (&hex!("80 00"), &[COMPACT, "00 tag 0: reserved for future use"]),
        (
            &hex!("80 12 0056 22 1234 A0 B1 FF"),
            &[
                COMPACT,
                "12 00 56 country code: by ISO 3166-1, 0056",
                "22 12 34 issuer identification: by ISO/IEC 7812-1, 1234",
                "A0 tag A: reserved for future use",
                "B1 FF tag B: reserved for future use",
            ],
        ),
        (
            &hex!("80 41 82 53 414243 50"),
            &[
                COMPACT,
                "41 82 initial access data: the first command to send after the reset",
                "53 41 42 43 card issuer's data: proprietary, \"ABC\"",
                "50 card issuer's data: proprietary",
            ],
        ),
        (
            &hex!("80 31 7F 30 32 0000"),
            &[
                COMPACT,
                "31 7F card service data: selection by partial name, data objects in EF.DIR, data objects in EF.ATR, access to EF.DIR and EF.ATR: reserved value, without MF",
                "30 tag 3: 0 bytes, a length that is not defined",
                "32 00 00 tag 3: 2 bytes, a length that is not defined",
            ],
        ),
        (
            &hex!("80 71 00 72 FF 92"),
            &[
                COMPACT,
                "71 card capabilities: 1 byte follows",
                "00 selection: none said",
                "72 card capabilities: 2 bytes follow",
                "FF selection: by full name, by partial name, by path, by file identifier, implicit, short file identifiers, record numbers, record identifiers",
                "92 data coding: data units of 2 bytes, one-time write, files of TLV structure, FF may begin a tag",
            ],
        ),
        (
            &hex!("80 74 80 60 EF 00"),
            &[
                COMPACT,
                "74 card capabilities: 4 bytes follow",
                "80 selection: by full name",
                "60 data coding: data units of half a byte, write AND",
                "EF chaining, lengths, channels: command chaining, extended Lc and Le, extended length information in EF.ATR, 8 channels or more, numbered by the interface device",
                "00 card capabilities: not defined",
            ],
        ),
        (
            &hex!("80 70 80 84 00000000"),
            &[
                COMPACT,
                "70 tag 7: 0 bytes, a length that is not defined",
                "80 tag 8: 0 bytes, a length that is not defined",
                "84 00 00 00 00 tag 8: 4 bytes, a length that is not defined",
            ],
        ),
        (
            &hex!("80 81 03 82 0000"),
            &[
                COMPACT,
                "81 03 status indicator: life cycle initialisation",
                "82 00 00 status indicator: status not told",
            ],
        ),
        (
            &hex!("80 10 20 F0"),
            &[
                COMPACT,
                "10 tag 1: 0 bytes, a length that is not defined",
                "20 tag 2: 0 bytes, a length that is not defined",
                "F0 tag F: 0 bytes, a length that is not defined",
            ],
        ),
        (&hex!("80 F5 A000000003"), &[COMPACT, "F5 A0 00 00 00 03 application identifier: A000000003"]),
        (&hex!("80 67 0102"), &[COMPACT, "67 01 02 cut off: tag 6 announces 7 bytes, 2 follow"]),
        (&hex!("80 7F"), &[COMPACT, "7F cut off: tag 7 announces 15 bytes, 0 follow"]),
    ];
    for (historical, expected) in table {
        let lines = explained(&atr(&[], historical));
        assert_eq!(lines[2..], *expected);
    }
    let life_cycles = [0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0B, 0x0C, 0x0F, 0x10, 0xFF].map(|byte| {
        let line = explained(&atr(&[], &[0x80, 0x81, byte]))[3].clone();
        line.split_once("life cycle ").unwrap().1.to_owned()
    });
    let (on, off) = ("operational, activated", "operational, deactivated");
    assert_eq!(
        life_cycles,
        [
            "not told",
            "creation",
            "reserved value",
            "initialisation",
            off,
            on,
            off,
            on,
            "reserved value",
            "reserved value",
            "terminated",
            "terminated",
            "proprietary",
            "proprietary",
        ]
    );
}

const COMPACT: &str = "80 category indicator: data objects in compact-TLV";

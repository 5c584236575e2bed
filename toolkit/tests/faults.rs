//! What is no command, response, envelope, profile or message, and what a terminal answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "all of this is test code"
)]

use hex_literal::hex;
use toolkit::exchange::{Card, announcing, waiting};
use toolkit::sms::{Header, Parts, Reference, Submit, UserData, UserDataError, Validity};
use toolkit::text::gsm;
use toolkit::{
    Alpha, Alphabet, CommandDetails, CommandType, Dcs, DecodeError, DecodeErrorKind as Kind, Envelope, Facility,
    ProactiveCommand, ResultCode, Tag, TerminalProfile, TerminalResponse, Text, TextError, tag, tlv,
};

#[track_caller]
fn fault(bytes: &[u8], offset: usize, kind: Kind, result: ResultCode) {
    let error = ProactiveCommand::decode(bytes).unwrap_err();
    assert_eq!(error, DecodeError { offset, kind });
    assert_eq!(error.result(), result);
}

#[test]
fn commands() {
    let bad = ResultCode::DATA_NOT_UNDERSTOOD;
    fault(&hex!(""), 0, Kind::OuterTag { expected: 0xD0 }, bad);
    fault(&hex!("D1"), 0, Kind::OuterTag { expected: 0xD0 }, bad);
    fault(&hex!("D0"), 1, Kind::LengthTruncated, bad);
    fault(&hex!("D0 80"), 1, Kind::LengthInvalid, bad);
    fault(&hex!("D0 05 81"), 1, Kind::ValueTruncated { length: 5, found: 1 }, bad);
    fault(&hex!("D0 00 00"), 2, Kind::TrailingBytes { count: 1 }, bad);
    fault(&hex!("D0 01 7F"), 2, Kind::TagTruncated, bad);
    fault(&hex!("D0 02 00 00"), 2, Kind::TagInvalid, bad);
    fault(&hex!("D0 02 80 00"), 2, Kind::TagInvalid, bad);
    fault(&hex!("D0 02 FF 00"), 2, Kind::TagInvalid, bad);
    // A number in three bytes that needs but one.
    fault(&hex!("D0 04 7F 80 0D 00"), 2, Kind::TagInvalid, bad);
    fault(&hex!("D0 04 82 02 81 82"), 6, Kind::Missing { tag: tag::COMMAND_DETAILS }, ResultCode::VALUES_MISSING);
    fault(&hex!("D0 05 81 03 00 21 00"), 4, Kind::Value { what: "command details" }, bad);
    fault(&hex!("D0 05 81 03 FF 21 00"), 4, Kind::Value { what: "command details" }, bad);
    fault(&hex!("D0 05 81 03 01 02 00"), 7, Kind::Missing { tag: tag::DEVICES }, ResultCode::VALUES_MISSING);
    fault(&hex!("D0 09 810301210082028102"), 11, Kind::Missing { tag: tag::TEXT }, ResultCode::VALUES_MISSING);
    fault(&hex!("D0 0D 810301030082028182 84020100"), 13, Kind::Value { what: "duration" }, bad);
    fault(&hex!("D0 0C 810301270182028182 A40109"), 13, Kind::Value { what: "timer identifier" }, bad);
    fault(&hex!("D0 0C 810301270382028182 A40101"), 6, Kind::Value { what: "the qualifier" }, bad);
    fault(&hex!("D0 0B 810301240082028182 8F00"), 13, Kind::Value { what: "item" }, bad);
    fault(&hex!("D0 0F 810301230082028182 8D00 91020605"), 15, Kind::Value { what: "response length" }, bad);
    // The details are there to answer to, though the rest is not.
    let details = CommandDetails::of_command(&hex!("D009810301210082028102")).unwrap();
    assert_eq!(details.command, CommandType::DISPLAY_TEXT);
}

#[test]
fn what_must_be_understood() {
    let read = |bytes| ProactiveCommand::decode(bytes).unwrap().not_understood();
    assert_eq!(read(&hex!("D00C 810301020082028182 E00100")), Some(Tag::must(0x60)));
    assert_eq!(read(&hex!("D00C 810301020082028182 600100")), None);
    // A timer that is stopped has no value: what comes as one means nothing.
    let value = hex!("D00E 810301270182028182 A40101 2500");
    let read_value = ProactiveCommand::decode(&value).unwrap();
    assert_eq!(read_value.extra.find(tag::TIMER_VALUE), Some([].as_slice()));
    assert_eq!(read_value.encode(&mut [0; 32]).unwrap(), value);
    // How a text is drawn is no reason to refuse.
    assert_eq!(read(&hex!("D00D 810301020082028182 D0020000")), None);
    // Of two with one tag, the first counts, and the other must be understood as something.
    assert_eq!(read(&hex!("D00E 810301210082028102 8D000D0104")), None);
    assert_eq!(read(&hex!("D00E 810301210082028102 8D008D0104")), Some(Tag::must(tag::TEXT)));
}

#[test]
fn responses_and_envelopes() {
    let missing = |tag| Kind::Missing { tag };
    let kind = |bytes: &[u8]| TerminalResponse::decode(bytes).unwrap_err().kind;
    assert_eq!(kind(&hex!("8103012100 82028281")), missing(tag::RESULT));
    assert_eq!(kind(&hex!("8103012100 82028281 8300")), Kind::Value { what: "result" });
    assert_eq!(kind(&hex!("8103012400 82028281 830100 90020102")), Kind::Value { what: "item identifier" });
    let kind = |bytes: &[u8]| Envelope::decode(bytes).unwrap_err().kind;
    assert_eq!(kind(&hex!("D304 82020181")), missing(tag::ITEM_ID));
    assert_eq!(kind(&hex!("D303 900101")), missing(tag::DEVICES));
    assert_eq!(kind(&hex!("D604 99020304")), Kind::Value { what: "event list" });
    assert_eq!(kind(&hex!("D000")), Kind::Value { what: "the envelope's tag" });
    // Terminals that set no comprehension flag are read, and written as they are.
    let plain = hex!("0103012400 02028281 030100 100102");
    let response = TerminalResponse::decode(&plain).unwrap();
    assert_eq!(response.encode(&mut [0; 32]).unwrap(), plain);
}

#[test]
fn packed_texts_end_where_they_end() {
    let pack = |text: &str| Alphabet::Packed.encode(text, &mut [0; 32]).unwrap().to_vec();
    let read = |bytes: &[u8]| Alphabet::Packed.chars(bytes).collect::<Result<String, _>>().unwrap();
    // 3GPP TS 23.038 6.1.2.3.1: seven characters leave seven bits, which must not read as '@'.
    assert_eq!(pack("1234567"), hex!("31D98C56B3DD1A"));
    assert_eq!(read(&pack("1234567")), "1234567");
    assert_eq!(read(&pack("123456@")), "123456@");
    assert_eq!(read(&pack("1234567@")), "1234567@");
    // Zeros that another filled in cannot be told from '@'.
    assert_eq!(read(&hex!("31D98C56B3DD00")), "1234567@");
    assert_eq!(read(&pack("1234567\r")), "1234567\r\r");
    assert_eq!(pack("hellohello"), hex!("E8329BFD4697D9EC37"));
}

#[test]
fn escapes() {
    let octets = |bytes: &[u8]| Alphabet::Octets.chars(bytes).collect::<Result<String, _>>();
    assert_eq!(octets(&hex!("1B65 1B3C 1B40")), Ok("€[|".into()));
    // Not in the extension table: as in the default alphabet. Twice, or at the end: a space.
    assert_eq!(octets(&hex!("1B41 1B1B 42 1B")), Ok("A B ".into()));
    assert_eq!(octets(&hex!("41 80")), Err(TextError::Unreadable { position: 1 }));
    let ucs2 = |bytes: &[u8]| Alphabet::Ucs2.chars(bytes).collect::<Result<String, _>>();
    assert_eq!(ucs2(&hex!("0041 00")), Err(TextError::Unreadable { position: 2 }));
    assert_eq!(ucs2(&hex!("0041 D83D")), Err(TextError::Unreadable { position: 2 }));
    let strange = Text::Coded { dcs: Dcs(0x0C), bytes: b"a" };
    assert_eq!(strange.chars().collect::<Vec<_>>(), [Err(TextError::Scheme(0x0C))]);
    assert_eq!(format!("{strange} {strange:?}"), "\u{FFFD} Text(0C, 1 bytes)");
    // Every code but the escape comes back.
    for (code, character) in (0_u8..).zip(gsm::DEFAULT) {
        assert_eq!(gsm::code(character), (code != gsm::ESCAPE).then_some((false, code)), "{code:02X}");
    }
    for (code, character) in gsm::EXTENSION {
        assert_eq!(gsm::code(character), Some((true, code)));
    }
}

#[test]
fn alphas() {
    // ETSI TS 102 221 annex A: its examples of 81 and 82.
    let read = |bytes: &[u8]| Alpha::new(bytes).to_string();
    assert_eq!(read(&hex!("80 0417 0414 FFFF")), "ЗД");
    assert_eq!(read(&hex!("81 05 13 53 95 A6 A6 FF FF")), "S\u{995}\u{9A6}\u{9A6}\u{9FF}");
    assert_eq!(read(&hex!("82 05 0530 2D 82 D3 2D 31")), "-\u{532}\u{583}-1");
    // 3GPP TS 31.124, 27.22.4.10: titles in Katakana and Cyrillic.
    assert_eq!(read(&hex!("80 0038 0030 30EB 0030")), "80ル0");
    assert_eq!(read(&hex!("81 04 61 38 31 EB 31")), "81ル1");
    assert_eq!(read(&hex!("82 04 30A0 38 32 CB 32")), "82ル2");
    assert_eq!(read(&hex!("81 0C 08 97 94 A0 90 92 A1 A2 92 A3 99 A2 95")), "ЗДРАВСТВУЙТЕ");
    assert_eq!(read(&hex!("81 0B 08 9E C2 BF C0 B0 B2 BA B0 2E 2E 2E")), "Отправка...");
    assert_eq!(read(b"Menu\xFF\xFF"), "Menu");
    assert_eq!(read(&hex!("81 05")), "\u{FFFD}\u{5}".replace('\u{5}', "é"));
    let form = |text: &str| Alpha::encode(text, &mut [0; 64]).unwrap().bytes().to_vec();
    assert_eq!(form("Отправка..."), hex!("81 0B 08 9E C2 BF C0 B0 B2 BA B0 2E 2E 2E"));
    assert_eq!(form("你好")[0], 0x80);
    assert_eq!(form("\u{4F7F}\u{4F81}aaa")[0], 0x82);
    assert_eq!(form("[€]"), hex!("1B3C 1B65 1B3E"));
}

#[test]
fn profiles() {
    let mut room = [0; 16];
    let profile = TerminalProfile::of(&[Facility::GetInput, Facility::SetUpMenu, Facility::DateTime], &mut room);
    assert_eq!(profile.bytes(), hex!("0000042000000004"));
    let found: Vec<Facility> = profile.facilities().collect();
    assert_eq!(found, [Facility::GetInput, Facility::SetUpMenu, Facility::DateTime]);
    // What is not sent is off; what has no name is kept.
    let profile = TerminalProfile::new(&hex!("FFFFFFFF"));
    assert!(profile.supports(Facility::SendShortMessage) && !profile.supports(Facility::TimerManagement));
    // All have a bit of their own.
    for facility in Facility::all() {
        let mut room = [0; 16];
        let alone = TerminalProfile::of(&[facility], &mut room);
        assert_eq!(alone.facilities().collect::<Vec<_>>(), [facility]);
    }
}

#[test]
fn messages() {
    let cut = hex!("01000B915274000000F000040268");
    let kind = |bytes: &[u8]| Submit::decode(bytes).unwrap_err();
    assert!(Submit::decode(&hex!("01000B915274000000F00004026869")).is_ok());
    assert_eq!(kind(&hex!("00")), DecodeError { offset: 0, kind: Kind::Value { what: "the message type" } });
    assert_eq!(kind(&cut).kind, Kind::MessageTruncated);
    // Eleven digits say that there is a filler.
    assert_eq!(kind(&hex!("01000B915274000000100004026869")).kind, Kind::Value { what: "the destination" });
    assert_eq!(kind(&hex!("01000B915274000000F0000402686900")).kind, Kind::TrailingBytes { count: 1 });
    assert_eq!(kind(&hex!("41000B915274000000F0000402FF69")).kind, Kind::Value { what: "the user data header" });
    let long = UserData::octets(Header::None, &[0; 141]);
    assert_eq!(long.unwrap_err(), UserDataError::TooLong(141));
    assert_eq!(Parts::new(&[0; 34_171], Reference::Short(1)).err().unwrap().length, 34_171);
    assert_eq!(Parts::new(&[0; 34_170], Reference::Short(1)).unwrap().count(), 255);
    assert_eq!(Parts::new(&[0; 33_915], Reference::Long(1)).unwrap().count(), 255);
    // 3GPP TS 23.040 9.2.3.12.1: five minutes to sixty-three weeks.
    let minutes =
        [(0, 5), (143, 720), (144, 750), (167, 1_440), (168, 2_880), (196, 43_200), (197, 50_400), (255, 635_040)];
    for (byte, expected) in minutes {
        assert_eq!(Validity::Relative(byte).minutes(), Some(expected), "{byte}");
    }
}

#[test]
fn apdus() {
    let bytes = |command: apdu::Command<'_>| {
        let mut out = [0; 64];
        let length = command.encode(&mut out).unwrap();
        out[..length].to_vec()
    };
    assert_eq!(bytes(Card::Uicc.terminal_profile(&[0xFF]).unwrap()), hex!("80100000 01 FF"));
    assert_eq!(bytes(Card::Uicc.fetch(0x1B).unwrap()), hex!("80120000 1B"));
    assert_eq!(bytes(Card::Sim.fetch(0).unwrap()), hex!("A0120000 00"));
    assert_eq!(bytes(Card::Sim.terminal_response(&[1, 2]).unwrap()), hex!("A0140000 02 0102"));
    assert_eq!(bytes(Card::Uicc.envelope(&[0xD3, 0]).unwrap()), hex!("80C20000 02 D300 00"));
    assert_eq!(waiting(announcing(256).unwrap()), Some(0));
    assert_eq!(waiting(announcing(27).unwrap()), Some(27));
    assert_eq!((announcing(0), announcing(257)), (None, None));
    assert_eq!(waiting(apdu::Sw::new(0x9000)), None);
}

#[test]
fn tags_of_three_bytes() {
    let mut objects = tlv::iter(&[0x7F, 0x80, 0x7F, 1, 9, 0x7F, 0x12, 0x34, 0, 0x0D, 0x81, 1, 7]);
    let read: Vec<(u16, bool, usize)> = objects
        .by_ref()
        .map(|object| object.map(|object| (object.tag.number, object.tag.comprehension, object.value.len())).unwrap())
        .collect();
    assert_eq!(read, [(0x7F, true, 1), (0x1234, false, 0), (0x0D, false, 1)]);
}

//! What a phone says to its card, byte for byte: the start, the conformance suites' sequences, and every command.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::field_reassign_with_default)]

mod support;

use std::time::Duration;

use handset::{Key, Network, Part, Pressed, Settings};
use hex_literal::hex;
use support::*;
use toolkit::command::*;
use toolkit::element::{Duration as Time, Icon, TimerId, TimerValue};
use toolkit::local::DateTime;
use toolkit::sms::{Header, Submit, UserData};
use toolkit::{Action, Address, Alpha, Alphabet, CommandType, Facility, Text};

#[test]
fn a_card_is_started_as_phones_do() {
    let mut phone = phone(Card::with([TOOLKIT_MENU.to_vec()]));
    let expected: [&[u8]; 13] = [
        &hex!("00A40004 02 3F00 00"),
        &hex!("00A40004 02 2FE2 00"),
        &hex!("00B00000 0A"),
        &hex!("00A40004 02 2F00 00"),
        &hex!("00B20104 00"),
        &hex!("00B20204 00"),
        &hex!("00A40404 0C A0000000871002FF44FF1289 00"),
        &hex!("00A40004 02 6F07 00"),
        &hex!("00B00000 09"),
        &hex!("80F2010C"),
        &hex!("80100000 09 2961FF63610000 0F09"),
        &hex!("80120000 3D"),
        &hex!("80140000 0C 8103012500 82028281 830100"),
    ];
    assert_eq!(phone.card_mut().log, expected);
    assert_eq!(phone.identity().iccid.as_deref(), Some("8988110000000000012"));
    assert_eq!(phone.identity().imsi.as_deref(), Some("001010123456789"));
    assert!(phone.identity().missing.is_empty() && phone.is_idle());
    assert_eq!(lines(&phone), ["Ready", "", "", "", "", "Toolkit Menu"]);
}

#[test]
fn over_t0_the_start_is_the_same() {
    let mut card = Card::with([TOOLKIT_MENU.to_vec()]);
    card.t0 = true;
    let mut phone = phone(card);
    assert_eq!(phone.identity().imsi.as_deref(), Some("001010123456789"));
    assert!(phone.card_mut().log.contains(&hex!("00C0000005").to_vec()));
    assert_eq!(phone.screen().text_on_it(), "Ready Toolkit Menu");
}

/// The parts that a card like this lacks.
fn missing(card: Card) -> Vec<(Part, String)> {
    let phone = phone(card);
    phone.identity().missing.iter().map(|missing| (missing.part, missing.why.to_string())).collect()
}

#[test]
fn what_a_card_lacks_is_named_and_the_phone_goes_on() {
    let not_found = "6A82 file or application not found".to_owned();
    assert_eq!(missing(Card { iccid: None, ..Card::default() }), [(Part::Iccid, not_found.clone())]);
    assert_eq!(missing(Card { imsi: None, ..Card::default() }), [(Part::Imsi, not_found.clone())]);
    assert_eq!(
        missing(Card { imsi: Some(vec![0xFF; 9]), ..Card::default() }),
        [(Part::Imsi, "it does not hold what it should".to_owned())]
    );
    let bare = Card { iccid: None, usim: false, fault: Some(Fault::NoToolkit), ..Card::default() };
    let missing = missing(bare);
    let parts: Vec<Part> = missing.iter().map(|(part, _)| *part).collect();
    assert_eq!(parts, [Part::Iccid, Part::Directory, Part::Usim, Part::Toolkit]);
    assert_eq!(missing[3].1, "6D00 instruction not supported or invalid");
}

#[test]
fn a_card_without_a_toolkit_leaves_a_phone_without_a_menu() {
    let mut phone = phone(Card { fault: Some(Fault::NoToolkit), ..Card::default() });
    assert!(!phone.identity().has_toolkit());
    assert_eq!(lines(&phone)[5], "No card menu");
    assert_eq!(phone.press(Key::Menu).unwrap(), Pressed::Ignored);
    let missing = phone.identity().missing.iter().find(|missing| missing.part == Part::Toolkit).unwrap();
    assert_eq!(missing.to_string(), "a SIM toolkit (TERMINAL PROFILE): 6D00 instruction not supported or invalid");
}

#[test]
fn the_menu_and_what_follows_as_the_conformance_suites_have_it() {
    let mut card = Card::with([TOOLKIT_MENU.to_vec()]);
    card.reaction = Box::new(|_| vec![ENTER_22222.to_vec()]);
    let mut phone = phone(card);
    press(&mut phone, "Menu Down");
    assert_eq!(lines(&phone), ["Toolkit Menu", " Item 1", ">Item 2", " Item 3", " Item 4", ""]);
    assert_eq!(phone.screen().selected(), Some(2));
    phone.card_mut().log.clear();
    press(&mut phone, "OK");
    assert_eq!(phone.card_mut().log, [&hex!("80C20000 09 D30782020181900102 00")[..], &hex!("80120000 1D")]);
    assert_eq!(lines(&phone), ["Enter 22222", "", "", "", "", "_"]);
    assert_eq!(phone.waits_for(), Some(CommandType::GET_INPUT));
    press(&mut phone, "2 2 2 2");
    assert_eq!(phone.press(Key::Ok).unwrap(), Pressed::Ignored, "four are too few");
    press(&mut phone, "2");
    assert_eq!(phone.press(Key::Two).unwrap(), Pressed::Ignored, "six are too many");
    assert_eq!(lines(&phone)[5], "22222");
    press(&mut phone, "OK");
    assert_eq!(last_response(&mut phone), hex!("8103012300 82028281 830100 8D06043232323232"));
    assert!(phone.is_idle());
}

/// What the phone answers to a command, after some keys.
fn answer(bytes: Vec<u8>, keys: &str) -> Vec<u8> {
    let mut phone = phone(Card::with([bytes]));
    press(&mut phone, keys);
    last_response(&mut phone)
}

/// Result and answer of a command of which the details are these.
fn answered(bytes: Vec<u8>, keys: &str) -> Vec<u8> {
    let details = [&[0x81, 3], &bytes[4..7], &hex!("82028281")[..]].concat();
    let answer = answer(bytes, keys);
    assert_eq!(answer[..details.len()], details);
    answer[details.len()..].to_vec()
}

#[test]
fn a_person_can_answer_end_go_back_ask_for_help_and_stay_away() {
    let choice = || choice("Whom?", &["Bob", "Carol"]);
    let input = || texted("PIN", |text| GetInput { help: true, ..GetInput::digits(text, 4, 8) }.into());
    let cases: [(Vec<u8>, &str, &[u8]); 14] = [
        (display("Paid"), "OK", &hex!("830100")),
        (display("Paid"), "End", &hex!("830110")),
        (display("Paid"), "Back", &hex!("830111")),
        (display("Paid"), "Help 1 Clear OK", &hex!("830100")),
        (choice(), "Down OK", &hex!("830100 900102")),
        (choice(), "Down Down Up OK", &hex!("830100 900101")),
        (choice(), "Down Help", &hex!("830113 900102")),
        (choice(), "Down End", &hex!("830110")),
        (choice(), "Back", &hex!("830111")),
        (input(), "1 2 3 4 Help", &hex!("830113")),
        (input(), "1 2 3 4 Back", &hex!("830111")),
        (input(), "1 2 3 4 End", &hex!("830110")),
        (input(), "1 2 3 5 Clear 4 OK", &hex!("830100 8D050431323334")),
        (digits("Any", 0, 4), "Help OK", &hex!("830100 8D0104")),
    ];
    for (bytes, keys, expected) in cases {
        assert_eq!(answered(bytes, keys), expected, "{keys}");
    }
    for bytes in [display("Paid"), choice(), input()] {
        let mut phone = phone(Card::with([bytes]));
        phone.pass(Duration::from_secs(59)).unwrap();
        assert!(phone.waits_for().is_some());
        press(&mut phone, "Up");
        phone.pass(Duration::from_secs(59)).unwrap();
        assert!(phone.waits_for().is_some(), "a key starts the wait anew");
        phone.wait().unwrap();
        assert_eq!(last_result(&mut phone), hex!("12"));
    }
}

#[test]
fn a_text_need_not_be_cleared_by_the_person() {
    let bytes = |duration| {
        texted("Paid", |text| DisplayText { wait_for_user: false, duration, ..DisplayText::new(text) }.into())
    };
    for (duration, seconds) in [(None, 5), (Some(Time::seconds(9)), 9)] {
        let mut phone = phone(Card::with([bytes(duration)]));
        phone.pass(Duration::from_secs(seconds - 1)).unwrap();
        assert_eq!(lines(&phone)[0], "Paid");
        phone.pass(Duration::from_secs(1)).unwrap();
        assert_eq!((last_result(&mut phone), phone.is_idle()), (vec![0], true));
    }
}

#[test]
fn a_text_may_stay_while_the_card_goes_on() {
    let text = texted("Sending", |text| DisplayText { immediate_response: true, ..DisplayText::new(text) }.into());
    let mut phone = phone(Card::with([text.clone(), command(Action::MoreTime)]));
    assert_eq!((lines(&phone)[0].as_str(), phone.waits_for()), ("Sending", None));
    assert_eq!(last_response(&mut phone)[..5], hex!("81 03 01 02 00"));
    press(&mut phone, "OK");
    assert!(phone.is_idle());
    // A phone that cannot do that waits.
    let phone = phone_with(Card::with([text]), Settings::without(&[Facility::SustainedText]));
    assert_eq!(phone.waits_for(), Some(CommandType::DISPLAY_TEXT));
}

#[test]
fn a_text_of_normal_priority_does_not_cover_the_phones_menu() {
    for (high, result) in [(false, &hex!("2001")[..]), (true, &hex!("00"))] {
        let mut phone = phone(Card::with([menu("Menu", &["A"])]));
        press(&mut phone, "Menu");
        let text = texted("News", |text| DisplayText { high_priority: high, ..DisplayText::new(text) }.into());
        phone.card_mut().commands.push_back(text);
        phone.poll().unwrap();
        if high {
            press(&mut phone, "OK");
        }
        assert_eq!(last_result(&mut phone), result);
    }
}

#[test]
fn input_comes_in_the_alphabet_asked_for() {
    let input = |characters, packed| {
        texted("Name", move |text| GetInput { characters, packed, ..GetInput::digits(text, 1, 20) }.into())
    };
    let cases: [(Characters, bool, &str, &[u8]); 5] = [
        (Characters::Digits, false, "+1#", &hex!("8D04042B3123")),
        (Characters::Digits, true, "22222", &hex!("8D060032994C2603")),
        (Characters::Gsm, false, "Bo", &hex!("8D0304426F")),
        (Characters::Ucs2, false, "Bb", &hex!("8D050800420062")),
        (Characters::Ucs2, true, "B", &hex!("8D03080042")),
    ];
    for (characters, packed, text, expected) in cases {
        let mut phone = phone(Card::with([input(characters, packed)]));
        phone.enter(text).unwrap();
        press(&mut phone, "OK");
        assert_eq!(last_response(&mut phone)[12..], *expected, "{text}");
    }
}

#[test]
fn hidden_input_is_not_on_the_screen() {
    let mut phone = phone(Card::with([hidden("PIN", 4, 8)]));
    assert!(phone.is_hidden());
    phone.enter("1234").unwrap();
    assert_eq!(lines(&phone)[5], "****_");
    assert!(!format!("{phone:?}").contains("1234"));
    press(&mut phone, "OK");
    assert_eq!(last_response(&mut phone)[12..], hex!("8D050431323334"));
}

#[test]
fn a_default_stands_in_the_line() {
    let (mut one, mut other) = ([0; 20], [0; 20]);
    let text = Text::encode("Amount", Alphabet::Octets, &mut one).unwrap();
    let default_text = Some(Text::encode("400", Alphabet::Octets, &mut other).unwrap());
    let bytes = command(GetInput { default_text, ..GetInput::digits(text, 1, 5) });
    assert_eq!(answered(bytes, "Clear 5 OK"), hex!("830100 8D0404343035"));
}

#[test]
fn one_key_answers() {
    let key = |immediate| {
        texted("1 or 2?", move |text| GetInkey { immediate, ..GetInkey::new(text, Characters::Digits) }.into())
    };
    assert_eq!(answered(key(false), "2 3 OK"), hex!("830100 8D020432"));
    assert_eq!(answered(key(true), "2"), hex!("830100 8D020432"));
    let letter = texted("Letter?", |text| GetInkey::new(text, Characters::Gsm).into());
    assert_eq!(answered(letter, "2 2 OK"), hex!("830100 8D020462"));
    let yes = || texted("Sure?", |text| GetInkey { yes_no: true, ..GetInkey::new(text, Characters::Digits) }.into());
    assert_eq!(answered(yes(), "OK"), hex!("830100 8D020401"));
    assert_eq!(answered(yes(), "Down OK"), hex!("830100 8D020400"));
    let mut phone = phone(Card::with([yes()]));
    assert_eq!(lines(&phone)[..3], ["Sure?", ">Yes", " No"]);
    phone.select("No").unwrap();
    assert_eq!(last_response(&mut phone)[12..], hex!("8D020400"));
}

#[test]
fn a_phone_says_what_it_lacks() {
    let cases: [(Facility, Vec<u8>); 9] = [
        (Facility::DisplayText, display("a")),
        (Facility::GetInput, digits("a", 1, 2)),
        (Facility::GetInkey, texted("a", |text| GetInkey::new(text, Characters::Digits).into())),
        (Facility::SelectItem, choice("a", &["b"])),
        (Facility::SetUpMenu, menu("a", &["b"])),
        (Facility::PlayTone, command(PlayTone { vibrate: false, title: None, tone: None, duration: None, icon: None })),
        (Facility::MoreTime, command(Action::MoreTime)),
        (Facility::PollingOff, command(Action::PollingOff)),
        (Facility::Language, command(ProvideLocalInformation { kind: LocalKind::LANGUAGE })),
    ];
    for (facility, bytes) in cases {
        let mut with = phone(Card::with([bytes.clone()]));
        if with.waits_for().is_some() {
            press(&mut with, "1 OK");
        }
        assert_eq!(last_result(&mut with), [0], "{facility:?}");
        let mut without = phone_with(Card::with([bytes]), Settings::without(&[facility]));
        assert_eq!(last_result(&mut without), [0x30], "{facility:?}");
        assert!(without.is_idle());
    }
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let cases: [(&[u8], u8, &str); 8] = [
        (&hex!("D009 8103017F00 82028182"), 0x31, "an unknown type"),
        (&hex!("D009 8103014000 82028182"), 0x30, "OPEN CHANNEL"),
        (&hex!("D009 8103012180 82028102"), 0x36, "DISPLAY TEXT without a text"),
        (&hex!("D00D 8103012180 82028102 8D022041"), 0x32, "a text in an unknown alphabet"),
        (&hex!("D010 8103012180 82028102 8D020441 FA0141"), 0x32, "an object that must be understood"),
        (&hex!("D00F 8103012300 82028182 8D00 91020504"), 0x32, "a minimum above the maximum"),
        (&hex!("D009 8103012609 82028182"), 0x30, "unknown local information"),
        (&hex!("D009 8103012608 82028182"), 0x30, "local information that the phone has not"),
    ];
    for (bytes, result, what) in cases {
        let mut bytes = bytes.to_vec();
        bytes[1] = u8::try_from(bytes.len() - 2).unwrap();
        let mut phone = phone(Card::with([bytes]));
        assert_eq!(last_result(&mut phone), [result], "{what}");
        assert!(phone.is_idle());
    }
}

#[test]
fn a_phone_without_icons_says_so() {
    let icon = Some(Icon { self_explanatory: true, record: 1 });
    let bytes = texted("Paid", move |text| DisplayText { icon, ..DisplayText::new(text) }.into());
    assert_eq!(answered(bytes, "OK"), hex!("830104"));
}

/// SEND SHORT MESSAGE to a number, 8-bit or to be packed by the phone.
fn message(packing: bool) -> Vec<u8> {
    let (mut bcd, mut centre, mut out, mut text) = ([0; 10], [0; 10], [0; Submit::MAX_LENGTH], [0; 40]);
    let to = Address::encode("+254700000001", &mut bcd).unwrap();
    let data = if packing {
        UserData::text(Header::None, "hellohello", Alphabet::Octets, &mut text).unwrap().with_dcs(toolkit::Dcs::OCTETS)
    } else {
        Some(UserData::octets(Header::None, b"\x01\x02\x03").unwrap())
    };
    let tpdu = Submit::new(to, data.unwrap()).encode(&mut out).unwrap();
    let service_centre = Some(Address::encode("+254700000000", &mut centre).unwrap());
    command(SendShortMessage { packing, title: Some(Alpha::new(b"Sending")), service_centre, tpdu, icon: None })
}

#[test]
fn short_messages_lie_in_the_outbox() {
    let mut phone = phone(Card::with([message(false), message(false), message(true)]));
    assert_eq!(last_result(&mut phone), [0]);
    let sent = phone.take_outbox();
    assert_eq!(sent[0].tpdu, hex!("01 00 0C91 527400000010 00 04 03 010203"));
    assert_eq!(sent[1].tpdu[..2], [0x01, 0x01], "each has its reference");
    assert_eq!(sent[2].tpdu, hex!("01 02 0C91 527400000010 00 00 0A E8329BFD4697D9EC37"));
    assert_eq!(
        (sent[0].destination.as_str(), sent[0].service_centre.as_deref()),
        ("+254700000001", Some("+254700000000"))
    );
    assert!(phone.take_outbox().is_empty() && !format!("{sent:?}").contains("254"));
}

#[test]
fn short_messages_may_fail() {
    let cases = [
        (Network::NoService, &hex!("2004")[..]),
        (Network::Busy(7), &hex!("2107")),
        (Network::Refuses(41), &hex!("3529")),
    ];
    for (network, result) in cases {
        let mut settings = Settings::default();
        settings.network = network;
        let mut phone = phone_with(Card::with([message(false)]), settings);
        assert_eq!(last_result(&mut phone), result);
        assert!(phone.take_outbox().is_empty());
    }
    let bad =
        command(SendShortMessage { packing: false, title: None, service_centre: None, tpdu: &[0x02, 0], icon: None });
    assert_eq!(last_result(&mut phone(Card::with([bad]))), [0x32]);
}

#[test]
fn the_phone_tells_what_it_knows() {
    let ask = |kind| command(ProvideLocalInformation { kind });
    let mut settings = Settings::default();
    settings.location = Some(hex!("00F110 0001 0001").to_vec());
    settings.time = Some(DateTime { year: 26, month: 11, day: 21, hour: 19, minute: 32, second: 40, zone: Some(12) });
    let cases: [(LocalKind, &[u8]); 4] = [
        (LocalKind::LOCATION, &hex!("830100 930700F11000010001")),
        (LocalKind::IMEI, &hex!("830100 94080A10101032547698")),
        (LocalKind::DATE_TIME, &hex!("830100 A60762111291230421")),
        (LocalKind::LANGUAGE, &hex!("830100 AD02656E")),
    ];
    for (kind, expected) in cases {
        let mut phone = phone_with(Card::with([ask(kind)]), settings.clone());
        assert_eq!(last_response(&mut phone)[9..], *expected, "{kind}");
    }
    assert_eq!(last_result(&mut phone(Card::with([ask(LocalKind::DATE_TIME)]))), [0x30]);
}

fn timer(number: u8, seconds: u8) -> Vec<u8> {
    let (timer, value) = (TimerId::new(number).unwrap(), TimerValue::new(0, 0, seconds).unwrap());
    command(TimerManagement::Start { timer, value })
}

#[test]
fn a_timer_that_has_run_down_is_told() {
    let mut phone = phone(Card::with([timer(1, 5), timer(8, 50)]));
    assert_eq!(last_response(&mut phone)[9..], hex!("830100 A40108"));
    phone.card_mut().log.clear();
    phone.pass(Duration::from_secs(5)).unwrap();
    assert_eq!(phone.card_mut().log, [hex!("80C20000 0E D70C82028281A40101A503000050 00")]);
    phone.card_mut().commands.push_back(command(TimerManagement::Current { timer: TimerId::new(8).unwrap() }));
    phone.poll().unwrap();
    assert_eq!(last_response(&mut phone)[9..], hex!("830100 A40108 A503000054"));
    phone.card_mut().commands.push_back(command(TimerManagement::Deactivate { timer: TimerId::new(1).unwrap() }));
    phone.poll().unwrap();
    assert_eq!(last_result(&mut phone), [0x24]);
}

#[test]
fn a_timer_waits_for_the_person_and_for_a_busy_card() {
    let mut phone = phone(Card::with([timer(1, 5), display("Paid")]));
    phone.pass(Duration::from_secs(5)).unwrap();
    let envelopes =
        |phone: &mut handset::Handset<Card>| phone.card_mut().log.iter().filter(|sent| sent[1] == 0xC2).count();
    assert_eq!(envelopes(&mut phone), 0);
    phone.card_mut().fault = Some(Fault::EnvelopeSays([0x93, 0x00]));
    press(&mut phone, "OK");
    assert_eq!(envelopes(&mut phone), 1);
    phone.card_mut().fault = None;
    phone.pass(Duration::from_secs(1)).unwrap();
    phone.pass(Duration::from_secs(1)).unwrap();
    assert_eq!(envelopes(&mut phone), 2, "told again, and then no more");
}

#[test]
fn events_are_told_once() {
    let events = |events: &[u8]| command(SetUpEventList { events });
    let mut phone = phone(Card::with([events(&[0x04, 0x05]), display("Paid")]));
    phone.card_mut().log.clear();
    press(&mut phone, "OK");
    assert_eq!(phone.card_mut().log.last().unwrap()[..], hex!("80C20000 09 D607 990105 82020281 00"));
    phone.card_mut().log.clear();
    press(&mut phone, "1 1");
    assert_eq!(phone.card_mut().log, [hex!("80C20000 09 D607 990104 82028281 00")]);
    assert_eq!(last_result(&mut support::phone(Card::with([events(&[0x00])]))), [0x30], "calls are not known here");
}

#[test]
fn the_card_is_asked_as_often_as_it_wants() {
    let mut phone = phone(Card::with([command(PollInterval { interval: Time::seconds(30) })]));
    assert_eq!(last_response(&mut phone)[9..], hex!("830100 8402011E"));
    phone.card_mut().log.clear();
    phone.pass(Duration::from_secs(29)).unwrap();
    assert!(phone.card_mut().log.is_empty());
    phone.card_mut().commands.push_back(display("News"));
    phone.pass(Duration::from_secs(1)).unwrap();
    assert_eq!(phone.card_mut().log[0], hex!("80F2000C"));
    assert_eq!(lines(&phone)[0], "News");
}

#[test]
fn sounds_are_kept_for_who_listens() {
    let tone = PlayTone {
        vibrate: true,
        title: None,
        tone: Some(Tone::POSITIVE),
        duration: Some(Time::seconds(2)),
        icon: None,
    };
    let mut phone = phone(Card::with([command(tone)]));
    let sounds = phone.take_sounds();
    assert_eq!((sounds[0].tone, sounds[0].duration), (Tone::POSITIVE, Some(Duration::from_secs(2))));
    assert!(sounds[0].vibrate && phone.take_sounds().is_empty());
}

#[test]
fn refresh_reads_the_files_again_or_resets() {
    let refresh = |mode| command(Refresh { mode, files: None });
    let mut phone = phone(Card::with([menu("Menu", &["A"])]));
    phone.card_mut().iccid = Some(hex!("1032547698103254769F").to_vec());
    phone.card_mut().commands.push_back(refresh(RefreshMode::INITIALISATION));
    phone.poll().unwrap();
    assert_eq!((last_result(&mut phone), phone.card_mut().resets), (vec![0], 1));
    assert_eq!(phone.identity().iccid.as_deref(), None, "F in the middle is no digit");
    phone.card_mut().commands.extend([refresh(RefreshMode::RESET), menu("New", &["B"])]);
    phone.poll().unwrap();
    assert_eq!(phone.card_mut().resets, 2);
    assert_eq!(lines(&phone)[5], "New");
    assert!(phone.card_mut().log.iter().all(|sent| sent[1] != 0x14 || sent[8] == 0x25), "a reset is answered by none");
}

#[test]
fn the_menu_offers_help_and_goes_away() {
    let mut card = Card::with([menu_with_help("Menu", &["A", "B"])]);
    card.reaction = Box::new(|_| vec![menu("Menu", &[])]);
    let mut phone = phone(card);
    assert!(!phone.offers_help());
    press(&mut phone, "Menu Down");
    assert!(phone.offers_help());
    press(&mut phone, "Help");
    let envelope = phone.card_mut().log.iter().find(|sent| sent[1] == 0xC2).cloned();
    assert_eq!(envelope.unwrap(), hex!("80C20000 0B D309 82020181 900102 9500 00"));
    assert_eq!(lines(&phone)[5], "No card menu");
    assert_eq!(phone.press(Key::Ok).unwrap(), Pressed::Ignored);
}

#[test]
fn a_key_that_brings_a_text_does_not_clear_it() {
    let mut card = Card::with([menu("Menu", &["A"]), command(SetUpEventList { events: &[0x04] })]);
    card.reaction = Box::new(|_| vec![display("You are there")]);
    let mut phone = phone(card);
    press(&mut phone, "OK");
    assert_eq!(phone.screen().text_on_it(), "You are there");
    press(&mut phone, "OK OK");
    assert_eq!(lines(&phone)[1], ">A");
}

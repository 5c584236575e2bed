//! Sequences of the conformance suites (3GPP TS 51.010-4 and 3GPP TS 31.124, clauses 27.22.4 and following): each decodes to
//! the fields that the suite names, and encodes to the same bytes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "all of this is test code"
)]

use hex_literal::hex;
use toolkit::command::{
    Characters, DisplayText, Event, GetInkey, GetInput, LocalKind, PlayTone, ProvideLocalInformation, SelectItem,
    SendShortMessage, SetUpEventList, SetUpMenu, TimerManagement, Tone,
};
use toolkit::element::{Duration, Icon, ResponseLength, TimerId, TimerValue};
use toolkit::sms::Submit;
use toolkit::{
    Action, Address, Alpha, Answer, CommandDetails, CommandNumber, CommandType, Dcs, Device, Devices, Envelope, Extra,
    Item, Items, Occasion, Outcome, ProactiveCommand, ResultCode, TerminalResponse, Text, tag,
};

/// Reads a command, writes it, and builds it anew from what it says.
#[track_caller]
fn command<'a>(bytes: &'a [u8], action: impl Into<Action<'a>>) -> ProactiveCommand<'a> {
    let command = ProactiveCommand::decode(bytes).unwrap();
    assert_eq!(command.action, action.into());
    assert_eq!(command.number, CommandNumber::FIRST);
    assert_eq!(command.devices.source, Device::UICC);
    assert_eq!(command.not_understood(), None);
    let mut out = [0; ProactiveCommand::MAX_LENGTH];
    assert_eq!(command.encode(&mut out).unwrap(), bytes);
    let built = ProactiveCommand::new(CommandNumber::FIRST, command.action);
    assert_eq!(built.devices, command.devices);
    assert_eq!(built.details(), command.details());
    command
}

/// The same of one that has neither more than its fields nor other flags than usual.
#[track_caller]
fn usual<'a>(bytes: &'a [u8], action: impl Into<Action<'a>>) {
    let command = command(bytes, action);
    assert_eq!(ProactiveCommand::new(CommandNumber::FIRST, command.action), command);
}

fn coded(dcs: Dcs, bytes: &[u8]) -> Text<'_> {
    Text::Coded { dcs, bytes }
}

fn octets(text: &str) -> Text<'_> {
    coded(Dcs::OCTETS, text.as_bytes())
}

fn alpha(text: &str) -> Alpha<'_> {
    Alpha::new(text.as_bytes())
}

fn details(command: CommandType, qualifier: u8) -> CommandDetails {
    CommandDetails { number: CommandNumber::FIRST, command, qualifier }
}

#[track_caller]
fn response<'a>(bytes: &'a [u8], details: CommandDetails, outcome: Outcome<'a>, answer: Answer<'a>) {
    let expected = TerminalResponse::new(details, outcome, answer);
    assert_eq!(TerminalResponse::decode(bytes), Ok(expected));
    let mut out = [0; TerminalResponse::MAX_LENGTH];
    assert_eq!(expected.encode(&mut out).unwrap(), bytes);
}

#[test]
fn display_text() {
    let wait = |text| DisplayText::new(text);
    // 27.22.4.1: 1.1.1, 1.3.1, 1.4.1, 1.5.1.
    usual(&hex!("D01A8103012180820281028D0F04546F6F6C6B697420546573742031"), wait(octets("Toolkit Test 1")));
    usual(
        &hex!("D01A8103012181820281028D0F04546F6F6C6B697420546573742032"),
        DisplayText { high_priority: true, ..wait(octets("Toolkit Test 2")) },
    );
    let packed = coded(Dcs::PACKED, &hex!("D4F79BBD4ED341D4F29C0E9A01"));
    usual(&hex!("D0198103012180820281028D0E00D4F79BBD4ED341D4F29C0E9A01"), wait(packed));
    assert_eq!(packed.to_string(), "Toolkit Test 3");
    usual(
        &hex!("D01A8103012100820281028D0F04546F6F6C6B697420546573742034"),
        DisplayText { wait_for_user: false, ..wait(octets("Toolkit Test 4")) },
    );
    // 1.6.1: lengths of two bytes, within and without.
    let long = "This command instructs the ME to display a text message. It allows the SIM to define the priority of that \
                message, and the text string format. Two types of prio";
    let bytes = [&hex!("D081AD8103012180820281028D81A104")[..], long.as_bytes()].concat();
    usual(&bytes, wait(octets(long)));
    // 1.9.1: no text, but an icon.
    let icon = Some(Icon { self_explanatory: true, record: 1 });
    usual(&hex!("D00F8103012180820281028D009E020001"), DisplayText { icon, ..wait(Text::Null) });
    // 4.1.1: immediate response.
    usual(
        &hex!("D01C8103012180820281028D0F04546F6F6C6B697420546573742031AB00"),
        DisplayText { immediate_response: true, ..wait(octets("Toolkit Test 1")) },
    );
    // 5.3.1: an icon beside the text.
    let icon = Some(Icon { self_explanatory: false, record: 1 });
    usual(
        &hex!("D01A8103012180820281028D0B0442617369632049636F6E9E020101"),
        DisplayText { icon, ..wait(octets("Basic Icon")) },
    );
    // 6.1.1, 9.1.1, 10.1.1: UCS2 in Cyrillic, Chinese and Katakana.
    let cyrillic = hex!("041704140420041004120421042204120423041904220415");
    let bytes = [&hex!("D0248103012180820281028D1908")[..], &cyrillic].concat();
    usual(&bytes, wait(coded(Dcs::UCS2, &cyrillic)));
    assert_eq!(coded(Dcs::UCS2, &cyrillic).to_string(), "ЗДРАВСТВУЙТЕ");
    usual(&hex!("D0108103012180820281028D05084F60597D"), wait(coded(Dcs::UCS2, &hex!("4F60597D"))));
    assert_eq!(coded(Dcs::UCS2, &hex!("4F60597D")).to_string(), "你好");
    assert_eq!(coded(Dcs::UCS2, &hex!("0038003030EB")).to_string(), "80ル");
    // 7.1.1: a duration.
    usual(
        &hex!("D0198103012180820281028D0A043130205365636F6E648402010A"),
        DisplayText { duration: Some(Duration::seconds(10)), ..wait(octets("10 Second")) },
    );
    // 8.1.1: a text attribute, which has no field of its own.
    let attribute = hex!("D0228103012180820281028D1104546578742041747472696275746520 31D004001000B4");
    let attribute =
        command(&attribute, wait(octets("Text Attribute 1"))).extra.find(tag::TEXT_ATTRIBUTE).unwrap().to_vec();
    assert_eq!(attribute, hex!("001000B4"));

    let done = details(CommandType::DISPLAY_TEXT, 0x80);
    response(&hex!("810301218082028281830100"), done, Outcome::DONE, Answer::None);
    let busy = Outcome { code: ResultCode::TERMINAL_BUSY, additional: &[1] };
    response(&hex!("81030121808202828183022001"), done, busy, Answer::None);
    response(&hex!("810301218082028281830111"), done, Outcome::new(ResultCode::BACK), Answer::None);
}

#[test]
fn get_inkey() {
    // 27.22.4.2: 1.1.1, 1.2.1, 1.5.1.
    let digit = |text| GetInkey::new(text, Characters::Digits);
    usual(&hex!("D0158103012200820281828D0A04456E74657220222B22"), digit(octets("Enter \"+\"")));
    let packed = coded(Dcs::PACKED, &hex!("4537BD2C07896022"));
    usual(&hex!("D0148103012200820281828D09004537BD2C07896022"), digit(packed));
    assert_eq!(packed.to_string(), "Enter \"0\"");
    let letter = GetInkey::new(octets("Enter \"q\""), Characters::Gsm);
    usual(&hex!("D0158103012201820281828D0A04456E74657220227122"), letter);
    // 4.1.1 and 5.1.1: a key of UCS2; yes or no.
    usual(&hex!("D0118103012203820281828D0604456E746572"), GetInkey::new(octets("Enter"), Characters::Ucs2));
    let yes_no = GetInkey { yes_no: true, ..digit(octets("Enter YES")) };
    usual(&hex!("D0158103012204820281828D0A04456E74657220594553"), yes_no);
    // 6.3.1: an icon whose tag has no comprehension flag.
    let icon = Some(Icon { self_explanatory: true, record: 2 });
    command(
        &hex!("D0198103012200820281828D0A043C4E4F2D49434F4E3E1E020002"),
        GetInkey { icon, ..digit(octets("<NO-ICON>")) },
    );
    let wait = Some(Duration::seconds(10));
    usual(
        &hex!("D0198103012200820281828D0A04456E74657220222B228402010A"),
        GetInkey { duration: wait, ..digit(octets("Enter \"+\"")) },
    );
    let answer = Answer::Text(octets("+"));
    response(&hex!("8103012200820282818301008D02042B"), details(CommandType::GET_INKEY, 0), Outcome::DONE, answer);
}

#[test]
fn get_input() {
    // 27.22.4.3: 1.1.1 and its answer, 1.2.1, 1.3.1.
    usual(
        &hex!("D01B8103012300820281828D0C04456E74657220313233343591020505"),
        GetInput::digits(octets("Enter 12345"), 5, 5),
    );
    let answer = Answer::Text(octets("22222"));
    let answered = hex!("8103012300820282818301008D06043232323232");
    response(&answered, details(CommandType::GET_INPUT, 0), Outcome::DONE, answer);
    let packed = coded(Dcs::PACKED, &hex!("4537BD2C07D96EAAD10A"));
    usual(
        &hex!("D01A8103012308820281828D0B004537BD2C07D96EAAD10A91020505"),
        GetInput { packed: true, ..GetInput::digits(packed, 5, 5) },
    );
    assert_eq!(packed.to_string(), "Enter 67*#+");
    usual(
        &hex!("D01B8103012301820281828D0C04456E74657220416243644591020505"),
        GetInput { characters: Characters::Gsm, ..GetInput::digits(octets("Enter AbCdE"), 5, 5) },
    );
    // 1.5.1: hidden.
    usual(
        &hex!("D0278103012304820281828D180450617373776F726420313C53454E443E3233343536373891020408"),
        GetInput { hidden: true, ..GetInput::digits(octets("Password 1<SEND>2345678"), 4, 8) },
    );
    // 4.1.1: an answer in UCS2, of any length.
    let hello = GetInput { characters: Characters::Ucs2, ..GetInput::digits(octets("Enter Hello"), 5, 0xFF) };
    usual(&hex!("D01B8103012303820281828D0C04456E7465722048656C6C6F910205FF"), hello);
    assert!(hello.length.allows(400) && !hello.length.allows(4));
    assert!(ResponseLength { min: 1, max: 5 }.allows(5) && !ResponseLength { min: 1, max: 5 }.allows(6));
    // 5.2.1: a default text of 160 characters, its tag without the comprehension flag.
    let block = |digit: char| format!("***{}###", digit.to_string().repeat(10));
    let default: String = "1234567890".chars().map(block).collect();
    let bytes = [&hex!("D081BA8103012300820281828D0704456E7465723A9102A0A01781A104")[..], default.as_bytes()].concat();
    let input = GetInput { default_text: Some(octets(&default)), ..GetInput::digits(octets("Enter:"), 160, 160) };
    usual(&bytes, input);
    // FACTS: the same form as 1.1.1.
    usual(
        &hex!("D01B8103012300820281828D0C04456E74657220323232323291020505"),
        GetInput::digits(octets("Enter 22222"), 5, 5),
    );
}

#[test]
fn menus() {
    let items: Vec<String> = (1..=4).map(|number| format!("Item {number}")).collect();
    let items: Vec<Item<'_>> =
        items.iter().zip(1..).map(|(text, id)| Item { id, text: Alpha::new(text.as_bytes()) }).collect();
    let listed = hex!("8F07014974656D20318F07024974656D20328F07034974656D20338F07044974656D2034");
    // 27.22.4.8, 1.1.1, its answer, and a removal.
    let bytes = [&hex!("D03B810301250082028182850C546F6F6C6B6974204D656E75")[..], &listed].concat();
    usual(&bytes, SetUpMenu::new(alpha("Toolkit Menu"), Items::new(&items)));
    response(&hex!("810301250082028281830100"), details(CommandType::SET_UP_MENU, 0), Outcome::DONE, Answer::None);
    usual(&hex!("D00D81030125008202818285008F00"), SetUpMenu::new(alpha(""), Items::new(&[])));
    // 27.22.4.9, 1.1.1.
    let bytes = [&hex!("D03D810301240082028182850E546F6F6C6B69742053656C656374")[..], &listed].concat();
    usual(&bytes, SelectItem::new(alpha("Toolkit Select"), Items::new(&items)));
    response(
        &hex!("810301240082028281830100900102"),
        details(CommandType::SELECT_ITEM, 0),
        Outcome::DONE,
        Answer::Item(2),
    );
    // 27.22.5: the second item is chosen.
    let chosen = hex!("D30782020181900102");
    let envelope = Envelope::new(Occasion::MenuSelection { item: 2, help: false });
    assert_eq!(Envelope::decode(&chosen), Ok(envelope));
    assert_eq!(envelope.devices, Some(Devices::to_uicc(Device::KEYPAD)));
    assert_eq!(envelope.encode(&mut [0; 16]).unwrap(), chosen);
    // With help.
    let help = hex!("D309820201819001029500");
    let envelope = Envelope::new(Occasion::MenuSelection { item: 2, help: true });
    assert_eq!(Envelope::decode(&help), Ok(envelope));
    assert_eq!(envelope.encode(&mut [0; 16]).unwrap(), help);
}

#[test]
fn send_short_message() {
    // 27.22.4.10, 1.1.1 and 1.2.1.
    let service_centre = Address::new(0x91, &hex!("11 22 33 44 55 66 77 F8"));
    assert_eq!(service_centre.unwrap().to_string(), "+112233445566778");
    let tpdu = hex!("0100099110325476F840F40C54657374204D657373616765");
    let message = SendShortMessage { packing: false, title: None, service_centre, tpdu: &tpdu, icon: None };
    usual(&[&hex!("D02E81030113008202818386099111223344556677F88B18")[..], &tpdu].concat(), message);
    let submit = Submit::decode(&tpdu).unwrap();
    assert_eq!((submit.destination.to_string().as_str(), submit.protocol), ("+012345678", 0x40));
    assert_eq!(submit.data.dcs(), Dcs(0xF4));
    assert_eq!(submit.data.bytes(), b"Test Message");

    let tpdu = hex!("0100099110325476F840F00D53F45B4E0735CBF379F85C06");
    let message = SendShortMessage { title: Some(alpha("Short Message")), tpdu: &tpdu, ..message };
    let head = hex!("D03D810301130082028183850D53686F7274204D65737361676586099111223344556677F88B18");
    usual(&[&head[..], &tpdu].concat(), message);
    let submit = Submit::decode(&tpdu).unwrap();
    assert_eq!(submit.data.chars().unwrap().collect::<Result<String, _>>().unwrap(), "Short Message");
    assert_eq!(submit.encode(&mut [0; Submit::MAX_LENGTH]).unwrap(), tpdu);

    // 1.4.1: 160 characters, which the terminal must pack.
    let text = "Two types are defined: - A short message to be sent to the network in an SMS-SUBMIT message, or an \
                SMS-COMMAND message, where the user data can be passed transp";
    let tpdu = [&hex!("0100099110325476F840F4A0")[..], text.as_bytes()].concat();
    let bytes = [&hex!("D081C381030113018202818386099111223344556677F88B81AC")[..], &tpdu].concat();
    usual(&bytes, SendShortMessage { packing: true, title: None, tpdu: &tpdu, ..message });
    let submit = Submit::decode(&tpdu).unwrap();
    let mut room = [0; 140];
    let packed = submit.data.packed(&mut room).unwrap();
    assert_eq!((packed.dcs(), packed.bytes().len()), (Dcs(0xF0), 140));
    assert_eq!(packed.chars().unwrap().collect::<Result<String, _>>().unwrap(), text);
    let on_air = Submit { data: packed, ..submit };
    let mut room = [0; Submit::MAX_LENGTH];
    assert_eq!(Submit::decode(on_air.encode(&mut room).unwrap()), Ok(on_air));
    // 2.1.1: an icon beside the title, its tag without the comprehension flag; 1.8.1: an empty title.
    let tpdu = hex!("0100099110325476F840F40C54657374204D657373616765");
    let head = hex!("D03B81030113008202818385 0753656E6420534D 86099111223344556677F88B18");
    let icon = Some(Icon { self_explanatory: false, record: 1 });
    let bytes = [&head[..], &tpdu, &hex!("1E020101")].concat();
    command(&bytes, SendShortMessage { title: Some(alpha("Send SM")), tpdu: &tpdu, icon, ..message });
    let bytes = [&hex!("D030810301130082028183850086099111223344556677F88B18")[..], &tpdu].concat();
    usual(&bytes, SendShortMessage { title: Some(alpha("")), tpdu: &tpdu, ..message });
}

#[test]
fn others() {
    // 27.22.4.5, 1.1.1.
    let tone = PlayTone {
        vibrate: false,
        title: Some(alpha("Dial Tone")),
        tone: Some(Tone::DIAL),
        duration: Some(Duration::seconds(5)),
        icon: None,
    };
    usual(&hex!("D01B81030120008202810385094469616C20546F6E658E010184020105"), tone);
    // 27.22.4.15.
    for kind in [LocalKind::LOCATION, LocalKind::IMEI, LocalKind::DATE_TIME, LocalKind::LANGUAGE] {
        let mut bytes = hex!("D009810301260082028182");
        bytes[6] = kind.0;
        usual(&bytes, ProvideLocalInformation { kind });
    }
    // 27.22.4.16: user activity; idle screen and language.
    let events = SetUpEventList { events: &[4] };
    usual(&hex!("D00C810301050082028182990104"), events);
    assert!(events.contains(Event::USER_ACTIVITY) && !events.contains(Event::CALL));
    usual(&hex!("D00D81030105008202818299020507"), SetUpEventList { events: &[5, 7] });
    usual(&hex!("D00B8103010500820281829900"), SetUpEventList { events: &[] });
    // 27.22.4.21: a timer of 01:02:03 starts, one stops, one is read; then it has run down.
    let timer = |number| TimerId::new(number).unwrap();
    let value = TimerValue::new(1, 2, 3).unwrap();
    assert_eq!(value.total_seconds(), 3_723);
    usual(&hex!("D011810301270082028182A40101A503102030"), TimerManagement::Start { timer: timer(1), value });
    usual(&hex!("D00C810301270182028182A40104"), TimerManagement::Deactivate { timer: timer(4) });
    usual(&hex!("D00C810301270282028182A40108"), TimerManagement::Current { timer: timer(8) });
    let current = Answer::Timer { timer: timer(8), value: Some(value) };
    response(
        &hex!("810301270282028281830100A40108A503102030"),
        details(CommandType::TIMER_MANAGEMENT, 2),
        Outcome::DONE,
        current,
    );
    let expired = hex!("D70C82028281A40101A503102030");
    let envelope = Envelope::new(Occasion::TimerExpiration { timer: timer(1), value });
    assert_eq!(Envelope::decode(&expired), Ok(envelope));
    assert_eq!(envelope.encode(&mut [0; 16]).unwrap(), expired);
    // An unknown type is kept; so is POLLING OFF, which has nothing.
    command(&hex!("D009810301040082028182"), Action::PollingOff);
    let browser = command(
        &hex!("D00B8103011500820281823100"),
        Action::Other { command: CommandType::LAUNCH_BROWSER, qualifier: 0 },
    );
    assert_ne!(browser.extra, Extra::NONE);
}

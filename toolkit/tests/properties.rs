//! What is written reads the same, for any fields; and any bytes are borne.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "all of this is test code"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use toolkit::command::{
    Characters, DisplayText, GetInkey, GetInput, PlayTone, Presentation, SelectItem, SendShortMessage, SetUpMenu,
    TimerManagement, Tone,
};
use toolkit::element::{Duration, Icon, ResponseLength, TimerId, TimerValue, Unit};
use toolkit::sms::{Concatenation, Header, Parts, Reference, Submit, UserData, Validity};
use toolkit::text::gsm;
use toolkit::tlv;
use toolkit::{
    Action, Address, Alpha, Alphabet, Answer, CommandDetails, CommandNumber, CommandType, Dcs, Envelope, Extra, Item,
    Items, Occasion, Outcome, ProactiveCommand, ResultCode, Tag, TerminalResponse, Text, TextError, Writer,
};

fn gsm_text(longest: usize) -> impl Strategy<Value = String> {
    let characters: Vec<char> = gsm::DEFAULT
        .into_iter()
        .filter(|character| *character != '\x1B')
        .chain(gsm::EXTENSION.map(|(_, character)| character))
        .collect();
    vec(prop::sample::select(characters), 0..=longest).prop_map(|text| text.into_iter().collect())
}

fn bmp_text(longest: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        prop::char::range('\0', '\u{D7FF}'),
        prop::char::range('а', 'я'),
        prop::char::range('!', 'z'),
        prop::char::range('\u{E000}', '\u{FFFE}'),
    ];
    vec(character, 0..=longest).prop_map(|text| text.into_iter().collect())
}

fn duration() -> impl Strategy<Value = Option<Duration>> {
    let unit = prop::sample::select(vec![Unit::Minutes, Unit::Seconds, Unit::Tenths]);
    prop::option::of((unit, 1..=u8::MAX).prop_map(|(unit, count)| Duration { unit, count }))
}

fn icon() -> impl Strategy<Value = Option<Icon>> {
    prop::option::of(any::<(bool, u8)>().prop_map(|(self_explanatory, record)| Icon { self_explanatory, record }))
}

fn characters() -> impl Strategy<Value = Characters> {
    prop::sample::select(vec![Characters::Digits, Characters::Gsm, Characters::Ucs2])
}

fn bytes(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=longest)
}

/// It is written, and reads the same.
fn there_and_back(number: u8, action: Action<'_>) -> Result<(), TestCaseError> {
    let number = CommandNumber::new(number).unwrap();
    let command = ProactiveCommand::new(number, action);
    let mut out = [0; 2_000];
    let encoded = command.encode(&mut out).unwrap();
    prop_assert_eq!(ProactiveCommand::decode(encoded), Ok(command));
    let details = CommandDetails::of_command(encoded);
    prop_assert_eq!(details, Ok(command.details()));
    // With a byte less, the need is told.
    let needed = encoded.len();
    let error = command.encode(&mut vec![0; needed - 1]).unwrap_err();
    prop_assert_eq!((error.needed, error.available), (needed, needed - 1));
    Ok(())
}

proptest! {
    #[test]
    fn texts(text in gsm_text(200), other in bmp_text(100)) {
        for alphabet in [Alphabet::Packed, Alphabet::Octets] {
            let mut out = [0; 500];
            let coded = Text::encode(&text, alphabet, &mut out).unwrap();
            let read: String = coded.chars().collect::<Result<_, _>>().unwrap();
            // A carriage return at the end of a whole byte is doubled when it is packed.
            let doubled = format!("{text}\r");
            prop_assert!(read == text || alphabet == Alphabet::Packed && text.ends_with('\r') && read == doubled);
            prop_assert_eq!(coded.to_string(), read);
            let Text::Coded { bytes, .. } = coded else { panic!() };
            prop_assert_eq!(alphabet.encoded_len(&text), Ok(bytes.len()));
        }
        let mut out = [0; 500];
        let coded = Text::encode(&other, Alphabet::Ucs2, &mut out).unwrap();
        prop_assert_eq!(coded.chars().collect::<Result<String, _>>().unwrap(), other);
    }

    #[test]
    fn alphas(text in prop_oneof![gsm_text(40), bmp_text(40), "[а-я !-Z]{0,40}"]) {
        let mut out = [0; 200];
        let alpha = Alpha::encode(&text, &mut out).unwrap();
        prop_assert_eq!(alpha.chars().collect::<Result<String, _>>().unwrap(), text.clone());
        prop_assert_eq!(alpha.to_string(), text.clone());
        // No longer than UCS2; and padding is passed over, but in the counted forms, where it is behind the count.
        prop_assert!(alpha.bytes().len() <= 1 + 2 * text.chars().count());
        let padded = [alpha.bytes(), &[0xFF; 5]].concat();
        prop_assert_eq!(Alpha::new(&padded).to_string(), text);
    }

    #[test]
    fn what_shows_texts(
        number in 1_u8..=0xFE, text in bytes(60), dcs: u8, flags: [bool; 4], icon in icon(), duration in duration(),
        characters in characters(), length: [u8; 2], null: bool,
    ) {
        let text = if null { Text::Null } else { Text::Coded { dcs: Dcs(dcs), bytes: &text } };
        let [first, second, third, help] = flags;
        there_and_back(number, DisplayText {
            high_priority: first, wait_for_user: second, text, icon, immediate_response: third, duration,
        }.into())?;
        there_and_back(number, GetInkey {
            characters, yes_no: first, immediate: second, help, text, icon, duration,
        }.into())?;
        let length = ResponseLength { min: length[0].min(length[1]), max: length[0].max(length[1]) };
        there_and_back(number, GetInput {
            characters, hidden: first, packed: second, help, text, length, default_text: third.then_some(text), icon,
        }.into())?;
    }

    #[test]
    fn what_has_items(
        texts in vec((1_u8.., bytes(12)), 1..20), title in bytes(30), flags: [bool; 4], icon in icon(),
        lists in bytes(20), default_item: Option<u8>,
    ) {
        let items: Vec<Item<'_>> = texts.iter().map(|(id, text)| Item { id: *id, text: Alpha::new(text) }).collect();
        let [soft_keys, help, has_list, has_presentation] = flags;
        let list = has_list.then_some(lists.as_slice());
        let menu = SetUpMenu {
            soft_keys, help, icon, next_actions: list, item_icons: list, text_attribute: list, item_attributes: list,
            ..SetUpMenu::new(Alpha::new(&title), Items::new(&items))
        };
        there_and_back(1, menu.into())?;
        there_and_back(1, SelectItem {
            presentation: has_presentation.then_some(Presentation::Navigation),
            soft_keys, help, title: has_list.then_some(Alpha::new(&title)), items: menu.items,
            next_actions: list, default_item, icon, item_icons: list, text_attribute: list, item_attributes: list,
        }.into())?;
        prop_assert_eq!(menu.items.len(), items.len());
        prop_assert!(menu.items.find(items[0].id).is_some());
    }

    #[test]
    fn the_others(
        number in "[+]?[0-9*#abc]{0,20}", title in prop::option::of(bytes(20)), tpdu in bytes(150), flag: bool, icon in icon(),
        tone: Option<u8>, duration in duration(), timer in 1_u8..=8, time in (0_u8..100, 0_u8..60, 0_u8..60),
    ) {
        let mut digits = [0; 10];
        let address = Address::encode(&number, &mut digits).unwrap();
        prop_assert_eq!(address.to_string(), number);
        let title = title.as_deref().map(Alpha::new);
        there_and_back(1, SendShortMessage {
            packing: flag, title, service_centre: flag.then_some(address), tpdu: &tpdu, icon,
        }.into())?;
        there_and_back(1, PlayTone { vibrate: flag, title, tone: tone.map(Tone), duration, icon }.into())?;
        let (timer, value) = (TimerId::new(timer).unwrap(), TimerValue::new(time.0, time.1, time.2).unwrap());
        there_and_back(1, TimerManagement::Start { timer, value }.into())?;
        there_and_back(1, Action::MoreTime)?;
        let occasions = [
            Occasion::SmsPpDownload { service_centre: flag.then_some(address), tpdu: &tpdu },
            Occasion::TimerExpiration { timer, value },
            Occasion::MenuSelection { item: tone.unwrap_or(7), help: flag },
        ];
        for occasion in occasions {
            let mut out = [0; 400];
            let envelope = Envelope::new(occasion);
            let encoded = envelope.encode(&mut out).unwrap();
            prop_assert_eq!(Envelope::decode(encoded), Ok(envelope));
        }
    }

    #[test]
    fn responses(
        command: u8, qualifier: u8, code: u8, additional in bytes(5), text in bytes(40), dcs: u8, item: u8, choice in 0..3,
    ) {
        let (command, answer) = match choice {
            0 => (CommandType::GET_INPUT, Answer::Text(Text::Coded { dcs: Dcs(dcs), bytes: &text })),
            1 => (CommandType::SELECT_ITEM, Answer::Item(item)),
            _ => (CommandType(command), Answer::None),
        };
        let details = CommandDetails { number: CommandNumber::FIRST, command, qualifier };
        let outcome = Outcome { code: ResultCode(code), additional: &additional };
        let response = TerminalResponse::new(details, outcome, answer);
        let mut out = [0; TerminalResponse::MAX_LENGTH];
        let encoded = response.encode(&mut out).unwrap();
        prop_assert_eq!(TerminalResponse::decode(encoded), Ok(response));
    }

    #[test]
    fn short_messages(
        number in "[+]?[0-9*#abc]{0,20}", text in gsm_text(60), bytes in bytes(130), flags: [bool; 3], reference: u8,
        protocol: u8, validity: [u8; 7], form in 0..4, part in (1_u8.., any::<u16>(), any::<bool>()), headed in 0..3,
    ) {
        let mut digits = [0; 10];
        let destination = Address::encode(&number, &mut digits).unwrap();
        let validity = match form {
            0 => Validity::Unspecified,
            1 => Validity::Relative(validity[0]),
            2 => Validity::Absolute(validity),
            _ => Validity::Enhanced(validity),
        };
        let (total, long, wide) = part;
        let reference_of = if wide { Reference::Long(long) } else { Reference::Short(reference) };
        let header = match headed {
            0 => Header::None,
            1 => Header::Concatenated(Concatenation { reference: reference_of, total, part: 1 }),
            // Ports: another element.
            _ => Header::Other(&[0x05, 4, 0x23, 0xF0, 0, 0]),
        };
        let mut room = [0; 150];
        let packed = UserData::text(header, &text, Alphabet::Packed, &mut room);
        let octets = UserData::octets(header, &bytes);
        for data in [packed, octets].into_iter().flatten() {
            let [reject_duplicates, status_report, reply_path] = flags;
            let submit = Submit {
                reject_duplicates, status_report, reply_path, reference, destination, protocol, validity, data,
            };
            let mut out = [0; Submit::MAX_LENGTH];
            let encoded = submit.encode(&mut out).unwrap();
            prop_assert_eq!(Submit::decode(encoded), Ok(submit));
            prop_assert!(Submit::decode(&encoded[..encoded.len() - 1]).is_err());
            if data.dcs() == Dcs::PACKED {
                prop_assert_eq!(data.chars().unwrap().collect::<Result<String, _>>().unwrap(), text.clone());
            }
        }
    }

    #[test]
    fn parts_are_the_message(message in bytes(3_000), wide: bool, reference: u16) {
        let reference = if wide { Reference::Long(reference) } else { Reference::Short(reference.to_be_bytes()[1]) };
        let parts = Parts::new(&message, reference).unwrap();
        let count = parts.len();
        let mut again = Vec::new();
        for (part, number) in parts.zip(1_u8..) {
            let data = part.user_data().unwrap();
            match part.concatenation {
                None => prop_assert!(count == 1 && message.len() <= 140),
                Some(found) => {
                    let expected = Concatenation { reference, total: u8::try_from(count).unwrap(), part: number };
                    prop_assert_eq!(found, expected);
                    let room = if wide { 133 } else { 134 };
                    prop_assert!(data.bytes().len() == room || usize::from(number) == count && !part.bytes.is_empty());
                }
            }
            again.extend_from_slice(part.bytes);
        }
        prop_assert_eq!(again, message);
    }

    /// Data objects that mean nothing here are kept with their flags, and tell whether they must be understood.
    #[test]
    fn what_is_extra_is_kept(numbers in vec((0x60_u16..0x7FFF, any::<bool>(), bytes(150)), 0..4)) {
        let mut out = [0; 1_000];
        let mut writer = Writer::new(&mut out);
        for (number, comprehension, value) in &numbers {
            writer.put(Tag { number: *number, comprehension: *comprehension }, &[value]);
        }
        let objects = writer.finish().unwrap();
        prop_assert_eq!(tlv::iter(objects).count(), numbers.len());
        let mut command = ProactiveCommand::new(CommandNumber::FIRST, Action::MoreTime);
        command.extra = Extra::new(objects).unwrap();
        let mut out = [0; 1_000];
        let encoded = command.encode(&mut out).unwrap();
        let read = ProactiveCommand::decode(encoded);
        prop_assert_eq!(read, Ok(command));
        let must = numbers.iter().find(|(number, comprehension, _)| *comprehension && *number != 0x68);
        let must = must.map(|(number, ..)| Tag { number: *number, comprehension: true });
        prop_assert_eq!(command.not_understood(), must);
    }
}

#[test]
fn what_has_no_code_is_named() {
    let not = |character, position| TextError::NotInAlphabet { character, position };
    let mut out = [0; 40];
    assert_eq!(Text::encode("ab✓", Alphabet::Packed, &mut out).unwrap_err(), not('✓', 2));
    assert_eq!(Text::encode("a\u{1F600}", Alphabet::Ucs2, &mut out).unwrap_err(), not('\u{1F600}', 1));
    assert_eq!(Alpha::encode("a\u{1F600}", &mut out).unwrap_err(), not('\u{1F600}', 1));
    assert_eq!(Address::encode("+12x", &mut out).unwrap_err(), not('x', 3));
    assert!(matches!(Text::encode("abc", Alphabet::Octets, &mut [0; 2]), Err(TextError::TooLong(_))));
    assert_eq!(Alphabet::shortest("Paid 4 €"), Alphabet::Packed);
    assert_eq!(Alphabet::shortest("Çok"), Alphabet::Packed);
    assert_eq!(Alphabet::shortest("çok"), Alphabet::Ucs2);
}

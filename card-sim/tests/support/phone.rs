//! The terminal's side of the toolkit, one command at a time.
#![allow(dead_code, unreachable_pub, reason = "every user has its own part of this")]
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use apdu::Transport;
use toolkit::{
    Action, Alphabet, Answer, CommandDetails, Outcome, ProactiveCommand, ResultCode, TerminalResponse, Text,
};

/// A profile with all that is known.
pub const PROFILE: [u8; 10] = [0xFF; 10];

/// Sends bytes; returns data and status word.
pub fn send<T: Transport>(card: &mut T, command: &[u8]) -> (Vec<u8>, u16) {
    let mut response = [0xEE; 600];
    let length = card.transmit(command, &mut response).unwrap();
    assert!(length >= 2, "mute to {command:02X?}");
    let (data, sw) = response[..length].split_at(length - 2);
    (data.to_vec(), u16::from_be_bytes([sw[0], sw[1]]))
}

/// Sends `80 ins 00 00` with data.
pub fn tell<T: Transport>(card: &mut T, ins: u8, data: &[u8]) -> u16 {
    let command = [&[0x80, ins, 0, 0, u8::try_from(data.len()).unwrap()], data].concat();
    send(card, &command).1
}

/// TERMINAL PROFILE.
pub fn profile<T: Transport>(card: &mut T, profile: &[u8]) -> u16 {
    tell(card, 0x10, profile)
}

/// A choice from the menu.
pub fn choose<T: Transport>(card: &mut T, item: u8) -> u16 {
    tell(card, 0xC2, &[0xD3, 7, 0x82, 2, 1, 0x81, 0x90, 1, item])
}

/// A choice from the menu, for help.
pub fn ask_help<T: Transport>(card: &mut T, item: u8) -> u16 {
    tell(card, 0xC2, &[0xD3, 9, 0x82, 2, 1, 0x81, 0x90, 1, item, 0x95, 0])
}

/// The idle screen is there.
pub fn idle<T: Transport>(card: &mut T) -> u16 {
    tell(card, 0xC2, &[0xD6, 7, 0x99, 1, 5, 0x82, 2, 2, 0x81])
}

/// FETCH after this status word.
pub fn fetch<T: Transport>(card: &mut T, sw: u16) -> Vec<u8> {
    assert_eq!(sw >> 8, 0x91, "{sw:04X} announces nothing");
    let (data, sw) = send(card, &[0x80, 0x12, 0, 0, sw.to_be_bytes()[1]]);
    assert_eq!(sw, 0x9000);
    data
}

/// The bytes of a response to this command.
pub fn response(command: &[u8], code: u8, answer: Answer<'_>) -> Vec<u8> {
    let details = CommandDetails::of_command(command).unwrap();
    // Behind these, a cause follows.
    let additional: &[u8] = if matches!(code, 0x20 | 0x21) { &[0] } else { &[] };
    let outcome = Outcome { code: ResultCode(code), additional };
    let mut room = [0; 255];
    TerminalResponse::new(details, outcome, answer).encode(&mut room).unwrap().to_vec()
}

/// TERMINAL RESPONSE.
pub fn respond<T: Transport>(card: &mut T, command: &[u8], code: u8, answer: Answer<'_>) -> u16 {
    tell(card, 0x14, &response(command, code, answer))
}

/// TERMINAL RESPONSE with what was keyed in.
pub fn key<T: Transport>(card: &mut T, command: &[u8], text: &str) -> u16 {
    let mut room = [0; 64];
    let text = Text::encode(text, Alphabet::Octets, &mut room).unwrap();
    respond(card, command, 0, Answer::Text(text))
}

/// Switches on: tells the profile, and takes what is set up, until the card has nothing to say; returns it.
pub fn boot<T: Transport>(card: &mut T) -> Vec<Vec<u8>> {
    let sw = profile(card, &PROFILE);
    settle(card, sw)
}

/// Takes what is set up, until the card has nothing more to say.
pub fn settle<T: Transport>(card: &mut T, mut sw: u16) -> Vec<Vec<u8>> {
    let mut commands = Vec::new();
    while sw != 0x9000 {
        let command = fetch(card, sw);
        sw = respond(card, &command, 0, Answer::None);
        commands.push(command);
        assert!(commands.len() < 10, "it never ends");
    }
    commands
}

/// What a command is, in a few words.
pub fn words(command: &[u8]) -> String {
    match ProactiveCommand::decode(command).unwrap().action {
        Action::SetUpMenu(menu) => {
            let items: Vec<String> = menu.items.iter().map(|item| format!("{:02X} {}", item.id, item.text)).collect();
            format!("menu {}: {}", menu.title, items.join(", "))
        }
        Action::SelectItem(choice) => {
            let items: Vec<String> = choice.items.iter().map(|item| format!("{} {}", item.id, item.text)).collect();
            format!("choice {}: {}", choice.title.unwrap(), items.join(", "))
        }
        Action::SetUpEventList(list) => format!("events {:02X?}", list.events),
        Action::DisplayText(display) => format!("text {}", display.text),
        Action::GetInput(input) => format!("input {}", input.text),
        other => format!("{other:?}"),
    }
}

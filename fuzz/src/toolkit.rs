//! The SIM toolkit: what a card, a terminal or a sender of short messages may say.

use toolkit::command::SendShortMessage;
use toolkit::sms::Submit;
use toolkit::{Action, Alpha, Alphabet, Answer, Envelope, Occasion, ProactiveCommand, TerminalResponse, Text};

/// What reads as a command, a response, an envelope or a message is written so that it reads the same, and then writes the
/// same; its texts can be shown, and each character of an alphabet that was read can be written.
pub fn toolkit(bytes: &[u8]) {
    let mut out = vec![0; bytes.len()];
    if let Ok(command) = ProactiveCommand::decode(bytes) {
        let written = command.encode(&mut out).expect("the usual form is no longer than what was read");
        let again = ProactiveCommand::decode(written);
        assert_eq!(again, Ok(command));
        assert_eq!(command.encode(&mut vec![0; bytes.len()]).expect("it fitted"), written);
        drop(format!("{command:?} {:?}", command.not_understood()));
        shown(&command);
    }
    if let Ok(response) = TerminalResponse::decode(bytes) {
        let written = response.encode(&mut out).expect("the usual form is no longer than what was read");
        assert_eq!(TerminalResponse::decode(written), Ok(response));
        drop(format!("{response:?}"));
        if let Answer::Text(read) = response.answer {
            text(&read);
        }
    }
    if let Ok(envelope) = Envelope::decode(bytes) {
        let written = envelope.encode(&mut out).expect("the usual form is no longer than what was read");
        assert_eq!(Envelope::decode(written), Ok(envelope));
        drop(format!("{envelope:?}"));
        if let Occasion::SmsPpDownload { tpdu, .. } = envelope.occasion {
            message(tpdu);
        }
    }
    message(bytes);
    alpha(&Alpha::new(bytes));
}

fn shown(command: &ProactiveCommand<'_>) {
    match &command.action {
        Action::DisplayText(display) => text(&display.text),
        Action::GetInkey(key) => text(&key.text),
        Action::GetInput(input) => [Some(input.text), input.default_text].iter().flatten().for_each(text),
        Action::SelectItem(choice) => choice.items.iter().for_each(|item| alpha(&item.text)),
        Action::SetUpMenu(menu) => menu.items.iter().for_each(|item| alpha(&item.text)),
        Action::SendShortMessage(SendShortMessage { tpdu, .. }) => message(tpdu),
        _ => {}
    }
}

fn text(read: &Text<'_>) {
    drop(read.to_string());
    let characters: Result<String, _> = read.chars().collect();
    if let (Text::Coded { dcs, .. }, Ok(characters)) = (read, characters) {
        written(&characters, dcs.alphabet().expect("it was read"));
    }
}

fn alpha(read: &Alpha<'_>) {
    drop(read.to_string());
    if let Ok(characters) = read.chars().collect::<Result<String, _>>() {
        // A code for U+FFFF is padding in a file, so it is not written.
        if !characters.contains('\u{FFFF}') {
            let mut out = vec![0; characters.len() * 2 + 4];
            let again = Alpha::encode(&characters, &mut out).expect("what was read can be written");
            assert_eq!(again.to_string(), characters);
        }
    }
}

fn written(characters: &str, alphabet: Alphabet) {
    let mut out = vec![0; characters.len() * 2 + 4];
    match alphabet.encode(characters, &mut out) {
        Ok(bytes) => {
            let again: String = alphabet.chars(bytes).collect::<Result<_, _>>().expect("what was written can be read");
            assert!(again == characters || again.strip_suffix('\r') == Some(characters));
        }
        Err(_) => assert!(characters.contains('\u{FFFF}')),
    }
}

fn message(bytes: &[u8]) {
    let Ok(submit) = Submit::decode(bytes) else { return };
    let mut out = vec![0; bytes.len()];
    let written = submit.encode(&mut out).expect("the usual form is no longer than what was read");
    assert_eq!(Submit::decode(written), Ok(submit));
    drop(format!("{submit:?} {}", submit.destination));
    if let Some(characters) = submit.data.chars() {
        drop(characters.collect::<Result<String, _>>());
    }
    if let Ok(packed) = submit.data.packed(&mut [0; 160]) {
        let packed = Submit { data: packed, ..submit };
        let mut out = [0; Submit::MAX_LENGTH];
        let written = packed.encode(&mut out).expect("it is no longer than any");
        assert_eq!(Submit::decode(written), Ok(packed));
    }
}

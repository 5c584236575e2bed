//! Scripts for phones.

use std::collections::BTreeMap;
use std::convert::Infallible;

use apdu::Transport;
use handset::script::Script;
use handset::{Handset, Settings};

/// A card that answers a part of these bytes to everything.
struct Parrot<'b>(&'b [u8]);

impl Transport for Parrot<'_> {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let answer = match command {
            // It wants to show the script as a text.
            [0x80, 0x12, ..] => {
                let text = &self.0[..self.0.len().min(40)];
                let length = u8::try_from(text.len()).unwrap();
                let head = [0xD0, length + 12, 0x81, 3, 1, 0x21, 0x80, 0x82, 2, 0x81, 2, 0x8D, length + 1, 4];
                [&head[..], text, &[0x90, 0x00]].concat()
            }
            [0x80, ..] => vec![0x91, u8::try_from(self.0.len().min(40)).unwrap() + 14],
            _ => [&self.0[..self.0.len().min(command.len())], &[0x90, 0x00]].concat(),
        };
        response[..answer.len()].copy_from_slice(&answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[]
    }
}

/// Any bytes are read as a script without a panic, an error has a place in its line, what can be read is written in its
/// usual form and read the same, and it can be played.
pub fn phones(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(step) = Script::step(&text) {
        let usual = step.to_string();
        assert!(Script::step(usual.trim_end()).expect("the usual form can be read") == step, "{usual}");
    }
    let script = match Script::parse("fuzz", &text) {
        Ok(script) => script,
        Err(error) => {
            let column = usize::try_from(error.column).unwrap();
            assert!(
                column <= error.text.chars().count() + 1 && error.text.get(error.span.clone()).is_some(),
                "{error}"
            );
            assert!(!error.message.is_empty() && !error.message.contains('\n'), "{error}");
            return;
        }
    };
    let usual = script.to_string();
    let again = Script::parse("usual", &usual).expect("the usual form can be read");
    assert!(again == script && again.to_string() == usual, "{usual}");
    let phone = |name: &str| (name.to_owned(), Handset::new(Parrot(bytes), Settings::default()));
    let mut phones: BTreeMap<_, _> = script.phones().map(phone).collect();
    let played = script.play(&mut phones, &mut |played| drop(played.to_string()));
    drop(played.map_err(|error| error.to_string()));
}

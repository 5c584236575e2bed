//! What cards in readers can be told to do: by signals, and by lines on standard input.

use std::io::BufRead;

use super::Message;
use super::slot::Slot;
use crate::output;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Pull out the card in this file, or all.
    Remove(Option<String>),
    /// Put in the card in this file, or all.
    Insert(Option<String>),
    /// Say where the card in this file is, or all.
    Status(Option<String>),
    /// Pull out what is in, put in what is out.
    Toggle,
    /// End.
    Stop,
}

impl Order {
    /// Reads one: a word, and perhaps the file it is about; nothing for an empty line.
    fn parse(line: &str) -> Option<Result<Self, String>> {
        let line = line.trim();
        let (word, file) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let file = Some(file.trim()).filter(|file| !file.is_empty()).map(str::to_owned);
        Some(Ok(match word {
            "" => return None,
            "remove" => Self::Remove(file),
            "insert" => Self::Insert(file),
            "status" => Self::Status(file),
            "stop" if file.is_none() => Self::Stop,
            _ => {
                let word: String = word.escape_debug().collect();
                return Some(Err(format!(
                    "not an order: {word}. Say remove, insert, status (and perhaps which FILE), or stop"
                )));
            }
        }))
    }

    /// Has it done.
    pub fn give(&self, slots: &[Slot<'_>]) {
        let (file, act): (_, fn(&Slot<'_>)) = match self {
            Self::Remove(file) => (file.as_ref(), |slot| slot.control.remove()),
            Self::Insert(file) => (file.as_ref(), |slot| slot.control.insert()),
            Self::Status(file) => (file.as_ref(), |slot| output::note(slot.status())),
            Self::Toggle => (None, |slot| slot.control.toggle()),
            Self::Stop => (None, |slot| slot.control.stop()),
        };
        let mut chosen = slots.iter().filter(|slot| file.is_none_or(|file| file == slot.path)).peekable();
        match file {
            Some(file) if chosen.peek().is_none() => output::note(format!("no card here is {}", file.escape_debug())),
            _ => chosen.for_each(act),
        }
    }
}

/// Passes on what each line says, until there are no more or nobody wants them.
pub fn read(input: &mut impl BufRead, mut pass: impl FnMut(Message) -> bool) {
    let mut line = String::new();
    loop {
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => "?".clone_into(&mut line),
            Err(_) => return,
        }
        let message = match Order::parse(&line) {
            None => continue,
            Some(Ok(order)) => Message::Order(order),
            Some(Err(why)) => Message::Malformed(why),
        };
        if !pass(message) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_orders() {
        let file = || Some("my card".to_owned());
        let mut said = Vec::new();
        let mut lines = &b"remove\n\n  insert  my card \r\nstatus my card\nstop\nstop now\nREMOVE\n\xFF\nstatus"[..];
        read(&mut lines, |message| {
            said.push(match message {
                Message::Order(order) => Some(order),
                _ => None,
            });
            true
        });
        let expected = [
            Some(Order::Remove(None)),
            Some(Order::Insert(file())),
            Some(Order::Status(file())),
            Some(Order::Stop),
            None,
            None,
            None,
            Some(Order::Status(None)),
        ];
        assert_eq!(said, expected);
    }
}

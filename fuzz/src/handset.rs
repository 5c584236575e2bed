//! A phone, before a card that says anything.

use std::convert::Infallible;
use std::time::Duration;

use apdu::Transport;
use handset::screen::{HEIGHT, WIDTH};
use handset::{Handset, Key, Settings};
use toolkit::CommandType;

/// A card that says what comes next of its bytes; in the end it has no power.
struct Babbler<'a> {
    says: &'a [u8],
    /// Whether FETCH brings as many bytes as it asks for, and data stands before a good status. Without, each answer is a
    /// length byte and so many bytes.
    helpful: bool,
    asked: usize,
}

impl Babbler<'_> {
    fn take(&mut self, count: usize) -> &[u8] {
        let (taken, rest) = self.says.split_at(self.says.len().min(count));
        self.says = rest;
        taken
    }
}

impl Transport for Babbler<'_> {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        self.asked += 1;
        assert!(apdu::Command::decode(command).is_ok(), "{command:02X?}");
        if self.says.is_empty() {
            return Ok(0);
        }
        let answer = match (self.helpful, command) {
            // FETCH, READ BINARY: as much as is asked for.
            (true, [0x80, 0x12, _, _, le] | [0x00, 0xB0, _, _, le]) => {
                [self.take(if *le == 0 { 256 } else { usize::from(*le) }), &[0x90, 0x00]].concat()
            }
            // Small numbers announce nothing, larger ones a command of that length.
            (true, [0x80, ..]) => match self.take(1)[0] {
                0..=7 => vec![0x90, 0x00],
                length => vec![0x91, length],
            },
            (true, _) => match self.take(1)[0] {
                0..=0x7F => vec![0x90, 0x00],
                _ => vec![0x6A, 0x83],
            },
            (false, _) => {
                let length = usize::from(self.take(1)[0]);
                self.take(length).to_vec()
            }
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

/// Whatever a card says and whatever is pressed, the phone comes to an end with a screen of its size, and hidden input is
/// not on it. The first byte says whether the card is helpful, and how many of the next bytes are keys and times; the
/// rest is what the card says.
pub fn handset(bytes: &[u8]) {
    reached(bytes);
}

/// The same, and for which commands' answers the card waited.
fn reached(bytes: &[u8]) -> Vec<CommandType> {
    let Some((head, rest)) = bytes.split_first() else { return Vec::new() };
    let mut reached = Vec::new();
    let (pressed, says) = rest.split_at(rest.len().min(usize::from(head >> 1)));
    let mut phone = Handset::new(Babbler { says, helpful: head & 1 == 1, asked: 0 }, Settings::default());
    let keys: Vec<Key> = Key::all().collect();
    drop(phone.boot().map(|identity| format!("{identity:?}")));
    for byte in pressed {
        let waited = phone.waits_for();
        // A key is pressed as often as its turn comes round; above the keys, time passes.
        let result = match keys.get(usize::from(*byte)) {
            Some(key) => phone.press(*key).map(drop),
            None if *byte < 0x80 => phone.enter(char::from(*byte).encode_utf8(&mut [0; 4])),
            None if *byte == 0xFF => phone.wait(),
            None if *byte == 0xFE => phone.poll(),
            None if *byte == 0xFD => phone.boot().map(drop),
            None => phone.pass(Duration::from_secs(u64::from(byte & 0x7F))),
        };
        drop(result.map_err(|error| error.to_string()));
        reached.extend(waited.into_iter().chain(phone.waits_for()));
        let lines: Vec<String> = phone.screen().lines().collect();
        assert_eq!(lines.len(), HEIGHT);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{}", phone.screen());
        let last = lines.last().unwrap();
        assert!(!phone.is_hidden() || last.chars().all(|shown| "*_…".contains(shown)), "{}", phone.screen());
        drop((phone.screen().to_string(), format!("{phone:?}"), phone.take_outbox(), phone.take_sounds()));
    }
    // Each answer takes a byte at least, and a silent card is not asked again before the next key.
    let asked = phone.card().asked;
    assert!(asked <= says.len() + (pressed.len() + 1) * 16, "{asked}");
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_reach_what_a_person_is_asked() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/handset");
        let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let all: Vec<CommandType> = files.flat_map(|bytes| reached(&bytes)).collect();
        for command in
            [CommandType::DISPLAY_TEXT, CommandType::GET_INPUT, CommandType::GET_INKEY, CommandType::SELECT_ITEM]
        {
            assert!(all.contains(&command), "{command}");
        }
    }
}

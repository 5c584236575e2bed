//! How a question is put to the terminal, with what it can do.
//!
//! | is put as | or, if the terminal lacks that |
//! |---|---|
//! | a choice: SELECT ITEM | GET INPUT of a number, the list in its text |
//! | a text: DISPLAY TEXT, cleared by the person | GET INKEY; to a question, `1` is yes |
//! | a line: GET INPUT | there is no entry in the phone's menu at all |
//!
//! Texts go out in the GSM default alphabet, a byte each; with a character that it lacks (in a name), in UCS2 if the
//! terminal shows that, and with `?` in its place if not.

use ::toolkit::command::{Characters, DisplayText, GetInkey, GetInput, SelectItem};
use ::toolkit::text::gsm;
use ::toolkit::{Alpha, Alphabet, CommandType, Facility, Item, Items, Text as Coded};
use apdu::Sw;
use core::fmt::{Display, Write};

use super::Talk;
use super::line::Line;
use super::list::{LABELS, List};
use super::text::Text;
use crate::runtime::Next;

/// The longest text of one screen, in bytes of UTF-8.
pub(super) const SCREEN: usize = 240;
/// As many characters fit in UCS2.
const WIDE: usize = 110;

/// What is asked for with GET INPUT.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) min: u8,
    pub(super) max: u8,
    pub(super) hidden: bool,
    pub(super) characters: Characters,
}

impl Wanted {
    pub(super) const fn digits(min: u8, max: u8) -> Self {
        Self { min, max, hidden: false, characters: Characters::Digits }
    }

    pub(super) const PIN: Self = Self { hidden: true, ..Self::digits(4, 8) };
}

impl Talk<'_, '_> {
    /// Whether the terminal can be given a list to choose from.
    pub(super) fn chooses(&self) -> bool {
        self.terminal.can(CommandType::SELECT_ITEM)
    }

    /// The entry in the phone's menu.
    pub(super) fn put_entry(&mut self) -> Result<(), Sw> {
        let mut room = [0; 32];
        let alpha = Alpha::encode(Text::Purse.template(self.language), &mut room).map_err(|_| Sw::UNKNOWN)?;
        self.context.reply.put(alpha.bytes())
    }

    /// A text with these things in it.
    pub(super) fn words(&self, text: Text, things: &[(&str, &dyn Display)]) -> Result<Line<SCREEN>, Sw> {
        let mut line = Line::new();
        text.write(self.language, things, &mut line).map_err(|_| Sw::UNKNOWN)?;
        Ok(line)
    }

    /// A text in characters that this terminal shows; in those of GSM only if it is long, or if that is asked for.
    pub(super) fn shown<const N: usize>(&self, text: &str, gsm_only: bool) -> Line<N> {
        let wide = !gsm_only && text.chars().count() <= WIDE && self.terminal.profile().supports(Facility::Ucs2Display);
        let mut line = Line::new();
        for character in text.chars() {
            let has = gsm::has(character) || wide && Alphabet::Ucs2.has(character);
            // What is beyond the end of the line is left out.
            if line.write_char(if has { character } else { '?' }).is_err() {
                break;
            }
        }
        line
    }

    /// Shows a text until the person clears it.
    pub(super) fn display(&mut self, text: &str, urgent: bool) -> Result<Next, Sw> {
        let (line, mut room) = (self.shown::<SCREEN>(text, false), [0; SCREEN]);
        let text = coded(line.as_str(), &mut room)?;
        if self.terminal.can(CommandType::DISPLAY_TEXT) {
            let display = DisplayText { high_priority: urgent, ..DisplayText::new(text) };
            return self.terminal.ask(self.context, display);
        }
        self.terminal.ask(self.context, GetInkey::new(text, Characters::Digits))
    }

    /// Asks for a line.
    pub(super) fn question(&mut self, text: &str, wanted: Wanted) -> Result<Next, Sw> {
        let (line, mut room) = (self.shown::<LABELS>(text, false), [0; SCREEN]);
        let text = coded(line.as_str(), &mut room)?;
        let Wanted { min, max, hidden, characters } = wanted;
        let input = GetInput { hidden, characters, help: true, ..GetInput::digits(text, min, max) };
        self.terminal.ask(self.context, input)
    }

    /// Asks for a choice.
    pub(super) fn choice(&mut self, list: &List) -> Result<Next, Sw> {
        if !self.chooses() {
            return self.numbered(list);
        }
        let mut room = [0; 320];
        let (title, mut rest) = alpha(list.title(), &mut room)?;
        let nothing = Item { id: 0, text: Alpha::new(&[]) };
        let mut items = [nothing; List::MOST];
        let mut count = 0_usize;
        for ((id, label), item) in list.items().zip(&mut items) {
            let (text, after) = alpha(label, rest)?;
            *item = Item { id, text };
            rest = after;
            count = count.saturating_add(1);
        }
        let items = Items::new(items.get(..count).unwrap_or_default());
        self.terminal.ask(self.context, SelectItem { help: true, ..SelectItem::new(title, items) })
    }

    /// The list as a text, and a number to type.
    fn numbered(&mut self, list: &List) -> Result<Next, Sw> {
        let mut text = Line::<LABELS>::new();
        text.write_str(list.title()).map_err(|_| Sw::UNKNOWN)?;
        for (id, label) in list.items() {
            write!(text, "\n{id} {label}").map_err(|_| Sw::UNKNOWN)?;
        }
        let gsm = self.shown::<LABELS>(text.as_str(), true);
        self.question(gsm.as_str(), Wanted::digits(1, 2))
    }
}

/// The text as GSM characters of a byte each, or in UCS2 if it has others.
fn coded<'b>(text: &str, room: &'b mut [u8]) -> Result<Coded<'b>, Sw> {
    let alphabet = if text.chars().all(gsm::has) { Alphabet::Octets } else { Alphabet::Ucs2 };
    Coded::encode(text, alphabet, room).map_err(|_| Sw::UNKNOWN)
}

/// An alpha identifier at the start of `room`, and what is left of it.
fn alpha<'b>(text: &str, room: &'b mut [u8]) -> Result<(Alpha<'b>, &'b mut [u8]), Sw> {
    let len = Alpha::encode(text, room).map_err(|_| Sw::UNKNOWN)?.bytes().len();
    let (written, rest) = room.split_at_mut_checked(len).ok_or(Sw::UNKNOWN)?;
    Ok((Alpha::new(written), rest))
}

//! The toolkit applet of a simulated UICC: a menu of four items.
//!
//! | item | asks | and then |
//! |---|---|---|
//! | 1 | DISPLAY TEXT | |
//! | 2 | GET INPUT, five digits | shows them |
//! | 3 | SELECT ITEM | shows which |
//! | 4 | DISPLAY TEXT | another one |
//! | help with any | DISPLAY TEXT | |
//!
//! Whatever is not done ends the session. It tries nothing twice, and wants to hear of no event.

use ::toolkit::command::{DisplayText, GetInput, SelectItem};
use ::toolkit::exchange::{ENVELOPE, FETCH, TERMINAL_PROFILE, TERMINAL_RESPONSE};
use ::toolkit::{
    Action, Alpha, Alphabet, Answer, CommandDetails, CommandNumber, Envelope, Item, Items, Occasion, ProactiveCommand,
    TerminalResponse, Text,
};
use apdu::{Command, Sw};

/// The menu of the conformance suites, "Toolkit Menu" with "Item 1" to "Item 4".
///
/// Source: ETSI TS 102 384, SET UP MENU.
pub const MENU: [u8; 61] = *b"\xD0\x3B\x81\x03\x01\x25\x00\x82\x02\x81\x82\x85\x0CToolkit Menu\
    \x8F\x07\x01Item 1\x8F\x07\x02Item 2\x8F\x07\x03Item 3\x8F\x07\x04Item 4";

/// What it keeps.
#[derive(Clone, Debug)]
pub(super) struct Toolkit {
    menu: Vec<u8>,
    /// Whether a terminal has told its profile.
    begun: bool,
    /// Whether the terminal has to be told the menu.
    menu_due: bool,
    command: Vec<u8>,
    stage: Stage,
    /// What follows the command that is asked.
    then: Then,
    number: CommandNumber,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Waiting,
    Fetched,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    End,
    ShowAnswer,
    ShowMore,
}

impl Toolkit {
    pub(super) fn new(menu: &[u8]) -> Self {
        Self {
            menu: menu.to_vec(),
            begun: false,
            menu_due: false,
            command: Vec::new(),
            stage: Stage::Idle,
            then: Then::End,
            number: CommandNumber::FIRST,
        }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(&std::mem::take(&mut self.menu));
    }

    pub(super) fn set_menu(&mut self, menu: &[u8]) {
        self.menu = menu.to_vec();
        self.menu_due = self.begun;
        self.tell_menu();
    }

    /// The length of the command that waits.
    pub(super) fn waits(&self) -> Option<usize> {
        (self.stage == Stage::Waiting).then_some(self.command.len())
    }

    pub(super) fn command(&mut self, command: &Command<'_>) -> Result<Option<Vec<u8>>, Sw> {
        match command.ins() {
            TERMINAL_PROFILE | ENVELOPE | FETCH | TERMINAL_RESPONSE if (command.p1(), command.p2()) != (0, 0) => {
                Err(Sw::INCORRECT_P1_P2)
            }
            TERMINAL_PROFILE => {
                self.reset();
                (self.begun, self.menu_due) = (true, true);
                self.tell_menu();
                Ok(None)
            }
            ENVELOPE => self.envelope(command.data()).map(|()| None),
            FETCH if self.stage == Stage::Idle => Err(Sw::CONDITIONS_NOT_SATISFIED),
            FETCH if command.ne() != 256 && usize::try_from(command.ne()) != Ok(self.command.len()) => {
                Err(Sw::correct_le(u8::try_from(self.command.len()).unwrap_or_default()))
            }
            FETCH => {
                self.stage = Stage::Fetched;
                Ok(Some(self.command.clone()))
            }
            TERMINAL_RESPONSE => self.response(command.data()).map(|()| None),
            _ => Err(Sw::INS_NOT_SUPPORTED),
        }
    }

    fn envelope(&mut self, bytes: &[u8]) -> Result<(), Sw> {
        let envelope = Envelope::decode(bytes).map_err(|_| Sw::WRONG_DATA)?;
        let Occasion::MenuSelection { item, help } = envelope.occasion else { return Ok(()) };
        match item {
            1..=4 if help => self.show("This is help", Then::End),
            1 => self.show("Item 1", Then::End),
            2 => {
                let mut room = [0; 32];
                let text = Text::encode("Enter 22222", Alphabet::Octets, &mut room).map_err(|_| Sw::UNKNOWN)?;
                self.ask(GetInput::digits(text, 5, 5), Then::ShowAnswer);
            }
            3 => {
                let items = [(1, b"One".as_slice()), (2, b"Two")].map(|(id, text)| Item { id, text: Alpha::new(text) });
                self.ask(SelectItem::new(Alpha::new(b"Which"), Items::new(&items)), Then::ShowAnswer);
            }
            4 => self.show("Item 4", Then::ShowMore),
            // An item that is gone.
            _ => {}
        }
        Ok(())
    }

    fn response(&mut self, bytes: &[u8]) -> Result<(), Sw> {
        if self.stage != Stage::Fetched {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        let response = TerminalResponse::decode(bytes).map_err(|_| Sw::WRONG_DATA)?;
        // A menu may be one that cannot be read: then anything answers it.
        let asked = CommandDetails::of_command(&self.command).unwrap_or(response.details);
        if (asked.number, asked.command) != (response.details.number, response.details.command) {
            return Err(Sw::WRONG_DATA);
        }
        self.stage = Stage::Idle;
        match (self.then, response.outcome.code.0, response.answer) {
            (Then::ShowAnswer, 0..=0x0F, Answer::Text(text)) => self.show(&format!("It is {text}"), Then::End),
            (Then::ShowAnswer, 0..=0x0F, Answer::Item(item)) => self.show(&format!("It is {item}"), Then::End),
            (Then::ShowMore, 0..=0x0F, _) => self.show("That was all", Then::End),
            _ => self.tell_menu(),
        }
        Ok(())
    }

    /// Between sessions.
    fn tell_menu(&mut self) {
        if self.menu_due && self.stage == Stage::Idle {
            self.command.clone_from(&self.menu);
            (self.menu_due, self.stage, self.then) = (false, Stage::Waiting, Then::End);
        }
    }

    fn show(&mut self, text: &str, then: Then) {
        let mut room = [0; 240];
        if let Ok(text) = Text::encode(text, Alphabet::Octets, &mut room) {
            self.ask(DisplayText::new(text), then);
        }
    }

    fn ask<'a>(&mut self, action: impl Into<Action<'a>>, then: Then) {
        let mut room = [0; ProactiveCommand::MAX_LENGTH];
        self.number = self.number.next();
        if let Ok(command) = ProactiveCommand::new(self.number, action).encode(&mut room) {
            self.command = command.to_vec();
            (self.stage, self.then) = (Stage::Waiting, then);
        }
    }
}

//! A phone with a purse in it: it runs the applet's menu as a card does, and keeps to what the card promises an applet.

use applet_model::purse::upload::UploadMessage;
use applet_model::purse::{Country, Language, MenuData, TrunkPrefix};
use applet_model::runtime::{Applet, Event, Next, Response, Terminal, Turn};
use toolkit::sms::Submit;
use toolkit::{
    Action, Alpha, Answer, CommandDetails, CommandNumber, Facility, Outcome, ProactiveCommand, ResultCode,
    TerminalProfile, TerminalResponse, Text,
};

use super::bare::{Bare, LIMITS};

/// What the card has asked of the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Show(String),
    Key(String),
    Line { text: String, min: u8, max: u8, hidden: bool },
    List { title: String, items: Vec<(u8, String)> },
    Message { to: String, bytes: Vec<u8> },
}

#[derive(Clone)]
pub struct Phone {
    pub bare: Bare,
    pub facilities: Vec<Facility>,
    memory: Vec<u8>,
    details: Option<CommandDetails>,
    pub asked: Option<Asked>,
    /// How many commands the phone was given.
    pub commands: usize,
}

pub const ALL: [Facility; 6] = [
    Facility::DisplayText,
    Facility::GetInkey,
    Facility::GetInput,
    Facility::SelectItem,
    Facility::SendShortMessage,
    Facility::Ucs2Display,
];

pub fn kenya(language: Language) -> MenuData {
    MenuData {
        country: Country::new(254).unwrap(),
        trunk: TrunkPrefix::new("0").unwrap(),
        language,
        upload: Some("+254700000099".parse().unwrap()),
    }
}

impl Phone {
    /// Somebody's, in Kenya, with 100.00.
    pub fn new(own: &str, language: Language) -> Self {
        Self::of(Bare::with_menu(own, LIMITS, 10_000, Some(kenya(language))))
    }

    pub fn of(bare: Bare) -> Self {
        let memory = vec![0; bare.session.len()];
        Self { bare, facilities: ALL.to_vec(), memory, details: None, asked: None, commands: 0 }
    }

    fn with<T>(&self, call: impl FnOnce(&Terminal<'_>) -> T) -> T {
        let mut room = [0; 10];
        let number = self.details.map_or(CommandNumber::FIRST, |details| details.number.next());
        call(&Terminal::new(TerminalProfile::of(&self.facilities, &mut room), number))
    }

    /// The text of the entry in the phone's menu.
    pub fn entry(&mut self) -> Option<String> {
        let mut phone = self.clone();
        let mut memory = vec![0; self.memory.len()];
        let (entry, text) = self
            .with(|terminal| phone.bare.call_with(&mut memory, |purse, context| purse.entry(terminal, context)))
            .unwrap();
        entry.map(|_| Alpha::new(&text).to_string())
    }

    /// Chooses the entry.
    pub fn open(&mut self) -> &mut Self {
        self.memory.fill(0);
        self.turn(Event::Chosen { help: false });
        self
    }

    pub fn turn(&mut self, event: Event<'_>) {
        let mut memory = std::mem::take(&mut self.memory);
        let mut bare = self.bare.clone();
        let turned = self
            .with(|terminal| bare.call_with(&mut memory, |purse, context| purse.converse(event, terminal, context)));
        self.bare = bare;
        self.memory = memory;
        let ended = matches!(event, Event::Response(Response { turn: Turn::Ended, .. }));
        match turned {
            Ok((Next::Command, command)) if !ended => self.fetched(&command),
            _ => self.ended(),
        }
    }

    fn ended(&mut self) {
        self.memory.fill(0);
        self.asked = None;
    }

    fn fetched(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= 256);
        let command = ProactiveCommand::decode(bytes).unwrap();
        assert_eq!(command.not_understood(), None);
        self.details = Some(command.details());
        self.commands += 1;
        let (facility, asked) = match command.action {
            Action::DisplayText(display) => {
                assert!(display.wait_for_user);
                (Facility::DisplayText, Asked::Show(display.text.to_string()))
            }
            Action::GetInkey(key) => (Facility::GetInkey, Asked::Key(key.text.to_string())),
            Action::GetInput(input) => {
                let (min, max) = (input.length.min, input.length.max);
                assert!(input.help && min <= max);
                (Facility::GetInput, Asked::Line { text: input.text.to_string(), min, max, hidden: input.hidden })
            }
            Action::SelectItem(select) => {
                let items = select.items.iter().map(|item| (item.id, item.text.to_string())).collect();
                (Facility::SelectItem, Asked::List { title: select.title.unwrap().to_string(), items })
            }
            Action::SendShortMessage(send) => {
                let submit = Submit::decode(send.tpdu).unwrap();
                let bytes = submit.data.bytes().to_vec();
                (Facility::SendShortMessage, Asked::Message { to: submit.destination.to_string(), bytes })
            }
            other => unreachable!("{other:?}"),
        };
        self.asked = Some(asked);
        // As the card does: what the profile lacks is never sent.
        if !self.facilities.contains(&facility) {
            self.turn(Event::Response(Response::UNABLE));
        }
    }

    /// The terminal answers; the answer goes over the wire.
    pub fn respond(&mut self, code: ResultCode, answer: Answer<'_>) -> &mut Self {
        let details = self.details.unwrap();
        assert!(self.asked.is_some(), "nothing was asked");
        let mut room = [0; 255];
        let response = TerminalResponse::new(details, Outcome::new(code), answer);
        let bytes = response.encode(&mut room).unwrap();
        let decoded = TerminalResponse::decode(bytes).unwrap();
        self.turn(Event::Response(Response::new(&decoded)));
        self
    }

    pub fn result(&mut self, code: ResultCode) -> &mut Self {
        self.respond(code, Answer::None)
    }

    /// Clears a text; lets a message go.
    pub fn ok(&mut self) -> &mut Self {
        self.result(ResultCode::DONE)
    }

    pub fn back(&mut self) -> &mut Self {
        self.result(ResultCode::BACK)
    }

    pub fn help(&mut self) -> &mut Self {
        self.result(ResultCode::HELP)
    }

    /// Types a line, or presses a key.
    pub fn keys(&mut self, typed: &str) -> &mut Self {
        let mut room = [0; 240];
        let text = Text::encode(typed, toolkit::Alphabet::Octets, &mut room).unwrap();
        self.respond(ResultCode::DONE, Answer::Text(text))
    }

    /// Chooses the item with this text.
    #[track_caller]
    pub fn pick(&mut self, label: &str) -> &mut Self {
        let item = match &self.asked {
            Some(Asked::List { items, .. }) => items.iter().find(|(_, text)| text == label).map(|(id, _)| *id),
            _ => None,
        };
        let item = item.unwrap_or_else(|| panic!("no {label} in {:?}", self.asked));
        self.item(item)
    }

    pub fn item(&mut self, item: u8) -> &mut Self {
        self.respond(ResultCode::DONE, Answer::Item(item))
    }

    /// What stands on the screen: a text, a question, or a title and items.
    pub fn screen(&self) -> String {
        match &self.asked {
            None => String::new(),
            Some(Asked::Show(text) | Asked::Key(text) | Asked::Line { text, .. }) => text.clone(),
            Some(Asked::List { title, items }) => {
                let items: Vec<&str> = items.iter().map(|(_, text)| text.as_str()).collect();
                format!("{title}: {}", items.join(", "))
            }
            Some(Asked::Message { to, .. }) => format!("message to {to}"),
        }
    }

    #[track_caller]
    pub fn shows(&mut self, expected: &str) -> &mut Self {
        assert_eq!(self.screen(), expected);
        self
    }

    /// The code in the first line of the screen, as it is typed.
    pub fn code(&self) -> String {
        let digits: String = self.screen().lines().next().unwrap().split(' ').collect();
        assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", self.screen());
        digits
    }

    /// Whether the conversation has a verified PIN, and whether a checked request waits for one: its first two bytes.
    pub fn waiting(&self) -> [u8; 2] {
        [self.memory[0], self.memory[1]]
    }

    /// The message of an upload that was handed to the phone.
    pub fn upload(&self) -> UploadMessage {
        match &self.asked {
            Some(Asked::Message { bytes, .. }) => UploadMessage::decode(bytes).unwrap(),
            other => unreachable!("{other:?}"),
        }
    }
}

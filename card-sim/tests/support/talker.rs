//! An applet that talks: with an entry in the menu, a choice, a question and an answer.
#![allow(dead_code, unreachable_pub, reason = "every user has its own part of this")]
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing)]

use apdu::{Aid, Command, Sw};
use applet_model::runtime::{Applet, Cell, Context, Demand, Entry, Event, Layout, Next, Response, Terminal, Turn};
use card_sim::{Card, Module, SeededRandom};
use toolkit::command::{DisplayText, Event as Occurrence, GetInput, SelectItem};
use toolkit::{Alpha, Alphabet, Answer, CommandType, Item, Items, Text};

/// The module of [`Talker`], and the first instance of it.
pub const TALKER: Aid = Aid::from_array(b"\xF0talker");
/// Those whose parameters are the text of the entry.
pub const TALKERS: &[Module] = &[Module { aid: TALKER, make: |parameters| Some(Box::new(Talker::new(parameters))) }];

/// What a talker does with its state, which is 0 between conversations.
///
/// | state | asked | answered by | then |
/// |---|---|---|---|
/// | 1 | SELECT ITEM, count, ask, rename | item 1 | counts for ever, and shows the count: 2 |
/// | | | item 2 | 3 |
/// | | | item 3 | has another text in the menu: 0 |
/// | | | unable | 2 |
/// | 2 | DISPLAY TEXT | back | 1 |
/// | 3 | GET INPUT, hidden | `1234` | is verified in this conversation: 2 |
/// | | | another text | 3 |
///
/// Help shows a text and leads back to 1. Anything else ends it. `80 30` answers the count, the state, and whether it is
/// verified; `80 32` verifies.
pub struct Talker {
    text: Vec<u8>,
    count: Cell<u8>,
    renamed: Cell<u8>,
    state: Cell<u8>,
    verified: Cell<u8>,
}

impl Talker {
    fn new(parameters: &[u8]) -> Self {
        let (mut persistent, mut transient) = (Layout::default(), Layout::default());
        Self {
            text: if parameters.is_empty() { b"Talker".to_vec() } else { parameters.to_vec() },
            count: persistent.cell(),
            renamed: persistent.cell(),
            state: transient.cell(),
            verified: transient.cell(),
        }
    }

    fn choice(&self, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Next, Sw> {
        context.until_deselect.write(self.state, &1);
        let items = [(1, b"Count".as_slice()), (2, b"Ask"), (3, b"Rename")];
        let items = items.map(|(id, text)| Item { id, text: Alpha::new(text) });
        let choice = SelectItem { help: true, ..SelectItem::new(Alpha::new(&self.text), Items::new(&items)) };
        terminal.ask(context, choice)
    }

    fn show(&self, text: &str, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Next, Sw> {
        context.until_deselect.write(self.state, &2);
        let mut room = [0; 64];
        let text = Text::encode(text, Alphabet::Octets, &mut room).unwrap();
        terminal.ask(context, DisplayText::new(text))
    }

    fn question(&self, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Next, Sw> {
        context.until_deselect.write(self.state, &3);
        let mut room = [0; 64];
        let text = Text::encode("PIN", Alphabet::Octets, &mut room).unwrap();
        terminal.ask(context, GetInput { hidden: true, ..GetInput::digits(text, 4, 8) })
    }

    fn answered(&self, response: Response<'_>, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Next, Sw> {
        let state = context.until_deselect.read(self.state);
        match (state, response.turn, response.answer) {
            (1, Turn::Done, Answer::Item(1)) => {
                let count = context.memory.read(self.count).wrapping_add(1);
                context.memory.write(self.count, &count)?;
                self.show(&format!("Count {count}"), terminal, context)
            }
            (1, Turn::Done, Answer::Item(2)) => self.question(terminal, context),
            (1, Turn::Done, Answer::Item(3)) => {
                let renamed = context.memory.read(self.renamed) ^ 1;
                context.memory.write(self.renamed, &renamed)?;
                Ok(Next::End)
            }
            (1, Turn::Unable, _) => self.show("No choice here", terminal, context),
            (1, Turn::Help, _) => self.show("It is a choice", terminal, context),
            (2, Turn::Back, _) | (3, Turn::Back, _) => self.choice(terminal, context),
            (3, Turn::Done, Answer::Text(text)) if text.to_string() == "1234" => {
                context.until_deselect.write(self.verified, &1);
                self.show("Right", terminal, context)
            }
            (3, Turn::Done, _) => self.question(terminal, context),
            _ => Ok(Next::End),
        }
    }
}

impl Applet for Talker {
    fn demand(&self) -> Demand {
        Demand { persistent: 2, until_deselect: 2, until_reset: 0 }
    }

    fn install(&self, _: &mut Context<'_>) -> Result<(), Sw> {
        Ok(())
    }

    fn select(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        let aid = context.aid;
        context.reply.put(aid.as_bytes())
    }

    fn deselect(&self, _: &mut Context<'_>) {}

    fn process(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        match command.ins() {
            0x30 => {
                let state = context.until_deselect.read(self.state);
                let verified = context.until_deselect.read(self.verified);
                let count = context.memory.read(self.count);
                context.reply.put(&[count, state, verified])
            }
            0x32 => {
                context.until_deselect.write(self.verified, &1);
                Ok(())
            }
            _ => Err(Sw::INS_NOT_SUPPORTED),
        }
    }

    fn is_toolkit(&self) -> bool {
        true
    }

    fn entry(&self, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Option<Entry>, Sw> {
        assert_eq!(context.until_deselect.read(self.state), 0, "no conversation goes on");
        if !terminal.can(CommandType::DISPLAY_TEXT) {
            return Ok(None);
        }
        context.reply.put(&self.text)?;
        if context.memory.read(self.renamed) != 0 {
            context.reply.put(b"!")?;
        }
        Ok(Some(Entry { next: CommandType::SELECT_ITEM }))
    }

    fn events(&self) -> &[Occurrence] {
        &[Occurrence::IDLE_SCREEN]
    }

    fn converse(&self, event: Event<'_>, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Next, Sw> {
        match event {
            Event::Chosen { help: false } => {
                let verified = context.until_deselect.read(self.verified);
                assert_eq!(
                    (context.until_deselect.read(self.state), verified),
                    (0, 0),
                    "a conversation begins with nothing"
                );
                self.choice(terminal, context)
            }
            Event::Chosen { help: true } => self.show("It talks", terminal, context),
            Event::Response(response) => self.answered(response, terminal, context),
            Event::Happened(_) => self.show("Idle", terminal, context),
            _ => Ok(Next::End),
        }
    }
}

/// A card with talkers of these texts; of several, the name of the second has a `2` behind it, and so on.
pub fn card(texts: &[&[u8]]) -> Card {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(7))).unwrap();
    for (index, text) in texts.iter().enumerate() {
        card.install(TALKERS, TALKER, name(index), text).unwrap();
    }
    card
}

/// The name of the talker with this index.
pub fn name(index: usize) -> Aid {
    let mut name = TALKER.as_bytes().to_vec();
    if index > 0 {
        name.push(b'1' + u8::try_from(index).unwrap());
    }
    Aid::new(&name).unwrap()
}

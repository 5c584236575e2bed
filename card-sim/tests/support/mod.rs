//! Applets to test a card with, and one way to talk to it.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its own part of this")]
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing)]

use std::cell::RefCell;

use apdu::{Aid, Channel, Command, Response, Sw, Transport};
use applet_model::runtime::{Applet, Context, Demand, Layout, Table};
use card_sim::{Card, Module, SeededRandom};

/// The module of [`Notebook`].
pub const NOTEBOOK: Aid = Aid::from_array(b"\xF0notebook");
/// The module of [`Notebook`]s that refuse to be selected.
pub const SHY: Aid = Aid::from_array(b"\xF0shyshy");
/// The module of [`Notebook`]s that can be selected on several channels at a time.
pub const PUBLIC: Aid = Aid::from_array(b"\xF0public");
/// The modules that test cards are made of.
pub const MODULES: &[Module] = &[
    Module { aid: NOTEBOOK, make: notebook },
    Module { aid: SHY, make: |_| Some(Box::new(Notebook { shy: true, ..Notebook::new(16) })) },
    Module { aid: PUBLIC, make: |_| Some(Box::new(Notebook { public: true, ..Notebook::new(16) })) },
];

/// How long the notebook's memories are, in bytes, unless its one install parameter says otherwise.
pub const LENGTH: usize = 32;

thread_local! {
    static CALLS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the runtime called since this was last asked: `deselect F0…`.
pub fn calls() -> Vec<String> {
    CALLS.with(RefCell::take)
}

fn called(what: &str, context: &Context<'_>) {
    // The list grows; what the card allocates is counted without it.
    allocation_counter::opt_out(|| {
        let channel = context.channel;
        let on = if channel == Channel::BASIC { String::new() } else { format!(" on {channel}") };
        CALLS.with(|calls| calls.borrow_mut().push(format!("{what} {}{on}", context.aid)));
    });
}

fn notebook(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    match *parameters {
        [] => Some(Box::new(Notebook::new(LENGTH))),
        [length] => Some(Box::new(Notebook::new(usize::from(length)))),
        // More than there is.
        [0xFF, 0xFF] => Some(Box::new(Notebook::new(usize::MAX))),
        [0xFF, mebibytes] => Some(Box::new(Notebook::new(usize::from(mebibytes) << 20))),
        _ => None,
    }
}

/// An applet that does as it is told.
///
/// | INS | P1 P2 | does |
/// |---|---|---|
/// | `10` `12` `14` | index | writes the data into persistent, until-deselect, until-reset memory |
/// | `11` `13` `15` | index, length | reads it |
/// | `16` | index, then | writes the data in a transaction; then: 0 commits, 1 fails, 2 writes out of range |
/// | `20` | length | answers so many bytes, 0 1 2 … |
/// | `22` | length | answers so many random bytes |
/// | `24` | SW | answers four bytes and then fails with this status word |
/// | `26` | | adds one to the first persistent byte |
pub struct Notebook {
    persistent: Table<u8>,
    until_deselect: Table<u8>,
    until_reset: Table<u8>,
    shy: bool,
    public: bool,
}

impl Notebook {
    fn new(length: usize) -> Self {
        let table = || Layout::default().table(length);
        Self { persistent: table(), until_deselect: table(), until_reset: table(), shy: false, public: false }
    }
}

/// The cells from `index` on, one for each of `items`.
fn each<T>(
    table: &Table<u8>,
    index: u8,
    items: impl Iterator<Item = T>,
    mut action: impl FnMut(applet_model::runtime::Cell<u8>, T) -> Result<(), Sw>,
) -> Result<(), Sw> {
    for (offset, item) in items.enumerate() {
        let cell = table.cell(usize::from(index) + offset).ok_or(Sw::WRONG_DATA)?;
        action(cell, item)?;
    }
    Ok(())
}

impl Applet for Notebook {
    fn demand(&self) -> Demand {
        Demand {
            persistent: self.persistent.len(),
            until_deselect: self.until_deselect.len(),
            until_reset: self.until_reset.len(),
        }
    }

    fn is_multiselectable(&self) -> bool {
        self.public
    }

    fn install(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        called("install", context);
        // A length of 1 stands for an applet that writes, answers, and then does not want to be installed.
        if self.persistent.count() == 1 {
            context.memory.write(self.persistent.cell(0).unwrap(), &1)?;
            context.reply.put(b"no")?;
            return Err(Sw::FUNCTION_NOT_SUPPORTED);
        }
        Ok(())
    }

    fn select(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        called("select", context);
        let aid = context.aid;
        context.reply.put(aid.as_bytes())?;
        if self.shy {
            context.until_deselect.write(self.until_deselect.cell(0).unwrap(), &0x55);
            return Err(Sw::SECURITY_STATUS_NOT_SATISFIED);
        }
        // What the memory must not hold now.
        context.reply.value(&context.until_deselect.read(self.until_deselect.cell(0).unwrap()))
    }

    fn deselect(&self, context: &mut Context<'_>) {
        called("deselect", context);
        // It still has its memory, and whatever it answers is heard by nobody.
        let kept = context.until_deselect.read(self.until_deselect.cell(0).unwrap());
        if kept != 0 {
            called(&format!("kept {kept:02X}"), context);
        }
        context.reply.put(b"farewell").unwrap();
    }

    fn process(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        let Context { memory, until_deselect, until_reset, random, reply, .. } = context;
        let (p1, p2) = (command.p1(), command.p2());
        let bytes = || command.data().iter();
        match command.ins() {
            0x10 => each(&self.persistent, p1, bytes(), |cell, byte| Ok(memory.write(cell, byte)?)),
            0x11 => each(&self.persistent, p1, 0..p2, |cell, _| reply.value(&memory.read(cell))),
            0x12 => each(&self.until_deselect, p1, bytes(), |cell, byte| {
                until_deselect.write(cell, byte);
                Ok(())
            }),
            0x13 => each(&self.until_deselect, p1, 0..p2, |cell, _| reply.value(&until_deselect.read(cell))),
            0x14 => each(&self.until_reset, p1, bytes(), |cell, byte| {
                until_reset.write(cell, byte);
                Ok(())
            }),
            0x15 => each(&self.until_reset, p1, 0..p2, |cell, _| reply.value(&until_reset.read(cell))),
            0x16 => memory.atomically(|transaction| {
                each(&self.persistent, p1, bytes(), |cell, byte| Ok(transaction.write(cell, byte)?))?;
                match p2 {
                    0 => Ok(()),
                    1 => Err(Sw::WRONG_DATA),
                    _ => {
                        let mut layout = Layout::default();
                        layout.table::<u8>(self.persistent.len());
                        Ok(transaction.write(layout.cell::<u8>(), &1)?)
                    }
                }
            }),
            0x20 => (0..u16::from_be_bytes([p1, p2])).try_for_each(|i| reply.value(&i.to_be_bytes()[1])),
            0x22 => {
                let mut bytes = [0; 255];
                random.fill(&mut bytes[..usize::from(p1)])?;
                reply.put(&bytes[..usize::from(p1)])
            }
            0x24 => {
                reply.put(b"data")?;
                Err(Sw::from_bytes([p1, p2]))
            }
            0x26 => {
                let cell = self.persistent.cell(0).unwrap();
                let count = memory.read(cell).wrapping_add(1);
                memory.write(cell, &count)?;
                reply.value(&count)
            }
            0xA4 => reply.put(b"SELECT"),
            _ => Err(Sw::INS_NOT_SUPPORTED),
        }
    }
}

/// A card with these notebooks.
pub fn card(names: &[&[u8]]) -> Card {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(7))).unwrap();
    for name in names {
        card.install(MODULES, NOTEBOOK, Aid::new(name).unwrap(), &[]).unwrap();
    }
    calls();
    card
}

/// A card with one notebook, named as its module, selected.
pub fn selected() -> Card {
    let mut card = card(&[NOTEBOOK.as_bytes()]);
    assert_eq!(select(&mut card, NOTEBOOK.as_bytes()), 0x9000);
    calls();
    card
}

/// Sends bytes; returns data and status word.
pub fn send<T: Transport>(card: &mut T, command: &[u8]) -> (Vec<u8>, u16) {
    let mut response = [0xEE; 600];
    let length = card.transmit(command, &mut response).unwrap();
    let response = Response::decode(&response[..length]).unwrap();
    (response.data.to_vec(), response.sw.value())
}

/// Sends `80 ins p1 p2` with data and `Le` as needed to have all of the answer.
pub fn tell<T: Transport>(card: &mut T, ins: u8, p1: u8, p2: u8, data: &[u8]) -> (Vec<u8>, u16) {
    let command = Command::new(apdu::Cla::PROPRIETARY, ins, p1, p2, data, 65_536).unwrap();
    let mut bytes = [0; 700];
    let length = command.encode(&mut bytes).unwrap();
    send(card, &bytes[..length])
}

/// As [`tell`], to a card whose power fails meanwhile: it says nothing.
pub fn tell_off(card: &mut Card, ins: u8, p1: u8, p2: u8, data: &[u8]) {
    let command = Command::new(apdu::Cla::PROPRIETARY, ins, p1, p2, data, 65_536).unwrap();
    let mut bytes = [0; 700];
    let length = command.encode(&mut bytes).unwrap();
    let Ok(length) = card.transmit(&bytes[..length], &mut [0xEE; 600]);
    assert_eq!((length, card.is_on()), (0, false));
}

/// Selects the first occurrence of a name; returns the status word.
pub fn select<T: Transport>(card: &mut T, name: &[u8]) -> u16 {
    let mut bytes = [0; 64];
    let length = Command::new(apdu::Cla::INTERINDUSTRY, 0xA4, 4, 0, name, 256).unwrap().encode(&mut bytes).unwrap();
    send(card, &bytes[..length]).1
}

//! The issuer's end of a card, to test the card with.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its own part of this")]
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing)]

use apdu::{Aid, Channel, Cla, Command, ExchangeError, Response, Sw, Transport};
use applet_model::runtime::{Applet, Cell, Context, Demand, Layout};
use card_sim::{Card, DomainSetup, ISSUER_DOMAIN, Module, PUBLISHED_KEY_VERSION, PUBLISHED_KEYS, SeededRandom};
use globalplatform::command::{Install, Instruction, NewApplication, StoreData};
use globalplatform::scp03::host::{Host, Session};
use globalplatform::scp03::{Level, Parameter};
use globalplatform::{KeySet, Privileges};

/// The module of [`Diary`].
pub const DIARY: Aid = Aid::from_array(b"\xF0diary");
/// Two of its instances.
pub const FIRST: Aid = Aid::from_array(b"\xF0diary1");
pub const SECOND: Aid = Aid::from_array(b"\xF0diary2");
/// The modules of the test cards: one more, so that there are two load files.
pub const MODULES: &[Module] =
    &[Module { aid: DIARY, make: diary }, Module { aid: Aid::from_array(b"\xF0other"), make: |_| None }];

/// Keeps 16 bytes, given once by its issuer, and says which.
///
/// Install parameter: `FF` has it refuse to be installed. `80 01` answers its bytes. Personalised by 8 bytes in each of
/// two blocks, which it echoes reversed.
struct Diary {
    pages: [Cell<[u8; 8]>; 2],
    refuses: bool,
}

fn diary(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    let mut layout = Layout::default();
    let pages = [layout.cell(), layout.cell()];
    let refuses = match parameters {
        [] => false,
        [0xFF] => true,
        _ => return None,
    };
    Some(Box::new(Diary { pages, refuses }))
}

impl Applet for Diary {
    fn demand(&self) -> Demand {
        Demand { persistent: 16, until_deselect: 1, until_reset: 0 }
    }

    fn install(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        context.memory.write(self.pages[0], b"  blank ")?;
        if self.refuses { Err(Sw::FUNCTION_NOT_SUPPORTED) } else { Ok(()) }
    }

    fn select(&self, _: &mut Context<'_>) -> Result<(), Sw> {
        Ok(())
    }

    fn deselect(&self, _: &mut Context<'_>) {}

    fn process(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        if command.ins() != 0x01 {
            return Err(Sw::INS_NOT_SUPPORTED);
        }
        for page in self.pages {
            let bytes = context.memory.read(page);
            context.reply.put(&bytes)?;
        }
        Ok(())
    }

    fn personalise(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        let block = StoreData::decode(command)?;
        let page = self.pages.get(usize::from(block.number)).ok_or(Sw::INCORRECT_P1_P2)?;
        let bytes: [u8; 8] = block.data.try_into().map_err(|_| Sw::WRONG_LENGTH)?;
        context.memory.write(*page, &bytes)?;
        bytes.iter().rev().try_for_each(|byte| context.reply.put(&[*byte]))
    }
}

/// A blank card with a domain that has [`PUBLISHED_KEYS`].
pub fn blank() -> Card {
    with(&published(), 0x70)
}

pub fn published() -> KeySet {
    KeySet::from_bytes(&PUBLISHED_KEYS).unwrap()
}

/// A blank card with these keys and options.
pub fn with(keys: &KeySet, i: u8) -> Card {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(7))).unwrap();
    card.know(MODULES);
    let parameter = Parameter::try_from(i).unwrap();
    card.install_domain(&DomainSetup { parameter, ..DomainSetup::blank(keys) }).unwrap();
    card
}

/// One command on a channel, and the whole of its answer, GET RESPONSE included.
pub fn send_on(card: &mut Card, channel: u8, command: &Command<'_>) -> (Vec<u8>, Sw) {
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).unwrap();
    bytes[0] |= channel;
    let (mut data, mut sw) = raw(card, &bytes);
    while let Some(left) = sw.available() {
        let (more, next) = raw(card, &[channel, 0xC0, 0, 0, left]);
        data.extend(more);
        sw = next;
    }
    (data, sw)
}

/// These bytes, and one answer; nothing if the card has no power.
pub fn raw(card: &mut Card, bytes: &[u8]) -> (Vec<u8>, Sw) {
    let mut response = [0; 600];
    let Ok(length) = card.transmit(bytes, &mut response);
    match Response::decode(&response[..length]) {
        Ok(Response { data, sw }) => (data.to_vec(), sw),
        Err(_) => (Vec::new(), Sw::new(0)),
    }
}

pub fn select(card: &mut Card, aid: Aid) -> Sw {
    select_on(card, 0, aid)
}

pub fn select_on(card: &mut Card, channel: u8, aid: Aid) -> Sw {
    send_on(card, channel, &Command::new(Cla::INTERINDUSTRY, 0xA4, 4, 0, aid.as_bytes(), 256).unwrap()).1
}

/// The issuer's end of a session.
pub struct Issuer {
    pub session: Session,
    pub channel: u8,
}

/// Why there is no session.
pub type Refusal = Sw;

impl Issuer {
    /// Selects the domain and opens a session on the basic channel.
    pub fn open(card: &mut Card, keys: &KeySet, version: u8, level: Level) -> Result<Self, Refusal> {
        assert_eq!(select(card, ISSUER_DOMAIN), Sw::OK);
        Self::open_on(card, 0, keys, version, level)
    }

    /// With the published keys, at full level.
    pub fn blank(card: &mut Card) -> Self {
        Self::open(card, &published(), PUBLISHED_KEY_VERSION, Level::Full).unwrap()
    }

    /// Opens a session on a channel on which the domain is selected.
    pub fn open_on(card: &mut Card, channel: u8, keys: &KeySet, version: u8, level: Level) -> Result<Self, Refusal> {
        let host = Host::new(keys, version, *b"8 random").for_application(ISSUER_DOMAIN);
        let (data, sw) = send_on(card, channel, &host.initialize_update().command().unwrap());
        if !sw.is_ok() {
            return Err(sw);
        }
        let verified = host.receive(&Response { data: &data, sw }).unwrap();
        let mut room = [0; 16];
        let (authenticating, command) = verified.external_authenticate(level, &mut room).unwrap();
        let (data, sw) = send_on(card, channel, &command);
        let session = authenticating.accepted(&Response { data: &data, sw }).map_err(|_| sw)?;
        Ok(Self { session, channel })
    }

    /// A command as it goes over the wire, without waiting for its answer.
    pub fn wrapped(&mut self, command: &Command<'_>) -> Vec<u8> {
        let mut room = [0; 600];
        let (_, protected) = self.session.wrap(command, &mut room).unwrap();
        let mut bytes = vec![0; protected.encoded_len()];
        protected.encode(&mut bytes).unwrap();
        bytes[0] |= self.channel;
        bytes
    }

    /// A command in the session, and its answer.
    pub fn send(&mut self, card: &mut Card, command: &Command<'_>) -> (Vec<u8>, Sw) {
        let (mut a, mut b) = ([0; 600], [0; 600]);
        let (sent, protected) = self.session.wrap(command, &mut a).unwrap();
        let (data, sw) = send_on(card, self.channel, &protected);
        let response = sent.unwrap(&Response { data: &data, sw }, &mut b).unwrap();
        (response.data.to_vec(), response.sw)
    }

    /// The same for one of the domain's commands.
    pub fn ask<'a>(&mut self, card: &mut Card, command: &impl Instruction<'a>) -> (Vec<u8>, Sw) {
        let mut room = [0; 600];
        let command = command.encode(&mut room).unwrap();
        self.send(card, &command)
    }

    /// The status word alone.
    pub fn tell<'a>(&mut self, card: &mut Card, command: &impl Instruction<'a>) -> Sw {
        self.ask(card, command).1
    }
}

/// INSTALL [for install and make selectable] of a [`Diary`].
pub const fn diary_named(application: Aid) -> Install<'static> {
    Install::Application(NewApplication {
        load_file: DIARY,
        module: DIARY,
        application,
        privileges: Privileges::NONE,
        parameters: &[0xC9, 0],
        selectable: true,
    })
}

/// What the diary has, if it can be selected.
pub fn pages(card: &mut Card, aid: Aid) -> Option<Vec<u8>> {
    select(card, aid).is_ok().then(|| raw(card, &[0x80, 0x01, 0, 0, 0]).0)
}

/// The channel of this number.
pub fn channel(number: u8) -> Channel {
    Channel::new(number).unwrap()
}

/// [`Card`] never fails to answer.
pub type Never = ExchangeError<std::convert::Infallible>;

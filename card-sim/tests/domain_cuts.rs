//! The power fails in every command of the issuer domain: at each write, before each byte, the byte left unstable or not.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "domain/host.rs"]
mod host;

use apdu::{Aid, Command, Cut, PowerCut, Sw, Transport};
use card_sim::{Card, ISSUER_DOMAIN, PUBLISHED_KEY_VERSION, SeededRandom, image};
use globalplatform::command::{
    Delete, Encryption, Format, Install, Instruction, NewApplication, PutKey, SetStatus, StoreData,
};
use globalplatform::scp03::Level;
use globalplatform::scp03::host::Host;
use globalplatform::{ApplicationState, CardState, KeySet, Privileges};
use host::*;

/// What a card keeps without power: its applets, and the memory of each.
type Facts = Vec<(Aid, Vec<u8>)>;

fn facts(card: &Card) -> Facts {
    card.contents().map(|held| (held.aid, held.memory.to_vec())).collect()
}

fn load(image: &[u8]) -> Card {
    image::decode(image, MODULES, Box::new(SeededRandom::new(1))).unwrap()
}

/// Commands as they went over the wire, and what the card knew before the first and after each of them.
struct Recording {
    start: Vec<u8>,
    commands: Vec<(&'static str, Vec<u8>)>,
    facts: Vec<Facts>,
}

impl Recording {
    fn of(card: Card) -> (Self, Card) {
        let start = image::encode(&card);
        (Self { start, commands: Vec::new(), facts: vec![facts(&card)] }, card)
    }

    fn send(&mut self, card: &mut Card, what: &'static str, bytes: Vec<u8>) -> (Vec<u8>, Sw) {
        let answer = raw(card, &bytes);
        self.commands.push((what, bytes));
        self.facts.push(facts(card));
        answer
    }

    /// SELECT and the two commands of SCP03.
    fn open(&mut self, card: &mut Card, keys: &KeySet, version: u8) -> Issuer {
        let bytes = |command: &Command<'_>| {
            let mut bytes = vec![0; command.encoded_len()];
            command.encode(&mut bytes).unwrap();
            bytes
        };
        self.send(card, "SELECT", [&[0, 0xA4, 4, 0, 8], ISSUER_DOMAIN.as_bytes()].concat());
        let host = Host::new(keys, version, *b"8 random");
        let initialize = bytes(&host.initialize_update().command().unwrap());
        let (data, sw) = self.send(card, "INITIALIZE UPDATE", initialize);
        let verified = host.receive(&apdu::Response { data: &data, sw }).unwrap();
        let mut room = [0; 16];
        let (authenticating, command) = verified.external_authenticate(Level::Full, &mut room).unwrap();
        let (data, sw) = self.send(card, "EXTERNAL AUTHENTICATE", bytes(&command));
        Issuer { session: authenticating.accepted(&apdu::Response { data: &data, sw }).unwrap(), channel: 0 }
    }

    fn tell<'a>(&mut self, card: &mut Card, issuer: &mut Issuer, what: &'static str, command: &impl Instruction<'a>) {
        let mut room = [0; 600];
        let (mut a, mut b) = ([0; 600], [0; 600]);
        let (sent, protected) = issuer.session.wrap(&command.encode(&mut room).unwrap(), &mut a).unwrap();
        let mut bytes = vec![0; protected.encoded_len()];
        protected.encode(&mut bytes).unwrap();
        let (mut data, mut sw) = self.send(card, what, bytes);
        while let Some(left) = sw.available() {
            let (more, next) = raw(card, &[0, 0xC0, 0, 0, left]);
            data.extend(more);
            sw = next;
        }
        let answer = sent.unwrap(&apdu::Response { data: &data, sw }, &mut b).unwrap();
        assert_eq!(answer.sw, Sw::OK, "{what}");
    }

    /// The card right before this command.
    fn before(&self, index: usize) -> Card {
        let mut card = load(&self.start);
        for (what, bytes) in &self.commands[..index] {
            assert!(raw(&mut card, bytes).1.value() & 0xFF00 != 0x6900, "{what}");
        }
        assert_eq!(facts(&card), self.facts[index], "a recording plays as it was recorded");
        card
    }

    /// Cuts this command everywhere, and demands that what is found is among `states`, in their order.
    fn cut(&self, index: usize, states: &[Facts]) -> usize {
        let (what, bytes) = &self.commands[index];
        let mut cuts = 0;
        for unstable in [false, true] {
            let mut reached = 0;
            for write in 1.. {
                let mut length = 0;
                let mut at = 0;
                while at <= length {
                    let mut card = self.before(index);
                    card.arm(Some(Cut { write, bytes: u16::try_from(at).unwrap(), unstable }));
                    raw(&mut card, bytes);
                    if card.is_on() {
                        // There is no such write.
                        length = 0;
                        break;
                    }
                    (length, cuts) = (card.last_write(), cuts + 1);
                    // As the image has it, and as the card itself goes on.
                    let saved = image::encode(&card);
                    for coins in if unstable { &[0, u64::MAX][..] } else { &[0] } {
                        let mut card =
                            image::decode_unpowered(&saved, MODULES, Box::new(SeededRandom::new(1))).unwrap();
                        card.toss(*coins);
                        let Ok(()) = card.reset();
                        let found = facts(&card);
                        // Never back to what it was before an earlier cut; a coin may.
                        let from = if unstable { 0 } else { reached };
                        let state = states[from..].iter().position(|state| *state == found);
                        let state = state.unwrap_or_else(|| panic!("{what}: what is this at {write}, {at}?"));
                        reached = from + state;
                        let Ok(()) = card.reset();
                        assert_eq!(facts(&card), found, "{what}: not for ever at {write}, {at}");
                        assert_eq!(facts(&load(&image::encode(&card))), found);
                    }
                    at += 1;
                }
                if length == 0 {
                    break;
                }
            }
        }
        cuts
    }
}

fn other_keys() -> KeySet {
    KeySet::from_bytes(&[0xB7; 96]).unwrap()
}

fn block(number: u8, last: bool, data: &[u8]) -> StoreData<'_> {
    StoreData { number, last, encryption: Encryption::Unsaid, format: Format::Unsaid, response: true, data }
}

/// A card's life, from its first keys to its end.
fn life() -> Recording {
    let (mut log, mut card) = Recording::of(blank());
    let (published, others) = (published(), other_keys());
    let card = &mut card;
    let mut issuer = log.open(card, &published, PUBLISHED_KEY_VERSION);
    let issuer = &mut issuer;
    let mut room = [0; PutKey::MAX_LENGTH];
    let put = PutKey::key_set(0, 1, &others, published.dek(), &mut room).unwrap();
    log.tell(card, issuer, "PUT KEY, the first", &put);
    let put = PutKey::key_set(0, 2, &published, published.dek(), &mut room).unwrap();
    log.tell(card, issuer, "PUT KEY, another", &put);
    let put = PutKey::key_set(2, 3, &others, published.dek(), &mut room).unwrap();
    log.tell(card, issuer, "PUT KEY, in its place", &put);
    log.tell(card, issuer, "DELETE of keys", &Delete::Keys { id: None, version: Some(3) });
    log.tell(card, issuer, "INSTALL", &diary_named(FIRST));
    let Install::Application(new) = diary_named(SECOND) else { panic!() };
    let later = Install::Application(NewApplication { selectable: false, ..new });
    log.tell(card, issuer, "INSTALL, for later", &later);
    let now = Install::MakeSelectable { application: SECOND, privileges: Privileges::NONE };
    log.tell(card, issuer, "INSTALL, now", &now);
    log.tell(card, issuer, "INSTALL for personalization", &Install::Personalization { application: FIRST });
    log.tell(card, issuer, "STORE DATA", &block(0, false, b"Dear dia"));
    log.tell(card, issuer, "STORE DATA, the last", &block(1, true, b"ry, toda"));
    log.tell(card, issuer, "STORE DATA of its own", &block(0, true, b"\x42\x03abc\x45\x02de"));
    log.tell(
        card,
        issuer,
        "SET STATUS, locked",
        &SetStatus::application(FIRST, ApplicationState::Locked { before: 0 }),
    );
    log.tell(card, issuer, "DELETE", &Delete::Object { aid: FIRST, related: false });
    log.tell(card, issuer, "SET STATUS of the card", &SetStatus::card(CardState::Secured));
    log.tell(card, issuer, "SET STATUS, card locked", &SetStatus::card(CardState::CardLocked));
    log.tell(card, issuer, "SET STATUS, the end", &SetStatus::card(CardState::Terminated));
    assert_eq!(facts(card), *log.facts.last().unwrap());
    log
}

#[test]
fn every_command_is_done_or_not() {
    let log = life();
    let mut cuts = 0;
    for (index, (what, _)) in log.commands.iter().enumerate() {
        let (before, after) = (&log.facts[index], &log.facts[index + 1]);
        let states = match *what {
            // What counts a failure has its own test.
            "EXTERNAL AUTHENTICATE" => continue,
            // The applet has its data before the registry says so.
            "STORE DATA, the last" => {
                let place = before.iter().position(|(aid, _)| *aid == FIRST).unwrap();
                let mut between = before.clone();
                between[place] = after[place].clone();
                vec![before.clone(), between, after.clone()]
            }
            _ => vec![before.clone(), after.clone()],
        };
        let found = log.cut(index, &states);
        assert_eq!(found == 0, before == after, "{what} writes what it changes");
        cuts += found;
    }
    assert!(cuts > 1000, "{cuts}");
}

/// Wherever the power fails in an EXTERNAL AUTHENTICATE with a wrong cryptogram: whoever knows that it was wrong has been
/// counted.
#[test]
fn a_failure_is_counted_before_it_is_found() {
    let (mut log, mut card) = Recording::of(blank());
    log.open(&mut card, &published(), PUBLISHED_KEY_VERSION);
    let (_, right) = log.commands.pop().unwrap();
    log.facts.pop();
    let mut wrong = right.clone();
    wrong[5] ^= 1;

    let before = log.facts.last().unwrap().clone();
    let mut card = log.before(2);
    let writes = card.writes();
    assert_eq!(raw(&mut card, &wrong).1, Sw::WARNING_MEMORY_CHANGED);
    let counted = facts(&card);
    assert_ne!(counted, before);
    let writes = u32::try_from(card.writes() - writes).unwrap();
    for write in 1..=writes {
        let mut card = log.before(2);
        card.arm(Some(Cut { write, bytes: 0, unstable: false }));
        assert_eq!(raw(&mut card, &wrong).1, Sw::new(0), "no answer without a count");
    }
    log.commands.push(("EXTERNAL AUTHENTICATE, wrong", wrong));
    log.cut(2, &[before.clone(), counted.clone()]);

    // A right one is counted just the same until it is known to be right.
    log.commands.pop();
    log.commands.push(("EXTERNAL AUTHENTICATE", right));
    log.cut(2, &[before.clone(), counted, before]);
}

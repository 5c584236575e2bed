//! The power of a card cut at every non-volatile write of a command, before and after every byte of it: what is found at
//! the next power-up is the state before the command's transaction or the one after it, and no money or try is made.
//!
//! A [`Scene`] is two purses right before one command. Each of its writes is cut before every byte and behind the last; the
//! byte in the middle is stable once, and once unstable, reading as its old and as its new value. Then the power comes
//! back, and fails again at every byte of every write of the recovery, in the same manner. Whatever lies in the memory
//! when the card is on at last must be, byte for byte, one of two states: that between the transactions before the cut, or
//! that behind the one in which it came; and it must stay so when unstable cells read otherwise. And every such state is played on from: the payment is finished, balances and
//! tries are counted. (`card-sim` has a third cut, and more states, in the tests of its journal.)

mod error;
mod people;
mod scenes;

pub use error::{At, TearError};
pub use scenes::scenes;

use apdu::{Cut, PowerCut, Transport};
use card_sim::{Card, Snapshot};

use people::{People, Tries, Who};

/// One command of one purse, in one state of both.
#[derive(Clone, Copy)]
pub struct Scene {
    /// The command and what is special, in a few words.
    pub name: &'static str,
    /// Whether it is a command of a payment as it should be.
    pub of_payment: bool,
    make: fn() -> Result<Prepared, TearError>,
}

/// What has been torn of one scene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Torn {
    /// How many writes the command makes.
    pub writes: u32,
    /// How many bytes they have together.
    pub bytes: u32,
    /// How often the power was cut in the command; twice at a byte that is left unstable, once for each value it may have.
    pub cuts: u64,
    /// How often it was cut a second time, while the card recovered.
    pub second_cuts: u64,
    /// How many different states were found at power-up, the first and the last among them.
    pub states: usize,
}

/// When a command may bring tries back.
#[derive(Clone, Copy)]
enum Gains {
    Never,
    /// Once it is done.
    AtTheEnd,
    /// With its first transaction: others come after it.
    AtOnce,
}

impl Gains {
    /// Whether so in this state, of those that the command leads through.
    const fn allowed(self, index: usize, last: usize) -> bool {
        match self {
            Self::Never => false,
            Self::AtTheEnd => index == last,
            Self::AtOnce => index > 0,
        }
    }
}

/// Both purses right before the command.
struct Prepared {
    people: People,
    who: Who,
    command: Vec<u8>,
    gains: Gains,
    /// Plays on from what was found at power-up; whether the command was done is the last argument.
    settle: fn(&mut People, bool) -> Result<(), TearError>,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scene({})", self.name)
    }
}

impl Scene {
    /// Tears it; `progress` is told the number of cuts from time to time.
    ///
    /// # Errors
    /// [`TearError::Broken`] names the cut after which something was wrong.
    pub fn tear(&self, progress: &dyn Fn(u64)) -> Result<Torn, TearError> {
        let mut prepared = (self.make)()?;
        let mut states = States::of(&mut prepared)?;
        states.play_on(&mut prepared)?;
        let mut torn = Torn { states: states.found.len(), ..Torn::default() };
        for write in 1.. {
            let Some(len) = tear_write(&mut prepared, &states, write, &mut torn)? else { break };
            torn.writes = write;
            torn.bytes = torn.bytes.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
            progress(torn.cuts.saturating_add(torn.second_cuts));
        }
        Ok(torn)
    }
}

/// The states that the memory goes through between transactions, in order, and during which write which comes to be.
struct States {
    start: Snapshot,
    found: Vec<Snapshot>,
    /// For each write, how many transactions were done before it.
    done_before: Vec<usize>,
}

impl States {
    /// Watches the command with the power cut right behind each write: the marks that end a transaction are two writes of
    /// 8 bytes that change no applet's memory, and nothing else looks so.
    fn of(prepared: &mut Prepared) -> Result<Self, TearError> {
        let card = prepared.people.card(prepared.who);
        let start = card.snapshot();
        let (mut found, mut done_before, mut marks, mut last) =
            (vec![start.clone()], Vec::new(), 0_usize, start.clone());
        for write in 1.. {
            card.restore(&start).map_err(TearError::setup)?;
            card.arm(Some(Cut { write, bytes: u16::MAX, unstable: false }));
            if send(card, &prepared.command) {
                break;
            }
            done_before.push(found.len().saturating_sub(1));
            let now = card.snapshot();
            marks = if card.last_write() == 8 && card.remembers(&last) { marks.saturating_add(1) } else { 0 };
            if marks % 2 == 1 {
                found.push(powered_up(card, &start, &now)?);
            }
            last = now;
        }
        if !card.remembers(found.last().unwrap_or(&start)) {
            return Err(TearError::broken(None, None, "the command ends in the middle of a transaction"));
        }
        card.restore(&start).map_err(TearError::setup)?;
        Ok(Self { start, found, done_before })
    }

    /// Finishes the payment from each of them.
    fn play_on(&mut self, prepared: &mut Prepared) -> Result<(), TearError> {
        let (others, request) = (prepared.people.snapshot(), prepared.people.request);
        prepared.people.select()?;
        let before = Tries::of(prepared.people.purse(prepared.who))?;
        let last = self.found.len().saturating_sub(1);
        for (index, state) in self.found.iter().enumerate() {
            let wrong = |what: &str| TearError::broken(None, None, format!("in state {index} of {last}: {what}"));
            prepared.people.restore(&others)?;
            prepared.people.request = request;
            prepared.people.card(prepared.who).restore(state).map_err(TearError::setup)?;
            prepared.people.select()?;
            let tries = Tries::of(prepared.people.purse(prepared.who))?;
            if let Some(gained) = tries.gained(&before)
                && !prepared.gains.allowed(index, last)
            {
                return Err(wrong(gained));
            }
            let done = index == last && last > 0;
            (prepared.settle)(&mut prepared.people, done).map_err(|error| wrong(&error.in_words()))?;
        }
        prepared.people.restore(&others)
    }

    /// Which state the card remembers, if it is one of those that it may after a cut in this write.
    fn allowed(&self, card: &Card, write: u32) -> Option<&Snapshot> {
        let index = usize::try_from(write.saturating_sub(1)).unwrap_or(usize::MAX);
        let done = self.done_before.get(index).copied().unwrap_or_default();
        self.found.iter().skip(done).take(2).find(|state| card.remembers(state))
    }
}

/// A state as it is after a power-up, from the memory of a card without power.
fn powered_up(card: &mut Card, start: &Snapshot, torn: &Snapshot) -> Result<Snapshot, TearError> {
    card.restore(torn).map_err(TearError::setup)?;
    let Ok(()) = card.reset();
    if !card.remembers(torn) {
        return Err(TearError::broken(None, None, "what was committed is taken back at power-up"));
    }
    let found = card.snapshot();
    card.restore(start).map_err(TearError::setup)?;
    Ok(found)
}

/// Sends a command; whether the power held.
fn send(card: &mut Card, command: &[u8]) -> bool {
    let mut response = [0; 600];
    let Ok(_) = card.transmit(command, &mut response);
    card.is_on()
}

/// How the unstable cells may read, two of them at most: both as old, both as new, one so and one so.
const COINS: [u64; 4] = [0, u64::MAX, 0x5555_5555_5555_5555, 0xAAAA_AAAA_AAAA_AAAA];

/// Cuts one write of the command everywhere; returns its length, or nothing if there is no such write.
fn tear_write(
    prepared: &mut Prepared,
    states: &States,
    write: u32,
    torn: &mut Torn,
) -> Result<Option<usize>, TearError> {
    let command = prepared.command.as_slice();
    let card = prepared.people.card(prepared.who);
    let mut len = None;
    for cut in cuts(write) {
        card.restore(&states.start).map_err(TearError::setup)?;
        card.arm(Some(cut));
        if send(card, command) {
            held(cut, None)?;
            break;
        }
        let found = *len.get_or_insert(card.last_write());
        if usize::from(cut.bytes) > found || (cut.unstable && usize::from(cut.bytes) == found) {
            break;
        }
        let dark = card.snapshot();
        for coins in COINS.into_iter().take(if cut.unstable { 2 } else { 1 }) {
            let at = At { cut, coins };
            card.restore(&dark).map_err(TearError::setup)?;
            card.toss(coins);
            let Ok(()) = card.reset();
            torn.cuts = torn.cuts.saturating_add(1);
            expect(card, states, write, at, None)?;
            torn.second_cuts = torn.second_cuts.saturating_add(tear_recovery(card, states, &dark, at)?);
        }
    }
    Ok(len)
}

/// Cuts every write of the recovery everywhere; returns how often.
fn tear_recovery(card: &mut Card, states: &States, dark: &Snapshot, first: At) -> Result<u64, TearError> {
    let mut count = 0_u64;
    for write in 1.. {
        let mut len = None;
        for cut in cuts(write) {
            card.restore(dark).map_err(TearError::setup)?;
            card.toss(first.coins);
            card.arm(Some(cut));
            let Ok(()) = card.reset();
            if card.is_on() {
                held(first.cut, Some(cut))?;
                break;
            }
            let found = *len.get_or_insert(card.last_write());
            if usize::from(cut.bytes) > found || (cut.unstable && usize::from(cut.bytes) == found) {
                break;
            }
            let darker = cut.unstable.then(|| card.snapshot());
            for coins in COINS.into_iter().take(if cut.unstable { 4 } else { 2 }) {
                if let Some(darker) = &darker {
                    card.restore(darker).map_err(TearError::setup)?;
                } else if coins != 0 {
                    // The same once more, for the other value of what the first cut has left unstable.
                    card.restore(dark).map_err(TearError::setup)?;
                    card.toss(first.coins);
                    card.arm(Some(cut));
                    let Ok(()) = card.reset();
                }
                card.toss(coins);
                let Ok(()) = card.reset();
                count = count.saturating_add(1);
                expect(card, states, first.cut.write, first, Some(At { cut, coins }))?;
            }
        }
        if len.is_none() {
            break;
        }
    }
    Ok(count)
}

/// Every cut in one write, byte by byte; the caller stops behind its end.
fn cuts(write: u32) -> impl Iterator<Item = Cut> {
    (0..=u16::MAX).flat_map(move |bytes| [false, true].map(|unstable| Cut { write, bytes, unstable }))
}

/// The power held though it was to fail: that is right only if there is no such write at all.
fn held(first: Cut, second: Option<Cut>) -> Result<(), TearError> {
    let last = second.unwrap_or(first);
    if last.bytes == 0 && !last.unstable {
        return Ok(());
    }
    let at = |cut| At { cut, coins: 0 };
    Err(TearError::broken(Some(at(first)), second.map(at), "the power did not fail where it was to"))
}

/// That the card is on, and remembers what it may; and the same after one more power-up, whatever it reads then.
fn expect(card: &mut Card, states: &States, write: u32, first: At, second: Option<At>) -> Result<(), TearError> {
    if !card.is_on() {
        return Err(TearError::broken(Some(first), second, "the card does not come back"));
    }
    let Some(state) = states.allowed(card, write) else {
        return Err(TearError::broken(Some(first), second, "the state is neither the old nor the new one"));
    };
    let last = second.unwrap_or(first);
    if first.cut.unstable || last.cut.unstable {
        card.toss(!last.coins);
        let Ok(()) = card.reset();
        if !card.remembers(state) {
            return Err(TearError::broken(Some(first), second, "the state is another one at the next power-up"));
        }
    }
    Ok(())
}

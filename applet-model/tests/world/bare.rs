//! A purse without a card, on memory whose writes can be made to fail.
//!
//! The applet runs on a store of the test's own, and a write happens whole or not at all.

use apdu::{Channel, Command, Sw};
use applet_model::purse::{
    Answer, Capacity, ContactOrder, Counters, Frame, GetBalance, Identity, Instruction, Limits, Load, MenuData,
    PURSE_AID, Personalisation, Purse, StoreData,
};
use applet_model::runtime::{Applet, Context, Fault, Memory, PinBlock, Random, Reply, Store, Transient};
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Scheme, profile};

/// Memory that stops working after so many writes. A commit counts as a write.
#[derive(Clone)]
pub struct Cuttable {
    pub bytes: Vec<u8>,
    before: Option<Vec<u8>>,
    pub left: Option<usize>,
    pub writes: usize,
}

impl Cuttable {
    fn spend(&mut self) -> Result<(), Fault> {
        self.writes += 1;
        match &mut self.left {
            Some(0) => Err(Fault),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Power comes back: what was not committed is gone.
    fn power_up(&mut self) {
        self.left = None;
        if let Some(before) = self.before.take() {
            self.bytes = before;
        }
    }
}

impl Store for Cuttable {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.spend()?;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
    fn begin(&mut self) -> Result<(), Fault> {
        assert!(self.before.is_none(), "a transaction inside a transaction");
        self.before = Some(self.bytes.clone());
        Ok(())
    }
    fn commit(&mut self) -> Result<(), Fault> {
        self.spend()?;
        self.before = None;
        Ok(())
    }
    fn abort(&mut self) {
        if let Some(before) = self.before.take() {
            self.bytes = before;
        }
    }
}

struct NoRandom;

impl Random for NoRandom {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), Fault> {
        Err(Fault)
    }
}

/// A purse without a card.
#[derive(Clone)]
pub struct Bare {
    pub store: Cuttable,
    pub session: Vec<u8>,
    pub power: Vec<u8>,
}

impl Bare {
    /// Personalised and loaded.
    pub fn new(own: &str) -> Self {
        Self::with(own, LIMITS, 10_000)
    }

    pub fn with(own: &str, limits: Limits, balance: u32) -> Self {
        Self::with_menu(own, limits, balance, None)
    }

    pub fn with_menu(own: &str, limits: Limits, balance: u32, menu: Option<MenuData>) -> Self {
        let mut bare = Self::blank();
        let identity = identity(own);
        let block = PinBlock::parse("1234").unwrap();
        let personalisation = Personalisation {
            identity,
            profile: &profile::DIGITALLY_8,
            danger_accept_broken_profile: false,
            limits,
            menu,
            scheme: Scheme::Universal,
            epoch: 1,
            payment_key: &Key::new(Algorithm::AesCmac, &[7; 16]).unwrap(),
            issuer_key: &issuer_key(),
            pin: (3, &block),
            puk: (3, &block),
        };
        // As the issuer's domain hands it on.
        for frame in StoreData::frames(&personalisation) {
            bare.call(|purse, context| purse.personalise(&frame.command().unwrap(), context)).unwrap();
        }
        bare.send(&Load::new(&issuer_key(), &identity, Amount::new(balance), 1)).unwrap();
        bare
    }

    /// Nobody's.
    pub fn blank() -> Self {
        let demand = purse().demand();
        let store = Cuttable { bytes: vec![0; demand.persistent], before: None, left: None, writes: 0 };
        Self { store, session: vec![0; demand.until_deselect], power: vec![0; demand.until_reset] }
    }

    /// What the issuer orders at a contact.
    pub fn order(&mut self, order: &ContactOrder<'_>) -> Result<(), Sw> {
        self.call(|purse, context| purse.personalise(&order.frame().command().unwrap(), context)).map(|_| ())
    }

    /// What the issuer's domain hands on.
    pub fn hand_on(&mut self, command: &[u8]) -> Result<(), Sw> {
        let command = Command::decode(command).unwrap();
        self.call(|purse, context| purse.personalise(&command, context)).map(|_| ())
    }

    fn send_frame(&mut self, frame: &Frame) -> Result<Vec<u8>, Sw> {
        self.process(&frame.command().unwrap())
    }

    pub fn process(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Sw> {
        self.call(|purse, context| purse.process(command, context))
    }

    /// What every session begins with.
    pub fn select(&mut self) {
        self.call(|purse, context| purse.select(context)).unwrap();
    }

    fn call(&mut self, call: impl FnOnce(&Purse, &mut Context<'_>) -> Result<(), Sw>) -> Result<Vec<u8>, Sw> {
        let mut session = std::mem::take(&mut self.session);
        let answer = self.call_with(&mut session, call);
        self.session = session;
        answer.map(|((), data)| data)
    }

    /// One call, with this memory as that which lasts until deselection; and what was replied.
    pub fn call_with<T>(
        &mut self,
        session: &mut [u8],
        call: impl FnOnce(&Purse, &mut Context<'_>) -> Result<T, Sw>,
    ) -> Result<(T, Vec<u8>), Sw> {
        let (mut room, mut len) = ([0; 256], 0);
        let mut context = Context {
            aid: PURSE_AID,
            channel: Channel::BASIC,
            memory: Memory::new(&mut self.store),
            until_deselect: Transient::new(session),
            until_reset: Transient::new(&mut self.power),
            random: &mut NoRandom,
            reply: Reply::new(&mut room, &mut len),
        };
        let value = call(&purse(), &mut context)?;
        Ok((value, room[..len].to_vec()))
    }

    pub fn send<I: Instruction>(&mut self, instruction: &I) -> Result<I::Answer, Sw> {
        self.send_frame(&instruction.frame()).map(|data| I::Answer::read(&data).unwrap())
    }

    pub fn power_cycle(&mut self) {
        self.store.power_up();
        self.session.fill(0);
        self.power.fill(0);
    }

    pub fn balance(&mut self) -> u32 {
        self.send(&GetBalance).unwrap().minor_units()
    }

    pub fn counters(&mut self) -> Counters {
        let command = [0x00, 0xCA, 0xDF, 0x23, 0x00];
        let data = self.process(&Command::decode(&command).unwrap()).unwrap();
        Counters::read(&data[3..]).unwrap()
    }
}

pub fn purse() -> Purse {
    Purse::new(Capacity::CONSUMER)
}

pub fn issuer_key() -> Key<Issuer> {
    Key::new(Algorithm::AesCmac, &[9; 16]).unwrap()
}

pub fn msisdn(text: &str) -> Msisdn {
    text.parse().unwrap()
}

pub fn identity(own: &str) -> Identity {
    Identity {
        number: Some(msisdn(own)),
        currency: Currency::new(404).unwrap().bcd(),
        decimals: 2,
        sequence: 1,
        serials_above: 0,
    }
}

pub const LIMITS: Limits = Limits {
    payment: Amount::new(5000),
    balance: Amount::new(50_000),
    opens: 200,
    failures: 100,
    tries: 5,
    refusals: 20,
    unacknowledged: 64,
};

pub const ALICE: &str = "+254700000001";
pub const BOB: &str = "+254700000002";
pub const X: Amount = Amount::new(400);

/// Runs `action` with the power failing at its first write, at its second, and so on until it survives. After each cut
/// the state is handed to `check`, with whether the action had answered. Returns the number of cuts.
pub fn at_every_write<A>(
    start: &Bare,
    action: impl Fn(&mut Bare) -> Result<A, Sw>,
    check: impl Fn(&mut Bare, bool),
) -> usize {
    for left in 0..1_000 {
        let mut bare = start.clone();
        bare.store.left = Some(left);
        let answered = action(&mut bare).is_ok();
        bare.power_cycle();
        check(&mut bare, answered);
        if answered {
            return left;
        }
    }
    unreachable!("the action is refused though the power holds")
}

//! Alice, who pays, and Bob, who is paid: two purses on software cards, and what must hold of them.

use std::convert::Infallible;

use apdu::{Cla, Command, Sw, exchange};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{
    Capacity, Counters, File, Identity, Instruction, Limits, Load, OpenedRequest, PURSE_AID, Personalisation, Purse,
    status,
};
use applet_model::runtime::PinBlock;
use card_sim::{Card, DomainSetup, Module, SeededRandom, Snapshot};
use digitally::{Algorithm, Amount, Code, Currency, Issuer, Key, Msisdn, Scheme, profile};
use globalplatform::{Access, KeySet};

use super::TearError;

type Answer<T> = Result<T, ClientError<Infallible>>;

const MODULES: [Module; 1] =
    [Module { aid: PURSE_AID, make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))) }];

/// What is paid.
pub(super) const AMOUNT: Amount = Amount::new(400_00);
/// What Alice has at the start.
const ALICE_HAS: Amount = Amount::new(2_000_00);
/// What Bob has.
const BOB_HAS: Amount = Amount::new(100_00);

pub(super) const PIN: &str = "1234";
pub(super) const NEW_PIN: &str = "567890";
pub(super) const WRONG_PIN: &str = "9999";
pub(super) const PUK: &str = "87654321";

/// Lists so short that each is full after two.
pub(super) const SMALL: Capacity =
    Capacity { counters: 1, requests: 2, payees: 1, payments: 4, history: 1, contacts: 2 };

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Alice,
    Bob,
}

/// Both, and what has been said between them.
pub(super) struct People {
    alice: Client<Card>,
    bob: Client<Card>,
    /// The request that Bob has opened last.
    pub(super) request: Option<OpenedRequest>,
    /// What both have together.
    pub(super) sum: u64,
    /// Alice's PIN, and what it becomes.
    pub(super) pin: &'static str,
    pub(super) next_pin: &'static str,
}

/// What a guesser would like to have more of.
#[derive(Debug)]
pub(super) struct Tries {
    counters: Counters,
    requests: Vec<(u32, u8)>,
}

pub(super) fn pin(text: &str) -> Result<PinBlock, TearError> {
    PinBlock::parse(text).map_err(TearError::setup)
}

pub(super) fn number(who: Who) -> Result<Msisdn, TearError> {
    let last = if who == Who::Alice { 1 } else { 2 };
    Msisdn::from_bcd(&[0xFF, 0xFF, 0x25, 0x47, 0, 0, 0, last]).map_err(TearError::setup)
}

pub(super) fn identity(who: Who) -> Result<Identity, TearError> {
    let currency = Currency::new(404).map_err(TearError::setup)?.bcd();
    Ok(Identity { number: Some(number(who)?), currency, decimals: 2, sequence: 1, serials_above: 0 })
}

pub(super) fn issuer_key(who: Who) -> Result<Key<Issuer>, TearError> {
    Key::new(Algorithm::AesCmac, &[if who == Who::Alice { 0xA1 } else { 0xB0 }; 16]).map_err(TearError::setup)
}

/// Does something with a personalisation for one of them.
pub(super) fn personalisation<T>(
    who: Who,
    capacity: Capacity,
    then: impl FnOnce(&Personalisation<'_>) -> Result<T, TearError>,
) -> Result<T, TearError> {
    let limits = Limits {
        payment: Amount::new(5_000_00),
        balance: Amount::new(50_000_00),
        opens: 200,
        failures: 100,
        tries: 5,
        refusals: 20,
        unacknowledged: capacity.payments,
    };
    then(&Personalisation {
        identity: identity(who)?,
        profile: &profile::DIGITALLY_8,
        danger_accept_broken_profile: false,
        menu: None,
        limits,
        scheme: Scheme::Universal,
        epoch: 1,
        payment_key: &Key::new(Algorithm::AesCmac, &[0x4B; 16]).map_err(TearError::setup)?,
        issuer_key: &issuer_key(who)?,
        pin: (3, &pin(PIN)?),
        puk: (3, &pin(PUK)?),
    })
}

/// A card with a purse of this capacity, nobody's yet.
pub(super) fn blank(capacity: Capacity) -> Result<Client<Card>, TearError> {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(1))).map_err(TearError::setup)?;
    card.install_domain(&DomainSetup::blank(&KeySet::published())).map_err(TearError::setup)?;
    card.install(&MODULES, PURSE_AID, PURSE_AID, &capacity.to_bytes()).map_err(TearError::setup)?;
    Ok(Client::select(card, &PURSE_AID)?)
}

fn person(who: Who, capacity: Capacity, balance: Amount) -> Result<Client<Card>, TearError> {
    let mut purse = blank(capacity)?;
    personalisation(who, capacity, |of| Ok(purse.personalise(Access::published(&KeySet::published()), of)?))?;
    purse.send(&Load::new(&issuer_key(who)?, &identity(who)?, balance, 1))?;
    Ok(purse)
}

impl People {
    /// Both with purses of this capacity, personalised and loaded.
    pub(super) fn new(capacity: Capacity) -> Result<Self, TearError> {
        let (alice, bob) = (person(Who::Alice, capacity, ALICE_HAS)?, person(Who::Bob, capacity, BOB_HAS)?);
        let sum = u64::from(ALICE_HAS.minor_units()).saturating_add(BOB_HAS.minor_units().into());
        Ok(Self { alice, bob, request: None, sum, pin: PIN, next_pin: PIN })
    }

    /// Alice with a card that is nobody's yet, and Bob.
    pub(super) fn with_blank(capacity: Capacity) -> Result<Self, TearError> {
        let bob = person(Who::Bob, capacity, BOB_HAS)?;
        Ok(Self {
            alice: blank(capacity)?,
            bob,
            request: None,
            sum: BOB_HAS.minor_units().into(),
            pin: PIN,
            next_pin: PIN,
        })
    }

    pub(super) const fn purse(&mut self, who: Who) -> &mut Client<Card> {
        match who {
            Who::Alice => &mut self.alice,
            Who::Bob => &mut self.bob,
        }
    }

    pub(super) const fn card(&mut self, who: Who) -> &mut Card {
        self.purse(who).transport()
    }

    pub(super) fn snapshot(&mut self) -> [Snapshot; 2] {
        [self.card(Who::Alice).snapshot(), self.card(Who::Bob).snapshot()]
    }

    pub(super) fn restore(&mut self, [alice, bob]: &[Snapshot; 2]) -> Result<(), TearError> {
        self.card(Who::Alice).restore(alice).map_err(TearError::setup)?;
        self.card(Who::Bob).restore(bob).map_err(TearError::setup)
    }

    /// Selects both purses anew.
    pub(super) fn select(&mut self) -> Result<(), TearError> {
        let select =
            Command::new(Cla::INTERINDUSTRY, 0xA4, 0x04, 0x0C, PURSE_AID.as_bytes(), 0).map_err(TearError::setup)?;
        for who in [Who::Alice, Who::Bob] {
            let (mut command, mut response) = ([0; 32], [0; 32]);
            exchange(self.card(who), &select, &mut command, &mut response).map_err(ClientError::Exchange)?;
        }
        Ok(())
    }

    /// Bob opens a request to Alice.
    pub(super) fn open(&mut self) -> Result<OpenedRequest, TearError> {
        let opened = self.bob.request(number(Who::Alice)?, AMOUNT)?;
        self.request = Some(opened);
        Ok(opened)
    }

    /// The request that is open, or a new one.
    fn request(&mut self) -> Result<OpenedRequest, TearError> {
        self.request.map_or_else(|| self.open(), Ok)
    }

    /// Alice types the open request in; it waits for her PIN.
    pub(super) fn check(&mut self) -> Result<(), TearError> {
        let code = self.request()?.code;
        self.alice.check(number(Who::Bob)?, AMOUNT, code)?;
        Ok(())
    }

    /// Alice pays: CHECK, VERIFY, AUTHORISE.
    pub(super) fn pay(&mut self) -> Answer<Code> {
        let request = self.request.map_or(Code::new(0, 8), |request| Ok(request.code));
        let (Ok(code), Ok(bob), Ok(pin)) = (request, number(Who::Bob), pin(self.pin)) else {
            return Err(ClientError::Refused(Sw::UNKNOWN));
        };
        let mut pending = self.alice.check(bob, AMOUNT, code)?;
        pending.verify(&pin)?;
        Ok(pending.authorise()?.code)
    }

    /// Finishes the payment from wherever it stands, and counts the money: the response can be shown again or the payment
    /// was not made; it is credited once.
    pub(super) fn finish(&mut self) -> Result<(), TearError> {
        let before = self.balances()?;
        let request = self.request()?;
        let code = match self.alice.last(0) {
            Ok(last) => last.code,
            Err(error) if error.sw() == Some(Sw::RECORD_NOT_FOUND) => self.pay()?,
            Err(error) => return Err(error.into()),
        };
        match self.bob.confirm(request.id, code) {
            Ok(_) => {}
            Err(error) if error.sw() == Some(status::ALREADY_RECEIVED) => {}
            Err(error) => return Err(error.into()),
        }
        if self.bob.confirm(request.id, code).err().and_then(|error| error.sw()) != Some(status::ALREADY_RECEIVED) {
            return Err(TearError::wrong("a response is credited twice"));
        }
        let after = self.balances()?;
        let sum = after.iter().map(|balance| u64::from(*balance)).sum::<u64>();
        if sum != self.sum {
            let sums =
                format!("the purses hold {sum} minor units together, not {}: {before:?}, then {after:?}", self.sum);
            return Err(TearError::wrong(sums));
        }
        Ok(())
    }

    /// What is in both purses, in minor units.
    pub(super) fn balances(&mut self) -> Result<[u32; 2], TearError> {
        Ok([self.alice.balance()?.minor_units(), self.bob.balance()?.minor_units()])
    }
}

impl Tries {
    pub(super) fn of(purse: &mut Client<Card>) -> Result<Self, TearError> {
        let counters = purse.data()?;
        let mut requests = Vec::new();
        // A purse that is nobody's has no files.
        while let Ok(Some(shown)) =
            purse.open_request(u8::try_from(requests.len()).unwrap_or(u8::MAX).saturating_add(1))
        {
            requests.push((shown.open.id, shown.open.tries));
        }
        Ok(Self { counters, requests })
    }

    /// What there is more of than before.
    pub(super) fn gained(&self, before: &Self) -> Option<&'static str> {
        let (now, then) = (&self.counters, &before.counters);
        if now.pin_tries > then.pin_tries {
            return Some("PIN tries were gained");
        }
        if now.puk_tries > then.puk_tries {
            return Some("PUK tries were gained");
        }
        if now.wrong_responses_since_contact < then.wrong_responses_since_contact
            || now.wrong_responses < then.wrong_responses
        {
            return Some("wrong responses were forgotten");
        }
        if now.wrong_requests < then.wrong_requests || now.opened < then.opened {
            return Some("requests were forgotten");
        }
        let gained = |(id, tries): &(u32, u8)| before.requests.iter().any(|(other, had)| other == id && tries > had);
        self.requests.iter().any(gained).then_some("tries of a request were gained")
    }
}

/// The bytes of a command of the purse.
pub(super) fn bytes(instruction: &impl Instruction) -> Result<Vec<u8>, TearError> {
    encoded(&instruction.frame().command().map_err(TearError::setup)?)
}

/// The bytes of a command.
pub(super) fn encoded(command: &apdu::Command<'_>) -> Result<Vec<u8>, TearError> {
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).map_err(TearError::setup)?;
    Ok(bytes)
}

/// The log of one of them, how many entries of file `file`.
pub(super) fn entries(purse: &mut Client<Card>, file: File) -> Result<usize, TearError> {
    let mut count = 0_u8;
    while purse.entry(file, count.saturating_add(1))?.is_some() {
        count = count.saturating_add(1);
    }
    Ok(count.into())
}

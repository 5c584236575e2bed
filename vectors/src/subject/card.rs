//! A card as the implementation under test: blank ones, personalised with the published test keys.

pub(crate) mod code;
pub(crate) mod live;
pub(crate) mod refusal;

use apdu::{Sw, Transport};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{Identity, Limits, Load, OpenedRequest, PURSE_AID, Personalisation};
use applet_model::runtime::PinBlock;
use digitally::profile::NonceRule;
use digitally::{Algorithm, Amount, Currency, Issuer, Key, KeyLength, Msisdn, Payment};
use globalplatform::{Access, KeySet};

use super::{Ask, SubjectError};
use crate::kind::suite::SuiteFields;
use crate::kind::{Group, Kind, Test};
use crate::report::Verdict;

/// Where blank cards come from: each with the purse installed, and not personalised.
pub trait Cards {
    /// Such a card.
    type Card: Transport;

    /// One more of them. A card that was given before may have been dropped, and be the same one.
    ///
    /// # Errors
    /// Why there is none.
    fn blank(&mut self) -> Result<Self::Card, CardError>;

    /// How one gets into the issuer domain of those that [`blank`](Self::blank) gives: with the published keys, which blank
    /// cards for tests have, unless others are named. No other keys are tried then.
    ///
    /// # Errors
    /// Why nobody can.
    fn access(&mut self) -> Result<Option<Access<'_>>, CardError> {
        Ok(None)
    }

    /// How many there can be at once, if that is limited. What takes more is not asked.
    fn at_once(&self) -> Option<usize> {
        None
    }
}

/// A card that cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CardError {
    /// What happened.
    pub message: String,
}

impl CardError {
    /// With this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Judges cards.
#[derive(Debug)]
pub struct OnCards<C>(
    /// Where they come from.
    pub C,
);

impl<C: Cards> Ask for OnCards<C> {
    fn ask<K: Kind>(&mut self, group: &Group<K>, test: &Test<K>) -> Result<Verdict, SubjectError> {
        let at_test = |error: CardError| CardError::new(format!("at test {}: {}", test.id, error.message));
        Ok(K::on_card(&mut self.0, &group.shared, test).map_err(at_test)?)
    }
}

/// What a question is that no command of a purse asks.
pub(crate) fn no_command() -> Verdict {
    Verdict::NotAsked("no command of a purse asks this".into())
}

/// The key under which test cards take value. Published: for tests only.
pub(crate) const ISSUER_KEY: [u8; 16] = [0xA0; 16];

/// PIN and PUK of test cards.
pub(crate) const PIN: &str = "1234";
pub(crate) const PUK: &str = "87654321";

/// How often a random nonce is drawn until it is the wanted one of 1,000: missed with a chance of 10⁻¹³.
const DRAWS: u32 = 30_000;

/// A purse of a test.
pub(crate) struct TestCard<T> {
    pub(crate) purse: Client<T>,
    identity: Identity,
}

/// What a card said: an answer, or the status word by which it refused.
pub(crate) type Said<A> = Result<A, Sw>;

/// Separates what a card may say from what must not happen.
pub(crate) fn said<A, E: core::error::Error>(result: Result<A, ClientError<E>>) -> Result<Said<A>, CardError> {
    match result {
        Ok(answer) => Ok(Ok(answer)),
        Err(ClientError::Refused(sw)) => Ok(Err(sw)),
        Err(error) => Err(CardError::new(error.to_string())),
    }
}

pub(crate) fn pin(text: &str) -> Result<PinBlock, CardError> {
    PinBlock::parse(text).map_err(|error| CardError::new(format!("`{text}` is not a PIN: {error}")))
}

pub(crate) fn issuer_key(bytes: &[u8]) -> Result<Key<Issuer>, CardError> {
    Key::new(Algorithm::AesCmac, bytes).map_err(|error: KeyLength| CardError::new(error.to_string()))
}

impl<T: Transport> TestCard<T> {
    /// Selects the purse of the next blank card and personalises it.
    pub(crate) fn personalise<C: Cards<Card = T>>(
        cards: &mut C,
        personalisation: &Personalisation<'_>,
    ) -> Result<Self, CardError> {
        let card = cards.blank()?;
        let mut purse = Client::select(card, &PURSE_AID).map_err(|error| CardError::new(format!("SELECT: {error}")))?;
        let published = KeySet::published();
        let access = cards.access()?.unwrap_or_else(|| Access::published(&published));
        purse
            .personalise(access, personalisation)
            .map_err(|error| CardError::new(format!("personalisation: {error}")))?;
        Ok(Self { purse, identity: personalisation.identity })
    }

    /// A card of this number, with limits that stand in no test's way.
    fn of<C: Cards<Card = T>>(
        cards: &mut C,
        fields: &SuiteFields,
        opened: &(Key<Payment>, Currency),
        number: Msisdn,
        serials_above: u32,
    ) -> Result<Self, CardError> {
        const LIMITS: Limits = Limits {
            payment: Amount::new(u32::MAX),
            balance: Amount::new(u32::MAX),
            opens: u16::MAX,
            failures: u16::MAX,
            tries: 15,
            refusals: u8::MAX,
            unacknowledged: 16,
        };
        let currency = opened.1.bcd();
        let identity = Identity { number: Some(number), currency, decimals: 2, sequence: 1, serials_above };
        let personalisation = Personalisation {
            identity,
            profile: fields.profile,
            danger_accept_broken_profile: fields.profile.broken().is_some(),
            menu: None,
            limits: LIMITS,
            scheme: fields.scheme,
            epoch: fields.epoch,
            payment_key: &opened.0,
            issuer_key: &issuer_key(&ISSUER_KEY)?,
            pin: (3, &pin(PIN)?),
            puk: (10, &pin(PUK)?),
        };
        Self::personalise(cards, &personalisation)
    }

    /// Loads value, as the first order of the issuer.
    fn load(&mut self, amount: Amount) -> Result<(), CardError> {
        let load = Load::new(&issuer_key(&ISSUER_KEY)?, &self.identity, amount, 1);
        self.purse.send(&load).map(|_| ()).map_err(|error| CardError::new(format!("LOAD: {error}")))
    }

    /// Opens a request with this N_B: the first that the card makes if nonces are serials, else as soon as it is drawn.
    fn request(
        &mut self,
        fields: &SuiteFields,
        payer: Msisdn,
        amount: Amount,
        nonce: u32,
    ) -> Result<Said<OpenedRequest>, CardError> {
        for _ in 0..DRAWS {
            let opened = match said(self.purse.request(payer, amount))? {
                Ok(opened) => opened,
                Err(sw) => return Ok(Err(sw)),
            };
            let drawn = opened.code.split(fields.profile.request.nonce).0.value();
            if fields.profile.payee_nonce != NonceRule::Random || drawn == u128::from(nonce) {
                return Ok(Ok(opened));
            }
        }
        Err(CardError::new(format!("in {DRAWS} requests N_B was never {nonce}: are its nonces random?")))
    }
}

/// The number above which a card has to start so that its first serial is this one.
const fn just_below(fields: &SuiteFields, nonce: u32) -> u32 {
    match fields.profile.payee_nonce {
        NonceRule::Random => 0,
        NonceRule::Serial { .. } => nonce.saturating_sub(1),
    }
}

/// How often a payer who has paid nothing to this payee has to type a request with this N_B. Nothing if it is too far
/// ahead.
fn times_to_type(fields: &SuiteFields, nonce: u32) -> Option<u8> {
    match fields.profile.payee_nonce {
        NonceRule::Random => Some(1),
        NonceRule::Serial { further } => {
            let range = fields.profile.nonce_range();
            match nonce.saturating_sub(1).checked_div(range)? {
                0 => Some(1),
                ahead if ahead <= further => Some(2),
                _ => None,
            }
        }
    }
}

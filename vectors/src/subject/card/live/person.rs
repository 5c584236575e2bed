//! Somebody with a card, in a conversation.

use std::collections::BTreeMap;

use apdu::Transport;
use applet_model::purse::{Identity, Limits, Load, Personalisation, Unload};
use digitally::profile::NonceRule;
use digitally::{Amount, Code, Counter, Currency, Key, Msisdn, Payment, Request, Terms};

use super::super::{CardError, Cards, Said, TestCard, issuer_key, pin, said};
use crate::kind::live::CardFields;
use crate::kind::suite::{self, SuiteFields};
use crate::report::Difference;

/// So many ranges ahead of the last serial a new one is looked for.
const AHEAD: usize = 16;

/// Somebody with a card.
pub(super) struct Person<T> {
    pub(super) card: TestCard<T>,
    pub(super) number: Msisdn,
    pub(super) suite: SuiteFields,
    pub(super) opened: (Key<Payment>, Currency),
    pub(super) issuer_key: Vec<u8>,
    /// Orders of the issuer that were carried out.
    pub(super) orders: u32,
    /// Above this the next serial is expected, for each payer.
    pub(super) serials: BTreeMap<Msisdn, u32>,
    pub(super) serials_above: u32,
    /// What waits for its PIN: the terms, and N_B if it is known here.
    pub(super) checked: Option<(Terms, Option<u32>)>,
}

fn bad(what: &str) -> CardError {
    CardError::new(format!("`{what}` breaks a rule of the protocol"))
}

pub(super) fn number(fields: &CardFields) -> Result<Msisdn, CardError> {
    suite::number(&fields.number).map_err(|_| bad("number"))
}

impl<T: Transport> Person<T> {
    pub(super) fn new<C: Cards<Card = T>>(cards: &mut C, fields: &CardFields) -> Result<Self, CardError> {
        let number = number(fields)?;
        let suite = SuiteFields {
            profile: fields.profile,
            algorithm: fields.algorithm,
            key: fields.payment_key.clone(),
            scheme: fields.scheme,
            epoch: fields.epoch,
            currency: fields.currency,
        };
        let opened = suite.open().map_err(|_| bad("payment_key or currency"))?;
        let limits = fields.limits;
        let personalisation = Personalisation {
            identity: Identity {
                number: Some(number),
                currency: opened.1.bcd(),
                decimals: fields.decimals,
                sequence: 1,
                serials_above: fields.serials_above,
            },
            profile: fields.profile,
            danger_accept_broken_profile: fields.profile.broken().is_some(),
            menu: None,
            limits: Limits {
                payment: Amount::new(limits.payment),
                balance: Amount::new(limits.balance),
                opens: limits.opens,
                failures: limits.failures,
                tries: limits.tries,
                refusals: limits.refusals,
                unacknowledged: limits.unacknowledged,
            },
            scheme: fields.scheme,
            epoch: fields.epoch,
            payment_key: &opened.0,
            issuer_key: &issuer_key(fields.issuer_key.bytes())?,
            pin: (fields.pin_tries, &pin(&fields.pin)?),
            puk: (fields.puk_tries, &pin(&fields.puk)?),
        };
        let card = TestCard::personalise(cards, &personalisation)?;
        let mut person = Self {
            card,
            number,
            suite,
            issuer_key: fields.issuer_key.bytes().to_vec(),
            orders: 0,
            serials: BTreeMap::new(),
            serials_above: fields.serials_above,
            checked: None,
            opened,
        };
        if fields.balance > 0 {
            let loaded = person.order(fields.balance, true)?;
            loaded.map_err(|sw| CardError::new(format!("LOAD before the test: {sw}")))?;
        }
        Ok(person)
    }

    /// LOAD or UNLOAD.
    pub(super) fn order(&mut self, amount: u32, load: bool) -> Result<Said<()>, CardError> {
        let (key, amount, next) = (issuer_key(&self.issuer_key)?, Amount::new(amount), self.orders.saturating_add(1));
        let identity = &self.card.identity;
        let receipt = if load {
            let order = Load::new(&key, identity, amount, next);
            said(self.card.purse.send(&order))?.map(|receipt| order.is_receipted(&key, identity, &receipt))
        } else {
            let order = Unload::new(&key, identity, amount, next);
            said(self.card.purse.send(&order))?.map(|receipt| order.is_receipted(&key, identity, &receipt))
        };
        match receipt {
            Ok(true) => {
                self.orders = next;
                Ok(Ok(()))
            }
            Ok(false) => Err(CardError::new("the receipt of the card is not authentic")),
            Err(sw) => Ok(Err(sw)),
        }
    }

    /// The request behind the digits that this card showed, or what it should have shown.
    pub(super) fn recognise(&mut self, terms: Terms, shown: &Code) -> Result<Request, Difference> {
        let suite = self.suite.suite(&self.opened);
        let profile = suite.profile;
        let tail = u32::try_from(shown.split(profile.request.nonce).0.value()).unwrap_or(u32::MAX);
        let last = self.serials.get(terms.payer()).copied().unwrap_or(self.serials_above);
        let candidates: Vec<u32> = match profile.payee_nonce {
            NonceRule::Random => vec![tail],
            NonceRule::Serial { .. } => Counter::at(last).following(tail, profile.nonce_range()).take(AHEAD).collect(),
        };
        let as_shown = |nonce: &u32| Request::recall(terms, *nonce).code(&suite).to_string() == shown.to_string();
        match candidates.iter().copied().find(as_shown) {
            Some(nonce) => {
                self.serials.insert(*terms.payer(), nonce);
                Ok(Request::recall(terms, nonce))
            }
            None => {
                let nearest = Request::recall(terms, candidates.first().copied().unwrap_or(last));
                let expected = format!("{} (N_B {})", nearest.code(&suite), nearest.payee_nonce());
                Err(Difference::new("code", expected, shown))
            }
        }
    }
}

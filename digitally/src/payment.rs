//! Request and response: computed by one purse, verified by the other.

use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::message::{Kind, Message, Variables};
use crate::profile::NonceRule;
use crate::{Amount, Code, Counter, Currency, Key, Msisdn, Nonce, Payment, Profile};

/// How the two purses come to share their key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// One key on all cards, for small amounts.
    Universal,
    /// A key for each pair of cards, derived from shares of a symmetric polynomial.
    Pairwise,
    /// A key from the issuer for one pair, carried by a ticket.
    Ticket,
}

impl Scheme {
    /// The byte that names it in a MAC input and on a card.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Universal => 0x00,
            Self::Pairwise => 0x01,
            Self::Ticket => 0x02,
        }
    }

    /// The scheme of that byte, if there is one.
    #[inline]
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0x00 => Some(Self::Universal),
            0x01 => Some(Self::Pairwise),
            0x02 => Some(Self::Ticket),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Universal => "universal",
            Self::Pairwise => "pairwise",
            Self::Ticket => "ticket",
        }
    }
}

/// What both purses agree on before any payment: protocol, currency and key.
#[derive(Clone, Copy, Debug)]
pub struct Suite<'k> {
    /// The protocol.
    pub profile: &'k Profile,
    /// How the key came to be shared.
    pub scheme: Scheme,
    /// Which generation of the key.
    pub epoch: u8,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The key, with its algorithm.
    pub key: &'k Key<Payment>,
}

/// Who pays whom how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    payer: Msisdn,
    payee: Msisdn,
    amount: Amount,
}

/// Terms that no purse accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TermsError {
    /// Payer and payee are the same number.
    #[error("payer and payee are the same number")]
    SameParty,
    /// The amount is zero.
    #[error("the amount is zero")]
    ZeroAmount,
}

impl Terms {
    /// The terms of a payment.
    ///
    /// # Errors
    /// [`TermsError`] if payer and payee are one, or the amount is zero.
    pub fn new(payer: Msisdn, payee: Msisdn, amount: Amount) -> Result<Self, TermsError> {
        if payer == payee {
            return Err(TermsError::SameParty);
        }
        if amount == Amount::ZERO {
            return Err(TermsError::ZeroAmount);
        }
        Ok(Self { payer, payee, amount })
    }

    /// A, who is debited.
    #[inline]
    #[must_use]
    pub const fn payer(&self) -> &Msisdn {
        &self.payer
    }

    /// B, who is credited.
    #[inline]
    #[must_use]
    pub const fn payee(&self) -> &Msisdn {
        &self.payee
    }

    /// X.
    #[inline]
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }
}

/// One request for payment: its terms, and the nonce N_B that makes it different from every other.
///
/// Formulas, `d` the digits of the check and `MAC₆₄` the first 8 bytes of the tag as a big-endian number:
/// `C = MAC₆₄(51, …) mod 10^d`, shown as `N_B mod 10^s ‖ C`; `R = MAC₆₄(52, …) mod 10^d`, shown as `N_A ‖ R`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    terms: Terms,
    payee_nonce: u32,
}

/// What the payer's purse remembers that helps it to read a request: the rest of N_B is in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// t: the highest serial paid to this payee, 0 if none is remembered.
    pub paid: Counter,
    /// The very same payee, amount and code were refused just before.
    pub typed_before: bool,
}

/// Why a typed request is refused by itself, whatever balance and limits say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// P-CHK-3: no candidate has this check.
    #[error("number, amount or code differs")]
    Differs,
    /// P-CHK-4: two candidates or more have this check.
    #[error("two serials fit this code")]
    Ambiguous,
}

impl Request {
    /// The payer's side: the request that a typed code stands for, by P-CHK-2, P-CHK-4, P-CHK-5 and P-CHK-7.
    ///
    /// # Errors
    /// [`Refusal`]. A code of another length than the profile's differs from every request.
    pub fn read(suite: &Suite<'_>, terms: Terms, code: &Code, memory: Memory) -> Result<Self, Refusal> {
        if code.digits() != suite.profile.request.digits() {
            return Err(Refusal::Differs);
        }
        let (_, check) = code.split(suite.profile.request.nonce);
        let mut fitting = Self::candidates(suite, terms, code, memory).filter(|request| request.matches(suite, &check));
        match (fitting.next(), fitting.next()) {
            (Some(_), Some(_)) => Err(Refusal::Ambiguous),
            (found, _) => found.ok_or(Refusal::Differs),
        }
    }

    /// The requests that a typed code may stand for by the digits of its N_B, the nearest first: one, and up to
    /// fifteen more if the same was refused just before.
    pub fn candidates(suite: &Suite<'_>, terms: Terms, code: &Code, memory: Memory) -> impl Iterator<Item = Self> {
        let (tail, _) = code.split(suite.profile.request.nonce);
        let tail = u32::try_from(tail.value()).unwrap_or(u32::MAX);
        let (random, serials) = match suite.profile.payee_nonce {
            NonceRule::Random => (Some(tail), None),
            NonceRule::Serial { further } => {
                let further = if memory.typed_before { usize::try_from(further).unwrap_or(0) } else { 0 };
                let serials = memory.paid.following(tail, suite.profile.nonce_range());
                (None, Some(serials.take(further.saturating_add(1))))
            }
        };
        random.into_iter().chain(serials.into_iter().flatten()).map(move |nonce| Self::recall(terms, nonce))
    }

    /// Opens a new request; this uses the nonce up.
    #[inline]
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a nonce is used once")]
    pub const fn open(terms: Terms, nonce: Nonce) -> Self {
        Self { terms, payee_nonce: nonce.number() }
    }

    /// A request that exists already: read back from memory by the payee, or rebuilt from its digits by the payer.
    #[inline]
    #[must_use]
    pub const fn recall(terms: Terms, payee_nonce: u32) -> Self {
        Self { terms, payee_nonce }
    }

    /// Its terms.
    #[inline]
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// N_B, in full.
    #[inline]
    #[must_use]
    pub const fn payee_nonce(&self) -> u32 {
        self.payee_nonce
    }

    /// The MAC input of C.
    #[inline]
    #[must_use]
    pub fn request_message(&self, suite: &Suite<'_>) -> Message {
        let variables = Variables { payee_nonce: self.payee_nonce, payer_nonce: 0, check: 0 };
        Message::new(Kind::Request, suite, &self.terms, variables)
    }

    /// The MAC input of R.
    #[inline]
    #[must_use]
    pub fn response_message(&self, suite: &Suite<'_>, payer_nonce: u32) -> Message {
        let covers_check = suite.profile.response_covers.contains(&crate::profile::Field::RequestCheck);
        let check = if covers_check { u32::try_from(self.check(suite).value()).unwrap_or(0) } else { 0 };
        let variables = Variables { payee_nonce: self.payee_nonce, payer_nonce, check };
        Message::new(Kind::Response, suite, &self.terms, variables)
    }

    /// The code that the payee shows: the tail of N_B, then C.
    #[inline]
    #[must_use]
    pub fn code(&self, suite: &Suite<'_>) -> Code {
        let tail = Code::reduce(u64::from(self.payee_nonce), suite.profile.request.nonce);
        tail.join(self.check(suite))
    }

    /// Whether `check`, the last digits of a request code, is C of this request. In constant time.
    #[inline]
    #[must_use]
    pub fn matches(&self, suite: &Suite<'_>, check: &Code) -> bool {
        self.check(suite).ct_eq(check).into()
    }

    /// The code that the payer shows once she has paid: N_A, then R.
    #[inline]
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a nonce is used once")]
    pub fn response(&self, suite: &Suite<'_>, payer_nonce: Nonce) -> Code {
        self.response_again(suite, payer_nonce.number())
    }

    /// The same code shown again, from the N_A that was logged.
    #[inline]
    #[must_use]
    pub fn response_again(&self, suite: &Suite<'_>, payer_nonce: u32) -> Code {
        let head = Code::reduce(u64::from(payer_nonce), suite.profile.response.nonce);
        head.join(self.response_check(suite, payer_nonce))
    }

    /// Whether `code` is the response to this request. In constant time. N_A is taken from the code itself.
    #[inline]
    #[must_use]
    pub fn answered_by(&self, suite: &Suite<'_>, code: &Code) -> bool {
        let (head, check) = code.split(suite.profile.response.nonce);
        let payer_nonce = u32::try_from(head.value()).unwrap_or(0);
        self.response_check(suite, payer_nonce).ct_eq(&check).into()
    }

    #[inline]
    fn check(&self, suite: &Suite<'_>) -> Code {
        reduce(suite, &self.request_message(suite), suite.profile.request.check)
    }

    #[inline]
    fn response_check(&self, suite: &Suite<'_>, payer_nonce: u32) -> Code {
        reduce(suite, &self.response_message(suite, payer_nonce), suite.profile.response.check)
    }
}

#[inline]
fn reduce(suite: &Suite<'_>, message: &Message, digits: u8) -> Code {
    Code::reduce(u64::from_be_bytes(suite.key.tag(message.bytes()).first_8()), digits)
}

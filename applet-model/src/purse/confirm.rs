//! CONFIRM — `80 44 00 00 Lc id code 00`: the payee types the response to one named request.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 4 | number of the request on this card |
//! | | n | the response code, BCD |
//! | answer | 4 | number of the log entry |
//! | | 8 | the payer's number |
//! | | 4 | amount |
//! | | 4 | balance afterwards |
//!
//! `63Cx` wrong, x tries left for this request; `6983` no try left; `9410` too many wrong responses since the last
//! issuer contact; `6A88` no such request; `9414` the balance could not take it, no try counted; `9416` this response
//! has been credited before, no try counted and nothing compared; `6A80` not a code of this profile.
//!
//! The try is counted, durably and twice (for the request and for the card), before the comparison.

use apdu::{Command, Sw};
use digitally::profile::NonceRule;
use digitally::{Amount, Code, Msisdn, Request};

use super::core::Keyrings;
use super::frame::{Frame, Instruction, parameters};
use super::records::{Entry, OpenRequest};
use super::{Purse, status};
use crate::runtime::{Cell, Context, Fields, Fixed, record};

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct Confirm {
    /// Number of the request on this card.
    pub id: u32,
    /// What the payer showed.
    pub code: Code,
}

record! {
    /// The answer: a payment received.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Received {
        /// Number of the log entry.
        pub number: u32,
        /// Who paid.
        pub payer: Option<Msisdn>,
        /// How much.
        pub amount: Amount,
        /// The balance now.
        pub balance: Amount,
    }
}

/// How many of the newest credits are searched for a response that is typed again.
const RECENT: usize = 8;

impl Confirm {
    pub(super) const INS: u8 = 0x44;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, 0x00, 0x00)?;
        let mut fields = Fields::new(command.data());
        let id = fields.take().ok_or(Sw::WRONG_LENGTH)?;
        Ok(Self { id, code: typed_code(fields)? })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let keyrings = purse.keyrings(context)?;
        if self.code.digits() != keyrings.in_use.suite().profile.response.digits() {
            return Err(Sw::WRONG_DATA);
        }
        if purse.was_received(context, &keyrings, &self.code)? {
            return Err(status::ALREADY_RECEIVED);
        }
        let (cell, open) = purse.open_request(context, self.id).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        purse.balance_with(context, open.amount)?;
        let keyring = keyrings.of(open.scheme, open.epoch).ok_or(Sw::REFERENCE_DATA_NOT_USABLE)?;
        let tries = purse.count_response(context, cell, &open)?;

        let request = purse.recall(context, &open)?;
        if !request.answered_by(&keyring.suite(), &self.code) {
            return Err(Sw::counter(tries));
        }
        let issuer_key = purse.issuer_key(&context.memory)?;
        let (payer_nonce, _) = self.code.split(keyring.suite().profile.response.nonce);
        let entry = Entry {
            number: 0,
            kind: Entry::RECEIVED,
            scheme: keyring.scheme.number(),
            epoch: keyring.epoch,
            flags: 0,
            peer: open.payer,
            amount: open.amount,
            nonce: open.nonce,
            payer_nonce: u32::try_from(payer_nonce.value()).unwrap_or(0),
            balance: Amount::ZERO,
        };
        let places = &purse.places;
        let entry = context.memory.atomically(|transaction| {
            let entry = purse.credit(transaction, &issuer_key, entry)?;
            transaction.write(cell, &OpenRequest::load(&[0; OpenRequest::LEN]))?;
            let failed = transaction.read(places.failed);
            transaction.write(places.failed, &failed.take_back())?;
            let received = transaction.read(places.received_ever).checked_add(1).ok_or(status::COUNTER)?;
            transaction.write(places.received_ever, &received)?;
            Ok(entry)
        })?;
        context.reply.value(&Received {
            number: entry.number,
            payer: entry.peer,
            amount: entry.amount,
            balance: entry.balance,
        })
    }
}

impl Instruction for Confirm {
    type Answer = Received;

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, 0x00, 0x00).with_value(&self.id).with_code(&self.code).expecting_any()
    }
}

/// The code at the end of a command's data.
pub(super) fn typed_code(fields: Fields<'_>) -> Result<Code, Sw> {
    if fields.rest().is_empty() {
        return Err(Sw::WRONG_LENGTH);
    }
    Code::from_padded_bcd(fields.rest()).map_err(|_| Sw::WRONG_DATA)
}

impl Purse {
    /// Counts a response, for the request and for the card, and returns the tries left for the request.
    /// The two writes stand alone: no abort can take them back.
    fn count_response(&self, context: &mut Context<'_>, cell: Cell<OpenRequest>, open: &OpenRequest) -> Result<u8, Sw> {
        let failed = context.memory.read(self.places.failed);
        let tries = open.tries.checked_sub(1).ok_or(Sw::AUTHENTICATION_METHOD_BLOCKED)?;
        if failed.since_contact >= self.limits(context).failures {
            return Err(status::RESPONSE_CAP);
        }
        context.memory.write(self.places.failed, &failed.increment().ok_or(status::COUNTER)?)?;
        context.memory.write(cell, &OpenRequest { tries, ..*open })?;
        Ok(tries)
    }

    /// Whether the code is the response of one of the newest credits.
    ///
    /// This is asked before anything is compared with an open request, and instead of it: were it asked afterwards and
    /// the try given back, every credited response would be one more guess at every request. Where nonces repeat
    /// (random ones do), a response does not name one credit, and nothing can be said.
    fn was_received(&self, context: &Context<'_>, keyrings: &Keyrings<'_>, code: &Code) -> Result<bool, Sw> {
        if keyrings.in_use.suite().profile.payee_nonce == NonceRule::Random {
            return Ok(false);
        }
        let own = self.own_number(context)?;
        let credits = self.places.history.newest_first(&context.memory).filter(|entry| entry.kind == Entry::RECEIVED);
        for entry in credits.take(RECENT) {
            let (Some(payer), Some(keyring)) = (entry.peer, keyrings.of(entry.scheme, entry.epoch)) else { continue };
            let request = Request::recall(Self::terms(payer, own, entry.amount)?, entry.nonce);
            if request.answered_by(&keyring.suite(), code) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

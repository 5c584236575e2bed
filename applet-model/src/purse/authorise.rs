//! AUTHORISE — `80 54 01 00 00` (DEBIT FOR PURCHASE in EN 1546 and PBOC): pays the request that CHECK found right.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | answer | 4 | number of the log entry |
//! | | 4 | balance afterwards |
//! | | n | the response code, BCD |
//!
//! `6985` no request was checked just before; `6982` the PIN was not verified for it; `9413`, `9401`, `9412` limit,
//! balance, log. One transaction: balance, highest serial paid, log. Only after it is the response computed: it exists
//! nowhere before, and LAST computes it again.

use apdu::{Command, Sw};
use digitally::{Amount, Code, Nonce, Request};

use super::Purse;
use super::frame::{Answer, Frame, Instruction, no_data, parameters};
use super::records::Entry;
use super::request::{read_code, write_code};
use crate::runtime::{Context, Fields};

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct Authorise;

/// The answer: a payment made.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// Number of the log entry.
    pub number: u32,
    /// The balance now.
    pub balance: Amount,
    /// What the payer shows to the payee.
    pub code: Code,
}

impl Authorise {
    pub(super) const INS: u8 = 0x54;
    pub(super) const P1: u8 = 0x01;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, Self::P1, 0x00)?;
        no_data(command)?;
        Ok(Self)
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let verification = purse.places.verified.consume(context);
        let waits = context.until_deselect.take(purse.places.waits) != 0;
        let pending = context.until_deselect.take(purse.places.pending);
        let payee = pending.payee.filter(|_| waits).ok_or(Sw::CONDITIONS_NOT_SATISFIED)?;
        verification?;
        purse.may_pay(context, pending.amount)?;
        let keyring = purse.keyring_of(context, pending.scheme, pending.epoch)?;
        let terms = Purse::terms(purse.own_number(context)?, payee, pending.amount)?;
        let payer_nonce = match keyring.suite().profile.response.nonce {
            0 => Nonce::none(),
            digits => {
                let mut bits = [0; 8];
                context.random.fill(&mut bits)?;
                Nonce::random(bits, digits)
            }
        };
        let entry = Entry {
            number: 0,
            kind: Entry::PAID,
            scheme: keyring.scheme.number(),
            epoch: keyring.epoch,
            flags: 0,
            peer: Some(payee),
            amount: pending.amount,
            nonce: pending.nonce,
            payer_nonce: payer_nonce.number(),
            balance: Amount::ZERO,
        };
        let entry = context
            .memory
            .atomically(|transaction| purse.debit(transaction, keyring.suite().profile.payee_nonce, entry))?;
        let code = Request::recall(terms, entry.nonce).response(&keyring.suite(), payer_nonce);
        context.reply.value(&entry.number)?;
        context.reply.value(&entry.balance)?;
        write_code(&mut context.reply, &code)
    }
}

impl Instruction for Authorise {
    type Answer = Paid;

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, Self::P1, 0x00).expecting_any()
    }
}

impl Answer for Paid {
    fn read(data: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(data);
        Some(Self { number: fields.take()?, balance: fields.take()?, code: read_code(fields)? })
    }
}

//! LAST — `80 5A n 00 00` (GET TRANSACTION PROVE in EN 1546 and PBOC): shows the response of a payment again.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P1 | 1 | 00 the newest payment, 01 the one before it, and so on |
//! | answer | 32 | the log entry |
//! | | n | the response code, BCD |
//!
//! `6A83` there is no such payment in the log; `6984` its key is gone. No PIN: the payment was authorised, and the code is worth something
//! to its payee only. Every payment since the last issuer contact can be shown.

use apdu::{Command, Sw};
use digitally::{Code, Request};

use super::Purse;
use super::frame::{Answer, Frame, Instruction, no_data};
use super::records::Entry;
use super::request::{read_code, write_code};
use crate::runtime::{Context, Fields};

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// How many payments back: 0 is the newest.
    pub back: u8,
}

/// The answer: a payment that was made.
#[derive(Clone, Copy, Debug)]
pub struct LastPaid {
    /// Its log entry.
    pub entry: Entry,
    /// What the payer shows to the payee.
    pub code: Code,
}

impl Last {
    pub(super) const INS: u8 = 0x5A;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        no_data(command)?;
        match command.p2() {
            0 => Ok(Self { back: command.p1() }),
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let entry = purse.places.payments.newest_first(&context.memory).nth(self.back.into());
        let entry = entry.ok_or(Sw::RECORD_NOT_FOUND)?;
        let keyring = purse.keyring_of(context, entry.scheme, entry.epoch)?;
        let payee = entry.peer.ok_or(Sw::UNKNOWN)?;
        let terms = Purse::terms(purse.own_number(context)?, payee, entry.amount)?;
        let code = Request::recall(terms, entry.nonce).response_again(&keyring.suite(), entry.payer_nonce);
        context.reply.value(&entry)?;
        write_code(&mut context.reply, &code)
    }
}

impl Instruction for Last {
    type Answer = LastPaid;

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, self.back, 0x00).expecting_any()
    }
}

impl Answer for LastPaid {
    fn read(data: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(data);
        Some(Self { entry: fields.take()?, code: read_code(fields)? })
    }
}

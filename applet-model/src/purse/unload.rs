//! UNLOAD — `80 54 03 00 10 amount counter MAC 0C` (DEBIT FOR UNLOAD in PBOC): the issuer takes value back.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 4 | amount in minor units |
//! | | 4 | the issuer's counter: the card's plus one |
//! | | 8 | MAC, see [`super::issuer_mac`] |
//! | answer | 4 | balance afterwards |
//! | | 8 | MAC of the receipt |
//!
//! `9302` MAC wrong; `9402` not the next counter; `9401` more than there is; `6982` no PIN
//! was verified; `6A80` amount zero. The verification is used up, whatever comes of the order.

use apdu::{Command, Sw};
use digitally::{Amount, Issuer, Key};

use super::Purse;
use super::frame::{Frame, Instruction, parameters, value};
use super::issuer_mac::{self, IssuerOrder, IssuerReceipt};
use super::records::Identity;
use crate::runtime::Context;

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct Unload {
    /// What to unload, authenticated.
    pub order: IssuerOrder,
}

impl Unload {
    pub(super) const INS: u8 = 0x54;
    const P1: u8 = 0x03;

    /// The issuer's order to the card with this identity and this key.
    #[must_use]
    pub fn new(key: &Key<Issuer>, identity: &Identity, amount: Amount, counter: u32) -> Self {
        Self { order: IssuerOrder::new(issuer_mac::UNLOAD, key, identity, amount, counter) }
    }

    /// Whether a receipt is the card's for this order.
    #[must_use]
    pub fn is_receipted(&self, key: &Key<Issuer>, identity: &Identity, receipt: &IssuerReceipt) -> bool {
        receipt.verify(issuer_mac::UNLOAD_RECEIPT, key, identity, &self.order)
    }

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, Self::P1, 0x00)?;
        Ok(Self { order: value(command)? })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        purse.places.verified.consume(context)?;
        let key = purse.issuer_key(&context.memory)?;
        purse.carry_out(context, issuer_mac::UNLOAD, &self.order, &key)
    }
}

impl Instruction for Unload {
    type Answer = IssuerReceipt;

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, Self::P1, 0x00).with_value(&self.order).expecting_any()
    }
}

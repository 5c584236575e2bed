//! GET BALANCE — `80 5C 00 02 04` (EN 1546, PBOC): what is in the purse.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P2 | 1 | 02 the purse |
//! | answer | 4 | balance in minor units, big-endian |

use apdu::{Command, Sw};
use digitally::Amount;

use super::Purse;
use super::frame::{Frame, Instruction, no_data, parameters};
use crate::runtime::Context;

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct GetBalance;

impl GetBalance {
    pub(super) const INS: u8 = 0x5C;

    #[inline]
    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, 0x00, 0x02)?;
        no_data(command)?;
        Ok(Self)
    }

    #[inline]
    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let balance = purse.balance(context);
        context.reply.value(&balance)
    }
}

impl Instruction for GetBalance {
    type Answer = Amount;

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, 0x00, 0x02).expecting(4)
    }
}

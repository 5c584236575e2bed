//! RESET RETRY COUNTER — `00 2C 00 81 10 PUK new`: a new PIN for the unblocking key. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 8 | the unblocking key (PUK), in the form of a PIN |
//! | | 8 | the PIN as it shall be, all tries left |
//!
//! `9000` done; `63Cx` the PUK is wrong, x tries left; `6A80` not a PIN. With the last wrong PUK the purse is
//! blocked for good: no more payments, and what was paid can still be shown.

use apdu::{Command, Sw};

use super::change_reference_data::pin_pair;
use super::frame::{Frame, Instruction};
use super::verify::PIN;
use super::{Life, Purse};
use crate::runtime::{Context, PinBlock};

/// The command.
#[derive(Debug)]
pub struct ResetRetryCounter {
    /// The unblocking key.
    pub puk: PinBlock,
    /// The PIN as it shall be.
    pub new: PinBlock,
}

impl ResetRetryCounter {
    pub(super) const INS: u8 = 0x2C;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        if command.p1() != 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        if command.p2() != PIN {
            return Err(Sw::REFERENCED_DATA_NOT_FOUND);
        }
        let (puk, new) = pin_pair(command)?;
        Ok(Self { puk, new })
    }

    pub(super) fn apply(&self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let places = &purse.places;
        places.verified.set(context, false);
        if let Err(sw) = places.puk.check(&mut context.memory, &self.puk) {
            purse.block_if_unblockable(context)?;
            return Err(sw);
        }
        let limit = places.pin.tries(&context.memory).limit;
        context.memory.atomically(|transaction| Ok(places.pin.set(transaction, limit, &self.new)?))
    }
}

impl Purse {
    /// A purse whose unblocking key has no try left is blocked. Looked at after a wrong one, and whenever the purse is
    /// selected: the power may have failed between the last try and this.
    pub(super) fn block_if_unblockable(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        let used_up = self.places.puk.tries(&context.memory).left == 0;
        if used_up && matches!(self.life(context), Life::Personalised | Life::Suspended) {
            context.memory.write(self.places.life, &Life::Blocked.number())?;
        }
        Ok(())
    }
}

impl Instruction for ResetRetryCounter {
    type Answer = ();

    fn frame(&self) -> Frame {
        Frame::new(0x00, Self::INS, 0x00, PIN).with(self.puk.expose()).with(self.new.expose())
    }
}

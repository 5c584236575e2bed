//! CHANGE REFERENCE DATA — `00 24 00 81 10 old new`: a new PIN for the old one. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 8 | the PIN as it is |
//! | | 8 | the PIN as it shall be |
//!
//! `9000` changed; `63Cx` the old one is wrong, x tries left; `6983` blocked; `6A80` not a PIN.

use apdu::{Command, Sw};

use super::Purse;
use super::frame::{Frame, Instruction, value};
use super::verify::PIN;
use crate::runtime::{Context, PinBlock};

/// The command.
#[derive(Debug)]
pub struct ChangeReferenceData {
    /// The PIN as it is.
    pub old: PinBlock,
    /// The PIN as it shall be.
    pub new: PinBlock,
}

impl ChangeReferenceData {
    pub(super) const INS: u8 = 0x24;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        if command.p1() != 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        if command.p2() != PIN {
            return Err(Sw::REFERENCED_DATA_NOT_FOUND);
        }
        let (old, new) = pin_pair(command)?;
        Ok(Self { old, new })
    }

    pub(super) fn apply(&self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let pin = purse.places.pin;
        purse.places.verified.set(context, false);
        pin.check(&mut context.memory, &self.old)?;
        let limit = pin.tries(&context.memory).limit;
        context.memory.atomically(|transaction| Ok(pin.set(transaction, limit, &self.new)?))
    }
}

impl Instruction for ChangeReferenceData {
    type Answer = ();

    fn frame(&self) -> Frame {
        Frame::new(0x00, Self::INS, 0x00, PIN).with(self.old.expose()).with(self.new.expose())
    }
}

/// Two PIN blocks, one after the other.
pub(super) fn pin_pair(command: &Command<'_>) -> Result<(PinBlock, PinBlock), Sw> {
    let bytes: zeroize::Zeroizing<[u8; 16]> = zeroize::Zeroizing::new(value(command)?);
    let (first, second) = bytes.split_at(PinBlock::LEN);
    let block = |half: &[u8]| {
        let bytes = half.first_chunk().copied().ok_or(Sw::WRONG_LENGTH)?;
        PinBlock::from_bytes(bytes).map_err(|_| Sw::WRONG_DATA)
    };
    Ok((block(first)?, block(second)?))
}

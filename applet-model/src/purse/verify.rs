//! VERIFY — `00 20 00 81 08 PIN`: proves that the holder is there. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P2 | 1 | 81 the PIN |
//! | data | 8 | 4 to 8 ASCII digits, padded with FF; absent: only asks for the tries left |
//!
//! `9000` right; `63Cx` wrong, x tries left; `6983` blocked; `6A80` not a PIN (no try is counted).
//! Without data: `9000` if already verified in this session, or else `63Cx` or `6983`.

use apdu::{Command, Sw};

use super::Purse;
use super::frame::{Frame, Instruction, value};
use crate::runtime::{Context, PinBlock};

/// P2 of the commands about the PIN: application-specific reference data, number 1.
pub(super) const PIN: u8 = 0x81;

/// The command.
#[derive(Debug)]
pub struct Verify {
    /// The PIN, or nothing to ask for the tries left.
    pub pin: Option<PinBlock>,
}

impl Verify {
    pub(super) const INS: u8 = 0x20;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        if command.p1() != 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        if command.p2() != PIN {
            return Err(Sw::REFERENCED_DATA_NOT_FOUND);
        }
        if command.data().is_empty() {
            return Ok(Self { pin: None });
        }
        let pin = PinBlock::from_bytes(value(command)?).map_err(|_| Sw::WRONG_DATA)?;
        Ok(Self { pin: Some(pin) })
    }

    pub(super) fn apply(&self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let verified = purse.places.verified;
        let Some(pin) = &self.pin else {
            let left = purse.places.pin.tries(&context.memory).left;
            return match (verified.is_set(context), left) {
                (true, _) => Ok(()),
                (false, 0) => Err(Sw::AUTHENTICATION_METHOD_BLOCKED),
                (false, left) => Err(Sw::counter(left)),
            };
        };
        verified.set(context, false);
        purse.places.pin.check(&mut context.memory, pin)?;
        verified.set(context, true);
        Ok(())
    }
}

impl Instruction for Verify {
    type Answer = ();

    fn frame(&self) -> Frame {
        let frame = Frame::new(0x00, Self::INS, 0x00, PIN);
        self.pin.iter().fold(frame, |frame, pin| frame.with(pin.expose()))
    }
}

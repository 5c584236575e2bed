//! CANCEL — `80 46 00 00 04 id`: hides an open request.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 4 | number of the request on this card |
//!
//! `6A88` no such request; `9418` it is cancelled already. A cancelled request stays payable until its place is
//! needed, because somebody may have paid it by now: nothing that was debited may be stranded by impatience.

use apdu::{Command, Sw};

use super::frame::{Frame, Instruction, parameters, value};
use super::records::OpenRequest;
use super::{Purse, status};
use crate::runtime::{Context, record};

record! {
    /// The command.
    #[derive(Clone, Copy, Debug)]
    pub struct Cancel {
        /// Number of the request on this card.
        pub id: u32,
    }
}

impl Cancel {
    pub(super) const INS: u8 = 0x46;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, 0x00, 0x00)?;
        value(command)
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let (cell, open) = purse.open_request(context, self.id).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        if open.cancelled != 0 {
            return Err(status::ALREADY_CANCELLED);
        }
        Ok(context.memory.write(cell, &OpenRequest { cancelled: 1, ..open })?)
    }
}

impl Instruction for Cancel {
    type Answer = ();

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, 0x00, 0x00).with_value(self)
    }
}

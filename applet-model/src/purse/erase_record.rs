//! ERASE RECORD — `00 0C n 1C`: forgets a contact. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P1 | 1 | record number, from 01 on, as READ RECORD counts now |
//! | P2 | 1 | 1C: the file of contacts, P1 is a record number |
//!
//! `6A83` no such record; `6982` a file that nobody may erase from. The serial counters and the highest serials paid
//! stay as they are: a contact deleted and stored again cannot be paid by, or pay, an old code.

use apdu::{Command, Sw};

use super::frame::{Frame, Instruction, no_data};
use super::records::Contact;
use super::{File, Purse};
use crate::runtime::{Context, Fixed};

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct EraseContact {
    /// Number of the record, from 1 on.
    pub number: u8,
}

impl EraseContact {
    pub(super) const INS: u8 = 0x0C;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        no_data(command)?;
        match File::from_p2(command.p2())? {
            File::Contacts => Ok(Self { number: command.p1() }),
            _ => Err(Sw::SECURITY_STATUS_NOT_SATISFIED),
        }
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let index = usize::from(self.number).checked_sub(1).ok_or(Sw::INCORRECT_P1_P2)?;
        let place = {
            let memory = &context.memory;
            purse.places.contacts.cells().filter(|cell| memory.read(*cell).number.is_some()).nth(index)
        };
        let place = place.ok_or(Sw::RECORD_NOT_FOUND)?;
        Ok(context.memory.write(place, &Contact::load(&[0; Contact::LEN]))?)
    }
}

impl Instruction for EraseContact {
    type Answer = ();

    fn frame(&self) -> Frame {
        Frame::new(0x00, Self::INS, self.number, File::Contacts.p2())
    }
}

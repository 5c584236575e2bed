//! APPEND RECORD — `00 E2 00 18 18 number name`: keeps a contact. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P2 | 1 | 18: the file of contacts (short file identifier 3) |
//! | data | 8 | number, BCD |
//! | | 16 | name, UTF-8, padded with zeros |
//!
//! A number that is there gets the new name. `6A84` no room left; `6A80` not a number or not a name; `6A82` another
//! file. Contacts are for people: no safety hangs on them.

use apdu::{Command, Sw};
use digitally::Msisdn;

use super::frame::{Frame, Instruction, value};
use super::records::Contact;
use super::{File, Purse};
use crate::runtime::{Cell, Context};

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct AppendContact {
    /// Whom to keep.
    pub contact: Contact,
}

impl AppendContact {
    pub(super) const INS: u8 = 0xE2;
    const P2: u8 = File::Contacts.sfi() << 3;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        match (command.p1(), command.p2()) {
            (0, Self::P2) => {}
            (0, p2) if p2 & 0b111 == 0 => return Err(Sw::FILE_NOT_FOUND),
            _ => return Err(Sw::INCORRECT_P1_P2),
        }
        let contact: Contact = value(command)?;
        if contact.number.is_none() || contact.text().is_none() {
            return Err(Sw::WRONG_DATA);
        }
        Ok(Self { contact })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let place = {
            let memory = &context.memory;
            let find =
                |number: Option<Msisdn>| purse.places.contacts.cells().find(|cell| memory.read(*cell).number == number);
            find(self.contact.number).or_else(|| find(None))
        };
        let place: Cell<Contact> = place.ok_or(Sw::NOT_ENOUGH_MEMORY)?;
        Ok(context.memory.write(place, &self.contact)?)
    }
}

impl Instruction for AppendContact {
    type Answer = ();

    fn frame(&self) -> Frame {
        Frame::new(0x00, Self::INS, 0x00, Self::P2).with_value(&self.contact)
    }
}

impl Purse {
    /// The contact with this number.
    pub(super) fn contact(&self, context: &Context<'_>, number: Msisdn) -> Option<Contact> {
        self.contacts(context).find(|contact| contact.number == Some(number))
    }
}

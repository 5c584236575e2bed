//! What screens show of people, money and codes.

use core::fmt;

use apdu::Sw;
use digitally::{Amount, Msisdn};

use super::Talk;
use crate::purse::{Contact, Entry, Last, LastPaid, PurseCommand};

/// Somebody: the name among the contacts, if there is one, and the number.
pub(super) struct Who {
    contact: Option<Contact>,
    number: Option<Msisdn>,
}

impl Who {
    fn name(&self) -> Option<&str> {
        self.contact.as_ref().and_then(Contact::text)
    }

    /// The name; the number of who has none.
    pub(super) const fn short(&self) -> Short<'_> {
        Short(self)
    }
}

/// Name and number, each on a line.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            writeln!(f, "{name}")?;
        }
        self.number.iter().try_for_each(|number| write!(f, "{number}"))
    }
}

/// See [`Who::short`].
pub(super) struct Short<'w>(&'w Who);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.name(), self.0.number) {
            (Some(name), _) => f.write_str(name),
            (None, Some(number)) => write!(f, "{number}"),
            (None, None) => Ok(()),
        }
    }
}

impl Talk<'_, '_> {
    pub(super) fn who(&self, number: Option<Msisdn>) -> Who {
        Who { contact: number.and_then(|number| self.purse.contact(self.context, number)), number }
    }

    pub(super) fn money(&self, amount: Amount) -> impl fmt::Display + use<> {
        amount.in_units(self.decimals())
    }

    pub(super) fn decimals(&self) -> u8 {
        self.context.memory.read(self.purse.places.identity).decimals
    }

    /// A payment that was made, by the number of its log entry, with its code.
    ///
    /// # Errors
    /// `6A83` if it has left the log; those of LAST.
    pub(super) fn paid(&mut self, number: u32) -> Result<LastPaid, Sw> {
        let back = {
            let mut payments = self.purse.places.payments.newest_first(&self.context.memory);
            payments.position(|entry: Entry| entry.number == number)
        };
        let back = back.and_then(|back| u8::try_from(back).ok()).ok_or(Sw::RECORD_NOT_FOUND)?;
        self.run(&PurseCommand::Last(Last { back }))
    }
}

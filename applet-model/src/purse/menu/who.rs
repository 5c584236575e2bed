//! The other side and the amount: who, from the people or by number, and how much.

use apdu::Sw;
use digitally::{Amount, AmountError, Msisdn};

use super::list::{Find, Order, Picked, label};
use super::number::international;
use super::put::Wanted;
use super::screen::Screen;
use super::text::Text;
use super::{Input, Step, Talk};
use crate::purse::{Contact, Purse};
use crate::runtime::Next;

/// The screens of one flow that ask for somebody and an amount.
#[derive(Clone, Copy)]
pub(super) struct Side {
    pub(super) who: Screen,
    pub(super) number: Screen,
    pub(super) amount: Screen,
    pub(super) title: Text,
}

/// The longest number that is typed: + and 15 digits, or as many with a trunk prefix.
const NUMBER: Wanted = Wanted::digits(4, 17);
/// 4294967295 minor units, and a point.
const AMOUNT: Wanted = Wanted::digits(1, 11);

/// Contacts by their place, from 1 on.
pub(super) const CONTACTS: Find = |talk, key| {
    let places = (1u32..).zip(talk.purse.places.contacts.cells());
    let contacts = places.map(|(place, cell)| (place, talk.context.memory.read(cell)));
    let mut behind = contacts.filter(|(place, contact)| *place >= key && contact.number.is_some());
    behind.next().map(|(place, contact)| (place, label(&contact.text().unwrap_or("?"))))
};

impl Talk<'_, '_> {
    /// The contact at this place.
    pub(super) fn contact_at(&self, place: u32) -> Option<Contact> {
        let index = usize::try_from(place).ok()?.checked_sub(1)?;
        let contact = self.context.memory.read(self.purse.places.contacts.cell(index)?);
        contact.number.is_some().then_some(contact)
    }

    pub(super) fn ask_who(&mut self, side: Side) -> Result<Option<Next>, Sw> {
        self.page(side.title, Order::Up, CONTACTS, Some(Text::TypeNumber))
    }

    pub(super) fn who_answered(&mut self, side: Side, input: &Input<'_>) -> Step {
        match self.picked(input, Order::Up, CONTACTS) {
            Picked::More => Step::To(side.who),
            Picked::Other => Step::To(side.number),
            Picked::Gone => Step::Again(Text::Gone.into()),
            Picked::Record(place) => {
                let number = self.contact_at(place).and_then(|contact| contact.number);
                self.somebody(number.ok_or(Text::Gone), side.who, side.amount)
            }
        }
    }

    pub(super) fn ask_number(&mut self) -> Result<Next, Sw> {
        self.question(Text::PhoneNumber.template(self.language), NUMBER)
    }

    /// The number that was typed, in its international form.
    pub(super) fn number(&self, input: &Input<'_>) -> Result<Msisdn, Text> {
        let typed = input.typed().ok_or(Text::NotANumber)?;
        international(typed.as_str(), &self.menu)
    }

    /// Keeps the other side, unless it is the holder, and goes on to `next`.
    pub(super) fn somebody(&mut self, number: Result<Msisdn, Text>, origin: Screen, next: Screen) -> Step {
        let own = self.purse.own_number(self.context);
        let number = match number {
            Ok(number) if own.is_ok_and(|own| Purse::terms(number, own, Amount::new(1)).is_err()) => {
                return Step::Again(Text::OwnNumber.into());
            }
            Ok(number) => number,
            Err(why) => return Step::Again(why.into()),
        };
        self.state.peer = Some(number);
        self.state.origin = origin;
        Step::To(next)
    }

    /// Asks for the amount; what was typed as a number is shown as it was understood.
    pub(super) fn ask_amount(&mut self) -> Result<Next, Sw> {
        let mut line = self.words(Text::Amount, &[])?;
        let who = self.who(self.state.peer);
        core::fmt::Write::write_fmt(&mut line, format_args!("\n{who}")).map_err(|_| Sw::UNKNOWN)?;
        self.question(line.as_str(), AMOUNT)
    }

    /// The amount that was typed: digits, with `*` for the decimal point, as the keys of a phone have it.
    pub(super) fn amount(&self, input: &Input<'_>) -> Result<Amount, Text> {
        let typed = input.typed().ok_or(Text::NotAnAmount)?;
        amount(typed.as_str(), self.decimals())
    }
}

fn amount(typed: &str, decimals: u8) -> Result<Amount, Text> {
    let mut pointed = super::line::Line::<48>::new();
    for character in typed.chars() {
        let character = match character {
            '*' => '.',
            digit if digit.is_ascii_digit() => digit,
            _ => return Err(Text::NotAnAmount),
        };
        core::fmt::Write::write_char(&mut pointed, character).map_err(|_| Text::NotAnAmount)?;
    }
    match Amount::parse(pointed.as_str(), decimals) {
        Ok(Amount::ZERO) => Err(Text::AmountZero),
        Ok(amount) => Ok(amount),
        Err(AmountError::TooLarge) => Err(Text::AmountLimit),
        Err(_) => Err(Text::NotAnAmount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        let check = |typed, decimals, expected: Result<u32, Text>| {
            assert_eq!(amount(typed, decimals).map(Amount::minor_units), expected, "{typed}");
        };
        check("50", 2, Ok(5000));
        check("0050", 2, Ok(5000));
        check("12*5", 2, Ok(1250));
        check("12*50", 2, Ok(1250));
        check("0*05", 2, Ok(5));
        check("50", 0, Ok(50));
        check("42949672*95", 2, Ok(u32::MAX));
        check("42949672*96", 2, Err(Text::AmountLimit));
        check("0", 2, Err(Text::AmountZero));
        check("0*00", 2, Err(Text::AmountZero));
        for wrong in ["", "*", "*5", "5*", "5**5", "1*234", "5#", "+5", "5.5", "5,5", "-5", " 5", "5a", "٣"] {
            check(wrong, 2, Err(Text::NotAnAmount));
        }
        check("5*0", 0, Err(Text::NotAnAmount));
    }
}

//! People: who is kept, by which name; new ones, and those to forget.

use ::toolkit::command::Characters;
use apdu::Sw;

use super::list::{List, Order, Picked};
use super::put::Wanted;
use super::screen::Screen;
use super::text::Text;
use super::who::CONTACTS;
use super::{Input, Step, Talk};
use crate::purse::{AppendContact, Contact, EraseContact, PurseCommand};
use crate::runtime::Next;

/// What can be done with somebody.
const PAY: u8 = 1;
const REQUEST: u8 = 2;
const DELETE: u8 = 3;

const NAME: Wanted = Wanted { min: 1, max: 16, hidden: false, characters: Characters::Gsm };

impl Talk<'_, '_> {
    pub(super) fn ask_people(&mut self, screen: Screen) -> Result<Option<Next>, Sw> {
        match screen {
            Screen::People => self.page(Text::People, Order::Up, CONTACTS, Some(Text::AddPerson)),
            Screen::PersonNumber => self.ask_number().map(Some),
            Screen::PersonName => {
                let mut line = self.words(Text::Name, &[])?;
                let who = self.who(self.state.peer);
                core::fmt::Write::write_fmt(&mut line, format_args!("\n{who}")).map_err(|_| Sw::UNKNOWN)?;
                self.question(line.as_str(), NAME).map(Some)
            }
            Screen::Person => self.ask_person(),
            _ => {
                let who = self.who(self.state.peer);
                let words = self.words(Text::ConfirmDelete, &[("who", &who)])?;
                self.display(words.as_str(), false).map(Some)
            }
        }
    }

    /// Name and number as the title, and what can be done.
    fn ask_person(&mut self) -> Result<Option<Next>, Sw> {
        let who = self.who(self.state.peer);
        let title = super::list::label(&who);
        let mut list = List::new(self.shown::<64>(title.as_str(), !self.chooses()).as_str());
        for (item, text) in [(PAY, Text::Pay), (REQUEST, Text::Request), (DELETE, Text::Delete)] {
            list.push(item, text.template(self.language), 0);
        }
        self.choice(&list).map(Some)
    }

    pub(super) fn people(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        Ok(match screen {
            Screen::People => match self.picked(input, Order::Up, CONTACTS) {
                Picked::Record(place) => {
                    self.state.peer = self.contact_at(place).and_then(|contact| contact.number);
                    Step::To(Screen::Person)
                }
                Picked::Other => Step::To(Screen::PersonNumber),
                Picked::More => Step::To(screen),
                Picked::Gone => Step::Again(Text::Gone.into()),
            },
            Screen::PersonNumber => self.somebody(self.number(input), screen, Screen::PersonName),
            Screen::PersonName => return self.keep(input),
            Screen::Person => match input.item() {
                Some(PAY) => self.somebody(self.state.peer.ok_or(Text::Gone), screen, Screen::PayAmount),
                Some(REQUEST) => self.somebody(self.state.peer.ok_or(Text::Gone), screen, Screen::AskAmount),
                Some(DELETE) => Step::To(Screen::PersonDelete),
                _ => Step::Again(Text::Gone.into()),
            },
            _ if input.agreed() => return self.erase(),
            _ => return self.back(screen),
        })
    }

    /// APPEND RECORD, with what was typed; then the person is shown, with the number as it is kept.
    fn keep(&mut self, input: &Input<'_>) -> Result<Step, Sw> {
        let typed = input.typed();
        let name = typed.as_ref().map_or("", |typed| typed.as_str().trim());
        let contact = self.state.peer.and_then(|number| Contact::new(number, name));
        let Some(contact) = contact else { return Ok(Step::Again(Text::NotAName.into())) };
        match self.run::<()>(&PurseCommand::AppendContact(AppendContact { contact })) {
            Ok(()) => Ok(Step::Say(Text::Saved.into(), Screen::Person)),
            Err(sw) => self.refused(sw, Screen::Main),
        }
    }

    /// ERASE RECORD: the one with this number.
    fn erase(&mut self) -> Result<Step, Sw> {
        let peer = self.state.peer;
        let place = self.purse.contacts(self.context).position(|contact| contact.number == peer);
        let number = place.and_then(|place| u8::try_from(place.saturating_add(1)).ok());
        let Some(number) = number else { return Ok(Step::Say(Text::Gone.into(), Screen::Main)) };
        match self.run::<()>(&PurseCommand::EraseContact(EraseContact { number })) {
            Ok(()) => Ok(Step::Say(Text::Deleted.into(), Screen::Main)),
            Err(sw) => self.refused(sw, Screen::Main),
        }
    }
}

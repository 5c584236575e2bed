//! Enter code: which request, and the payment code that answers it.

use apdu::Sw;

use super::list::{Find, Order, Picked, label};
use super::pay::code;
use super::put::Wanted;
use super::screen::Screen;
use super::text::Text;
use super::{Input, Notice, Step, Talk};
use crate::purse::{Confirm, OpenRequest, PurseCommand, Received, status};
use crate::runtime::Next;

/// Open requests that can still be answered, by their number: the newest first.
const REQUESTS: Find = |talk, key| {
    let open = talk.open_requests().filter(|open| open.id <= key).max_by_key(|open| open.id)?;
    let (who, amount) = (talk.who(open.payer), talk.money(open.amount));
    Some((open.id, label(&format_args!("{amount} {}", who.short()))))
};

impl Talk<'_, '_> {
    /// Requests that are shown: neither cancelled nor without a try left.
    fn open_requests(&self) -> impl Iterator<Item = OpenRequest> {
        let requests = self.purse.places.requests.cells().map(|cell| self.context.memory.read(cell));
        requests.filter(|open| open.id > 0 && open.tries > 0 && open.cancelled == 0)
    }

    pub(super) fn start_enter(&mut self) -> Step {
        let (first, several) = {
            let mut open = self.open_requests();
            (open.next(), open.next().is_some())
        };
        match first {
            None => Step::Say(Text::NoRequests.into(), Screen::Main),
            Some(_) if several => Step::To(Screen::EnterWhich),
            Some(open) => {
                self.state.chosen = open.id;
                Step::To(Screen::EnterCode)
            }
        }
    }

    pub(super) fn ask_enter(&mut self, screen: Screen) -> Result<Option<Next>, Sw> {
        match screen {
            Screen::EnterWhich => self.page(Text::WhichRequest, Order::Down, REQUESTS, None),
            Screen::EnterCode => {
                let chosen = self.state.chosen;
                let Some(open) = self.open_requests().find(|open| open.id == chosen) else { return Ok(None) };
                let (who, amount) = (self.who(open.payer), self.money(open.amount));
                let words = self.words(Text::PaymentCodeFor, &[("who", &who), ("amount", &amount)])?;
                let digits = self.response_digits();
                self.question(words.as_str(), Wanted::digits(digits, digits)).map(Some)
            }
            _ => self.show_received(),
        }
    }

    pub(super) fn enter_code(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        Ok(match screen {
            Screen::EnterWhich => match self.picked(input, Order::Down, REQUESTS) {
                Picked::Record(id) => {
                    self.state.chosen = id;
                    Step::To(Screen::EnterCode)
                }
                Picked::More => Step::To(screen),
                Picked::Other | Picked::Gone => Step::Again(Text::Gone.into()),
            },
            Screen::EnterCode => return self.confirm(input),
            _ => Step::To(Screen::Main),
        })
    }

    fn response_digits(&self) -> u8 {
        let [nonce, check] = self.purse.profile_data(self.context).response;
        nonce.saturating_add(check)
    }

    /// CONFIRM, with what was typed.
    fn confirm(&mut self, input: &Input<'_>) -> Result<Step, Sw> {
        let digits = self.response_digits();
        let typed = input.typed().and_then(|typed| code(typed.as_str(), digits));
        let Some(code) = typed else { return Ok(Step::Again(Notice(Text::CodeDigits, digits))) };
        let confirm = Confirm { id: self.state.chosen, code };
        match self.run::<Received>(&PurseCommand::Confirm(confirm)) {
            Ok(received) => {
                self.state.chosen = received.number;
                Ok(Step::To(Screen::EnterDone))
            }
            Err(Sw::AUTHENTICATION_METHOD_BLOCKED) => Ok(Step::Say(Text::NoTriesLeft.into(), Screen::Main)),
            Err(status::ALREADY_RECEIVED) => Ok(Step::Again(Text::AlreadyReceived.into())),
            Err(sw) => match sw.tries_left() {
                Some(0) => Ok(Step::Say(Text::NoTriesLeft.into(), Screen::Main)),
                Some(left) => Ok(Step::Again(Notice(Text::WrongCode, left))),
                None => self.refused(sw, Screen::Main),
            },
        }
    }

    fn show_received(&mut self) -> Result<Option<Next>, Sw> {
        let Some(entry) = self.log_entry(self.state.chosen) else { return Ok(None) };
        let (who, amount, balance) = (self.who(entry.peer), self.money(entry.amount), self.money(entry.balance));
        let things: [(&str, &dyn core::fmt::Display); 3] = [("who", &who), ("amount", &amount), ("balance", &balance)];
        let words = self.words(Text::Received, &things)?;
        self.display(words.as_str(), true).map(Some)
    }
}

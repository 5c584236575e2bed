//! Request: who pays, how much, and the request code; then the payment code is asked for at once.

use apdu::Sw;
use digitally::Amount;

use super::screen::Screen;
use super::text::Text;
use super::who::Side;
use super::{Input, Step, Talk};
use crate::purse::{File, OpenedRequest, PurseCommand, ReadRecord, RequestPayment, ShownRequest, status};
use crate::runtime::Next;

const SIDE: Side =
    Side { who: Screen::AskWho, number: Screen::AskNumber, amount: Screen::AskAmount, title: Text::WhoPays };

impl Talk<'_, '_> {
    pub(super) fn start_request(&mut self) -> Step {
        self.state.from = 0;
        Step::To(Screen::AskWho)
    }

    pub(super) fn ask_request(&mut self, screen: Screen) -> Result<Option<Next>, Sw> {
        match screen {
            Screen::AskWho => self.ask_who(SIDE),
            Screen::AskNumber => self.ask_number().map(Some),
            Screen::AskAmount => self.ask_amount().map(Some),
            _ => self.show_request(),
        }
    }

    pub(super) fn request(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        Ok(match screen {
            Screen::AskWho => self.who_answered(SIDE, input),
            Screen::AskNumber => self.somebody(self.number(input), screen, Screen::AskAmount),
            Screen::AskAmount => match self.amount(input) {
                Ok(amount) => return self.open_request(amount),
                Err(why) => Step::Again(why.into()),
            },
            // Who has shown the request waits for the payment.
            _ => {
                (self.state.from, self.state.next) = (0, 0);
                Step::To(Screen::EnterCode)
            }
        })
    }

    fn open_request(&mut self, amount: Amount) -> Result<Step, Sw> {
        let request = RequestPayment { payer: self.state.peer, amount };
        match self.run::<OpenedRequest>(&PurseCommand::Request(request)) {
            Ok(opened) => {
                self.state.chosen = opened.id;
                Ok(Step::To(Screen::AskDone))
            }
            Err(sw @ (status::AMOUNT_LIMIT | status::BALANCE_LIMIT)) => self.refused(sw, Screen::AskAmount),
            Err(sw) => self.refused(sw, Screen::Main),
        }
    }

    /// The request that was chosen, with its code.
    fn show_request(&mut self) -> Result<Option<Next>, Sw> {
        let chosen = self.state.chosen;
        let newer = self.purse.places.requests.cells().map(|cell| self.context.memory.read(cell).id);
        let number = newer.filter(|id| *id >= chosen).count();
        let Ok(number) = u8::try_from(number) else { return Ok(None) };
        let read = PurseCommand::ReadRecord(ReadRecord { file: File::Requests, number });
        let shown = match self.run::<ShownRequest>(&read) {
            Ok(shown) if shown.open.id == chosen => shown,
            Err(Sw::MEMORY_FAILURE) => return Err(Sw::MEMORY_FAILURE),
            _ => return Ok(None),
        };
        let (who, amount) = (self.who(shown.open.payer), self.money(shown.open.amount));
        let words = self.words(Text::Requested, &[("code", &shown.code), ("who", &who), ("amount", &amount)])?;
        self.display(words.as_str(), true).map(Some)
    }
}

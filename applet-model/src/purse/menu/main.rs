//! The first screen, and the flows of one step: balance and language. Which flow has which screen.

use ::toolkit::CommandType;
use apdu::Sw;

use super::list::List;
use super::screen::Screen;
use super::text::{Language, Text};
use super::{Input, Step, Talk};
use crate::purse::{GetBalance, Life, PurseCommand};
use crate::runtime::Next;

/// An entry of the first screen.
type Entry = (u8, Text);

/// All entries, in their order. The numbers stay.
const ENTRIES: [Entry; 10] = [
    (1, Text::Pay),
    (2, Text::Request),
    (3, Text::EnterCode),
    (4, Text::Balance),
    (5, Text::LastCode),
    (6, Text::People),
    (7, Text::History),
    (8, Text::ChangePin),
    (9, Text::Upload),
    (10, Text::Language),
];

impl Talk<'_, '_> {
    /// Puts the open screen; nothing if what it shows is not there.
    pub(super) fn ask(&mut self) -> Result<Option<Next>, Sw> {
        if let Some(text) = Text::from_number(self.state.notice) {
            let words = self.words(text, &[("count", &self.state.count)])?;
            return self.display(words.as_str(), false).map(Some);
        }
        match self.state.screen {
            Screen::Main => self.ask_main().map(Some),
            Screen::Balance => self.ask_balance().map(Some),
            Screen::Language => self.ask_language().map(Some),
            screen @ (Screen::PayWho
            | Screen::PayNumber
            | Screen::PayAmount
            | Screen::PayCode
            | Screen::PayConfirm
            | Screen::PayPin
            | Screen::PayDone) => self.ask_pay(screen),
            screen @ (Screen::AskWho | Screen::AskNumber | Screen::AskAmount | Screen::AskDone) => {
                self.ask_request(screen)
            }
            screen @ (Screen::EnterWhich | Screen::EnterCode | Screen::EnterDone) => self.ask_enter(screen),
            screen @ (Screen::LastWhich | Screen::LastDone) => self.ask_last(screen),
            screen @ (Screen::People
            | Screen::PersonNumber
            | Screen::PersonName
            | Screen::Person
            | Screen::PersonDelete) => self.ask_people(screen),
            screen @ (Screen::History | Screen::HistoryEntry) => self.ask_history(screen),
            screen @ (Screen::PinOld | Screen::PinNew | Screen::PinAgain) => self.ask_pin(screen).map(Some),
            screen @ (Screen::UploadConfirm | Screen::UploadSend) => self.ask_upload(screen).map(Some),
        }
    }

    /// Where an answer to this screen leads.
    pub(super) fn answered(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        match screen {
            Screen::Main => self.entry_chosen(input),
            Screen::Balance => Ok(Step::To(Screen::Main)),
            Screen::Language => self.language_chosen(input),
            Screen::PayWho
            | Screen::PayNumber
            | Screen::PayAmount
            | Screen::PayCode
            | Screen::PayConfirm
            | Screen::PayPin
            | Screen::PayDone => self.pay(screen, input),
            Screen::AskWho | Screen::AskNumber | Screen::AskAmount | Screen::AskDone => self.request(screen, input),
            Screen::EnterWhich | Screen::EnterCode | Screen::EnterDone => self.enter_code(screen, input),
            Screen::LastWhich | Screen::LastDone => self.last(screen, input),
            Screen::People | Screen::PersonNumber | Screen::PersonName | Screen::Person | Screen::PersonDelete => {
                self.people(screen, input)
            }
            Screen::History | Screen::HistoryEntry => Ok(self.history(screen, input)),
            Screen::PinOld | Screen::PinNew | Screen::PinAgain => self.change_pin(screen, input),
            Screen::UploadConfirm | Screen::UploadSend => self.upload(screen, input),
        }
    }

    /// Where Back leads.
    pub(super) fn back(&mut self, screen: Screen) -> Result<Step, Sw> {
        match screen {
            Screen::Main => return Ok(Step::End),
            // The code was seen.
            Screen::PayDone | Screen::LastDone => self.seen(),
            Screen::PayAmount | Screen::AskAmount => return Ok(Step::To(self.state.origin)),
            // The request that was checked is not the one that will be typed now.
            Screen::PayConfirm => self.purse.drop_pending(self.context),
            Screen::UploadSend => return Ok(super::upload::failed()),
            _ => {}
        }
        Ok(Step::To(screen.parent()))
    }

    /// The entries that this purse and this terminal have.
    fn entries(&self) -> impl Iterator<Item = Entry> + use<> {
        let pays = self.purse.life(self.context) == Life::Personalised;
        let uploads = self.menu.upload.is_some() && self.terminal.can(CommandType::SEND_SHORT_MESSAGE);
        ENTRIES.into_iter().filter(move |(_, text)| match text {
            Text::Upload => uploads,
            Text::Balance | Text::LastCode | Text::History => true,
            _ => pays,
        })
    }

    fn ask_main(&mut self) -> Result<Next, Sw> {
        let mut list = List::new(Text::Purse.template(self.language));
        for (item, text) in self.entries() {
            list.push(item, text.template(self.language), 0);
        }
        self.choice(&list)
    }

    fn entry_chosen(&mut self, input: &Input<'_>) -> Result<Step, Sw> {
        let item = input.item();
        let Some((_, entry)) = self.entries().find(|(other, _)| Some(*other) == item) else {
            return Ok(Step::Again(Text::Gone.into()));
        };
        Ok(match entry {
            Text::Pay if self.is_pin_blocked() => Step::Say(Text::PinBlocked.into(), Screen::Main),
            Text::Pay => self.start_pay(),
            Text::Request => self.start_request(),
            Text::EnterCode => self.start_enter(),
            Text::Balance => Step::To(Screen::Balance),
            Text::LastCode => self.start_last(),
            Text::People => Step::To(Screen::People),
            Text::History => self.start_history(),
            Text::ChangePin if self.is_pin_blocked() => Step::Say(Text::PinBlocked.into(), Screen::Main),
            Text::ChangePin => Step::To(Screen::PinOld),
            Text::Upload => self.start_upload(),
            _ => Step::To(Screen::Language),
        })
    }

    fn ask_balance(&mut self) -> Result<Next, Sw> {
        let balance = self.run(&PurseCommand::GetBalance(GetBalance))?;
        let words = self.words(Text::BalanceIs, &[("balance", &self.money(balance))])?;
        self.display(words.as_str(), false)
    }

    fn ask_language(&mut self) -> Result<Next, Sw> {
        let mut list = List::new(Text::Language.template(self.language));
        for (item, language) in (1..).zip(Language::ALL) {
            list.push(item, language.name(), 0);
        }
        self.choice(&list)
    }

    fn language_chosen(&mut self, input: &Input<'_>) -> Result<Step, Sw> {
        let place = input.item().and_then(|item| item.checked_sub(1));
        let Some(language) = place.and_then(|place| Language::ALL.get(usize::from(place))) else {
            return Ok(Step::Again(Text::Gone.into()));
        };
        self.language = *language;
        self.context.memory.write(self.purse.places.language, &language.number().saturating_add(1))?;
        Ok(Step::To(Screen::Main))
    }

    fn is_pin_blocked(&self) -> bool {
        self.purse.places.pin.tries(&self.context.memory).left == 0
    }
}

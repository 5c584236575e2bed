//! History: both logs, the newest entry first, and each entry in full.

use apdu::Sw;

use super::list::{Find, Order, Picked, label};
use super::screen::Screen;
use super::text::Text;
use super::{Input, Step, Talk};
use crate::purse::Entry;
use crate::runtime::Next;

/// Entries of both logs, by their number: the newest first.
const ENTRIES: Find = |talk, key| {
    let entry = talk.newest_entry(key)?;
    let sign = if matches!(entry.kind, Entry::PAID | Entry::UNLOADED) { '-' } else { '+' };
    let (who, amount) = (talk.who(entry.peer), talk.money(entry.amount));
    Some((entry.number, label(&format_args!("{sign}{amount} {}", who.short()))))
};

impl Talk<'_, '_> {
    /// The newest entry whose number is not above this.
    fn newest_entry(&self, most: u32) -> Option<Entry> {
        let logs = [&self.purse.places.payments, &self.purse.places.history];
        let newest = logs.map(|log| log.newest_first(&self.context.memory).find(|entry| entry.number <= most));
        newest.into_iter().flatten().max_by_key(|entry| entry.number)
    }

    /// The entry of this number, if a log still has it.
    pub(super) fn log_entry(&self, number: u32) -> Option<Entry> {
        self.newest_entry(number).filter(|entry| entry.number == number)
    }

    pub(super) fn start_history(&mut self) -> Step {
        match self.newest_entry(u32::MAX) {
            None => Step::Say(Text::NoHistory.into(), Screen::Main),
            Some(_) => Step::To(Screen::History),
        }
    }

    pub(super) fn ask_history(&mut self, screen: Screen) -> Result<Option<Next>, Sw> {
        if screen == Screen::History {
            return self.page(Text::History, Order::Down, ENTRIES, None);
        }
        let Some(entry) = self.log_entry(self.state.chosen) else { return Ok(None) };
        let text = match entry.kind {
            Entry::PAID => Text::PaidEntry,
            Entry::RECEIVED => Text::ReceivedEntry,
            Entry::LOADED => Text::LoadedEntry,
            _ => Text::UnloadedEntry,
        };
        let (who, amount, balance) = (self.who(entry.peer), self.money(entry.amount), self.money(entry.balance));
        let things: [(&str, &dyn core::fmt::Display); 4] =
            [("who", &who), ("amount", &amount), ("balance", &balance), ("count", &entry.number)];
        let words = self.words(text, &things)?;
        self.display(words.as_str(), false).map(Some)
    }

    pub(super) fn history(&mut self, screen: Screen, input: &Input<'_>) -> Step {
        if screen != Screen::History {
            return Step::To(Screen::History);
        }
        match self.picked(input, Order::Down, ENTRIES) {
            Picked::Record(number) => {
                self.state.chosen = number;
                Step::To(Screen::HistoryEntry)
            }
            Picked::More => Step::To(screen),
            Picked::Other | Picked::Gone => Step::Again(Text::Gone.into()),
        }
    }
}

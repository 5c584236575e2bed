//! Last code: which payment, and its code again.

use apdu::Sw;

use super::list::{Find, Order, Picked, label};
use super::screen::Screen;
use super::text::Text;
use super::{Input, Step, Talk};
use crate::runtime::Next;

/// Payments made, by the number of the log entry: the newest first.
const PAYMENTS: Find = |talk, key| {
    let entry = talk.purse.places.payments.newest_first(&talk.context.memory).find(|entry| entry.number <= key)?;
    let (who, amount) = (talk.who(entry.peer), talk.money(entry.amount));
    Some((entry.number, label(&format_args!("{amount} {}", who.short()))))
};

impl Talk<'_, '_> {
    pub(super) fn start_last(&mut self) -> Step {
        match PAYMENTS(self, u32::MAX) {
            None => Step::Say(Text::NoPayments.into(), Screen::Main),
            Some(_) => Step::To(Screen::LastWhich),
        }
    }

    pub(super) fn ask_last(&mut self, screen: Screen) -> Result<Option<Next>, Sw> {
        match screen {
            Screen::LastWhich => self.page(Text::LastCode, Order::Down, PAYMENTS, None),
            _ => self.show_paid(),
        }
    }

    pub(super) fn last(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        if screen != Screen::LastWhich {
            self.seen();
            return Ok(Step::To(Screen::Main));
        }
        Ok(match self.picked(input, Order::Down, PAYMENTS) {
            Picked::Record(number) => {
                self.state.chosen = number;
                match self.paid(number) {
                    Ok(_) => Step::To(Screen::LastDone),
                    Err(sw) => return self.refused(sw, screen),
                }
            }
            Picked::More => Step::To(screen),
            Picked::Other | Picked::Gone => Step::Again(Text::Gone.into()),
        })
    }
}

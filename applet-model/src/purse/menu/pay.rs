//! Pay: who, how much, the request code; then what is to be paid, the PIN, and the payment code.

use apdu::Sw;
use digitally::Code;

use super::put::Wanted;
use super::screen::Screen;
use super::text::Text;
use super::who::Side;
use super::{Input, Notice, Step, Talk};
use crate::purse::{Authorise, Check, Checked, Paid, PurseCommand, Verify, status};
use crate::runtime::{Next, PinBlock};
use digitally::Amount;

const SIDE: Side =
    Side { who: Screen::PayWho, number: Screen::PayNumber, amount: Screen::PayAmount, title: Text::WhoToPay };

impl Talk<'_, '_> {
    pub(super) fn start_pay(&mut self) -> Step {
        self.state.from = 0;
        Step::To(Screen::PayWho)
    }

    pub(super) fn ask_pay(&mut self, screen: Screen) -> Result<Option<Next>, Sw> {
        match screen {
            Screen::PayWho => self.ask_who(SIDE),
            Screen::PayNumber => self.ask_number().map(Some),
            Screen::PayAmount => self.ask_amount().map(Some),
            Screen::PayCode => {
                let digits = self.request_digits();
                self.question(Text::RequestCode.template(self.language), Wanted::digits(digits, digits)).map(Some)
            }
            Screen::PayConfirm => self.ask_confirm(),
            Screen::PayPin => self.question(Text::Pin.template(self.language), Wanted::PIN).map(Some),
            _ => self.show_paid(),
        }
    }

    pub(super) fn pay(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        Ok(match screen {
            Screen::PayWho => self.who_answered(SIDE, input),
            Screen::PayNumber => self.somebody(self.number(input), screen, Screen::PayAmount),
            Screen::PayAmount => match self.amount(input) {
                Ok(amount) => {
                    self.state.amount = amount.minor_units();
                    Step::To(Screen::PayCode)
                }
                Err(why) => Step::Again(why.into()),
            },
            Screen::PayCode => return self.check(input),
            Screen::PayConfirm if input.agreed() => Step::To(Screen::PayPin),
            Screen::PayConfirm => return self.back(screen),
            Screen::PayPin => return self.authorise(input),
            _ => {
                self.seen();
                Step::To(Screen::Main)
            }
        })
    }

    fn request_digits(&self) -> u8 {
        let [nonce, check] = self.purse.profile_data(self.context).request;
        nonce.saturating_add(check)
    }

    /// CHECK, with what was typed.
    fn check(&mut self, input: &Input<'_>) -> Result<Step, Sw> {
        let digits = self.request_digits();
        let typed = input.typed().and_then(|typed| code(typed.as_str(), digits));
        let Some(code) = typed else { return Ok(Step::Again(Notice(Text::CodeDigits, digits))) };
        let Some(payee) = self.state.peer else { return Ok(Step::Say(Text::Failed.into(), Screen::Main)) };
        let check = Check { payee, amount: Amount::new(self.state.amount), code };
        match self.run::<Checked>(&PurseCommand::Check(check)) {
            Ok(_) => Ok(Step::To(Screen::PayConfirm)),
            Err(status::MAC_WRONG) => Ok(Step::Again(Text::Differs.into())),
            Err(status::ALREADY_PAID) => {
                let paid = check.paid_before(self.purse, self.context)?;
                self.state.chosen = paid.map_or(0, |entry| entry.number);
                Ok(Step::Say(Text::AlreadyPaid.into(), Screen::PayDone))
            }
            Err(sw @ (status::AMOUNT_LIMIT | status::INSUFFICIENT_BALANCE)) => self.refused(sw, Screen::PayAmount),
            Err(sw) => self.refused(sw, Screen::Main),
        }
    }

    /// Repeats what will be debited: it is read from the request that waits for the PIN, not from what was typed.
    fn ask_confirm(&mut self) -> Result<Option<Next>, Sw> {
        let places = &self.purse.places;
        if self.context.until_deselect.read(places.waits) == 0 {
            return Ok(None);
        }
        let pending = self.context.until_deselect.read(places.pending);
        let (who, amount) = (self.who(pending.payee), self.money(pending.amount));
        let words = self.words(Text::ConfirmPayment, &[("who", &who), ("amount", &amount)])?;
        self.display(words.as_str(), true).map(Some)
    }

    /// VERIFY and AUTHORISE: the PIN is for this payment, and nothing comes between.
    fn authorise(&mut self, input: &Input<'_>) -> Result<Step, Sw> {
        let typed = input.typed();
        let Some(pin) = typed.and_then(|typed| PinBlock::parse(typed.as_str()).ok()) else {
            return Ok(Step::Again(Text::NotAPin.into()));
        };
        match self.run::<()>(&PurseCommand::Verify(Verify { pin: Some(pin) })) {
            Ok(()) => {}
            Err(Sw::AUTHENTICATION_METHOD_BLOCKED) => return Ok(Step::Say(Text::PinBlocked.into(), Screen::Main)),
            Err(sw) => {
                return match sw.tries_left() {
                    Some(0) => Ok(Step::Say(Text::PinBlocked.into(), Screen::Main)),
                    Some(left) => Ok(Step::Again(Notice(Text::WrongPin, left))),
                    None => self.refused(sw, Screen::Main),
                };
            }
        }
        match self.run::<Paid>(&PurseCommand::Authorise(Authorise)) {
            Ok(paid) => {
                self.context.until_reset.write(self.purse.places.unseen, &1);
                self.state.chosen = paid.number;
                Ok(Step::To(Screen::PayDone))
            }
            Err(sw) => self.refused(sw, Screen::Main),
        }
    }

    /// The payment that was chosen, with its code.
    pub(super) fn show_paid(&mut self) -> Result<Option<Next>, Sw> {
        let paid = match self.paid(self.state.chosen) {
            Ok(paid) => paid,
            Err(Sw::MEMORY_FAILURE) => return Err(Sw::MEMORY_FAILURE),
            Err(_) => return Ok(None),
        };
        let (who, amount) = (self.who(paid.entry.peer), self.money(paid.entry.amount));
        let words = self.words(Text::Paid, &[("code", &paid.code), ("who", &who), ("amount", &amount)])?;
        self.display(words.as_str(), true).map(Some)
    }

    /// A person has seen the code of the payment that was chosen.
    pub(super) fn seen(&mut self) {
        let newest = self.purse.places.payments.newest_first(&self.context.memory).next();
        if newest.is_some_and(|entry| entry.number == self.state.chosen) {
            self.context.until_reset.write(self.purse.places.unseen, &0);
        }
    }
}

/// A code of so many digits, and nothing else: what people write between them is not on a phone's keys.
pub(super) fn code(typed: &str, digits: u8) -> Option<Code> {
    Code::parse(typed, digits).ok().filter(|_| typed.len() == usize::from(digits))
}

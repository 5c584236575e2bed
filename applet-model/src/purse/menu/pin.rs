//! Change PIN: the old one, the new one, and that again. They are compared and changed at the end, by one command; after
//! a wrong old PIN, only that is asked for again.

use apdu::Sw;
use subtle::ConstantTimeEq;

use super::put::Wanted;
use super::screen::Screen;
use super::text::Text;
use super::{Input, Notice, Step, Talk};
use crate::purse::{ChangeReferenceData, PurseCommand};
use crate::runtime::{Next, PinBlock};

impl Talk<'_, '_> {
    pub(super) fn ask_pin(&mut self, screen: Screen) -> Result<Next, Sw> {
        let text = match screen {
            Screen::PinOld => Text::OldPin,
            Screen::PinNew => Text::NewPin,
            _ => Text::NewPinAgain,
        };
        self.question(text.template(self.language), Wanted::PIN)
    }

    pub(super) fn change_pin(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        let typed = input.typed();
        let Some(pin) = typed.and_then(|typed| PinBlock::parse(typed.as_str()).ok()) else {
            return Ok(Step::Again(Text::NotAPin.into()));
        };
        match screen {
            Screen::PinOld => {
                self.state.old_pin = *pin.expose();
                // Both new ones were the same, and the old one wrong.
                if self.state.origin == Screen::PinAgain { self.change() } else { Ok(Step::To(Screen::PinNew)) }
            }
            Screen::PinNew => {
                self.state.new_pin = *pin.expose();
                Ok(Step::To(Screen::PinAgain))
            }
            _ if !bool::from(self.state.new_pin.ct_eq(pin.expose())) => {
                Ok(Step::Say(Text::PinsDiffer.into(), Screen::PinNew))
            }
            _ => {
                self.state.origin = Screen::PinAgain;
                self.change()
            }
        }
    }

    fn change(&mut self) -> Result<Step, Sw> {
        let pin = |bytes| PinBlock::from_bytes(bytes).map_err(|_| Sw::UNKNOWN);
        let change = ChangeReferenceData { old: pin(self.state.old_pin)?, new: pin(self.state.new_pin)? };
        match self.run::<()>(&PurseCommand::ChangeReferenceData(change)) {
            Ok(()) => Ok(Step::Say(Text::PinChanged.into(), Screen::Main)),
            Err(Sw::AUTHENTICATION_METHOD_BLOCKED) => Ok(Step::Say(Text::PinBlocked.into(), Screen::Main)),
            Err(sw) => match sw.tries_left() {
                Some(0) => Ok(Step::Say(Text::PinBlocked.into(), Screen::Main)),
                Some(left) => Ok(Step::Say(Notice(Text::WrongPin, left), Screen::PinOld)),
                None => self.refused(sw, Screen::Main),
            },
        }
    }
}

//! The next thing to do: from whatever a phone shows towards what somebody wants of it.

use std::fmt;

use applet_model::purse::Text;
use digitally::{Amount, Msisdn};
use toolkit::CommandType;

use super::seen::Seen;
use crate::Standing;

/// Something that a person does to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Puts the battery back in.
    Battery,
    /// Puts the SIM back in.
    Sim,
    /// Holds the power key, so that it goes on.
    SwitchOn,
    /// Holds the power key, so that it goes off.
    SwitchOff,
    /// Opens the phone's menu.
    Menu,
    /// Chooses the item with this text.
    Choose(String),
    /// Keys this in, and presses OK.
    Type(String),
    /// Keys the PIN in, and presses OK. It is the published one of fresh cards, if it is known.
    Pin(Option<&'static str>),
    /// Presses OK.
    Ok,
    /// Presses Back.
    Back,
    /// Presses Clear: something else is keyed in already.
    Clear,
}

/// What somebody wants of a phone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// That it is on.
    On,
    /// That it shows a request for this payment.
    Ask,
    /// That it pays the request with this code.
    Pay,
    /// That it shows the code of the newest payment.
    Show,
    /// That the payment code is typed into it.
    Enter,
}

/// What a payment is about, for the one who keys it in.
#[derive(Debug)]
pub(super) struct Terms {
    /// The other side.
    pub(super) other: Msisdn,
    /// What the other side is called in the list of people.
    pub(super) label: Option<String>,
    /// How much, as it is keyed in, and what it comes to.
    pub(super) typed: String,
    pub(super) amount: Amount,
    /// As the purse shows it.
    pub(super) shown: String,
    /// The code of the other side, if there is one by now.
    pub(super) code: Option<String>,
    /// The PIN, if everybody knows it.
    pub(super) pin: Option<&'static str>,
}

/// So many digits may be somebody's number.
const NATIONAL: usize = 7;

/// Whether a phone asks whom to pay, or who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Pay,
    Ask,
}

impl Goal {
    /// The entry of the purse's menu that leads there.
    const fn entry(self) -> Option<Text> {
        match self {
            Self::On => None,
            Self::Ask => Some(Text::Request),
            Self::Pay => Some(Text::Pay),
            Self::Show => Some(Text::LastCode),
            Self::Enter => Some(Text::EnterCode),
        }
    }

    const fn flow(self) -> Option<Flow> {
        match self {
            Self::Ask => Some(Flow::Ask),
            Self::Pay => Some(Flow::Pay),
            Self::On | Self::Show | Self::Enter => None,
        }
    }

    /// The next thing to do on a phone that shows this; nothing if the goal is reached, or there is no way.
    pub(super) fn way(self, seen: &Seen, terms: &Terms) -> Option<Act> {
        match seen.standing {
            Standing::NoBattery => return Some(Act::Battery),
            _ if !seen.has_sim => return Some(Act::Sim),
            Standing::Off => return Some(Act::SwitchOn),
            Standing::On => {}
        }
        let entry = self.entry()?;
        if seen.is_capped && matches!(self, Self::Pay) {
            return Some(if seen.text == Some(Text::TooManyWrong) { Act::Ok } else { Act::SwitchOff });
        }
        if seen.is_idle {
            return Some(Act::Menu);
        }
        let Some(command) = seen.waits_for else {
            // The phone's own menu, or something that it says itself.
            let Some(items) = &seen.items else { return Some(Act::Ok) };
            return Some(item_of(items, Text::Purse).unwrap_or(Act::Back));
        };
        let in_flow = seen.flow.is_none() || seen.flow == self.flow();
        let act = match (seen.text, &seen.items) {
            (Some(Text::Purse), Some(items)) => return item_of(items, entry),
            (Some(Text::WhoToPay | Text::WhoPays), Some(items)) if in_flow => terms.somebody(items),
            (Some(Text::LastCode), Some(items)) if matches!(self, Self::Show) => {
                items.first().cloned().map_or(Act::Back, Act::Choose)
            }
            (Some(Text::WhichRequest), Some(items)) if matches!(self, Self::Enter) => terms.request(items),
            (Some(Text::PhoneNumber), None) if in_flow && self.flow().is_some() => terms.number(seen),
            (Some(Text::Amount), None) if in_flow && self.flow().is_some() && seen.is_about(terms.other) => {
                terms.amount(seen)
            }
            (Some(Text::RequestCode), None) if matches!(self, Self::Pay) && !terms.differs(seen) => terms.code(seen),
            (Some(Text::PaymentCodeFor), None)
                if matches!(self, Self::Enter) && seen.is_about(terms.other) && seen.says(&terms.shown) =>
            {
                terms.code(seen)
            }
            (Some(Text::ConfirmPayment), None) if matches!(self, Self::Pay) => Act::Ok,
            (Some(Text::Pin), None) if matches!(self, Self::Pay) => Act::Pin(terms.pin),
            (Some(Text::Requested), None) if matches!(self, Self::Enter) => Act::Ok,
            (Some(Text::Paid), None) if matches!(self, Self::Show) => return None,
            // What would do something else than to go on.
            (
                Some(
                    Text::Requested
                    | Text::ConfirmPayment
                    | Text::ConfirmDelete
                    | Text::ConfirmUpload
                    | Text::ConfirmUploadAgain,
                ),
                None,
            ) => Act::Back,
            (_, None) if command == CommandType::DISPLAY_TEXT => Act::Ok,
            _ => Act::Back,
        };
        Some(act)
    }
}

impl Terms {
    /// Of a list of people: the other side, or the way to it.
    fn somebody(&self, items: &[String]) -> Act {
        let known = self.label.as_ref().filter(|label| items.contains(label));
        known
            .map(|label| Act::Choose(label.clone()))
            .or_else(|| item_of(items, Text::More))
            .or_else(|| item_of(items, Text::TypeNumber))
            .unwrap_or(Act::Back)
    }

    /// Of a list of requests: one with this amount.
    fn request(&self, items: &[String]) -> Act {
        let of_it = items.iter().find(|item| item.starts_with(&self.shown));
        of_it.map_or_else(|| item_of(items, Text::More).unwrap_or(Act::Back), |item| Act::Choose(item.clone()))
    }

    /// There are several ways to write a number; the next question has it as the card understood it.
    fn number(&self, seen: &Seen) -> Act {
        let number = self.other.to_string();
        match seen.keyed.len() {
            len if len >= NATIONAL => Act::Ok,
            _ => Act::Type(number),
        }
    }

    fn amount(&self, seen: &Seen) -> Act {
        if seen.amount == Some(self.amount) { Act::Ok } else { keyed(seen, &self.typed) }
    }

    fn code(&self, seen: &Seen) -> Act {
        self.code.as_ref().map_or(Act::Back, |code| keyed(seen, code))
    }

    /// Whether another amount was keyed in before the code was asked for.
    pub(super) fn differs(&self, seen: &Seen) -> bool {
        seen.amount.is_some_and(|amount| amount != self.amount)
    }
}

/// This is to be keyed in, after what is already.
fn keyed(seen: &Seen, wanted: &str) -> Act {
    let digits: String = wanted.chars().filter(|digit| *digit != ' ').collect();
    match seen.keyed.as_str() {
        keyed if keyed == digits => Act::Ok,
        keyed if digits.starts_with(keyed) => Act::Type(wanted.to_owned()),
        _ => Act::Clear,
    }
}

/// The item that the card calls so, in whichever language it speaks.
fn item_of(items: &[String], text: Text) -> Option<Act> {
    items.iter().rfind(|item| Text::of(item) == Some(text)).cloned().map(Act::Choose)
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Battery => f.write_str("put the battery back in"),
            Self::Sim => f.write_str("put the SIM back in"),
            Self::SwitchOn => f.write_str("hold the power key"),
            Self::SwitchOff => f.write_str("hold the power key, so that it goes off"),
            Self::Menu => f.write_str("press Menu"),
            Self::Choose(item) => write!(f, "choose \"{item}\""),
            Self::Type(text) => write!(f, "type {text}, then OK"),
            Self::Pin(Some(pin)) => write!(f, "type the PIN, {pin} on fresh cards, then OK"),
            Self::Pin(None) => f.write_str("type your PIN, then OK"),
            Self::Ok => f.write_str("press OK"),
            Self::Back => f.write_str("press Back"),
            Self::Clear => f.write_str("press Clear until the line is empty"),
        }
    }
}

//! Which question of a payment a text of the menu is, and what becomes of a question when that text follows it.

use applet_model::purse::Text;

use super::row::{Outcome, Step};

/// Where a phone is, as far as payments go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At a question of a payment.
    Step(Step),
    /// At the first screen of the purse's menu.
    Menu,
    /// Anywhere else: idle, off, in another part of the menu.
    Elsewhere,
}

impl Place {
    pub(super) const fn of(text: Option<Text>) -> Self {
        let Some(text) = text else { return Self::Elsewhere };
        Self::Step(match text {
            Text::Purse => return Self::Menu,
            Text::WhoToPay | Text::WhoPays | Text::WhichRequest => Step::Choose,
            Text::PhoneNumber => Step::Number,
            Text::Amount => Step::Amount,
            Text::Requested => Step::ShowRequest,
            Text::RequestCode => Step::RequestCode,
            Text::ConfirmPayment => Step::Confirm,
            Text::Pin => Step::Pin,
            Text::Paid => Step::ShowPayment,
            Text::PaymentCodeFor => Step::PaymentCode,
            Text::Received => Step::ShowReceived,
            text if is_help(text) || is_refusal(text) || is_news(text) => Step::Notice,
            _ => return Self::Elsewhere,
        })
    }
}

const fn is_help(text: Text) -> bool {
    matches!(
        text,
        Text::HelpMenu
            | Text::HelpList
            | Text::HelpNumber
            | Text::HelpAmount
            | Text::HelpRequestCode
            | Text::HelpPaymentCode
            | Text::HelpPin
    )
}

/// What is no question, and yet goes on.
const fn is_news(text: Text) -> bool {
    matches!(text, Text::AlreadyPaid)
}

/// Why something was not done.
pub(super) const fn is_refusal(text: Text) -> bool {
    matches!(
        text,
        Text::WrongPin
            | Text::WrongCode
            | Text::CodeDigits
            | Text::PinBlocked
            | Text::NotAPin
            | Text::NotANumber
            | Text::StartWithPlus
            | Text::StartWithTrunk
            | Text::OwnNumber
            | Text::NotAnAmount
            | Text::AmountZero
            | Text::Differs
            | Text::TooManyWrong
            | Text::Ambiguous
            | Text::AmountLimit
            | Text::NotEnough
            | Text::LogFull
            | Text::BalanceLimit
            | Text::TooManyRequests
            | Text::TooManyWrongCodes
            | Text::AlreadyReceived
            | Text::NoTriesLeft
            | Text::Gone
            | Text::KeyGone
            | Text::NotNow
            | Text::Failed
    )
}

/// What an answer came to, by what the card says to it.
pub(super) const fn answered(step: Step, next: Option<Text>) -> Outcome {
    let Some(next) = next else { return Outcome::Answered };
    match (step, next) {
        (Step::Pin, Text::WrongPin | Text::PinBlocked)
        | (Step::RequestCode, Text::Differs)
        | (Step::PaymentCode, Text::WrongCode | Text::NoTriesLeft) => Outcome::Wrong,
        (_, next) if is_help(next) => Outcome::Help,
        (_, next) if is_refusal(next) => Outcome::Refused,
        _ => Outcome::Answered,
    }
}

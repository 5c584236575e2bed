//! A status word, and what was being done when it came, becomes an error that says what to do next.

use apdu::Sw;
use applet_model::purse::{Life, Limits, status};
use digitally::{Amount, Msisdn};

use super::{ErrorCode, Failure};
use crate::money::Money;

/// What the purse was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Personalising.
    Personalising,
    /// Loading value.
    Loading(Amount),
    /// Loading value at a contact with the issuer.
    ToppingUp(Amount),
    /// Unloading value at a contact with the issuer.
    CashingOut(Amount),
    /// Reading.
    Reading,
    /// Keeping or forgetting a contact.
    Contacts,
    /// Changing the PIN.
    ChangingPin,
    /// Unblocking the PIN.
    UnblockingPin,
    /// Opening a request.
    Requesting(Amount),
    /// Typing a request in.
    Checking(Amount),
    /// Presenting the PIN for a payment.
    Verifying,
    /// Paying a request that was found right.
    Authorising(Amount),
    /// Typing the response to this request in; 0 if there is none open.
    Confirming(u32),
    /// Cancelling this request.
    Cancelling(u32),
    /// Showing a response again.
    ShowingAgain,
}

/// What is known about the purse that refused.
#[derive(Debug)]
pub struct Facts {
    /// The card as the shell names it, for instance `--card alice.card`.
    pub card: String,
    /// Whose it is.
    pub number: Option<Msisdn>,
    /// Where it stands in its life.
    pub life: Life,
    /// Its currency.
    pub money: Money,
    /// Its limits, if they could be read.
    pub limits: Option<Limits>,
    /// Its balance, if it could be read.
    pub balance: Option<Amount>,
}

/// The error for a status word: its own where the purse can answer it here, or else the word with its explanation.
pub fn refusal(sw: Sw, doing: Doing, facts: &Facts) -> Failure {
    state_of_life(sw, facts)
        .or_else(|| sw.tries_left().map(|left| wrong(left, doing, facts)))
        .or_else(|| of_the_purse(sw, doing, facts))
        .or_else(|| of_the_standard(sw, doing, facts))
        .unwrap_or_else(|| {
            Failure::new(ErrorCode::CardRefused, format!("the card answered {sw}: {}", sw.explanation())).help(format!(
                "see every exchange with --trace, and the state of the card:\n  digitally card info {}",
                facts.card
            ))
        })
}

/// A purse that is not in the state for anything.
fn state_of_life(sw: Sw, facts: &Facts) -> Option<Failure> {
    let Facts { card, .. } = facts;
    match (sw, facts.life) {
        (Sw::CONDITIONS_NOT_SATISFIED, Life::Blank) => {
            Some(Failure::new(ErrorCode::CardBlank, "the purse is blank: nobody's yet").help(
                "make a personalised card:\n  digitally card new FILE --issuer issuer.json --msisdn +254700000001",
            ))
        }
        (Sw::CONDITIONS_NOT_SATISFIED, Life::Blocked) => Some(purse_blocked(card)),
        (Sw::CONDITIONS_NOT_SATISFIED, Life::Suspended) => {
            Some(Failure::new(ErrorCode::PurseSuspended, "the purse is suspended by its issuer").help(format!(
                "bring the card to its issuer. Nothing is lost, and these still work:\n  digitally card balance {card}\n  \
                 digitally card log {card}\n  digitally pay last {card}"
            )))
        }
        _ => None,
    }
}

/// `63Cx`: a PIN, a PUK or a response was wrong.
fn wrong(left: u8, doing: Doing, facts: &Facts) -> Failure {
    let Facts { card, .. } = facts;
    let tries = tries(left);
    match (doing, left) {
        (Doing::Confirming(id), _) => {
            Failure::new(ErrorCode::ResponseWrong, format!("this is not the response to request {id}; {tries} for it"))
                .help("nothing was credited; have the payer read it again")
        }
        (Doing::UnblockingPin, 0) => purse_blocked(card),
        (Doing::UnblockingPin, _) => {
            Failure::new(ErrorCode::PukWrong, format!("wrong PUK; {tries}, then the purse is blocked for good")).help(
                "do not try on: name the issuer file that made the card, or ask its issuer; every card has its own PUK",
            )
        }
        (_, 0) => pin_blocked("wrong PIN, and that was the last try: the PIN is blocked", facts),
        _ => Failure::new(ErrorCode::PinWrong, format!("wrong PIN; {tries}")).help(format!(
            "nothing was paid or changed; the tries left are shown by:\n  digitally card pin status {card}"
        )),
    }
}

fn purse_blocked(card: &str) -> Failure {
    Failure::new(ErrorCode::PurseBlocked, "the purse is blocked for good: the PUK was wrong too often").help(format!(
        "its issuer has to replace it. Nothing is lost, and these still work:\n  digitally card balance {card}\n  \
         digitally card log {card}\n  digitally pay last {card}"
    ))
}

fn pin_blocked(message: &str, facts: &Facts) -> Failure {
    Failure::new(ErrorCode::PinBlocked, message).help(format!(
        "nothing was paid or changed; set a new PIN:\n  digitally card pin unblock {} --issuer issuer.json",
        facts.card
    ))
}

/// How many tries are left, in words.
pub fn tries(left: u8) -> String {
    match left {
        0 => "no try left".to_owned(),
        1 => "1 try left".to_owned(),
        _ => format!("{left} tries left"),
    }
}

/// The purse's own words.
fn of_the_purse(sw: Sw, doing: Doing, facts: &Facts) -> Option<Failure> {
    let Facts { card, money, .. } = facts;
    let amount = match doing {
        Doing::Loading(amount)
        | Doing::ToppingUp(amount)
        | Doing::CashingOut(amount)
        | Doing::Requesting(amount)
        | Doing::Checking(amount)
        | Doing::Authorising(amount) => format!(" of {}", money.show(amount)),
        _ => String::new(),
    };
    let limit = |pick: fn(&Limits) -> Amount| {
        facts
            .limits
            .as_ref()
            .map_or_else(|| "its limit".to_owned(), |limits| format!("the limit of {}", money.show(pick(limits))))
    };
    let own = facts.number.map_or_else(|| "this card's number".to_owned(), |number| number.to_string());
    let (code, message, help) = match (sw, doing) {
        (status::MAC_WRONG, Doing::Loading(_) | Doing::ToppingUp(_) | Doing::CashingOut(_)) => (
            ErrorCode::IssuerMac,
            "the card does not accept the issuer's order: it was made with another issuer file".to_owned(),
            "name the issuer file that the card was made with: --issuer FILE".to_owned(),
        ),
        (status::MAC_WRONG, _) => (
            ErrorCode::RequestRefused,
            "the request does not fit: a number, the amount or a digit of the code differs".to_owned(),
            format!(
                "nothing was debited. Compare with the payee: this card is {own}, the payee's number, the amount{amount}, \
                 and each digit. If all of it is right, type the code twice: --code … --code-again …; \
                 or ask for a new request. If that does not help either, the two cards are of different issuers, \
                 currencies or profiles, and cannot pay each other: compare `card info`"
            ),
        ),
        (status::INSUFFICIENT_BALANCE, _) => (
            ErrorCode::InsufficientBalance,
            match facts.balance {
                Some(balance) => format!("the balance of {} is smaller than the amount{amount}", money.show(balance)),
                None => format!("the balance is smaller than the amount{amount}"),
            },
            format!("nothing was debited; where it went:\n  digitally card log {card}"),
        ),
        (status::COUNTER, _) => (
            ErrorCode::CounterExhausted,
            "a counter of the card is at its end, or its issuer's command does not carry the next one".to_owned(),
            format!(
                "nothing was changed; its issuer has to replace the card. The counters:\n  digitally card info {card}"
            ),
        ),
        (status::RESPONSE_CAP, _) => (
            ErrorCode::TooManyWrongResponses,
            "too many wrong responses since the last issuer contact: the card compares none until the next".to_owned(),
            format!(
                "nothing is lost: the request stays open; bring the card to its issuer:\n  \
                 digitally issuer contact {card} --issuer issuer.json"
            ),
        ),
        (status::OPEN_CAP, _) => (
            ErrorCode::TooManyRequests,
            "too many requests since the last issuer contact: the card opens none until the next".to_owned(),
            format!(
                "bring the card to its issuer; until then the open requests can still be paid:\n  \
                 digitally issuer contact {card} --issuer issuer.json"
            ),
        ),
        (status::LOG_FULL, _) => (
            ErrorCode::LogFull,
            "the log of payments is full: the card pays again once its issuer has taken the log".to_owned(),
            format!(
                "nothing was debited; bring the card to its issuer:\n  digitally issuer contact {card} --issuer issuer.json"
            ),
        ),
        (status::AMOUNT_LIMIT, _) => (
            ErrorCode::AmountLimit,
            format!("the amount{amount} is above {} for one payment", limit(|limits| limits.payment)),
            "nothing was changed; pay a smaller amount, or in several payments".to_owned(),
        ),
        (status::BALANCE_LIMIT, _) => (
            ErrorCode::BalanceLimit,
            match facts.balance {
                Some(balance) if !matches!(doing, Doing::Loading(_)) => {
                    format!(
                        "the balance, {} now, would be above {}",
                        money.show(balance),
                        limit(|limits| limits.balance)
                    )
                }
                _ => format!("the balance would be above {}", limit(|limits| limits.balance)),
            },
            match doing {
                Doing::Confirming(id) => format!(
                    "nothing is lost: no try was counted and request {id} stays open; spend something, then confirm again"
                ),
                Doing::ToppingUp(_) => "nothing was loaded; top up less, or raise the limit: --max-balance".to_owned(),
                Doing::Loading(_) => {
                    "no card was made; choose a smaller --balance or a higher --max-balance".to_owned()
                }
                _ => "nothing was changed; ask for less, or spend something first".to_owned(),
            },
        ),
        (status::ALREADY_PAID, _) => (
            ErrorCode::AlreadyPaid,
            "this request is paid already; nothing was debited".to_owned(),
            format!("show the response again:\n  digitally pay last {card}"),
        ),
        (status::ALREADY_RECEIVED, _) => (
            ErrorCode::AlreadyReceived,
            "this response was received already; the balance is unchanged".to_owned(),
            format!("it is in the log:\n  digitally card log {card}"),
        ),
        (status::AMBIGUOUS, _) => (
            ErrorCode::RequestAmbiguous,
            "the code fits two requests of this payee, and the card does not guess".to_owned(),
            "nothing was debited; ask the payee for a new request".to_owned(),
        ),
        (status::ALREADY_CANCELLED, _) => (
            ErrorCode::AlreadyCancelled,
            "the request is cancelled already".to_owned(),
            match doing {
                Doing::Cancelling(id) => format!(
                    "nothing to do; if its response comes after all, name the request:\n  \
                     digitally pay confirm {card} --request {id} --code RESPONSE"
                ),
                _ => "nothing to do".to_owned(),
            },
        ),
        (status::SESSION_CAP, _) => (
            ErrorCode::TooManyWrongRequests,
            "too many wrong requests in a row: the card checks none until it is reset".to_owned(),
            "nothing was debited; run the command again, and check number and amount with the payee first".to_owned(),
        ),
        (status::BROKEN_PROFILE, _) => (
            ErrorCode::ProfileBroken,
            "this profile must not carry money".to_owned(),
            "leave --profile out; for the lab there is --danger-accept-broken-profile".to_owned(),
        ),
        _ => return None,
    };
    Some(Failure::new(code, message).help(help))
}

/// The words of ISO/IEC 7816-4 that the purse answers in this context.
fn of_the_standard(sw: Sw, doing: Doing, facts: &Facts) -> Option<Failure> {
    let Facts { card, .. } = facts;
    let log = || format!("the log, with the open requests:\n  digitally card log {card}");
    let failure = match (sw, doing) {
        (Sw::AUTHENTICATION_METHOD_BLOCKED, Doing::Confirming(id)) => Failure::new(
            ErrorCode::RequestExhausted,
            format!("request {id} has no try left"),
        )
        .help(format!(
            "if the payer has paid it, the issuer settles it from both logs; if not, open a new one:\n  \
                 digitally pay request {card} --from WHO --amount AMOUNT"
        )),
        (Sw::AUTHENTICATION_METHOD_BLOCKED, Doing::UnblockingPin) => purse_blocked(card),
        (Sw::AUTHENTICATION_METHOD_BLOCKED, _) => pin_blocked("the PIN is blocked", facts),
        (Sw::SECURITY_STATUS_NOT_SATISFIED, _) => {
            Failure::new(ErrorCode::PinNotVerified, "the PIN was not given for this payment; nothing was debited")
                .help("run the command again")
        }
        (Sw::CONDITIONS_NOT_SATISFIED, Doing::Personalising) => {
            Failure::new(ErrorCode::PersonalisationRefused, "the purse is somebody's already").help("make another card")
        }
        (Sw::CONDITIONS_NOT_SATISFIED, _) => {
            Failure::new(ErrorCode::NothingChecked, "the card holds no checked request; nothing was debited")
                .help("run the command again: nothing may come between the check and the payment")
        }
        (Sw::REFERENCED_DATA_NOT_FOUND, Doing::Confirming(0) | Doing::Cancelling(0)) => {
            Failure::new(ErrorCode::NoRequest, "there is no open request")
                .help(format!("open one:\n  digitally pay request {card} --from WHO --amount AMOUNT"))
        }
        (Sw::REFERENCED_DATA_NOT_FOUND, Doing::Confirming(id) | Doing::Cancelling(id)) => {
            Failure::new(ErrorCode::NoRequest, format!("there is no open request {id}")).help(log())
        }
        (Sw::WRONG_DATA | Sw::NC_INCONSISTENT_WITH_TLV | Sw::REFERENCED_DATA_NOT_FOUND, Doing::Personalising) => {
            Failure::new(ErrorCode::PersonalisationRefused, format!("the card refuses its personalisation: {sw}"))
                .help("no card was made; look at the limits that were given")
        }
        (Sw::RECORD_NOT_FOUND, Doing::ShowingAgain) => {
            Failure::new(ErrorCode::NoPayment, "the log has no such payment")
                .help(format!("what is in it:\n  digitally card log {card}"))
        }
        (Sw::RECORD_NOT_FOUND, Doing::Contacts) => Failure::new(ErrorCode::ContactUnknown, "there is no such contact")
            .help(format!("the contacts there are:\n  digitally card contacts list {card}")),
        (Sw::NOT_ENOUGH_MEMORY, Doing::Contacts) => {
            Failure::new(ErrorCode::ContactsFull, "there is no room for one more contact")
                .help(format!("remove one:\n  digitally card contacts remove {card} --name NAME"))
        }
        (Sw::MEMORY_FAILURE, _) => Failure::new(ErrorCode::CardFailed, "the card's memory failed, or its power went")
            .help(format!(
                "either nothing happened or it is in the log; look there before you try again:\n  digitally card log {card}"
            )),
        _ => return None,
    };
    Some(failure)
}

#[cfg(test)]
mod tests;

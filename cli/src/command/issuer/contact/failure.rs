//! Why a contact came to no good end, as its reader wants it.

use ::issuer::contact::{ContactError, Value};
use ::issuer::personalise::PersonaliseError;
use ::issuer::register::{Absent, State, ValueKind};
use applet_model::purse::client::ClientError;
use globalplatform::scp03::host::HostError;

use crate::failure::refusal::Doing;
use crate::failure::{ErrorCode, Failure};
use crate::medium::MediumError;
use crate::purse::Purse;
use crate::typed::shell_word;

/// The failure for what went wrong with this purse.
pub(super) fn of(error: ContactError<MediumError>, purse: &mut Purse, issuer: &str, value: Option<&Value>) -> Failure {
    let message = error.to_string();
    let failure = |code| Failure::new(code, &*message);
    let again = "what was done stays done: run the same command again, and it goes on there";
    let issuer = shell_word(issuer);
    match error {
        ContactError::Purse(error) => purse.failure(error, Doing::Reading),
        ContactError::Pin(error) => purse.failure(error, Doing::Verifying),
        ContactError::Value { kind, error } => {
            let amount = value.map_or(digitally::Amount::ZERO, |value| value.amount);
            let doing = if kind == ValueKind::Load { Doing::ToppingUp(amount) } else { Doing::CashingOut(amount) };
            purse.failure(error, doing)
        }
        ContactError::Channel(error) => channel(*error, purse),
        ContactError::Register(error) => error.into(),
        ContactError::Keys(error) => error.into(),
        ContactError::Blank => failure(ErrorCode::CardBlank)
            .help(format!("personalise it:\n  digitally issuer personalise --issuer {issuer} --number NUMBER …")),
        ContactError::Absent(Absent::Unknown { .. }) => failure(ErrorCode::IssuerOther)
            .help("name the issuer file that the card was made with; nothing was changed on the card"),
        ContactError::Absent(Absent::NotIssued(card)) => {
            let (number, sequence) = (card.number, card.place.sequence);
            failure(ErrorCode::CardNotRegistered).help(match card.state {
                State::Void => format!("it was given up: order another one, --replaces {sequence}"),
                _ => format!(
                    "it is not done: make it ready first, by the command that began it\n  \
                     digitally issuer cards --issuer {issuer} --number {number}"
                ),
            })
        }
        ContactError::NotAuthentic | ContactError::EntryNotAuthentic { .. } | ContactError::OtherChip { .. } => {
            failure(ErrorCode::CardNotAuthentic).help(
                "nothing of it was believed, and nothing changed. Is it the issuer file that the card was made with? \
                 If so, the card is a forgery, or somebody is in between: keep it",
            )
        }
        ContactError::Incomplete { .. } => failure(ErrorCode::CardIncomplete)
            .help("nothing was acknowledged; run the command again, and if it stays so, with another reader"),
        ContactError::RegisterBehind { .. } => failure(ErrorCode::RegisterOld)
            .help("nothing was changed. Put the newest copy of the register back beside the issuer file"),
        ContactError::NotToBeResumed(_) => failure(ErrorCode::CardNotResumed).help(
            "it is suspended; its log is in the register. Replace it:\n  digitally issuer personalise … --replaces N",
        ),
        ContactError::Open(open) => failure(ErrorCode::ValueOpen).help(format!(
            "finish that one first, by its name and amount:\n  digitally issuer contact … {} {} --reference {}",
            if open.kind == ValueKind::Load { "--top-up" } else { "--cash-out" },
            purse.money.show(open.order.amount).split(' ').next().unwrap_or_default(),
            shell_word(&open.reference)
        )),
        ContactError::ReferenceTaken(other) => Failure::new(
            ErrorCode::ReferenceTaken,
            format!(
                "the reference `{}` stands for another order: {} of {}",
                other.reference,
                if other.kind == ValueKind::Load { "a top-up" } else { "a cash-out" },
                purse.money.show(other.order.amount)
            ),
        )
        .help("nothing was moved: give this order a name of its own, or the amount that it had"),
        ContactError::NoAmount => failure(ErrorCode::AmountZero).help("name an amount above zero"),
        ContactError::Receipt => failure(ErrorCode::IssuerReceipt).help(
            "what the card did is told by its log: run the same command again, and it finds out by the card's counter",
        ),
        ContactError::Unconfirmed { .. } => failure(ErrorCode::CardAnswer).help(again),
        ContactError::Counter => failure(ErrorCode::CounterExhausted).help("replace the card"),
        _ => failure(ErrorCode::CardAnswer).help("see every exchange with --trace"),
    }
}

/// The secure channel, or the order in it.
fn channel(error: PersonaliseError<MediumError>, purse: &mut Purse) -> Failure {
    let message = error.to_string();
    let failure = |code| Failure::new(code, &*message);
    match error {
        PersonaliseError::Exchange(error) => purse.failure(ClientError::Exchange(error), Doing::Reading),
        PersonaliseError::Register(error) => error.into(),
        PersonaliseError::Keys(error) => error.into(),
        PersonaliseError::SecondTry { .. } => failure(ErrorCode::CardNotAuthentic).help(
            "its log came up; it was ordered nothing. A card locks up after a few wrong tries: find out why first, then --yes",
        ),
        PersonaliseError::Host(HostError::Cryptogram | HostError::ExternalAuthenticate(_)) => {
            failure(ErrorCode::CardNotAuthentic).help(
                "its log came up; it was ordered nothing. The keys of its domain are not those of this issuer file: \
                 see docs/issuer.md; a second try is made with --yes only",
            )
        }
        PersonaliseError::Refused { sw, .. } => {
            failure(ErrorCode::CardRefused).help(format!("{}; see every exchange with --trace", sw.explanation()))
        }
        _ => failure(ErrorCode::CardAnswer).help("see every exchange with --trace"),
    }
}

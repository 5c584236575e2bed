//! What can be wrong with a card's image file.

use apdu::ExchangeError;
use card_sim::{FileError, ImageError};

use super::reader::reader_failure;
use super::refusal::Doing;
use super::{ErrorCode, Failure};
use crate::medium::{MediumError, Outage};
use crate::typed::shell_word;

/// The error for a card file. `path` is what the user typed.
pub fn file_failure(path: &str, error: &FileError) -> Failure {
    let word = shell_word(path);
    let (code, message, help) = match error {
        FileError::NotFound { .. } => (
            ErrorCode::CardFileMissing,
            format!("there is no card file {path}"),
            format!(
                "check the name, or make a card:\n  digitally card new {word} --issuer issuer.json --msisdn +254700000001"
            ),
        ),
        FileError::Exists { .. } => (
            ErrorCode::CardFileExists,
            format!("there is a file {path} already"),
            "a card file holds money and is never overwritten: choose another name".to_owned(),
        ),
        FileError::IsDirectory { .. } | FileError::NotRegular { .. } => (
            ErrorCode::ImageForeign,
            format!("{path} is not a file that can hold a card"),
            "name a card's image file: --card FILE".to_owned(),
        ),
        FileError::InUse { .. } => (
            ErrorCode::ImageInUse,
            format!("{path} is in use: another process has this card open"),
            "one process at a time: finish or stop the other one (perhaps it waits for a PIN), then run this again"
                .to_owned(),
        ),
        FileError::ReadOnly { .. } => (
            ErrorCode::ImageReadOnly,
            format!("{path} is not writable, and a card that cannot count cannot be used"),
            format!("if it is nobody's doing but yours:\n  chmod u+w {word}"),
        ),
        FileError::Permissions { .. } => {
            (ErrorCode::FileUnreadable, format!("you may not use {path}"), format!("who may:\n  ls -l {word}"))
        }
        FileError::Image { source, .. } => return image_failure(path, source),
        FileError::Replaced { .. } => (
            ErrorCode::FileUnwritable,
            format!("{path} was moved, deleted or replaced while it was in use; the answer was withheld"),
            format!(
                "bring the card's file back to this name, then look at its log:\n  digitally card log --card {word}"
            ),
        ),
        error => (
            ErrorCode::FileUnwritable,
            match std::error::Error::source(error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
            format!(
                "the card answers only what is on the disk: either nothing happened or it is in the log. \
                 Once the disk can be written, look there:\n  digitally card log --card {word}"
            ),
        ),
    };
    Failure::new(code, message).help(help)
}

/// The error for a card whose power failed. `card` is the option that names it.
pub fn cut_failure(outage: &Outage, card: &str, doing: Option<Doing>) -> Failure {
    Failure::new(ErrorCode::PowerCut, format!("{outage}. The card keeps the state before that change or after it"))
        .help(format!("the next command powers it up. {}", capital(&afterwards(card, doing))))
}

/// What to do when it is not known whether the card did what it was asked for.
pub fn afterwards(card: &str, doing: Option<Doing>) -> String {
    match doing {
        Some(Doing::Authorising(_)) => format!(
            "if the payment was made, this shows its response; if it shows none or another one, pay again (what was paid \
             is not paid twice):\n  digitally pay last {card}"
        ),
        Some(Doing::Checking(_) | Doing::Verifying) => {
            format!("nothing was debited. Run this again; the PIN's tries:\n  digitally card pin status {card}")
        }
        Some(Doing::Requesting(_)) => {
            format!("run this again; a request that was opened all the same is shown by:\n  digitally card log {card}")
        }
        Some(Doing::Confirming(_)) => format!(
            "run this again: what was credited is not credited twice. The log tells:\n  digitally card log {card}"
        ),
        Some(Doing::ChangingPin | Doing::UnblockingPin) => format!(
            "the PIN is the old one or the new one. Run this again; if the PIN or PUK is refused then, the new PIN is set. \
             The tries left:\n  digitally card pin status {card}"
        ),
        _ => format!("run this again, or look at the log:\n  digitally card log {card}"),
    }
}

/// The error for a card that gave no answer to a command of the user's own. `card` is the option that names it.
pub fn unanswered(error: ExchangeError<MediumError>, card: &str) -> Failure {
    match error {
        ExchangeError::Transport(MediumError::PowerCut(outage)) => cut_failure(&outage, card, None),
        ExchangeError::Transport(MediumError::File { path, error }) => file_failure(&path, &error),
        ExchangeError::Transport(MediumError::Reader(error)) => reader_failure(&error, card, None),
        error => wrong_answer(&error).help("see every exchange with --trace"),
    }
}

/// The error for an answer that is none.
pub fn wrong_answer(error: &ExchangeError<MediumError>) -> Failure {
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    Failure::new(ErrorCode::CardAnswer, format!("no answer of the card: {error}{cause}"))
}

/// A sentence with its first letter in capitals.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn image_failure(path: &str, error: &ImageError) -> Failure {
    let (code, help) = match error {
        ImageError::NotAnImage => (ErrorCode::ImageForeign, "name a card's image file, made by `digitally card new`"),
        ImageError::Version { .. } => {
            (ErrorCode::ImageVersion, "it was written by another version of this program: use that, or update this one")
        }
        ImageError::UnknownModule { .. } => {
            (ErrorCode::ImageVersion, "it holds an applet that this program does not have: update it")
        }
        _ => (
            ErrorCode::ImageDamaged,
            "nothing was changed. Do not go on with an older copy: the money spent since would come back. \
             Its issuer can replace the card and settle from the logs",
        ),
    };
    Failure::new(code, format!("{path} cannot be used: {error}")).help(help)
}
